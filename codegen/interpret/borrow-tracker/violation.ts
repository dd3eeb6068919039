/**
 * What a borrow tracker reports: which tag was not allowed to do what, where it came from, and what took its permission away.
 */

import type { Entity } from "../../entity/entity.ts";

/**
 * The provenance of a pointer. The *root* tag of an allocation is the allocation's own number; the tags that retags make begin at
 * `FIRST_TAG`, and each belongs to one allocation for ever. `0` is no provenance, `WILDCARD_TAG` that of an exposed address.
 */
export type Tag = Entity<"tag">;

export const NO_TAG: Tag = 0 as Tag;
export const WILDCARD_TAG: Tag = -1 as Tag;

/** Above all numbers of allocations. */
export const FIRST_TAG: number = 1 << 24;

/** Why memory was touched. A *function exit* is the implicit access of Tree Borrows when a protector ends. */
export type AccessCause = "read" | "write" | "reborrow" | "dealloc" | "function exit";

/** The names of both models' permissions. */
export type Permission =
  | "Cell"
  | "Reserved"
  | "Reserved (conflicted)"
  | "Reserved (interior mutable)"
  | "Unique"
  | "Frozen"
  | "Disabled"
  | "SharedReadWrite"
  | "SharedReadOnly"
  | "(not in the stack)";

export interface BorrowEvent {
  readonly kind: "created" | "activated" | "frozen" | "conflicted" | "disabled" | "invalidated";
  /** The tag that the event happened to, and the one that was used; `NO_TAG` for reads, of which only the position is kept. */
  readonly tag: Tag;
  readonly by: Tag;
  /** The machine's number of the position; -1 when it is not known any more. */
  readonly position: number;
}

export interface TagReport {
  readonly tag: Tag;
  /** Where it was created; -1 for the root of an allocation. */
  readonly createdAt: number;
  /** Its permission at the offset in question. */
  readonly permission: Permission;
}

export type ViolationKind =
  /** The tag, or one that it was derived from, has not the permission. */
  | "forbidden"
  /** The access would take away the permission of a tag that is protected, for a function that got it as argument still runs. */
  | "protected"
  /** Memory was freed while a function that got a reference to it as argument still runs. */
  | "protectedDealloc"
  /** An access through an exposed address, and no exposed tag allows it. */
  | "noExposedTag";

export interface BorrowViolation {
  readonly model: "tree" | "stacked";
  readonly kind: ViolationKind;
  readonly cause: AccessCause;
  readonly access: "read" | "write";
  readonly allocation: number;
  /** The bytes of the access, and the first one where it is not allowed. */
  readonly offset: number;
  readonly size: number;
  readonly at: number;
  readonly accessed: TagReport;
  /** The tag whose permission is in the way: the accessed one, one that it was derived from, or a protected one. */
  readonly conflicting: TagReport;
  readonly relation: "self" | "ancestor" | "foreign" | "unknown";
  readonly protector?: { readonly call: number; readonly kind: "strong" | "weak" };
  /** Oldest first. */
  readonly events: readonly BorrowEvent[];
}

/** Thrown by a tracker at a violation of the aliasing rules. */
export class BorrowTrap extends Error {
  readonly violation: BorrowViolation;

  constructor(violation: BorrowViolation) {
    super(violationMessage(violation));
    this.violation = violation;
  }
}

/** One line that says what is wrong; positions and history are left to the caller, who can print them. */
export function violationMessage(v: BorrowViolation): string {
  const what = v.cause === v.access ? `${v.access} access` : `${v.cause} (acting as ${v.access})`;
  const where = `at offset ${v.at} of allocation ${v.allocation}`;
  const accessed = tagName(v.accessed.tag);
  const conflicting = tagName(v.conflicting.tag);
  const { permission } = v.conflicting;
  const state = permission === "(not in the stack)" ? "is not in the stack" : `has the state ${permission}`;
  switch (v.kind) {
    case "forbidden":
      if (v.relation === "self") return `${what} through ${accessed} ${where} is forbidden: the tag ${state}`;
      return `${what} through ${accessed} ${where} is forbidden: ${conflicting}, which it was derived from, ${state}`;
    case "protected":
      return `${what} through ${accessed} ${where} is forbidden: it would invalidate ${conflicting} (${v.conflicting.permission}), which call ${v.protector?.call} protects (${v.protector?.kind})`;
    case "protectedDealloc":
      return `deallocation through ${accessed} of allocation ${v.allocation} is forbidden: call ${v.protector?.call} protects ${conflicting}`;
    case "noExposedTag":
      return `${what} through an exposed address ${where} is forbidden: no exposed tag allows it`;
  }
}

function tagName(tag: Tag): string {
  if (tag === WILDCARD_TAG) return "<wildcard>";
  return tag < FIRST_TAG ? `the root of allocation ${tag}` : `tag <${tag - FIRST_TAG}>`;
}
