/** Short programs over one allocation, for tests: what a few lines of Rust do to the borrow tracker. */

import { type BorrowTracker, createBorrowTracker, type TreeBorrowsOptions } from "../borrow-tracker.ts";
import { type RetagPointer, type RetagShape, uniformShape } from "../retag.ts";
import { BorrowTrap, type BorrowViolation, type Tag, WILDCARD_TAG } from "../violation.ts";

export const ALLOCATION = 7;
export const SIZE = 8;

export interface RetagOptions {
  readonly at?: number;
  readonly size?: number;
  /** The call that protects the tag. */
  readonly call?: number;
  /** All of the pointee is in an `UnsafeCell`. */
  readonly cell?: boolean;
  readonly shape?: RetagShape;
}

export class Program {
  readonly tracker: BorrowTracker;
  readonly root = ALLOCATION as Tag;
  readonly wildcard: Tag = WILDCARD_TAG;

  constructor(model: "tree" | "stacked", options?: TreeBorrowsOptions, isLocal = true) {
    this.tracker = createBorrowTracker(model, { sizeOf: () => SIZE, isLocal: () => isLocal }, options);
  }

  private retag(
    from: Tag,
    pointer: RetagPointer,
    o: RetagOptions,
    more: { twoPhase?: boolean; unpin?: boolean } = {},
  ): Tag {
    this.tracker.position++;
    const shape = o.shape ?? uniformShape(pointer, { cell: o.cell === true, ...more });
    return this.tracker.retag(ALLOCATION, from, o.at ?? 0, o.size ?? 4, { ...shape, pointer }, o.call ?? -1);
  }

  /** `&mut *from` */
  mut(from: Tag, o: RetagOptions = {}): Tag {
    return this.retag(from, "mutable", o);
  }

  /** `&mut *from`, written through. */
  written(from: Tag, o: RetagOptions = {}): Tag {
    const tag = this.mut(from, o);
    this.write(tag);
    return tag;
  }

  /** `&mut *from` of a `!Unpin` type. */
  pinned(from: Tag, o: RetagOptions = {}): Tag {
    return this.retag(from, "mutable", o, { unpin: false });
  }

  /** `&two_phase mut *from` */
  twoPhase(from: Tag, o: RetagOptions = {}): Tag {
    return this.retag(from, "mutable", o, { twoPhase: true });
  }

  /** `&*from` */
  shr(from: Tag, o: RetagOptions = {}): Tag {
    return this.retag(from, "shared", o);
  }

  box(from: Tag, o: RetagOptions = {}): Tag {
    return this.retag(from, "box", o);
  }

  /** `&raw mut *from` */
  raw(from: Tag, o: RetagOptions = {}): Tag {
    return this.retag(from, "raw mut", o);
  }

  /** `&raw const *from` */
  rawConst(from: Tag, o: RetagOptions = {}): Tag {
    return this.retag(from, "raw const", o);
  }

  /** `&mut *from as *mut _` */
  mutRaw(from: Tag, o: RetagOptions = {}): Tag {
    return this.raw(this.mut(from, o), o);
  }

  read(tag: Tag, at = 0, size = 4): void {
    this.tracker.position++;
    this.tracker.read(ALLOCATION, tag, at, size);
  }

  write(tag: Tag, at = 0, size = 4): void {
    this.tracker.position++;
    this.tracker.write(ALLOCATION, tag, at, size);
  }

  end(call: number): void {
    this.tracker.position++;
    this.tracker.protectorEnd(call);
  }

  free(tag: Tag): void {
    this.tracker.position++;
    this.tracker.dealloc(ALLOCATION, tag);
  }

  expose(tag: Tag): void {
    this.tracker.expose(ALLOCATION, tag);
  }

  state(tag: Tag, at = 0): string {
    return this.tracker.permissionAt(ALLOCATION, tag, at);
  }
}

/** The violation that `run` ends with, or undefined. */
export function violationOf(run: () => void): BorrowViolation | undefined {
  try {
    run();
  } catch (e) {
    if (e instanceof BorrowTrap) return e.violation;
    throw e;
  }
  return undefined;
}
