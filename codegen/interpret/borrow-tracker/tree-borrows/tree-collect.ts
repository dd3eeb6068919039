/** Forgetting the tags of a tree that no pointer has any more. */

import { ROOT } from "../tag-table.ts";
import { type ExitWrite, NOBODY, READER, SHIFT, UNIQUE_TO, WRITER, WRITTEN } from "./locations.ts";
import {
  CELL,
  type Cx,
  DISABLED,
  EXPOSED,
  FROZEN,
  madeAs,
  offChain,
  PROTECTED,
  RESERVED,
  RESERVED_IM,
  type Tree,
  UNIQUE,
} from "./tree-state.ts";

/** Nodes are spliced out of trees with so many ranges at most: the bits of `TagTable.chains`. */
const MOST_RANGES = 30;

/** Releases nodes of `tree` whose `isLive` is not 1 and that no live node needs; how many are left. */
export function collectTree(cx: Cx, tree: Tree, isLive: Uint8Array): number {
  const nodes = nodesOf(cx, tree);
  tree.locations.settleAll();
  const splices = tree.locations.count <= MOST_RANGES && !tree.wild;
  if (splices) markChains(cx, tree);
  const going = markGone(cx, tree, nodes, isLive, splices);
  if (splices) for (const node of nodes) cx.tags.chains[node] = 0;
  if (going === 0) return nodes.length;
  forget(cx, tree);
  const { parent, depth, older, gone } = cx.tags;
  let before: number = ROOT;
  for (const node of nodes) {
    if (gone[node] === 1) continue;
    while (gone[parent[node]!] === 1) parent[node] = parent[parent[node]!]!;
    depth[node] = depth[parent[node]!]! + 1;
    older[node] = before;
    before = node;
  }
  tree.newest = before;
  for (const node of nodes) {
    if (gone[node] === 0) continue;
    gone[node] = 0;
    if (tree.frozenRanges.size > 0) tree.frozenRanges.delete(node);
    cx.tags.release(node);
  }
  if (tree.frozenRanges.size === 0) tree.locations.cuts.clear();
  tree.locations.join(1, tree.locations.count - 1);
  return nodes.length - going;
}

/** Oldest first. */
function nodesOf(cx: Cx, tree: Tree): number[] {
  const nodes: number[] = [];
  const { older } = cx.tags;
  for (let node = tree.newest; node !== ROOT; node = older[node]!) nodes.push(node);
  return nodes.reverse();
}

/**
 * Marks nodes that neither are needed themselves nor have, among those derived from them, one that is; and those that may be spliced out.
 * How many.
 */
function markGone(cx: Cx, tree: Tree, nodes: readonly number[], isLive: Uint8Array, splices: boolean): number {
  const { parent, flags, gone, children, child } = cx.tags;
  let going = 0;
  for (let k = nodes.length - 1; k >= 0; k--) {
    const node = nodes[k]!;
    const needed = isLive[node] === 1 || (flags[node]! & (PROTECTED | EXPOSED)) !== 0;
    const count = children[node]!;
    children[node] = 0;
    if (!needed && count === 0) {
      gone[node] = 1;
      going++;
      continue;
    }
    const up = parent[node]!;
    if (splices && !needed && count === 1 && canSplice(cx, tree, node, child[node]!)) {
      gone[node] = 1;
      going++;
      child[up] = child[node]!;
    } else child[up] = node;
    children[up]!++;
  }
  children[ROOT] = 0;
  return going;
}

function markChains(cx: Cx, tree: Tree): void {
  const { parent, chains } = cx.tags;
  const { count, data } = tree.locations;
  for (let range = 0; range < count; range++) {
    for (let n = data[(range << SHIFT) + WRITER]!; n !== ROOT; n = parent[n]!) chains[n]! |= 1 << range;
  }
}

/** Whether whatever `node` forbids, its only child forbids too, now and in future. */
function canSplice(cx: Cx, tree: Tree, node: number, child: number): boolean {
  const { locations } = tree;
  for (let range = 0; range < locations.count; range++) {
    if (locations.exceptions[range] !== undefined) return false;
    if (!forbidsNoMore(markedPermission(cx, tree, range, node), markedPermission(cx, tree, range, child))) return false;
  }
  return true;
}

/** `permissionOf` by the marks of chains, for ranges without exceptions. */
function markedPermission(cx: Cx, tree: Tree, range: number, node: number): number {
  const { chains, depth } = cx.tags;
  const made = madeAs(cx, tree, node, tree.locations.start(range));
  if (made === CELL || (chains[node]! & (1 << range)) === 0)
    return offChain(cx, tree, node, made, tree.locations.data[(range << SHIFT) + WRITTEN]!, undefined);
  return depth[node]! <= depth[tree.locations.data[(range << SHIFT) + UNIQUE_TO]!]! ? UNIQUE : FROZEN;
}

/** From most to least that is allowed, now and in future; `Cell` is the only one that neither kind of access changes. */
const STRENGTH: readonly number[] = strengths();

function strengths(): number[] {
  const order = [CELL, RESERVED_IM, RESERVED, UNIQUE, FROZEN, DISABLED];
  const strength: number[] = [];
  order.forEach((permission, k) => {
    strength[permission] = k;
  });
  return strength;
}

function forbidsNoMore(parent: number, child: number): boolean {
  return STRENGTH[parent]! <= STRENGTH[child]!;
}

/** Lets the ranges speak of nodes that stay. */
function forget(cx: Cx, tree: Tree): void {
  const { locations } = tree;
  const { data } = locations;
  const { parent, gone } = cx.tags;
  for (let range = 0; range < locations.count; range++) {
    const at = range << SHIFT;
    let writer = data[at + WRITER]!;
    while (gone[writer] === 1) writer = parent[writer]!;
    let unique = data[at + UNIQUE_TO]!;
    while (gone[unique] === 1) unique = parent[unique]!;
    data[at + WRITER] = writer;
    data[at + UNIQUE_TO] = unique;
    if (gone[data[at + READER]!] === 1) data[at + READER] = NOBODY;
    if (locations.exceptions[range] !== undefined) forgetExceptions(cx, tree, range);
  }
}

function forgetExceptions(cx: Cx, tree: Tree, range: number): void {
  const exceptions = tree.locations.exceptions[range];
  if (exceptions === undefined) return;
  const { gone } = cx.tags;
  const { activated, exits, spared } = exceptions;
  keep(activated, (node) => gone[node] !== 1);
  // What a node that is gone was hidden from is gone too.
  const left = exits.map((exit): ExitWrite => (gone[exit.node] === 1 ? { ...exit, node: NOBODY } : exit));
  exits.splice(0, exits.length, ...left);
  for (let k = spared.length - 2; k >= 0; k -= 2) if (gone[spared[k]!] === 1) spared.splice(k, 2);
  if (activated.length + exits.length + spared.length === 0) tree.locations.exceptions[range] = undefined;
}

function keep<T>(items: T[], wanted: (item: T) => boolean): void {
  let kept = 0;
  for (const item of items) if (wanted(item)) items[kept++] = item;
  items.length = kept;
}
