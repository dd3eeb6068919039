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
import { type BodyItem, dumpPlace, type LinkedCrate, type Origin } from "./crates.ts";
import {
  ABORTING,
  abortingBody,
  DROP_GLUE,
  dropGlueBody,
  FORMATTER_OF_ARGUMENTS,
  isAborting,
  MAKES_FORMATTER,
} from "./cut.ts";
import { emptyBody, forwardingBody, providedFor } from "./externs.ts";
import { findPath } from "./find-path.ts";
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

  /** Whether functions that format have their bodies; else they abort. */
  private readonly formats: boolean;
  /** Something formats after all. */
  lacksFormatting = false;

  constructor(cx: LinkCx, formats: boolean) {
    this.cx = cx;
    this.formats = formats;
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
    if (origin === undefined) return false;
    if (item.body === undefined) return this.provide(item, origin);
    if (!this.stubs.delete(item.body)) return false;
    this.resolved.add(item);
    this.readBody(item, origin);
    this.cx.settle();
    return true;
  }

  /** Gives `item`, which the library only declares, the body that is known for it. */
  private provide(item: FnItem, { crate, key, scope }: Origin): boolean {
    const { cx } = this;
    const provided = item.kind === "extern" && crate !== cx.crate ? providedFor(key, cx.crate) : undefined;
    if (provided === undefined) return false;
    const made = { kind: "fn", abi: "Rust", unsafe: true };
    if (provided.kind === "nothing") Object.assign(item, made, { body: emptyBody(item) });
    else if (provided.kind === "abort")
      Object.assign(item, made, { body: abortingBody(item, resolveFn(scope, plainPath(ABORTING)).item) });
    else {
      const target = resolveFn({ ...scope, module: "" }, plainPath(provided.path.split("::"))).item;
      Object.assign(item, made, { body: forwardingBody(item, target) });
    }
    return true;
  }

  private readBody(item: FnItem, origin: Origin): void {
    const cut = this.cutBody(item, origin);
    if (cut !== undefined) {
      item.body = cut;
      return;
    }
    const dumped = origin.crate.dump.get(origin.key);
    if (dumped === undefined || dumped.kind !== "fn") return;
    if (!this.formats && dumped.source.slice(dumped.at, dumped.end).includes(MAKES_FORMATTER))
      this.lacksFormatting = true;
    const { scope, renamer, finish } = this.scopeOf(origin, dumped);
    const ret = renamer.tree(dumped.ret);
    const params = renamer.tree(dumped.params);
    const body = renamer.tree(spillIndirect(withoutScopes(dumped.body), dumped.params.length, isUnionOf(origin.crate)));
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

  /** What stands for the library's function `item` when its own body is of no use. */
  private cutBody(item: FnItem, { crate, key, scope }: Origin): Body | undefined {
    const { core } = this.cx.libraries;
    const isCore = crate === core.crate;
    if (crate === this.cx.crate) return undefined;
    if (isCore && DROP_GLUE.has(key)) return dropGlueBody(item);
    if (this.formats) return undefined;
    if (isCore && FORMATTER_OF_ARGUMENTS.has(key)) this.lacksFormatting = true;
    return isAborting(isCore ? key : "", item)
      ? abortingBody(item, resolveFn(scope, plainPath(ABORTING)).item)
      : undefined;
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
      const body =
        dumped.body === undefined
          ? undefined
          : renamer.tree(spillIndirect(withoutScopes(dumped.body), 0, isUnionOf(origin.crate)));
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
      staticRef: (name, path) => allocations.staticRef(cx.libraries.named(name)?.crate ?? crate, path),
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
  for (const library of cx.libraries.all) {
    const found = library.nested.find(self, trait, inner, key);
    if (found !== undefined) return library.crate.prefix + found;
  }
  return undefined;
}

/** Whether a path of a dump of `crate` names a union. */
function isUnionOf(crate: LinkedCrate): (path: text.Path) => boolean {
  return ({ segments }) => {
    const names = segments.map((segment) => (segment.kind === "name" ? segment.name : "?"));
    const found = findPath(crate, "", names, "types")?.found;
    return found?.crate.tree.types.get(found.path)?.kind === "union";
  };
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
