/**
 * Targets: what the compiler must know of the machine it compiles for.
 *
 * The facts are those of rustc's target specs (rustc_target/src/spec/targets): triple, data layout, default CPU. `qemu` names the
 * user-mode emulator that runs the target's executables on another host.
 */

import type { TargetDataLayout } from "../layout/types.ts";
import { Diagnostic } from "../session/diagnostic.ts";

export type Arch = "x86_64" | "aarch64" | "riscv64";

export interface Target {
  /** The name that `--target` takes. */
  readonly triple: string;
  readonly arch: Arch;
  readonly os: "linux";
  readonly dataLayout: TargetDataLayout;
  readonly llvmTriple: string;
  /**
   * LLVM's data layout string, by the first LLVM version that uses it, in ascending order. The strings differ because LLVM changed
   * the alignment of i128 and described more address spaces over time.
   */
  readonly llvmDataLayouts: readonly { readonly since: number; readonly layout: string }[];
  readonly defaultCpu: string;
  /** As in `-C target-feature`: what the target has by default beyond its CPU. */
  readonly defaultFeatures: string;
  /** LLVM's name of the floating-point ABI, where a target has several. */
  readonly llvmAbi: string | undefined;
  /** ELF `e_machine`. */
  readonly elfMachine: number;
  /** The emulation that `ld.lld -m` takes. */
  readonly ldEmulation: string;
  readonly qemu: string | undefined;
}

/** All 64-bit targets that are supported lay out scalars at their natural alignment, i128 included. */
const NATURAL_64: TargetDataLayout = { pointerSize: 8, endian: "little", i64Align: 8, i128Align: 16, f64Align: 8 };

const X86_64_LINUX: Target = {
  triple: "x86_64-unknown-linux-gnu",
  arch: "x86_64",
  os: "linux",
  dataLayout: NATURAL_64,
  llvmTriple: "x86_64-unknown-linux-gnu",
  llvmDataLayouts: [
    { since: 0, layout: "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-f80:128-n8:16:32:64-S128" },
    { since: 18, layout: "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128" },
  ],
  defaultCpu: "x86-64",
  defaultFeatures: "",
  llvmAbi: undefined,
  elfMachine: 62,
  ldEmulation: "elf_x86_64",
  qemu: "qemu-x86_64",
};

const AARCH64_LINUX: Target = {
  triple: "aarch64-unknown-linux-gnu",
  arch: "aarch64",
  os: "linux",
  dataLayout: NATURAL_64,
  llvmTriple: "aarch64-unknown-linux-gnu",
  llvmDataLayouts: [
    { since: 0, layout: "e-m:e-i8:8:32-i16:16:32-i64:64-i128:128-n32:64-S128" },
    { since: 19, layout: "e-m:e-i8:8:32-i16:16:32-i64:64-i128:128-n32:64-S128-Fn32" },
    { since: 20, layout: "e-m:e-p270:32:32-p271:32:32-p272:64:64-i8:8:32-i16:16:32-i64:64-i128:128-n32:64-S128-Fn32" },
  ],
  defaultCpu: "generic",
  defaultFeatures: "+v8a,+outline-atomics",
  llvmAbi: undefined,
  elfMachine: 183,
  ldEmulation: "aarch64linux",
  qemu: "qemu-aarch64",
};

const RISCV64_LINUX: Target = {
  triple: "riscv64gc-unknown-linux-gnu",
  arch: "riscv64",
  os: "linux",
  dataLayout: NATURAL_64,
  llvmTriple: "riscv64-unknown-linux-gnu",
  llvmDataLayouts: [
    { since: 0, layout: "e-m:e-p:64:64-i64:64-i128:128-n64-S128" },
    { since: 16, layout: "e-m:e-p:64:64-i64:64-i128:128-n32:64-S128" },
  ],
  defaultCpu: "generic-rv64",
  defaultFeatures: "+m,+a,+f,+d,+c", // zicsr and zifencei follow from these, and old LLVMs do not know the names
  llvmAbi: "lp64d",
  elfMachine: 243,
  ldEmulation: "elf64lriscv",
  qemu: "qemu-riscv64",
};

/** Every supported target. */
export const TARGETS: readonly Target[] = [X86_64_LINUX, AARCH64_LINUX, RISCV64_LINUX];

/** 32-bit x86: words of 64 bits are aligned to 32, as its C ABI has it; of 128, as rustc has it from 1.77 on. */
const I686: TargetDataLayout = { pointerSize: 4, endian: "little", i64Align: 4, i128Align: 16, f64Align: 4 };

/** Every target whose types can be laid out: also some that no code is generated for. */
export const DATA_LAYOUTS: ReadonlyMap<string, TargetDataLayout> = new Map([
  ...TARGETS.map(({ triple, dataLayout }) => [triple, dataLayout] as const),
  ["i686-unknown-linux-gnu", I686],
]);

/** The target that mirwatch itself runs on when it can run its own code natively. */
export const HOST_TARGET: Target = X86_64_LINUX;

/**
 * The target that `--target TRIPLE` names.
 *
 * @throws Diagnostic for an unknown triple.
 */
export function targetByTriple(triple: string): Target {
  const found = TARGETS.find((t) => t.triple === triple);
  if (found !== undefined) return found;
  const known = TARGETS.map((t) => t.triple).join(", ");
  throw new Diagnostic(`unknown target \`${triple}\``, { help: `known targets: ${known}` });
}

/** The data layout string that LLVM `version` (its major number) wants in a module for `target`. */
export function llvmDataLayout(target: Target, version: number): string {
  let layout = target.llvmDataLayouts[0]?.layout ?? "";
  for (const row of target.llvmDataLayouts) if (row.since <= version) layout = row.layout;
  return layout;
}
