/**
 * Vectors as intrinsics see them: lanes in memory.
 *
 * A vector is a `repr(simd)` struct of one array. Masks are vectors of integers whose lanes are 0 or -1; any other lane is undefined
 * behaviour. Arguments are read from memory whole, so a vector must be initialised in every lane.
 */

import { isNan } from "../../apfloat/bits.ts";
import { NAN_BYTE } from "../memory.ts";
import type { TypeInfo } from "../type-info.ts";
import { Unsupported } from "../ub.ts";
import type { IntrinsicCall } from "./intrinsic.ts";
import { type Numeric, numericOf } from "./numeric.ts";

/** A vector type. */
export interface Lanes {
  readonly element: TypeInfo;
  readonly numeric: Numeric;
  readonly count: number;
  /** Bytes of one lane. */
  readonly size: number;
}

/** The lanes of a vector type. */
export function lanesOf(call: IntrinsicCall, { ty }: TypeInfo): Lanes {
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

/** The lanes of argument `i`, as bits. */
export function argument(call: IntrinsicCall, i: number): bigint[] {
  return readLanes(call, call.address(i), lanesOf(call, call.param(i)));
}

/** The lanes of the result, as bits; of pointers, `setFromLanes` keeps what they are besides. */
export function setLanes(call: IntrinsicCall, values: readonly bigint[]): void {
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

export function sameLength(call: IntrinsicCall, a: number, b: number): void {
  if (a !== b) throw call.ub("intrinsicPrecondition", `\`${call.site.name}\` of vectors of ${a} and ${b} lanes`);
}

/** Where the lanes of argument `i` are. */
export function laneAddresses(call: IntrinsicCall, i: number): number[] {
  const { count, size } = lanesOf(call, call.param(i));
  const at = call.address(i);
  return Array.from({ length: count }, (_, k) => at + k * size);
}

/** The lanes of the result, copied from these addresses with all that is known of their bytes. */
export function setFromLanes(call: IntrinsicCall, sources: readonly number[]): void {
  const { size } = lanesOf(call, call.site.ret);
  const { memory: m } = call;
  // The result's memory may be that of arguments.
  const aside = call.scratch();
  sources.forEach((at, k) => {
    m.checkInitialised(at, size);
    m.copyRaw(at, aside + k * size, size);
  });
  m.copyRaw(aside, call.resultAddress(), size * sources.length);
}

/** Whether lane `bits` of a mask is set. */
function maskLane(call: IntrinsicCall, { width }: Numeric, bits: bigint): boolean {
  if (bits === 0n) return false;
  if (bits !== BigInt.asUintN(width, -1n))
    throw call.ub("intrinsicPrecondition", `\`${call.site.name}\`: a lane of a mask is neither 0 nor -1`);
  return true;
}

/** The lanes of argument `i`, a mask. */
export function mask(call: IntrinsicCall, i: number): boolean[] {
  const { numeric } = lanesOf(call, call.param(i));
  return argument(call, i).map((bits) => maskLane(call, numeric, bits));
}
