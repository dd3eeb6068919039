/**
 * Vectors: operations lane by lane, comparisons to masks, shuffles, reductions, masked memory accesses (portable SIMD, core/src/intrinsics/simd).
 *
 * A vector is a `repr(simd)` struct of one array. Masks are vectors of integers whose lanes are 0 or -1; any other lane is undefined
 * behaviour. Arguments are read from memory whole, so a vector must be initialised in every lane.
 */

import * as arithmetic from "../../apfloat/arithmetic.ts";
import { abs, isNan, neg } from "../../apfloat/bits.ts";
import { compare, maxNum, minNum } from "../../apfloat/compare.ts";
import { convert, fromInt, toIntSaturating, toIntUnchecked } from "../../apfloat/convert.ts";
import type { FloatFormat } from "../../apfloat/format.ts";
import { fromNumber, toNumber } from "../../apfloat/number.ts";
import * as rounding from "../../apfloat/rounding.ts";
import { NAN_BYTE } from "../memory.ts";
import { isPointerCls, type TypeInfo } from "../type-info.ts";
import { Unsupported } from "../ub.ts";
import type { Intrinsic, IntrinsicCall } from "./intrinsic.ts";
import {
  carrylessMul,
  funnelLeft,
  funnelRight,
  leadingZeros,
  type Numeric,
  numericOf,
  popCount,
  reverseBits,
  saturate,
  smallest,
  swapBytes,
  trailingZeros,
  valueOfBits,
} from "./numeric.ts";

interface Lanes {
  readonly element: TypeInfo;
  readonly numeric: Numeric;
  readonly count: number;
  /** Bytes of one lane. */
  readonly size: number;
}

/** The lanes of a vector type. */
function lanesOf(call: IntrinsicCall, { ty }: TypeInfo): Lanes {
  const { table, tcx } = call.vm.prepared;
  const array = ty.kind === "adt" && ty.def.repr.simd === true ? tcx.fieldTys(ty, 0)[0] : undefined;
  if (array?.kind !== "array") throw new Unsupported(`${call.site.name} of ${ty.text}, which is no vector`);
  const element = table.of(array.element);
  return { element, numeric: numericOf(element.leaves[0]!.cls), count: array.length, size: element.size };
}

function readLanes(call: IntrinsicCall, at: number, { count, size, numeric }: Lanes): bigint[] {
  if (numeric.format === undefined) call.memory.checkInit(at, count * size);
  else call.memory.checkInitFloat(at, count * size);
  return Array.from({ length: count }, (_, i) => call.memory.loadBits(at + i * size, size));
}

function argument(call: IntrinsicCall, i: number): bigint[] {
  return readLanes(call, call.address(i), lanesOf(call, call.param(i)));
}

function setLanes(call: IntrinsicCall, values: readonly bigint[]): void {
  const lanes = lanesOf(call, call.site.ret);
  const at = call.resultAddress();
  const { width, format } = lanes.numeric;
  values.forEach((value, i) => {
    const lane = at + i * lanes.size;
    const bits = BigInt.asUintN(width, value);
    call.memory.storeBits(lane, bits, lanes.size);
    // The bits of a NaN are open: who reads them as an integer shows what Rust does not promise.
    if (format !== undefined && isNan(format, bits)) call.memory.marks.fill(NAN_BYTE, lane, lane + lanes.size);
  });
}

function sameLength(call: IntrinsicCall, a: number, b: number): void {
  if (a !== b) throw call.ub("intrinsicPrecondition", `\`${call.site.name}\` of vectors of ${a} and ${b} lanes`);
}

// ---- Lane by lane

type IntLane = (n: Numeric, ...operands: bigint[]) => bigint;
type FloatLane = (f: FloatFormat, ...operands: bigint[]) => bigint;

/** An operation on each lane. Integers come as numbers (signed if they are), floats as bits. */
function lanewise(name: string, count: number, int: IntLane | undefined, float?: FloatLane): Intrinsic {
  const params = ["x", "y", "z"].slice(0, count).map((p) => `${p}: T`);
  return {
    name: `simd_${name}`,
    signature: `const unsafe fn simd_${name}<T>(${params.join(", ")}) -> T`,
    run: (call) => {
      const { numeric } = lanesOf(call, call.param(0));
      const operands = Array.from({ length: count }, (_, i) => argument(call, i));
      const { format } = numeric;
      const lane = (i: number): bigint => {
        if (format !== undefined) {
          if (float === undefined) throw new Unsupported(`simd_${name} of floats`);
          return float(format, ...operands.map((o) => o[i]!));
        }
        if (int === undefined) throw new Unsupported(`simd_${name} of integers`);
        return int(numeric, ...operands.map((o) => valueOfBits(numeric, o[i]!)));
      };
      try {
        setLanes(
          call,
          operands[0]!.map((_, i) => lane(i)),
        );
      } catch (error) {
        if (error instanceof LaneUb) throw call.ub(error.kind, `\`simd_${name}\`: ${error.message}`);
        throw error;
      }
    },
  };
}

/** Undefined behaviour in one lane; the call knows where it is. */
class LaneUb extends Error {
  readonly kind: "divisionByZero" | "divisionOverflow" | "shiftOverflow";

  constructor(kind: LaneUb["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}

function checkedDivision(op: (a: bigint, b: bigint) => bigint): IntLane {
  return (n, a, b) => {
    if (b === 0n) throw new LaneUb("divisionByZero", "a lane is divided by zero");
    if (b === -1n && a === smallest(n)) throw new LaneUb("divisionOverflow", "a lane overflows");
    return op(a!, b!);
  };
}

function checkedShift(op: (a: bigint, b: bigint) => bigint): IntLane {
  return (n, a, b) => {
    if (b! < 0n || b! >= BigInt(n.width)) throw new LaneUb("shiftOverflow", `a lane is shifted by ${b}`);
    return op(a!, b!);
  };
}

function checkedFunnel(op: typeof funnelLeft): IntLane {
  return (n, a, b, shift) => {
    if (shift! < 0n || shift! >= BigInt(n.width)) throw new LaneUb("shiftOverflow", `a lane is shifted by ${shift}`);
    return op(n, BigInt.asUintN(n.width, a!), BigInt.asUintN(n.width, b!), shift!);
  };
}

/** An operation on the bits of one integer. */
function onBits(op: (n: Numeric, bits: bigint) => bigint | number): IntLane {
  return (n, a) => BigInt(op(n, BigInt.asUintN(n.width, a!)));
}

function viaNumber(op: (x: number) => number): FloatLane {
  return (f, a) => {
    if (f.bits === 128) throw new Unsupported("a transcendental function of f128");
    return fromNumber(f, op(toNumber(f, a!)));
  };
}

const LANEWISE: readonly Intrinsic[] = [
  lanewise(
    "add",
    2,
    (_, a, b) => a! + b!,
    (f, a, b) => arithmetic.add(f, a!, b!),
  ),
  lanewise(
    "sub",
    2,
    (_, a, b) => a! - b!,
    (f, a, b) => arithmetic.sub(f, a!, b!),
  ),
  lanewise(
    "mul",
    2,
    (_, a, b) => a! * b!,
    (f, a, b) => arithmetic.mul(f, a!, b!),
  ),
  lanewise(
    "div",
    2,
    checkedDivision((a, b) => a / b),
    (f, a, b) => arithmetic.div(f, a!, b!),
  ),
  lanewise(
    "rem",
    2,
    checkedDivision((a, b) => a % b),
    (f, a, b) => arithmetic.rem(f, a!, b!),
  ),
  lanewise(
    "shl",
    2,
    checkedShift((a, b) => a << b),
  ),
  lanewise(
    "shr",
    2,
    checkedShift((a, b) => a >> b),
  ),
  lanewise("funnel_shl", 3, checkedFunnel(funnelLeft)),
  lanewise("funnel_shr", 3, checkedFunnel(funnelRight)),
  lanewise("carryless_mul", 2, (n, a, b) => carrylessMul(n, BigInt.asUintN(n.width, a!), BigInt.asUintN(n.width, b!))),
  lanewise("and", 2, (_, a, b) => a! & b!),
  lanewise("or", 2, (_, a, b) => a! | b!),
  lanewise("xor", 2, (_, a, b) => a! ^ b!),
  lanewise(
    "neg",
    1,
    (_, a) => -a!,
    (f, a) => neg(f, a!),
  ),
  lanewise("saturating_add", 2, (n, a, b) => saturate(n, a! + b!)),
  lanewise("saturating_sub", 2, (n, a, b) => saturate(n, a! - b!)),
  lanewise("bswap", 1, onBits(swapBytes)),
  lanewise("bitreverse", 1, onBits(reverseBits)),
  lanewise("ctlz", 1, onBits(leadingZeros)),
  lanewise("cttz", 1, onBits(trailingZeros)),
  lanewise(
    "ctpop",
    1,
    onBits((_, bits) => popCount(bits)),
  ),
  lanewise("fabs", 1, undefined, (f, a) => abs(f, a!)),
  lanewise("ceil", 1, undefined, (f, a) => rounding.ceil(f, a!)),
  lanewise("floor", 1, undefined, (f, a) => rounding.floor(f, a!)),
  lanewise("round", 1, undefined, (f, a) => rounding.round(f, a!)),
  lanewise("round_ties_even", 1, undefined, (f, a) => rounding.roundTiesEven(f, a!)),
  lanewise("trunc", 1, undefined, (f, a) => rounding.trunc(f, a!)),
  lanewise("fsqrt", 1, undefined, (f, a) => arithmetic.sqrt(f, a!)),
  lanewise("fma", 3, undefined, (f, a, b, c) => arithmetic.fma(f, a!, b!, c!)),
  lanewise("relaxed_fma", 3, undefined, (f, a, b, c) => arithmetic.fma(f, a!, b!, c!)),
  lanewise("fmin", 2, undefined, (f, a, b) => minNum(f, a!, b!)),
  lanewise("fmax", 2, undefined, (f, a, b) => maxNum(f, a!, b!)),
  lanewise("minimum_number_nsz", 2, undefined, (f, a, b) => minNum(f, a!, b!)),
  lanewise("maximum_number_nsz", 2, undefined, (f, a, b) => maxNum(f, a!, b!)),
  lanewise("fsin", 1, undefined, viaNumber(Math.sin)),
  lanewise("fcos", 1, undefined, viaNumber(Math.cos)),
  lanewise("fexp", 1, undefined, viaNumber(Math.exp)),
  lanewise(
    "fexp2",
    1,
    undefined,
    viaNumber((x) => 2 ** x),
  ),
  lanewise("flog", 1, undefined, viaNumber(Math.log)),
  lanewise("flog2", 1, undefined, viaNumber(Math.log2)),
  lanewise("flog10", 1, undefined, viaNumber(Math.log10)),
];

// ---- Comparisons and masks

/** Whether lane `bits` of a mask is set. */
function maskLane(call: IntrinsicCall, { width }: Numeric, bits: bigint): boolean {
  if (bits === 0n) return false;
  if (bits !== BigInt.asUintN(width, -1n))
    throw call.ub("intrinsicPrecondition", `\`${call.site.name}\`: a lane of a mask is neither 0 nor -1`);
  return true;
}

function mask(call: IntrinsicCall, i: number): boolean[] {
  const { numeric } = lanesOf(call, call.param(i));
  return argument(call, i).map((bits) => maskLane(call, numeric, bits));
}

/** `test` is told -1, 0 or 1, or `undefined` when a lane is NaN. */
function comparison(name: string, test: (order: number | undefined) => boolean): Intrinsic {
  return {
    name: `simd_${name}`,
    signature: `const unsafe fn simd_${name}<T, U>(x: T, y: T) -> U`,
    run: (call) => {
      const { numeric } = lanesOf(call, call.param(0));
      const [a, b] = [argument(call, 0), argument(call, 1)];
      const order = (x: bigint, y: bigint): number | undefined => {
        if (numeric.format !== undefined) return compare(numeric.format, x, y);
        const [p, q] = [valueOfBits(numeric, x), valueOfBits(numeric, y)];
        return p < q ? -1 : p > q ? 1 : 0;
      };
      setLanes(
        call,
        a.map((x, i) => (test(order(x, b[i]!)) ? -1n : 0n)),
      );
    },
  };
}

const COMPARISONS: readonly Intrinsic[] = [
  comparison("eq", (order) => order === 0),
  comparison("ne", (order) => order !== 0),
  comparison("lt", (order) => order === -1),
  comparison("le", (order) => order === -1 || order === 0),
  comparison("gt", (order) => order === 1),
  comparison("ge", (order) => order === 1 || order === 0),
];

const MASKS: readonly Intrinsic[] = [
  {
    name: "simd_select",
    signature: "const unsafe fn simd_select<M, T>(mask: M, if_true: T, if_false: T) -> T",
    run: (call) => {
      const chosen = mask(call, 0);
      const [yes, no] = [argument(call, 1), argument(call, 2)];
      sameLength(call, chosen.length, yes.length);
      setLanes(
        call,
        chosen.map((bit, i) => (bit ? yes[i]! : no[i]!)),
      );
    },
  },
  {
    name: "simd_select_bitmask",
    signature: "const unsafe fn simd_select_bitmask<M, T>(m: M, yes: T, no: T) -> T",
    run: (call) => {
      const bits = bitmaskArgument(call, 0);
      const [yes, no] = [argument(call, 1), argument(call, 2)];
      setLanes(
        call,
        yes.map((lane, i) => (((bits >> BigInt(i)) & 1n) === 1n ? lane : no[i]!)),
      );
    },
  },
  {
    name: "simd_bitmask",
    signature: "const unsafe fn simd_bitmask<T, U>(x: T) -> U",
    run: (call) => {
      const bits = mask(call, 0).reduce((sum, bit, i) => (bit ? sum | (1n << BigInt(i)) : sum), 0n);
      if (call.site.ret.repr === "mem") call.memory.storeBits(call.resultAddress(), bits, call.site.ret.size);
      else call.setBits(bits);
    },
  },
];

/** A mask of bits: an integer, or an array of bytes. */
function bitmaskArgument(call: IntrinsicCall, i: number): bigint {
  const info = call.param(i);
  const at = call.address(i);
  call.memory.checkInit(at, info.size);
  let bits = 0n;
  for (let k = info.size - 1; k >= 0; k--) bits = (bits << 8n) | BigInt(call.memory.bytes[at + k]!);
  return bits;
}

// ---- Lanes in other places

function checkIndex(call: IntrinsicCall, index: bigint, count: number): number {
  if (index >= BigInt(count))
    throw call.ub("intrinsicPrecondition", `\`${call.site.name}\` of lane ${index} of ${count}`);
  return Number(index);
}

const insert: Intrinsic["run"] = (call) => {
  const lanes = argument(call, 0);
  const { size } = lanesOf(call, call.param(0));
  const at = call.address(2);
  call.memory.checkInit(at, size);
  lanes[checkIndex(call, call.bits(1), lanes.length)] = call.memory.loadBits(at, size);
  setLanes(call, lanes);
};

const extract: Intrinsic["run"] = (call) => {
  const { size, count } = lanesOf(call, call.param(0));
  call.setFromMemory(call.address(0) + size * checkIndex(call, call.bits(1), count));
};

const PLACES: readonly Intrinsic[] = [
  { name: "simd_insert", signature: "const unsafe fn simd_insert<T, U>(x: T, idx: u32, val: U) -> T", run: insert },
  {
    name: "simd_insert_dyn",
    signature: "const unsafe fn simd_insert_dyn<T, U>(x: T, idx: u32, val: U) -> T",
    run: insert,
  },
  { name: "simd_extract", signature: "const unsafe fn simd_extract<T, U>(x: T, idx: u32) -> U", run: extract },
  { name: "simd_extract_dyn", signature: "const unsafe fn simd_extract_dyn<T, U>(x: T, idx: u32) -> U", run: extract },
  {
    name: "simd_splat",
    signature: "const unsafe fn simd_splat<T, U>(value: U) -> T",
    run: (call) => {
      const { count, size } = lanesOf(call, call.site.ret);
      const at = call.address(0);
      call.memory.checkInit(at, size);
      const value = call.memory.loadBits(at, size);
      setLanes(call, new Array<bigint>(count).fill(value));
    },
  },
  {
    name: "simd_shuffle",
    signature: "const unsafe fn simd_shuffle<T, U, V>(x: T, y: T, idx: U) -> V",
    run: (call) => {
      const both = [...argument(call, 0), ...argument(call, 1)];
      const info = call.param(2);
      const at = call.address(2);
      const { count } = lanesOf(call, call.site.ret);
      const width = info.size / count;
      call.memory.checkInit(at, info.size);
      const index = (i: number): number => checkIndex(call, call.memory.loadBits(at + i * width, width), both.length);
      setLanes(
        call,
        Array.from({ length: count }, (_, i) => both[index(i)]!),
      );
    },
  },
];

// ---- Conversions

function castLane(from: Numeric, to: Numeric, bits: bigint, saturating: boolean): bigint | undefined {
  if (from.format !== undefined) {
    if (to.format !== undefined) return convert(from.format, to.format, bits);
    return saturating
      ? toIntSaturating(from.format, bits, to.width, to.signed)
      : toIntUnchecked(from.format, bits, to.width, to.signed);
  }
  const value = valueOfBits(from, bits);
  return to.format === undefined ? value : fromInt(to.format, value);
}

function laneCast(name: string, saturating: boolean): Intrinsic {
  return {
    name: `simd_${name}`,
    signature: `const unsafe fn simd_${name}<T, U>(x: T) -> U`,
    run: (call) => {
      const from = lanesOf(call, call.param(0));
      const to = lanesOf(call, call.site.ret);
      sameLength(call, from.count, to.count);
      const lanes = argument(call, 0).map((bits) => {
        const cast = castLane(from.numeric, to.numeric, bits, saturating);
        if (cast === undefined) throw call.ub("intrinsicPrecondition", `\`simd_${name}\` of a lane that does not fit`);
        return cast;
      });
      setLanes(call, lanes);
    },
  };
}

// ---- Reductions

function reduction(
  name: string,
  int: ((n: Numeric, a: bigint, b: bigint) => bigint) | undefined,
  float: ((f: FloatFormat, a: bigint, b: bigint) => bigint) | undefined,
  start: "first" | "argument" = "first",
): Intrinsic {
  return {
    name: `simd_reduce_${name}`,
    signature: `const unsafe fn simd_reduce_${name}<T, U>(x: T${start === "argument" ? ", y: U" : ""}) -> U`,
    run: (call) => {
      const { numeric } = lanesOf(call, call.param(0));
      const { format } = numeric;
      const lanes = argument(call, 0);
      const all = start === "argument" ? [call.bits(1), ...lanes] : lanes;
      if (format !== undefined) {
        if (float === undefined) throw new Unsupported(`simd_reduce_${name} of floats`);
        call.setBits(all.reduce((a, b) => float(format, a, b)));
        return;
      }
      if (int === undefined) throw new Unsupported(`simd_reduce_${name} of integers`);
      const values = all.map((bits) => valueOfBits(numeric, bits));
      call.setBits(values.reduce((a, b) => int(numeric, a, b)));
    },
  };
}

const min = (_: Numeric, a: bigint, b: bigint): bigint => (a < b ? a : b);
const max = (_: Numeric, a: bigint, b: bigint): bigint => (a > b ? a : b);

const REDUCTIONS: readonly Intrinsic[] = [
  reduction("add_ordered", (_, a, b) => a + b, arithmetic.add, "argument"),
  reduction("mul_ordered", (_, a, b) => a * b, arithmetic.mul, "argument"),
  reduction("add_unordered", (_, a, b) => a + b, arithmetic.add),
  reduction("mul_unordered", (_, a, b) => a * b, arithmetic.mul),
  reduction("and", (_, a, b) => a & b, undefined),
  reduction("or", (_, a, b) => a | b, undefined),
  reduction("xor", (_, a, b) => a ^ b, undefined),
  reduction("min", min, minNum),
  reduction("max", max, maxNum),
  {
    name: "simd_reduce_all",
    signature: "const unsafe fn simd_reduce_all<T>(x: T) -> bool",
    run: (call) => call.setBool(mask(call, 0).every((bit) => bit)),
  },
  {
    name: "simd_reduce_any",
    signature: "const unsafe fn simd_reduce_any<T>(x: T) -> bool",
    run: (call) => call.setBool(mask(call, 0).some((bit) => bit)),
  },
];

// ---- Memory

/** The lanes of a vector of pointers, with their provenance. */
function pointers(
  call: IntrinsicCall,
  i: number,
): { readonly lo: number; readonly hi: number; readonly tag: number }[] {
  const { element, count, size } = lanesOf(call, call.param(i));
  if (!isPointerCls(element.leaves[0]!.cls)) throw new Unsupported(`${call.site.name} without a vector of pointers`);
  const at = call.address(i);
  call.memory.checkInitialised(at, count * size);
  return Array.from({ length: count }, (_, k) => {
    const bits = call.memory.loadBits(at + k * size, size);
    return {
      lo: Number(BigInt.asIntN(32, bits)),
      hi: Number(BigInt.asIntN(32, bits >> 32n)),
      tag: call.memory.loadProvenance(at + k * size),
    };
  });
}

const MEMORY_LANES: readonly Intrinsic[] = [
  {
    name: "simd_gather",
    signature: "const unsafe fn simd_gather<T, U, V>(val: T, ptr: U, mask: V) -> T",
    run: (call) => {
      const { element, size } = lanesOf(call, call.param(0));
      const chosen = mask(call, 2);
      const from = pointers(call, 1);
      const lanes = argument(call, 0).map((lane, i) => {
        if (chosen[i] !== true) return lane;
        const at = call.readAt(from[i]!, size, element.align);
        call.memory.checkInit(at, size);
        return call.memory.loadBits(at, size);
      });
      setLanes(call, lanes);
    },
  },
  {
    name: "simd_scatter",
    signature: "const unsafe fn simd_scatter<T, U, V>(val: T, ptr: U, mask: V)",
    run: (call) => {
      const { element, size } = lanesOf(call, call.param(0));
      const chosen = mask(call, 2);
      const to = pointers(call, 1);
      argument(call, 0).forEach((lane, i) => {
        if (chosen[i] === true) call.memory.storeBits(call.writeAt(to[i]!, size, element.align), lane, size);
      });
    },
  },
  {
    name: "simd_masked_load",
    signature: "const unsafe fn simd_masked_load<V, U, T, const ALIGN: SimdAlign>(mask: V, ptr: U, val: T) -> T",
    run: (call) => {
      const { element, size } = lanesOf(call, call.param(2));
      const chosen = mask(call, 0);
      const base = call.pointer(1);
      const lanes = argument(call, 2).map((lane, i) => {
        if (chosen[i] !== true) return lane;
        const at = call.readAt({ ...base, lo: base.lo + i * size }, size, element.align);
        call.memory.checkInit(at, size);
        return call.memory.loadBits(at, size);
      });
      setLanes(call, lanes);
    },
  },
  {
    name: "simd_masked_store",
    signature: "const unsafe fn simd_masked_store<V, U, T, const ALIGN: SimdAlign>(mask: V, ptr: U, val: T)",
    run: (call) => {
      const { element, size } = lanesOf(call, call.param(2));
      const chosen = mask(call, 0);
      const base = call.pointer(1);
      argument(call, 2).forEach((lane, i) => {
        if (chosen[i] !== true) return;
        call.memory.storeBits(call.writeAt({ ...base, lo: base.lo + i * size }, size, element.align), lane, size);
      });
    },
  },
];

export const SIMD: readonly Intrinsic[] = [
  ...LANEWISE,
  ...COMPARISONS,
  ...MASKS,
  ...PLACES,
  laneCast("as", true),
  laneCast("cast", false),
  ...REDUCTIONS,
  ...MEMORY_LANES,
];
