/**
 * Closures of dumps. A closure has the parameters of the function that it stands in, types and constants, as in rustc; its body is printed in terms of them.
 *
 * What it captures, its body tells, the `debug` lines included; of a place that the body came to need no more, the expression that makes it in its own function before
 * that was optimised.
 */

import {
  type ClosureDef,
  Diagnostic,
  type FnItem,
  resolveTy,
  type Scope,
  type Ty,
  type text,
  typeText,
} from "../../codegen/index.ts";
import { type BodyItem, namesText, type Origin } from "./crates.ts";
import { eachNode } from "./each-node.ts";
import type { LinkCx } from "./link-cx.ts";
import { constOwner, globalOwner, ownerOf } from "./owners.ts";
import { withoutBraces } from "./prune.ts";

type ClosureTy = Extract<text.Type, { kind: "closure" }>;

export class Closures {
  private readonly cx: LinkCx;
  private readonly defs = new Map<string, ClosureDef>();

  constructor(cx: LinkCx) {
    this.cx = cx;
  }

  /** What the type of a closure means; the arguments of its path are those of its function. */
  ty(scope: Scope, ty: ClosureTy): Ty {
    const { cx } = this;
    const { path } = ty;
    if (path === undefined || ty.what !== "closure")
      throw new Diagnostic(`not supported yet: the type \`${ty.what}@${ty.location}\``, { file: scope.source.file });
    const at = path.segments.findIndex((segment) => segment.kind === "name" && segment.name.startsWith("{closure#"));
    const suffix = namesText(path.segments.slice(at));
    const outer: text.Path = { segments: path.segments.slice(0, at), promoted: -1, text: "" };
    const owner = globalOwner(cx, outer) ?? constOwner(cx, scope, outer, suffix) ?? ownerOf(cx, scope, outer, suffix);
    const def = this.def(owner.item, suffix);
    if (owner.args.length !== def.generics.length)
      throw new Diagnostic(
        `the type \`${typeText(ty)}\` has ${owner.args.length} arguments, not ${def.generics.length}`,
        {
          file: scope.source.file,
        },
      );
    return cx.world.tcx.closure(def, owner.args);
  }

  private def(owner: BodyItem, suffix: string): ClosureDef {
    const { cx } = this;
    const origin = cx.origins.get(owner);
    if (origin === undefined)
      throw new Diagnostic(`not supported yet: a closure of \`${owner.name}\``, { file: cx.crate.dump.source.file });
    const key = `${origin.key}::${suffix}`;
    const id = origin.crate.prefix + key;
    const known = this.defs.get(id);
    if (known !== undefined) return known;
    const dumped = origin.crate.dump.get(key);
    if (dumped?.kind !== "fn")
      throw new Diagnostic(`no MIR of the closure \`${key}\``, { file: origin.crate.dump.source.file });
    const first = dumped.params[0]!.ty;
    const def: ClosureDef = {
      kind: "closure",
      name: `{closure@${withoutBraces(id)}}`,
      ...parametersOf(owner),
      upvars: [],
      upvarNames: [],
      closureKind: first.kind !== "ref" ? "fnOnce" : first.mutable ? "fnMut" : "fn",
      body: undefined,
    };
    this.defs.set(id, def);
    cx.items.closures.push(def);
    this.body(def, owner, { ...origin, key }, dumped);
    return def;
  }

  private body(def: ClosureDef, owner: BodyItem, origin: Origin, dumped: text.FnItem): void {
    const { cx } = this;
    const { scope, renamer, finish } = cx.bodyScope(origin, dumped);
    const params = renamer.tree(dumped.params);
    const declared = dumped.body.scope.locals.find((decl) => decl.local === 0)?.ty;
    const ret = renamer.tree(dumped.ret.kind === "impl" && declared !== undefined ? declared : dumped.ret);
    const upvars = capturesOf(origin, dumped).map((ty) => renamer.tree(ty));
    cx.settle();
    finish();
    def.upvars = upvars.map((ty) => resolveTy(scope, ty));
    def.upvarNames = upvars.map((_, i) => `c${i}`);
    const fn: FnItem = {
      name: withoutBraces(origin.crate.prefix + origin.key),
      kind: "fn",
      ...parametersOf(owner),
      ...("predicates" in owner && owner.predicates !== undefined ? { predicates: owner.predicates } : {}),
      closure: def,
      params: params.map((param) => resolveTy(scope, param.ty)),
      ret: resolveTy(scope, ret),
      inline: "none",
      abi: "Rust",
      body: undefined,
      span: owner.span,
    };
    def.body = fn;
    cx.origins.set(fn, origin);
    cx.stub(fn);
    cx.items.functions.push(fn);
  }
}

/** The parameters of what a closure stands in; statics have none. */
function parametersOf(owner: BodyItem): Pick<FnItem, "generics" | "constParams"> {
  if (owner.kind === "static") return { generics: [] };
  return { generics: owner.generics, ...(owner.constParams === undefined ? {} : { constParams: owner.constParams }) };
}

/** The types of what the closure whose body is `dumped` captures, in terms of its own parameters. */
export function capturesOf({ crate, key }: Origin, dumped: text.FnItem): text.Type[] {
  const found = fieldsOf(dumped);
  const count = Math.max(found.length, namedCaptures(dumped));
  const fields = Array.from({ length: count }, (_, i) => found[i]);
  if (fields.every((ty) => ty !== undefined)) return fields;
  const [outer, body] = [crate.plain().get(key.slice(0, key.lastIndexOf("::"))), crate.plain().get(key)];
  const made = outer === undefined || body?.kind !== "fn" ? undefined : operandTys(outer, closureOf(body));
  return fields.map((known, i) => {
    const ty = known ?? made?.[i];
    if (ty !== undefined) return ty;
    throw new Diagnostic(`rustc does not say all that the closure \`${key}\` captures`, {
      file: crate.dump.source.file,
    });
  });
}

/** How many captures have `debug` lines: those of a closure's outermost scope are of its parameters or of these. */
function namedCaptures({ body }: text.FnItem): number {
  return body.scope.debugInfo.filter(({ value }) => value.kind !== "place" || value.place.local === 1).length;
}

/** The type of the closure whose body `dumped` is. */
function closureOf({ params }: text.FnItem): text.Type {
  const first = params[0]!.ty;
  return first.kind === "ref" ? first.pointee : first;
}

/** By field of the closure its type, as far as the body looks at it. */
function fieldsOf(dumped: text.FnItem): (text.Type | undefined)[] {
  const found: (text.Type | undefined)[] = [];
  eachNode(dumped.body, (node) => {
    if (!("local" in node && "projection" in node) || node.local !== 1) return;
    const [first, second] = node.projection as readonly text.PlaceElem[];
    const field = first?.kind === "deref" ? second : first;
    if (field?.kind === "field") found[field.index] ??= field.ty;
  });
  return found;
}

/** The types of the operands of the expression in `outer` that makes a closure of the very type `ty`, as far as they are written. */
function operandTys(outer: text.FnItem | text.ConstItem, ty: text.Type): (text.Type | undefined)[] | undefined {
  if (outer.body === undefined) return undefined;
  const wanted = typeText(ty);
  const locals = new Map<number, text.Type>();
  if (outer.kind === "fn") for (const param of outer.params) locals.set(param.local, param.ty);
  let found: (text.Type | undefined)[] | undefined;
  eachNode(outer.body, (node) => {
    if ("local" in node && "userTypes" in node && "ty" in node) locals.set(node.local as number, node.ty as text.Type);
    if (!("kind" in node && node.kind === "closure" && "fields" in node && "ty" in node)) return;
    const made = node as Extract<text.Rvalue, { kind: "closure" }>;
    if (typeText(made.ty) === wanted) found ??= made.fields.map(({ value }) => operandTy(value, locals));
  });
  return found;
}

function operandTy(operand: text.Operand, locals: ReadonlyMap<number, text.Type>): text.Type | undefined {
  if (operand.kind !== "move" && operand.kind !== "copy") return undefined;
  const { local, projection } = operand.place;
  let ty = locals.get(local);
  for (const elem of projection) {
    if (elem.kind === "field") ty = elem.ty;
    else if (elem.kind === "deref" && (ty?.kind === "ref" || ty?.kind === "ptr")) ty = ty.pointee;
    else return undefined;
  }
  return ty;
}
