/**
 * What needs assembly, per architecture: the entry point, and system calls.
 *
 * The kernel starts a process at `_start` with the stack pointer at `argc`; `_start` hands that address to `mirwatch_start` as its first argument, on a
 * stack aligned as the C ABI wants. Numbers and registers of system calls are those of the Linux ABI, syscall(2).
 */

import { RUNTIME_ENTRY } from "../../runtime/runtime.ts";
import type { Arch } from "../../target/spec.ts";

export const START_ASM: Readonly<Record<Arch, string>> = {
  x86_64: `
.section .text._start,"ax",@progbits
.globl _start
.type _start,@function
_start:
xorl %ebp, %ebp
movq %rsp, %rdi
andq $-16, %rsp
callq ${RUNTIME_ENTRY}
ud2
.size _start, .-_start
.text
`,
  aarch64: `
.section .text._start,"ax",@progbits
.globl _start
.type _start,@function
.p2align 2
_start:
mov x29, xzr
mov x30, xzr
mov x0, sp
and x9, x0, #-16
mov sp, x9
bl ${RUNTIME_ENTRY}
brk #1
.size _start, .-_start
.text
`,
  riscv64: `
.section .text._start,"ax",@progbits
.globl _start
.type _start,@function
.p2align 1
_start:
mv a0, sp
andi sp, sp, -16
call ${RUNTIME_ENTRY}
unimp
.size _start, .-_start
.text
`,
};

export interface SyscallAsm {
  readonly instruction: string;
  /** The registers of the number and of the arguments, in order. */
  readonly inputs: readonly string[];
  readonly output: string;
  readonly clobbers: string;
}

export const SYSCALL_ASM: Readonly<Record<Arch, SyscallAsm>> = {
  x86_64: {
    instruction: "syscall",
    inputs: ["rax", "rdi", "rsi", "rdx", "r10", "r8", "r9"],
    output: "rax",
    clobbers: ",~{rcx},~{r11},~{memory},~{dirflag},~{fpsr},~{flags}",
  },
  aarch64: {
    instruction: "svc #0",
    inputs: ["x8", "x0", "x1", "x2", "x3", "x4", "x5"],
    output: "x0",
    clobbers: ",~{memory},~{cc}",
  },
  riscv64: {
    instruction: "ecall",
    inputs: ["x17", "x10", "x11", "x12", "x13", "x14", "x15"],
    output: "x10",
    clobbers: ",~{memory}",
  },
};
