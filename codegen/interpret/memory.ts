/**
 * The memory of a run: one arena of bytes, with what is known of each byte, and the table of allocations.
 *
 * An *address* is an offset into the arena. A *pointer* is a 64-bit address and a provenance, its *tag*: the number of the allocation
 * it may access (the allocation's root tag), a tag that a retag derived from that (`borrow-tracker/`), `NO_PROVENANCE`, or `WILDCARD`
 * (from an exposed address: any exposed allocation). Every byte has a *mark*: uninitialised, initialised, the k-th byte of a pointer
 * (whose tag is in `prov`), or a byte of a NaN, whose bits Rust leaves open.
 *
 * The stack of the main thread lies below `HEAP_BASE`; everything else (heap, statics, constants, vtables, stacks of other threads)
 * above. Programs that need none of that have a small arena.
 *
 * Alignment is judged by the allocation's own alignment and the offset in it, not by the address, so that a verdict never depends on
 * where memory happens to be (Miri's symbolic alignment check), unless `alignsByAddress` says that addresses count as well.
 *
 * Numbers of allocations are never used again within a run: a pointer to what is gone stays dangling for ever.
 */

import type { TyOf } from "../mir/ty.ts";
import { type BorrowTracker, createBorrowTracker } from "./borrow-tracker/borrow-tracker.ts";
import { FIRST_TAG, type Tag } from "./borrow-tracker/violation.ts";
import type { DataRaceDetector } from "./concurrency/data-race.ts";
import { Heap } from "./heap.ts";
import type { PointerNoun } from "./type-info.ts";
import { type AllocationReport, bytesText, ResourceExhaustion, type UbKind, UbTrap } from "./ub.ts";

export const NO_PROVENANCE = 0;
export const WILDCARD = -1;

/** Marks of bytes. */
export const UNINIT = 0;
export const INIT = 1;
/** The mark of a pointer's first byte; that of its k-th byte is `POINTER_BYTE + k`. */
export const POINTER_BYTE = 2;
export const NAN_BYTE = 11;

/** States of allocations; those that may be read are odd. */
export const DEAD = 0;
export const LIVE = 1;
export const FUNCTION = 2;
export const READ_ONLY = 3;
export const VTABLE = 4;

/** What an allocation was made for, for reports and for the checks of deallocation. */
export const STACK = 0;
export const HEAP = 1;
export const GLOBAL = 2;
/** Of `malloc` and the like, which `free` alone may free. */
export const C_HEAP = 3;
const KIND_NAMES: readonly AllocationReport["kind"][] = ["stack", "heap", "global", "heap"];

/** The first address that is given out; what is below stays unmapped, as null is. */
export const FIRST_ADDRESS = 4096;
/** The end of the main thread's stack. */
export const HEAP_BASE: number = 1 << 23;

/** Numbers of allocations are not used again, so a run may have only so many; those of tags begin above. */
const MOST_ALLOCATIONS = FIRST_TAG;

const LARGEST_ARENA = 1 << 28;

const NO_TAGS = new Int32Array(0);
const NOT_TRACKED = new Uint8Array(0);

export type Aliasing = "tree" | "stacked" | "none";

/** The alignment of a vtable itself. */
const VTABLE_ALIGN = 8;

/** At least the alignment of any frame. */
const REGION_ALIGN = 4096;

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
  kind: Uint8Array<ArrayBuffer> = new Uint8Array(1024);
  exposed: Uint8Array<ArrayBuffer> = new Uint8Array(1024);
  /** Positions (see `CompiledFn.positionBase`) of what made and what freed each allocation. */
  bornAt: Int32Array<ArrayBuffer> = new Int32Array(1024);
  diedAt: Int32Array<ArrayBuffer> = new Int32Array(1024);
  allocations = 1;
  /** The allocations that were exposed, in that order. */
  readonly exposures: number[] = [];

  /** The aliasing model of this run; absent when it has none. */
  borrow: BorrowTracker | undefined;
  /** By allocation: 1 where accesses must be told to `borrow`. */
  tracked: Uint8Array<ArrayBuffer> = NOT_TRACKED;
  tagAllocation: Int32Array<ArrayBuffer> = NO_TAGS;
  /** By model, those of Tree Borrows with and without implicit writes. */
  private readonly trackers: Map<string, BorrowTracker> = new Map();

  /** Set while several threads exist: accesses must be told to it. */
  races: DataRaceDetector<bigint> | undefined;
  thread = 0;
  /** The position of what is executed, where it may be asked for. */
  position = 0;

  /** By allocation of a vtable: the `dyn` type that it is for. */
  readonly vtables: Map<number, TyOf<"dynamic">> = new Map();

  private readonly heap = new Heap(HEAP_BASE);

  /** A pointer is aligned, too, when its address is. */
  alignsByAddress = false;
  /** The bits of a NaN were looked at. */
  nanBitsObserved = false;
  /** An address, or an order of addresses, was looked at. */
  addressObserved = false;
  /** A float was computed that Rust leaves open: the zero that `min` of two zeros is, the last bits of a sine. */
  openFloatObserved = false;

  constructor(capacity: number = 1 << 18) {
    const buffer = new ArrayBuffer(capacity);
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    const marks = new ArrayBuffer(capacity);
    this.marks = new Uint8Array(marks);
    this.markView = new DataView(marks);
    this.prov = new Int32Array(capacity);
  }

  /** Makes room for a stack up to `end`; false when that is more than it may have. */
  reserveStack(end: number): boolean {
    return end <= HEAP_BASE && this.reserve(end);
  }

  private reserve(end: number): boolean {
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
  reset(aliasing: Aliasing, implicitWrites: boolean = false): void {
    for (const id of this.exposures) this.exposed[id] = 0;
    this.exposures.length = 0;
    this.allocations = 1;
    this.heap.reset();
    this.vtables.clear();
    this.nanBitsObserved = false;
    this.addressObserved = false;
    this.openFloatObserved = false;
    this.races = undefined;
    this.thread = 0;
    this.borrow = undefined;
    this.tracked = NOT_TRACKED;
    this.tagAllocation = NO_TAGS;
    if (aliasing === "none") return;
    this.borrow = this.tracker(aliasing, implicitWrites);
    this.borrow.reset();
    this.syncTracker();
  }

  private tracker(aliasing: "tree" | "stacked", implicitWrites: boolean): BorrowTracker {
    const key = implicitWrites ? `${aliasing}, implicit writes` : aliasing;
    let tracker = this.trackers.get(key);
    if (tracker === undefined) {
      const source = { sizeOf: (id: number) => this.size[id]!, isLocal: (id: number) => this.kind[id] === STACK };
      tracker = createBorrowTracker(aliasing, source, { implicitWrites });
      this.trackers.set(key, tracker);
    }
    return tracker;
  }

  /** To be called after whatever may have made tags: the tracker's arrays grow. */
  syncTracker(): void {
    const { borrow } = this;
    if (borrow === undefined) return;
    this.tracked = borrow.tracked;
    this.tagAllocation = borrow.tagAllocation;
  }

  /** The allocation of a tag; what is no allocation's stays as it is. */
  allocationOf(tag: number): number {
    return tag < FIRST_TAG ? tag : this.tagAllocation[tag - FIRST_TAG]!;
  }

  /** Makes an entry for memory that is there: a local, or a function's address. */
  allocate(base: number, size: number, align: number, state: number, position: number, kind: number = STACK): number {
    const id = this.allocations++;
    if (id >= MOST_ALLOCATIONS) throw new ResourceExhaustion(`more than ${MOST_ALLOCATIONS} allocations`);
    if (id >= this.base.length) this.growTable();
    this.base[id] = base;
    this.size[id] = size;
    this.align[id] = align;
    this.state[id] = state;
    this.kind[id] = kind;
    this.bornAt[id] = position;
    // Globals are there before any thread, even if their memory is made when they are first used.
    if (kind !== GLOBAL) this.races?.allocate(this.thread, id, size);
    return id;
  }

  /** Allocates `size` uninitialised bytes above the stack. `kind` is `HEAP`, `C_HEAP` or `GLOBAL`. */
  allocateHeap(size: number, align: number, kind: number): number {
    const base = this.heap.allocate(size, align);
    if (!this.reserve(Math.max(base + size, HEAP_BASE + 4096)))
      throw new ResourceExhaustion(`more than ${LARGEST_ARENA} bytes of memory`);
    const id = this.allocate(base, size, align, LIVE, this.position, kind);
    this.deinit(base, size);
    return id;
  }

  /** Memory for frames that is nobody's, and stays. */
  region(size: number): number {
    const base = this.heap.allocate(size, REGION_ALIGN);
    if (!this.reserve(base + size)) throw new ResourceExhaustion(`more than ${LARGEST_ARENA} bytes of memory`);
    return base;
  }

  /** The end of what lies above the stack. */
  heapEnd(): number {
    return this.heap.end();
  }

  /** @throws ResourceExhaustion unless an allocation that large, or that far aligned, can be had */
  checkRoom(size: number, align: number): void {
    if (this.heap.end() + 2 * Math.max(size, align) > LARGEST_ARENA)
      throw new ResourceExhaustion(`an allocation of ${size} bytes aligned to ${align}`);
  }

  /** Ends an allocation, through the pointer `tag`. @throws BorrowTrap, RaceTrap */
  free(id: number, tag: number, position: number): void {
    if (this.borrow !== undefined && this.tracked[id] === 1) {
      this.borrow.position = position;
      this.borrow.dealloc(id, tag as Tag);
    }
    if (this.races !== undefined) {
      this.races.position = position;
      this.races.deallocate(this.thread, id, this.size[id]!);
    }
    this.state[id] = DEAD;
    this.diedAt[id] = position;
    if ((this.kind[id] === HEAP || this.kind[id] === C_HEAP) && this.exposed[id] === 0)
      this.heap.free(this.base[id]!, this.size[id]!, this.align[id]!);
  }

  private growTable(): void {
    const length = this.base.length * 2;
    const grow = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const grown = new Int32Array(length);
      grown.set(old);
      return grown;
    };
    const growBytes = (old: Uint8Array): Uint8Array<ArrayBuffer> => {
      const grown = new Uint8Array(length);
      grown.set(old);
      return grown;
    };
    this.base = grow(this.base);
    this.size = grow(this.size);
    this.align = grow(this.align);
    this.bornAt = grow(this.bornAt);
    this.diedAt = grow(this.diedAt);
    this.state = growBytes(this.state);
    this.kind = growBytes(this.kind);
    this.exposed = growBytes(this.exposed);
  }

  expose(tag: number): void {
    const id = this.allocationOf(tag);
    if (id <= 0) return;
    if (this.exposed[id] !== 1) {
      this.exposed[id] = 1;
      this.exposures.push(id);
    }
    this.borrow?.expose(id, tag as Tag);
    this.syncTracker();
  }

  /** What UB reports say of the allocation that a pointer belongs to. */
  describe(lo: number, tag: number): AllocationReport | undefined {
    const id = this.allocationOf(tag);
    if (id <= 0) return undefined;
    const alive = this.state[id] !== DEAD;
    return {
      id,
      kind:
        this.state[id] === FUNCTION ? "function" : this.state[id] === VTABLE ? "vtable" : KIND_NAMES[this.kind[id]!]!,
      size: this.size[id]!,
      align: this.align[id]!,
      alive,
      offset: (lo >>> 0) - this.base[id]!,
      bornAt: this.bornAt[id]!,
      diedAt: alive ? undefined : this.diedAt[id]!,
    };
  }

  /** The same of byte `offset` of allocation `id`. */
  describeAt(id: number, offset: number): AllocationReport | undefined {
    return id > 0 && id < this.allocations ? this.describe(this.base[id]! + offset, id) : undefined;
  }

  /** The allocation that a pointer may access at its address; a wildcard's is the exposed one that is there. */
  resolve(lo: number, hi: number, tag: number, size: number): number {
    if (tag !== WILDCARD) return this.allocationOf(tag);
    if (hi !== 0) return NO_PROVENANCE;
    for (const a of this.exposures) {
      const offset = (lo >>> 0) - this.base[a]!;
      if ((this.state[a]! & 1) === 1 && offset >= 0 && offset + size <= this.size[a]!) return a;
    }
    return NO_PROVENANCE;
  }

  /** Traps unless `size` bytes at a pointer may be accessed. Zero bytes may be anywhere. */
  checkBounds(lo: number, hi: number, tag: number, size: number): void {
    const id = tag < FIRST_TAG ? tag : this.allocationOf(tag);
    if (id > 0 && (this.state[id]! & 1) === 1 && hi === 0) {
      const offset = lo - this.base[id]!;
      if (offset >= 0 && offset + size <= this.size[id]!) return;
    }
    if (size === 0) return;
    this.failBounds(lo, hi, tag, size);
  }

  private failBounds(lo: number, hi: number, tag: number, size: number): void {
    if (tag === WILDCARD && this.resolve(lo, hi, tag, size) > 0) return;
    const id = this.allocationOf(tag);
    const address = addressText(lo, hi);
    if (tag === WILDCARD)
      throw new UbTrap("danglingPointer", `access of ${bytesText(size)} at ${address}, where no exposed memory is`);
    if (id <= 0)
      throw new UbTrap(
        "danglingPointer",
        `access of ${bytesText(size)} through a pointer without provenance, ${address}`,
      );
    const at = this.describe(lo, id);
    if (this.state[id] === DEAD)
      throw new UbTrap("danglingPointer", `access of ${bytesText(size)} of an allocation that is gone`, at);
    if (this.state[id] === FUNCTION) throw new UbTrap("danglingPointer", "access of a function's code as data", at);
    if (this.state[id] === VTABLE) throw new UbTrap("danglingPointer", "access of a vtable as data", at);
    throw new UbTrap(
      "outOfBounds",
      `access of ${bytesText(size)} at offset ${at?.offset} of an allocation of ${bytesText(at?.size ?? 0)}`,
      at,
    );
  }

  /**
   * Everything that an access of `size` bytes through a pointer must fulfil but alignment: bounds, mutability, aliasing, races.
   *
   * @throws UbTrap, BorrowTrap, RaceTrap
   */
  access(lo: number, hi: number, tag: number, size: number, write: boolean): void {
    this.checkBounds(lo, hi, tag, size);
    if (size === 0) return;
    const id = this.resolve(lo, hi, tag, size);
    if (id <= 0) return;
    if (write && this.state[id] !== LIVE)
      throw new UbTrap("writeToReadOnly", "a write to memory that is read-only", this.describe(lo, id));
    if (this.tracked[id] === 1 || this.races !== undefined) this.tell(id, tag, lo - this.base[id]!, size, write);
  }

  /** The checks of an atomic access, but those of alignment and races; answers the allocation. @throws UbTrap, BorrowTrap */
  accessAtomically(lo: number, hi: number, tag: number, size: number, write: boolean): number {
    this.checkBounds(lo, hi, tag, size);
    const id = this.resolve(lo, hi, tag, size);
    if (write && this.state[id] !== LIVE)
      throw new UbTrap("writeToReadOnly", "an atomic write to memory that is read-only", this.describe(lo, id));
    this.tellBorrow(id, tag, lo - this.base[id]!, size, write);
    return id;
  }

  private tellBorrow(id: number, tag: number, offset: number, size: number, write: boolean): void {
    const { borrow } = this;
    if (borrow === undefined || this.tracked[id] !== 1) return;
    borrow.position = this.position;
    if (write) borrow.write(id, tag as Tag, offset, size);
    else borrow.read(id, tag as Tag, offset, size);
  }

  /** Tells the aliasing model and the race detector of an access. */
  tell(id: number, tag: number, offset: number, size: number, write: boolean): void {
    const { races } = this;
    this.tellBorrow(id, tag, offset, size, write);
    if (races?.active === true) {
      races.position = this.position;
      if (write) races.write(this.thread, id, offset, size);
      else races.read(this.thread, id, offset, size);
    }
  }

  /** Whether a pointer is a multiple of `align`. */
  isAligned(lo: number, hi: number, tag: number, align: number): boolean {
    if (align === 1) return true;
    const a = tag === WILDCARD ? this.resolve(lo, hi, tag, 0) : this.allocationOf(tag);
    if (a <= 0 || (this.alignsByAddress && (lo & (align - 1)) === 0)) return (lo & (align - 1)) === 0;
    // The `align` of a vtable's entry is that of the type it is for.
    if (this.state[a] === VTABLE) return align <= VTABLE_ALIGN && ((lo - this.base[a]!) & (align - 1)) === 0;
    return this.align[a]! >= align && ((lo - this.base[a]!) & (align - 1)) === 0;
  }

  checkAlign(lo: number, hi: number, tag: number, align: number): void {
    if (align === 1 || this.isAligned(lo, hi, tag, align)) return;
    throw this.misaligned("misaligned", "pointer", lo, hi, tag, align);
  }

  private misaligned(kind: UbKind, noun: string, lo: number, hi: number, tag: number, align: number): UbTrap {
    const at = this.describe(lo, tag);
    // Of an allocation, its alignment and the offset in it say the rest.
    const address = at === undefined ? `: ${addressText(lo, hi)}` : "";
    return new UbTrap(kind, `a ${noun} that should be aligned to ${bytesText(align)} is not${address}`, at);
  }

  /** Traps unless the pointer is a valid reference (or box) to `size` bytes aligned to `align`. */
  checkReference(
    lo: number,
    hi: number,
    tag: number,
    size: number,
    align: number,
    noun: PointerNoun = "reference",
  ): void {
    if (lo === 0 && hi === 0) throw new UbTrap("invalidReference", `a null ${noun}`);
    if (!this.isAligned(lo, hi, tag, align)) {
      throw this.misaligned("invalidReference", noun, lo, hi, tag, align);
    }
    if (size === 0) return;
    const a = this.resolve(lo, hi, tag, size);
    const offset = a > 0 ? lo - this.base[a]! : -1;
    if (a > 0 && hi === 0 && (this.state[a]! & 1) === 1 && offset >= 0 && offset + size <= this.size[a]!) return;
    const why = this.whyDangling(lo, a);
    throw new UbTrap("invalidReference", `a dangling ${noun} (to ${bytesText(size)}): ${why}`, this.describe(lo, tag));
  }

  /** Why nothing may be accessed at `lo`, which belongs to allocation `id`. */
  private whyDangling(lo: number, id: number): string {
    if (id <= 0) return id === WILDCARD ? "no exposed memory is there" : "it has no provenance";
    switch (this.state[id]) {
      case DEAD:
        return "the allocation is gone";
      case FUNCTION:
        return "it points to a function";
      case VTABLE:
        return "it points to a vtable";
      default:
        return `it is at offset ${lo - this.base[id]!} of an allocation of ${bytesText(this.size[id]!)}`;
    }
  }

  /** A function pointer may not be null; that it points to a function is asked when it is called, as in Miri. */
  failNullFn(): never {
    throw new UbTrap("invalidFnPointer", "a null function pointer");
  }

  /** Traps unless the pointer is one to a function; answers its allocation. */
  checkFnPointer(lo: number, hi: number, tag: number): number {
    const isAt = (id: number): boolean => this.state[id] === FUNCTION && this.base[id] === lo;
    if (tag > 0 && hi === 0 && isAt(tag)) return tag;
    const exposed = tag === WILDCARD && hi === 0 ? this.exposures.find(isAt) : undefined;
    if (exposed !== undefined) return exposed;
    const at = this.describe(lo, tag);
    const address = at === undefined ? `: ${addressText(lo, hi)}` : "";
    throw new UbTrap("invalidFnPointer", `a function pointer that points to no function${address}`, at);
  }

  /** Traps unless the pointer is one to a vtable; answers its allocation. */
  checkVtable(lo: number, hi: number, tag: number): number {
    if (tag > 0 && hi === 0 && this.state[tag] === VTABLE && this.base[tag] === lo) return tag;
    const at = this.describe(lo, tag);
    const address = at === undefined ? `: ${addressText(lo, hi)}` : "";
    throw new UbTrap("invalidVtable", `a pointer to a vtable that points to none${address}`, at);
  }

  /** The size of the type whose vtable the allocation is; its alignment is the allocation's `align`. */
  vtableSize(vtable: number): number {
    return this.size[vtable]!;
  }

  /** Traps unless `size` bytes hold a plain value, and marks what its reading tells: bits of NaNs, addresses. */
  checkInit(at: number, size: number): void {
    const { marks } = this;
    for (let i = at; i < at + size; i++) {
      const mark = marks[i]!;
      if (mark === INIT) continue;
      if (mark === UNINIT) this.failUninit(at);
      if (mark === NAN_BYTE) this.nanBitsObserved = true;
      else this.addressObserved = true;
    }
  }

  /** The same for bytes that stay what they are: pointers remain pointers. */
  checkInitialised(at: number, size: number): void {
    for (let i = at; i < at + size; i++) if (this.marks[i] === UNINIT) this.failUninit(at);
  }

  /** The same for a float: a NaN remains one. */
  checkInitFloat(at: number, size: number): void {
    for (let i = at; i < at + size; i++) {
      const mark = this.marks[i]!;
      if (mark === UNINIT) this.failUninit(at);
      if (mark !== INIT && mark !== NAN_BYTE) this.addressObserved = true;
    }
  }

  /** Says which byte from `at` on is uninitialised, and of what. */
  private failUninit(at: number): never {
    let byte = at;
    while (this.marks[byte] !== UNINIT) byte++;
    for (let id = this.allocations - 1; id > 0; id--) {
      const offset = byte - this.base[id]!;
      if ((this.state[id]! & 1) === 1 && offset >= 0 && offset < this.size[id]!)
        throw new UbTrap("uninit", `read of uninitialised memory, from offset ${offset}`, this.describe(byte, id));
    }
    throw new UbTrap("uninit", "read of uninitialised memory", undefined, { byte });
  }

  /** The provenance of the pointer stored at `at`: none when its bytes are not those of one whole pointer. */
  loadProvenance(at: number): number {
    const { marks, prov } = this;
    const tag = prov[at]!;
    let whole = true;
    for (let k = 0; k < 8; k++) {
      const mark = marks[at + k]!;
      if (mark === UNINIT) this.failUninit(at);
      if (mark !== POINTER_BYTE + k || prov[at + k] !== tag) whole = false;
      if (mark === NAN_BYTE) this.nanBitsObserved = true;
    }
    return whole ? tag : NO_PROVENANCE;
  }

  storePointer(at: number, lo: number, hi: number, tag: number): void {
    this.view.setInt32(at, lo, true);
    this.view.setInt32(at + 4, hi, true);
    if (tag === NO_PROVENANCE) {
      this.marks.fill(INIT, at, at + 8);
      return;
    }
    for (let k = 0; k < 8; k++) {
      this.marks[at + k] = POINTER_BYTE + k;
      this.prov[at + k] = tag;
    }
  }

  /** Stores the low `size` bytes of `bits`. */
  storeBits(at: number, bits: bigint, size: number): void {
    let rest = bits;
    for (let i = 0; i < size; i++) {
      this.bytes[at + i] = Number(rest & 0xffn);
      rest >>= 8n;
    }
    this.marks.fill(INIT, at, at + size);
  }

  /** `size` bytes as an unsigned number; what they are marked as is the caller's. */
  loadBits(at: number, size: number): bigint {
    let bits = 0n;
    for (let i = size - 1; i >= 0; i--) bits = (bits << 8n) | BigInt(this.bytes[at + i]!);
    return bits;
  }

  /** Copies bytes with all that is known of them; the two may overlap. */
  copyRaw(src: number, dst: number, size: number): void {
    this.bytes.copyWithin(dst, src, src + size);
    this.marks.copyWithin(dst, src, src + size);
    this.prov.copyWithin(dst, src, src + size);
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

export function addressText(lo: number, hi: number): string {
  return `0x${((BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0)).toString(16)}`;
}
