/**
 * The implicit access when a protector ends: a write of the bytes that were written through the protected tag, a read of those that were
 * only read. It is as any access, but not seen by what was derived from the tag.
 */

import { NOBODY, OLDEST_WRITTEN, READ, READER, SHIFT, UNIQUE_FROM, UNIQUE_TO, WRITTEN } from "./locations.ts";
import { freezeChain, freezeSpared } from "./tree-access.ts";
import { guardForeign, keepGuard, splitAtBounds } from "./tree-guards.ts";
import {
  ACCESSED,
  areGuardsSameThroughout,
  CELL,
  type Cx,
  guardOf,
  hasOnePermission,
  isHiddenFrom,
  meet,
  NEVER,
  type Protection,
  permissionOf,
  type Tree,
  UNIQUE,
} from "./tree-state.ts";

/** @throws BorrowTrap */
export function exitAccess(cx: Cx, protection: Protection): void {
  const { tree, node } = protection;
  if (protection.from >= protection.to || isExitIdle(protection)) return;
  const exposedFrom = tree.wild ? oldestExposedBelow(cx, tree, node) : NEVER;
  const { locations } = tree;
  splitAtBounds(tree, 0, tree.size);
  for (let range = locations.find(protection.from); range < locations.count; range++) {
    if (locations.start(range) >= protection.to) break;
    if ((guardOf(cx, tree, range, node, locations.start(range)) & ACCESSED) === 0) continue;
    if (locations.isVaried(range) && !exitsAlike(cx, protection, range)) locations.settle(range);
    const permission = permissionOf(cx, tree, range, node);
    if (permission === CELL) continue;
    if (permission === UNIQUE) exitWrite(cx, protection, range, exposedFrom);
    else exitRead(cx, protection, range, exposedFrom);
  }
}

/**
 * Whether the end of a protector surely changes nothing: everything in the tree that is newer was derived from its node, and the other
 * protected nodes are what it was derived from.
 */
function isExitIdle({ tree, nested, node, newestOutside }: Protection): boolean {
  if (tree.wild || tree.exposed.length > 0 || newestOutside > 0) return false;
  return nested && tree.protections[tree.protections.length - 1]?.node === node;
}

/** Whether the end of a protector means the same everywhere in a range whose writers vary. */
function exitsAlike(cx: Cx, protection: Protection, range: number): boolean {
  const { tree, node } = protection;
  if (tree.wild || tree.exposed.length > 0) return false;
  const { data } = tree.locations;
  const at = range << SHIFT;
  if (data[at + UNIQUE_FROM] !== data[at + UNIQUE_TO]) return false;
  if (protection.newestOutside > data[at + OLDEST_WRITTEN]!) return false;
  return hasOnePermission(cx, tree, range, node) && areGuardsSameThroughout(cx, tree, range);
}

/** The birth of the oldest exposed node that was derived from `node`. */
function oldestExposedBelow(cx: Cx, tree: Tree, node: number): number {
  let oldest = NEVER;
  for (const exposed of tree.exposed) {
    if (cx.tags.isAncestorOrSelf(node, exposed)) oldest = Math.min(oldest, cx.tags.birth[exposed]!);
  }
  return oldest;
}

/**
 * The chain is derived from the node, or is what it was derived from: nothing changes there. Off the chain, nodes from before the last
 * write are disabled already; those made since are, if any was made outside of what the node was derived to.
 */
function exitWrite(cx: Cx, protection: Protection, range: number, exposedFrom: number): void {
  const { tree, node } = protection;
  const { locations } = tree;
  // A protected node elsewhere that accessed the range would have ended the run then, or at the write before; unless a wildcard hid it.
  if (tree.exposed.length > 0) {
    guardForeign(cx, tree, range, node, true, (guarded) => isUnaffected(cx, tree, node, exposedFrom, guarded));
  }
  const at = range << SHIFT;
  if (protection.newestOutside <= locations.data[at + WRITTEN]! && !tree.wild) return;
  locations.exceptionsOf(range).exits.push({ node, at: tree.births, exposedFrom });
  locations.data[at + READER] = NOBODY;
}

function isUnaffected(cx: Cx, tree: Tree, node: number, exposedFrom: number, other: number): boolean {
  return cx.tags.isAncestorOrSelf(other, node) || isHiddenFrom(cx, tree, node, exposedFrom, other);
}

function exitRead(cx: Cx, protection: Protection, range: number, exposedFrom: number): void {
  const { tree, node } = protection;
  const { locations } = tree;
  const { data } = locations;
  const at = range << SHIFT;
  // The node's own reads froze what was written elsewhere, and later writes would have ended the run: the read is for the sake of other
  // protected nodes, and of what wildcards hid.
  if (tree.protections.length === 1 && !tree.wild && locations.exceptions[range] === undefined) return;
  keepUnread(cx, tree, range, node, exposedFrom);
  guardForeign(cx, tree, range, node, false, (guarded) => isUnaffected(cx, tree, node, exposedFrom, guarded));
  const deepest = data[at + UNIQUE_TO]!;
  if (!isHiddenFrom(cx, tree, node, exposedFrom, deepest)) freezeChain(cx, tree, range, meet(cx, node, deepest));
  const exceptions = locations.exceptions[range];
  if (exceptions !== undefined) freezeSpared(exceptions, (spared) => isUnaffected(cx, tree, node, exposedFrom, spared));
  // Protected nodes that did not access the range learn of the read by its time.
  const before = data[at + READ]!;
  if (!tree.protections.some((other) => other !== protection && cx.tags.birth[other.node]! > before)) return;
  data[at + READER] = NOBODY;
  data[at + READ] = tree.births;
}

/** Protected nodes that do not see the read, and did not access the range, get a guard of their own that says what they saw so far. */
function keepUnread(cx: Cx, tree: Tree, range: number, node: number, exposedFrom: number): void {
  for (const other of tree.protections) {
    if (other.node === node || !isHiddenFrom(cx, tree, node, exposedFrom, other.node)) continue;
    keepGuard(cx, tree, range, other);
  }
}
