/**
 * The bodies of closures in texts: as dumps have them, and as programs print them with attributes for what their own function does not show.
 */

import type { ClosureDef } from "../items.ts";
import type { Attribute, RustFn } from "../rust/ast.ts";
import type * as text from "../text/ast.ts";
import { B } from "../text/bytes.ts";
import { Cursor } from "../text/cursor.ts";
import { parseType } from "../text/parse.ts";
import { typeText } from "../text/print-type.ts";
import { SourceText } from "../text/source.ts";
import type { Ty } from "../ty.ts";
import { closureKey, closurePathKey, setExactUpvars } from "./closures.ts";
import { argsOf } from "./path-names.ts";
import { resolveTy } from "./types.ts";
import type { Scope, World } from "./world.ts";

/** A closure's body with attributes, as a dump has it without. */
export function closureText(item: RustFn): text.FnItem | undefined {
  const { path, body, params, ret, source, at, end } = item;
  const last = path?.segments.at(-1);
  if (path === undefined || last?.kind !== "name" || !last.name.startsWith("{closure#")) return undefined;
  if (typeof body === "string" || ret === undefined) return undefined;
  return {
    kind: "fn",
    source,
    at,
    end,
    annotations: [],
    name: path,
    params: params.map((ty, i) => ({ local: i + 1, ty })),
    ret,
    yields: undefined,
    body,
    ctfe: false,
    coroutineLayout: undefined,
  };
}

/** The type of a closure whose body `item` is: that of its first parameter. */
export function closureOf(item: text.FnItem): Extract<text.Type, { kind: "closure" }> | undefined {
  const last = item.name.segments.at(-1);
  if (last?.kind !== "name" || !last.name.startsWith("{closure#")) return undefined;
  const first = item.params[0]?.ty;
  const ty = first?.kind === "ref" ? first.pointee : first;
  return ty?.kind === "closure" ? ty : undefined;
}

/** Makes known the closure whose body `item` is; `generics` are those of the function around it, when the text has that. */
export function declareClosure(world: World, item: text.FnItem, generics: readonly string[] | undefined): void {
  const ty = closureOf(item);
  if (ty === undefined || ty.what !== "closure") return;
  const key = closurePathKey(ty) ?? closureKey(ty.location);
  if (world.closures.has(key)) return;
  world.closures.set(key, {
    kind: "closure",
    name: `{closure@${closurePathKey(ty) ?? ty.location}}`,
    generics: generics ?? closureParams(ty),
    upvars: [],
    upvarNames: [],
    closureKind: closureKindOf(item),
    body: undefined,
  });
}

/** The closure whose body `item` is. */
export function closureDefOf(world: World, item: text.FnItem): ClosureDef | undefined {
  const ty = closureOf(item);
  return ty === undefined ? undefined : world.closures.get(closurePathKey(ty) ?? closureKey(ty.location));
}

/** The parameters of the function around a closure, as the closure's own type has them. */
function closureParams({ path }: Extract<text.Type, { kind: "closure" }>): readonly string[] {
  return path === undefined ? [] : argsOf(path).map((arg) => (arg.kind === "type" ? typeText(arg.ty) : ""));
}

function closureKindOf(item: text.FnItem): ClosureDef["closureKind"] {
  const first = item.params[0]?.ty;
  if (first?.kind !== "ref") return "fnOnce";
  return first.mutable ? "fnMut" : "fn";
}

/** `#[upvars(a: T, b: U)]`: what a closure captures, of which the text may make none in its own function. `scope` is that of its body. */
export function setUpvars(scope: Scope, def: ClosureDef, attributes: readonly Attribute[]): void {
  if (scope.constParams !== undefined) def.constParams = scope.constParams;
  const fields = typedNames(scope, attributes, "upvars");
  if (fields.length > 0)
    setExactUpvars(
      def,
      fields,
      fields.map(({ ty }) => ty),
    );
}

/** `#[const_params(N: usize)]`: which of a closure's parameters stand for values, where its function does not say. */
export function setConstParams(scope: Scope, attributes: readonly Attribute[]): void {
  const params = typedNames(scope, attributes, "const_params");
  if (params.length === 0) return;
  scope.constParams = scope.generics.map((generic) => params.find(({ name }) => name === generic)?.ty);
}

/** What an attribute `#[word(a: T, b: U)]` lists. */
function typedNames(
  scope: Scope,
  attributes: readonly Attribute[],
  word: string,
): { readonly name: string; readonly ty: Ty }[] {
  const attribute = attributes.find((a) => a.name === word);
  if (attribute === undefined) return [];
  const c = new Cursor(SourceText.fromString(scope.source.file, attribute.value));
  const found: { name: string; ty: Ty }[] = [];
  while (!c.atEnd) {
    const name = c.atDigit() ? String(c.integer("a name")) : c.ident("a name");
    c.expect(B.COLON);
    found.push({ name, ty: resolveTy(scope, parseType(c)) });
    if (!c.atEnd) c.expect(B.COMMA);
  }
  return found;
}
