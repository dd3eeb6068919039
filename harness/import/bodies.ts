/** Bodies and values from dumps: their names in full, then resolved. Until a function is reached, an empty body stands for its own. */

import {
  type Body,
  type ConstItem,
  Diagnostic,
  type FnItem,
  resolveBody,
  resolveConst,
  resolveFn,
  resolveTy,
  type Scope,
  type StaticItem,
  type text,
} from "../../codegen/index.ts";
import { constantValue } from "./constant-values.ts";
import { type BodyItem, dumpPlace, type Origin } from "./crates.ts";
import { ABORTING, abortingBody, DROP_GLUE, dropGlueBody, isAborting } from "./cut.ts";
import { spillIndirect } from "./indirect.ts";
import type { BodyScope, LinkCx } from "./link-cx.ts";
import { type Mentions, Renamer } from "./rename.ts";
import { Allocations } from "./static-refs.ts";
import { plainPath } from "./text-paths.ts";

export class Bodies {
  private readonly cx: LinkCx;
  private readonly allocations: Allocations;
  /** Bodies that stand for those that are yet to be read. */
  private readonly stubs = new Set<Body>();
  private readonly resolved = new Set<BodyItem>();

  constructor(cx: LinkCx) {
    this.cx = cx;
    this.allocations = new Allocations((path) => cx.declare(path));
  }

  isStub(body: Body): boolean {
    return this.stubs.has(body);
  }

  stub(item: FnItem): void {
    const body: Body = {
      get locals(): Body["locals"] {
        return [{ ty: item.ret, mutability: "mut" }, ...item.params.map((ty) => ({ ty, mutability: "not" as const }))];
      },
      get argCount(): number {
        return item.params.length;
      },
      blocks: [{ statements: [], terminator: { kind: "unreachable", span: item.span }, isCleanup: false }],
    };
    this.stubs.add(body);
    item.body = body;
  }

  /** Gives `item` its body; true when it had none. */
  need(item: FnItem): boolean {
    const origin = this.cx.origins.get(item);
    if (item.body === undefined || origin === undefined || !this.stubs.delete(item.body)) return false;
    this.resolved.add(item);
    this.readBody(item, origin);
    this.cx.settle();
    return true;
  }

  private readBody(item: FnItem, origin: Origin): void {
    if (origin.crate !== this.cx.crate) {
      const cut = cutBody(item, origin);
      if (cut !== undefined) {
        item.body = cut;
        return;
      }
    }
    const dumped = origin.crate.dump.get(origin.key);
    if (dumped === undefined || dumped.kind !== "fn") return;
    const { scope, renamer, finish } = this.scopeOf(origin, dumped);
    const ret = renamer.tree(dumped.ret);
    const params = renamer.tree(dumped.params);
    const body = renamer.tree(spillIndirect(withoutScopes(dumped.body), dumped.params.length));
    this.cx.settle();
    finish();
    const declared = body.scope.locals.find((decl) => decl.local === 0)?.ty;
    scope.at = dumped.at;
    const made = {
      params: params.map((param) => resolveTy(scope, param.ty)),
      ret: resolveTy(scope, ret.kind === "impl" && declared !== undefined ? declared : ret),
    };
    Object.assign(item, made);
    item.body = resolveBody(scope, body, made.params, made.ret);
  }

  /** Reads the value of `item`, unless that was done before. */
  readValue(item: ConstItem | StaticItem): void {
    const { cx } = this;
    const origin = cx.origins.get(item);
    if (origin === undefined || this.resolved.has(item)) return;
    this.resolved.add(item);
    const dumped = origin.crate.dump.get(origin.key);
    if (dumped === undefined || dumped.kind === "fn") return;
    try {
      const { scope, renamer, finish } = this.scopeOf(origin, dumped);
      const ty = renamer.tree(dumped.ty);
      const body = dumped.body === undefined ? undefined : renamer.tree(spillIndirect(withoutScopes(dumped.body), 0));
      const value = renamer.tree(dumped.value);
      cx.declareReady();
      finish();
      scope.at = dumped.at;
      item.ty = resolveTy(scope, ty);
      if (body !== undefined) item.body = resolveBody(scope, body, [], item.ty);
      else if (value !== undefined) item.body = valueBody(item, resolveConst(scope, value, item.ty));
    } catch (error) {
      if (!(error instanceof Diagnostic) || origin.crate === cx.crate) throw error;
      cx.skipped.set(item.name, error);
    }
  }

  scopeOf(origin: Origin, dumped: text.FnItem | text.ConstItem): BodyScope {
    const { cx, allocations } = this;
    const { crate, opaque } = origin;
    const closures: Extract<text.Type, { kind: "closure" }>[] = [];
    const promoteds: { path: text.Path }[] = [];
    const mentions: Mentions = {
      inherent: (head, name) => cx.needInherent(head, name),
      closure: (ty) => closures.push(ty),
      promoted: (node) => promoteds.push(node),
      nested: (self, trait, names) => nested(cx, origin, self, trait, names),
      staticRef: (name, path) => allocations.staticRef(name === "core" ? cx.library.crate : crate, path),
      value: (expr) => constantValue(crate, expr),
    };
    const scope: Scope = {
      ...origin.scope,
      module: "",
      source: dumped.source,
      at: dumped.at,
      tys: new Map(),
      allocs: { items: allocations.textsOf(crate, mentions), made: allocations.madeOf(crate) },
    };
    const renamer = new Renamer(dumpPlace(crate, opaque), mentions);
    const finish = (): void => {
      for (const ty of closures) scope.tys.set(ty, cx.closureTy(scope, ty));
      for (const node of promoteds) node.path = cx.promotedPath(scope, node.path);
    };
    return { scope, renamer, finish };
  }
}

/** The full name of an item inside of a member of an impl. */
function nested(
  cx: LinkCx,
  { key }: Origin,
  self: text.Type,
  trait: text.Path | undefined,
  names: readonly string[],
): string | undefined {
  const inner = names.join("::");
  const own = cx.nested.find(self, trait, inner, key);
  if (own !== undefined) return cx.crate.prefix + own;
  const found = cx.library.nested.find(self, trait, inner, key);
  return found === undefined ? undefined : cx.library.crate.prefix + found;
}

/** What stands for the library's function `item` when its own body is of no use. */
function cutBody(item: FnItem, { key, scope }: Origin): Body | undefined {
  if (isAborting(key, item)) return abortingBody(item, resolveFn(scope, plainPath(ABORTING)).item);
  return DROP_GLUE.has(key) ? dropGlueBody(item) : undefined;
}

/** Only the locals: what was inlined from where is of no use outside of the crate. */
function withoutScopes(body: text.Body): text.Body {
  const locals: text.LocalDecl[] = [];
  const collect = (scope: text.SourceScope): void => {
    locals.push(...scope.locals);
    for (const child of scope.children) collect(child);
  };
  collect(body.scope);
  locals.sort((a, b) => a.local - b.local);
  return { ...body, scope: { ...body.scope, inlined: undefined, debugInfo: [], locals, children: [] } };
}

function valueBody(item: ConstItem | StaticItem, value: ReturnType<typeof resolveConst>): Body {
  const { span } = item;
  const place = { local: 0 as never, projection: [] };
  return {
    locals: [{ ty: item.ty, mutability: "mut" }],
    argCount: 0,
    blocks: [
      {
        statements: [{ kind: "assign", place, rvalue: { kind: "use", operand: { kind: "const", value } }, span }],
        terminator: { kind: "return", span },
        isCleanup: false,
      },
    ],
  };
}
