/** Constant folding against the evaluator, which is written apart. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluate } from "../ir/eval.ts";
import type { Inst } from "../ir/function.ts";
import { IrFunction, type Value } from "../ir/function.ts";
import { OPS, Op, TYPE_BYTES, TYPE_NAMES, Type } from "../ir/opcodes.ts";
import { resultTypes, TYPE_CLASS, TypeClass } from "../ir/type-rules.ts";
import { DEFAULT_POLICY } from "./policy.ts";
import { foldInst } from "./simplify.ts";

const K = TypeClass;
const INTS = [Type.I8, Type.I16, Type.I32, Type.I64, Type.I128];
const FLOATS = [Type.F32, Type.F64];

/** Every typing of every opcode that folds: opcode, type, argument types. */
function typings(): { readonly opcode: number; readonly type: Type; readonly args: readonly Type[] }[] {
  const rows: { opcode: number; type: Type; args: Type[] }[] = [];
  OPS.forEach((_, opcode) => {
    const add = (type: Type, ...args: Type[]): void => {
      rows.push({ opcode, type, args });
    };
    const pairs = (to: readonly Type[], from: readonly Type[], fits: (a: Type, b: Type) => boolean): void => {
      for (const a of to) for (const b of from) if (fits(a, b)) add(a, b);
    };
    switch (TYPE_CLASS[opcode]) {
      case K.intBinary:
      case K.overflow:
      case K.icmp:
        for (const ty of INTS) add(ty, ty, ty);
        break;
      case K.intUnary:
        for (const ty of INTS) add(ty, ty);
        break;
      case K.floatBinary:
      case K.fcmp:
        for (const ty of FLOATS) add(ty, ty, ty);
        break;
      case K.floatUnary:
        for (const ty of FLOATS) add(ty, ty);
        break;
      case K.reduce:
        pairs(INTS, INTS, (a, b) => a < b);
        break;
      case K.extend:
        pairs(INTS, INTS, (a, b) => a > b);
        break;
      case K.floatToInt:
        pairs(INTS, FLOATS, () => true);
        break;
      case K.intToFloat:
        pairs(FLOATS, INTS, () => true);
        break;
      case K.bitcast:
        pairs([...INTS, ...FLOATS], [...INTS, ...FLOATS], (a, b) => TYPE_BYTES[a] === TYPE_BYTES[b]);
        break;
      case K.promote:
        add(Type.F64, Type.F32);
        break;
      case K.demote:
        add(Type.F32, Type.F64);
        break;
      case K.concat:
        add(Type.I128, Type.I64, Type.I64);
        break;
      case K.split:
        add(Type.I64, Type.I128);
        break;
      default:
    }
  });
  return rows;
}

const MAX = (1n << 128n) - 1n;
const operand = fc.oneof(
  fc.bigInt({ min: 0n, max: MAX }),
  fc.bigInt({ min: -3n, max: 3n }),
  fc.integer({ min: 0, max: 127 }).map((k) => (1n << BigInt(k)) - 1n),
  fc.integer({ min: 0, max: 127 }).map((k) => 1n << BigInt(k)),
  // Floats of ordinary size, of both types.
  fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, x);
    return view.getBigUint64(0);
  }),
  fc.float({ min: -1e6, max: 1e6, noNaN: true }).map((x) => {
    const view = new DataView(new ArrayBuffer(4));
    view.setFloat32(0, x);
    return BigInt(view.getUint32(0));
  }),
);

function isNanBits(type: number, bits: bigint): boolean {
  if (type === Type.F32) return (bits & 0x7fff_ffffn) > 0x7f80_0000n;
  return type === Type.F64 && (bits & ((1n << 63n) - 1n)) > 0x7ff0_0000_0000_0000n;
}

/** A function that returns the instruction's results on constants. */
function program(opcode: number, type: Type, args: readonly Type[], bits: readonly bigint[], aux: number): IrFunction {
  const results = resultTypes(opcode, type);
  const fn = new IrFunction("f", { params: [], returns: results, noReturn: false });
  const block = fn.newBlock();
  fn.layout.push(block);
  const operands = args.map((ty, i): Value => {
    const inst = fn.newConst(ty, BigInt.asUintN(TYPE_BYTES[ty]! * 8, bits[i]!));
    fn.appendInst(inst, block);
    return fn.result(inst);
  });
  const inst = fn.newInst(opcode, type, operands, results, 0, 0, aux);
  fn.appendInst(inst, block);
  const returned = results.map((_, i) => fn.result(inst, i));
  fn.appendInst(fn.newInst(Op.ret, 0, returned, []), block);
  return fn;
}

const NEVER_FOLDED = new Set([Op.udiv, Op.sdiv, Op.urem, Op.srem, ...[Op.ishl, Op.ushr, Op.sshr, Op.rotl, Op.rotr]]);

describe("constant folding is evaluation", () => {
  const rows = typings().map((row) => ({
    ...row,
    name: `${OPS[row.opcode]!.name}.${TYPE_NAMES[row.type]} ${row.args.map((ty) => TYPE_NAMES[ty]).join(" ")}`,
  }));
  test.each(rows)("$name", ({ opcode, type, args }) => {
    fc.assert(
      fc.property(operand, operand, fc.nat({ max: opcode === Op.fcmp ? 11 : 9 }), (a, b, cc) => {
        const aux = opcode === Op.icmp || opcode === Op.fcmp ? cc : 0;
        const fn = program(opcode, type, args, [a, b], aux);
        const module = { name: "m", functions: [fn] };
        const before = evaluate(module, "f", []).outcome;
        const inst = fn.prev[fn.lastInst[0]!]! as Inst;
        const folded = foldInst(fn, inst, DEFAULT_POLICY);
        if (before.kind !== "return") {
          expect(folded).toBe(false);
          return;
        }
        const nan = before.values.some((bits, i) => isNanBits(resultTypes(opcode, type)[i]!, bits));
        // Rotation by the width or more has a value, but is not folded; NaNs are the machine's.
        if (!nan && !NEVER_FOLDED.has(opcode)) expect(folded).toBe(true);
        fn.resolveAliases();
        expect(evaluate(module, "f", []).outcome).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });
});
