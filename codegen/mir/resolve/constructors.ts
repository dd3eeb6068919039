/**
 * Structs and variants by their paths, and the functions that make them.
 */

import { DUMMY_SP } from "../../session/diagnostic.ts";
import type { FnItem, Local } from "../syntax.ts";
import type * as text from "../text/ast.ts";
import type { AdtDef, Ty, TyOf } from "../ty.ts";
import { argsOf, pathName, prefixName } from "./path-names.ts";
import { adtTy } from "./types.ts";
import type { Scope, World } from "./world.ts";

/** The struct or the enum's variant that `path` means, with the type. */
export interface VariantRef {
  readonly ty: TyOf<"adt">;
  readonly variant: number;
}

export function resolveVariant(scope: Scope, path: text.Path): VariantRef | undefined {
  const { world } = scope;
  const { segments } = path;
  if (segments[0]!.kind !== "name") return undefined;
  const self = segments[0]!.name === "Self" ? scope.self : undefined;
  const whole =
    segments.length === 1 && self !== undefined ? undefined : world.lookup(world.adts, pathName(path), scope.module);
  if (whole !== undefined && whole !== "several" && whole.adtKind !== "enum") {
    return { ty: adtTy(scope, whole, argsOf(path)) as TyOf<"adt">, variant: 0 };
  }
  if (segments.length === 1)
    return self?.kind === "adt" && self.def.adtKind !== "enum" ? { ty: self, variant: 0 } : undefined;
  const last = segments.at(-1)!;
  const def =
    self?.kind === "adt" && segments.length === 2 ? self.def : world.lookup(world.adts, prefixName(path), scope.module);
  if (def === undefined || def === "several" || def.adtKind !== "enum" || last.kind !== "name") return undefined;
  const variant = def.variants.findIndex((v) => v.name === last.name);
  if (variant < 0) return undefined;
  return { ty: (self ?? adtTy(scope, def, argsOf(path))) as TyOf<"adt">, variant };
}

const constructors = new WeakMap<AdtDef, Map<number, FnItem>>();

/** A tuple struct or variant as a function. */
export function constructorFn(
  scope: Scope,
  path: text.Path,
): { readonly item: FnItem; readonly args: readonly Ty[] } | undefined {
  const found = resolveVariant(scope, path);
  if (found === undefined) return undefined;
  const { def } = found.ty;
  if (def.variants[found.variant]!.ctor !== "tuple") return undefined;
  let known = constructors.get(def);
  if (known === undefined) {
    known = new Map();
    constructors.set(def, known);
  }
  let item = known.get(found.variant);
  if (item === undefined) {
    item = makeConstructor(scope.world, def, found.variant);
    known.set(found.variant, item);
    scope.world.synthesized.push(item);
  }
  return { item, args: found.ty.args };
}

/** `fn S(_1: A) -> S { _0 = S(move _1); return }`. */
function makeConstructor(world: World, def: AdtDef, variant: number): FnItem {
  const { tcx } = world;
  const { name, fields } = def.variants[variant]!;
  const ty = tcx.adt(
    def,
    def.generics.map((generic, i) => tcx.param(i, generic)),
  );
  const params = fields.map((field) => field.ty);
  const operands = params.map((_, i) => ({
    kind: "move" as const,
    place: { local: (i + 1) as Local, projection: [] },
  }));
  const span = DUMMY_SP;
  return {
    name: def.adtKind === "enum" ? `${def.name}::${name}` : def.name,
    kind: "fn",
    generics: def.generics,
    ...(def.constParams === undefined ? {} : { constParams: def.constParams }),
    params,
    ret: ty,
    inline: "hint",
    abi: "Rust",
    span,
    body: {
      argCount: params.length,
      locals: [{ ty, mutability: "mut" }, ...params.map((param) => ({ ty: param, mutability: "not" as const }))],
      blocks: [
        {
          isCleanup: false,
          statements: [
            {
              kind: "assign",
              place: { local: 0 as Local, projection: [] },
              rvalue: { kind: "aggregate", aggregate: { kind: "adt", ty, def, variant }, operands },
              span,
            },
          ],
          terminator: { kind: "return", span },
        },
      ],
    },
  };
}
