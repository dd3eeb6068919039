/**
 * Values of statics and constants: calls of `const fn`s whose bodies are the initialisers' MIR.
 *
 * An initialiser may end with a reference to one of its own locals, which lives on as part of the constant: then the function returns what it
 * refers to, and the reference is taken outside of it, where Rust makes it live on, too. Other pointers to its locals would dangle.
 */

import { DUMMY_SP } from "../../session/diagnostic.ts";
import type { ConstItem, ImplDef, StaticItem, TraitDef } from "../items.ts";
import { type Body, type FnItem, type Local, RETURN_PLACE, type Statement } from "../syntax.ts";
import type { Ty } from "../ty.ts";
import { visitBody } from "../visit.ts";
import { writeFn } from "./body.ts";
import type { ModuleCx } from "./module-cx.ts";
import { UnsupportedError } from "./support.ts";

/** The value of `item` as an expression; its function becomes a helper of the module. */
export function writeInitialiser(
  cx: ModuleCx,
  item: StaticItem | ConstItem,
  owner: TraitDef | ImplDef | undefined,
): string {
  const { body } = item;
  cx.names.needs.add("constFn");
  if (body === undefined) throw new UnsupportedError(`${item.name} has no value`);
  const generics = item.kind === "const" ? item.generics : [];
  const lent = lentLocal(body);
  const ret = lent === undefined ? item.ty : body.locals[lent]!.ty;
  const fn: FnItem = {
    name: `${item.name}_value`,
    kind: "fn",
    generics,
    ...(item.kind === "const" && item.constParams !== undefined ? { constParams: item.constParams } : {}),
    ...(owner === undefined ? {} : { parent: owner }),
    params: [],
    ret,
    inline: "none",
    abi: "Rust",
    body: lent === undefined ? body : returning(body, lent),
    span: DUMMY_SP,
  };
  if (fn.body !== undefined && mayPoint(cx, fn.ret)) refuseDangling(fn.body, item.name);
  const name = cx.names.of(fn, fn.name);
  const text = writeFn({ ...cx, constFns: new Set([...cx.constFns, fn]) }, fn);
  cx.helpers.set(fn, { name, text });
  const args = generics.map((generic) => cx.names.param(generic));
  return `${lent === undefined ? "" : "&"}${name}${args.length === 0 ? "" : `::<${args.join(", ")}>`}()`;
}

/** `_N` when the last thing that a body without branches does is `_0 = &_N`. */
function lentLocal(body: Body): Local | undefined {
  const block = body.blocks.find(({ terminator }) => terminator.kind === "return");
  const statements = block?.statements.filter(({ kind }) => kind === "assign") ?? [];
  const last = statements.at(-1);
  if (last?.kind !== "assign" || last.place.local !== RETURN_PLACE || last.place.projection.length > 0)
    return undefined;
  const { rvalue } = last;
  if (rvalue.kind !== "ref" || rvalue.mutability !== "not" || rvalue.place.projection.length > 0) return undefined;
  return rvalue.place.local;
}

/** `body` with `_0 = &_local` replaced by `_0 = move _local`. */
function returning(body: Body, local: Local): Body {
  const change = (statement: Statement): Statement =>
    statement.kind === "assign" && statement.place.local === RETURN_PLACE
      ? { ...statement, rvalue: { kind: "use", operand: { kind: "move", place: { local, projection: [] } } } }
      : statement;
  const locals = body.locals.map((decl, i) => (i === RETURN_PLACE ? { ...decl, ty: body.locals[local]!.ty } : decl));
  return {
    ...body,
    locals,
    blocks: body.blocks.map((block) => ({ ...block, statements: block.statements.map(change) })),
  };
}

function mayPoint(cx: ModuleCx, ty: Ty): boolean {
  switch (ty.kind) {
    case "bool":
    case "char":
    case "int":
    case "uint":
    case "float":
      return false;
    case "tuple":
      return ty.fields.some((field) => mayPoint(cx, field));
    case "array":
      return mayPoint(cx, ty.element);
    case "adt":
      // A type that contains itself does so through a pointer.
      return ty.def.variants.some((_, v) => cx.tcx.fieldTys(ty, v).some((field) => mayPoint(cx, field)));
    default:
      return true;
  }
}

function refuseDangling(body: Body, name: string): void {
  visitBody(body, {
    place: (place, context) => {
      if (context === "borrow" && !place.projection.some((elem) => elem.kind === "deref"))
        throw new UnsupportedError(`the value of ${name} borrows its own parts`);
    },
  });
}

/** The functions that initialisers call, and those that they call in turn. */
export function constFnsOf(program: ModuleCx["program"]): ReadonlySet<FnItem> {
  const found = new Set<FnItem>();
  const bodies = [...(program.statics ?? []), ...(program.consts ?? [])].flatMap(({ body }) => body ?? []);
  for (const body of bodies) {
    visitBody(body, {
      constant: (value) => {
        if (value.kind !== "fn" || found.has(value.item) || value.item.body === undefined) return;
        found.add(value.item);
        bodies.push(value.item.body);
      },
    });
  }
  return found;
}
