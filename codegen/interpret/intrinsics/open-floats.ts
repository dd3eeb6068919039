/** Floats that Rust leaves open: which one a result is, an implementation may choose. */

import { add, fma, mul } from "../../apfloat/arithmetic.ts";
import { isNan } from "../../apfloat/bits.ts";
import type { FloatFormat } from "../../apfloat/format.ts";

/** Whether it shows that `a * b + c` is rounded once, not twice. */
export function isFusionSeen(format: FloatFormat, a: bigint, b: bigint, c: bigint): boolean {
  const [once, twice] = [fma(format, a, b, c), add(format, mul(format, a, b), c)];
  return once !== twice && !(isNan(format, once) && isNan(format, twice));
}
