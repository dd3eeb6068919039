/** The 64 bits that stand for the events of a run, as the runtime of a Miri crate computes them (`runtime.ts`). */

import { HASH_FACTOR } from "./runtime.ts";

/** `events` are whole records of 24 bytes, as the interpreter gives them. */
export function eventHash(events: Uint8Array): bigint {
  const view = new DataView(events.buffer, events.byteOffset, events.byteLength);
  let hash = 0n;
  for (let at = 0; at + 8 <= events.byteLength; at += 8) {
    const rotated = BigInt.asUintN(64, hash << 5n) | (hash >> 59n);
    hash = BigInt.asUintN(64, (rotated ^ view.getBigUint64(at, true)) * HASH_FACTOR);
  }
  return hash;
}
