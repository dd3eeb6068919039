/**
 * The text form of the IR: the printer. `parse.ts` reads it back; printing what was read gives the same text.
 *
 * The form resembles Cranelift's CLIF, with the instruction's type always after the opcode:
 *
 *     function %sum(i64, i32) -> i32 internal inline=hint {
 *       ss0 = size 16, align 8
 *       fn0 = %f(i32) -> i32
 *       sig0 = (i64) noreturn
 *     block0(v0: i64, v1: i32):
 *       v2 = iconst.i32 -1
 *       v3 = load.i32 notrap align=4 v0+8
 *       v4 = iadd.i32 nsw v3, v2
 *       v5 = icmp.i32 slt v4, v1
 *       brif v5, block1(v4), block2
 *     …
 *
 * Numbers of values and blocks are the function's own, so that dumps after different passes can be compared; `renumber` gives them anew in
 * order of appearance. Integers are printed signed, floats as the bits.
 */

import { NONE } from "../../../entity/entity.ts";
import type { Block, Inst, IrFunction, IrModule, Signature, Value } from "./function.ts";
import {
  ArithFlags,
  FLOAT_CC_NAMES,
  INT_CC_NAMES,
  MemFlags,
  OPS,
  Op,
  TYPE_BYTES,
  TYPE_NAMES,
  Type,
} from "./opcodes.ts";

export interface PrintOptions {
  /** Number values and blocks in order of appearance. */
  readonly renumber?: boolean;
}

interface Names {
  readonly value: (v: Value) => string;
  readonly block: (b: Block) => string;
}

/** The text of `fn`, ending with a newline. */
export function printFunction(fn: IrFunction, options: PrintOptions = {}): string {
  const names = options.renumber === true ? renumbered(fn) : ownNumbers(fn);
  const lines: string[] = [`function ${symbolText(fn.symbol)}${signatureText(fn.signature)}${attributes(fn)} {`];
  fn.stackSlots.forEach((slot, i) => {
    lines.push(`  ss${i} = size ${slot.size}, align ${slot.align}`);
  });
  fn.functions.forEach((callee, i) => {
    lines.push(`  fn${i} = ${symbolText(callee.symbol)}${signatureText(callee.signature)}`);
  });
  fn.signatures.forEach((signature, i) => {
    lines.push(`  sig${i} = ${signatureText(signature)}`);
  });
  for (const block of fn.layout) {
    const params = fn.blockParams[block]!.map((p) => `${names.value(p)}: ${TYPE_NAMES[fn.valueType[p]!]}`);
    lines.push(`${names.block(block)}${params.length === 0 ? "" : `(${params.join(", ")})`}:`);
    for (let inst = fn.firstInst[block]!; inst !== NONE; inst = fn.next[inst]!) {
      lines.push(`  ${instText(fn, inst as Inst, names)}`);
    }
  }
  lines.push("}", "");
  return lines.join("\n");
}

/** The text of one instruction, as a line of `printFunction` without its indentation. */
export function printInst(fn: IrFunction, inst: Inst): string {
  return instText(fn, inst, ownNumbers(fn));
}

/** The text of all functions of `module`, with an empty line between them. */
export function printModule(module: IrModule, options: PrintOptions = {}): string {
  return module.functions.map((fn) => printFunction(fn, options)).join("\n");
}

function ownNumbers(fn: IrFunction): Names {
  return { value: (v) => `v${fn.resolve(v)}`, block: (b) => `block${b}` };
}

function renumbered(fn: IrFunction): Names {
  const values = new Map<Value, number>();
  const blocks = new Map<Block, number>();
  for (const block of fn.layout) {
    blocks.set(block, blocks.size);
    for (const param of fn.blockParams[block]!) values.set(param, values.size);
    for (let inst = fn.firstInst[block]!; inst !== NONE; inst = fn.next[inst]!) {
      for (let i = 0; i < fn.resultCount[inst]!; i++) values.set(fn.result(inst as Inst, i), values.size);
    }
  }
  return {
    value: (v) => `v${values.get(fn.resolve(v)) ?? `?${v}`}`,
    block: (b) => `block${blocks.get(b) ?? `?${b}`}`,
  };
}

/** `%name`, quoted when the name has other characters than those of usual symbols. */
export function symbolText(symbol: string): string {
  return /^[A-Za-z0-9_.$]+$/.test(symbol) ? `%${symbol}` : `%${JSON.stringify(symbol)}`;
}

export function signatureText(signature: Signature): string {
  const types = (list: readonly Type[]): string => list.map((ty) => TYPE_NAMES[ty]).join(", ");
  const returns = signature.returns.length === 0 ? "" : ` -> ${types(signature.returns)}`;
  return `(${types(signature.params)})${returns}${signature.noReturn ? " noreturn" : ""}`;
}

function attributes(fn: IrFunction): string {
  const linkage = fn.linkage === "external" ? "" : fn.linkage === "internal" ? " internal" : " available_externally";
  return linkage + (fn.inline === "none" ? "" : ` inline=${fn.inline}`);
}

function instText(fn: IrFunction, inst: Inst, names: Names): string {
  const info = OPS[fn.opcode[inst]!]!;
  const results: string[] = [];
  for (let i = 0; i < fn.resultCount[inst]!; i++) results.push(names.value(fn.result(inst, i)));
  const type = fn.type[inst]!;
  const head = `${results.length === 0 ? "" : `${results.join(", ")} = `}${info.name}${type === 0 ? "" : `.${TYPE_NAMES[type]}`}`;
  const rest = operandText(fn, inst, names);
  return rest === "" ? head : `${head} ${rest}`;
}

function operandText(fn: IrFunction, inst: Inst, names: Names): string {
  const args = fn.args(inst).map(names.value);
  const lo = fn.immLo[inst]!;
  const aux = fn.aux[inst]!;
  switch (OPS[fn.opcode[inst]!]!.format) {
    case "const":
      return constText(fn, inst);
    case "plain":
      return arithFlagsText(aux) + args.join(", ");
    case "cond":
      return `${(fn.opcode[inst] === Op.icmp ? INT_CC_NAMES : FLOAT_CC_NAMES)[aux] ?? `cc${aux}`} ${args.join(", ")}`;
    case "convert":
    case "list":
      return args.join(", ");
    case "mem": {
      const address = `${args[0]}${lo === 0 ? "" : lo < 0 ? `${lo}` : `+${lo}`}`;
      return memFlagsText(aux) + [address, ...args.slice(1)].join(", ");
    }
    case "slot": {
      const hi = fn.immHi[inst]!;
      return `ss${lo}${hi === 0 ? "" : hi < 0 ? `${hi}` : `+${hi}`}`;
    }
    case "func":
      return fn.opcode[inst] === Op.funcAddr ? `fn${lo}` : `fn${lo}(${args.join(", ")})`;
    case "sig":
      return `sig${lo}, ${args[0]}(${args.slice(1).join(", ")})`;
    case "block": {
      const operands = fn.opcode[inst] === Op.memset ? [args[0], String(fn.immHi[inst]! & 0xff)] : args;
      return `${operands.join(", ")}, ${lo}${aux === 0 ? "" : ` align=${2 ** aux}`}`;
    }
    case "branch":
      return branchText(fn, inst, args, names);
  }
}

function constText(fn: IrFunction, inst: Inst): string {
  const type = fn.type[inst]!;
  const bits = fn.constBits(inst);
  if (type >= Type.F32) return `0x${bits.toString(16)}`;
  return String(BigInt.asIntN(TYPE_BYTES[type]! * 8, bits));
}

function arithFlagsText(aux: number): string {
  return ((aux & ArithFlags.NSW) !== 0 ? "nsw " : "") + ((aux & ArithFlags.NUW) !== 0 ? "nuw " : "");
}

function memFlagsText(aux: number): string {
  const align = aux >> MemFlags.ALIGN_SHIFT;
  return ((aux & MemFlags.NOTRAP) !== 0 ? "notrap " : "") + (align === 0 ? "" : `align=${2 ** align} `);
}

function branchText(fn: IrFunction, inst: Inst, args: readonly string[], names: Names): string {
  const calls: string[] = [];
  for (let s = 0; s < fn.succCount[inst]!; s++) {
    const values = fn.succArgs(inst, s).map(names.value);
    calls.push(`${names.block(fn.succBlock(inst, s))}${values.length === 0 ? "" : `(${values.join(", ")})`}`);
  }
  if (fn.opcode[inst] !== Op.switch) return [...args, ...calls].join(", ");
  const cases = fn.switchCases[fn.immLo[inst]!]!.map((value, i) => `${value}: ${calls[i + 1]}`);
  return `${args[0]}, ${calls[0]}, [${cases.join(", ")}]`;
}
