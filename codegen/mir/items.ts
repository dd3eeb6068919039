/**
 * The items of a program beside its functions and type definitions: statics, constants, traits, impls, closures, allocations.
 *
 * Terms are rustc's. The *generics* of an item are the names of its type and const parameters, those of its parent first; a trait's
 * first parameter is `Self`. Lifetimes are erased when a program is read. Generic *arguments* are a list of `Ty` in the same order, in
 * which const arguments are `constArg`, `anonConst` or `param`.
 */

import type { Span } from "../session/diagnostic.ts";
import type { Body, FnItem } from "./syntax.ts";
import type { Mutability, Ty } from "./ty.ts";

/** `args[0]: Trait<args[1..]>`. Inside a `dyn` type `Self` is left out. */
export interface TraitRef {
  readonly trait: TraitDef;
  readonly args: readonly Ty[];
}

/** What a `where` clause or a bound asks for. `projection`: `<args[0] as Trait<args[1..]>>::name == ty`. */
export type Predicate =
  | { readonly kind: "trait"; readonly ref: TraitRef }
  | { readonly kind: "projection"; readonly ref: TraitRef; readonly name: string; readonly ty: Ty };

/** The bounds of a `dyn` type; no `args` contain `Self`. */
export interface DynPredicates {
  readonly principal: TraitRef | undefined;
  readonly projections: readonly {
    readonly trait: TraitDef;
    readonly args: readonly Ty[];
    readonly name: string;
    readonly ty: Ty;
  }[];
  readonly autos: readonly TraitDef[];
}

/** Traits that the compiler knows of (rustc's lang items), for which it makes impls of its own. */
export type TraitLang =
  | "sized"
  | "meta_sized"
  | "pointee_sized"
  | "copy"
  | "clone"
  | "drop"
  | "fn"
  | "fn_mut"
  | "fn_once"
  | "fn_ptr"
  | "tuple"
  | "unsize"
  | "coerce_unsized"
  | "discriminant_kind"
  | "pointee"
  | "destruct"
  | "freeze"
  | "unpin"
  | "send"
  | "sync"
  | "auto";

/** A trait. Mutable only while it is being declared, so that bounds can mention it. */
export interface TraitDef {
  readonly kind: "trait";
  name: string;
  /** `Self` first. */
  readonly generics: readonly string[];
  readonly constParams?: readonly (Ty | undefined)[];
  /** By parameter: what it is when it is not written, such as `Self` of `Add<Rhs = Self>`. */
  defaults?: readonly (Ty | undefined)[];
  /** Bounds of `Self`; also its other `where` clauses. */
  predicates: readonly Predicate[];
  /** Direct supertraits in written order: those of `predicates` whose subject is `Self`. */
  supertraits: readonly TraitRef[];
  /** In written order, which is that of the vtable. An item without a body must be given by each impl. */
  fns: readonly FnItem[];
  assocTypes: readonly AssocTypeDecl[];
  assocConsts: readonly ConstItem[];
  readonly lang?: TraitLang;
  readonly prelude: boolean;
  readonly span: Span;
}

export interface AssocTypeDecl {
  readonly name: string;
  /** Own parameters, behind those of the trait. */
  readonly generics: readonly string[];
  /** What must hold of `<Self as Trait>::Name`. */
  readonly predicates: readonly Predicate[];
  readonly default: Ty | undefined;
}

/** `impl<generics> trait for selfTy`, or an inherent impl. */
export interface ImplDef {
  readonly kind: "impl";
  readonly generics: readonly string[];
  readonly constParams?: readonly (Ty | undefined)[];
  /** Absent for an inherent impl. `args[0]` is `selfTy`. */
  trait: TraitRef | undefined;
  selfTy: Ty;
  predicates: readonly Predicate[];
  readonly negative: boolean;
  fns: readonly FnItem[];
  assocTypes: readonly { readonly name: string; readonly generics: readonly string[]; readonly ty: Ty }[];
  assocConsts: readonly ConstItem[];
  readonly prelude: boolean;
  /** Where its head stands: dumps name an impl's items `<impl at file:line:col: line:col>::f`. */
  readonly span: Span;
}

/** The bytes behind pointers of constants: rustc's `alloc7 (size: 4, align: 4) { … }`. */
export interface AllocItem {
  /** `alloc7`. */
  readonly name: string;
  readonly align: number;
  readonly mutability: Mutability;
  /** Bytes; those not initialised are 0 here. */
  readonly bytes: Uint8Array;
  /** By byte: 1 when initialised. Absent when all are. */
  readonly initialised?: Uint8Array;
  /** Pointers in it, by offset, ascending. */
  relocations: readonly Relocation[];
}

export interface Relocation {
  readonly offset: number;
  readonly target:
    | { readonly kind: "alloc"; readonly alloc: AllocItem }
    | { readonly kind: "static"; readonly item: StaticItem }
    | { readonly kind: "fn"; readonly item: FnItem; readonly args: readonly Ty[] }
    | { readonly kind: "vtable"; readonly ty: Ty; readonly dyn: Ty };
  readonly addend: number;
}

export interface StaticItem {
  readonly kind: "static";
  name: string;
  ty: Ty;
  readonly mutability: Mutability;
  readonly threadLocal: boolean;
  /** The initialiser, run once before the program starts; absent for one of an `extern` block. */
  body: Body | undefined;
  readonly attributes?: readonly string[];
  readonly span: Span;
}

/** A constant, an associated constant (by default without a body in a trait), or a promoted. */
export interface ConstItem {
  readonly kind: "const";
  /** `N`, `<impl at …>::N`, `f::promoted[0]`. */
  name: string;
  readonly generics: readonly string[];
  readonly constParams?: readonly (Ty | undefined)[];
  readonly parent?: ImplDef | TraitDef;
  readonly assocName?: string;
  ty: Ty;
  body: Body | undefined;
  readonly span: Span;
}

/** A closure expression. `name` is as types write it: `{closure@src/lib.rs:4:13: 4:20}`. */
export interface ClosureDef {
  readonly kind: "closure";
  name: string;
  /** Those of the item it stands in. */
  readonly generics: readonly string[];
  constParams?: readonly (Ty | undefined)[];
  /** Captured values in the order of its fields; by reference captures are references. */
  upvars: readonly Ty[];
  upvarNames: readonly string[];
  /** The widest trait that its body allows. */
  closureKind: "fn" | "fnMut" | "fnOnce";
  body: FnItem | undefined;
}
