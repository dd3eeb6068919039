/**
 * The linker: makes a program of a crate's dump and what it needs of the library's.
 *
 * Types, traits and impls are those of the crates' own sources; functions have their bodies from the dumps. Of the library a type or trait is declared when
 * it is first mentioned, an impl when all types and traits in its head are, and a function gets its body when monomorphization reaches it. So the road
 * is: declare the program, collect what its entry reaches, give bodies to what has none yet, collect again, until nothing is new.
 */

import {
  type AllocItem,
  type Body,
  type ClosureDef,
  type ConstItem,
  collectCrate,
  Declarer,
  Diagnostic,
  exprValue,
  type FnItem,
  type ImplDef,
  INTRINSICS_BY_NAME,
  intrinsicOf,
  itemInstance,
  matchTy,
  monoCxOf,
  newTyCtxt,
  type PreludeSource,
  type Program,
  pathText,
  resolveBody,
  resolveConst,
  resolveFn,
  resolveTraitRef,
  resolveTy,
  type rust,
  type Scope,
  type StaticItem,
  type TraitDef,
  type Ty,
  type text,
  visitBody,
  World,
} from "../../codegen/index.ts";
import { ABORTING, abortingBody, DROP_IN_PLACE, dropInPlaceBody, isAborting, PANICS } from "./cut.ts";
import type { DumpIndex } from "./dump-index.ts";
import { spillIndirect } from "./indirect.ts";
import { withoutBraces } from "./prune.ts";
import { headOf, type Mentions, opaqueKey, type Place, plainPath, Renamer } from "./rename.ts";
import { type Crate, findPath, type NamedItem, type SourceImpl } from "./source-tree.ts";

/** A crate with its dump. */
export interface LinkedCrate extends Crate {
  readonly dump: DumpIndex;
}

/** Where the body of a function or the value of a constant comes from. */
interface Origin {
  readonly crate: LinkedCrate;
  /** The item's name in the dump. */
  readonly key: string;
  readonly scope: Scope;
  readonly opaque: ReadonlyMap<string, string>;
}

/** A library impl that waits for what its head mentions. */
interface PendingImpl {
  readonly source: SourceImpl;
  missing: number;
}

const NO_OPAQUE: ReadonlyMap<string, string> = new Map();
const NO_GENERICS: ReadonlySet<string> = new Set();
/** Each round reaches what the bodies of the one before mention: more than any chain of calls is long. */
const MAX_ROUNDS = 400;

/** What of the library is the same for all programs. */
export class Library {
  readonly crate: LinkedCrate;
  /** By name of the member: inherent impls. */
  readonly inherent: Map<string, SourceImpl[]> = new Map();
  /** Trait impls with the full names that their heads mention. */
  readonly heads: { readonly source: SourceImpl; readonly needs: ReadonlySet<string> }[] = [];
  /** Items inside of members of impls, by `member::item`. */
  readonly nested: ReadonlyMap<string, readonly NestedItem[]>;
  private readonly headKeys = new Map<SourceImpl, string>();

  constructor(crate: LinkedCrate) {
    this.crate = crate;
    this.nested = nestedItems(crate);
    for (const list of crate.tree.impls.values()) for (const source of list) this.add(source);
  }

  private add(source: SourceImpl): void {
    const { item, module } = source;
    if (module.startsWith("core_arch::") || module.startsWith("core_simd::") || item.negative) return;
    if (item.trait === undefined) {
      for (const member of item.items) {
        const list = this.inherent.get(member.name);
        if (list === undefined) this.inherent.set(member.name, [source]);
        else list.push(source);
      }
      return;
    }
    const needs = new Set<string>();
    const need = (path: string): void => {
      const named = this.crate.tree.types.get(path.slice(this.crate.prefix.length));
      // An alias is never declared for the type that it stands for.
      if (named?.kind === "type")
        new Renamer(placeOf(this.crate, named.module, named.generics), { type: need }).tree(named.ty);
      else needs.add(path);
    };
    new Renamer(placeOf(this.crate, module, item.generics), { type: need }).tree({
      trait: item.trait,
      self: item.self,
    });
    this.heads.push({ source, needs });
  }

  headKey(source: SourceImpl): string {
    let key = this.headKeys.get(source);
    if (key === undefined) {
      key = headOf(new Renamer(placeOf(this.crate, source.module, source.item.generics)).tree(source.item.self));
      const alias = this.crate.tree.types.get(key.slice(this.crate.prefix.length));
      if (key.startsWith(this.crate.prefix) && alias?.kind === "type" && alias.ty !== undefined) {
        key = headOf(new Renamer(placeOf(this.crate, alias.module, alias.generics)).tree(alias.ty));
      }
      this.headKeys.set(source, key);
    }
    return key;
  }
}

/** An item inside of a member of an impl. */
interface NestedItem {
  readonly path: string;
  readonly source: SourceImpl;
}

function nestedItems({ tree }: Crate): Map<string, NestedItem[]> {
  const byKey = new Map([...tree.impls.values()].flat().map((source) => [source.key, source]));
  const found = new Map<string, NestedItem[]>();
  for (const path of [...tree.values.keys(), ...tree.types.keys()]) {
    const match = /^(.*\{impl#\d+\})::(.*)$/.exec(path);
    const source = match === null ? undefined : byKey.get(match[1]!);
    if (match === null || source === undefined) continue;
    const list = found.get(match[2]!);
    if (list === undefined) found.set(match[2]!, [{ path, source }]);
    else list.push({ path, source });
  }
  return found;
}

function placeOf(crate: Crate, module: string, ...generics: readonly rust.Generics[]): Place {
  const bounds = new Map<string, text.Bound[]>();
  const bound = (name: string, more: readonly text.Bound[]): void => {
    bounds.set(name, [...(bounds.get(name) ?? []), ...more]);
  };
  for (const { params, where } of generics) {
    for (const param of params) if (param.kind === "type") bound(param.name, param.bounds);
    for (const { ty, bounds: more } of where) {
      if (ty.kind === "path" && ty.path.segments.length === 1 && ty.path.segments[0]!.kind === "name")
        bound(ty.path.segments[0]!.name, more);
    }
  }
  return {
    crate,
    module,
    generics: new Set(generics.flatMap((g) => g.params.map((param) => param.name))),
    opaque: NO_OPAQUE,
    bounds,
  };
}

export interface LinkResult {
  readonly program: Program;
  readonly entry: FnItem;
  /** Whether a body only stands for one that was never needed. */
  readonly isStub: (body: Body) => boolean;
  /** Items that could not be declared, with why: whatever needs them fails. */
  readonly skipped: ReadonlyMap<string, string>;
}

/** Links the program of `crate` whose entry is the function `entry`. */
export function link(crate: LinkedCrate, library: Library, entry: string): LinkResult {
  return new Linker(crate, library).run(entry);
}

class Linker implements PreludeSource {
  readonly skipped = new Map<string, string>();
  private readonly crate: LinkedCrate;
  private readonly library: Library;
  private readonly world: World;
  private readonly declared = new Set<string>();
  private readonly pendingBy = new Map<string, PendingImpl[]>();
  private readonly queue: SourceImpl[] = [];
  private readonly members = new Set<string>();
  private readonly origins = new Map<FnItem | ConstItem | StaticItem, Origin>();
  private readonly keys = new Map<FnItem, string>();
  private readonly closures = new Map<string, ClosureDef>();
  private readonly promoteds = new Map<string, ConstItem>();
  private readonly resolved = new Set<FnItem | ConstItem | StaticItem>();
  private readonly program: {
    functions: FnItem[];
    traits: TraitDef[];
    impls: ImplDef[];
    statics: StaticItem[];
    consts: ConstItem[];
    adts: Program["adts"] & object[];
  } = { functions: [], traits: [], impls: [], statics: [], consts: [], adts: [] as never };
  /** The initialisers of statics and constants that are reached, as functions. */
  private readonly initialisers: FnItem[] = [];
  private readonly searched = new Set<Body>();
  /** Bodies that stand for those that are yet to be read. */
  private readonly stubs = new Set<Body>();
  private readonly unfinished: Declarer[] = [];
  private depth = 0;
  private readonly waiting: (ConstItem | StaticItem)[] = [];

  constructor(crate: LinkedCrate, library: Library) {
    this.crate = crate;
    this.library = library;
    this.ownNested = nestedItems(crate);
    this.world = new World(newTyCtxt(), this);
    for (const { source, needs } of library.heads) {
      const pending: PendingImpl = { source, missing: needs.size };
      for (const name of needs) {
        const list = this.pendingBy.get(name);
        if (list === undefined) this.pendingBy.set(name, [pending]);
        else list.push(pending);
      }
    }
  }

  run(entry: string): LinkResult {
    const { world } = this;
    for (const item of INTRINSICS_BY_NAME.values()) world.fns.add(item.name, item);
    for (const def of world.tcx.adts.values()) {
      world.adts.add(def.name, def);
      this.ready(def.name);
    }
    this.declareProgram();
    const main = world.fns.get(entry);
    if (main === undefined)
      throw new Diagnostic(`the program has no function \`${entry}\``, { file: this.crate.dump.source.file });
    const program = this.rounds(main);
    return { program, entry: main, isStub: (body) => this.stubs.has(body), skipped: this.skipped };
  }

  // ---- declaring

  private declareProgram(): void {
    const { tree } = this.crate;
    this.depth++;
    for (const item of [...tree.types.values(), ...tree.values.values()]) this.declare(this.world, item.name);
    for (const source of [...tree.impls.values()].flat()) {
      const item = this.renamedImpl(this.crate, source);
      this.declareItems(this.crate, [item], new Map([[item, source.key]]));
    }
    this.depth--;
    this.finish();
    this.drain();
  }

  /** Declares what is looked up and nothing has. */
  declare(_world: World, path: string): boolean {
    const crate = path.startsWith(this.library.crate.prefix) ? this.library.crate : this.crate;
    if (this.declared.has(path)) return false;
    this.declared.add(path);
    const inner = path.slice(crate.prefix.length);
    let any = false;
    for (const item of [crate.tree.types.get(inner), crate.tree.values.get(inner)]) {
      if (item === undefined) continue;
      any = true;
      const renamed = this.renamedItem(crate, item);
      this.declareItems(crate, [renamed], new Map([[renamed, inner]]));
    }
    if (any) this.ready(path);
    return any;
  }

  /** `path` is declared: impls may have waited for it. */
  private ready(path: string): void {
    for (const pending of this.pendingBy.get(path) ?? []) {
      pending.missing--;
      if (pending.missing === 0) this.queue.push(pending.source);
    }
    this.pendingBy.delete(path);
  }

  /** Declares the impls that wait for nothing more. */
  private drain(): void {
    for (let source = this.queue.shift(); source !== undefined; source = this.queue.shift()) {
      const item = this.renamedImpl(this.library.crate, source);
      this.declareItems(this.library.crate, [item], new Map([[item, source.key]]));
    }
  }

  /** The member `name` of the inherent impls of `head`. Each is declared as an impl of its own. */
  private needInherent(head: string, name: string): void {
    for (const source of this.library.inherent.get(name) ?? []) {
      const id = `${source.key}::${name}`;
      if (this.members.has(id) || this.library.headKey(source) !== head) continue;
      this.members.add(id);
      const { item } = source;
      const only = item.items.filter((member) => member.name === name);
      const renamed = this.renamedImpl(this.library.crate, { ...source, item: { ...item, items: only } });
      this.declareItems(this.library.crate, [renamed], new Map([[renamed, source.key]]));
    }
  }

  private declareItems(
    crate: LinkedCrate,
    items: readonly rust.RustItem[],
    keyOf: ReadonlyMap<rust.RustItem, string>,
  ): void {
    const declarer = new Declarer(
      this.world,
      (name, step) => {
        try {
          step();
          return true;
        } catch (error) {
          if (!(error instanceof Diagnostic)) throw error;
          const where = name !== "" ? name : [...keyOf.values()].join();
          if (crate === this.crate) throw error;
          this.skipped.set(where, `${where}: ${error.message}`);
          return false;
        }
      },
      false,
    );
    this.depth++;
    declarer.run(items);
    this.depth--;
    this.unfinished.push(declarer);
    const { declared } = declarer;
    const parents = new Map<object, string>();
    const impls = items.filter((item) => item.kind === "impl");
    // Impls that failed are not listed, so they are told by where they stand.
    declared.impls.forEach((impl) => {
      const item = impls.length === 1 ? impls[0]! : impls.find((i) => spanIs(i, impl));
      if (item !== undefined) parents.set(impl, keyOf.get(item)!);
    });
    for (const trait of declared.traits) parents.set(trait, withoutPrefix(crate, trait.name));
    this.program.traits.push(...declared.traits);
    this.program.impls.push(...declared.impls);
    (this.program.adts as unknown[]).push(...declared.adts.map(({ def }) => def));
    for (const { def } of declared.adts) if (!this.world.tcx.adts.has(def.name)) this.world.tcx.adts.set(def.name, def);
    for (const { item, scope } of declared.fns) {
      const parent = item.parent === undefined ? undefined : parents.get(item.parent);
      const key = item.parent === undefined ? withoutPrefix(crate, item.name) : `${parent}::${item.assocName}`;
      this.keys.set(item, key);
      this.origins.set(item, { crate, key, scope, opaque: opaqueOf(item) });
      if (item.kind === "fn" && crate.dump.has(key)) this.stub(item);
      if (item.parent === undefined) this.program.functions.push(item);
    }
    for (const { item, scope } of declared.globals) {
      const parent = item.kind === "const" && item.parent !== undefined ? parents.get(item.parent) : undefined;
      const key =
        parent === undefined ? withoutPrefix(crate, item.name) : `${parent}::${(item as ConstItem).assocName}`;
      this.origins.set(item, { crate, key, scope, opaque: NO_OPAQUE });
      if (item.kind === "static") this.program.statics.push(item);
      else this.program.consts.push(item);
      this.waiting.push(item);
    }
    this.finish();
  }

  /** Signatures come when everything around them is declared. */
  private finish(): void {
    if (this.depth > 0) return;
    this.depth++;
    for (let declarer = this.unfinished.shift(); declarer !== undefined; declarer = this.unfinished.shift())
      declarer.finish();
    this.depth--;
  }

  // ---- items with full names

  /** Renames what a source says. */
  private renamer(crate: LinkedCrate, place: Place): Renamer {
    return new Renamer(place, { value: (expr) => this.constantValue(crate, expr, place.module), knowsParams: true });
  }

  private renamedItem(crate: LinkedCrate, item: NamedItem): rust.RustItem {
    const name = crate.prefix + item.name;
    const scopes = item.kind === "trait" ? [item.generics] : [item.generics];
    const relaxed =
      (item.kind === "struct" || item.kind === "enum" || item.kind === "union") &&
      this.library.crate.tree.types.has("marker::MetaSized");
    const place = { ...placeOf(crate, item.module, ...scopes), relaxed };
    if (item.kind === "trait") {
      const head = this.renamer(crate, place).tree({ generics: item.generics, supertraits: item.supertraits });
      return {
        ...item,
        ...head,
        attributes: knownLang(item.attributes),
        name,
        module: "",
        items: item.items.map((member) => this.renamedMember(crate, member, item.module, [item.generics])),
      };
    }
    if (item.kind === "fn")
      return { ...this.renamedMember(crate, item, item.module, []), name, module: "" } as rust.RustItem;
    const made = {
      ...(this.renamer(crate, place).tree({ ...item, source: undefined }) as object),
      source: item.source,
      attributes: knownLang(item.attributes),
      name,
      module: "",
    };
    return made as rust.RustItem;
  }

  private renamedImpl(crate: LinkedCrate, { item, module }: SourceImpl): rust.ImplItem {
    const head = this.renamer(crate, placeOf(crate, module, item.generics)).tree({
      generics: item.generics,
      trait: item.trait,
      self: item.self,
    });
    return {
      ...item,
      ...head,
      module: "",
      items: item.items.map((member) => this.renamedMember(crate, member, module, [item.generics])),
    };
  }

  private renamedMember<T extends rust.AssocItem | rust.RustFn>(
    crate: LinkedCrate,
    member: T,
    module: string,
    outer: readonly rust.Generics[],
  ): T {
    const opaque = new Map<string, string>();
    let { generics } = member;
    if (member.kind === "fn") {
      const found: rust.GenericParam[] = [];
      for (const ty of member.params) collectOpaque(ty, opaque, found);
      if (found.length > 0) generics = { ...generics, params: [...generics.params, ...found] };
    }
    const place = { ...placeOf(crate, module, ...outer, generics), opaque };
    const made = {
      ...(this.renamer(crate, place).tree({ ...member, generics, source: undefined }) as object),
      source: member.source,
      module: "",
    } as unknown as T;
    return member.kind === "fn" ? (this.withBodyKind(crate, made as rust.RustFn) as T) : made;
  }

  /** Intrinsics have no body, but for those that the interpreter does not know. */
  private withBodyKind(crate: LinkedCrate, fn: rust.RustFn): rust.RustFn {
    if (crate === this.crate) return fn;
    const intrinsic = fn.attributes.some((a) => a.name === "rustc_intrinsic");
    const attributes = fn.attributes.filter((a) => a.name !== "rustc_intrinsic" && a.name !== "lang");
    if (!intrinsic && !PANICS.has(fn.name.slice(fn.name.lastIndexOf(":") + 1))) return { ...fn, attributes };
    if (intrinsicOf(fn.name) === undefined && fn.body === "rust") return { ...fn, attributes };
    return {
      ...fn,
      body: "none",
      attributes: [...attributes, { at: fn.at, name: "rustc_intrinsic", value: "", text: "rustc_intrinsic" }],
    };
  }

  // ---- bodies

  /** Collects what `main` reaches and gives it bodies until all have one. */
  private rounds(main: FnItem): Program {
    this.need(main);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      this.settle();
      const program = this.snapshot();
      const roots = [main, ...this.initialisers].map((item) => itemInstance(monoCxOf(program), item, []));
      const { items } = collectCrate(program, roots, []);
      let more = false;
      for (const { instance, uses } of items) {
        for (const use of [instance, ...uses]) more = this.need(use.item) || more;
        if (instance.item.body !== undefined) more = this.needValues(instance.item.body) || more;
      }
      if (!more) return program;
    }
    throw new Diagnostic("the program does not come to an end", { file: this.crate.dump.source.file });
  }

  private snapshot(): Program {
    const { world, program } = this;
    return {
      tcx: world.tcx,
      functions: [...program.functions, ...world.synthesized],
      adts: [...program.adts],
      statics: [...program.statics],
      consts: [...program.consts],
      traits: [...program.traits],
      impls: [...program.impls],
      closures: [...this.closures.values()],
      allocs: world.allocs,
      file: this.crate.dump.source.file,
    };
  }

  /** What computes the statics and constants that `body` mentions runs too, though not in the compiled program. */
  private needValues(body: Body): boolean {
    if (this.searched.has(body)) return false;
    this.searched.add(body);
    let more = false;
    visitBody(body, {
      constant: (value) => {
        if (value.kind === "static") more = this.needValue(value.item) || more;
        else if (value.kind === "alloc") more = this.needAlloc(value.alloc) || more;
        else if (value.kind === "unevaluated") {
          const { item } = value;
          const items = item.parent?.kind === "trait" ? this.constsOf(item) : [item];
          for (const each of items) more = this.needValue(each) || more;
        }
      },
    });
    return more;
  }

  private needAlloc(alloc: AllocItem): boolean {
    let more = false;
    for (const { target } of alloc.relocations) {
      if (target.kind === "static") more = this.needValue(target.item) || more;
      else if (target.kind === "fn") more = this.need(target.item) || more;
    }
    return more;
  }

  /** A trait's constant in all impls. */
  private constsOf(item: ConstItem): readonly ConstItem[] {
    const given = this.program.impls.flatMap((impl) =>
      impl.trait?.trait === item.parent ? impl.assocConsts.filter((c) => c.assocName === item.assocName) : [],
    );
    return [item, ...given];
  }

  private needValue(item: ConstItem | StaticItem): boolean {
    const { body } = item;
    if (body === undefined || this.searched.has(body)) return false;
    let more = true;
    if (item.kind === "static" || item.generics.length === 0) {
      const { name, ty, span } = item;
      this.initialisers.push({
        name: `value of ${name}`,
        kind: "fn",
        generics: [],
        params: [],
        ret: ty,
        inline: "none",
        abi: "Rust",
        body,
        span,
      });
    } else {
      visitBody(body, {
        constant: (value) => {
          if (value.kind === "fn") more = this.need(value.item) || more;
        },
      });
    }
    more = this.needValues(body) || more;
    return more;
  }

  /** Constants, and impls that became ready. */
  private settle(): void {
    this.drain();
    for (let item = this.waiting.shift(); item !== undefined; item = this.waiting.shift()) {
      this.value(item);
      this.drain();
    }
  }

  /** Gives `item` its body; true when it had none. */
  private need(item: FnItem): boolean {
    const origin = this.origins.get(item);
    if (item.body === undefined || origin === undefined || !this.stubs.delete(item.body)) return false;
    this.resolved.add(item);
    this.body(item, origin);
    this.settle();
    return true;
  }

  private stub(item: FnItem): void {
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

  private body(item: FnItem, origin: Origin): void {
    const dumped = origin.crate.dump.get(origin.key);
    if (origin.crate !== this.crate && isAborting(origin.key, item)) {
      const abort = resolveFn(origin.scope, plainPath(ABORTING));
      item.body = abortingBody(item, abort.item);
      return;
    }
    if (origin.crate !== this.crate && origin.key === DROP_IN_PLACE) {
      item.body = dropInPlaceBody(item);
      return;
    }
    if (dumped === undefined || dumped.kind !== "fn") return;
    const { scope, renamer, finish } = this.bodyScope(origin, dumped);
    const ret = renamer.tree(dumped.ret);
    const params = renamer.tree(dumped.params);
    const body = renamer.tree(spillIndirect(withoutScopes(dumped.body), dumped.params.length));
    this.settle();
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

  private value(item: ConstItem | StaticItem): void {
    const origin = this.origins.get(item);
    if (origin === undefined || this.resolved.has(item)) return;
    this.resolved.add(item);
    const dumped = origin.crate.dump.get(origin.key);
    if (dumped === undefined || dumped.kind === "fn") return;
    try {
      const { scope, renamer, finish } = this.bodyScope(origin, dumped);
      const ty = renamer.tree(dumped.ty);
      const body = dumped.body === undefined ? undefined : renamer.tree(spillIndirect(withoutScopes(dumped.body), 0));
      const value = renamer.tree(dumped.value);
      this.drain();
      finish();
      scope.at = dumped.at;
      item.ty = resolveTy(scope, ty);
      if (body !== undefined) item.body = resolveBody(scope, body, [], item.ty);
      else if (value !== undefined) item.body = valueBody(item, resolveConst(scope, value, item.ty));
    } catch (error) {
      if (!(error instanceof Diagnostic) || origin.crate === this.crate) throw error;
      this.skipped.set(item.name, `${item.name}: ${error.message}`);
    }
  }

  /** What the names in a dumped body mean; `finish` is to be called when all of it is renamed. */
  private bodyScope(
    origin: Origin,
    dumped: text.FnItem | text.ConstItem,
  ): { scope: Scope; renamer: Renamer; finish: () => void } {
    const { crate, opaque } = origin;
    const closures: Extract<text.Type, { kind: "closure" }>[] = [];
    const promoteds: { path: text.Path }[] = [];
    const mentions: Mentions = {
      inherent: (head, name) => this.needInherent(head, name),
      closure: (ty) => closures.push(ty),
      promoted: (node) => promoteds.push(node),
      nested: (head, trait, names) => this.nested(head, trait, names),
      staticRef: (path) => this.staticRef(crate, path),
      value: (expr) => this.constantValue(crate, expr),
    };
    const scope: Scope = {
      ...origin.scope,
      module: "",
      source: dumped.source,
      at: dumped.at,
      tys: new Map(),
      allocs: { items: this.allocsOf(crate, mentions), made: this.allocsMade(crate) },
    };
    const renamer = new Renamer({ crate, module: "", generics: NO_GENERICS, opaque }, mentions);
    const finish = (): void => {
      for (const ty of closures) scope.tys.set(ty, this.closureTy(scope, ty));
      for (const node of promoteds) node.path = this.promotedPath(scope, node.path);
    };
    return { scope, renamer, finish };
  }

  private readonly ownNested: ReadonlyMap<string, readonly NestedItem[]>;
  private readonly allocTables = new Map<LinkedCrate, Map<number, AllocItem>>();

  private allocsMade(crate: LinkedCrate): Map<number, AllocItem> {
    let made = this.allocTables.get(crate);
    if (made === undefined) {
      made = new Map();
      this.allocTables.set(crate, made);
    }
    return made;
  }

  /** The allocations of a crate's dump, with full names. */
  private allocsOf(crate: LinkedCrate, mentions: Mentions): ReadonlyMap<number, text.AllocItem> {
    const get = (number: number): text.AllocItem | undefined => {
      if (number < 0) return this.staticRefs[-number - 1];
      const item = crate.dump.allocs.items.get(number);
      if (item === undefined) return undefined;
      const renamer = new Renamer({ crate, module: "", generics: NO_GENERICS, opaque: NO_OPAQUE }, mentions);
      return { ...item, detail: renamer.tree(item.detail) };
    };
    return { get, has: (number: number) => get(number) !== undefined } as ReadonlyMap<number, text.AllocItem>;
  }

  private readonly staticRefs: text.AllocItem[] = [];

  /** A constant that points to the static `path` of `crate`: an allocation that only says so. */
  private staticRef(crate: LinkedCrate, path: string): text.Const | undefined {
    const item = crate.tree.values.get(path);
    if (item?.kind !== "static") return undefined;
    const name = plainPath(`${crate.prefix}${path}`.split("::"));
    const detail: text.AllocDetail = { kind: "static", path: name, memory: undefined, error: false };
    this.staticRefs.push({
      kind: "alloc",
      source: crate.dump.source,
      at: 0,
      end: 0,
      annotations: [],
      alloc: -this.staticRefs.length - 1,
      detail,
    });
    const pointee = new Renamer(placeOf(crate, item.module, item.generics)).tree(item.ty);
    const ty: text.Type = item.mutable
      ? { kind: "ptr", mutable: true, pointee, text: "" }
      : { kind: "ref", lifetime: "", mutable: false, pointee, text: "" };
    return { kind: "alloc", pointer: { alloc: -this.staticRefs.length, flags: "", offset: "" }, ty };
  }

  /** The value of an expression over constants of `crate`, as an array's length may be. */
  private constantValue(crate: LinkedCrate, expr: string, module = "", depth = 0): bigint | undefined {
    if (depth > 20) return undefined;
    const known = expr.replaceAll(/\b(?:self::|crate::)?([A-Z][A-Z0-9_]*)\b(?!::)/g, (word, name: string) => {
      const found = findPath(crate, module, [name], "values");
      const item = found === undefined ? undefined : found.found.crate.tree.values.get(found.found.path);
      if (item?.kind !== "const") return word;
      const text = item.source.slice(item.nameAt, item.end);
      const value = this.constantValue(
        found!.found.crate as LinkedCrate,
        text.slice(text.indexOf("=") + 1).replace(/;\s*$/, ""),
        item.module,
        depth + 1,
      );
      return value === undefined ? word : `(${value})`;
    });
    return exprValue(known.replaceAll(POINTER_SIZE, "8"));
  }

  // ---- what stands inside of functions

  /** The full name of an item inside of a member of an impl. */
  private nested(head: string, trait: string | undefined, names: readonly string[]): string | undefined {
    for (const [crate, index] of [
      [this.crate, this.ownNested],
      [this.library.crate, this.library.nested],
    ] as const) {
      for (const { path, source } of index.get(names.join("::")) ?? []) {
        const { item, module } = source;
        const renamed = new Renamer(placeOf(crate, module, item.generics)).tree({ self: item.self, trait: item.trait });
        const ownTrait =
          renamed.trait === undefined ? undefined : headOf({ kind: "path", path: renamed.trait, text: "" });
        if (headOf(renamed.self) === head && ownTrait === trait) return crate.prefix + path;
      }
    }
    return undefined;
  }

  /** The function that `path` names, an impl's rather than its trait's. */
  private owner(scope: Scope, path: text.Path): { readonly item: FnItem; readonly args: readonly Ty[] } {
    const [head, member] = path.segments;
    if (head?.kind === "qself" && head.trait !== undefined && member?.kind === "name") {
      const self = resolveTy(scope, head.ty);
      const ref = resolveTraitRef(scope, head.trait, self);
      this.settle();
      const found = this.implMember(ref.trait, ref.args, member.name);
      if (found !== undefined) {
        const own = resolveFn(scope, path).args.slice(ref.args.length);
        return { item: found.item, args: [...found.args, ...own] };
      }
    }
    return resolveFn(scope, path);
  }

  private implMember(
    trait: TraitDef,
    args: readonly Ty[],
    name: string,
  ): { item: FnItem; args: readonly Ty[] } | undefined {
    let best: { impl: ImplDef; item: FnItem; args: readonly Ty[] } | undefined;
    for (const impl of this.program.impls) {
      if (impl.trait?.trait !== trait) continue;
      const bound: (Ty | undefined)[] = new Array(impl.generics.length).fill(undefined);
      if (
        !impl.trait.args.every((arg, i) => matchTy(this.world.tcx, arg, args[i]!, bound)) ||
        bound.includes(undefined)
      )
        continue;
      const item = impl.fns.find((fn) => fn.assocName === name);
      if (item === undefined) continue;
      // Of several the one whose head says more.
      if (best === undefined || impl.selfTy.text.length > best.impl.selfTy.text.length)
        best = { impl, item, args: bound as Ty[] };
    }
    return best;
  }

  private closureTy(scope: Scope, ty: Extract<text.Type, { kind: "closure" }>): Ty {
    const { path } = ty;
    if (path === undefined || ty.what !== "closure")
      throw new Diagnostic(`not supported yet: the type \`${ty.what}@${ty.location}\``, { file: scope.source.file });
    const at = path.segments.findIndex((segment) => segment.kind === "name" && segment.name.startsWith("{closure#"));
    const owner = this.owner(scope, { segments: path.segments.slice(0, at), promoted: -1, text: "" });
    const suffix = path.segments
      .slice(at)
      .map((segment) => (segment.kind === "name" ? segment.name : ""))
      .join("::");
    const def = this.closureDef(owner.item, suffix);
    if (owner.args.length === def.generics.length) return this.world.tcx.closure(def, owner.args);
    return this.world.tcx.closure(
      def,
      def.generics.map((name, i) => this.world.tcx.param(i, name)),
    );
  }

  private closureDef(owner: FnItem, suffix: string): ClosureDef {
    const origin = this.origins.get(owner);
    if (origin === undefined)
      throw new Diagnostic(`not supported yet: a closure of \`${owner.name}\``, { file: this.crate.dump.source.file });
    const key = `${origin.key}::${suffix}`;
    const id = origin.crate.prefix + key;
    const known = this.closures.get(id);
    if (known !== undefined) return known;
    const dumped = origin.crate.dump.get(key);
    if (dumped?.kind !== "fn")
      throw new Diagnostic(`no MIR of the closure \`${key}\``, { file: origin.crate.dump.source.file });
    const first = dumped.params[0]!.ty;
    const def: ClosureDef = {
      kind: "closure",
      name: `{closure@${withoutBraces(id)}}`,
      generics: owner.generics,
      upvars: [],
      upvarNames: [],
      closureKind: first.kind !== "ref" ? "fnOnce" : first.mutable ? "fnMut" : "fn",
      body: undefined,
    };
    this.closures.set(id, def);
    this.closureBody(def, owner, origin, key, dumped);
    return def;
  }

  private closureBody(def: ClosureDef, owner: FnItem, origin: Origin, key: string, dumped: text.FnItem): void {
    const { scope, renamer, finish } = this.bodyScope(origin, dumped);
    const params = renamer.tree(dumped.params);
    const declared = dumped.body.scope.locals.find((decl) => decl.local === 0)?.ty;
    const ret = renamer.tree(dumped.ret.kind === "impl" && declared !== undefined ? declared : dumped.ret);
    const upvars = upvarsOf(dumped).map((ty) => renamer.tree(ty));
    this.settle();
    finish();
    def.upvars = upvars.map((ty) => (ty === undefined ? this.world.tcx.tuple([]) : resolveTy(scope, ty)));
    def.upvarNames = upvars.map((_, i) => `c${i}`);
    const fn: FnItem = {
      name: withoutBraces(origin.crate.prefix + key),
      kind: "fn",
      generics: owner.generics,
      ...(owner.constParams === undefined ? {} : { constParams: owner.constParams }),
      ...(owner.predicates === undefined ? {} : { predicates: owner.predicates }),
      closure: def,
      params: params.map((param) => resolveTy(scope, param.ty)),
      ret: resolveTy(scope, ret),
      inline: "none",
      abi: "Rust",
      body: undefined,
      span: owner.span,
    };
    def.body = fn;
    this.origins.set(fn, { ...origin, key });
    this.stub(fn);
    this.keys.set(fn, key);
    this.program.functions.push(fn);
  }

  /** The path of a promoted as a constant of its own. */
  private promotedPath(scope: Scope, path: text.Path): text.Path {
    const closure = path.segments.findIndex((segment) => segment.kind === "name" && INSIDE.test(segment.name));
    const end = closure < 0 ? path.segments.length : closure;
    const outer: text.Path = { segments: path.segments.slice(0, end), promoted: -1, text: "" };
    const global = this.globalOwner(outer);
    const owner = global ?? this.owner(scope, outer);
    const origin = this.origins.get(owner.item);
    if (origin === undefined) throw new Diagnostic(`a promoted of \`${pathText(path)}\``, { file: scope.source.file });
    const suffix = path.segments.slice(end).map((segment) => `::${segment.kind === "name" ? segment.name : ""}`);
    const key = `${origin.key}${suffix.join("")}${path.promoted < 0 ? "" : `::promoted[${path.promoted}]`}`;
    const id = origin.crate.prefix + key;
    let item = this.promoteds.get(id);
    if (item === undefined) {
      item = {
        kind: "const",
        name: `PROMOTED_${this.promoteds.size}`,
        generics: genericsOf(owner.item),
        ...(owner.item.kind === "static" || owner.item.constParams === undefined
          ? {}
          : { constParams: owner.item.constParams }),
        ty: this.world.tcx.tuple([]),
        body: undefined,
        span: owner.item.span,
      };
      this.promoteds.set(id, item);
      this.world.consts.add(item.name, item);
      this.program.consts.push(item);
      this.origins.set(item, { ...origin, key });
      this.value(item);
    }
    const args =
      owner.args.length === item.generics.length
        ? owner.args
        : item.generics.map((name, i) => this.world.tcx.param(i, name));
    const list = args.map((ty): text.GenericArg => ({ kind: "type", ty: this.tyNode(scope, ty) }));
    return plainPath([item.name], list.length === 0 ? undefined : { kind: "angle", turbofish: true, args: list });
  }

  /** The static or constant that `path` names; it has no parameters. */
  private globalOwner(
    path: text.Path,
  ): { readonly item: ConstItem | StaticItem; readonly args: readonly Ty[] } | undefined {
    if (path.segments.some((segment) => segment.kind !== "name")) return undefined;
    const name = path.segments.map((segment) => (segment.kind === "name" ? segment.name : "")).join("::");
    const item = this.world.statics.get(name) ?? this.world.consts.get(name);
    return item === undefined ? undefined : { item, args: [] };
  }

  /** A node that means `ty`. */
  private tyNode(scope: Scope, ty: Ty): text.Type {
    const node: text.Type = { kind: "path", path: plainPath([ty.text]), text: ty.text };
    scope.tys.set(node, ty);
    return node;
  }
}

// ---- helpers

/** Core's names of lang items that are called otherwise here, or the same; others mean nothing. */
const LANG: ReadonlyMap<string, string> = new Map([
  ["tuple_trait", "tuple"],
  ["fn_ptr_trait", "fn_ptr"],
  ["pointee_trait", "pointee"],
  ...[
    "sized",
    "meta_sized",
    "pointee_sized",
    "copy",
    "clone",
    "drop",
    "fn",
    "fn_mut",
    "fn_once",
    "unsize",
    "coerce_unsized",
  ].map(same),
  ...["discriminant_kind", "destruct", "freeze", "unpin", "sync"].map(same),
  ...["owned_box", "unsafe_cell", "unsafe_pinned", "phantom_data", "manually_drop", "maybe_uninit"].map(same),
]);

function same(name: string): [string, string] {
  return [name, name];
}

function knownLang(attributes: readonly rust.Attribute[]): readonly rust.Attribute[] {
  return attributes.flatMap((attribute) => {
    if (attribute.name !== "lang") return [attribute];
    const value = LANG.get(attribute.value);
    return value === undefined ? [] : [{ ...attribute, value, text: `lang = "${value}"` }];
  });
}

/** All targets that can be imported for have pointers of 64 bits. */
const POINTER_SIZE = /\b(?:\w+::)*size_of::<\*(?:const|mut) \(\)>\(\)/g;

/** What stands inside of a function without a name. */
const INSIDE = /^\{(?:closure|constant)#/;

function genericsOf(item: FnItem | ConstItem | StaticItem): readonly string[] {
  return item.kind === "static" ? [] : item.generics;
}

function withoutPrefix(crate: Crate, name: string): string {
  return name.startsWith(crate.prefix) ? name.slice(crate.prefix.length) : name;
}

function spanIs(item: rust.ImplItem, impl: ImplDef): boolean {
  const span = item.source.span(item.at);
  return span.line === impl.span.line && span.column === impl.span.column;
}

/** `impl Trait` in a parameter's type becomes a parameter of its own. */
function collectOpaque(ty: text.Type, opaque: Map<string, string>, found: rust.GenericParam[]): void {
  if (ty.kind === "impl") {
    const key = opaqueKey(ty);
    const count = found.filter((param) => param.name.replace(COUNT, "") === key).length;
    const name = count === 0 ? key : `${key}__${count}`;
    if (!opaque.has(key)) opaque.set(key, name);
    found.push({ kind: "type", name, bounds: ty.bounds, default: undefined });
    return;
  }
  if (ty.kind === "ref" || ty.kind === "ptr") collectOpaque(ty.pointee, opaque, found);
  else if (ty.kind === "paren") collectOpaque(ty.ty, opaque, found);
}

/** What tells opaque parameters of the same text apart. */
const COUNT = /__\d+$/;

function opaqueOf(item: FnItem): ReadonlyMap<string, string> {
  const names = item.generics.filter((name) => name.startsWith("Impl_"));
  return new Map(names.map((name) => [name.replace(COUNT, ""), name]));
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

/** The types of a closure's captures, as its body and its `debug` lines tell. */
function upvarsOf(closure: text.FnItem): (text.Type | undefined)[] {
  const found: (text.Type | undefined)[] = [];
  const seen = new Set<object>();
  const search = (node: unknown): void => {
    if (typeof node !== "object" || node === null || node instanceof Uint8Array || seen.has(node)) return;
    seen.add(node);
    if (Array.isArray(node)) {
      node.forEach(search);
      return;
    }
    if ("bytes" in node && "file" in node) return;
    if ("local" in node && "projection" in node && node.local === 1) {
      const projection = (node.projection as readonly text.PlaceElem[]).filter(
        (elem, i) => !(i === 0 && elem.kind === "deref"),
      );
      const [first] = projection;
      if (first?.kind === "field") found[first.index] ??= first.ty;
    }
    Object.values(node).forEach(search);
  };
  search(closure.body);
  return Array.from(found, (ty) => ty);
}

function valueBody(item: ConstItem | StaticItem, value: ReturnType<typeof resolveConst>): NonNullable<FnItem["body"]> {
  const { span } = item;
  return {
    locals: [{ ty: item.ty, mutability: "mut" }],
    argCount: 0,
    blocks: [
      {
        statements: [
          {
            kind: "assign",
            place: { local: 0 as never, projection: [] },
            rvalue: { kind: "use", operand: { kind: "const", value } },
            span,
          },
        ],
        terminator: { kind: "return", span },
        isCleanup: false,
      },
    ],
  };
}
