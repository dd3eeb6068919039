/**
 * SIMD vectors: `repr(simd)` structs of one array.
 *
 * Algorithm: rustc_abi/src/layout.rs (`vector_type_layout`).
 */

import { Diagnostic } from "../session/diagnostic.ts";
import { alignTo } from "./scalar.ts";
import type { BackendRepr, Layout } from "./types.ts";

/** rustc's bound, which is LLVM's and Cranelift's. */
const MOST_LANES = 1 << 15;

/**
 * The layout of a vector of `count` times `element`. It is aligned to its size, rounded up to a power of two; a `packed` one of another
 * length has no padding for that, and travels through memory.
 *
 * @throws Diagnostic when there are no lanes or too many, or `element` is no scalar.
 */
export function layoutOfVector(element: Layout, count: number, packed: boolean): Layout {
  if (count === 0) throw new Diagnostic("a SIMD vector without lanes");
  if (count > MOST_LANES) throw new Diagnostic(`a SIMD vector of more than ${MOST_LANES} lanes`);
  if (element.backendRepr.kind !== "scalar") throw new Diagnostic("a SIMD vector whose element is no scalar");
  const bytes = element.size * count;
  const dense = packed && !isPowerOfTwo(count);
  const align = dense ? greatestPowerOfTwoIn(bytes) : 2 ** Math.ceil(Math.log2(bytes));
  const backendRepr: BackendRepr = dense
    ? { kind: "memory" }
    : { kind: "simdVector", element: element.backendRepr.scalar, count };
  return {
    size: alignTo(bytes, align),
    align,
    maxReprAlign: undefined,
    unadjustedAlign: element.align,
    backendRepr,
    fields: { kind: "arbitrary", offsets: [0], memoryOrder: [0] },
    variants: { kind: "single", index: 0 },
    largestNiche: element.largestNiche,
    uninhabited: false,
  };
}

function isPowerOfTwo(n: number): boolean {
  return (n & (n - 1)) === 0;
}

/** The greatest power of two that divides `n`, a number below 2^31. */
function greatestPowerOfTwoIn(n: number): number {
  return n & -n;
}
