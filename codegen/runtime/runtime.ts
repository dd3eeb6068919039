/**
 * The runtime as a program: `runtime.mir` with a target's system call numbers.
 *
 * Its functions with C names are what compiled code and the linker's `_start` refer to; the others get a path of their own, so that they
 * meet no user's function.
 */

import { readFileSync } from "node:fs";
import { bug } from "../entity/entity.ts";
import { LayoutCx } from "../layout/layout.ts";
import { parseProgram } from "../mir/parser.ts";
import type { Program } from "../mir/program.ts";
import { collect } from "../monomorphize/collector.ts";
import { type CodegenUnit, partition } from "../monomorphize/partitioning.ts";
import { instanceOf } from "../monomorphize/symbol-names.ts";
import { codegenUnit } from "../ssa/base.ts";
import type { ModuleBuilder } from "../ssa/traits/backend.ts";
import type { Arch, Target } from "../target/spec.ts";

/** The function that `_start` calls, with the initial stack pointer and an aligned stack. It does not return. */
export const RUNTIME_ENTRY = "mirwatch_start";

/** The name of the runtime's codegen unit. */
export const RUNTIME_UNIT = "mirwatch_runtime";

type Syscall = "SYS_WRITE" | "SYS_MMAP" | "SYS_CLONE" | "SYS_WAIT4" | "SYS_EXIT_GROUP" | "SYS_SETITIMER";

/** aarch64 and riscv64 share Linux's generic table (include/uapi/asm-generic/unistd.h). */
const GENERIC: Readonly<Record<Syscall, number>> = {
  SYS_WRITE: 64,
  SYS_MMAP: 222,
  SYS_CLONE: 220,
  SYS_WAIT4: 260,
  SYS_EXIT_GROUP: 94,
  SYS_SETITIMER: 103,
};

const SYSCALLS: Readonly<Record<Arch, Readonly<Record<Syscall, number>>>> = {
  x86_64: { SYS_WRITE: 1, SYS_MMAP: 9, SYS_CLONE: 56, SYS_WAIT4: 61, SYS_EXIT_GROUP: 231, SYS_SETITIMER: 38 },
  aarch64: GENERIC,
  riscv64: GENERIC,
};

const programs = new Map<Arch, Program>();

/** The runtime for `target`, the same object each time. */
export function runtimeProgram(target: Target): Program {
  let program = programs.get(target.arch);
  if (program === undefined) {
    const file = new URL("runtime.mir", import.meta.url);
    const numbers = SYSCALLS[target.arch];
    const text = readFileSync(file, "utf8").replace(/\$(SYS_\w+)/g, (_, name: string) => {
      const number = numbers[name as Syscall];
      if (number === undefined) throw bug(`no system call ${name}`);
      return `${number}_usize`;
    });
    program = parseProgram(text, { file: "runtime.mir" });
    for (const item of program.functions) if (item.abi !== "C") item.name = `${RUNTIME_UNIT}::${item.name}`;
    programs.set(target.arch, program);
  }
  return program;
}

/** The runtime as one codegen unit; its functions with C names are external. */
export function runtimeUnit(target: Target): CodegenUnit {
  const program = runtimeProgram(target);
  const roots = program.functions.filter((f) => f.abi === "C" && f.body !== undefined).map((f) => instanceOf(f));
  const unit = partition(collect(program.tcx, roots), 1, new Set(roots.map((root) => root.symbol)))[0];
  if (unit === undefined) throw bug("the runtime has no functions");
  return { ...unit, name: RUNTIME_UNIT };
}

/**
 * The runtime as a module of a backend's IR. `newModule` makes the module; a backend should compile it with a fixed opt-level, free of
 * planted faults, once per target, and must not turn its loops into calls of the routines that they are.
 */
export function codegenRuntime<M>(target: Target, newModule: (unit: CodegenUnit) => ModuleBuilder<M>): M {
  const unit = runtimeUnit(target);
  const module = newModule(unit);
  codegenUnit(new LayoutCx(runtimeProgram(target).tcx, target.dataLayout), unit, module);
  return module.finish();
}
