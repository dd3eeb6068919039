/**
 * The aliasing models of Rust, as engines that know nothing of the machine: *Tree Borrows* and *Stacked Borrows*.
 *
 * A pointer's provenance is a *tag* (see `Tag`). A *retag* derives a tag from another, with the permissions that a kind of reference
 * has; every access says through which tag it happens, and what the access means to the other tags of the bytes decides whether it is
 * allowed. A *protector* keeps a tag that a function got as an argument valid until the function returns.
 *
 * An allocation costs nothing until it is first retagged: `tracked[alloc]` says whether accesses must be told.
 *
 * Sources: Villani, Hostert, Dreyer, Jung: "Tree Borrows" (PLDI 2025); Jung, Dang, Kang, Dreyer: "Stacked Borrows" (POPL 2020);
 * Miri's `src/borrow_tracker`.
 */

import type { RetagShape } from "./retag.ts";
import { StackedBorrows } from "./stacked-borrows/stacked-borrows.ts";
import { TreeBorrows } from "./tree-borrows/tree-borrows.ts";
import type { Permission, Tag } from "./violation.ts";

/** What a tracker asks about allocations, once each, when they are first retagged. */
export interface AllocationSource {
  /** Bytes. */
  sizeOf(alloc: number): number;
  /** A local of a function: Stacked Borrows gives its root `Unique`; the roots of all else are `SharedReadWrite`. */
  isLocal(alloc: number): boolean;
}

export interface BorrowTracker {
  /**
   * The caller's number of what is being executed, to be set before each call below whose violation or event it wants to find again.
   * Kept as it is; from 0 to 2^31 - 1.
   */
  position: number;

  /**
   * By allocation: 1 when `read`, `write` and `dealloc` must be called for it; anything else, or an index past the end, says that any
   * access is allowed. The array is replaced when it grows.
   */
  tracked: Uint8Array<ArrayBuffer>;

  /** The allocation of `tag - FIRST_TAG`, for tags from `FIRST_TAG` on. The array is replaced when it grows. */
  tagAllocation: Int32Array<ArrayBuffer>;

  /** Tags made since the last `retainTags` are so many that it is worth calling. */
  collectionDue: boolean;

  /**
   * Derives a tag from `tag`, which may be `WILDCARD_TAG`. The bytes must have been checked to be in bounds. Returns `tag` itself
   * where the model does not retag (raw pointers of Tree Borrows, `!Unpin` pointees).
   *
   * `protectedBy` is the number of the running call when this is the retag of an argument at a function's entry, -1 else. Numbers of
   * calls are small and belong to one live call each.
   *
   * @throws BorrowTrap when the access that the retag counts as is not allowed
   */
  retag(alloc: number, tag: Tag, offset: number, size: number, shape: RetagShape, protectedBy: number): Tag;

  /**
   * Nobody may access the bytes until `call` ends: of the return place, and of arguments that are passed in place. Counts as a write
   * through `tag`.
   *
   * @throws BorrowTrap
   */
  protectPlace(alloc: number, tag: Tag, offset: number, size: number, call: number): void;

  /** @throws BorrowTrap */
  read(alloc: number, tag: Tag, offset: number, size: number): void;

  /** @throws BorrowTrap */
  write(alloc: number, tag: Tag, offset: number, size: number): void;

  /** Before all of the allocation is freed: by the heap, `StorageDead`, or the end of a frame (through the root). @throws BorrowTrap */
  dealloc(alloc: number, tag: Tag): void;

  /** Whether `protectorEnd` has anything to do. */
  hasProtectors(call: number): boolean;

  /** When a call returns or unwinds, before the return value is copied out and locals are freed. @throws BorrowTrap */
  protectorEnd(call: number): void;

  /** The address of a pointer with this tag was exposed. */
  expose(alloc: number, tag: Tag): void;

  /**
   * Forgets the tags that no pointer has any more. `isLive[tag - FIRST_TAG]` is 1 for those that are the provenance of any pointer in
   * memory, registers or frames; exposed and protected tags are kept without. Numbers of forgotten tags are given out again. `scanned`
   * is how many words were looked at to know them: the more, the rarer is `collectionDue`.
   */
  retainTags(isLive: Uint8Array, scanned?: number): void;

  /** One more than the largest `tag - FIRST_TAG` in use: the length that `isLive` needs. */
  tagCount(): number;

  /** Forgets everything: a new run begins. */
  reset(): void;

  /** The permission of a tag at an offset, for reports and tests. */
  permissionAt(alloc: number, tag: Tag, offset: number): Permission;
}

export interface TreeBorrowsOptions {
  /** `-Zmiri-tree-borrows-implicit-writes`: a protected `&mut` or `Box` argument counts as written at function entry. */
  readonly implicitWrites?: boolean;
}

/** A tracker for one run at a time. */
export function createBorrowTracker(
  model: "tree" | "stacked",
  source: AllocationSource,
  options: TreeBorrowsOptions = {},
): BorrowTracker {
  return model === "tree" ? new TreeBorrows(source, options) : new StackedBorrows(source);
}
