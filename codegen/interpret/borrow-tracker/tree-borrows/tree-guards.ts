/**
 * Protected nodes, and what accesses mean to them.
 *
 * A protected node has *accessed* the bytes it was made for, unless they are `Cell` to it: that follows from its bounds. Accesses elsewhere, and
 * conflicts, are kept as *guards* of ranges: a node, and its `ACCESSED | CONFLICTED`. Functions call functions with what they got: most
 * protected nodes of a tree are *nested*, each derived from the one before and made for a part of its bytes. To an access through what was
 * derived from the last of them, inside its bounds, all are local and have accessed the bytes, which is known at once.
 */

import { type Guards, READ, SHIFT } from "./locations.ts";
import { violation } from "./tree-error.ts";
import {
  ACCESSED,
  CELL,
  CONFLICTED,
  type Cx,
  DISABLED,
  explicitGuard,
  guardOf,
  hasAccessedByBounds,
  isInBounds,
  NO_GUARD,
  PROTECTED,
  type Protection,
  permissionOf,
  RESERVED,
  type Tree,
  UNIQUE,
} from "./tree-state.ts";

/** Whether the accessing node was derived from all protected ones, and these have accessed all of the bytes. */
export function isInnermost(cx: Cx, tree: Tree, node: number, start: number, end: number): boolean {
  const last = tree.protections[tree.protections.length - 1];
  if (last === undefined) return true;
  return last.nested && start >= last.start && end <= last.end && cx.tags.isAncestorOrSelf(last.node, node);
}

/** Ranges are to lie inside of the bounds of each protected node or outside of them, from `offset` to `end`. */
export function splitAtBounds(tree: Tree, offset: number, end: number): void {
  const { locations, protections } = tree;
  for (let k = protections.length - 1; k >= 0; k--) {
    const { start, end: to } = protections[k]!;
    if (start > offset && start < end) locations.splitAt(start);
    if (to > offset && to < end) locations.splitAt(to);
  }
}

/** Whether a read through `node` surely changes nothing for protected nodes, anywhere in a range. */
export function guardsIgnoreRead(cx: Cx, tree: Tree, range: number, node: number): boolean {
  const { locations, protections } = tree;
  const start = locations.start(range);
  const end = locations.end(range);
  const guards = locations.guards[range];
  if (guards === undefined && isInnermost(cx, tree, node, start, end)) return true;
  const { depth, parent } = cx.tags;
  let above = node;
  for (let k = protections.length - 1; k >= 0; k--) {
    const p = protections[k]!;
    const target = depth[p.node]!;
    if (target > depth[above]!) above = node;
    while (depth[above]! > target) above = parent[above]!;
    const isLocal = above === p.node;
    const flags = explicitGuard(guards, p.node);
    if (flags !== NO_GUARD) {
      if ((flags & (isLocal ? ACCESSED : CONFLICTED)) === 0) return false;
    } else if (start >= p.start && end <= p.end) {
      if (!isLocal) return false;
    } else if (isLocal || (end > p.start && start < p.end) || !isConflictedByTime(cx, tree, range, p)) return false;
  }
  return true;
}

/** Whether a further read means nothing to a node that has not accessed the range, for it has been read since the node was made. */
function isConflictedByTime(cx: Cx, tree: Tree, range: number, p: Protection): boolean {
  return tree.locations.data[(range << SHIFT) + READ]! >= cx.tags.birth[p.node]!;
}

/** What a read or write of a range through `node` means to protected nodes. @throws BorrowTrap */
export function guardAccess(cx: Cx, tree: Tree, range: number, node: number, isWrite: boolean): void {
  const { protections, locations } = tree;
  if (protections.length === 0) return;
  if (isInnermost(cx, tree, node, locations.start(range), locations.end(range))) return;
  const { depth, parent } = cx.tags;
  let above = node;
  for (let k = protections.length - 1; k >= 0; k--) {
    const p = protections[k]!;
    const target = depth[p.node]!;
    if (target > depth[above]!) above = node;
    while (depth[above]! > target) above = parent[above]!;
    if (above === p.node) markAccessed(cx, tree, range, p);
    else if (isWrite) foreignWrite(cx, tree, range, node, p);
    else foreignRead(cx, tree, range, node, p);
  }
}

/** What an access means to the protected nodes to which it is foreign. @throws BorrowTrap */
export function guardForeign(
  cx: Cx,
  tree: Tree,
  range: number,
  node: number,
  isWrite: boolean,
  isLocal: (node: number) => boolean,
): void {
  for (let k = tree.protections.length - 1; k >= 0; k--) {
    const p = tree.protections[k]!;
    if (isLocal(p.node)) continue;
    if (isWrite) foreignWrite(cx, tree, range, node, p);
    else foreignRead(cx, tree, range, node, p);
  }
}

/** An error for protected `Unique`, a conflict for protected `Reserved`. */
function foreignRead(cx: Cx, tree: Tree, range: number, node: number, p: Protection): void {
  const { guards } = tree.locations;
  let flags = explicitGuard(guards[range], p.node);
  if (flags === NO_GUARD) {
    if (!hasAccessedByBounds(cx, tree, p, tree.locations.start(range))) return;
    flags = ACCESSED;
  }
  const permission = permissionOf(cx, tree, range, p.node);
  if (permission === UNIQUE) throw violation(cx, tree, range, node, "read", "protected", p.node);
  if (permission !== RESERVED || (flags & CONFLICTED) !== 0) return;
  setGuard(tree, range, p, flags | CONFLICTED);
  tree.locations.setReadPosition(range, cx.position);
}

/** An error for all protected nodes that accessed the range, unless they are `Cell`. */
function foreignWrite(cx: Cx, tree: Tree, range: number, node: number, p: Protection): void {
  const flags = explicitGuard(tree.locations.guards[range], p.node);
  if (flags === NO_GUARD ? !hasAccessedByBounds(cx, tree, p, tree.locations.start(range)) : (flags & ACCESSED) === 0)
    return;
  const permission = permissionOf(cx, tree, range, p.node);
  if (permission !== CELL && permission !== DISABLED) {
    throw violation(cx, tree, range, node, "write", "protected", p.node);
  }
}

/** Notes that a protected node accessed the range. */
export function markAccessed(cx: Cx, tree: Tree, range: number, p: Protection): void {
  const { guards } = tree.locations;
  const flags = explicitGuard(guards[range], p.node);
  if (flags === NO_GUARD ? isInBounds(p, tree.locations.start(range)) : (flags & ACCESSED) !== 0) return;
  setGuard(tree, range, p, guardOf(cx, tree, range, p.node, tree.locations.start(range)) | ACCESSED);
}

/** The protection of a node, if that is protected. */
export function protectionOf(cx: Cx, tree: Tree, node: number): Protection | undefined {
  if ((cx.tags.flags[node]! & PROTECTED) === 0) return undefined;
  let k = tree.protections.length - 1;
  while (k >= 0 && tree.protections[k]!.node !== node) k--;
  return tree.protections[k];
}

/** Adds or replaces the flags of one node. */
export function setGuard(tree: Tree, range: number, p: Protection, flags: number): void {
  const { locations } = tree;
  const { guards } = locations;
  const fresh = withGuard(guards[range], p.node, flags);
  // Neighbours that had the same guards have the same again.
  const before = range > 0 ? guards[range - 1] : undefined;
  guards[range] = before !== undefined && sameGuards(before, fresh) ? before : fresh;
  p.isExplicit = true;
  p.from = Math.min(p.from, locations.start(range));
  p.to = Math.max(p.to, locations.end(range));
}

function sameGuards(a: Guards, b: Guards): boolean {
  if (a.length !== b.length) return false;
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return true;
}

function withGuard(guards: Guards | undefined, node: number, flags: number): Guards {
  if (guards === undefined) return [node, flags];
  const copy = guards.slice();
  for (let k = 0; k < copy.length; k += 2) {
    if (copy[k] !== node) continue;
    copy[k + 1] = flags;
    return copy;
  }
  copy.push(node, flags);
  return copy;
}

/** Makes the flags of a protected node explicit, before a read of which it is not to know. */
export function keepGuard(cx: Cx, tree: Tree, range: number, p: Protection): void {
  const offset = tree.locations.start(range);
  if (isInBounds(p, offset) || explicitGuard(tree.locations.guards[range], p.node) !== NO_GUARD) return;
  setGuard(tree, range, p, guardOf(cx, tree, range, p.node, offset));
}

/** Removes the guards of a node whose protection ends. */
export function dropGuards(protection: Protection): void {
  if (!protection.isExplicit || protection.from >= protection.to) return;
  const { locations } = protection.tree;
  const { guards } = locations;
  // Neighbours mostly share their guards: they do so afterwards.
  let old: Guards | undefined;
  let left: Guards | undefined;
  for (let range = locations.find(protection.from); range < locations.count; range++) {
    if (locations.start(range) >= protection.to) return;
    const here = guards[range];
    if (here === undefined) continue;
    if (here !== old) {
      old = here;
      left = withoutGuard(here, protection.node);
    }
    guards[range] = left;
  }
}

function withoutGuard(guards: Guards, node: number): Guards | undefined {
  const left: number[] = [];
  for (let k = 0; k < guards.length; k += 2) if (guards[k] !== node) left.push(guards[k]!, guards[k + 1]!);
  return left.length === 0 ? undefined : left;
}
