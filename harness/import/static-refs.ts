/** The allocations of dumps with full names, and constants that point to statics as allocations that only say so. */

import type { AllocItem, text } from "../../codegen/index.ts";
import { dumpPlace, type LinkedCrate, namesText, placeOf } from "./crates.ts";
import { type Mentions, Renamer } from "./rename.ts";
import { plainPath } from "./text-paths.ts";

export class Allocations {
  private readonly declare: (path: string) => void;
  private readonly made = new Map<LinkedCrate, Map<number, AllocItem>>();
  /** Numbered -1, -2 … */
  private readonly staticRefs: text.AllocItem[] = [];

  /** `declare` is told of statics by their full names. */
  constructor(declare: (path: string) => void) {
    this.declare = declare;
  }

  /** What was made of the allocations of a crate's dump. */
  madeOf(crate: LinkedCrate): Map<number, AllocItem> {
    let made = this.made.get(crate);
    if (made === undefined) {
      made = new Map();
      this.made.set(crate, made);
    }
    return made;
  }

  /** The allocations of a crate's dump. */
  textsOf(crate: LinkedCrate, mentions: Mentions): ReadonlyMap<number, text.AllocItem> {
    const get = (number: number): text.AllocItem | undefined => {
      if (number < 0) return this.staticRefs[-number - 1];
      const item = crate.dump.allocs.items.get(number);
      if (item === undefined) return undefined;
      const detail = new Renamer(dumpPlace(crate), mentions).tree(item.detail);
      if (detail.kind === "static") this.declare(namesText(detail.path.segments));
      return { ...item, detail };
    };
    return { get, has: (number: number) => get(number) !== undefined } as ReadonlyMap<number, text.AllocItem>;
  }

  /** A constant that points to the static `path` of `crate`. */
  staticRef(crate: LinkedCrate, path: string): text.Const | undefined {
    const item = crate.tree.values.get(path);
    if (item?.kind !== "static") return undefined;
    const name = `${crate.prefix}${path}`;
    this.declare(name);
    const detail: text.AllocDetail = {
      kind: "static",
      path: plainPath(name.split("::")),
      memory: undefined,
      error: false,
    };
    const alloc = -this.staticRefs.length - 1;
    this.staticRefs.push({ kind: "alloc", source: crate.dump.source, at: 0, end: 0, annotations: [], alloc, detail });
    const pointee = new Renamer(placeOf(crate, item.module, item.generics)).tree(item.ty);
    const ty: text.Type = item.mutable
      ? { kind: "ptr", mutable: true, pointee, text: "" }
      : { kind: "ref", lifetime: "", mutable: false, pointee, text: "" };
    return { kind: "alloc", pointer: { alloc, flags: "", offset: "" }, ty };
  }
}
