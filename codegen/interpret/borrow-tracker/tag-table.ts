/**
 * The tags that retags made, as parallel arrays. A *node* is `tag - FIRST_TAG`; node 0 stands for the root of whichever allocation is
 * being looked at, so the first node that is handed out is 1.
 */

import { FIRST_TAG, type Tag } from "./violation.ts";

/** The node of every allocation's root. */
export const ROOT = 0;

export const NO_CALL = -1;

/** Nodes made between two collections: so few that the tables stay in the processor's cache, but more where a collection has much to look at. */
const FIRST_COLLECTION = 1 << 12;
const USUAL_COLLECTION = 1 << 16;

export class TagTable {
  allocation: Int32Array<ArrayBuffer> = new Int32Array(1024);
  parent: Int32Array<ArrayBuffer> = new Int32Array(1024);
  depth: Int32Array<ArrayBuffer> = new Int32Array(1024);
  /** The ordinal of the node among those of its allocation: later nodes have larger ones. The root's is 0. */
  birth: Int32Array<ArrayBuffer> = new Int32Array(1024);
  createdAt: Int32Array<ArrayBuffer> = new Int32Array(1024);
  /** The node of the same allocation that was made before; in the free list, the next free node. */
  older: Int32Array<ArrayBuffer> = new Int32Array(1024);
  /** For collections: 1 for nodes that go; the number of children that stay, and one of them. Zero between collections. */
  gone: Uint8Array<ArrayBuffer> = new Uint8Array(1024);
  children: Int32Array<ArrayBuffer> = new Int32Array(1024);
  child: Int32Array<ArrayBuffer> = new Int32Array(1024);
  /** For collections: bit r is set for nodes on the chain of range r. Zero between collections. */
  chains: Int32Array<ArrayBuffer> = new Int32Array(1024);
  /** The meaning is the model's. */
  flags: Uint16Array<ArrayBuffer> = new Uint16Array(1024);

  count = 1;
  private free = 0;
  private madeSinceCollection = 0;
  private collectAfter = FIRST_COLLECTION;

  constructor() {
    this.createdAt[ROOT] = -1;
  }

  reset(): void {
    this.count = 1;
    this.free = 0;
    this.madeSinceCollection = 0;
    this.collectAfter = FIRST_COLLECTION;
  }

  /** True once so many nodes were made since the last collection that one is worth its while. */
  get collectionDue(): boolean {
    return this.madeSinceCollection >= this.collectAfter;
  }

  make(allocation: number, parent: number, birth: number, createdAt: number, older: number, flags: number): number {
    let node = this.free;
    if (node !== 0) this.free = this.older[node]!;
    else {
      node = this.count++;
      if (node >= this.parent.length) this.grow();
    }
    this.madeSinceCollection++;
    this.allocation[node] = allocation;
    this.parent[node] = parent;
    this.depth[node] = this.depth[parent]! + 1;
    this.birth[node] = birth;
    this.createdAt[node] = createdAt;
    this.older[node] = older;
    this.flags[node] = flags;
    return node;
  }

  release(node: number): void {
    this.allocation[node] = 0;
    this.older[node] = this.free;
    this.free = node;
  }

  /** Notes that a collection, for which `scanned` words were looked at, left `kept` nodes. */
  collected(kept: number, scanned: number): void {
    this.madeSinceCollection = 0;
    this.collectAfter = Math.max(FIRST_COLLECTION, kept, Math.min(USUAL_COLLECTION, scanned >> 1));
  }

  /** Whether `node` is `below` or one of the nodes that it was derived from. */
  isAncestorOrSelf(node: number, below: number): boolean {
    const { parent, depth } = this;
    const target = depth[node]!;
    let at = below;
    while (depth[at]! > target) at = parent[at]!;
    return at === node;
  }

  private grow(): void {
    const length = this.parent.length * 2;
    const grown = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const array = new Int32Array(length);
      array.set(old);
      return array;
    };
    this.allocation = grown(this.allocation);
    this.parent = grown(this.parent);
    this.depth = grown(this.depth);
    this.birth = grown(this.birth);
    this.createdAt = grown(this.createdAt);
    this.older = grown(this.older);
    this.children = grown(this.children);
    this.child = grown(this.child);
    this.chains = new Int32Array(length);
    this.gone = new Uint8Array(length);
    const flags = new Uint16Array(length);
    flags.set(this.flags);
    this.flags = flags;
  }
}

/** The tag of a node, in an allocation. */
export function tagOf(node: number, allocation: number): Tag {
  return (node === ROOT ? allocation : node + FIRST_TAG) as Tag;
}
