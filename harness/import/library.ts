/** The library of an import: what of it is the same for all programs. */

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
    if (module.startsWith("core_arch::") || item.negative) return;
    if (item.trait === undefined) {
      for (const member of item.items) {
        const list = this.inherent.get(member.name);
        if (list === undefined) this.inherent.set(member.name, [source]);
        else list.push(source);
      }
      return;
    }
    const needs = new Set<string>();
    const need = (path: string): void => {
      const named = this.crate.tree.types.get(path.slice(this.crate.prefix.length));
      // An alias is never declared for the type that it stands for.
      if (named?.kind === "type")
        new Renamer(placeOf(this.crate, named.module, named.generics), { type: need }).tree(named.ty);
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
