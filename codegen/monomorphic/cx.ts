/**
 * What is known and made while a program is made monomorphic: the new items, by what they are made from, and what is yet to be filled in.
 *
 * Items are made in two steps, for they mention each other: first the item itself, so that it can be mentioned, then (from `work`) what is in it.
 */

import type { LayoutCx } from "../layout/layout.ts";
import type { AllocItem, ConstItem, ImplDef, StaticItem, TraitDef, TraitRef } from "../mir/items.ts";
import type { Body, FnItem } from "../mir/syntax.ts";
import type { AdtDef, Ty, TyCtxt, TyOf } from "../mir/ty.ts";
import type { MonoCx } from "../monomorphize/mono-cx.ts";
import { TyListMap } from "../traits/ty-list-map.ts";

/** What can be changed of an item while it is made. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Something that was made and has nothing in it yet. */
export type Work =
  /** `body` is that of the instance, with its arguments filled in. */
  | { readonly kind: "body"; readonly item: { body: Body | undefined }; readonly body: Body }
  /** The type `ty` became `own`, and has a destructor. */
  | { readonly kind: "drop"; readonly ty: TyOf<"adt">; readonly own: TyOf<"adt"> }
  /** The same of a struct whose definition is one for all its tails (`tail-drop.ts`). */
  | { readonly kind: "tailDrop"; readonly ty: TyOf<"adt">; readonly own: TyOf<"adt"> }
  /** The trait for the `dyn` types of `ref`, whose `Self` is one of them. */
  | { readonly kind: "objectTrait"; readonly object: ObjectTrait }
  /** The vtable of `ty` for `dyn` is made somewhere. */
  | { readonly kind: "vtable"; readonly ty: Ty; readonly dyn: TyOf<"dynamic"> };

/** A trait that stands for a trait with all its arguments, when `dyn` types of it are used. */
export interface ObjectTrait {
  readonly ref: TraitRef;
  readonly def: Mutable<TraitDef>;
  /** The methods that can be called on the object, by those of the trait; their signatures are filled in later. */
  readonly methods: ReadonlyMap<FnItem, Mutable<FnItem>>;
}

export class MonomorphicCx {
  readonly tcx: TyCtxt;
  readonly mono: MonoCx;
  readonly layouts: LayoutCx;

  readonly adts: AdtDef[] = [];
  readonly functions: FnItem[] = [];
  readonly traits: TraitDef[] = [];
  readonly impls: ImplDef[] = [];
  readonly statics: StaticItem[] = [];
  readonly consts: ConstItem[] = [];
  readonly work: Work[] = [];

  /** Types, by what they were. What they became stays as it is. */
  readonly tys: Map<Ty, Ty> = new Map();
  /** Definitions that stay generic in their tail, by the types of the fields before it. */
  readonly tailDefs: TyListMap<AdtDef> = new TyListMap();
  /** The trait that drops the structs of such a definition. */
  readonly tailDrops: Map<AdtDef, TraitDef> = new Map();
  /** Functions, by symbol. */
  readonly fns: Map<string, Mutable<FnItem>> = new Map();
  readonly constItems: TyListMap<ConstItem> = new TyListMap();
  /** Constants that no program has: parts of others. */
  readonly madeConsts: Set<ConstItem> = new Set();
  readonly staticItems: Map<StaticItem, StaticItem> = new Map();
  readonly allocs: Map<AllocItem, AllocItem> = new Map();
  readonly objectTraits: Map<string, ObjectTrait> = new Map();
  /** Which types have an impl of an object's trait. */
  readonly objectImpls: Map<TraitDef, Map<Ty, Ty>> = new Map();

  constructor(mono: MonoCx, layouts: LayoutCx) {
    this.tcx = mono.tcx;
    this.mono = mono;
    this.layouts = layouts;
  }
}
