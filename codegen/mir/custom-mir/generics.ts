/**
 * Parameter lists and `where` clauses.
 *
 * Type parameters are bound by `'static`, as all references are. Lifetimes do not exist, and neither does `?Sized`, which a program's data model erases: a parameter
 * is `?Sized` when the program somewhere gives it a type without a size.
 */

import type { Predicate, TraitDef } from "../items.ts";
import type { FnItem } from "../syntax.ts";
import type { Ty } from "../ty.ts";
import type { Names } from "./rust-names.ts";

/** An item with parameters. */
export interface HasGenerics {
  readonly generics: readonly string[];
  readonly constParams?: readonly (Ty | undefined)[];
}

export interface GenericsText {
  /** `<T: 'static, const N: usize>`, or nothing. */
  readonly params: string;
  /** `<T, N>`, or nothing. */
  readonly args: string;
  /** ` where T: Trait,`, or nothing. */
  readonly where: string;
}

const NONE: GenericsText = { params: "", args: "", where: "" };

export interface GenericsOptions {
  /** Parameters before this one belong to the item around. */
  readonly from?: number;
  /** Parameters that may be given types without a size. */
  readonly unsized?: ReadonlySet<number>;
  /** It has a lifetime parameter `'a`, too. */
  readonly lifetime?: boolean;
}

/** The parameters of `item` and what `predicates` ask of them. */
export function writeGenerics(
  names: Names,
  item: HasGenerics,
  predicates: readonly Predicate[],
  { from = 0, unsized, lifetime = false }: GenericsOptions = {},
): GenericsText {
  if (item.generics.length === from && predicates.length === 0 && !lifetime) return NONE;
  const idents = item.generics.map((name) => names.param(name)).slice(from);
  const params = idents.map((ident, i) => {
    const ty = item.constParams?.[from + i];
    if (ty !== undefined) return `const ${ident}: ${names.ty(ty)}`;
    return `${ident}: 'static${unsized?.has(from + i) ? " + ?Sized" : ""}`;
  });
  const list = (words: readonly string[]): string => (words.length === 0 ? "" : `<${words.join(", ")}>`);
  return {
    // The bound is for objects, whose traits ask it of them.
    params: list([...(lifetime ? ["'a: 'static"] : []), ...params]),
    args: list([...(lifetime ? ["'a"] : []), ...idents]),
    where: whereClause(
      names,
      predicates.filter((predicate) => !isWritten(predicate, unsized)),
    ),
  };
}

/** `T: ?Sized` of a parameter, which stands at it already. */
function isWritten({ ref }: Predicate, unsized: ReadonlySet<number> | undefined): boolean {
  const subject = ref.args[0];
  return ref.trait.lang === "meta_sized" && subject?.kind === "param" && (unsized?.has(subject.index) ?? false);
}

/** ` where T: A, …`, or nothing. */
export function whereClause(names: Names, predicates: readonly Predicate[]): string {
  const clauses = new Set(predicates.map((predicate) => clause(names, predicate)));
  return clauses.size === 0 ? "" : ` where ${[...clauses].join(", ")}`;
}

function clause(names: Names, predicate: Predicate): string {
  const { ref } = predicate;
  // Rust has another spelling for the bound that `?Sized` leaves.
  if (ref.trait.lang === "meta_sized") return `${names.ty(ref.args[0]!)}: ?Sized`;
  const bound = predicate.kind === "projection" ? [`${predicate.name} = ${names.ty(predicate.ty)}`] : [];
  return `${names.ty(ref.args[0]!)}: ${names.traitRef(ref, bound)}`;
}

/** What holds inside of a function: its own predicates, and those of the trait or impl around it. */
export function fnPredicates(
  item: Pick<FnItem, "predicates" | "parent">,
  self: (trait: TraitDef) => Ty[],
): Predicate[] {
  const own = item.predicates ?? [];
  const { parent } = item;
  if (parent === undefined) return [...own];
  if (parent.kind === "impl") return [...parent.predicates, ...own];
  return [{ kind: "trait", ref: { trait: parent, args: self(parent) } }, ...own];
}
