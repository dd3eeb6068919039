/**
 * Typed arrays that live on from one function to the next, so that allocating registers makes next to no garbage.
 */

/** An array of at least `length` entries; the old contents may be lost. */
export function ensure(array: Int32Array, length: number): Int32Array {
  return array.length >= length ? array : new Int32Array(Math.max(length, array.length * 2, 64));
}

/** An array of at least `length` entries with the old contents in front. */
export function extend(array: Int32Array, length: number): Int32Array {
  if (array.length >= length) return array;
  const grown = new Int32Array(Math.max(length, array.length * 2, 64));
  grown.set(array);
  return grown;
}

export function ensureBytes(array: Uint8Array, length: number): Uint8Array {
  return array.length >= length ? array : new Uint8Array(Math.max(length, array.length * 2, 64));
}
