/** Stacked Borrows by the book, per byte, as the reference for tests. Tags are counted up from the root's 0; -1 is the wildcard. */

import { type RetagShape, visitFreezeSensitive } from "../retag.ts";
import { Violation } from "./naive-tree.ts";

type Grant = "Unique" | "SharedReadWrite" | "SharedReadOnly" | "Disabled";

interface Item {
  readonly tag: number;
  grant: Grant;
  readonly guarded: boolean;
}

interface Stack {
  items: Item[];
  unknown: number | undefined;
}

export class NaiveStacks {
  readonly stacks: Stack[];
  readonly protectors: Map<number, { call: number; strong: boolean }> = new Map<
    number,
    { call: number; strong: boolean }
  >();
  readonly exposed: Set<number> = new Set<number>();
  tags = 1;

  constructor(size: number, isLocal: boolean) {
    this.stacks = Array.from({ length: size }, () => ({
      items: [{ tag: 0, grant: isLocal ? "Unique" : "SharedReadWrite", guarded: false }],
      unknown: undefined,
    }));
  }

  copy(): NaiveStacks {
    const copy = new NaiveStacks(0, false);
    for (const s of this.stacks) copy.stacks.push({ items: s.items.map((i) => ({ ...i })), unknown: s.unknown });
    for (const [tag, protector] of this.protectors) copy.protectors.set(tag, protector);
    for (const tag of this.exposed) copy.exposed.add(tag);
    copy.tags = this.tags;
    return copy;
  }

  private find(stack: Stack, tag: number, isWrite: boolean): number | "unknown" {
    for (let k = stack.items.length - 1; k >= 0; k--) {
      const item = stack.items[k]!;
      if (tag < 0 ? !this.exposed.has(item.tag) : item.tag !== tag) continue;
      if (item.grant !== "Disabled" && (!isWrite || item.grant !== "SharedReadOnly")) return k;
    }
    if (stack.unknown !== undefined && (tag < 0 || tag < stack.unknown)) return "unknown";
    throw new Violation(`no item for ${tag}`);
  }

  private above(stack: Stack, granting: number): number {
    let k = granting + 1;
    if (stack.items[granting]!.grant === "SharedReadWrite") while (stack.items[k]?.grant === "SharedReadWrite") k++;
    return k;
  }

  private lose(item: Item, isDealloc: boolean): void {
    const protector = item.guarded ? this.protectors.get(item.tag) : undefined;
    if (protector !== undefined && !(isDealloc && !protector.strong)) throw new Violation(`protected ${item.tag}`);
  }

  private accessByte(tag: number, at: number, isWrite: boolean): void {
    const stack = this.stacks[at]!;
    const granting = this.find(stack, tag, isWrite);
    if (isWrite) {
      const from = granting === "unknown" ? 0 : this.above(stack, granting);
      for (const item of stack.items.slice(from)) this.lose(item, false);
      stack.items.length = from;
    } else {
      const from = granting === "unknown" ? 0 : granting + 1;
      for (const item of stack.items.slice(from)) {
        if (item.grant !== "Unique") continue;
        this.lose(item, false);
        item.grant = "Disabled";
      }
    }
    if (granting !== "unknown" && tag >= 0) return;
    const known = stack.items.filter((i) => i.grant !== "Disabled").map((i) => i.tag + 1);
    stack.unknown = Math.max(1, stack.unknown ?? 0, ...known);
    stack.items = [];
  }

  access(tag: number, offset: number, size: number, isWrite: boolean): void {
    for (let at = offset; at < offset + size; at++) this.accessByte(tag, at, isWrite);
  }

  retag(parent: number, offset: number, size: number, shape: RetagShape, call: number): number {
    const tag = this.tags++;
    const { pointer } = shape;
    const shared =
      pointer === "raw mut" || shape.twoPhase || (!shape.unpin && (pointer === "mutable" || pointer === "box"));
    const guarded = call >= 0 && !shared && pointer !== "raw const";
    if (guarded) this.protectors.set(tag, { call, strong: pointer !== "box" });
    const push = (at: number, grant: Grant, isWrite: boolean): void => {
      this.accessByte(parent, at, isWrite);
      this.stacks[at]!.items.push({ tag, grant, guarded });
    };
    visitFreezeSensitive(shape, size, (start, end, frozen) => {
      for (let at = offset + start; at < offset + end; at++) {
        const readOnly = pointer === "shared" || pointer === "raw const";
        if (shared || (readOnly && !frozen)) this.insertShared(parent, at, tag);
        else if (readOnly) push(at, "SharedReadOnly", false);
        else push(at, "Unique", true);
      }
    });
    return tag;
  }

  private insertShared(parent: number, at: number, tag: number): void {
    const stack = this.stacks[at]!;
    const granting = this.find(stack, parent, true);
    if (granting === "unknown" || parent < 0) {
      stack.items = [];
      stack.unknown = this.tags;
      return;
    }
    stack.items.splice(this.above(stack, granting), 0, { tag, grant: "SharedReadWrite", guarded: false });
  }

  endCall(call: number): void {
    for (const [tag, protector] of this.protectors) if (protector.call === call) this.protectors.delete(tag);
  }

  dealloc(tag: number): void {
    this.stacks.forEach((stack, at) => {
      this.accessByte(tag, at, true);
      for (const item of stack.items) this.lose(item, true);
    });
  }

  stateName(tag: number, at: number): string {
    return this.stacks[at]!.items.findLast((i) => i.tag === tag)?.grant ?? "(not in the stack)";
  }
}
