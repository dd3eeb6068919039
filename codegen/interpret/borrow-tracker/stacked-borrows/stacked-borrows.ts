/** Stacked Borrows as a `BorrowTracker`. */

import type { AllocationSource, BorrowTracker } from "../borrow-tracker.ts";
import { type RetagShape, visitFreezeSensitive } from "../retag.ts";
import { NO_CALL, ROOT, TagTable, tagOf } from "../tag-table.ts";
import {
  type AccessCause,
  type BorrowEvent,
  BorrowTrap,
  FIRST_TAG,
  type Permission,
  type Tag,
  type TagReport,
  WILDCARD_TAG,
} from "../violation.ts";
import {
  accessStack,
  deallocStack,
  EXPOSED,
  ITEM_PROTECTED,
  ITEM_SHIFT,
  insertShared,
  makeItem,
  PERMISSION,
  PROTECTED,
  pushItem,
  SHARED_RO,
  SHARED_RW,
  STRONG,
  type Stack,
  type StackCx,
  UNIQUE,
  WEAK,
  WILDCARD_NODE,
} from "./stack.ts";
import { Stacks } from "./stacks.ts";

/**
 * When to collect: dead items make stacks long and neighbours differ, and what that costs (`work`, in items looked at) is to be no more than
 * a few times what collecting would. So collections follow one another quickly where they pay, and hardly happen elsewhere.
 */
const LEAST_WORK = 1 << 12;
const WORK_PER_SCANNED = 4;
/** A collection that leaves more than this part of the items was not worth it. */
const USELESS = 3 / 4;
/** Items of a stack, and ranges of an access, that cost nothing worth counting; and what a further range does. */
const SHORT_STACK = 8;
const FEW_RANGES = 2;
const RANGE_WORK = 8;

const NAMES: readonly Permission[] = ["Unique", "SharedReadWrite", "SharedReadOnly", "Disabled"];

export class StackedBorrows implements BorrowTracker, StackCx {
  position = 0;
  tracked: Uint8Array<ArrayBuffer> = new Uint8Array(1024);
  readonly tags: TagTable = new TagTable();

  private readonly source: AllocationSource;
  private allocations: (Stacks | undefined)[] = [];
  private readonly live = new Set<Stacks>();
  private readonly dead: number[] = [];
  private readonly calls: (number[] | undefined)[] = [];
  /** By node: the position where an item of it was last invalidated, and the node of that access. */
  private lostAt: Int32Array<ArrayBuffer> = new Int32Array(1024);
  private lostBy: Int32Array<ArrayBuffer> = new Int32Array(1024);

  /** What long stacks and many ranges have cost since the last collection; how much makes one due; by how much that was put off. */
  private work = 0;
  private collectAfter = LEAST_WORK;
  private patience = 1;

  private cause: AccessCause = "read";
  private isWrite = false;
  private current: Stacks | undefined;
  private node = ROOT as number;
  private offset = 0;
  private size = 0;
  private at = 0;

  constructor(source: AllocationSource) {
    this.source = source;
  }

  get tagAllocation(): Int32Array<ArrayBuffer> {
    return this.tags.allocation;
  }

  get collectionDue(): boolean {
    return this.work >= this.collectAfter || this.tags.collectionDue;
  }

  reset(): void {
    this.tags.reset();
    this.work = 0;
    this.collectAfter = LEAST_WORK;
    this.patience = 1;
    this.tracked.fill(0);
    this.allocations = [];
    this.live.clear();
    this.dead.length = 0;
    this.calls.length = 0;
  }

  read(alloc: number, tag: Tag, offset: number, size: number): void {
    const stacks = this.allocations[alloc];
    if (stacks === undefined || size === 0) return;
    const stack = stacks.ranges[stacks.find(offset)]!;
    const node = nodeOf(tag);
    if (offset + size <= stack.end) {
      if (stack.reader === node) return;
      const { items } = stack;
      const top = items[items.length - 1];
      if (top !== undefined && top >> ITEM_SHIFT === node && (top & PERMISSION) !== PERMISSION) return;
    }
    this.begin(stacks, "read", node, offset, size);
    this.access(stacks, false);
  }

  write(alloc: number, tag: Tag, offset: number, size: number): void {
    const stacks = this.allocations[alloc];
    if (stacks === undefined || size === 0) return;
    const stack = stacks.ranges[stacks.find(offset)]!;
    const node = nodeOf(tag);
    const { items } = stack;
    const top = items[items.length - 1];
    // The item on top allows the write, and there is nothing above it to be popped.
    if (
      top !== undefined &&
      top >> ITEM_SHIFT === node &&
      (top & PERMISSION) < SHARED_RO &&
      offset + size <= stack.end
    ) {
      return;
    }
    this.begin(stacks, "write", node, offset, size);
    this.access(stacks, true);
  }

  private begin(stacks: Stacks, cause: AccessCause, node: number, offset: number, size: number): void {
    this.current = stacks;
    this.cause = cause;
    this.node = node;
    this.offset = offset;
    this.size = size;
  }

  private access(stacks: Stacks, isWrite: boolean): void {
    this.isWrite = isWrite;
    this.forEach(stacks, this.offset, this.size, (stack) => accessStack(this, stack, isWrite, this.node));
  }

  private forEach(stacks: Stacks, offset: number, size: number, act: (stack: Stack) => void): void {
    const end = offset + size;
    const first = stacks.splitAt(offset);
    let k = first;
    for (; k < stacks.ranges.length && stacks.start(k) < end; k++) {
      const stack = stacks.ranges[k]!;
      if (stack.end > end) stacks.splitAt(end);
      this.at = stacks.start(k);
      act(stack);
      const extra = stack.items.length - SHORT_STACK;
      if (extra > 0) this.work += extra;
    }
    if (k - first > FEW_RANGES) this.work += (k - first - FEW_RANGES) * RANGE_WORK;
    stacks.join(first, k);
  }

  retag(alloc: number, tag: Tag, offset: number, size: number, shape: RetagShape, protectedBy: number): Tag {
    const stacks = this.stacksOf(alloc);
    const pinned = (shape.pointer === "mutable" || shape.pointer === "box") && !shape.unpin;
    const shared = shape.pointer === "raw mut" || shape.twoPhase || pinned;
    const readOnly = shape.pointer === "shared" || shape.pointer === "raw const";
    const isProtected = protectedBy !== NO_CALL && !shared && shape.pointer !== "raw const";
    const protector = !isProtected ? 0 : shape.pointer === "box" ? WEAK : STRONG;
    const from = nodeOf(tag);
    const node = this.makeNode(stacks, from, protector, protectedBy);
    if (size === 0) return tagOf(node, alloc);
    this.begin(stacks, "reborrow", from, offset, size);
    if (shared) this.pushShared(stacks, offset, size, node);
    else if (!readOnly) this.pushUnique(stacks, offset, size, node, isProtected);
    else {
      visitFreezeSensitive(shape, size, (start, end, frozen) => {
        if (!frozen) this.pushShared(stacks, offset + start, end - start, node);
        else this.pushReadOnly(stacks, offset + start, end - start, node, isProtected);
      });
    }
    return tagOf(node, alloc);
  }

  protectPlace(alloc: number, tag: Tag, offset: number, size: number, call: number): void {
    if (size === 0) return;
    const stacks = this.stacksOf(alloc);
    const node = this.makeNode(stacks, nodeOf(tag), STRONG, call);
    this.begin(stacks, "reborrow", nodeOf(tag), offset, size);
    this.pushUnique(stacks, offset, size, node, true);
  }

  private pushShared(stacks: Stacks, offset: number, size: number, node: number): void {
    this.isWrite = true;
    const item = makeItem(node, SHARED_RW, false);
    this.forEach(stacks, offset, size, (stack) => {
      insertShared(this, stack, this.node, item, stacks.births);
    });
  }

  private pushUnique(stacks: Stacks, offset: number, size: number, node: number, isProtected: boolean): void {
    this.isWrite = true;
    const item = makeItem(node, UNIQUE, isProtected);
    this.forEach(stacks, offset, size, (stack) => pushItem(this, stack, true, this.node, item));
  }

  private pushReadOnly(stacks: Stacks, offset: number, size: number, node: number, isProtected: boolean): void {
    this.isWrite = false;
    const item = makeItem(node, SHARED_RO, isProtected);
    this.forEach(stacks, offset, size, (stack) => {
      pushItem(this, stack, false, this.node, item);
    });
  }

  private makeNode(stacks: Stacks, parent: number, protector: number, call: number): number {
    const up = parent === WILDCARD_NODE ? ROOT : parent;
    const node = this.tags.make(stacks.allocation, up, ++stacks.births, this.position, stacks.newest, protector);
    stacks.newest = node;
    if (node >= this.lostAt.length) {
      this.lostAt = doubled(this.lostAt);
      this.lostBy = doubled(this.lostBy);
    }
    this.lostAt[node] = -1;
    if (protector !== 0) {
      const ofCall = this.calls[call];
      if (ofCall === undefined) this.calls[call] = [node];
      else ofCall.push(node);
    }
    return node;
  }

  hasProtectors(call: number): boolean {
    const ofCall = this.calls[call];
    return ofCall !== undefined && ofCall.length > 0;
  }

  protectorEnd(call: number): void {
    const ofCall = this.calls[call];
    if (ofCall === undefined) return;
    for (const node of ofCall) this.tags.flags[node]! &= ~PROTECTED;
    ofCall.length = 0;
  }

  dealloc(alloc: number, tag: Tag): void {
    const stacks = this.allocations[alloc];
    if (stacks === undefined) return;
    if (stacks.size > 0) {
      this.begin(stacks, "dealloc", nodeOf(tag), 0, stacks.size);
      this.isWrite = true;
      this.forEach(stacks, 0, stacks.size, (stack) => deallocStack(this, stack, this.node));
    }
    if (stacks.newest !== ROOT) this.dead.push(stacks.newest);
    this.allocations[alloc] = undefined;
    this.tracked[alloc] = 0;
    this.live.delete(stacks);
  }

  expose(alloc: number, tag: Tag): void {
    if (tag === WILDCARD_TAG || tag === 0) return;
    const node = nodeOf(tag);
    if (node !== ROOT && this.tags.allocation[node] !== alloc) return;
    if (node !== ROOT && this.allocations[alloc] === undefined) return;
    const stacks = this.stacksOf(alloc);
    stacks.exposed.add(node);
    if (node !== ROOT) this.tags.flags[node]! |= EXPOSED;
  }

  isExposed(node: number): boolean {
    return this.current?.exposed.has(node) === true;
  }

  private stacksOf(alloc: number): Stacks {
    const known = this.allocations[alloc];
    if (known !== undefined) return known;
    while (this.allocations.length <= alloc) this.allocations.push(undefined);
    if (alloc >= this.tracked.length) {
      const tracked = new Uint8Array(Math.max(this.tracked.length * 2, alloc + 1));
      tracked.set(this.tracked);
      this.tracked = tracked;
    }
    this.tracked[alloc] = 1;
    const root = makeItem(ROOT, this.source.isLocal(alloc) ? UNIQUE : SHARED_RW, false);
    const stacks = new Stacks(alloc, this.source.sizeOf(alloc), root);
    this.allocations[alloc] = stacks;
    this.live.add(stacks);
    return stacks;
  }

  invalidated(item: number, isDealloc: boolean): void {
    const owner = item >> ITEM_SHIFT;
    if (owner !== ROOT) {
      this.lostAt[owner] = this.position;
      this.lostBy[owner] = this.node;
    }
    if ((item & ITEM_PROTECTED) === 0) return;
    const flags = this.tags.flags[owner]!;
    if ((flags & PROTECTED) === 0 || (isDealloc && (flags & STRONG) === 0)) return;
    throw this.trap(isDealloc ? "protectedDealloc" : "protected", owner, NAMES[item & PERMISSION]!, {
      protector: {
        call: this.calls.findIndex((nodes) => nodes?.includes(owner)),
        kind: (flags & STRONG) !== 0 ? "strong" : "weak",
      },
    });
  }

  notGranted(stack: Stack, node: number, _isWrite: boolean): never {
    if (node === WILDCARD_NODE) throw this.trap("noExposedTag", node, "(not in the stack)", {});
    throw this.trap("forbidden", node, itemPermission(stack, node), {});
  }

  private trap(
    kind: BorrowTrap["violation"]["kind"],
    conflicting: number,
    permission: Permission,
    protector: { protector?: BorrowTrap["violation"]["protector"] & object },
  ): BorrowTrap {
    const stacks = this.current!;
    const stack = stacks.ranges[stacks.find(this.at)]!;
    const self = conflicting === this.node;
    return new BorrowTrap({
      model: "stacked",
      kind,
      cause: this.cause,
      access: this.isWrite ? "write" : "read",
      allocation: stacks.allocation,
      offset: this.offset,
      size: this.size,
      at: this.at,
      accessed: this.report(stacks, this.node, itemPermission(stack, this.node)),
      conflicting: this.report(stacks, conflicting, permission),
      relation: this.node === WILDCARD_NODE ? "unknown" : self ? "self" : "foreign",
      ...protector,
      events: conflicting === WILDCARD_NODE ? [] : this.history(stacks, conflicting),
    });
  }

  private report(stacks: Stacks, node: number, permission: Permission): TagReport {
    if (node === WILDCARD_NODE) return { tag: WILDCARD_TAG, createdAt: -1, permission };
    return { tag: tagOf(node, stacks.allocation), createdAt: this.tags.createdAt[node]!, permission };
  }

  private history(stacks: Stacks, node: number): BorrowEvent[] {
    const tag = tagOf(node, stacks.allocation);
    const events: BorrowEvent[] = [{ kind: "created", tag, by: tag, position: this.tags.createdAt[node]! }];
    if (node !== ROOT && this.lostAt[node] !== -1) {
      const by = this.lostBy[node]! === WILDCARD_NODE ? WILDCARD_TAG : tagOf(this.lostBy[node]!, stacks.allocation);
      events.push({ kind: "invalidated", tag, by, position: this.lostAt[node]! });
    }
    return events;
  }

  tagCount(): number {
    return this.tags.count;
  }

  retainTags(isLive: Uint8Array, scanned = 0): void {
    const { older, flags } = this.tags;
    let keptNodes = 0;
    const isNeeded = (node: number): boolean =>
      node === ROOT || isLive[node] === 1 || (flags[node]! & (PROTECTED | EXPOSED)) !== 0;
    const sweep = (newest: number, inStack: ReadonlySet<number>): number => {
      let kept: number = ROOT;
      let last: number = ROOT;
      for (let node = newest; node !== ROOT; ) {
        const next = older[node]!;
        if (!isNeeded(node) && !inStack.has(node)) this.tags.release(node);
        else {
          if (last === ROOT) kept = node;
          else older[last] = node;
          older[node] = ROOT;
          last = node;
          keptNodes++;
        }
        node = next;
      }
      return kept;
    };
    const before = this.itemCount();
    for (const stacks of this.live) stacks.newest = sweep(stacks.newest, stacks.retain(isNeeded));
    const left = this.dead.map((newest) => sweep(newest, NOTHING)).filter((newest) => newest !== ROOT);
    this.dead.splice(0, this.dead.length, ...left);
    this.tags.collected(keptNodes, scanned);
    this.work = 0;
    const items = this.itemCount();
    this.patience = items > before * USELESS ? this.patience * 2 : Math.max(1, this.patience / 2);
    const cost = WORK_PER_SCANNED * (scanned + keptNodes + items);
    this.collectAfter = this.patience * Math.max(LEAST_WORK, cost);
  }

  private itemCount(): number {
    let items = 0;
    for (const stacks of this.live) for (const range of stacks.ranges) items += range.items.length;
    return items;
  }

  permissionAt(alloc: number, tag: Tag, offset: number): Permission {
    const stacks = this.allocations[alloc];
    if (stacks === undefined) return this.source.isLocal(alloc) ? "Unique" : "SharedReadWrite";
    return itemPermission(stacks.ranges[stacks.find(offset)]!, nodeOf(tag));
  }
}

const NOTHING: ReadonlySet<number> = new Set();

function itemPermission(stack: Stack, node: number): Permission {
  const item = stack.items.findLast((i) => i >> ITEM_SHIFT === node);
  return item === undefined ? "(not in the stack)" : NAMES[item & PERMISSION]!;
}

function nodeOf(tag: Tag): number {
  if (tag === WILDCARD_TAG) return WILDCARD_NODE;
  return tag >= FIRST_TAG ? tag - FIRST_TAG : ROOT;
}

function doubled(old: Int32Array): Int32Array<ArrayBuffer> {
  const array = new Int32Array(old.length * 2);
  array.set(old);
  return array;
}
