/**
 * The borrow stack of some bytes: *items*, each a tag and its permission, from the oldest to the newest.
 *
 * When an access goes through a wildcard, it is not known which item it used: the stack is then forgotten, but for an upper bound of the
 * tags that may still be in it (the *unknown bottom*); items pushed later lie above.
 *
 * Sources: the paper; Miri's `stacked_borrows/{mod,item,stack}.rs`.
 */

import type { TagTable } from "../tag-table.ts";

/** Permissions of items. */
export const UNIQUE = 0;
export const SHARED_RW = 1;
export const SHARED_RO = 2;
export const DISABLED = 3;

/** An item is a node, whether it was protected when it was pushed, and its permission. */
export const ITEM_SHIFT = 3;
export const ITEM_PROTECTED = 4;
export const PERMISSION = 3;

/** Of tags: protected by a running call. */
export const STRONG = 8;
export const WEAK = 16;
export const PROTECTED: number = STRONG | WEAK;
export const EXPOSED = 32;

export const WILDCARD_NODE = -1;
export const NOBODY = -2;

/** Results of `findGranting` beside indices. */
export const IN_UNKNOWN = -1;
export const NOT_FOUND = -2;

/** The stack of the bytes up to `end`. */
export interface Stack {
  end: number;
  items: number[];
  /** When not 0, items with tags born before this may lie below `items`. */
  unknown: number;
  /** A node through which a read changes nothing; `NOBODY` when there is none known. */
  reader: number;
}

/** What the rules need of their surroundings; the two callbacks are for reports. */
export interface StackCx {
  readonly tags: TagTable;
  isExposed(node: number): boolean;
  /** An item is popped or disabled. @throws BorrowTrap when it is protected */
  invalidated(item: number, isDealloc: boolean): void;
  /** @throws BorrowTrap always */
  notGranted(stack: Stack, node: number, isWrite: boolean): never;
}

export function makeItem(node: number, permission: number, isProtected: boolean): number {
  return (node << ITEM_SHIFT) | (isProtected ? ITEM_PROTECTED : 0) | permission;
}

function grants(permission: number, isWrite: boolean): boolean {
  return permission !== DISABLED && (!isWrite || permission !== SHARED_RO);
}

/** The uppermost item that allows the access: its index, `IN_UNKNOWN` or `NOT_FOUND`. */
function findGranting(cx: StackCx, stack: Stack, isWrite: boolean, node: number): number {
  const { unknown } = stack;
  const found = node === WILDCARD_NODE ? findExposed(cx, stack, isWrite) : findItem(stack, node);
  if (found >= 0 && grants(stack.items[found]! & PERMISSION, isWrite)) return found;
  if (unknown === 0) return NOT_FOUND;
  return node === WILDCARD_NODE || cx.tags.birth[node]! < unknown ? IN_UNKNOWN : NOT_FOUND;
}

function findExposed(cx: StackCx, stack: Stack, isWrite: boolean): number {
  const { items } = stack;
  for (let k = items.length - 1; k >= 0; k--) {
    if (cx.isExposed(items[k]! >> ITEM_SHIFT) && grants(items[k]! & PERMISSION, isWrite)) return k;
  }
  return NOT_FOUND;
}

/** The item of a node, of which there is one at most. Those that are used are mostly new, or the oldest: it is looked for from both ends. */
function findItem(stack: Stack, node: number): number {
  const { items } = stack;
  for (let low = 0, high = items.length - 1; low <= high; low++, high--) {
    if (items[high]! >> ITEM_SHIFT === node) return high;
    if (items[low]! >> ITEM_SHIFT === node) return low;
  }
  return NOT_FOUND;
}

/** How far a write through the item at `granting` truncates the stack. */
function firstIncompatible(stack: Stack, granting: number): number {
  const { items } = stack;
  let k = granting + 1;
  if ((items[granting]! & PERMISSION) === UNIQUE) return k;
  while (k < items.length && (items[k]! & PERMISSION) === SHARED_RW) k++;
  return k;
}

/** @throws BorrowTrap */
export function accessStack(cx: StackCx, stack: Stack, isWrite: boolean, node: number): void {
  const granting = findGranting(cx, stack, isWrite, node);
  if (granting === NOT_FOUND) cx.notGranted(stack, node, isWrite);
  if (isWrite) pop(cx, stack, granting === IN_UNKNOWN ? 0 : firstIncompatible(stack, granting));
  else disableUniques(cx, stack, granting === IN_UNKNOWN ? 0 : granting + 1);
  if (granting === IN_UNKNOWN || node === WILDCARD_NODE) forgetStack(cx, stack);
  else stack.reader = node;
}

function pop(cx: StackCx, stack: Stack, length: number): void {
  const { items } = stack;
  while (items.length > length) {
    const item = items.pop()!;
    cx.invalidated(item, false);
  }
}

/**
 * A read disables the `Unique` items above. They are not removed, as that would join the groups of `SharedReadWrite` on both sides; and
 * what is above them stays.
 */
function disableUniques(cx: StackCx, stack: Stack, from: number): void {
  const { items } = stack;
  // Nothing is ever put on a `SharedReadOnly` but more of them.
  if (from > 0 && (items[from - 1]! & PERMISSION) === SHARED_RO) return;
  for (let k = from; k < items.length; k++) {
    const item = items[k]!;
    if ((item & PERMISSION) === SHARED_RO) return;
    if ((item & PERMISSION) !== UNIQUE) continue;
    cx.invalidated(item, false);
    items[k] = item | DISABLED;
  }
}

function forgetStack(cx: StackCx, stack: Stack): void {
  let limit = Math.max(stack.unknown, 1);
  for (const item of stack.items) {
    if ((item & PERMISSION) !== DISABLED) limit = Math.max(limit, cx.tags.birth[item >> ITEM_SHIFT]! + 1);
  }
  stack.items.length = 0;
  stack.unknown = limit;
  stack.reader = NOBODY;
}

/** Memory is freed: a write, and no item that is left may be strongly protected. @throws BorrowTrap */
export function deallocStack(cx: StackCx, stack: Stack, node: number): void {
  accessStack(cx, stack, true, node);
  for (let k = stack.items.length - 1; k >= 0; k--) cx.invalidated(stack.items[k]!, true);
}

/** Pushes an item after an access through what it is derived from. @throws BorrowTrap */
export function pushItem(cx: StackCx, stack: Stack, isWrite: boolean, from: number, item: number): void {
  accessStack(cx, stack, isWrite, from);
  stack.items.push(item);
  stack.reader = NOBODY;
}

/**
 * Inserts a `SharedReadWrite` item, which is not an access: it goes above the items that a write through `from` would leave.
 * `births` is the birth of the item's tag.
 *
 * @throws BorrowTrap
 */
export function insertShared(cx: StackCx, stack: Stack, from: number, item: number, births: number): void {
  const granting = findGranting(cx, stack, true, from);
  if (granting === NOT_FOUND) cx.notGranted(stack, from, true);
  if (granting === IN_UNKNOWN || from === WILDCARD_NODE) {
    // It might have joined a group anywhere in what is not known.
    stack.items.length = 0;
    stack.unknown = births + 1;
  } else stack.items.splice(firstIncompatible(stack, granting), 0, item);
  stack.reader = NOBODY;
}

/** Removes the items of dead tags, but for those that keep two groups of `SharedReadWrite` apart. */
export function retainItems(stack: Stack, isNeeded: (node: number) => boolean): void {
  const { items } = stack;
  let kept = 1;
  let below = items[0]! & PERMISSION;
  for (let k = 1; k < items.length; k++) {
    const item = items[k]!;
    const permission = item & PERMISSION;
    const afterGroup = below === SHARED_RW;
    below = permission;
    const separates = afterGroup && permission !== SHARED_RW;
    if (separates || (permission !== DISABLED && isNeeded(item >> ITEM_SHIFT))) items[kept++] = item;
  }
  if (items.length > kept) {
    items.length = kept;
    stack.reader = NOBODY;
  }
}
