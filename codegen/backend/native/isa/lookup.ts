/**
 * The instruction sets by name: the one place that names them all.
 */

import { Diagnostic } from "../../../session/diagnostic.ts";
import type { CompiledFunction } from "../machinst/compile.ts";
import type { TargetIsa } from "../machinst/target-isa.ts";
import { LOWERING_FAULTS, type LoweringFault } from "./x64/faults.ts";
import { createX64 } from "./x64/isa.ts";
import type { LoweringOverrides } from "./x64/lower.ts";
import { startStub as x64StartStub } from "./x64/start.ts";

export type { LoweringOverrides } from "./x64/lower.ts";

/** Architectures that the native backend compiles for. */
export const NATIVE_ARCHS: readonly string[] = ["x86_64"];

/**
 * A fresh ISA for `arch`, which keeps its own working memory: one for each thread is enough.
 *
 * @throws Diagnostic when the native backend has no such ISA.
 */
export function lookupIsa(arch: string, overrides: LoweringOverrides = {}): TargetIsa {
  if (arch === "x86_64") return createX64(overrides);
  throw new Diagnostic(`the native backend does not compile for ${arch}`, {
    help: `it compiles for ${NATIVE_ARCHS.join(", ")}`,
  });
}

/** `_start` of an executable for `arch`: calls the runtime with the initial stack pointer. */
export function startStub(arch: string): CompiledFunction {
  if (arch === "x86_64") return x64StartStub();
  throw new Diagnostic(`the native backend does not link for ${arch}`, {
    help: `it links for ${NATIVE_ARCHS.join(", ")}`,
  });
}

/** Faults that can be planted in the lowering of `arch`. */
export function loweringFaults(arch: string): readonly LoweringFault[] {
  return arch === "x86_64" ? LOWERING_FAULTS : [];
}
