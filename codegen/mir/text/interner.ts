/**
 * Tables from ranges of bytes to what was made of them, so that text that was read before is neither read nor stored again.
 *
 * Open addressing with linear probing; keys are copied into one growing array of bytes. A key may stand for more text than its value was made of: how much
 * of it that was is stored with it (`used`).
 */

const INITIAL_SLOTS = 1 << 12;
const INITIAL_ARENA = 1 << 16;

/** The hash of `bytes[from..to]`: FNV-1a, continued from `seed`. */
export function hashBytes(bytes: Uint8Array, from: number, to: number, seed: number = HASH_SEED): number {
  let hash = seed;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, HASH_PRIME);
  return hash;
}

export const HASH_SEED: number = 0x811c9dc5 | 0;
export const HASH_PRIME = 0x01000193;

export class Interner<T> {
  private slots = new Int32Array(INITIAL_SLOTS).fill(-1);
  private hashes = new Int32Array(INITIAL_SLOTS >> 1);
  private starts = new Int32Array(INITIAL_SLOTS >> 1);
  private lengths = new Int32Array(INITIAL_SLOTS >> 1);
  private used = new Int32Array(INITIAL_SLOTS >> 1);
  private arena = new Uint8Array(INITIAL_ARENA);
  private arenaSize = 0;
  private values: T[] = [];

  /** How many bytes its keys take. */
  get size(): number {
    return this.arenaSize;
  }

  /** The entry for `bytes[from..to]`, whose hash is `hash`; -1 when there is none. */
  find(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const { slots, hashes, starts, lengths, arena } = this;
    const mask = slots.length - 1;
    const length = to - from;
    for (let slot = mix(hash) & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot]!;
      if (entry < 0) return -1;
      if (hashes[entry] !== hash || lengths[entry] !== length) continue;
      const start = starts[entry]!;
      let i = 0;
      while (i < length && arena[start + i] === bytes[from + i]) i++;
      if (i === length) return entry;
    }
  }

  value(entry: number): T {
    return this.values[entry]!;
  }

  /** How many bytes of the key the value was made of. */
  usedBytes(entry: number): number {
    return this.used[entry]!;
  }

  /** Adds an entry for a key that `find` did not find. */
  add(bytes: Uint8Array, from: number, to: number, hash: number, value: T, used: number): void {
    const entry = this.values.length;
    if (entry === this.hashes.length) this.grow();
    const length = to - from;
    if (this.arenaSize + length > this.arena.length) this.growArena(length);
    this.arena.set(bytes.subarray(from, to), this.arenaSize);
    this.hashes[entry] = hash;
    this.starts[entry] = this.arenaSize;
    this.lengths[entry] = length;
    this.used[entry] = used;
    this.arenaSize += length;
    this.values.push(value);
    this.place(entry, hash);
  }

  clear(): void {
    this.slots.fill(-1);
    this.values = [];
    this.arenaSize = 0;
  }

  private place(entry: number, hash: number): void {
    const mask = this.slots.length - 1;
    let slot = mix(hash) & mask;
    while (this.slots[slot]! >= 0) slot = (slot + 1) & mask;
    this.slots[slot] = entry;
  }

  private grow(): void {
    const size = this.hashes.length * 2;
    this.hashes = grown(this.hashes, size);
    this.starts = grown(this.starts, size);
    this.lengths = grown(this.lengths, size);
    this.used = grown(this.used, size);
    this.slots = new Int32Array(size * 2).fill(-1);
    for (let entry = 0; entry < this.values.length; entry++) this.place(entry, this.hashes[entry]!);
  }

  private growArena(more: number): void {
    const arena = new Uint8Array(Math.max(this.arena.length * 2, this.arenaSize + more));
    arena.set(this.arena.subarray(0, this.arenaSize));
    this.arena = arena;
  }
}

/** FNV's low bits are its weakest, and they choose the slot. */
function mix(hash: number): number {
  return hash ^ (hash >>> 15);
}

function grown(old: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const array = new Int32Array(size);
  array.set(old);
  return array;
}
