/**
 * Normalisation: types that depend on impls and constants (`<T as Trait>::Name`, `[T; N]`, `{ Self::N }`) become what they stand for.
 *
 * As rustc_trait_selection/src/traits/{normalize,project}.rs, with everything revealed. What stands for a type parameter's unknown is
 * left as it is.
 */

import { bug } from "../entity/entity.ts";
import { flagsOf, foldParts, HAS_PARAM, hasParam, substitute, traitRefText } from "../mir/fold.ts";
import type { ConstItem, TraitRef } from "../mir/items.ts";
import { discriminantTy } from "../mir/place-ty.ts";
import { isIntegral, TY_UNIT, TY_USIZE, type Ty, type TyOf } from "../mir/ty.ts";
import { Diagnostic } from "../session/diagnostic.ts";
import { callSignature } from "./builtin.ts";
import { structTail } from "./struct-tail.ts";
import { sameRef, supertraitsOf } from "./supertraits.ts";
import { type ImplSource, implItemArgs, RECURSION_LIMIT, type TraitCx } from "./trait-cx.ts";

/** `TraitCx.normalize` of a type that has something to normalise. */
export function normalizeTy(cx: TraitCx, ty: Ty): Ty {
  const known = cx.normalized.get(ty);
  if (known !== undefined) return known;
  if (cx.normalizeDepth >= RECURSION_LIMIT) throw new Diagnostic(`overflow evaluating \`${ty.text}\``);
  cx.normalizeDepth++;
  try {
    const result = normalizeOnce(cx, ty);
    cx.normalized.set(ty, result);
    return result;
  } finally {
    cx.normalizeDepth--;
  }
}

function normalizeOnce(cx: TraitCx, ty: Ty): Ty {
  const folded = foldParts(cx.tcx, ty, (part) => cx.normalize(part));
  if (folded.kind === "alias") {
    const count = folded.trait.generics.length;
    const ref: TraitRef = { trait: folded.trait, args: folded.args.slice(0, count) };
    return normalizeProjection(cx, ref, folded.name, folded.args.slice(count));
  }
  return folded.kind === "anonConst" ? evaluateConst(cx, folded) : folded;
}

/** `TraitCx.normalizeProjection`. */
export function normalizeProjection(cx: TraitCx, ref: TraitRef, name: string, own: readonly Ty[]): Ty {
  const source = cx.select(ref);
  if (source === undefined) return unknownProjection(cx, ref, name, own);
  const args = [...ref.args, ...own];
  switch (source.kind) {
    case "user":
      return cx.normalize(implAssocTy(cx, source, ref, name, args));
    case "object":
      return objectProjection(cx, source.ref, name) ?? unknownProjection(cx, ref, name, own);
    case "builtin":
      return builtinProjection(cx, ref, name) ?? unknownProjection(cx, ref, name, own);
  }
}

function unknownProjection(cx: TraitCx, ref: TraitRef, name: string, own: readonly Ty[]): Ty {
  const alias = cx.tcx.alias(ref.trait, name, [...ref.args, ...own]);
  if ((flagsOf(ref.args) & HAS_PARAM) !== 0) return alias;
  throw new Diagnostic(`the type \`${alias.text}\` is not known: \`${traitRefText(ref)}\` does not hold`, {
    span: ref.trait.span,
  });
}

function implAssocTy(
  cx: TraitCx,
  source: Extract<ImplSource, { kind: "user" }>,
  ref: TraitRef,
  name: string,
  args: readonly Ty[],
): Ty {
  const from = cx.itemSource(source, ref, (impl) => impl.assocTypes.some((a) => a.name === name));
  const assoc = from?.impl.assocTypes.find((a) => a.name === name);
  if (from !== undefined && assoc !== undefined)
    return substitute(cx.tcx, assoc.ty, implItemArgs(from, ref.trait, args));
  const fallback = ref.trait.assocTypes.find((a) => a.name === name)?.default;
  if (fallback !== undefined) return substitute(cx.tcx, fallback, args);
  throw new Diagnostic(`the impl of \`${traitRefText(ref)}\` has no type \`${name}\``, { span: source.impl.span });
}

/** What `dyn Trait<Name = T>` says of `Name`, or a supertrait bound that fixes it. */
function objectProjection(cx: TraitCx, ref: TraitRef, name: string): Ty | undefined {
  const self = ref.args[0];
  if (self?.kind !== "dynamic") throw bug(`an object candidate for ${self?.text}`);
  const { principal, projections } = self.predicates;
  for (const p of projections) {
    if (p.trait === ref.trait && p.name === name && sameRef(ref, { trait: p.trait, args: [self, ...p.args] }))
      return cx.normalize(p.ty);
  }
  if (principal === undefined) return undefined;
  for (const parent of supertraitsOf(cx, { trait: principal.trait, args: [self, ...principal.args] })) {
    for (const p of parent.trait.predicates) {
      if (p.kind !== "projection" || p.ref.trait !== ref.trait || p.name !== name) continue;
      const args = p.ref.args.map((arg) => cx.instantiate(arg, parent.args));
      if (sameRef(ref, { trait: ref.trait, args })) return cx.instantiate(p.ty, parent.args);
    }
  }
  return undefined;
}

/** Associated types of the traits that the compiler implements itself. */
function builtinProjection(cx: TraitCx, ref: TraitRef, name: string): Ty | undefined {
  const self = ref.args[0]!;
  switch (ref.trait.lang) {
    case "fn_once":
      return name === "Output" ? callSignature(cx, self)?.ret : undefined;
    case "discriminant_kind":
      return hasParam(self) && self.kind !== "adt" ? undefined : discriminantTy(self);
    case "pointee":
      return pointeeMetadata(cx, self);
    default:
      return undefined;
  }
}

/** The type of what a pointer to `ty` carries beside the address: `()`, `usize`, or `DynMetadata<dyn Trait>`. */
export function pointeeMetadata(cx: TraitCx, ty: Ty): Ty | undefined {
  const tail = structTail(cx, ty);
  switch (tail.kind) {
    case "slice":
    case "str":
      return TY_USIZE;
    case "dynamic": {
      for (const name of DYN_METADATA) {
        const def = cx.tcx.adts.get(name);
        if (def !== undefined) return cx.tcx.adt(def, [tail]);
      }
      throw new Diagnostic(`the metadata of \`${tail.text}\` has the type \`DynMetadata\`, which the program lacks`);
    }
    case "param":
    case "alias":
      return undefined;
    default:
      return TY_UNIT;
  }
}

const DYN_METADATA: readonly string[] = ["std::ptr::DynMetadata", "core::ptr::DynMetadata", "DynMetadata"];

function evaluateConst(cx: TraitCx, ty: TyOf<"anonConst">): Ty {
  if ((flagsOf(ty.args) & HAS_PARAM) !== 0) return ty;
  const { item, args } = resolveConst(cx, ty.item, ty.args);
  const constTy = cx.instantiate(item.ty, args);
  if (cx.constEvaluator === undefined) {
    throw new Diagnostic(`the constant \`${ty.text}\` cannot be evaluated here`, { span: item.span });
  }
  return constArgOf(cx, constTy, cx.constEvaluator.evalBits(item, args));
}

/** A value of type `ty` as a generic argument. */
export function constArgOf(cx: TraitCx, ty: Ty, bits: bigint): Ty {
  return cx.tcx.constArg(ty, bits, constArgText(ty, bits));
}

/** As rustc prints a const argument: `3`, `-1`, `true`, `'a'`. */
function constArgText(ty: Ty, bits: bigint): string {
  if (ty.kind === "bool") return bits === 0n ? "false" : "true";
  if (ty.kind === "char") return `'${String.fromCodePoint(Number(bits))}'`;
  if (isIntegral(ty) && ty.kind === "int") return BigInt.asIntN(ty.width === "size" ? 64 : ty.width, bits).toString();
  return bits.toString();
}

/** A constant item with its arguments. */
export interface ResolvedConst {
  readonly item: ConstItem;
  readonly args: readonly Ty[];
}

/**
 * The constant that `item::<args>` stands for: an impl's, when `item` is a trait's associated constant.
 *
 * @throws Diagnostic when the trait is not implemented.
 */
export function resolveConst(cx: TraitCx, item: ConstItem, args: readonly Ty[]): ResolvedConst {
  const trait = item.parent;
  if (trait?.kind !== "trait") return { item, args };
  const ref: TraitRef = { trait, args: args.slice(0, trait.generics.length) };
  const source = cx.select(ref);
  if (source?.kind === "user") {
    const from = cx.itemSource(source, ref, (impl) => impl.assocConsts.some((c) => c.assocName === item.assocName));
    const found = from?.impl.assocConsts.find((c) => c.assocName === item.assocName);
    if (from !== undefined && found !== undefined) return { item: found, args: implItemArgs(from, trait, args) };
  }
  if (source === undefined || item.body === undefined) {
    throw new Diagnostic(`the constant \`${item.name}\` of \`${traitRefText(ref)}\` is not known`, { span: item.span });
  }
  return { item, args };
}
