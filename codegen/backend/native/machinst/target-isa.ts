/**
 * `TargetIsa`: what an instruction set gives to the ISA-independent part of code emission (after Cranelift's `isa::TargetIsa`).
 */

import type { MachineEnv, RegallocOutput } from "../regalloc/function.ts";
import type { MachReloc } from "./buffer.ts";
import type { LowerBackend } from "./lower.ts";
import type { VCode } from "./vcode.ts";

/** Where the assembly text of a function goes, line by line. */
export type Listing = string[];

/** Machine code of one function. */
export interface EmittedCode {
  readonly code: Uint8Array;
  readonly relocs: readonly MachReloc[];
  /** Read-only data; its relocations name it `RODATA_SYMBOL`. */
  readonly rodata: Uint8Array;
  readonly rodataAlign: number;
  /** Bytes of the frame, saved registers and return address included. */
  readonly frameBytes: number;
}

/** What is needed of lowering besides the VCode, to emit it. */
export interface EmitInput {
  readonly vcode: VCode;
  readonly alloc: RegallocOutput;
  /** For labels in the listing. */
  readonly symbol: string;
  readonly slotSize: number;
  readonly maxSlotAlign: number;
  readonly listing: Listing | undefined;
}

/** How a relocation of `MachBuffer` is written in an object file. */
export interface RelocTypes {
  readonly pcRelative: number;
  readonly call: number;
}

export interface TargetIsa {
  readonly name: string;
  /** ELF `e_machine`. */
  readonly elfMachine: number;
  readonly relocTypes: RelocTypes;
  /** Alignment of a function's code. */
  readonly functionAlign: number;
  /** The first line of assembly text: chooses the syntax. */
  readonly assemblyHeader: string;
  readonly machineEnv: MachineEnv;
  readonly lowering: LowerBackend;
  readonly emit: (input: EmitInput) => EmittedCode;
  /** The text of `vcode` with virtual registers, one instruction a line, for `-Z dump`. */
  readonly printVCode: (vcode: VCode) => string;
}
