/**
 * The generic structs of a program: `Pair<A, B>` and `Buffer<T, const N: usize>`.
 */

import { type AdtDef, DEFAULT_REPR, TY_USIZE, type Ty } from "../../codegen/index.ts";
import type { Universe } from "./types.ts";

const pairs = new WeakMap<Universe, AdtDef>();
const buffers = new WeakMap<Universe, AdtDef>();

/** `struct Pair<A, B> { a: A, b: B }`, the same for all of a program. */
export function genericPair(types: Universe): AdtDef {
  let def = pairs.get(types);
  if (def === undefined) {
    const [a, b] = [types.tcx.param(0, "A"), types.tcx.param(1, "B")];
    def = structOf(
      "Pair",
      ["A", "B"],
      [undefined, undefined],
      [
        ["a", a],
        ["b", b],
      ],
    );
    pairs.set(types, def);
  }
  return def;
}

/** `struct Buffer<T, const N: usize> { data: [T; N], used: usize }` */
export function genericBuffer(types: Universe): AdtDef {
  let def = buffers.get(types);
  if (def === undefined) {
    const { tcx } = types;
    const data = tcx.arrayOf(tcx.param(0, "T"), tcx.param(1, "N"));
    def = structOf(
      "Buffer",
      ["T", "N"],
      [undefined, TY_USIZE],
      [
        ["data", data],
        ["used", TY_USIZE],
      ],
    );
    buffers.set(types, def);
  }
  return def;
}

function structOf(
  name: string,
  generics: readonly string[],
  constParams: readonly (Ty | undefined)[],
  fields: readonly (readonly [name: string, ty: Ty])[],
): AdtDef {
  return {
    name,
    adtKind: "struct",
    generics,
    constParams,
    variants: [{ name, ctor: "named", fields: fields.map(([field, ty]) => ({ name: field, ty })), discriminant: 0n }],
    repr: DEFAULT_REPR,
    explicitDiscriminants: false,
    prelude: false,
  };
}
