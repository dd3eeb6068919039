/**
 * The effect of one access on one range, when the node that it goes through is known up to the root. Of a `VARIED` range, the node must
 * be one to which its writers are all the same (`isSameThroughout`).
 */

import {
  type Exceptions,
  NOBODY,
  READ,
  READ_POSITION,
  READER,
  SHIFT,
  UNIQUE_TO,
  VARIED,
  WRITE_POSITION,
  WRITER,
  WRITTEN,
} from "./locations.ts";
import { violation } from "./tree-error.ts";
import { guardAccess, guardsIgnoreRead } from "./tree-guards.ts";
import {
  CELL,
  CONFLICTED,
  type Cx,
  DISABLED,
  FROZEN,
  guardOf,
  MADE_AS,
  MIXED,
  madeAs,
  meet,
  offChain,
  PROTECTED,
  RESERVED,
  RESERVED_IM,
  sparedPermission,
  type Tree,
  UNIQUE,
} from "./tree-state.ts";

/** The writer of a range; where writers vary, the node that joins newer nodes where they do, or below. */
function knownWriter(data: Int32Array, at: number): number {
  const writer = data[at + WRITER]!;
  return writer === VARIED ? data[at + UNIQUE_TO]! : writer;
}

/** @throws BorrowTrap */
export function readRange(cx: Cx, tree: Tree, range: number, node: number): void {
  const { locations } = tree;
  const at = range << SHIFT;
  const { data } = locations;
  const join = meet(cx, node, knownWriter(data, at));
  if (cx.below >= 0) checkReadable(cx, tree, range, node, join);
  guardAccess(cx, tree, range, node, false);
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
  const join = meet(cx, node, knownWriter(data, at));
  const { depth, birth } = cx.tags;
  if (cx.below >= 0 && birth[cx.below]! <= data[at + WRITTEN]!) return false;
  if (depth[join]! < depth[data[at + UNIQUE_TO]!]!) return false;
  return tree.protections.length === 0 || guardsIgnoreRead(cx, tree, range, node);
}

/** Of the chain, only what is above `join` stays `Unique`. */
export function freezeChain(cx: Cx, tree: Tree, range: number, join: number): void {
  const { data } = tree.locations;
  const at = range << SHIFT;
  const { depth } = cx.tags;
  if (depth[join]! >= depth[data[at + UNIQUE_TO]!]!) return;
  tree.locations.freeze(range, join, cx.position);
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
  return offChain(cx, tree, node, made, tree.locations.data[(range << SHIFT) + WRITTEN]!, exceptions);
}

/** @throws BorrowTrap */
export function writeRange(cx: Cx, tree: Tree, range: number, node: number): void {
  const { locations } = tree;
  const at = range << SHIFT;
  const { data } = locations;
  const join = meet(cx, node, knownWriter(data, at));
  checkWritableBelow(cx, tree, range, node, join);
  checkWritableChain(cx, tree, range, node, join);
  guardAccess(cx, tree, range, node, true);
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
  if (data[at + WRITER] === VARIED) data[at + READ_POSITION] = -1;
  data[at + WRITER] = node;
  data[at + UNIQUE_TO] = node;
  data[at + WRITTEN] = tree.births;
  data[at + READER] = NOBODY;
  data[at + WRITE_POSITION] = cx.position;
}

function checkWritableBelow(cx: Cx, tree: Tree, range: number, node: number, join: number): void {
  const { parent, birth, flags } = cx.tags;
  const exceptions = tree.locations.exceptions[range];
  const written = tree.locations.data[(range << SHIFT) + WRITTEN]!;
  for (let n = node; n !== join; n = parent[n]!) {
    // Most are reborrows that nothing has happened to.
    const isPlain = (flags[n]! & (MADE_AS | MIXED | PROTECTED)) === RESERVED;
    if (isPlain && birth[n]! > written && exceptions === undefined) continue;
    const permission = permissionBelow(cx, tree, range, n, exceptions);
    if (!isWritable(cx, tree, range, n, permission)) throw violation(cx, tree, range, node, "write", "forbidden", n);
    if (permission === RESERVED_IM) tree.locations.exceptionsOf(range).activated.push(n);
  }
}

/** Whether a child write is allowed to a node with this permission. */
export function isWritable(cx: Cx, tree: Tree, range: number, node: number, permission: number): boolean {
  if (permission === FROZEN || permission === DISABLED) return false;
  if (permission !== RESERVED || (cx.tags.flags[node]! & PROTECTED) === 0) return true;
  return (guardOf(cx, tree, range, node, tree.locations.start(range)) & CONFLICTED) === 0;
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
