/** Typed arrays that grow, and live on from one use to the next, so that hot code makes next to no garbage. */

type Growable = Int32Array | Uint8Array | Uint16Array;

/** At least this many entries, so that small arrays do not grow again and again. */
const LEAST = 64;

function larger<T extends Growable>(array: T, length: number): T {
  const make = array.constructor as new (length: number) => T;
  return new make(Math.max(length, array.length * 2, LEAST));
}

/** An array of at least `length` entries; the old contents may be lost, and what is there may be anything. */
export function ensure<T extends Growable>(array: T, length: number): T {
  return array.length >= length ? array : larger(array, length);
}

/** An array of at least `length` entries with the old contents in front. */
export function extend<T extends Growable>(array: T, length: number): T {
  if (array.length >= length) return array;
  const grown = larger(array, length);
  grown.set(array);
  return grown;
}
