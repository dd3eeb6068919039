/**
 * Tree Borrows without visiting the tree.
 *
 * The rules are stated per node of the tree of tags and per byte: each access is a *child* access to the node it goes through and to
 * the nodes that one was derived from, and a *foreign* access to all others; each node has a permission that the two kinds of access
 * move (`Reserved` → `Unique` → `Frozen` → `Disabled`). An access would visit the whole tree. But a node's permission follows from
 * little:
 *
 * - Take the last write of the byte. It was a child write to its *chain*: the writing node and all that it was derived from. So these
 *   were all `Unique` then (or are `Cell`, which never changes). Only reads came after: a node of the chain was frozen by a read that was
 *   foreign to it, that is, unless all readers since are derived from it. So one node, the deepest that is still `Unique`, tells `Unique`
 *   from `Frozen` for the whole chain.
 * - To a node off the chain the write was foreign, if the node existed: it is `Disabled`, unless it is `Cell`, or interior mutable and was
 *   never written through. A node that was made after the write has the permission it was made with, as reads change nothing there.
 *
 * What remains are protected nodes, on which foreign accesses have an effect at once (an error, or the *conflicted* mark): there are as
 * few as arguments of running functions, and each range lists those that accessed it. So an access costs a walk in the tree from its node
 * to the chain, whatever the number of nodes.
 *
 * Two events are not of this form and are kept as exceptions of a range: the implicit write when a protector ends, which the nodes derived
 * from the protected one do not see; and writes through a wildcard of which it is not known which exposed node they went through.
 *
 * Sources: the paper, and Miri's `tree_borrows/{perms,tree,wildcard}.rs`.
 */

import type { ByteRange } from "../retag.ts";
import { ROOT, type TagTable } from "../tag-table.ts";
import type { AccessCause, Permission } from "../violation.ts";
import {
  type Exceptions,
  type Guards,
  type Locations,
  READ,
  SHIFT,
  UNIQUE_FROM,
  UNIQUE_TO,
  VARIED,
  WRITER,
  WRITTEN,
} from "./locations.ts";

/** Permissions. The first four are those that a node can be made with. */
export const CELL = 0;
export const RESERVED = 1;
export const RESERVED_IM = 2;
export const FROZEN = 3;
export const UNIQUE = 4;
export const DISABLED = 5;

/** Flags of nodes: the permission they were made with outside of the `MIXED` ranges, and: */
export const MADE_AS = 7;
export const STRONG = 8;
export const WEAK = 16;
export const PROTECTED: number = STRONG | WEAK;
export const EXPOSED = 32;
/** Some bytes of its pointee are in an `UnsafeCell` and some are not. */
export const MIXED = 64;
/** It was derived from a wildcard: what is above it is not known. */
export const WILD = 128;

/** Flags of a guard. */
export const ACCESSED = 1;
export const CONFLICTED = 2;

/** A protected node, while it is protected. */
export interface Protection {
  readonly node: number;
  readonly call: number;
  readonly tree: Tree;
  /** The bytes that it was made for: it has accessed those that are not `Cell` to it. */
  readonly start: number;
  readonly end: number;
  /** It was derived from the protected node that was made before, for a part of that one's bytes, and so on. */
  readonly nested: boolean;
  /** Some range has a guard of it, and bounds of what was accessed through it or has a guard. */
  isExplicit: boolean;
  from: number;
  to: number;
  /** The birth of the newest node of the tree that is not derived from this one. */
  newestOutside: number;
}

/** The tree of one allocation. */
export interface Tree {
  allocation: number;
  size: number;
  /** Its index among the trees of live allocations. */
  slot: number;
  readonly locations: Locations;
  /** The birth of the newest node. */
  births: number;
  /** The same while accesses that change nothing may be skipped without a look at exceptions; else out of reach. */
  skippable: number;
  /** The birth of the newest protected node. */
  protectedBirth: number;
  /** The newest node; `TagTable.older` leads to the others. */
  newest: number;
  /** Oldest first. */
  readonly protections: Protection[];
  readonly exposed: number[];
  /** Some node was derived from a wildcard. */
  wild: boolean;
  /** For `MIXED` nodes, the bytes that are frozen. */
  readonly frozenRanges: Map<number, readonly ByteRange[]>;
  alive: boolean;
}

/** Births that are never reached. */
export const NEVER = 0x7fffffff;

/** What all functions of the model share: the tags, and the access that is being made. */
export interface Cx {
  readonly tags: TagTable;
  position: number;
  cause: AccessCause;
  offset: number;
  size: number;
  /** Results of `meet`. */
  below: number;
}

/** The deepest node that both were derived from; `cx.below` becomes the node under it on the way to `node`, or -1. */
export function meet(cx: Cx, node: number, other: number): number {
  const { parent, depth } = cx.tags;
  let a = node;
  let b = other;
  let below = -1;
  while (depth[a]! > depth[b]!) {
    below = a;
    a = parent[a]!;
  }
  while (depth[b]! > depth[a]!) b = parent[b]!;
  while (a !== b) {
    below = a;
    a = parent[a]!;
    b = parent[b]!;
  }
  cx.below = below;
  return a;
}

/** The permission that a node was made with at an offset. */
export function madeAs(cx: Cx, tree: Tree, node: number, offset: number): number {
  const flags = cx.tags.flags[node]!;
  const outside = flags & MADE_AS;
  if ((flags & MIXED) === 0) return outside;
  for (const range of tree.frozenRanges.get(node) ?? []) {
    if (offset >= range.start && offset < range.end) return outside === CELL ? FROZEN : RESERVED;
  }
  return outside;
}

/** The permission of a node in a range; where that is `VARIED`, at its first byte. */
export function permissionOf(cx: Cx, tree: Tree, range: number, node: number): number {
  return permissionAt(cx, tree, range, node, tree.locations.start(range));
}

/** The permission of a node at an offset that lies in a range. */
export function permissionAt(cx: Cx, tree: Tree, range: number, node: number, offset: number): number {
  if (node === ROOT) return UNIQUE;
  const { locations } = tree;
  const made = madeAs(cx, tree, node, offset);
  if (made === CELL) return CELL;
  const exceptions = locations.exceptions[range];
  if (exceptions !== undefined) {
    const spared = sparedPermission(exceptions, node);
    if (spared >= 0) return spared;
  }
  if (cx.tags.isAncestorOrSelf(node, locations.at(range, offset, WRITER))) {
    return cx.tags.depth[node]! <= cx.tags.depth[locations.at(range, offset, UNIQUE_TO)]! ? UNIQUE : FROZEN;
  }
  return offChain(cx, tree, node, made, locations.at(range, offset, WRITTEN), exceptions);
}

/** The permission of a node that is not on the chain of a range, and not spared. */
export function offChain(
  cx: Cx,
  tree: Tree,
  node: number,
  made: number,
  written: number,
  exceptions: Exceptions | undefined,
): number {
  if (made === CELL) return CELL;
  if (made === RESERVED_IM) return exceptions?.activated.includes(node) ? DISABLED : RESERVED_IM;
  const birth = cx.tags.birth[node]!;
  if (birth <= written) return DISABLED;
  if (exceptions !== undefined) {
    for (const exit of exceptions.exits) {
      if (birth <= exit.at && !isHiddenFrom(cx, tree, exit.node, exit.exposedFrom, node)) return DISABLED;
    }
  }
  return made;
}

/** Whether an access through `node` is the same everywhere in a `VARIED` range: what it goes through below the chains is newer than the writes. */
export function isSameThroughout(cx: Cx, tree: Tree, range: number, node: number): boolean {
  const { data } = tree.locations;
  const { depth, birth } = cx.tags;
  const at = range << SHIFT;
  const unique = data[at + UNIQUE_TO]!;
  const from = data[at + UNIQUE_FROM]!;
  const join = meet(cx, node, unique);
  if (cx.below >= 0 && birth[cx.below]! <= data[at + WRITTEN]!) return false;
  if (join === unique) {
    if (from !== unique && isProtectedBetween(cx, from, unique)) return false;
  } else if (depth[join]! > depth[from]!) return false;
  return areGuardsSameThroughout(cx, tree, range);
}

/** Whether a node on the way from `above` to `below`, which was derived from it, is protected. */
function isProtectedBetween(cx: Cx, above: number, below: number): boolean {
  for (let n = below; n !== above; n = cx.tags.parent[n]!) if ((cx.tags.flags[n]! & PROTECTED) !== 0) return true;
  return false;
}

/** Whether each protected node that accessed a range has the same permission everywhere in it. */
export function areGuardsSameThroughout(cx: Cx, tree: Tree, range: number): boolean {
  const { locations, protections } = tree;
  for (const p of protections) {
    const isFree =
      !isInBounds(p, locations.start(range)) && explicitGuard(locations.guards[range], p.node) === NO_GUARD;
    if (!isFree && !hasOnePermission(cx, tree, range, p.node)) return false;
  }
  return true;
}

/** Whether a node surely has the same permission everywhere in a range. */
export function hasOnePermission(cx: Cx, tree: Tree, range: number, node: number): boolean {
  const { data } = tree.locations;
  const at = range << SHIFT;
  if (data[at + WRITER] !== VARIED) return true;
  return cx.tags.birth[node]! > data[at + WRITTEN]! || cx.tags.isAncestorOrSelf(node, data[at + UNIQUE_FROM]!);
}

/**
 * Whether a protector's end at `exiting` is invisible to `node`, for that was, or may have been, derived from it; or is no foreign access,
 * for it may be that `exiting`, by way of a wildcard, was derived from `node`.
 */
export function isHiddenFrom(cx: Cx, tree: Tree, exiting: number, exposedFrom: number, node: number): boolean {
  const { tags } = cx;
  if (exiting < 0) return false;
  if (tags.isAncestorOrSelf(exiting, node)) return true;
  if (!tree.wild) return false;
  if (tags.birth[treeRoot(cx, node)]! > exposedFrom) return true;
  const before = tags.birth[treeRoot(cx, exiting)]!;
  return tree.exposed.some((exposed) => tags.birth[exposed]! < before && tags.isAncestorOrSelf(node, exposed));
}

/** The node under the root that `node` was derived from: for nodes derived from a wildcard, the first that was. */
export function treeRoot(cx: Cx, node: number): number {
  const { parent, depth } = cx.tags;
  let at = node;
  while (depth[at]! > 1) at = parent[at]!;
  return (cx.tags.flags[at]! & WILD) !== 0 ? at : ROOT;
}

export function sparedPermission(exceptions: Exceptions, node: number): number {
  const { spared } = exceptions;
  for (let k = 0; k < spared.length; k += 2) if (spared[k] === node) return spared[k + 1]!;
  return -1;
}

/** That a node has no guard of its own in a range. */
export const NO_GUARD = -1;

/** The flags of the guard that a range has of a node, or `NO_GUARD`. */
export function explicitGuard(guards: Guards | undefined, node: number): number {
  if (guards !== undefined) {
    for (let k = 0; k < guards.length; k += 2) if (guards[k] === node) return guards[k + 1]!;
  }
  return NO_GUARD;
}

/** Whether an offset is one of the bytes that a protected node was made for. */
export function isInBounds(p: Protection, offset: number): boolean {
  return offset >= p.start && offset < p.end;
}

export function hasAccessedByBounds(cx: Cx, tree: Tree, p: Protection, offset: number): boolean {
  return isInBounds(p, offset) && madeAs(cx, tree, p.node, offset) !== CELL;
}

/** The flags of a protected node at an offset in a range; those of one that did not access it follow from whether anybody read. */
export function guardOf(cx: Cx, tree: Tree, range: number, node: number, offset: number): number {
  const { locations, protections } = tree;
  const flags = explicitGuard(locations.guards[range], node);
  if (flags !== NO_GUARD) return flags;
  for (let k = protections.length - 1; k >= 0; k--) {
    const p = protections[k]!;
    if (p.node !== node) continue;
    if (hasAccessedByBounds(cx, tree, p, offset)) return ACCESSED;
    break;
  }
  return locations.data[(range << SHIFT) + READ]! >= cx.tags.birth[node]! ? CONFLICTED : 0;
}

const NAMES: readonly Permission[] = [
  "Cell",
  "Reserved",
  "Reserved (interior mutable)",
  "Frozen",
  "Unique",
  "Disabled",
];

export function permissionName(cx: Cx, tree: Tree, range: number, node: number, offset: number): Permission {
  const permission = permissionAt(cx, tree, range, node, offset);
  if (permission === RESERVED && (cx.tags.flags[node]! & PROTECTED) !== 0) {
    if ((guardOf(cx, tree, range, node, offset) & CONFLICTED) !== 0) return "Reserved (conflicted)";
  }
  return NAMES[permission]!;
}
