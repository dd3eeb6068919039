/**
 * Unsizing: what a coercion such as `&[T; N]` to `&[T]` puts beside the pointer.
 *
 * As `unsized_info` and `coerce_unsized_into` of rustc_codegen_ssa/src/base.rs, and `struct_lockstep_tails` of rustc_middle.
 */

import { isPointer, type Ty, type TyOf } from "../mir/ty.ts";
import { lastFieldTy, normalizedFieldTys } from "./struct-tail.ts";
import type { TraitCx } from "./trait-cx.ts";
import { supertraitVtableSlot } from "./vtable.ts";

/** The metadata that the coerced pointer gets. */
export type UnsizeInfo =
  /** `[T; length]` became `[T]`. */
  | { readonly kind: "length"; readonly length: number }
  /** A sized type became `dyn`: the address of the vtable of `ty` for it. */
  | { readonly kind: "vtable"; readonly ty: Ty; readonly dyn: TyOf<"dynamic"> }
  /** `dyn` became `dyn`: the old vtable, or the one that its entry `slot` points to. */
  | {
      readonly kind: "upcast";
      readonly from: TyOf<"dynamic">;
      readonly to: TyOf<"dynamic">;
      readonly slot: number | undefined;
    };

/** How a pointee `from` becomes the pointee `to`; `undefined` when it cannot. */
export function unsizeInfo(cx: TraitCx, from: Ty, to: Ty): UnsizeInfo | undefined {
  const [source, target] = lockstepTails(cx, from, to);
  if (source.kind === "array" && target.kind === "slice")
    return source.element === target.element ? { kind: "length", length: source.length } : undefined;
  if (target.kind !== "dynamic") return undefined;
  if (source.kind === "dynamic") {
    const slot = supertraitVtableSlot(cx, source, target);
    return slot === "unrelated" ? undefined : { kind: "upcast", from: source, to: target, slot };
  }
  return implementsDyn(cx, source, target) ? { kind: "vtable", ty: source, dyn: target } : undefined;
}

/** The tails of two types, following the last fields for as long as both are the same struct. */
function lockstepTails(cx: TraitCx, from: Ty, to: Ty): readonly [from: Ty, to: Ty] {
  let source = cx.normalize(from);
  let target = cx.normalize(to);
  for (;;) {
    const same =
      (source.kind === "adt" && target.kind === "adt" && source.def === target.def) ||
      (source.kind === "tuple" && target.kind === "tuple" && source.fields.length === target.fields.length);
    const nextSource = same ? lastFieldTy(cx, source) : undefined;
    const nextTarget = same ? lastFieldTy(cx, target) : undefined;
    if (nextSource === undefined || nextTarget === undefined) return [source, target];
    source = nextSource;
    target = nextTarget;
  }
}

function implementsDyn(cx: TraitCx, ty: Ty, dyn: TyOf<"dynamic">): boolean {
  const { principal, autos } = dyn.predicates;
  if (ty.kind === "str" || ty.kind === "slice" || ty.kind === "foreign") return false;
  if (principal !== undefined && !cx.holds(principal.trait, [ty, ...principal.args])) return false;
  return autos.every((trait) => cx.holds(trait, [ty]));
}

/** How a pointer, or a struct that wraps one (`Box`, `Rc` …), is coerced. */
export interface CoerceUnsized {
  /** Fields to go down, from the outside, to the pointer that changes; all others stay as they are. */
  readonly path: readonly number[];
  readonly from: TyOf<"ref"> | TyOf<"ptr">;
  readonly to: TyOf<"ref"> | TyOf<"ptr">;
  readonly info: UnsizeInfo;
}

/** How a value of type `from` is coerced to `to` (the `Unsize` cast); `undefined` when it cannot be. */
export function coerceUnsized(cx: TraitCx, from: Ty, to: Ty): CoerceUnsized | undefined {
  const path: number[] = [];
  let source = cx.normalize(from);
  let target = cx.normalize(to);
  while (source.kind === "adt" && target.kind === "adt" && source.def === target.def) {
    const before = normalizedFieldTys(cx, source, 0);
    const after = normalizedFieldTys(cx, target, 0);
    const index = before.findIndex((ty, i) => ty !== after[i] && !isPhantom(ty));
    if (index < 0) return undefined;
    path.push(index);
    source = before[index]!;
    target = after[index]!;
  }
  if (!isPointer(source) || !isPointer(target)) return undefined;
  const info = unsizeInfo(cx, source.pointee, target.pointee);
  return info === undefined ? undefined : { path, from: source, to: target, info };
}

function isPhantom(ty: Ty): boolean {
  return ty.kind === "adt" && ty.def.lang === "phantom_data";
}
