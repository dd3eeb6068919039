/**
 * Items in Rust's syntax: what dumps leave out and a program needs, before names are resolved.
 *
 * Types, paths and bodies are those of MIR text (`text/ast.ts`). Names may be paths, `struct m::S`, as programs written for this compiler have no
 * modules; those inside of `mod m { … }` have its path in front. Two kinds of text are read: programs whose functions have MIR bodies, and real Rust
 * sources, whose bodies are skipped and come from a dump.
 */

import type { Body, Bound, Const, Path, Type } from "../text/ast.ts";
import type { SourceText } from "../text/source.ts";

/** `#[name]`, `#[name = value]`, `#[name(value)]`; `text` is all that the brackets hold, `value` what stands behind the name, without quotes. */
export interface Attribute {
  readonly at: number;
  readonly name: string;
  readonly value: string;
  readonly text: string;
}

export type GenericParam =
  | { readonly kind: "lifetime"; readonly name: string }
  | {
      readonly kind: "type";
      readonly name: string;
      readonly bounds: readonly Bound[];
      readonly default: Type | undefined;
    }
  | { readonly kind: "const"; readonly name: string; readonly ty: Type; readonly default: Const | undefined };

export interface WherePredicate {
  readonly ty: Type;
  readonly bounds: readonly Bound[];
}

export interface Generics {
  readonly params: readonly GenericParam[];
  readonly where: readonly WherePredicate[];
}

export interface RustItemBase {
  readonly source: SourceText;
  /** Where the item starts behind its attributes and visibility, and where its head or the whole item ends. */
  readonly at: number;
  readonly end: number;
  readonly attributes: readonly Attribute[];
  /** The path of the modules around it, with `::` at the end; empty at the top. */
  readonly module: string;
}

export interface FieldDecl {
  readonly name: string;
  readonly ty: Type;
}

export interface VariantDecl {
  readonly at: number;
  readonly name: string;
  readonly ctor: "unit" | "tuple" | "named";
  readonly fields: readonly FieldDecl[];
  /** The text of a discriminant expression. */
  readonly discriminant: string | undefined;
}

export interface AdtItem extends RustItemBase {
  readonly kind: "struct" | "enum" | "union";
  readonly name: string;
  readonly nameAt: number;
  readonly generics: Generics;
  /** One, of the same name, for structs and unions. */
  readonly variants: readonly VariantDecl[];
}

export interface RustFn extends RustItemBase {
  readonly kind: "fn";
  /** The name as a path, of functions of programs: closures have `{closure#0}` in theirs. */
  readonly path: Path | undefined;
  readonly name: string;
  readonly nameAt: number;
  readonly generics: Generics;
  readonly params: readonly Type[];
  /** `...` */
  readonly variadic: boolean;
  readonly ret: Type | undefined;
  readonly unsafe: boolean;
  /** Without quotes; `Rust` when none is written. */
  readonly abi: string;
  /** `none`: a declaration; `rust`: a body in Rust, which was skipped. */
  readonly body: Body | "none" | "rust";
  /** A declaration of an `extern` block, or `extern fn f();`. */
  readonly foreign: boolean;
}

/** `const N: T = …;` or `static N: T = …;`: with a MIR body, a value, a declaration (`none`), or an expression in Rust, of which the text is kept. */
export interface GlobalItem extends RustItemBase {
  readonly kind: "const" | "static";
  readonly name: string;
  readonly nameAt: number;
  readonly generics: Generics;
  readonly mutable: boolean;
  readonly ty: Type;
  readonly init:
    | { readonly kind: "none" }
    | { readonly kind: "rust"; readonly text: string }
    | { readonly kind: "body"; readonly body: Body }
    | { readonly kind: "value"; readonly value: Const };
  readonly foreign: boolean;
}

/** `type N = T;`, or of a trait `type N: A = T;`; of an `extern` block `type N;`. */
export interface TypeItem extends RustItemBase {
  readonly kind: "type";
  readonly name: string;
  readonly nameAt: number;
  readonly generics: Generics;
  readonly bounds: readonly Bound[];
  readonly ty: Type | undefined;
  readonly foreign: boolean;
}

export type AssocItem = RustFn | GlobalItem | TypeItem;

export interface TraitItem extends RustItemBase {
  readonly kind: "trait";
  readonly name: string;
  readonly nameAt: number;
  readonly auto: boolean;
  readonly generics: Generics;
  readonly supertraits: readonly Bound[];
  readonly items: readonly AssocItem[];
}

export interface ImplItem extends RustItemBase {
  readonly kind: "impl";
  readonly generics: Generics;
  readonly negative: boolean;
  readonly trait: Path | undefined;
  readonly self: Type;
  readonly items: readonly AssocItem[];
}

export type RustItem = AdtItem | RustFn | GlobalItem | TypeItem | TraitItem | ImplItem;
