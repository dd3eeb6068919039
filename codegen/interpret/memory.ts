/**
 * The memory of a run: one arena of bytes, with what is known of each byte, and the table of allocations.
 *
 * An *address* is an offset into the arena. A *pointer* is a 64-bit address and a provenance: the number of the allocation it may
 * access, `NO_PROVENANCE`, or `WILDCARD` (from an exposed address: any exposed allocation). Every byte has a *mark*: uninitialised,
 * initialised, the k-th byte of a pointer (whose provenance is in `prov`), or a byte of a NaN, whose bits Rust leaves open.
 *
 * Alignment is judged by the allocation's own alignment and the offset in it, not by the address, so that a verdict never depends on
 * where memory happens to be (Miri's symbolic alignment check).
 *
 * Numbers of allocations are never used again within a run: a pointer to what is gone stays dangling for ever.
 */

import { UbTrap, Unsupported } from "./ub.ts";

export const NO_PROVENANCE = 0;
export const WILDCARD = -1;

/** Marks of bytes. */
export const UNINIT = 0;
export const INIT = 1;
/** The mark of a pointer's first byte; that of its k-th byte is `POINTER_BYTE + k`. */
export const POINTER_BYTE = 2;
export const NAN_BYTE = 11;

/** States of allocations. */
export const DEAD = 0;
export const LIVE = 1;
export const FUNCTION = 2;

/** The first address that is given out; what is below stays unmapped, as null is. */
export const FIRST_ADDRESS = 4096;

/** Numbers of allocations are not used again, so a run may have only so many. */
const MOST_ALLOCATIONS = 1 << 24;

const LARGEST_ARENA = 1 << 28;

export class Memory {
  bytes: Uint8Array<ArrayBuffer>;
  view: DataView<ArrayBuffer>;
  marks: Uint8Array<ArrayBuffer>;
  markView: DataView<ArrayBuffer>;
  prov: Int32Array<ArrayBuffer>;

  base: Int32Array<ArrayBuffer> = new Int32Array(1024);
  size: Int32Array<ArrayBuffer> = new Int32Array(1024);
  align: Int32Array<ArrayBuffer> = new Int32Array(1024);
  state: Uint8Array<ArrayBuffer> = new Uint8Array(1024);
  exposed: Uint8Array<ArrayBuffer> = new Uint8Array(1024);
  allocations = 1;
  anyExposed = false;

  /** The bits of a NaN were looked at. */
  nanBitsObserved = false;
  /** An address, or an order of addresses, was looked at. */
  addressObserved = false;

  constructor(capacity: number = 1 << 18) {
    const buffer = new ArrayBuffer(capacity);
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    const marks = new ArrayBuffer(capacity);
    this.marks = new Uint8Array(marks);
    this.markView = new DataView(marks);
    this.prov = new Int32Array(capacity);
  }

  /** Makes room up to `end`; false when that is more than a run may have. */
  reserve(end: number): boolean {
    if (end <= this.bytes.length) return true;
    if (end > LARGEST_ARENA) return false;
    let capacity = this.bytes.length;
    while (capacity < end) capacity *= 2;
    const bytes = new Uint8Array(new ArrayBuffer(capacity));
    bytes.set(this.bytes);
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
    const marks = new Uint8Array(new ArrayBuffer(capacity));
    marks.set(this.marks);
    this.marks = marks;
    this.markView = new DataView(marks.buffer);
    const prov = new Int32Array(capacity);
    prov.set(this.prov);
    this.prov = prov;
    return true;
  }

  /** Forgets all allocations: a new run begins. Bytes are marked when they are allocated. */
  reset(): void {
    if (this.anyExposed) this.exposed.fill(0, 0, this.allocations);
    this.anyExposed = false;
    this.allocations = 1;
    this.nanBitsObserved = false;
    this.addressObserved = false;
  }

  allocate(base: number, size: number, align: number, state: number): number {
    const id = this.allocations++;
    if (id >= MOST_ALLOCATIONS) throw new Unsupported(`more than ${MOST_ALLOCATIONS} allocations`);
    if (id >= this.base.length) this.growTable();
    this.base[id] = base;
    this.size[id] = size;
    this.align[id] = align;
    this.state[id] = state;
    return id;
  }

  private growTable(): void {
    const length = this.base.length * 2;
    const grow = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const grown = new Int32Array(length);
      grown.set(old);
      return grown;
    };
    this.base = grow(this.base);
    this.size = grow(this.size);
    this.align = grow(this.align);
    const state = new Uint8Array(length);
    state.set(this.state);
    this.state = state;
    const exposed = new Uint8Array(length);
    exposed.set(this.exposed);
    this.exposed = exposed;
  }

  expose(id: number): void {
    if (id <= 0) return;
    this.exposed[id] = 1;
    this.anyExposed = true;
  }

  /** What UB reports say of the allocation that a pointer belongs to. */
  describe(lo: number, id: number): { id: number; size: number; alive: boolean; offset: number } | undefined {
    if (id <= 0) return undefined;
    return { id, size: this.size[id]!, alive: this.state[id] !== DEAD, offset: (lo >>> 0) - this.base[id]! };
  }

  /** The allocation that a pointer may access at its address; a wildcard's is the exposed one that is there. */
  resolve(lo: number, hi: number, id: number, size: number): number {
    if (id !== WILDCARD) return id;
    for (let a = 1; a < this.allocations; a++) {
      const offset = (lo >>> 0) - this.base[a]!;
      if (this.exposed[a] === 1 && this.state[a] === LIVE && hi === 0 && offset >= 0 && offset + size <= this.size[a]!)
        return a;
    }
    return NO_PROVENANCE;
  }

  /** Traps unless `size` bytes at a pointer may be accessed. Zero bytes may be anywhere. */
  checkBounds(lo: number, hi: number, id: number, size: number): void {
    if (id > 0 && this.state[id] === LIVE && hi === 0) {
      const offset = lo - this.base[id]!;
      if (offset >= 0 && offset + size <= this.size[id]!) return;
    }
    if (size === 0) return;
    this.failBounds(lo, hi, id, size);
  }

  private failBounds(lo: number, hi: number, id: number, size: number): void {
    if (id === WILDCARD && this.resolve(lo, hi, id, size) > 0) return;
    const address = `0x${((BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0)).toString(16)}`;
    if (id <= 0)
      throw new UbTrap("danglingPointer", `access of ${size} bytes through a pointer without provenance, ${address}`);
    const at = this.describe(lo, id);
    if (this.state[id] === DEAD)
      throw new UbTrap("danglingPointer", `access of ${size} bytes of an allocation that is gone`, at);
    if (this.state[id] === FUNCTION) throw new UbTrap("danglingPointer", "access of a function's code as data", at);
    throw new UbTrap(
      "outOfBounds",
      `access of ${size} bytes at offset ${at?.offset} of an allocation of ${at?.size} bytes`,
      at,
    );
  }

  /** Whether a pointer is a multiple of `align`. */
  isAligned(lo: number, hi: number, id: number, align: number): boolean {
    if (align === 1) return true;
    const a = id === WILDCARD ? this.resolve(lo, hi, id, 0) : id;
    if (a <= 0) return (lo & (align - 1)) === 0;
    return this.align[a]! >= align && ((lo - this.base[a]!) & (align - 1)) === 0;
  }

  checkAlign(lo: number, hi: number, id: number, align: number): void {
    if (align === 1 || this.isAligned(lo, hi, id, align)) return;
    throw new UbTrap("misaligned", `a pointer that should be aligned to ${align} bytes is not`, this.describe(lo, id));
  }

  /** Traps unless the pointer is a valid reference to `size` bytes aligned to `align`. */
  checkReference(lo: number, hi: number, id: number, size: number, align: number): void {
    if (lo === 0 && hi === 0) throw new UbTrap("invalidReference", "a null reference");
    if (!this.isAligned(lo, hi, id, align)) {
      throw new UbTrap(
        "invalidReference",
        `a reference that should be aligned to ${align} bytes is not`,
        this.describe(lo, id),
      );
    }
    if (size === 0) return;
    const a = this.resolve(lo, hi, id, size);
    const offset = a > 0 ? lo - this.base[a]! : -1;
    if (a > 0 && hi === 0 && this.state[a] === LIVE && offset >= 0 && offset + size <= this.size[a]!) return;
    throw new UbTrap("invalidReference", `a dangling reference (to ${size} bytes)`, this.describe(lo, id));
  }

  checkFnPointer(lo: number, hi: number, id: number): void {
    if (id > 0 && hi === 0 && this.state[id] === FUNCTION && this.base[id] === lo) return;
    throw new UbTrap("invalidFnPointer", "a function pointer that points to no function", this.describe(lo, id));
  }

  /** Traps unless `size` bytes hold a plain value, and marks what its reading tells: bits of NaNs, addresses. */
  checkInit(at: number, size: number): void {
    const { marks } = this;
    for (let i = at; i < at + size; i++) {
      const mark = marks[i]!;
      if (mark === INIT) continue;
      if (mark === UNINIT) throw new UbTrap("uninit", "read of uninitialised memory");
      if (mark === NAN_BYTE) this.nanBitsObserved = true;
      else this.addressObserved = true;
    }
  }

  /** The same for a float: a NaN remains one. */
  checkInitFloat(at: number, size: number): void {
    for (let i = at; i < at + size; i++) {
      const mark = this.marks[i]!;
      if (mark === UNINIT) throw new UbTrap("uninit", "read of uninitialised memory");
      if (mark !== INIT && mark !== NAN_BYTE) this.addressObserved = true;
    }
  }

  /** The provenance of the pointer stored at `at`: none when its bytes are not those of one whole pointer. */
  loadProvenance(at: number): number {
    const { marks, prov } = this;
    const id = prov[at]!;
    let whole = true;
    for (let k = 0; k < 8; k++) {
      const mark = marks[at + k]!;
      if (mark === UNINIT) throw new UbTrap("uninit", "read of uninitialised memory");
      if (mark !== POINTER_BYTE + k || prov[at + k] !== id) whole = false;
      if (mark === NAN_BYTE) this.nanBitsObserved = true;
    }
    return whole ? id : NO_PROVENANCE;
  }

  storePointer(at: number, lo: number, hi: number, id: number): void {
    this.view.setInt32(at, lo, true);
    this.view.setInt32(at + 4, hi, true);
    if (id === NO_PROVENANCE) {
      this.marks.fill(INIT, at, at + 8);
      return;
    }
    for (let k = 0; k < 8; k++) {
      this.marks[at + k] = POINTER_BYTE + k;
      this.prov[at + k] = id;
    }
  }

  deinit(at: number, size: number): void {
    if (size > 32) this.marks.fill(UNINIT, at, at + size);
    else for (let i = at; i < at + size; i++) this.marks[i] = UNINIT;
  }

  /** Whether all of `size` bytes are still uninitialised. */
  isUninit(at: number, size: number): boolean {
    for (let i = at; i < at + size; i++) if (this.marks[i] !== UNINIT) return false;
    return true;
  }
}
