/**
 * The registers of x86-64: numbers, names by width, and their roles in the System V ABI.
 */

import { CLASS_FLOAT, CLASS_INT, type MachineEnv, type PReg, preg } from "../../regalloc/function.ts";

/** General registers by their number in encodings. */
export const Gpr: {
  readonly RAX: 0;
  readonly RCX: 1;
  readonly RDX: 2;
  readonly RBX: 3;
  readonly RSP: 4;
  readonly RBP: 5;
  readonly RSI: 6;
  readonly RDI: 7;
  readonly R8: 8;
  readonly R9: 9;
  readonly R10: 10;
  readonly R11: 11;
  readonly R12: 12;
  readonly R13: 13;
  readonly R14: 14;
  readonly R15: 15;
} = {
  RAX: 0,
  RCX: 1,
  RDX: 2,
  RBX: 3,
  RSP: 4,
  RBP: 5,
  RSI: 6,
  RDI: 7,
  R8: 8,
  R9: 9,
  R10: 10,
  R11: 11,
  R12: 12,
  R13: 13,
  R14: 14,
  R15: 15,
};

const LEGACY = ["ax", "cx", "dx", "bx", "sp", "bp", "si", "di"];

/** The name of a general register at a width in bits; 8-bit names are those under a REX prefix (`spl`, `sil` …). */
export function gprName(hardware: number, bits: number): string {
  if (hardware >= 8) return `r${hardware}${bits === 64 ? "" : bits === 32 ? "d" : bits === 16 ? "w" : "b"}`;
  const base = LEGACY[hardware] ?? "?";
  if (bits === 8) return hardware < 4 ? `${base[0]}l` : `${base}l`;
  return bits === 16 ? base : `${bits === 32 ? "e" : "r"}${base}`;
}

/** A register's number by its name at any width (`al`, `dx`, `ecx`, `r9d` …); -1 when it is none. */
export function gprByName(name: string): number {
  for (let hardware = 0; hardware < 16; hardware++)
    for (const bits of [8, 16, 32, 64]) if (gprName(hardware, bits) === name) return hardware;
  return -1;
}

function ints(...numbers: readonly number[]): readonly PReg[] {
  return numbers.map((n) => preg(CLASS_INT, n));
}

function floats(...numbers: readonly number[]): readonly PReg[] {
  return numbers.map((n) => preg(CLASS_FLOAT, n));
}

/** System V AMD64 ABI 3.2.3: integer arguments. */
export const INT_ARG_REGS: readonly number[] = [Gpr.RDI, Gpr.RSI, Gpr.RDX, Gpr.RCX, Gpr.R8, Gpr.R9];
/** The first two are the C ABI's; Rust's own ABI may return two 128-bit integers and goes on with two more. */
export const INT_RET_REGS: readonly number[] = [Gpr.RAX, Gpr.RDX, Gpr.RCX, Gpr.R8];
/** Arguments xmm0–7; results use as many as they need. */
export const NUM_FLOAT_ARG_REGS = 8;
export const SYSCALL_ARG_REGS: readonly number[] = [Gpr.RDI, Gpr.RSI, Gpr.RDX, Gpr.R10, Gpr.R8, Gpr.R9];

/** Bit set of the registers that a callee must preserve. */
export const CALLEE_SAVED: number =
  (1 << Gpr.RBX) | (1 << Gpr.RBP) | (1 << Gpr.R12) | (1 << Gpr.R13) | (1 << Gpr.R14) | (1 << Gpr.R15);
/** Bit sets of what a call destroys. The stack pointer is neither. */
export const CALL_CLOBBERS: readonly [number, number] = [0xffff & ~CALLEE_SAVED & ~(1 << Gpr.RSP), 0xffff];

/** Never allocated: free for moves between instructions, and inside of one instruction's expansion. */
export const SCRATCH_GPR: number = Gpr.R11;
export const SCRATCH_XMM = 15;

export const MACHINE_ENV: MachineEnv = {
  preferredRegs: [
    ints(Gpr.RAX, Gpr.RCX, Gpr.RDX, Gpr.RSI, Gpr.RDI, Gpr.R8, Gpr.R9, Gpr.R10),
    floats(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14),
  ],
  nonPreferredRegs: [ints(Gpr.RBX, Gpr.RBP, Gpr.R12, Gpr.R13, Gpr.R14, Gpr.R15), []],
  scratch: [preg(CLASS_INT, SCRATCH_GPR), preg(CLASS_FLOAT, SCRATCH_XMM)],
};
