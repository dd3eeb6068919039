/** Whether the float in a register is a NaN. */

export function isNanF32(R: Int32Array, a: number): boolean {
  return (R[a]! & 0x7fffffff) > 0x7f800000;
}

export function isNanF64(R: Int32Array, a: number): boolean {
  const top = R[a + 1]! & 0x7fffffff;
  return top > 0x7ff00000 || (top === 0x7ff00000 && R[a] !== 0);
}
