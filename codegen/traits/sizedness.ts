/**
 * Which parameters of an impl stand for sized types only. Rust's `impl<T>` means `impl<T: Sized>` unless `?Sized` is written, which is kept as the bound
 * `T: MetaSized` (or the weaker `PointeeSized`), as rustc's sized hierarchy has it; so a parameter without such a bound is sized.
 *
 * Whether a type is sized is told from its tail without normalising anything, as by rustc's `sized_constraint`: the impls that would be needed for it are
 * those whose choice is under way.
 */

import type { ImplDef } from "../mir/items.ts";
import type { Ty, TyCtxt } from "../mir/ty.ts";

const sizedParamsOf = new WeakMap<ImplDef, readonly number[]>();

/** The parameters of `impl` that are types with a size, by index. */
export function sizedParams(impl: ImplDef): readonly number[] {
  let sized = sizedParamsOf.get(impl);
  if (sized === undefined) {
    sized = impl.generics.flatMap((_, i) => (impl.constParams?.[i] !== undefined || isRelaxed(impl, i) ? [] : [i]));
    sizedParamsOf.set(impl, sized);
  }
  return sized;
}

/** Whether `args`, found for the parameters of `impl`, have sizes wherever it asks for one. */
export function argsAreSized(tcx: TyCtxt, impl: ImplDef, args: readonly Ty[]): boolean {
  return sizedParams(impl).every((i) => !isUnsized(tcx, args[i]!, undefined));
}

/** The same where `args` are in terms of the parameters of another impl, `from`. */
export function argsAreSizedFrom(tcx: TyCtxt, impl: ImplDef, args: readonly Ty[], from: ImplDef): boolean {
  return sizedParams(impl).every((i) => !isUnsized(tcx, args[i]!, from));
}

/** Whether `ty` has no size for some value of the parameters of `from`; other parameters are taken to be sized. */
function isUnsized(tcx: TyCtxt, ty: Ty, from: ImplDef | undefined): boolean {
  switch (ty.kind) {
    case "str":
    case "slice":
    case "dynamic":
    case "foreign":
      return true;
    case "param":
      return from !== undefined && isRelaxed(from, ty.index);
    case "tuple": {
      const last = ty.fields.at(-1);
      return last !== undefined && isUnsized(tcx, last, from);
    }
    case "adt": {
      const last = ty.def.adtKind === "struct" ? tcx.fieldTys(ty, 0).at(-1) : undefined;
      return last !== undefined && isUnsized(tcx, last, from);
    }
    default:
      return false;
  }
}

function isRelaxed({ predicates }: ImplDef, index: number): boolean {
  let relaxed = false;
  for (const { kind, ref } of predicates) {
    const self = ref.args[0]!;
    if (kind !== "trait" || self.kind !== "param" || self.index !== index) continue;
    if (ref.trait.lang === "sized") return false;
    relaxed ||= ref.trait.lang === "meta_sized" || ref.trait.lang === "pointee_sized";
  }
  return relaxed;
}
