/**
 * From texts to a `Program`: reading, declaring, resolving bodies, and leaving out what is not understood.
 *
 * A program may be given as several texts: its own, the dump of a crate, that crate's Rust source (whose functions have their bodies in the dump). Names are
 * looked up in all of them and in the prelude.
 *
 * An item that is not understood is a `Diagnostic`, or, when items are skipped, is left out and listed, and so is every function that needs it.
 */

import { Diagnostic } from "../../session/diagnostic.ts";
import type { AllocItem, ConstItem, StaticItem } from "../items.ts";
import { BUILT_IN_ADTS, INTRINSICS_BY_NAME, newTyCtxt } from "../prelude.ts";
import type { Program } from "../program.ts";
import type { AdtItem } from "../rust/ast.ts";
import type { Body, Const, Local } from "../syntax.ts";
import type * as text from "../text/ast.ts";
import type { SourceText } from "../text/source.ts";
import { type AdtDef, TY_UNIT, type TyCtxt } from "../ty.ts";
import { visitBody } from "../visit.ts";
import { argTys, resolveBody } from "./body.ts";
import { nestingAdts } from "./check-adts.ts";
import { checkUpvars } from "./closures.ts";
import { resolveConst } from "./constants.ts";
import { Declarer } from "./declare.ts";
import type { Declared, FnSource, GlobalSource } from "./declare-cx.ts";
import { dropUsers } from "./drop-users.ts";
import { DumpDeclarer } from "./dumped.ts";
import { ItemReader, type TextInput } from "./read-items.ts";
import { located, type PreludeSource, type Scope, World } from "./world.ts";

export type { TextInput } from "./read-items.ts";

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

/** Reads and resolves a program. Throws a `Diagnostic` for what it does not understand, unless that is to be skipped. */
export function resolveProgram(inputs: readonly TextInput[], options: ResolveOptions): ResolveResult {
  return new ProgramResolver(inputs, options).run();
}

class ProgramResolver {
  private readonly inputs: readonly TextInput[];
  private readonly world: World;
  private readonly skip: boolean;
  private readonly skipped: SkippedItem[] = [];
  /** What was declared and is not there after all. */
  private readonly missing = new Set<object>();
  private readonly reader: ItemReader;
  private readonly declarer: Declarer;
  private readonly dumps: DumpDeclarer;

  constructor(inputs: readonly TextInput[], options: ResolveOptions) {
    const attempt = this.attempt.bind(this);
    this.inputs = inputs;
    this.world = new World(contextFor(inputs, options.tcx), options.prelude);
    this.skip = options.onUnsupported === "skip";
    this.reader = new ItemReader(this.world, attempt);
    this.declarer = new Declarer(this.world, attempt, false);
    this.dumps = new DumpDeclarer(this.world, attempt, this.reader.fns, this.reader.consts);
  }

  run(): ResolveResult {
    const { world, declarer, dumps, reader } = this;
    for (const def of world.tcx.adts.values())
      if (def.prelude && BUILT_IN_ADTS.has(def.name)) world.adts.add(def.name, def);
    for (const item of INTRINSICS_BY_NAME.values()) world.fns.add(item.name, item);
    for (const input of this.inputs) reader.read(input);
    declarer.run(reader.rust);
    const { declared } = declarer;
    const adts = this.soundAdts();
    dumps.closures(declared);
    declarer.finish();
    this.dropUnfinished();
    dumps.run(declared.fns, declared.globals);
    this.restoreOrder();
    this.globalBodies();
    this.fnBodies();
    this.closureFields();
    this.dropIncomplete(adts);
    const { missing } = this;
    for (const def of adts) if (!missing.has(def) && !world.tcx.adts.has(def.name)) world.tcx.adts.set(def.name, def);
    return { program: this.program(adts.filter((def) => !missing.has(def))), skipped: this.skipped };
  }

  private program(adts: readonly AdtDef[]): Program {
    const { world } = this;
    const there = (item: object): boolean => !this.missing.has(item);
    const functions = [...this.dumps.fns.map((source) => source.item), ...world.synthesized].filter(there);
    // With those of the prelude: what is generic over them looks for impls here.
    const traits = [...world.traits.values()].filter(there);
    const impls = world.impls.filter(there);
    const items = this.dumps.globals.map((source) => source.item).filter(there);
    const statics = items.filter((item): item is StaticItem => item.kind === "static");
    const consts = items.filter((item): item is ConstItem => item.kind === "const");
    const closures = [...world.closures.values()].filter(there);
    const members = [...traits, ...impls].flatMap((item) => [...item.fns, ...item.assocConsts]);
    const allocs = this.allocs([...functions, ...items, ...members].map((item) => item.body));
    return {
      tcx: world.tcx,
      functions,
      adts,
      ...(statics.length === 0 ? {} : { statics }),
      ...(consts.length === 0 ? {} : { consts }),
      ...(traits.length === 0 ? {} : { traits }),
      ...(impls.length === 0 ? {} : { impls }),
      ...(closures.length === 0 ? {} : { closures }),
      ...(allocs.length === 0 ? {} : { allocs }),
      file: this.inputs[0]?.file ?? "",
    };
  }

  /** The allocations that something points to, in the order of the texts. */
  private allocs(bodies: readonly (Body | undefined)[]): readonly AllocItem[] {
    const { allocs, allocPlaces } = this.world;
    const { sources } = this.reader;
    const place = (alloc: AllocItem): { readonly text: number; readonly at: number } => {
      const { source, at } = allocPlaces.get(alloc)!;
      return { text: sources.indexOf(source), at };
    };
    const used = this.skipped.length === 0 ? allocs : usedAllocs(bodies);
    const placed = used.map((alloc) => ({ alloc, ...place(alloc) }));
    return placed.sort((a, b) => a.text - b.text || a.at - b.at).map(({ alloc }) => alloc);
  }

  /** Runs `step`; a diagnostic is thrown on, or noted when items are skipped. True when all went well. */
  private attempt(name: string | (() => string), step: () => void, made?: object): boolean {
    try {
      step();
      return true;
    } catch (thrown) {
      const error = this.placed(thrown);
      if (!this.skip || !(error instanceof Diagnostic)) throw error;
      this.skipped.push({ name: typeof name === "string" ? name : name(), reason: error });
      if (made !== undefined) this.missing.add(made);
      return false;
    }
  }

  /** A diagnostic about the program as a whole stands at its start. */
  private placed(error: unknown): unknown {
    const [source] = this.reader.sources;
    if (!(error instanceof Diagnostic) || error.span.line > 0 || source === undefined) return error;
    return source.error(error.message, 0, error.help);
  }

  // ---- types

  private soundAdts(): AdtDef[] {
    const { adts } = this.declarer.declared;
    const good = adts.filter(({ def }) => !this.missing.has(def));
    const { endless, deep } = nestingAdts(good.map(({ def }) => def));
    const finite = good.filter(({ item, def }) => {
      const check = (): void => {
        const help = "put the inner value behind a pointer";
        if (endless.has(def)) throw item.source.error(`\`${def.name}\` contains itself`, item.nameAt, help);
        if (deep.has(def)) throw item.source.error(`\`${def.name}\` contains too many others`, item.nameAt, help);
      };
      return this.attempt(def.name, check, def);
    });
    if (this.missing.size > 0) this.dropAdtUsers(finite);
    const usable = finite.filter(({ def }) => !this.missing.has(def));
    if (usable.length < adts.length)
      for (const { def } of adts) if (this.missing.has(def)) this.world.adts.remove(def.name);
    this.world.forgetPlainTys();
    return usable.map(({ def }) => def);
  }

  private dropAdtUsers(adts: Declared["adts"]): void {
    const items = new Map<object, AdtItem>(adts.map(({ item, def }) => [def, item]));
    const defs = adts.map(({ def }) => def);
    dropUsers(defs, this.missing, (user) => {
      const item = items.get(user)!;
      const reason = item.source.error(`\`${item.name}\` has a field of a type that was skipped`, item.nameAt);
      this.skipped.push({ name: item.name, reason });
    });
  }

  // ---- functions and constants

  /** Functions stand in the order of the texts. */
  private restoreOrder(): void {
    const { fns, globals } = this.dumps;
    const { sources } = this.reader;
    const order = new Map<SourceText, number>();
    for (const { scope } of [...fns, ...globals])
      if (!order.has(scope.source)) order.set(scope.source, sources.indexOf(scope.source));
    const place = (x: FnSource | GlobalSource): number => order.get(x.scope.source)!;
    fns.sort((a, b) => place(a) - place(b) || a.at - b.at);
    globals.sort((a, b) => place(a) - place(b) || a.at - b.at);
  }

  /** A function whose signature was skipped is not there, nor is the trait that has it. */
  private dropUnfinished(): void {
    const { missing } = this;
    if (missing.size === 0) return;
    const { fns } = this.declarer.declared;
    for (const { item, name } of fns) {
      if (!missing.has(item)) continue;
      if (this.world.fns.get(name) === item) this.world.fns.remove(name);
      if (item.parent?.kind === "trait") missing.add(item.parent);
    }
    const good = fns.filter(({ item }) => !missing.has(item));
    fns.splice(0, fns.length, ...good);
  }

  // ---- bodies

  private globalBodies(): void {
    for (const { item, scope, body, value, at } of this.dumps.globals) {
      const resolve = within(scope, () => {
        if (body !== undefined) item.body = resolveBody(scope, body, [], item.ty);
        else if (value !== undefined) {
          scope.at = at;
          item.body = constantBody(scope, value, item);
        }
      });
      this.attempt(item.name, resolve, item);
    }
  }

  private fnBodies(): void {
    for (const { item, scope, body, name, at } of this.dumps.fns) {
      if (body === undefined) continue;
      const resolve = within(scope, () => {
        const opaque = item.ret === TY_UNIT && item.parent !== undefined;
        const made = resolveBody(scope, body, argTys(scope, item), item.ret);
        if (made.locals[0]!.ty !== item.ret) {
          if (!opaque) throw scope.source.error("the return place's type is not the function's", at);
          Object.assign(item, { ret: made.locals[0]!.ty });
        }
        item.body = made;
      });
      this.attempt(name, resolve);
    }
  }

  private closureFields(): void {
    const file = this.inputs[0]?.file ?? "";
    for (const def of this.world.closures.values()) this.attempt(def.name, () => checkUpvars(def, file), def);
  }

  // ---- what is there

  /** Leaves out what needs something that is not there; without skipping, that is an error. */
  private dropIncomplete(adts: readonly AdtDef[]): void {
    const { missing, world } = this;
    const { fns, globals } = this.dumps;
    for (const { item } of fns) {
      if (item.kind === "fn" && item.body === undefined && item.parent?.kind !== "trait") missing.add(item);
    }
    if (missing.size === 0) return;
    const sources = new Map<object, FnSource | GlobalSource>();
    for (const source of [...fns, ...globals]) sources.set(source.item, source);
    const { traits, impls } = this.declarer.declared;
    const items = [fns, globals].flatMap((list) => list.map((source) => source.item));
    const closures = [...world.closures.values()];
    const all = [...items, ...adts, ...traits, ...impls, ...closures, ...world.allocs, ...world.synthesized];
    dropUsers(all, missing, (user, used) => {
      const source = sources.get(user);
      if (source === undefined) return;
      const { scope, at, item } = source;
      const reason = scope.source.error(`this needs ${describe(used)}, which was skipped`, at);
      if (!this.skip) throw reason;
      this.skipped.push({ name: item.name, reason });
    });
    const there = (item: object): boolean => !missing.has(item);
    for (const { item } of fns) if (item.body !== undefined && missing.has(item.body)) item.body = undefined;
    for (const parent of [...impls, ...traits]) {
      parent.fns = parent.fns.filter(there);
      parent.assocConsts = parent.assocConsts.filter(there);
    }
  }
}

/** The type context of a program, whose first line may say of which release of rustc its layouts are: `#![rustc_release = "1.97.0"]`. */
function contextFor(inputs: readonly TextInput[], given: TyCtxt | undefined): TyCtxt {
  let release: string | undefined;
  for (const { text, file } of inputs) {
    const own = /^#!\[rustc_release = "([\w.-]{1,40})"\]$/m.exec(text.slice(0, MAX_HEAD))?.[1];
    if (own === undefined || own === release) continue;
    const other = given === undefined ? release : (given.rustcRelease ?? "");
    if (other !== undefined && other !== own)
      throw new Diagnostic(`this program has the layouts of rustc ${own}, not of ${other === "" ? "1.96" : other}`, {
        file,
      });
    release = own;
  }
  return given ?? newTyCtxt(release);
}

/** Longer than the line that says a release. */
const MAX_HEAD = 100;

/** The allocations that these bodies and each other point to. */
function usedAllocs(bodies: readonly (Body | undefined)[]): AllocItem[] {
  const used = new Set<AllocItem>();
  const constant = (value: Const): void => {
    if (value.kind === "alloc") used.add(value.alloc);
  };
  for (const body of new Set(bodies)) if (body !== undefined) visitBody(body, { constant });
  // The set grows while it is walked over.
  for (const { relocations } of used) {
    for (const { target } of relocations) if (target.kind === "alloc") used.add(target.alloc);
  }
  return [...used];
}

/** An item in a message. */
function describe(used: object): string {
  if ("name" in used) return "params" in used ? `the function \`${used.name}\`` : `\`${used.name}\``;
  return "an item";
}

/** `step`, whose diagnostics know their place. */
function within(scope: Scope, step: () => void): () => void {
  return () => {
    try {
      step();
    } catch (error) {
      throw located(scope, error);
    }
  };
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
