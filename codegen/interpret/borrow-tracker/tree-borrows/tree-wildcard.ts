/**
 * Accesses of which it is not known which exposed tag they go through: through an exposed address, or through what was derived from one.
 *
 * The *candidates* are the exposed nodes that allow the access. To what they were all derived from, the access is a child access; to what
 * none was derived from, a foreign one; the nodes between keep their permissions, as it is not known which of the two it is. Thus no
 * error is reported that some choice of the tag would avoid. (Miri does the same, with less precise knowledge in places: it takes a
 * second tree for a possible source even when no tag of it allows the access.)
 *
 * A node that was derived from a wildcard hangs directly under the root, for that is the one node it surely was derived from.
 */

import { ROOT } from "../tag-table.ts";
import { READ, READER, SHIFT, UNIQUE_TO } from "./locations.ts";
import { freezeChain, freezeSpared, isWritable, readRange, recordWrite, writeRange } from "./tree-access.ts";
import { violation, WILDCARD_NODE } from "./tree-error.ts";
import { guardForeign, keepGuard, markAccessed, protectionOf } from "./tree-guards.ts";
import {
  CELL,
  type Cx,
  DISABLED,
  meet,
  NEVER,
  permissionOf,
  RESERVED_IM,
  type Tree,
  treeRoot,
  UNIQUE,
} from "./tree-state.ts";

/**
 * An access in a tree in which something is exposed; `node` may be `WILDCARD_NODE`.
 *
 * @throws BorrowTrap
 */
export function accessWithWildcards(cx: Cx, tree: Tree, range: number, node: number, isWrite: boolean): void {
  const wildRoot = node === WILDCARD_NODE ? WILDCARD_NODE : treeRoot(cx, node);
  if (wildRoot === ROOT) {
    if (isWrite) writeRange(cx, tree, range, node);
    else readRange(cx, tree, range, node);
    return;
  }
  const candidates = candidatesOf(cx, tree, range, wildRoot, isWrite);
  if (candidates.length === 0) {
    throw violation(
      cx,
      tree,
      range,
      node,
      isWrite ? "write" : "read",
      "noExposedTag",
      node === WILDCARD_NODE ? ROOT : node,
    );
  }
  const sure = candidates.reduce((a, b) => meet(cx, a, b));
  if (node === WILDCARD_NODE && candidates.length === 1) {
    if (isWrite) writeRange(cx, tree, range, sure);
    else readRange(cx, tree, range, sure);
  } else if (isWrite) wildWrite(cx, tree, range, node, candidates, sure);
  else wildRead(cx, tree, range, node, candidates, sure);
}

/** The exposed nodes that allow an access, of those that existed when the wildcard was derived from. */
function candidatesOf(cx: Cx, tree: Tree, range: number, wildRoot: number, isWrite: boolean): number[] {
  const before = wildRoot === WILDCARD_NODE ? NEVER : cx.tags.birth[wildRoot]!;
  return tree.exposed.filter((node) => {
    if (cx.tags.birth[node]! >= before) return false;
    const permission = permissionOf(cx, tree, range, node);
    return isWrite ? isWritable(cx, tree, range, node, permission) : permission !== DISABLED;
  });
}

/** All nodes other than the root that some candidate, or the accessing node, was derived from: each before what it was derived from. */
function touched(cx: Cx, node: number, candidates: readonly number[]): Set<number> {
  const nodes = new Set<number>();
  for (const start of node === WILDCARD_NODE ? candidates : [node, ...candidates]) {
    for (let n = start; n !== ROOT; n = cx.tags.parent[n]!) nodes.add(n);
  }
  return nodes;
}

/** Whether the access is surely a child access to one of the touched nodes. */
function isSure(cx: Cx, node: number, sure: number, touchedNode: number): boolean {
  if (cx.tags.isAncestorOrSelf(touchedNode, sure)) return true;
  return node !== WILDCARD_NODE && cx.tags.isAncestorOrSelf(touchedNode, node);
}

function wildRead(cx: Cx, tree: Tree, range: number, node: number, candidates: readonly number[], sure: number): void {
  const nodes = touched(cx, node, candidates);
  const { locations } = tree;
  for (const n of nodes) {
    const isCertain = isSure(cx, node, sure, n);
    if (isCertain && permissionOf(cx, tree, range, n) === DISABLED) {
      throw violation(cx, tree, range, node, "read", "forbidden", n);
    }
    const protection = protectionOf(cx, tree, n);
    if (protection === undefined) continue;
    if (isCertain) markAccessed(cx, tree, range, protection);
    else keepGuard(cx, tree, range, protection);
  }
  const isLocal = (n: number): boolean => nodes.has(n);
  guardForeign(cx, tree, range, node, false, isLocal);
  const at = range << SHIFT;
  const { data } = locations;
  let deepest: number = ROOT;
  for (const start of node === WILDCARD_NODE ? candidates : [node, ...candidates]) {
    const join = meet(cx, start, data[at + UNIQUE_TO]!);
    if (cx.tags.depth[join]! > cx.tags.depth[deepest]!) deepest = join;
  }
  freezeChain(cx, tree, range, deepest);
  const exceptions = locations.exceptions[range];
  if (exceptions !== undefined) freezeSpared(exceptions, isLocal);
  data[at + READER] = node;
  data[at + READ] = tree.births;
}

function wildWrite(cx: Cx, tree: Tree, range: number, node: number, candidates: readonly number[], sure: number): void {
  const nodes = touched(cx, node, candidates);
  const { locations } = tree;
  const writer = node === WILDCARD_NODE ? sure : node;
  const spared: number[] = [];
  for (const n of nodes) {
    const permission = permissionOf(cx, tree, range, n);
    const isCertain = isSure(cx, node, sure, n);
    if (isCertain) {
      if (!isWritable(cx, tree, range, n, permission)) throw violation(cx, tree, range, node, "write", "forbidden", n);
      if (permission === RESERVED_IM) locations.exceptionsOf(range).activated.push(n);
      const protection = protectionOf(cx, tree, n);
      if (protection !== undefined) markAccessed(cx, tree, range, protection);
    }
    // What the writer was derived from is on the chain and needs no exception.
    if (permission === CELL || cx.tags.isAncestorOrSelf(n, writer)) continue;
    if (isCertain) spared.push(n, UNIQUE);
    else if (permission !== RESERVED_IM) spared.push(n, permission);
  }
  guardForeign(cx, tree, range, node, true, (n) => nodes.has(n));
  recordWrite(cx, tree, range, writer);
  if (spared.length > 0) {
    locations.exceptionsOf(range).spared.push(...spared);
    tree.skippable = NEVER;
  }
}
