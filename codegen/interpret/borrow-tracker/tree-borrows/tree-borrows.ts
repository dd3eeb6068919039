/** Tree Borrows as a `BorrowTracker`. */

import type { AllocationSource, BorrowTracker, TreeBorrowsOptions } from "../borrow-tracker.ts";
import { type ByteRange, type RetagShape, visitFreezeSensitive } from "../retag.ts";
import { NO_CALL, ROOT, TagTable, tagOf } from "../tag-table.ts";
import { FIRST_TAG, type Permission, type Tag, WILDCARD_TAG } from "../violation.ts";
import { Locations, READ, READER, SHIFT, UNIQUE_TO, WRITER, WRITTEN } from "./locations.ts";
import { readChangesNothing, readRange, writeRange } from "./tree-access.ts";
import { collectTree } from "./tree-collect.ts";
import { violation, WILDCARD_NODE } from "./tree-error.ts";
import { exitAccess } from "./tree-exit.ts";
import { dropGuards, isInnermost, splitAtBounds } from "./tree-guards.ts";
import {
  ACCESSED,
  CELL,
  type Cx,
  EXPOSED,
  FROZEN,
  guardOf,
  isSameThroughout,
  MIXED,
  NEVER,
  PROTECTED,
  type Protection,
  permissionName,
  permissionOf,
  RESERVED,
  RESERVED_IM,
  STRONG,
  type Tree,
  WEAK,
  WILD,
} from "./tree-state.ts";
import { accessWithWildcards } from "./tree-wildcard.ts";

export class TreeBorrows implements BorrowTracker, Cx {
  position = 0;
  cause: Cx["cause"] = "read";
  offset = 0;
  size = 0;
  below = -1;
  tracked: Uint8Array<ArrayBuffer> = new Uint8Array(1024);
  readonly tags: TagTable = new TagTable();

  private readonly source: AllocationSource;
  private readonly implicitWrites: boolean;
  private trees: (Tree | undefined)[] = [];
  private readonly live: Tree[] = [];
  /** Trees of allocations that are gone, to be used again. */
  private readonly pool: Tree[] = [];
  /** The newest nodes of trees whose allocation is gone. */
  private readonly dead: number[] = [];
  private readonly calls: (Protection[] | undefined)[] = [];

  constructor(source: AllocationSource, options: TreeBorrowsOptions) {
    this.source = source;
    this.implicitWrites = options.implicitWrites === true;
  }

  get tagAllocation(): Int32Array<ArrayBuffer> {
    return this.tags.allocation;
  }

  get collectionDue(): boolean {
    return this.tags.collectionDue;
  }

  reset(): void {
    this.tags.reset();
    this.tracked.fill(0);
    this.trees = [];
    this.live.length = 0;
    this.pool.length = 0;
    this.dead.length = 0;
    this.calls.length = 0;
  }

  read(alloc: number, tag: Tag, offset: number, size: number): void {
    const tree = this.trees[alloc];
    if (tree === undefined || size === 0) return;
    this.cause = "read";
    this.readNode(tree, nodeOf(tag), offset, size);
  }

  private readNode(tree: Tree, node: number, offset: number, size: number): void {
    this.offset = offset;
    this.size = size;
    const { locations } = tree;
    const end = offset + size;
    let from = offset;
    let range = locations.find(offset);
    if (end <= locations.end(range)) {
      if (!this.isIdleRead(tree, node, range)) this.access(tree, node, offset, end, false);
      return;
    }
    while (from < end) {
      const to = Math.min(end, locations.end(range));
      if (this.isIdleRead(tree, node, range)) range++;
      else {
        this.access(tree, node, from, to, false);
        if (to < end) range = locations.find(to);
      }
      from = to;
    }
    // Whatever was different before, the read made alike.
    if (tree.wild || tree.exposed.length > 0) return;
    locations.joinVaried(locations.find(offset), locations.find(end - 1));
  }

  /** Whether the read changes nothing in the range, which is made known to the next one. */
  private isIdleRead(tree: Tree, node: number, range: number): boolean {
    const { data } = tree.locations;
    const at = range << SHIFT;
    const isKnown = data[at + READ]! >= tree.protectedBirth && data[at + READER] === node;
    if (!isKnown && !readChangesNothing(this, tree, range, node)) return false;
    data[at + READER] = node;
    data[at + READ] = tree.births;
    return true;
  }

  write(alloc: number, tag: Tag, offset: number, size: number): void {
    const tree = this.trees[alloc];
    if (tree === undefined || size === 0) return;
    this.cause = "write";
    const node = nodeOf(tag);
    const { locations } = tree;
    const { data } = locations;
    const at = locations.find(offset) << SHIFT;
    // The node wrote last, nobody else read since, and no node is newer: another write changes nothing.
    if (
      offset + size <= data[at]! &&
      data[at + UNIQUE_TO] === node &&
      data[at + WRITER] === node &&
      data[at + WRITTEN]! >= tree.skippable
    ) {
      return;
    }
    this.writeNode(tree, node, offset, size);
  }

  private writeNode(tree: Tree, node: number, offset: number, size: number): void {
    this.offset = offset;
    this.size = size;
    this.access(tree, node, offset, offset + size, true);
  }

  private access(tree: Tree, node: number, offset: number, end: number, isWrite: boolean): void {
    const { locations } = tree;
    const first = locations.splitAt(offset);
    if (tree.protections.length > 0) splitAtBounds(tree, offset, end);
    let range = first;
    for (; range < locations.count && locations.start(range) < end; range++) {
      if (locations.data[range << SHIFT]! > end) locations.splitAt(end);
      const isWild = node === WILDCARD_NODE || tree.wild;
      if (locations.isVaried(range)) this.unify(tree, range, node, isWild);
      if (isWild) accessWithWildcards(this, tree, range, node, isWrite);
      else if (isWrite) writeRange(this, tree, range, node);
      else readRange(this, tree, range, node);
    }
    // Loops over an array would leave a range per element: only what differs stays apart.
    locations.join(first, range);
  }

  /** Makes a `VARIED` range one to all of whose bytes an access means the same. */
  private unify(tree: Tree, range: number, node: number, isWild: boolean): void {
    const { locations } = tree;
    locations.narrow(range);
    if (!locations.isVaried(range) || (!isWild && isSameThroughout(this, tree, range, node))) return;
    locations.settle(range);
  }

  retag(alloc: number, tag: Tag, offset: number, size: number, shape: RetagShape, protectedBy: number): Tag {
    const made = this.initial(shape, protectedBy);
    if (made < 0) return tag;
    const tree = this.treeOf(alloc);
    const writes = this.implicitWrites && shape.pointer !== "shared" && protectedBy !== NO_CALL;
    if (shape.pointer !== "shared" || shape.freeze) this.reborrow(tree, tag, offset, size, writes);
    else {
      visitFreezeSensitive(shape, size, (start, end, frozen) => {
        if (frozen) this.reborrow(tree, tag, offset + start, end - start, false);
      });
    }
    const node = this.makeNode(tree, tag, made, protectedBy === NO_CALL ? 0 : shape.pointer === "box" ? WEAK : STRONG);
    if (!shape.freeze && (made === CELL || made === RESERVED_IM)) this.setFrozenRanges(tree, node, offset, size, shape);
    if (protectedBy !== NO_CALL) this.protect(tree, node, protectedBy, offset, size);
    if (writes) this.reborrow(tree, tagOf(node, alloc), offset, size, true);
    return tagOf(node, alloc);
  }

  protectPlace(alloc: number, tag: Tag, offset: number, size: number, call: number): void {
    if (size === 0) return;
    const tree = this.treeOf(alloc);
    this.reborrow(tree, tag, offset, size, false);
    const node = this.makeNode(tree, tag, RESERVED, STRONG);
    this.protect(tree, node, call, offset, size);
    // What is protected and `Unique` allows no foreign access at all.
    this.writeNode(tree, node, offset, size);
  }

  /** The permission that a pointer's node is made with outside of its pointee, and in its cells; -1 when there is no node. */
  private initial(shape: RetagShape, protectedBy: number): number {
    switch (shape.pointer) {
      case "raw const":
      case "raw mut":
        return -1;
      case "shared":
        return shape.freeze ? FROZEN : CELL;
      case "mutable":
      case "box":
        if (!shape.unpin) return -1;
        return shape.freeze || protectedBy !== NO_CALL ? RESERVED : RESERVED_IM;
    }
  }

  private reborrow(tree: Tree, tag: Tag, offset: number, size: number, isWrite: boolean): void {
    if (size === 0) return;
    this.cause = "reborrow";
    if (isWrite) this.writeNode(tree, nodeOf(tag), offset, size);
    else this.readNode(tree, nodeOf(tag), offset, size);
  }

  private makeNode(tree: Tree, parent: Tag, made: number, protector: number): number {
    const wild = parent === WILDCARD_TAG;
    const birth = ++tree.births;
    if (tree.skippable !== NEVER) tree.skippable = birth;
    const up = wild ? ROOT : nodeOf(parent);
    const flags = made | protector | (wild ? WILD : 0);
    const node = this.tags.make(tree.allocation, up, birth, this.position, tree.newest, flags);
    tree.newest = node;
    if (wild) tree.wild = true;
    if (tree.protections.length > 0) this.notifyProtections(tree, node);
    return node;
  }

  /** A node was made: those protected nodes note it that it is not derived from. */
  private notifyProtections({ protections }: Tree, node: number): void {
    const { depth, parent, birth } = this.tags;
    const last = protections[protections.length - 1]!;
    if (last.nested && this.tags.isAncestorOrSelf(last.node, node)) return;
    let at = node;
    for (let k = protections.length - 1; k >= 0; k--) {
      const protection = protections[k]!;
      const target = depth[protection.node]!;
      if (target > depth[at]!) at = node;
      while (depth[at]! > target) at = parent[at]!;
      if (at !== protection.node) protection.newestOutside = birth[node]!;
    }
  }

  private setFrozenRanges(tree: Tree, node: number, offset: number, size: number, shape: RetagShape): void {
    const ranges: ByteRange[] = [];
    visitFreezeSensitive(shape, size, (start, end, frozen) => {
      if (!frozen) return;
      ranges.push({ start: offset + start, end: offset + end });
      cut(tree, offset + start);
      cut(tree, offset + end);
    });
    if (ranges.length === 0) return;
    this.tags.flags[node]! |= MIXED;
    tree.frozenRanges.set(node, ranges);
  }

  private protect(tree: Tree, node: number, call: number, offset: number, size: number): void {
    const end = offset + size;
    const protection: Protection = {
      node,
      call,
      tree,
      start: offset,
      end,
      nested: isInnermost(this, tree, node, offset, end),
      isExplicit: false,
      from: offset,
      to: end,
      newestOutside: 0,
    };
    tree.protections.push(protection);
    tree.protectedBirth = tree.births;
    const ofCall = this.calls[call];
    if (ofCall === undefined) this.calls[call] = [protection];
    else ofCall.push(protection);
  }

  hasProtectors(call: number): boolean {
    const ofCall = this.calls[call];
    return ofCall !== undefined && ofCall.length > 0;
  }

  protectorEnd(call: number): void {
    const ofCall = this.calls[call];
    if (ofCall === undefined || ofCall.length === 0) return;
    this.cause = "function exit";
    // All stay protected until the last of them had its access.
    for (const protection of ofCall) {
      if (!protection.tree.alive) continue;
      this.offset = protection.from;
      this.size = Math.max(0, protection.to - protection.from);
      exitAccess(this, protection);
    }
    for (const protection of ofCall) {
      const { tree, node } = protection;
      this.tags.flags[node]! &= ~PROTECTED;
      removeProtection(tree, protection);
      const last = tree.protections.at(-1);
      tree.protectedBirth = last === undefined ? 0 : this.tags.birth[last.node]!;
      if (tree.alive) dropGuards(protection);
    }
    ofCall.length = 0;
  }

  dealloc(alloc: number, tag: Tag): void {
    const tree = this.trees[alloc];
    if (tree === undefined) return;
    const { locations } = tree;
    this.cause = "dealloc";
    if (tree.size > 0) this.writeNode(tree, nodeOf(tag), 0, tree.size);
    if (tree.protections.length > 0) splitAtBounds(tree, 0, tree.size);
    for (let range = 0; range < locations.count; range++) this.checkUnprotected(tree, range, nodeOf(tag));
    this.forgetTree(tree);
  }

  private forgetTree(tree: Tree): void {
    if (tree.newest !== ROOT) this.dead.push(tree.newest);
    tree.alive = false;
    this.trees[tree.allocation] = undefined;
    this.tracked[tree.allocation] = 0;
    const last = this.live.pop();
    if (last !== undefined && last !== tree) {
      this.live[tree.slot] = last;
      last.slot = tree.slot;
    }
    // A protection that has not ended yet must find that its tree is not alive.
    if (tree.protections.length === 0) this.pool.push(tree);
  }

  private checkUnprotected(tree: Tree, range: number, node: number): void {
    const offset = tree.locations.start(range);
    for (const { node: guarded } of tree.protections) {
      if ((this.tags.flags[guarded]! & STRONG) === 0) continue;
      if ((guardOf(this, tree, range, guarded, offset) & ACCESSED) === 0) continue;
      if (permissionOf(this, tree, range, guarded) === CELL) continue;
      throw violation(this, tree, range, node, "write", "protectedDealloc", guarded);
    }
  }

  expose(alloc: number, tag: Tag): void {
    if (tag === WILDCARD_TAG || tag === 0) return;
    const node = nodeOf(tag);
    if (node !== ROOT && (this.trees[alloc] === undefined || this.tags.allocation[node] !== alloc)) return;
    const tree = this.treeOf(alloc);
    if (tree.exposed.includes(node)) return;
    tree.exposed.push(node);
    if (node !== ROOT) this.tags.flags[node]! |= EXPOSED;
  }

  private treeOf(alloc: number): Tree {
    const known = this.trees[alloc];
    if (known !== undefined) return known;
    while (this.trees.length <= alloc) this.trees.push(undefined);
    if (alloc >= this.tracked.length) {
      const tracked = new Uint8Array(Math.max(this.tracked.length * 2, alloc + 1));
      tracked.set(this.tracked);
      this.tracked = tracked;
    }
    this.tracked[alloc] = 1;
    const tree = this.makeTree(alloc, this.source.sizeOf(alloc));
    tree.slot = this.live.length;
    this.live.push(tree);
    this.trees[alloc] = tree;
    return tree;
  }

  private makeTree(allocation: number, size: number): Tree {
    const used = this.pool.pop();
    if (used !== undefined) {
      resetTree(used, allocation, size);
      return used;
    }
    return {
      allocation,
      size,
      slot: 0,
      locations: new Locations(size, this.tags),
      births: 0,
      skippable: 0,
      protectedBirth: 0,
      newest: ROOT,
      protections: [],
      exposed: [],
      wild: false,
      frozenRanges: new Map(),
      alive: true,
    };
  }

  tagCount(): number {
    return this.tags.count;
  }

  retainTags(isLive: Uint8Array, scanned = 0): void {
    let kept = 0;
    for (const tree of this.live) kept += collectTree(this, tree, isLive);
    let deadTrees = 0;
    for (const newest of this.dead) {
      const left = this.releaseDead(newest, isLive);
      if (left !== ROOT) this.dead[deadTrees++] = left;
    }
    this.dead.length = deadTrees;
    this.tags.collected(kept, scanned);
  }

  /** Of an allocation that is gone, keeps the numbers of tags that dangling pointers still have. */
  private releaseDead(newest: number, isLive: Uint8Array): number {
    const { older, flags } = this.tags;
    let kept: number = ROOT;
    for (let node = newest; node !== ROOT; ) {
      const next = older[node]!;
      if (isLive[node] === 1 || (flags[node]! & PROTECTED) !== 0) {
        older[node] = kept;
        kept = node;
      } else this.tags.release(node);
      node = next;
    }
    return kept;
  }

  permissionAt(alloc: number, tag: Tag, offset: number): Permission {
    const tree = this.trees[alloc];
    if (tree === undefined) return "Unique";
    return permissionName(this, tree, tree.locations.find(offset), nodeOf(tag), offset);
  }
}

function removeProtection(tree: Tree, protection: Protection): void {
  const { protections } = tree;
  if (protections[protections.length - 1] === protection) protections.pop();
  else protections.splice(protections.lastIndexOf(protection), 1);
}

function resetTree(tree: Tree, allocation: number, size: number): void {
  tree.allocation = allocation;
  tree.size = size;
  tree.locations.reset(size);
  tree.births = 0;
  tree.skippable = 0;
  tree.protectedBirth = 0;
  tree.newest = ROOT;
  tree.exposed.length = 0;
  tree.wild = false;
  if (tree.frozenRanges.size > 0) tree.frozenRanges.clear();
  tree.alive = true;
}

/** Keeps the bytes on both sides of an offset in different ranges. */
function cut(tree: Tree, offset: number): void {
  if (offset <= 0 || offset >= tree.size) return;
  tree.locations.cuts.add(offset);
  tree.locations.splitAt(offset);
}

function nodeOf(tag: Tag): number {
  if (tag === WILDCARD_TAG) return WILDCARD_NODE;
  return tag >= FIRST_TAG ? tag - FIRST_TAG : ROOT;
}
