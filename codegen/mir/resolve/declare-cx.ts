/**
 * What the declaring of items shares: the world, what was declared, and the steps that wait.
 */

import type { Diagnostic, Span } from "../../session/diagnostic.ts";
import type { ConstItem, ImplDef, StaticItem, TraitDef } from "../items.ts";
import type { AdtItem, RustItemBase } from "../rust/ast.ts";
import type { FnItem } from "../syntax.ts";
import type * as text from "../text/ast.ts";
import type { AdtDef } from "../ty.ts";
import type { Outer } from "./generics.ts";
import type { AliasDef, Scope, World } from "./world.ts";

/** A function with what its body needs. */
export interface FnSource {
  readonly item: FnItem;
  readonly scope: Scope;
  /** Absent for declarations, and for those whose body was Rust and may come from a dump. */
  body: text.Body | undefined;
  readonly name: string;
  readonly at: number;
}

/** A static or constant with what its initialiser needs. */
export interface GlobalSource {
  readonly item: StaticItem | ConstItem;
  readonly scope: Scope;
  readonly body: text.Body | undefined;
  readonly value: text.Const | undefined;
  readonly at: number;
}

/** What the text of a program declares, in source order. */
export interface Declared {
  readonly adts: { readonly item: AdtItem; readonly def: AdtDef }[];
  readonly traits: TraitDef[];
  readonly impls: ImplDef[];
  readonly fns: FnSource[];
  readonly globals: GlobalSource[];
  readonly aliases: AliasDef[];
}

/** Runs a step of one item, `made` being what it becomes; false when the item is left out. */
export type AttemptStep = (name: string, step: () => void, made?: object) => boolean;

export interface Step {
  readonly name: string;
  /** What is declared: missing when the step fails. */
  readonly made?: object;
  readonly run: () => void;
}

export interface DeclareCx {
  readonly world: World;
  readonly attempt: AttemptStep;
  /** The items are the prelude's. */
  readonly prelude: boolean;
  readonly declared: Declared;
  /** What is left to do of each item, by step. */
  readonly steps: Record<"heads" | "types" | "signatures" | "params", Step[]>;
}

/** The impl or trait around an item. */
export interface Within {
  readonly parent: TraitDef | ImplDef;
  readonly outer: Outer;
}

export function itemError(item: RustItemBase, message: string, at: number, help?: string): Diagnostic {
  return item.source.error(message, at, help);
}

/** A program may not declare a type or trait of the prelude, of which the prelude's functions would know nothing. */
export function checkReserved(
  cx: DeclareCx,
  item: RustItemBase & { readonly name: string; readonly nameAt: number },
): void {
  if (cx.prelude || !cx.world.isReserved(item.name)) return;
  throw itemError(item, `\`${item.name}\` is declared by the standard library`, item.nameAt, "give it another name");
}

export function itemSpan(item: RustItemBase): Span {
  return item.source.span(item.at);
}

export function outerOf(scope: Scope): Outer {
  const { generics, constParams, predicates, self, trait, impl } = scope;
  return { generics, constParams, predicates, self, trait, impl };
}
