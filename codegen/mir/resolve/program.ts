/**
 * From texts to a `Program`: reading, declaring, resolving bodies, and leaving out what is not understood.
 *
 * A program may be given as several texts: its own, the dump of a crate, that crate's Rust source (whose functions have their bodies in the dump). Names are
 * looked up in all of them and in the prelude.
 *
 * An item that is not understood is a `Diagnostic`, or, when items are skipped, is left out and listed, and so is every function that needs it.
 */

import { Diagnostic } from "../../session/diagnostic.ts";
import type { ClosureDef, ConstItem, StaticItem } from "../items.ts";
import { BUILT_IN_ADTS, INTRINSICS_BY_NAME, newTyCtxt } from "../prelude.ts";
import type { Program } from "../program.ts";
import type { Attribute, RustFn, RustItem } from "../rust/ast.ts";
import { deriveImpls } from "../rust/derive.ts";
import { RustReader } from "../rust/parse-items.ts";
import type { Body, FnItem, Local } from "../syntax.ts";
import type * as text from "../text/ast.ts";
import { B, CLASS, IDENT_START } from "../text/bytes.ts";
import { Cursor, Tables } from "../text/cursor.ts";
import { parseType } from "../text/parse.ts";
import { parseBody } from "../text/parse-body.ts";
import { parseItem } from "../text/parse-item.ts";
import { typeText } from "../text/print-type.ts";
import { SourceText } from "../text/source.ts";
import { type AdtDef, TY_UNIT, type Ty, type TyCtxt } from "../ty.ts";
import { visitBody } from "../visit.ts";
import { resolveBody, setExactUpvars } from "./body.ts";
import { endlessAdts, usableAdts } from "./check-adts.ts";
import { resolveConst } from "./constants.ts";
import { Declarer, type FnSource, type GlobalSource } from "./declare.ts";
import { topScope } from "./generics.ts";
import { itemName } from "./paths.ts";
import { argsOf, closureKey, closurePathKey, resolveTy } from "./types.ts";
import { type AllocTable, type PreludeSource, type Scope, World } from "./world.ts";

/** One text of a program. */
export interface TextInput {
  readonly text: string;
  /** For diagnostics, and for `<impl at FILE:…>`. */
  readonly file: string;
  /** `mir`: functions have MIR bodies. `rust`: real Rust; bodies are skipped. */
  readonly syntax: "mir" | "rust";
}

export interface ResolveOptions {
  /** Where types are interned; a new one when absent. */
  readonly tcx?: TyCtxt;
  /** What to do about an item that is not understood. */
  readonly onUnsupported: "error" | "skip";
  readonly prelude?: PreludeSource;
}

/** An item that was left out, and why. */
export interface SkippedItem {
  /** The item's name; empty when it was not even clear what it is. */
  readonly name: string;
  readonly reason: Diagnostic;
}

export interface ResolveResult {
  readonly program: Program;
  readonly skipped: readonly SkippedItem[];
}

/** What programs mention again and again is read once: small programs are read by the thousand. */
const TABLES = new Tables();

/** Reads and resolves a program. Throws a `Diagnostic` for what it does not understand, unless that is to be skipped. */
export function resolveProgram(inputs: readonly TextInput[], options: ResolveOptions): ResolveResult {
  return new ProgramResolver(inputs, options).run();
}

/** A function of a dump, or a constant. */
interface Dumped<T> {
  readonly item: T;
  /** Of a closure's body that programs print with some. */
  readonly attributes?: readonly Attribute[];
}

class ProgramResolver {
  private readonly inputs: readonly TextInput[];
  private readonly sources: SourceText[] = [];
  private readonly world: World;
  private readonly skip: boolean;
  private readonly skipped: SkippedItem[] = [];
  private readonly declarer: Declarer;
  private readonly rust: RustItem[] = [];
  private readonly dumpedFns: Dumped<text.FnItem>[] = [];
  private readonly dumpedConsts: Dumped<text.ConstItem>[] = [];
  private readonly fns: FnSource[] = [];
  private readonly globals: GlobalSource[] = [];

  constructor(inputs: readonly TextInput[], options: ResolveOptions) {
    this.inputs = inputs;
    this.world = new World(options.tcx ?? newTyCtxt(), options.prelude);
    this.skip = options.onUnsupported === "skip";
    this.declarer = new Declarer(this.world, (name, step) => this.attempt(name, step), false);
  }

  run(): ResolveResult {
    const { world } = this;
    for (const def of world.tcx.adts.values())
      if (def.prelude && BUILT_IN_ADTS.has(def.name)) world.adts.add(def.name, def);
    for (const item of INTRINSICS_BY_NAME.values()) world.fns.add(item.name, item);
    for (const input of this.inputs) this.read(input);
    this.declarer.run(this.rust);
    const { declared } = this.declarer;
    const adts = this.soundAdts();
    const byFn = new Map(declared.fns.map((source) => [source.item, source]));
    for (const { item } of this.dumpedFns) this.closureDef(item, byFn);
    this.declarer.finish();
    this.dropUnfinished();
    this.fns.push(...declared.fns);
    this.globals.push(...declared.globals);
    this.declareDumped();
    this.restoreOrder();
    this.globalBodies();
    this.fnBodies();
    const functions = this.usable();
    for (const def of adts) if (!world.tcx.adts.has(def.name)) world.tcx.adts.set(def.name, def);
    return { program: this.program(adts, functions), skipped: this.skipped };
  }

  private program(adts: readonly AdtDef[], functions: FnItem[]): Program {
    const { world } = this;
    // With those of the prelude: what is generic over them looks for impls here.
    const traits = [...world.traits.values()];
    const { impls } = world;
    const items = this.globals.map((source) => source.item);
    const statics = items.filter((item): item is StaticItem => item.kind === "static");
    const consts = items.filter((item): item is ConstItem => item.kind === "const");
    const closures = [...world.closures.values()];
    return {
      tcx: world.tcx,
      functions,
      adts,
      ...(statics.length === 0 ? {} : { statics }),
      ...(consts.length === 0 ? {} : { consts }),
      ...(traits.length === 0 ? {} : { traits }),
      ...(impls.length === 0 ? {} : { impls }),
      ...(closures.length === 0 ? {} : { closures }),
      ...(world.allocs.length === 0 ? {} : { allocs: world.allocs }),
      file: this.inputs[0]?.file ?? "",
    };
  }

  /** Runs `step`; a diagnostic is thrown on, or noted when items are skipped. True when all went well. */
  private attempt(name: string | (() => string), step: () => void): boolean {
    try {
      step();
      return true;
    } catch (error) {
      if (!this.skip || !(error instanceof Diagnostic)) throw error;
      this.skipped.push({ name: typeof name === "string" ? name : name(), reason: error });
      return false;
    }
  }

  // ---- reading

  private read({ text: content, file, syntax }: TextInput): void {
    const source = SourceText.fromString(file, content);
    this.sources.push(source);
    TABLES.limit();
    const allocs: AllocTable & { items: Map<number, text.AllocItem> } = { items: new Map(), made: new Map() };
    this.world.allocTables.set(source, allocs);
    let c = new Cursor(source, TABLES);
    while (!c.atEnd) {
      const start = c.at;
      const name = (): string => nameAt(source, start);
      const good = this.attempt(name, () => {
        if (syntax === "rust") this.rust.push(...new RustReader(c, { kind: "rust" }).item().flatMap(withDerives));
        else this.mirItem(c, allocs);
      });
      if (good) continue;
      // What was open in the reader stays open: a fresh one goes on.
      c = new Cursor(source, TABLES);
      recover(c, start);
    }
  }

  private mirItem(c: Cursor, allocs: AllocTable & { readonly items: Map<number, text.AllocItem> }): void {
    const item = parseItem(c, (cursor) => new RustReader(cursor, { kind: "mir", parse: parseBody }).item());
    switch (item.kind) {
      case "alloc":
        // rustc repeats an allocation behind each body that mentions it.
        if (!allocs.items.has(item.alloc)) allocs.items.set(item.alloc, item);
        break;
      case "fn":
        this.dumpedFns.push({ item });
        break;
      case "rust":
        for (const node of item.node) {
          const closure = node.kind === "fn" ? closureText(node) : undefined;
          if (closure === undefined) this.rust.push(node);
          else this.dumpedFns.push({ item: closure, attributes: node.attributes });
        }
        break;
      default:
        this.dumpedConsts.push({ item });
    }
  }

  // ---- types

  private soundAdts(): AdtDef[] {
    const { adts } = this.declarer.declared;
    const bad = new Set(this.skipped.map((s) => s.name));
    const good = adts.filter(({ def }) => !bad.has(def.name));
    const endless = endlessAdts(good.map(({ def }) => def));
    const finite = good.filter(({ item, def }) =>
      this.attempt(def.name, () => {
        if (!endless.has(def)) return;
        throw item.source.error(`\`${def.name}\` contains itself`, item.nameAt, "put the inner value behind a pointer");
      }),
    );
    const usable = this.skip ? usableAdts(finite.map(({ def }) => def)) : new Set(finite.map(({ def }) => def));
    for (const { item, def } of finite) {
      if (usable.has(def)) continue;
      const reason = item.source.error(`\`${def.name}\` has a field of a type that was skipped`, item.nameAt);
      this.skipped.push({ name: def.name, reason });
    }
    for (const { def } of adts) if (!usable.has(def)) this.world.adts.remove(def.name);
    this.world.forgetPlainTys();
    return finite.filter(({ def }) => usable.has(def)).map(({ def }) => def);
  }

  // ---- what dumps declare

  private declareDumped(): void {
    const { world } = this;
    const compiled = new Set(
      this.dumpedFns.filter(({ item }) => !item.ctfe).map(({ item }) => itemName(world, item.name)),
    );
    const fns = this.dumpedFns.filter(({ item }) => !item.ctfe || !compiled.has(itemName(world, item.name)));
    // Outer functions come first, whatever their order: closures take over their parameters.
    const byFn = new Map(this.fns.map((source) => [source.item, source]));
    const plain = fns.filter(({ item }) => closureOf(item) === undefined);
    const closures = fns.filter(({ item }) => closureOf(item) !== undefined);
    for (const dumped of [...plain, ...closures]) {
      const name = itemName(world, dumped.item.name);
      this.attempt(name, () => this.dumpedFn(dumped, name, byFn));
    }
    for (const dumped of this.dumpedConsts) {
      const name = itemName(world, dumped.item.name);
      this.attempt(name, () => this.dumpedConst(dumped, name, byFn));
    }
  }

  /** Functions stand in the order of the texts. */
  private restoreOrder(): void {
    const { fns } = this;
    const order = new Map<SourceText, number>();
    for (const { scope } of [...fns, ...this.globals])
      if (!order.has(scope.source)) order.set(scope.source, this.sources.indexOf(scope.source));
    const place = (x: FnSource | GlobalSource): number => order.get(x.scope.source)!;
    fns.sort((a, b) => place(a) - place(b) || a.at - b.at);
    this.globals.sort((a, b) => place(a) - place(b) || a.at - b.at);
  }

  /** What was skipped after it had been declared is not there. */
  private dropUnfinished(): void {
    if (this.skipped.length === 0) return;
    const bad = new Set(this.skipped.map((s) => s.name));
    const { fns } = this.declarer.declared;
    const good = fns.filter(({ name }) => !bad.has(name));
    if (good.length === fns.length) return;
    for (const { item, name } of fns)
      if (bad.has(name) && this.world.fns.get(name) === item) this.world.fns.remove(name);
    fns.splice(0, fns.length, ...good);
  }

  private closureDef(item: text.FnItem, byFn: ReadonlyMap<FnItem, FnSource>): void {
    const ty = closureOf(item);
    if (ty === undefined || ty.what !== "closure") return;
    const owner = this.ownerOf(item.name, byFn);
    const key = closurePathKey(ty) ?? closureKey(ty.location);
    if (this.world.closures.has(key)) return;
    const def: ClosureDef = {
      kind: "closure",
      name: `{closure@${closurePathKey(ty) ?? ty.location}}`,
      generics: owner?.item.generics ?? closureParams(ty),
      upvars: [],
      upvarNames: [],
      closureKind: closureKindOf(item),
      body: undefined,
    };
    this.world.closures.set(key, def);
  }

  /** The function of the source that a closure or constant stands in. */
  private ownerOf(path: text.Path, byFn: ReadonlyMap<FnItem, FnSource>): FnSource | undefined {
    const end = path.segments.findIndex((segment) => segment.kind === "name" && segment.name.startsWith("{"));
    const segments = end < 0 ? path.segments : path.segments.slice(0, end);
    const item = this.declaredFn({ segments, promoted: -1, text: "" });
    return item === undefined ? undefined : byFn.get(item);
  }

  /** The function that the source declares under this name. */
  private declaredFn(path: text.Path): FnItem | undefined {
    const { world } = this;
    const name = itemName(world, path);
    const found = world.fns.get(name);
    if (found !== undefined) return found;
    const method = path.segments.at(-1);
    if (method?.kind !== "name" || path.segments.length < 2) return undefined;
    const trait = world.traits.find(name.slice(0, -method.name.length - 2));
    if (trait === undefined || trait === "several") return undefined;
    return trait.fns.find((f) => f.assocName === method.name);
  }

  private dumpedScope(item: text.FnItem | text.ConstItem, owner: FnSource | undefined): Scope {
    const scope = topScope(this.world, item.source, moduleOf(itemName(this.world, item.name)));
    scope.at = item.at;
    if (owner === undefined) return this.constructorScope(item, scope);
    const { generics, constParams, predicates, self, trait, impl } = owner.scope;
    return Object.assign(scope, { generics, constParams, predicates, self, trait, impl });
  }

  /** The function that makes a struct or a variant has the parameters of its type. */
  private constructorScope(item: text.FnItem | text.ConstItem, scope: Scope): Scope {
    const { adts } = this.world;
    const name = itemName(this.world, item.name);
    const whole = adts.get(name);
    const def = whole ?? adts.get(name.slice(0, Math.max(0, name.lastIndexOf("::"))));
    const last = name.slice(name.lastIndexOf(":") + 1);
    scope.tys = this.world.plainTys(scope.module);
    if (def === undefined || (whole === undefined && !def.variants.some((v) => v.name === last))) return scope;
    return Object.assign(scope, { generics: def.generics, constParams: def.constParams, tys: new Map() });
  }

  private dumpedFn({ item, attributes }: Dumped<text.FnItem>, name: string, byFn: Map<FnItem, FnSource>): void {
    const owner = this.ownerOf(item.name, byFn);
    const closure = closureOf(item);
    const scope = this.dumpedScope(item, owner);
    const def =
      closure === undefined
        ? undefined
        : this.world.closures.get(closurePathKey(closure) ?? closureKey(closure.location));
    if (def !== undefined && owner === undefined) {
      scope.generics = def.generics;
      if (def.generics.length > 0) scope.tys = new Map();
      setConstParams(scope, attributes ?? []);
    }
    const { params, ret } = this.signature(item, scope);
    if (owner !== undefined && closure === undefined && owner.body === undefined && owner.item.kind === "fn") {
      Object.assign(owner.item, { params, ret });
      this.fns.push({ item: owner.item, scope, body: item.body, name, at: item.at });
      owner.body = item.body;
      this.fns.splice(this.fns.indexOf(owner), 1);
      byFn.set(owner.item, { ...owner, body: item.body });
      return;
    }
    const fn: FnItem = {
      name,
      kind: "fn",
      generics: scope.generics,
      ...(scope.constParams === undefined ? {} : { constParams: scope.constParams }),
      ...(scope.predicates.length === 0 ? {} : { predicates: scope.predicates }),
      ...(def === undefined ? {} : { closure: def }),
      params,
      ret,
      inline: "none",
      abi: "Rust",
      body: undefined,
      span: item.source.span(item.at),
    };
    if (!this.world.fns.add(name, fn)) throw item.source.error(`the function \`${name}\` is defined twice`, item.at);
    if (def !== undefined) {
      def.body = fn;
      setUpvars(scope, def, attributes ?? []);
    }
    this.fns.push({ item: fn, scope, body: item.body, name, at: item.at });
  }

  /** The types in a dump's signature; what `impl Trait` stands for, the body's `_0` says. */
  private signature(item: text.FnItem, scope: Scope): { params: Ty[]; ret: Ty } {
    const params = item.params.map(({ local, ty }, i) => {
      if (local !== i + 1) throw item.source.error(`the parameter \`_${local}\` should be \`_${i + 1}\``, item.at);
      return resolveTy(scope, ty);
    });
    if (item.yields !== undefined) throw item.source.error("not supported yet: a coroutine", item.at);
    const declared = item.body.scope.locals.find((decl) => decl.local === 0)?.ty;
    const opaque = item.ret.kind === "impl";
    return { params, ret: resolveTy(scope, opaque && declared !== undefined ? declared : item.ret) };
  }

  private dumpedConst({ item }: Dumped<text.ConstItem>, name: string, byFn: ReadonlyMap<FnItem, FnSource>): void {
    const { world } = this;
    const owner = this.ownerOf({ segments: item.name.segments, promoted: -1, text: "" }, byFn);
    const scope = this.dumpedScope(item, owner);
    if (item.yields !== undefined) throw item.source.error("not supported yet: a coroutine", item.at);
    const declared = this.globals.find((global) => global.item.name === name && global.body === undefined);
    if (declared !== undefined) Object.assign(scope, ownScope(declared.scope));
    const ty = resolveTy(scope, item.ty);
    const source = { scope, body: item.body, value: item.value, at: item.at };
    if (declared !== undefined) {
      declared.item.ty = ty;
      this.globals.splice(this.globals.indexOf(declared), 1, { item: declared.item, ...source });
      return;
    }
    const span = item.source.span(item.at);
    const own = (made: ConstItem | StaticItem): void => this.ownedBy(owner, item.name, made);
    if (item.kind === "static") {
      const mutability = item.mutable ? "mut" : "not";
      const made: StaticItem = { kind: "static", name, ty, mutability, threadLocal: false, body: undefined, span };
      if (!world.statics.add(name, made)) throw item.source.error(`\`${name}\` is defined twice`, item.at);
      own(made);
      this.globals.push({ item: made, ...source });
      return;
    }
    const made: ConstItem = {
      kind: "const",
      name,
      generics: scope.generics,
      ...(scope.constParams === undefined ? {} : { constParams: scope.constParams }),
      ty,
      body: undefined,
      span,
    };
    if (!world.consts.add(name, made)) throw item.source.error(`\`${name}\` is defined twice`, item.at);
    own(made);
    if (item.kind === "promoted") this.promoted(item, made);
    this.globals.push({ item: made, ...source });
  }

  /** Constants in functions are named through them: `Type::<T>::f::{constant#0}`, `<T as Trait>::f::N`. */
  private ownedBy(owner: FnSource | undefined, path: text.Path, made: ConstItem | StaticItem): void {
    const fn = owner?.item ?? this.declaredFn({ segments: path.segments.slice(0, -1), promoted: -1, text: "" });
    const last = path.segments.at(-1);
    if (fn === undefined || last?.kind !== "name" || path.promoted >= 0) return;
    const list = this.world.owned.get(fn) ?? new Map<string, ConstItem | StaticItem>();
    list.set(last.name, made);
    this.world.owned.set(fn, list);
  }

  private promoted(item: text.ConstItem, made: ConstItem): void {
    const fn = this.declaredFn({ segments: item.name.segments, promoted: -1, text: "" });
    if (fn === undefined) return;
    const { promoteds } = this.world;
    let list = promoteds.get(fn);
    if (list === undefined) {
      list = new Map();
      promoteds.set(fn, list);
    }
    list.set(item.name.promoted, made);
  }

  // ---- bodies

  private globalBodies(): void {
    const good = this.globals.filter(({ item, scope, body, value, at }) =>
      this.attempt(item.name, () => {
        if (body !== undefined) item.body = resolveBody(scope, body, [], item.ty);
        else if (value !== undefined) {
          scope.at = at;
          item.body = constantBody(scope, value, item);
        }
      }),
    );
    this.globals.splice(0, this.globals.length, ...good);
  }

  private fnBodies(): void {
    for (const { item, scope, body, name, at } of this.fns) {
      if (body === undefined) continue;
      this.attempt(name, () => {
        const opaque = item.ret === TY_UNIT && item.parent !== undefined;
        const made = resolveBody(scope, body, item.params, item.ret);
        if (made.locals[0]!.ty !== item.ret) {
          if (!opaque) throw scope.source.error("the return place's type is not the function's", at);
          Object.assign(item, { ret: made.locals[0]!.ty });
        }
        item.body = made;
      });
    }
  }

  /** The functions that have what they need; the others are listed as skipped, or thrown. */
  private usable(): FnItem[] {
    const all = this.fns.map((source) => source.item);
    const missing = new Set(
      all.filter((item) => item.kind === "fn" && item.body === undefined && item.parent?.kind !== "trait"),
    );
    const functions = [...all, ...this.world.synthesized];
    if (missing.size === 0) return functions;
    const users = usersOf(all);
    const sources = new Map(this.fns.map((source) => [source.item, source]));
    const work = [...missing];
    for (let callee = work.pop(); callee !== undefined; callee = work.pop()) {
      for (const user of users.get(callee) ?? []) {
        if (missing.has(user)) continue;
        missing.add(user);
        work.push(user);
        const { scope, at } = sources.get(user)!;
        const reason = scope.source.error(`this needs the function \`${callee.name}\`, which was skipped`, at);
        if (!this.skip) throw reason;
        this.skipped.push({ name: user.name, reason });
      }
    }
    for (const impl of this.declarer.declared.impls) impl.fns = impl.fns.filter((item) => !missing.has(item));
    return functions.filter((item) => !missing.has(item));
  }
}

/** In sources `derive` stands for impls; programs write those they have. */
function withDerives(item: RustItem): RustItem[] {
  if (item.kind !== "struct" && item.kind !== "enum" && item.kind !== "union") return [item];
  return [item, ...deriveImpls(item)];
}

function ownScope({ generics, constParams, predicates, self, trait, impl }: Scope): Partial<Scope> {
  return { generics, constParams, predicates, self, trait, impl };
}

/** A closure's body with attributes, as a dump has it without. */
function closureText(item: RustFn): text.FnItem | undefined {
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

/** `#[upvars(a: T, b: U)]`: what a closure captures, of which the text may make none in its own function. */
function setUpvars(scope: Scope, def: ClosureDef, attributes: readonly Attribute[]): void {
  const fields = typedNames(scope, attributes, "upvars");
  if (fields.length > 0)
    setExactUpvars(
      def,
      fields,
      fields.map(({ ty }) => ty),
    );
}

/** `#[const_params(N: usize)]`: which of a closure's parameters stand for values, where its function does not say. */
function setConstParams(scope: Scope, attributes: readonly Attribute[]): void {
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
  const c = new Cursor(SourceText.fromString(scope.source.file, attribute.value), TABLES);
  const found: { name: string; ty: Ty }[] = [];
  while (!c.atEnd) {
    const name = c.atDigit() ? String(c.integer("a name")) : c.ident("a name");
    c.expect(B.COLON);
    found.push({ name, ty: resolveTy(scope, parseType(c)) });
    if (!c.atEnd) c.expect(B.COMMA);
  }
  return found;
}

/** The type of a closure whose body `item` is: that of its first parameter. */
function closureOf(item: text.FnItem): Extract<text.Type, { kind: "closure" }> | undefined {
  const last = item.name.segments.at(-1);
  if (last?.kind !== "name" || !last.name.startsWith("{closure#")) return undefined;
  const first = item.params[0]?.ty;
  const ty = first?.kind === "ref" ? first.pointee : first;
  return ty?.kind === "closure" ? ty : undefined;
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

/** `a::b::f` is in `a::b::`. */
function moduleOf(name: string): string {
  if (name.startsWith("<")) return "";
  const at = name.lastIndexOf("::");
  return at < 0 ? "" : name.slice(0, at + 2);
}

/** `{ _0 = const value; return }`. */
function constantBody(scope: Scope, value: text.Const, item: StaticItem | ConstItem): Body {
  const constant = resolveConst(scope, value, item.ty);
  const { span } = item;
  return {
    locals: [{ ty: item.ty, mutability: "mut" }],
    argCount: 0,
    blocks: [
      {
        statements: [
          {
            kind: "assign",
            place: { local: 0 as Local, projection: [] },
            rvalue: { kind: "use", operand: { kind: "const", value: constant } },
            span,
          },
        ],
        terminator: { kind: "return", span },
        isCleanup: false,
      },
    ],
  };
}

/** For each function, those whose bodies mention it. */
function usersOf(functions: readonly FnItem[]): ReadonlyMap<FnItem, readonly FnItem[]> {
  const users = new Map<FnItem, FnItem[]>();
  for (const user of functions) {
    if (user.body === undefined) continue;
    const used = new Set<FnItem>();
    visitBody(user.body, {
      constant: (value) => {
        if (value.kind === "fn") used.add(value.item);
      },
    });
    for (const item of used) {
      const list = users.get(item);
      if (list === undefined) users.set(item, [user]);
      else list.push(user);
    }
  }
  return users;
}

/** The name of the item at `at`, as far as it can be told without reading it. */
function nameAt(source: SourceText, at: number): string {
  const head = source.slice(at, Math.min(at + 200, source.length));
  const match =
    /^(?:#\[[^\]]*\]\s*)*(?:pub(?:\([^)]*\))?\s+)?(?:(?:const|static|unsafe|extern\s+"[^"]*"|async|mut)\s+)*(?:fn|struct|enum|union|trait|type|const|static|mut)?\s*([\w:]+)/.exec(
      head,
    );
  return match?.[1] ?? "";
}

/** Behind an item that was not understood, to where the next one can start: a line that begins with a word, an attribute or an impl's path. */
function recover(c: Cursor, start: number): void {
  const { bytes, end } = c;
  for (let at = bytes.indexOf(B.NEWLINE, start); at >= 0 && at + 1 < end; at = bytes.indexOf(B.NEWLINE, at + 1)) {
    const first = bytes[at + 1]!;
    if ((CLASS[first]! & IDENT_START) === 0 && first !== B.HASH && first !== B.LESS) continue;
    c.moveTo(at + 1);
    return;
  }
  c.moveTo(end);
}
