/**
 * Maps keyed by lists of types: a trie with one level per type. Types are interned, so identity is equality.
 *
 * The root is an object (a trait, a function item, a closure) held weakly, so that what is remembered of it goes when it does.
 */

import type { Ty } from "../mir/ty.ts";

interface Node<V> {
  value: V | undefined;
  next: Map<Ty, Node<V>> | undefined;
}

/** `(root, types) -> value`; `undefined` is no value. */
export class TyListMap<V> {
  private readonly roots = new WeakMap<object, Node<V>>();

  get(root: object, tys: readonly Ty[]): V | undefined {
    let node = this.roots.get(root);
    for (let i = 0; node !== undefined && i < tys.length; i++) node = node.next?.get(tys[i]!);
    return node?.value;
  }

  set(root: object, tys: readonly Ty[], value: V): void {
    let node = this.roots.get(root);
    if (node === undefined) {
      node = { value: undefined, next: undefined };
      this.roots.set(root, node);
    }
    for (const ty of tys) {
      node.next ??= new Map();
      let child = node.next.get(ty);
      if (child === undefined) {
        child = { value: undefined, next: undefined };
        node.next.set(ty, child);
      }
      node = child;
    }
    node.value = value;
  }
}
