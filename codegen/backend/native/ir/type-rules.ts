/**
 * The types of each opcode's arguments and results, as one small class number by opcode.
 *
 * `resultTypes` is what the reader of the text form needs to make an instruction; the verifier checks arguments by the same classes.
 */

import { bug } from "../../../entity/entity.ts";
import type { Signature } from "./function.ts";
import { OP_BY_NAME, OPS, Op, type OpName, Type } from "./opcodes.ts";

/** Typing classes. `T` is the instruction's type. */
export const TypeClass: {
  readonly invalid: 0;
  /** () -> T, T an integer */
  readonly iconst: 1;
  /** () -> T, T a float */
  readonly fconst: 2;
  /** (T, T) -> T, T an integer */
  readonly intBinary: 3;
  /** (T) -> T, T an integer */
  readonly intUnary: 4;
  /** (T, T) -> (T, i8), T an integer */
  readonly overflow: 5;
  /** (T, T) -> i8, T an integer */
  readonly icmp: 6;
  /** (T, T) -> i8, T a float */
  readonly fcmp: 7;
  /** (i8, T, T) -> T */
  readonly select: 8;
  /** (T, T) -> T, T a float */
  readonly floatBinary: 9;
  /** (T) -> T, T a float */
  readonly floatUnary: 10;
  /** (wider integer) -> T */
  readonly reduce: 11;
  /** (narrower integer) -> T */
  readonly extend: 12;
  /** (float) -> T, T an integer */
  readonly floatToInt: 13;
  /** (integer) -> T, T a float */
  readonly intToFloat: 14;
  /** (f32) -> f64 */
  readonly promote: 15;
  /** (f64) -> f32 */
  readonly demote: 16;
  /** (type of T's size) -> T */
  readonly bitcast: 17;
  /** (i64, i64) -> i128 */
  readonly concat: 18;
  /** (i128) -> (i64, i64) */
  readonly split: 19;
  /** (i64) -> T */
  readonly load: 20;
  /** (i64, T) -> () */
  readonly store: 21;
  /** () -> i64 */
  readonly address: 22;
  /** (i64, i64) -> () */
  readonly memcpy: 23;
  /** (i64) -> () */
  readonly memset: 24;
  readonly call: 25;
  readonly callIndirect: 26;
  /** (i64 …) -> i64 */
  readonly syscall: 27;
  /** (T) -> T */
  readonly blackBox: 28;
  readonly jump: 29;
  readonly brif: 30;
  readonly switch: 31;
  readonly ret: 32;
  readonly unreachable: 33;
} = {
  invalid: 0,
  iconst: 1,
  fconst: 2,
  intBinary: 3,
  intUnary: 4,
  overflow: 5,
  icmp: 6,
  fcmp: 7,
  select: 8,
  floatBinary: 9,
  floatUnary: 10,
  reduce: 11,
  extend: 12,
  floatToInt: 13,
  intToFloat: 14,
  promote: 15,
  demote: 16,
  bitcast: 17,
  concat: 18,
  split: 19,
  load: 20,
  store: 21,
  address: 22,
  memcpy: 23,
  memset: 24,
  call: 25,
  callIndirect: 26,
  syscall: 27,
  blackBox: 28,
  jump: 29,
  brif: 30,
  switch: 31,
  ret: 32,
  unreachable: 33,
};

const K = TypeClass;

const CLASS_BY_NAME: Readonly<Record<OpName, number>> = {
  nop: K.invalid,
  iconst: K.iconst,
  fconst: K.fconst,
  iadd: K.intBinary,
  isub: K.intBinary,
  imul: K.intBinary,
  udiv: K.intBinary,
  sdiv: K.intBinary,
  urem: K.intBinary,
  srem: K.intBinary,
  umulhi: K.intBinary,
  smulhi: K.intBinary,
  band: K.intBinary,
  bor: K.intBinary,
  bxor: K.intBinary,
  bnot: K.intUnary,
  ineg: K.intUnary,
  ishl: K.intBinary,
  ushr: K.intBinary,
  sshr: K.intBinary,
  rotl: K.intBinary,
  rotr: K.intBinary,
  clz: K.intUnary,
  ctz: K.intUnary,
  popcnt: K.intUnary,
  bswap: K.intUnary,
  saddOverflow: K.overflow,
  uaddOverflow: K.overflow,
  ssubOverflow: K.overflow,
  usubOverflow: K.overflow,
  smulOverflow: K.overflow,
  umulOverflow: K.overflow,
  icmp: K.icmp,
  fcmp: K.fcmp,
  select: K.select,
  fadd: K.floatBinary,
  fsub: K.floatBinary,
  fmul: K.floatBinary,
  fdiv: K.floatBinary,
  fneg: K.floatUnary,
  fabs: K.floatUnary,
  sqrt: K.floatUnary,
  ireduce: K.reduce,
  uextend: K.extend,
  sextend: K.extend,
  fcvtToUint: K.floatToInt,
  fcvtToSint: K.floatToInt,
  fcvtFromUint: K.intToFloat,
  fcvtFromSint: K.intToFloat,
  fpromote: K.promote,
  fdemote: K.demote,
  bitcast: K.bitcast,
  iconcat: K.concat,
  isplit: K.split,
  load: K.load,
  store: K.store,
  stackAddr: K.address,
  funcAddr: K.address,
  memcpy: K.memcpy,
  memset: K.memset,
  call: K.call,
  callIndirect: K.callIndirect,
  syscall: K.syscall,
  blackBox: K.blackBox,
  jump: K.jump,
  brif: K.brif,
  switch: K.switch,
  ret: K.ret,
  unreachable: K.unreachable,
};

/** Typing class by opcode. */
export const TYPE_CLASS: Uint8Array = new Uint8Array(OPS.length);
for (const name of Object.keys(CLASS_BY_NAME) as OpName[]) TYPE_CLASS[Op[name]] = CLASS_BY_NAME[name];
if (OP_BY_NAME.size !== Object.keys(CLASS_BY_NAME).length) throw bug("an opcode has no typing class");

const NO_TYPES: readonly Type[] = [];
const I8_ONLY: readonly Type[] = [Type.I8];
const I64_ONLY: readonly Type[] = [Type.I64];
const TWO_I64: readonly Type[] = [Type.I64, Type.I64];
const SINGLE: readonly (readonly Type[])[] = [0, 1, 2, 3, 4, 5, 6, 7].map((ty) => [ty as Type]);
const WITH_FLAG: readonly (readonly Type[])[] = [0, 1, 2, 3, 4, 5, 6, 7].map((ty) => [ty as Type, Type.I8]);

/** The result types of an instruction of `opcode` and `type`; `signature` is the callee's, of calls. */
export function resultTypes(opcode: number, type: number, signature?: Signature): readonly Type[] {
  switch (TYPE_CLASS[opcode]!) {
    case K.overflow:
      return WITH_FLAG[type]!;
    case K.icmp:
    case K.fcmp:
      return I8_ONLY;
    case K.split:
      return TWO_I64;
    case K.address:
    case K.syscall:
      return I64_ONLY;
    case K.call:
    case K.callIndirect:
      if (signature === undefined) throw bug("a call's result types need its signature");
      return signature.returns;
    case K.invalid:
    case K.store:
    case K.memcpy:
    case K.memset:
    case K.jump:
    case K.brif:
    case K.switch:
    case K.ret:
    case K.unreachable:
      return NO_TYPES;
    default:
      return SINGLE[type]!;
  }
}
