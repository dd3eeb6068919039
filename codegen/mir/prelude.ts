/**
 * What every program knows without declaring it: core's `Option`, `Result` and `Ordering`, and the intrinsics.
 */

import { DUMMY_SP } from "../session/diagnostic.ts";
import type { FnItem } from "./syntax.ts";
import {
  type AdtDef,
  DEFAULT_REPR,
  TY_I8,
  TY_ISIZE,
  TY_NEVER,
  TY_U32,
  TY_U64,
  TY_UNIT,
  TY_USIZE,
  type Ty,
  TyCtxt,
  type VariantDef,
} from "./ty.ts";

/** The intrinsics, by the name that MIR text calls them with. All have `kind: "intrinsic"`. */
export interface Intrinsics {
  /** `observe::<T>(tag: u32, value: T)`: an observable event. */
  readonly observe: FnItem;
  /** `black_box::<T>(value: T) -> T`: the value, of which no optimiser may know anything. */
  readonly blackBox: FnItem;
  /** `observe_scalar(kind: u32, tag: u32, low: u64, high: u64)`: what `observe` becomes in compiled code; one event record. */
  readonly observeScalar: FnItem;
  /** `panic(code: u32) -> !`: what a failed assertion becomes in compiled code. */
  readonly panic: FnItem;
  /** `syscall(number, a, b, c, d, e, f: usize) -> isize`: a raw Linux system call. Only the runtime uses it. */
  readonly syscall: FnItem;
}

/** A `TyCtxt` that knows the prelude's types. */
export function newTyCtxt(rustcRelease?: string): TyCtxt {
  const tcx = new TyCtxt(rustcRelease);
  for (const def of preludeAdts(tcx)) tcx.adts.set(def.name, def);
  return tcx;
}

function preludeAdts(tcx: TyCtxt): AdtDef[] {
  const generic = (index: number, name: string): Ty => tcx.param(index, name);
  const variant = (name: string, discriminant: bigint, fields: readonly Ty[] = []): VariantDef => ({
    name,
    ctor: fields.length === 0 ? "unit" : "tuple",
    fields: fields.map((ty, i) => ({ name: String(i), ty })),
    discriminant,
  });
  const base = { adtKind: "enum", repr: DEFAULT_REPR, explicitDiscriminants: false, prelude: true } as const;
  return [
    {
      ...base,
      name: "std::option::Option",
      generics: ["T"],
      variants: [variant("None", 0n), variant("Some", 1n, [generic(0, "T")])],
    },
    {
      ...base,
      name: "std::result::Result",
      generics: ["T", "E"],
      variants: [variant("Ok", 0n, [generic(0, "T")]), variant("Err", 1n, [generic(1, "E")])],
    },
    {
      ...base,
      name: "std::cmp::Ordering",
      generics: [],
      repr: { ...DEFAULT_REPR, int: TY_I8 },
      variants: [variant("Less", -1n), variant("Equal", 0n), variant("Greater", 1n)],
    },
  ];
}

/** The types that every context has from the start; the others of the prelude come when they are first mentioned. */
export const BUILT_IN_ADTS: ReadonlySet<string> = new Set([
  "std::option::Option",
  "std::result::Result",
  "std::cmp::Ordering",
]);

/** The prelude type with this path (`std::cmp::Ordering` …). */
export function preludeAdt(tcx: TyCtxt, name: string): AdtDef {
  const def = tcx.adts.get(name);
  if (def === undefined) throw new Error(`internal error: the prelude has no ${name}`);
  return def;
}

const scratch = new TyCtxt();

/** The intrinsics are the same objects for every program. */
export const INTRINSICS: Intrinsics = {
  observe: intrinsic("observe", ["T"], [TY_U32, scratch.param(0, "T")], TY_UNIT),
  blackBox: intrinsic("black_box", ["T"], [scratch.param(0, "T")], scratch.param(0, "T")),
  observeScalar: intrinsic("observe_scalar", [], [TY_U32, TY_U32, TY_U64, TY_U64], TY_UNIT),
  panic: intrinsic("panic", [], [TY_U32], TY_NEVER),
  syscall: intrinsic("syscall", [], [TY_USIZE, TY_USIZE, TY_USIZE, TY_USIZE, TY_USIZE, TY_USIZE, TY_USIZE], TY_ISIZE),
};

export const INTRINSICS_BY_NAME: ReadonlyMap<string, FnItem> = new Map(
  Object.values(INTRINSICS).map((item: FnItem) => [item.name, item]),
);

function intrinsic(name: string, generics: readonly string[], params: readonly Ty[], ret: Ty): FnItem {
  return {
    name,
    kind: "intrinsic",
    generics,
    params,
    ret,
    inline: "none",
    abi: "Rust",
    body: undefined,
    span: DUMMY_SP,
  };
}
