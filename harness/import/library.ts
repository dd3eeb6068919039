/** The library of an import, `core` and perhaps `alloc`: what of it is the same for all programs. */

import { type LinkedCrate, placeOf } from "./crates.ts";
import { NestedItems } from "./nested-items.ts";
import { Renamer } from "./rename.ts";
import type { SourceImpl } from "./source-tree.ts";
import { headOf } from "./text-paths.ts";

/** A trait impl with the full names that its head mentions. */
export interface ImplHead {
  readonly source: SourceImpl;
  readonly needs: ReadonlySet<string>;
}

/** The crates of the library that a program is linked with; `core` is the first, and the prefix of its names begins those of the others. */
export class Libraries {
  readonly core: Library;
  readonly all: readonly Library[];
  /** The release of rustc whose layouts the bytes in the dumps have; undefined where they are those that every program has that says nothing. */
  readonly release: string | undefined;

  constructor(core: Library, alloc: Library | undefined, release: string | undefined) {
    this.core = core;
    this.release = release;
    this.all = alloc === undefined ? [core] : [core, alloc];
  }

  /** The one that the item of this full name is in, if any. */
  withItem(name: string): Library | undefined {
    return this.all.findLast(({ crate }) => name.startsWith(crate.prefix));
  }

  /** The one called `name`. */
  named(name: string): Library | undefined {
    return this.all.find(({ crate }) => crate.name === name);
  }
}

export class Library {
  readonly crate: LinkedCrate;
  /** By name of the member: inherent impls. */
  readonly inherent: Map<string, SourceImpl[]> = new Map();
  readonly heads: ImplHead[] = [];
  readonly nested: NestedItems;
  private readonly headKeys = new Map<SourceImpl, string>();

  constructor(crate: LinkedCrate) {
    this.crate = crate;
    this.nested = new NestedItems(crate);
    for (const list of crate.tree.impls.values()) for (const source of list) this.add(source);
  }

  private add(source: SourceImpl): void {
    const { item, module } = source;
    if (item.negative || item.attributes.some(({ name }) => name === "rustc_reservation_impl")) return;
    if (item.trait === undefined) {
      for (const member of item.items) {
        const list = this.inherent.get(member.name);
        if (list === undefined) this.inherent.set(member.name, [source]);
        else list.push(source);
      }
      return;
    }
    if (module.startsWith("core_arch::")) return;
    const needs = new Set<string>();
    const need = (path: string): void => {
      const owner = path.startsWith(this.crate.prefix) ? this.crate : (this.crate.library ?? this.crate);
      const named = owner.tree.types.get(path.slice(owner.prefix.length));
      // An alias is never declared for the type that it stands for.
      if (named?.kind === "type")
        new Renamer(placeOf(owner, named.module, named.generics), { type: need }).tree(named.ty);
      else needs.add(path);
    };
    new Renamer(placeOf(this.crate, module, item.generics), { type: need }).tree({
      trait: item.trait,
      self: item.self,
    });
    this.heads.push({ source, needs });
  }

  /** What the impl `source` is found by: `headOf` its type. */
  headKey(source: SourceImpl): string {
    let key = this.headKeys.get(source);
    if (key === undefined) {
      key = headOf(new Renamer(placeOf(this.crate, source.module, source.item.generics)).tree(source.item.self));
      const alias = this.crate.tree.types.get(key.slice(this.crate.prefix.length));
      if (key.startsWith(this.crate.prefix) && alias?.kind === "type" && alias.ty !== undefined)
        key = headOf(new Renamer(placeOf(this.crate, alias.module, alias.generics)).tree(alias.ty));
      this.headKeys.set(source, key);
    }
    return key;
  }
}
