/** Forgetting the tags of a tree that no pointer has any more. */

import { ROOT } from "../tag-table.ts";
import { type ExitWrite, NOBODY, READ, READER, SHIFT, UNIQUE_TO, WRITER, WRITTEN } from "./locations.ts";
import {
  CELL,
  type Cx,
  DISABLED,
  EXPOSED,
  FROZEN,
  MADE_AS,
  madeAs,
  offChain,
  PROTECTED,
  RESERVED,
  RESERVED_IM,
  type Tree,
  UNIQUE,
} from "./tree-state.ts";

/** Nodes are spliced out of trees with so many ranges at most, for each is looked at for each node. */
const MOST_RANGES = 2048;

/** The bits of `TagTable.chains`: so many ranges are looked at at once. */
const BATCH = 30;

/** Releases nodes of `tree` whose `isLive` is not 1 and that no live node needs; how many are left. */
export function collectTree(cx: Cx, tree: Tree, isLive: Uint8Array): number {
  const nodes = nodesOf(cx, tree);
  tree.locations.settleAll();
  let going = markUnneeded(cx, nodes, isLive);
  if (tree.locations.count <= MOST_RANGES && !tree.wild) going += markSpliced(cx, tree, nodes, isLive);
  unmarkChildren(cx, nodes);
  if (going === 0) return nodes.length;
  forget(cx, tree);
  const { parent, depth, older, gone } = cx.tags;
  const left = nodes.filter((node) => gone[node] === 0);
  let before: number = ROOT;
  for (const node of left) {
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
  forgetTimes(cx, tree, left);
  if (tree.frozenRanges.size === 0) tree.locations.cuts.clear();
  tree.locations.join(1, tree.locations.count - 1);
  return left.length;
}

/** Oldest first. */
function nodesOf(cx: Cx, tree: Tree): number[] {
  const nodes: number[] = [];
  const { older } = cx.tags;
  for (let node = tree.newest; node !== ROOT; node = older[node]!) nodes.push(node);
  return nodes.reverse();
}

function isNeeded(cx: Cx, node: number, isLive: Uint8Array): boolean {
  return isLive[node] === 1 || (cx.tags.flags[node]! & (PROTECTED | EXPOSED)) !== 0;
}

/**
 * Marks nodes that neither are needed themselves nor have, among those derived from them, one that is. How many. Of the others, notes how
 * many of their children stay, and one of these.
 */
function markUnneeded(cx: Cx, nodes: readonly number[], isLive: Uint8Array): number {
  const { parent, gone, children, child } = cx.tags;
  let going = 0;
  for (let k = nodes.length - 1; k >= 0; k--) {
    const node = nodes[k]!;
    if (children[node] === 0 && !isNeeded(cx, node, isLive)) {
      gone[node] = 1;
      going++;
      continue;
    }
    const up = parent[node]!;
    child[up] = node;
    children[up]!++;
  }
  return going;
}

/**
 * Marks nodes that are not needed, and whose only child forbids, now and in future, whatever they do: that takes their place. How many.
 */
function markSpliced(cx: Cx, tree: Tree, nodes: readonly number[], isLive: Uint8Array): number {
  const { gone, children } = cx.tags;
  const { locations } = tree;
  let candidates = nodes.filter((node) => gone[node] === 0 && children[node] === 1 && !isNeeded(cx, node, isLive));
  for (let from = 0; from < locations.count && candidates.length > 0; from += BATCH) {
    const to = Math.min(from + BATCH, locations.count);
    for (let range = from; range < to; range++) if (locations.exceptions[range] !== undefined) return 0;
    markChains(cx, tree, from, to);
    candidates = candidates.filter((node) => canSplice(cx, tree, node, from, to));
    for (const node of nodes) cx.tags.chains[node] = 0;
  }
  for (const node of candidates) gone[node] = 1;
  return candidates.length;
}

function unmarkChildren(cx: Cx, nodes: readonly number[]): void {
  for (const node of nodes) cx.tags.children[node] = 0;
  cx.tags.children[ROOT] = 0;
}

function markChains(cx: Cx, tree: Tree, from: number, to: number): void {
  const { parent, chains } = cx.tags;
  const { data } = tree.locations;
  for (let range = from; range < to; range++) {
    for (let n = data[(range << SHIFT) + WRITER]!; n !== ROOT; n = parent[n]!) chains[n]! |= 1 << (range - from);
  }
}

/** Whether whatever `node` forbids in these ranges, its only child forbids too, now and in future. */
function canSplice(cx: Cx, tree: Tree, node: number, from: number, to: number): boolean {
  const { chains, child, flags } = cx.tags;
  const below = child[node]!;
  // Where the child is on the chain, the node is too, and no more is frozen of it than of the child.
  const mayBeCell = (flags[below]! & MADE_AS) === CELL;
  const settled = mayBeCell ? 0 : chains[below]!;
  for (let range = from; range < to; range++) {
    const bit = 1 << (range - from);
    if ((settled & bit) !== 0) continue;
    if (
      STRENGTH[markedPermission(cx, tree, range, bit, node)]! > STRENGTH[markedPermission(cx, tree, range, bit, below)]!
    )
      return false;
  }
  return true;
}

/** `permissionOf` by the marks of chains, for ranges without exceptions. */
function markedPermission(cx: Cx, tree: Tree, range: number, bit: number, node: number): number {
  const { chains, depth } = cx.tags;
  const made = madeAs(cx, tree, node, tree.locations.start(range));
  if (made === CELL || (chains[node]! & bit) === 0)
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

/**
 * Times are only ever compared with the births of nodes that are left, so those between two births are as good as the latest of them:
 * ranges that were written by nodes that are gone become alike.
 */
function forgetTimes(cx: Cx, tree: Tree, left: readonly number[]): void {
  const { locations } = tree;
  const { data } = locations;
  const births = Int32Array.from(left, (node) => cx.tags.birth[node]!);
  const latest = (time: number): number => {
    let low = 0;
    let high = births.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (births[middle]! > time) high = middle;
      else low = middle + 1;
    }
    return low === births.length ? tree.births : births[low]! - 1;
  };
  for (let range = 0; range < locations.count; range++) {
    const at = range << SHIFT;
    data[at + WRITTEN] = latest(data[at + WRITTEN]!);
    data[at + READ] = latest(data[at + READ]!);
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
