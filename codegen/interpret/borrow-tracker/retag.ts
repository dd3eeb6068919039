/**
 * What a retag does, as far as types decide it: the compiler of bodies makes one `RetagShape` per pointee type, kind of pointer and
 * mode, and hands the same object in at every execution.
 *
 * Sources: rustc's `AddRetag`, Miri's `borrow_tracker/{tree,stacked}_borrows/mod.rs` (`NewPermission`).
 */

/** A half-open range of bytes. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** `&T`, `&mut T`, `Box<T>` (with the global allocator), and the raw pointer that a reference was cast to. */
export type RetagPointer = "shared" | "mutable" | "box" | "raw const" | "raw mut";

export interface RetagShape {
  readonly pointer: RetagPointer;
  /** A two-phase borrow: `&two_phase mut`, the autoref of a method call. Only for `mutable`. */
  readonly twoPhase: boolean;
  /** The pointee is `Freeze`: it has no `UnsafeCell` outside of an indirection. */
  readonly freeze: boolean;
  /** The pointee is `Unpin` (and `UnsafeUnpin`). */
  readonly unpin: boolean;
  /** The bytes inside `UnsafeCell`, ascending and disjoint, relative to the pointer; empty when `freeze`. */
  readonly cells: readonly ByteRange[];
  /**
   * Of a pointee that ends in a slice: where the elements begin, their size, and the cells of one element relative to it.
   * `cells` then covers what comes before.
   */
  readonly tail?: { readonly start: number; readonly stride: number; readonly cells: readonly ByteRange[] };
}

/** The shape of a pointer to bytes that are all alike: all outside of `UnsafeCell`, or all inside. */
export function uniformShape(
  pointer: RetagPointer,
  options: { cell?: boolean; twoPhase?: boolean; unpin?: boolean } = {},
): RetagShape {
  return {
    pointer,
    twoPhase: options.twoPhase ?? false,
    freeze: options.cell !== true,
    unpin: options.unpin ?? true,
    cells: options.cell === true ? [{ start: 0, end: Number.MAX_SAFE_INTEGER }] : [],
  };
}

/**
 * Calls `visit` for the bytes of a pointee of `size` bytes, in order: maximal ranges that are all frozen (outside of `UnsafeCell`) or
 * all not. A retag through `shared` reads the frozen ones: the data race detector is to be told of them.
 */
export function visitFreezeSensitive(
  shape: RetagShape,
  size: number,
  visit: (start: number, end: number, frozen: boolean) => void,
): void {
  let at = 0;
  let cellEnd = -1;
  let cellStart = -1;
  const flushCell = (): void => {
    if (cellEnd > cellStart) visit(cellStart, cellEnd, false);
    cellStart = -1;
    cellEnd = -1;
  };
  const cell = (start: number, end: number): void => {
    const from = Math.min(start, size);
    const to = Math.min(end, size);
    if (from >= to) return;
    if (from > at || cellEnd < 0) {
      flushCell();
      if (from > at) visit(at, from, true);
      cellStart = from;
    }
    cellEnd = to;
    at = to;
  };
  for (const range of shape.cells) cell(range.start, range.end);
  const { tail } = shape;
  if (tail !== undefined && tail.stride > 0 && tail.cells.length > 0) {
    for (let base = tail.start; base < size; base += tail.stride) {
      for (const range of tail.cells) cell(base + range.start, base + range.end);
    }
  }
  flushCell();
  if (at < size) visit(at, size, true);
}
