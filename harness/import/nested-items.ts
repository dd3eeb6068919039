/**
 * Items inside of members of impls, as `STEPS` in `<Neighbours as Iterator>::next::STEPS`. A dump names them by the type and trait of the impl, sources by where the impl
 * stands.
 */

import { Diagnostic, type text } from "../../codegen/index.ts";
import { placeOf } from "./crates.ts";
import type { Crate } from "./find-path.ts";
import { Renamer } from "./rename.ts";
import type { SourceImpl } from "./source-tree.ts";
import { mayBePath, mayBeTy } from "./type-match.ts";

interface NestedItem {
  readonly path: string;
  readonly source: SourceImpl;
}

/** Those of a crate, by `member::item`. */
export class NestedItems {
  private readonly crate: Crate;
  private readonly items = new Map<string, NestedItem[]>();

  constructor(crate: Crate) {
    this.crate = crate;
    const { tree } = crate;
    const byKey = new Map([...tree.impls.values()].flat().map((source) => [source.key, source]));
    for (const path of [...tree.values.keys(), ...tree.types.keys()]) {
      const match = /^(.*\{impl#\d+\})::(.*)$/.exec(path);
      const source = match === null ? undefined : byKey.get(match[1]!);
      if (match === null || source === undefined) continue;
      const list = this.items.get(match[2]!);
      if (list === undefined) this.items.set(match[2]!, [{ path, source }]);
      else list.push({ path, source });
    }
  }

  /**
   * The path of the item `names` inside of an impl of `trait` for `self`, or of an inherent one. `from` is the item that mentions it: of several such impls
   * it means its own.
   *
   * @throws Diagnostic when it may mean several.
   */
  find(self: text.Type, trait: text.Path | undefined, names: string, from: string): string | undefined {
    const found = new Set<string>();
    for (const { path, source } of this.items.get(names) ?? []) {
      if (!this.fits(source, self, trait)) continue;
      if (from.startsWith(`${source.key}::`)) return path;
      found.add(path);
    }
    if (found.size > 1) {
      const list = [...found].map((path) => `\`${path}\``).join(" or ");
      throw new Diagnostic(`\`${names}\` may be ${list}`, { file: "import" });
    }
    const [only] = found;
    return only;
  }

  private fits({ item, module }: SourceImpl, self: text.Type, trait: text.Path | undefined): boolean {
    const place = placeOf(this.crate, module, item.generics);
    const head = new Renamer(place).tree({ self: item.self, trait: item.trait });
    if ((head.trait === undefined) !== (trait === undefined)) return false;
    if (head.trait !== undefined && !mayBePath(head.trait, trait!, place.generics)) return false;
    return mayBeTy(head.self, self, place.generics);
  }
}
