/** The effect of one access on one range, when the node that it goes through is known up to the root. */

import {
  type Exceptions,
  type Guards,
  NOBODY,
  READ,
  READ_POSITION,
  READER,
  SHIFT,
  UNIQUE_TO,
  WRITE_POSITION,
  WRITER,
  WRITTEN,
} from "./locations.ts";
import { violation } from "./tree-error.ts";
import {
  ACCESSED,
  CELL,
  CONFLICTED,
  type Cx,
  DISABLED,
  FROZEN,
  guardOf,
  madeAs,
  meet,
  offChain,
  PROTECTED,
  permissionOf,
  RESERVED,
  RESERVED_IM,
  sparedPermission,
  type Tree,
  UNIQUE,
} from "./tree-state.ts";

/** @throws BorrowTrap */
export function readRange(cx: Cx, tree: Tree, range: number, node: number): void {
  const { locations } = tree;
  const at = range << SHIFT;
  const { data } = locations;
  const join = meet(cx, node, data[at + WRITER]!);
  if (cx.below >= 0) checkReadable(cx, tree, range, node, join);
  if (tree.protections.length > 0) {
    guardPath(cx, tree, range, node);
    readGuards(cx, tree, range, node, undefined);
  }
  freezeChain(cx, tree, range, join);
  const exceptions = locations.exceptions[range];
  if (exceptions !== undefined) freezeSpared(exceptions, (spared) => cx.tags.isAncestorOrSelf(spared, node));
  data[at + READER] = node;
  data[at + READ] = tree.births;
}

/**
 * Whether a read is known to change nothing in the range, and is allowed. No effort is made to find out in cases that are rare.
 */
export function readChangesNothing(cx: Cx, tree: Tree, range: number, node: number): boolean {
  const { locations } = tree;
  if (tree.wild || node < 0 || locations.exceptions[range] !== undefined) return false;
  const { data } = locations;
  const at = range << SHIFT;
  const join = meet(cx, node, data[at + WRITER]!);
  const { depth, birth } = cx.tags;
  if (cx.below >= 0 && birth[cx.below]! <= data[at + WRITTEN]!) return false;
  if (depth[join]! < depth[data[at + UNIQUE_TO]!]!) return false;
  if (tree.protections.length === 0) return true;
  return guardsIgnoreRead(cx, tree, range, node);
}

function guardsIgnoreRead(cx: Cx, tree: Tree, range: number, node: number): boolean {
  const guards = tree.locations.guards[range];
  if (guards === undefined || guards.length !== tree.protections.length * 2) return false;
  const { depth, parent } = cx.tags;
  // Guards are mostly in the order of the tree, so that one walk upwards meets all.
  let at = node;
  for (let k = guards.length - 2; k >= 0; k -= 2) {
    const flags = guards[k + 1]!;
    if ((flags & ACCESSED) === 0) return false;
    if ((flags & CONFLICTED) !== 0) continue;
    const target = depth[guards[k]!]!;
    if (target > depth[at]!) at = node;
    while (depth[at]! > target) at = parent[at]!;
    if (at !== guards[k]) return false;
  }
  return true;
}

/** Of the chain, only what is above `join` stays `Unique`. */
export function freezeChain(cx: Cx, tree: Tree, range: number, join: number): void {
  const { data } = tree.locations;
  const at = range << SHIFT;
  const { depth } = cx.tags;
  if (depth[join]! >= depth[data[at + UNIQUE_TO]!]!) return;
  data[at + UNIQUE_TO] = join;
  data[at + READ_POSITION] = cx.position;
}

export function freezeSpared(exceptions: Exceptions, isLocal: (node: number) => boolean): void {
  const { spared } = exceptions;
  for (let k = 0; k < spared.length; k += 2) {
    if (spared[k + 1] === UNIQUE && !isLocal(spared[k]!)) spared[k + 1] = FROZEN;
  }
}

/** None of the nodes from `node` up to below the chain may be `Disabled`. */
function checkReadable(cx: Cx, tree: Tree, range: number, node: number, join: number): void {
  const { locations } = tree;
  const exceptions = locations.exceptions[range];
  const { parent, birth } = cx.tags;
  // The nodes below were made later, so when the uppermost is newer than the last write, all are.
  if (exceptions === undefined && birth[cx.below]! > locations.data[(range << SHIFT) + WRITTEN]!) return;
  for (let n = node; n !== join; n = parent[n]!) {
    if (permissionBelow(cx, tree, range, n, exceptions) === DISABLED) {
      throw violation(cx, tree, range, node, "read", "forbidden", n);
    }
  }
}

function permissionBelow(cx: Cx, tree: Tree, range: number, node: number, exceptions: Exceptions | undefined): number {
  const made = madeAs(cx, tree, node, tree.locations.start(range));
  if (exceptions !== undefined && made !== CELL) {
    const spared = sparedPermission(exceptions, node);
    if (spared >= 0) return spared;
  }
  return offChain(cx, tree, range, node, made, exceptions);
}

/** @throws BorrowTrap */
export function writeRange(cx: Cx, tree: Tree, range: number, node: number): void {
  const { locations } = tree;
  const at = range << SHIFT;
  const { data } = locations;
  const join = meet(cx, node, data[at + WRITER]!);
  checkWritableBelow(cx, tree, range, node, join);
  checkWritableChain(cx, tree, range, node, join);
  if (tree.protections.length > 0) {
    guardPath(cx, tree, range, node);
    writeGuards(cx, tree, range, node, undefined);
  }
  recordWrite(cx, tree, range, node);
}

/** The write of `node` becomes the last one. */
export function recordWrite(cx: Cx, tree: Tree, range: number, node: number): void {
  const { locations } = tree;
  const { data } = locations;
  const at = range << SHIFT;
  const exceptions = locations.exceptions[range];
  if (exceptions !== undefined) {
    exceptions.spared.length = 0;
    exceptions.exits.length = 0;
    if (exceptions.activated.length === 0) locations.exceptions[range] = undefined;
  }
  data[at + WRITER] = node;
  data[at + UNIQUE_TO] = node;
  data[at + WRITTEN] = tree.births;
  data[at + READER] = NOBODY;
  data[at + WRITE_POSITION] = cx.position;
}

function checkWritableBelow(cx: Cx, tree: Tree, range: number, node: number, join: number): void {
  for (let n = node; n !== join; n = cx.tags.parent[n]!) {
    const permission = permissionBelow(cx, tree, range, n, tree.locations.exceptions[range]);
    if (!isWritable(cx, tree, range, n, permission)) throw violation(cx, tree, range, node, "write", "forbidden", n);
    if (permission === RESERVED_IM) tree.locations.exceptionsOf(range).activated.push(n);
  }
}

/** Whether a child write is allowed to a node with this permission. */
export function isWritable(cx: Cx, tree: Tree, range: number, node: number, permission: number): boolean {
  if (permission === FROZEN || permission === DISABLED) return false;
  if (permission !== RESERVED || (cx.tags.flags[node]! & PROTECTED) === 0) return true;
  return (guardOf(cx, tree, range, node) & CONFLICTED) === 0;
}

/** The nodes of the chain that were frozen are in the way, unless they are `Cell`. */
function checkWritableChain(cx: Cx, tree: Tree, range: number, node: number, join: number): void {
  const { depth, parent } = cx.tags;
  const { data } = tree.locations;
  const free = depth[data[(range << SHIFT) + UNIQUE_TO]!]!;
  for (let n = join; depth[n]! > free; n = parent[n]!) {
    if (madeAs(cx, tree, n, tree.locations.start(range)) !== CELL) {
      throw violation(cx, tree, range, node, "write", "forbidden", n);
    }
  }
}

/** The protected nodes that `node` was derived from count as accessed from now on. */
function guardPath(cx: Cx, tree: Tree, range: number, node: number): void {
  const guards = tree.locations.guards[range];
  const { protections } = tree;
  if (guards !== undefined && guards.length === protections.length * 2 && allAccessed(guards)) return;
  const { flags, parent } = cx.tags;
  for (let n = node; n > 0; n = parent[n]!) {
    if ((flags[n]! & PROTECTED) !== 0) markAccessed(cx, tree, range, n);
  }
}

function allAccessed(guards: readonly number[]): boolean {
  for (let k = 1; k < guards.length; k += 2) if ((guards[k]! & ACCESSED) === 0) return false;
  return true;
}

/** Notes that protected `node` accessed the range. */
export function markAccessed(cx: Cx, tree: Tree, range: number, node: number): void {
  const { guards } = tree.locations;
  const old = guards[range];
  if (old !== undefined && hasAccessed(old, node)) return;
  // Neighbours that had the same guards have the same again.
  const before = range > 0 ? guards[range - 1] : undefined;
  const fresh = withGuard(old, node, guardOf(cx, tree, range, node) | ACCESSED);
  guards[range] = before !== undefined && sameGuards(before, fresh) ? before : fresh;
  widen(tree, range, node);
}

function hasAccessed(guards: Guards, node: number): boolean {
  for (let k = 0; k < guards.length; k += 2) if (guards[k] === node) return (guards[k + 1]! & ACCESSED) !== 0;
  return false;
}

function sameGuards(a: Guards, b: Guards): boolean {
  if (a.length !== b.length) return false;
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return true;
}

/** The guards with the flags of one node added or replaced. */
export function withGuard(guards: Guards | undefined, node: number, flags: number): Guards {
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

/** Makes the bounds of a protection cover a range. */
export function widen(tree: Tree, range: number, node: number): void {
  const { protections } = tree;
  let k = protections.length - 1;
  while (k >= 0 && protections[k]!.node !== node) k--;
  const protection = protections[k];
  if (protection === undefined) return;
  protection.from = Math.min(protection.from, tree.locations.start(range));
  protection.to = Math.max(protection.to, tree.locations.data[range << SHIFT]!);
}

/** Says for which nodes an access is not foreign; when undefined, for those that the accessing node was derived from. */
export type IsLocal = ((node: number) => boolean) | undefined;

/** A foreign read: an error for protected `Unique`, a conflict for protected `Reserved`. */
export function readGuards(cx: Cx, tree: Tree, range: number, node: number, isLocal: IsLocal): void {
  const { guards, data } = tree.locations;
  const old = guards[range];
  if (old === undefined) return;
  const { depth, parent } = cx.tags;
  let above = node;
  for (let k = old.length - 2; k >= 0; k -= 2) {
    const guarded = old[k]!;
    if (isLocal === undefined) {
      const target = depth[guarded]!;
      if (target > depth[above]!) above = node;
      while (depth[above]! > target) above = parent[above]!;
      if (above === guarded) continue;
    } else if (isLocal(guarded)) continue;
    const permission = permissionOf(cx, tree, range, guarded);
    if (permission === UNIQUE) throw violation(cx, tree, range, node, "read", "protected", guarded);
    if (permission !== RESERVED || (old[k + 1]! & CONFLICTED) !== 0) continue;
    guards[range] = withGuard(guards[range], guarded, old[k + 1]! | CONFLICTED);
    data[(range << SHIFT) + READ_POSITION] = cx.position;
  }
}

/** A foreign write is an error for all protected nodes that accessed the range, unless they are `Cell`. */
export function writeGuards(cx: Cx, tree: Tree, range: number, node: number, isLocal: IsLocal): void {
  const guards = tree.locations.guards[range];
  if (guards === undefined) return;
  const { depth, parent } = cx.tags;
  let above = node;
  for (let k = guards.length - 2; k >= 0; k -= 2) {
    const guarded = guards[k]!;
    if ((guards[k + 1]! & ACCESSED) === 0) continue;
    if (isLocal === undefined) {
      const target = depth[guarded]!;
      if (target > depth[above]!) above = node;
      while (depth[above]! > target) above = parent[above]!;
      if (above === guarded) continue;
    } else if (isLocal(guarded)) continue;
    const permission = permissionOf(cx, tree, range, guarded);
    if (permission !== CELL && permission !== DISABLED) {
      throw violation(cx, tree, range, node, "write", "protected", guarded);
    }
  }
}
