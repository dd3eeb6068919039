/**
 * Tree Borrows by the book, as the reference for tests: every access visits every node of the tree, for every byte. Tags are the numbers
 * of nodes; -1 is the wildcard.
 */

import { type RetagShape, visitFreezeSensitive } from "../retag.ts";

export type State = "Cell" | "Reserved" | "ReservedIM" | "Unique" | "Frozen" | "Disabled";

interface Byte {
  state: State;
  accessed: boolean;
  conflicted: boolean;
}

interface Node {
  readonly parent: number;
  readonly wild: boolean;
  readonly bytes: Byte[];
  protector: "strong" | "weak" | undefined;
  call: number;
  exposed: boolean;
}

export class Violation extends Error {}

type Relation = "child" | "foreign" | "none";

/** The transition table of the paper, with the refinements of Miri: undefined is undefined behaviour. */
export function transition(byte: Byte, isWrite: boolean, isChild: boolean, isProtected: boolean): Byte | undefined {
  const to = (state: State, conflicted = byte.conflicted): Byte => ({
    state,
    accessed: byte.accessed || isChild,
    conflicted,
  });
  if (byte.state === "Cell") return to("Cell");
  if (isChild && !isWrite) return byte.state === "Disabled" ? undefined : to(byte.state);
  if (isChild) {
    if (byte.state === "Disabled" || byte.state === "Frozen") return undefined;
    if (byte.state === "Reserved" && isProtected && byte.conflicted) return undefined;
    return to("Unique");
  }
  const disabled = (): Byte | undefined => (isProtected && byte.accessed ? undefined : to("Disabled"));
  if (isWrite) {
    if (byte.state === "ReservedIM" || byte.state === "Disabled") return to(byte.state);
    return disabled();
  }
  if (byte.state === "Unique") return isProtected ? disabled() : to("Frozen");
  if (byte.state === "Reserved" && isProtected) return to("Reserved", true);
  return to(byte.state);
}

export class NaiveTree {
  readonly nodes: Node[];
  readonly size: number;

  constructor(size: number) {
    this.size = size;
    const bytes = Array.from({ length: size }, (): Byte => ({ state: "Unique", accessed: true, conflicted: false }));
    this.nodes = [{ parent: -1, wild: false, bytes, protector: undefined, call: -1, exposed: false }];
  }

  copy(): NaiveTree {
    const copy = new NaiveTree(this.size);
    copy.nodes.splice(0, 1, ...this.nodes.map((n) => ({ ...n, bytes: n.bytes.slice() })));
    return copy;
  }

  isAncestorOrSelf(above: number, node: number): boolean {
    for (let n = node; n >= 0; n = this.nodes[n]!.parent) if (n === above) return true;
    return false;
  }

  /** The node that was derived from a wildcard, on the way up from `node`; or 0. */
  private top(node: number): number {
    let n = node;
    while (n > 0 && !this.nodes[n]!.wild) n = this.nodes[n]!.parent;
    return n;
  }

  retag(parent: number, offset: number, size: number, shape: RetagShape, call: number): number {
    const { pointer } = shape;
    if (pointer === "raw const" || pointer === "raw mut") return parent;
    if (pointer !== "shared" && !shape.unpin) return parent;
    const isProtected = call >= 0;
    const state = (frozen: boolean): State => {
      if (pointer === "shared") return frozen ? "Frozen" : "Cell";
      return frozen || isProtected ? "Reserved" : "ReservedIM";
    };
    const bytes = Array.from({ length: this.size }, (): Byte => {
      return { state: state(shape.freeze), accessed: false, conflicted: false };
    });
    visitFreezeSensitive(shape, size, (start, end, frozen) => {
      const inside = state(frozen);
      for (let at = offset + start; at < offset + end; at++) {
        if (inside !== "Cell") this.accessByte(parent, at, false);
        bytes[at] = { state: inside, accessed: inside !== "Cell", conflicted: false };
      }
    });
    const wild = parent < 0;
    const protector = !isProtected ? undefined : pointer === "box" ? "weak" : "strong";
    this.nodes.push({ parent: wild ? 0 : parent, wild, bytes, protector, call, exposed: false });
    return this.nodes.length - 1;
  }

  access(node: number, offset: number, size: number, isWrite: boolean): void {
    for (let at = offset; at < offset + size; at++) this.accessByte(node, at, isWrite);
  }

  private accessByte(node: number, at: number, isWrite: boolean): void {
    this.apply(at, isWrite, this.relations(node, at, isWrite));
  }

  private apply(at: number, isWrite: boolean, relation: (n: number) => Relation): void {
    const after = this.nodes.map((n, k) => {
      const r = relation(k);
      return r === "none" ? n.bytes[at]! : transition(n.bytes[at]!, isWrite, r === "child", n.protector !== undefined);
    });
    after.forEach((byte, k) => {
      if (byte === undefined) throw new Violation(`node ${k} at ${at}`);
      this.nodes[k]!.bytes[at] = byte;
    });
  }

  private relations(node: number, at: number, isWrite: boolean): (n: number) => Relation {
    const top = node < 0 ? -1 : this.top(node);
    if (top === 0) return (n) => (this.isAncestorOrSelf(n, node) ? "child" : "foreign");
    const candidates: number[] = [];
    this.nodes.forEach((n, k) => {
      if (!n.exposed || (top > 0 && k >= top)) return;
      if (transition(n.bytes[at]!, isWrite, true, n.protector !== undefined) !== undefined) candidates.push(k);
    });
    if (candidates.length === 0) throw new Violation("no exposed tag");
    return (n) => {
      if (node >= 0 && this.isAncestorOrSelf(n, node)) return "child";
      const below = candidates.filter((c) => this.isAncestorOrSelf(n, c)).length;
      return below === candidates.length ? "child" : below > 0 ? "none" : "foreign";
    };
  }

  endCall(call: number): void {
    const ending = this.nodes.flatMap((n, k) => (n.call === call ? [k] : []));
    for (const node of ending) {
      const hidden = (n: number): boolean => this.isHidden(node, n);
      this.nodes[node]!.bytes.forEach((byte, at) => {
        if (!byte.accessed || byte.state === "Cell") return;
        this.apply(at, byte.state === "Unique", (n) => {
          if (n === node) return "none";
          return this.isAncestorOrSelf(n, node) ? "child" : hidden(n) ? "none" : "foreign";
        });
      });
    }
    for (const node of ending) {
      this.nodes[node]!.protector = undefined;
      this.nodes[node]!.call = -1;
    }
  }

  private isHidden(ending: number, n: number): boolean {
    if (this.isAncestorOrSelf(ending, n)) return true;
    const exposed = this.nodes.flatMap((e, k) => (e.exposed ? [k] : []));
    const below = exposed.filter((e) => this.isAncestorOrSelf(ending, e));
    if (below.length > 0 && this.top(n) > Math.min(...below)) return true;
    return exposed.some((e) => e < this.top(ending) && this.isAncestorOrSelf(n, e));
  }

  dealloc(node: number): void {
    this.access(node, 0, this.size, true);
    for (const n of this.nodes) {
      if (n.protector === "strong" && n.bytes.some((b) => b.accessed && b.state !== "Cell"))
        throw new Violation("dealloc");
    }
  }

  stateName(node: number, at: number): string {
    const n = this.nodes[node]!;
    const byte = n.bytes[at]!;
    if (byte.state === "ReservedIM") return "Reserved (interior mutable)";
    if (byte.state === "Reserved" && n.protector !== undefined && byte.conflicted) return "Reserved (conflicted)";
    return byte.state;
  }
}
