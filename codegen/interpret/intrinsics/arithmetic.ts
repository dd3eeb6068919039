/** Integers: bits, wrapping, saturating, checked and unchecked arithmetic. */

import type { Intrinsic, IntrinsicCall } from "./intrinsic.ts";
import {
  carrylessMul,
  funnelLeft,
  funnelRight,
  isInRange,
  leadingZeros,
  type Numeric,
  numericOf,
  popCount,
  reverseBits,
  saturate,
  smallest,
  swapBytes,
  trailingZeros,
} from "./numeric.ts";

function numeric(call: IntrinsicCall, param = 0): Numeric {
  return numericOf(call.param(param).leaves[0]!.cls);
}

const unary = (name: string, ret: string, run: (n: Numeric, bits: bigint) => bigint): Intrinsic => ({
  name,
  signature: `const fn ${name}<T: Copy>(x: T) -> ${ret}`,
  run: (call) => call.setBits(run(numeric(call), call.bits(0))),
});

const nonZero = (name: string, count: (n: Numeric, bits: bigint) => number): Intrinsic => ({
  name,
  signature: `const unsafe fn ${name}<T: Copy>(x: T) -> u32`,
  run: (call) => {
    const bits = call.bits(0);
    if (bits === 0n) throw call.ub("intrinsicPrecondition", `\`${name}\` of zero`);
    call.setNumber(count(numeric(call), bits));
  },
});

type IntOp = (a: bigint, b: bigint) => bigint;

const wrapping = (name: string, op: IntOp): Intrinsic => ({
  name,
  signature: `const fn ${name}<T: Copy>(a: T, b: T) -> T`,
  run: (call) => call.setBits(op(call.int(0), call.int(1))),
});

const saturating = (name: string, op: IntOp): Intrinsic => ({
  name,
  signature: `const fn ${name}<T: Copy>(a: T, b: T) -> T`,
  run: (call) => call.setBits(saturate(numeric(call), op(call.int(0), call.int(1)))),
});

const overflowing = (name: string, op: IntOp): Intrinsic => ({
  name,
  signature: `const fn ${name}<T: Copy>(x: T, y: T) -> (T, bool)`,
  run: (call) => {
    const exact = op(call.int(0), call.int(1));
    const overflows = !isInRange(numeric(call), exact);
    call.setLeaf(0, exact);
    call.setLeaf(1, overflows ? 1n : 0n);
  },
});

const unchecked = (name: string, op: IntOp): Intrinsic => ({
  name,
  signature: `const unsafe fn ${name}<T: Copy>(x: T, y: T) -> T`,
  run: (call) => {
    const exact = op(call.int(0), call.int(1));
    if (!isInRange(numeric(call), exact))
      throw call.ub("uncheckedOverflow", `\`${name}\` of ${call.int(0)} and ${call.int(1)} overflows`);
    call.setBits(exact);
  },
});

/** Division that must not fail; `exact` must also leave no remainder. */
const division = (name: string, op: IntOp, exact = false): Intrinsic => ({
  name,
  signature: `const unsafe fn ${name}<T: Copy>(x: T, y: T) -> T`,
  run: (call) => {
    const [a, b] = [call.int(0), call.int(1)];
    if (b === 0n) throw call.ub("divisionByZero", `\`${name}\` by zero`);
    if (b === -1n && a === smallest(numeric(call)))
      throw call.ub("divisionOverflow", `\`${name}\` of ${a} by -1 overflows`);
    if (exact && a % b !== 0n) throw call.ub("intrinsicPrecondition", `\`${name}\` of ${a} by ${b} leaves a remainder`);
    call.setBits(op(a, b));
  },
});

const shift = (name: string, op: IntOp): Intrinsic => ({
  name,
  signature: `const unsafe fn ${name}<T: Copy, U: Copy>(x: T, y: U) -> T`,
  run: (call) => {
    const by = call.int(1);
    const { width } = numeric(call);
    if (by < 0n || by >= BigInt(width)) throw call.ub("shiftOverflow", `\`${name}\` of ${width} bits by ${by}`);
    call.setBits(op(call.int(0), by));
  },
});

const rotate = (name: string, left: boolean): Intrinsic => ({
  name,
  signature: `const fn ${name}<T: FunnelShift>(x: T, shift: u32) -> T`,
  run: (call) => {
    const n = numeric(call);
    const bits = call.bits(0);
    const by = BigInt(call.number(1) % n.width);
    call.setBits(left ? funnelLeft(n, bits, bits, by) : funnelRight(n, bits, bits, by));
  },
});

const funnel = (name: string, op: typeof funnelLeft): Intrinsic => ({
  name,
  signature: `const unsafe fn ${name}<T: FunnelShift>(a: T, b: T, shift: u32) -> T`,
  run: (call) => {
    const n = numeric(call);
    const by = call.number(2);
    if (by >= n.width) throw call.ub("shiftOverflow", `\`${name}\` of ${n.width} bits by ${by}`);
    call.setBits(op(n, call.bits(0), call.bits(1), BigInt(by)));
  },
});

export const ARITHMETIC: readonly Intrinsic[] = [
  unary("ctpop", "u32", (_, bits) => BigInt(popCount(bits))),
  unary("ctlz", "u32", (n, bits) => BigInt(leadingZeros(n, bits))),
  unary("cttz", "u32", (n, bits) => BigInt(trailingZeros(n, bits))),
  nonZero("ctlz_nonzero", leadingZeros),
  nonZero("cttz_nonzero", trailingZeros),
  unary("bswap", "T", swapBytes),
  unary("bitreverse", "T", reverseBits),
  rotate("rotate_left", true),
  rotate("rotate_right", false),
  funnel("unchecked_funnel_shl", funnelLeft),
  funnel("unchecked_funnel_shr", funnelRight),
  wrapping("wrapping_add", (a, b) => a + b),
  wrapping("wrapping_sub", (a, b) => a - b),
  wrapping("wrapping_mul", (a, b) => a * b),
  saturating("saturating_add", (a, b) => a + b),
  saturating("saturating_sub", (a, b) => a - b),
  overflowing("add_with_overflow", (a, b) => a + b),
  overflowing("sub_with_overflow", (a, b) => a - b),
  overflowing("mul_with_overflow", (a, b) => a * b),
  unchecked("unchecked_add", (a, b) => a + b),
  unchecked("unchecked_sub", (a, b) => a - b),
  unchecked("unchecked_mul", (a, b) => a * b),
  division("unchecked_div", (a, b) => a / b),
  division("unchecked_rem", (a, b) => a % b),
  division("exact_div", (a, b) => a / b, true),
  shift("unchecked_shl", (a, b) => a << b),
  shift("unchecked_shr", (a, b) => a >> b),
  {
    name: "disjoint_bitor",
    signature: "const unsafe fn disjoint_bitor<T: DisjointBitOr>(a: T, b: T) -> T",
    run: (call) => {
      const [a, b] = [call.bits(0), call.bits(1)];
      if ((a & b) !== 0n) throw call.ub("intrinsicPrecondition", "`disjoint_bitor` of values that share a bit");
      call.setBits(a | b);
    },
  },
  {
    name: "carryless_mul",
    signature: "const fn carryless_mul<T: CarrylessMul>(a: T, b: T) -> T",
    run: (call) => call.setBits(carrylessMul(numeric(call), call.bits(0), call.bits(1))),
  },
  {
    name: "carrying_mul_add",
    signature:
      "const fn carrying_mul_add<T: CarryingMulAdd<Unsigned = U>, U>(multiplier: T, multiplicand: T, addend: T, carry: T) -> (U, T)",
    run: (call) => {
      const { width } = numeric(call);
      const wide = call.int(0) * call.int(1) + call.int(2) + call.int(3);
      call.setLeaf(0, wide);
      call.setLeaf(1, wide >> BigInt(width));
    },
  },
  {
    name: "three_way_compare",
    signature: "const fn three_way_compare<T: Copy>(lhs: T, rhss: T) -> Ordering",
    run: (call) => {
      const [a, b] = [call.int(0), call.int(1)];
      call.setEnumTag(a < b ? -1n : a > b ? 1n : 0n);
    },
  },
];
