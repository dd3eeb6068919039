/**
 * Declaring functions, statics and constants.
 */

import type { ConstItem, StaticItem } from "../items.ts";
import type { Attribute, GlobalItem, RustFn } from "../rust/ast.ts";
import type { FnItem, InlineAttr } from "../syntax.ts";
import type * as text from "../text/ast.ts";
import { typeText } from "../text/print-type.ts";
import { TY_UNIT, type Ty } from "../ty.ts";
import { checkAttributes } from "./attributes.ts";
import { type DeclareCx, itemError, itemSpan, type Within } from "./declare-cx.ts";
import { itemScope, ownPredicates, withImplParams } from "./generics.ts";
import { resolveTy } from "./types.ts";
import type { Scope } from "./world.ts";

export function declareFn(
  cx: DeclareCx,
  item: RustFn,
  within: Within | undefined,
  assocName: string | undefined,
): void {
  const { world } = cx;
  checkAttributes(item);
  const generics = withImplParams(item.generics, item.params);
  const scope = itemScope(world, item, generics, within?.outer);
  scope.at = item.at;
  if (within === undefined && scope.generics.length === 0) scope.tys = world.plainTys(scope.module);
  const predicates = ownPredicates(scope, generics);
  const inherited = within?.outer.predicates ?? [];
  const intrinsic = item.attributes.some((a) => a.name === "rustc_intrinsic");
  const fn: FnItem = {
    name: item.name,
    kind: intrinsic ? "intrinsic" : item.foreign && within === undefined ? "extern" : "fn",
    generics: scope.generics,
    ...(scope.constParams === undefined ? {} : { constParams: scope.constParams }),
    ...(inherited.length + predicates.length === 0 ? {} : { predicates: [...inherited, ...predicates] }),
    ...(within === undefined ? {} : { parent: within.parent }),
    ...(assocName === undefined ? {} : { assocName }),
    ...(item.unsafe ? { unsafe: true } : {}),
    ...(item.variadic ? { variadic: true } : {}),
    ...(cx.prelude ? { prelude: true } : {}),
    ...attributesOf(item.attributes),
    params: [],
    ret: TY_UNIT,
    inline: inlineOf(item.attributes),
    abi: item.abi,
    body: undefined,
    span: itemSpan(item),
  };
  if (cx.prelude) world.preludeFns.add(fn);
  const before = within === undefined ? world.fns.get(item.name) : undefined;
  if (before !== undefined && world.preludeFns.has(before)) world.fns.remove(item.name);
  if (!world.fns.add(item.name, fn) && within === undefined && !cx.prelude) {
    throw itemError(item, `the function \`${item.name}\` is defined twice`, item.nameAt);
  }
  if (within !== undefined) within.parent.fns = [...within.parent.fns, fn];
  const body = typeof item.body === "string" ? undefined : item.body;
  cx.declared.fns.push({ item: fn, scope, body, name: item.name, at: item.nameAt });
  cx.steps.params.push({
    name: item.name,
    made: fn,
    run: () => {
      scope.at = item.at;
      const params = item.params.map((ty) => resolveTy(scope, ty));
      Object.assign(fn, { params, ret: item.ret === undefined ? TY_UNIT : resolveRet(scope, item) });
    },
  });
}

export function declareGlobal(
  cx: DeclareCx,
  item: GlobalItem,
  within: Within | undefined,
  assocName: string | undefined,
): void {
  const { world } = cx;
  const scope = itemScope(world, item, item.generics, within?.outer);
  scope.at = item.at;
  // A promoted's type may name a closure, which is known when parameters are.
  const late = within === undefined && typeText(item.ty).includes("{closure@");
  const ty = late ? TY_UNIT : resolveTy(scope, item.ty);
  const span = itemSpan(item);
  const made: StaticItem | ConstItem =
    item.kind === "static"
      ? {
          kind: "static",
          name: item.name,
          ty,
          mutability: item.mutable ? "mut" : "not",
          threadLocal: item.attributes.some((a) => a.name === "thread_local"),
          body: undefined,
          ...attributesOf(item.attributes.filter((a) => a.name !== "thread_local")),
          span,
        }
      : {
          kind: "const",
          name: item.name,
          generics: scope.generics,
          ...(scope.constParams === undefined ? {} : { constParams: scope.constParams }),
          ...(within === undefined ? {} : { parent: within.parent }),
          ...(assocName === undefined ? {} : { assocName }),
          ty,
          body: undefined,
          span,
        };
  const added = made.kind === "static" ? world.statics.add(item.name, made) : world.consts.add(item.name, made);
  if (!added && within === undefined) throw itemError(item, `\`${item.name}\` is defined twice`, item.nameAt);
  if (within !== undefined && made.kind === "const") within.parent.assocConsts = [...within.parent.assocConsts, made];
  if (late) {
    const run = (): void => {
      made.ty = resolveTy(scope, item.ty);
    };
    cx.steps.params.push({ name: item.name, made, run });
  }
  const { init } = item;
  cx.declared.globals.push({
    item: made,
    scope,
    body: init.kind === "body" ? init.body : undefined,
    value: init.kind === "value" ? init.value : undefined,
    at: item.nameAt,
  });
}

/** What a function returns; an opaque type is revealed by its body. */
function resolveRet(scope: Scope, item: RustFn): Ty {
  const { ret } = item;
  if (ret === undefined || mentionsImpl(ret)) return TY_UNIT;
  return resolveTy(scope, ret);
}

function mentionsImpl(ty: text.Type): boolean {
  switch (ty.kind) {
    case "impl":
      return true;
    case "ref":
    case "ptr":
      return mentionsImpl(ty.pointee);
    case "paren":
      return mentionsImpl(ty.ty);
    case "tuple":
      return ty.fields.some(mentionsImpl);
    case "array":
    case "slice":
      return mentionsImpl(ty.element);
    case "path":
      return ty.path.segments.some(
        (segment) =>
          segment.args?.kind === "angle" &&
          segment.args.args.some((arg) => arg.kind === "type" && mentionsImpl(arg.ty)),
      );
    default:
      return false;
  }
}

function inlineOf(attributes: readonly Attribute[]): InlineAttr {
  const inline = attributes.find((a) => a.name === "inline");
  if (inline === undefined) return "none";
  return inline.value === "always" || inline.value === "never" ? inline.value : "hint";
}

/** What the compiler or the printer looks up later; others say nothing here. */
const KEPT: ReadonlySet<string> = new Set([
  "track_caller",
  "optimize",
  "rustc_no_mir_inline",
  "cold",
  "no_mangle",
  "export_name",
  "link_name",
  "link_section",
  "target_feature",
  "rustc_nounwind",
  "rustc_intrinsic",
  "used",
  "naked",
]);

function attributesOf(attributes: readonly Attribute[]): { attributes?: readonly string[] } {
  const kept = attributes.filter((a) => KEPT.has(a.name)).map((a) => a.text);
  return kept.length === 0 ? {} : { attributes: kept };
}
