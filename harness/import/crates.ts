/**
 * The crates of a link: their sources with their dumps, where an item of one has its body from, and what names mean inside of an item.
 */

import type { ConstItem, FnItem, rust, Scope, StaticItem, text } from "../../codegen/index.ts";
import type { DumpIndex } from "./dump-index.ts";
import type { Crate } from "./find-path.ts";
import type { Place } from "./rename.ts";

/** A crate with its dump. */
export interface LinkedCrate extends Crate {
  /** Its name, if of the library; else the file that it is made of. */
  readonly name: string;
  readonly dump: DumpIndex;
  /** Its MIR before it is optimised. */
  readonly plain: () => DumpIndex;
}

/** What has a body. */
export type BodyItem = FnItem | ConstItem | StaticItem;

/** Where the body of a function or the value of a constant comes from. */
export interface Origin {
  readonly crate: LinkedCrate;
  /** The item's name in the dump. */
  readonly key: string;
  readonly scope: Scope;
  /** What stands for an `impl Trait` of a parameter, by its text. */
  readonly opaque: ReadonlyMap<string, string>;
}

export const NO_OPAQUE: ReadonlyMap<string, string> = new Map();

/** What names mean in `module`, inside of items with these parameters, the outer one's first. */
export function placeOf(crate: Crate, module: string, ...generics: readonly rust.Generics[]): Place {
  const bounds = new Map<string, text.Bound[]>();
  const bound = (name: string, more: readonly text.Bound[]): void => {
    bounds.set(name, [...(bounds.get(name) ?? []), ...more]);
  };
  for (const { params, where } of generics) {
    for (const param of params) if (param.kind === "type") bound(param.name, param.bounds);
    for (const { ty, bounds: more } of where) {
      if (ty.kind === "path" && ty.path.segments.length === 1 && ty.path.segments[0]!.kind === "name")
        bound(ty.path.segments[0]!.name, more);
    }
  }
  return {
    crate,
    module,
    generics: new Set(generics.flatMap((g) => g.params.map((param) => param.name))),
    opaque: NO_OPAQUE,
    bounds,
  };
}

/** What names mean in a dump of `crate`: all stand in full. */
export function dumpPlace(crate: Crate, opaque: ReadonlyMap<string, string> = NO_OPAQUE): Place {
  return { crate, module: "", generics: NO_GENERICS, opaque };
}

const NO_GENERICS: ReadonlySet<string> = new Set();

/** The path in `crate` of an item by its full name. */
export function withoutPrefix(crate: Crate, name: string): string {
  return name.startsWith(crate.prefix) ? name.slice(crate.prefix.length) : name;
}

/** The last names of a path as one string; `""` stands for what is no name. */
export function namesText(segments: readonly text.PathSegment[]): string {
  return segments.map((segment) => (segment.kind === "name" ? segment.name : "")).join("::");
}
