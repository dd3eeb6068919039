/**
 * x86-64 as a `TargetIsa`.
 */

import type { TargetIsa } from "../../machinst/target-isa.ts";
import { EM_X86_64 } from "../../object/object-file.ts";
import { R_X86_64_PC32, R_X86_64_PLT32 } from "../../object/relocations.ts";
import { Emitter } from "./emit.ts";
import { emitPseudo } from "./emit-pseudo.ts";
import { createLowering, type LoweringOverrides } from "./lower.ts";
import { printVCode } from "./print-vcode.ts";
import { MACHINE_ENV } from "./registers.ts";

/** The ISA, with faults planted in its lowering where `overrides` says. */
export function createX64(overrides: LoweringOverrides = {}): TargetIsa {
  const emitter = new Emitter(emitPseudo);
  return {
    name: "x86_64",
    elfMachine: EM_X86_64,
    relocTypes: { pcRelative: R_X86_64_PC32, call: R_X86_64_PLT32 },
    functionAlign: 16,
    assemblyHeader: "\t.intel_syntax noprefix",
    machineEnv: MACHINE_ENV,
    lowering: createLowering(overrides),
    emit: (input) => emitter.emit(input),
    printVCode,
  };
}
