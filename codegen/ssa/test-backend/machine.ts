/**
 * The test backend's machine: runs the operations that `TestBuilder` recorded, on a byte memory.
 *
 * A value is a bigint: unsigned bits of its type. Functions have addresses, so that they can be called through pointers. What a real
 * backend would leave undefined (a misaligned access, an unchecked operation that overflows, a shift by too much, `unreachable`, reading a value that was never
 * computed) is an error here.
 */

import { bug } from "../../entity/entity.ts";
import type { BackendSignature } from "../traits/types.ts";
import { JUNK, Memory } from "./memory.ts";

/** One execution of a function. */
export interface Frame {
  readonly machine: Machine;
  readonly args: readonly bigint[];
  readonly values: (bigint | undefined)[];
  readonly base: number;
  /** What the function returned, once it has. */
  result: readonly bigint[] | undefined;
}

export type Step = (frame: Frame) => void;
/** The next block, or -1 after a return. */
export type Jump = (frame: Frame) => number;

export interface CompiledBlock {
  readonly name: string;
  readonly steps: Step[];
  jump: Jump | undefined;
}

export interface CompiledFunction {
  readonly symbol: string;
  readonly signature: BackendSignature;
  readonly blocks: CompiledBlock[];
  /** Constants, by value number; the other entries are empty. */
  readonly constants: (bigint | undefined)[];
  /** Bytes of stack. */
  frameSize: number;
  /** Bytes. */
  frameAlign: number;
}

/** A function that is not made of recorded operations: a piece of the runtime, or a library routine. */
export type Native = (args: readonly bigint[], machine: Machine) => readonly bigint[];

const STACK_BASE = 0x10_0000;
const STACK_SIZE = 0x40_0000;
const CODE_BASE = 0x7000_0000;

export class Machine {
  readonly memory: Memory = new Memory();
  readonly functions: ReadonlyMap<string, CompiledFunction>;
  readonly natives: ReadonlyMap<string, Native>;
  private readonly symbols: string[] = [];
  private readonly addresses = new Map<string, bigint>();
  private top = STACK_BASE;
  private fuel: number;

  /** `fuel`: the number of blocks that may be executed. */
  constructor(
    functions: ReadonlyMap<string, CompiledFunction>,
    natives: ReadonlyMap<string, Native>,
    fuel = 10_000_000,
  ) {
    this.functions = functions;
    this.natives = natives;
    this.fuel = fuel;
    this.memory.map(STACK_BASE, STACK_SIZE);
  }

  /** The address of a function. */
  addressOf(symbol: string): bigint {
    let address = this.addresses.get(symbol);
    if (address === undefined) {
      address = BigInt(CODE_BASE + 16 * this.symbols.length);
      this.symbols.push(symbol);
      this.addresses.set(symbol, address);
    }
    return address;
  }

  callAddress(address: bigint, args: readonly bigint[]): readonly bigint[] {
    const symbol = this.symbols[(Number(address) - CODE_BASE) / 16];
    if (symbol === undefined) throw bug(`a call of 0x${address.toString(16)}, which is no function`);
    return this.call(symbol, args);
  }

  call(symbol: string, args: readonly bigint[]): readonly bigint[] {
    const native = this.natives.get(symbol);
    if (native !== undefined) return native(args, this);
    const fn = this.functions.get(symbol);
    if (fn === undefined) throw bug(`undefined symbol ${symbol}`);
    const base = Math.ceil(this.top / fn.frameAlign) * fn.frameAlign;
    if (base + fn.frameSize > STACK_BASE + STACK_SIZE) throw bug("stack overflow");
    const before = this.top;
    this.top = base + fn.frameSize;
    this.memory.fill(base, fn.frameSize, JUNK);
    const frame: Frame = { machine: this, args, values: fn.constants.slice(), base, result: undefined };
    this.run(fn, frame);
    this.top = before;
    return frame.result!;
  }

  private run(fn: CompiledFunction, frame: Frame): void {
    let at = 0;
    while (at >= 0) {
      if (--this.fuel < 0) throw bug("out of fuel");
      const block = fn.blocks[at]!;
      for (const step of block.steps) step(frame);
      if (block.jump === undefined) throw bug(`block ${block.name} of ${fn.symbol} has no terminator`);
      at = block.jump(frame);
    }
  }
}
