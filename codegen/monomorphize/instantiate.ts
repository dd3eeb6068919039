/**
 * Bodies of instances: the body of an item with its generic arguments filled in, and every type normalised.
 *
 * As rustc's `instantiate_mir_and_normalize_erasing_regions`, for a whole body at once. What does not change is shared with the original; a
 * body with nothing generic in it comes back as it is.
 */

import { bug } from "../entity/entity.ts";
import { HAS_ALIAS, typeFlags } from "../mir/fold.ts";
import type { Body, Const } from "../mir/syntax.ts";
import type { Ty } from "../mir/ty.ts";
import { type Mapper, mapBody, mapList, visitBody } from "../mir/visit.ts";
import { resolveConst } from "../traits/normalize.ts";
import type { Instance } from "./instance.ts";
import type { MonoCx } from "./mono-cx.ts";

const bodyFlags = new WeakMap<Body, number>();
/** A flag of bodies beside those of types: it has a const parameter or a constant of a trait. */
const HAS_CONST = 4;

/** What is anywhere in `body`: the flags of its types, and `HAS_CONST`. */
function flagsOfBody(body: Body): number {
  const known = bodyFlags.get(body);
  if (known !== undefined) return known;
  let flags = 0;
  for (const { ty } of body.locals) flags |= typeFlags(ty);
  visitBody(body, {
    ty: (ty) => {
      flags |= typeFlags(ty);
    },
    constant: (value) => {
      if (value.kind === "param" || (value.kind === "unevaluated" && value.item.parent?.kind === "trait"))
        flags |= HAS_CONST;
    },
  });
  bodyFlags.set(body, flags);
  return flags;
}

/** `body`, of an item whose arguments are `args`, for these arguments. */
export function instantiateBody(cx: MonoCx, body: Body, args: readonly Ty[]): Body {
  const flags = flagsOfBody(body);
  if (flags === 0 || (args.length === 0 && (flags & (HAS_ALIAS | HAS_CONST)) === 0)) return body;
  const mapper = mapperFor(cx, args);
  const { ty } = mapper;
  const mapped = mapBody(body, mapper);
  const locals = mapList(body.locals, (decl) => {
    const own = ty(decl.ty);
    return own === decl.ty ? decl : { ...decl, ty: own };
  });
  return locals === mapped.locals ? mapped : { ...mapped, locals };
}

function mapperFor(cx: MonoCx, args: readonly Ty[]): Mapper & { readonly ty: (ty: Ty) => Ty } {
  // Types come again and again within one body.
  const filled = new Map<Ty, Ty>();
  const ty = (generic: Ty): Ty => {
    if (typeFlags(generic) === 0) return generic;
    let own = filled.get(generic);
    if (own === undefined) {
      own = cx.traits.instantiate(generic, args);
      filled.set(generic, own);
    }
    return own;
  };
  return { ty, constant: (value) => fillConst(cx, value, args) };
}

function fillConst(cx: MonoCx, value: Const, args: readonly Ty[]): Const {
  if (value.kind === "param") {
    const arg = args[value.index];
    if (arg === undefined || arg.kind === "param") return value;
    if (arg.kind !== "constArg") throw bug(`the const parameter ${value.name} is ${arg.text}`);
    return { kind: "scalar", ty: arg.ty, bits: arg.bits };
  }
  if (value.kind === "unevaluated" && value.item.parent?.kind === "trait") {
    const resolved = resolveConst(cx.traits, value.item, value.args);
    return resolved.item === value.item ? value : { ...value, ...resolved };
  }
  return value;
}

/** The body of `instance`, the same object each time; `undefined` when it has none. */
export function instanceBody(cx: MonoCx, instance: Instance): Body | undefined {
  const { body } = instance.item;
  if (body === undefined || instance.def.kind !== "item") return body;
  const known = cx.bodies.get(instance);
  if (known !== undefined) return known;
  const made = instantiateBody(cx, body, instance.args);
  if (made !== body) cx.bodies.set(instance, made);
  return made;
}
