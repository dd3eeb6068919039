/**
 * The parser of MIR text: from rustc's own dumps, or programs in the same syntax, to a `Program`.
 *
 * The text is split into items first; then types, signatures and bodies are read in turn, so that items can mention each other in any
 * order. What is not understood is a `Diagnostic`. With `onUnsupported: "skip"` an item that is not understood is left out and
 * listed, and so is every function that needs it: this is how real dumps are read for what is supported in them.
 */

import { bug } from "../entity/entity.ts";
import { Diagnostic } from "../session/diagnostic.ts";
import { Cursor } from "./cursor.ts";
import { Tok, tokenize } from "./lexer.ts";
import { Names } from "./names.ts";
import { parseBody } from "./parse-body.ts";
import {
  declareAdt,
  type ItemSource,
  type ParsedSignature,
  parseAdt,
  parseItemHead,
  parseSignature,
} from "./parse-items.ts";
import { INTRINSICS_BY_NAME, newTyCtxt } from "./prelude.ts";
import type { Program } from "./program.ts";
import type { Body, FnItem, Operand } from "./syntax.ts";
import type { AdtDef, Ty, TyCtxt } from "./ty.ts";

export interface ParseOptions {
  /** The file's name, for diagnostics. */
  readonly file?: string;
  /** Where types are interned; a new one when absent. */
  readonly tcx?: TyCtxt;
  /** What to do about an item that is not understood: fail, or leave it out. `"error"` when absent. */
  readonly onUnsupported?: "error" | "skip";
}

/** An item that was left out, and why. */
export interface SkippedItem {
  /** The item's name; empty when it was not even clear what it is. */
  readonly name: string;
  readonly reason: Diagnostic;
}

export interface ParseResult {
  readonly program: Program;
  readonly skipped: readonly SkippedItem[];
}

/** Reads a program. Throws a `Diagnostic` for what it does not understand, unless `options` say to skip it. */
export function parseProgram(text: string, options: ParseOptions = {}): Program {
  return parseProgramWithSkips(text, options).program;
}

/** As `parseProgram`; also says what was skipped. */
export function parseProgramWithSkips(text: string, options: ParseOptions = {}): ParseResult {
  return new Parser(text, options).run();
}

interface FnSource extends ParsedSignature {
  readonly source: ItemSource;
}

class Parser {
  private readonly c: Cursor;
  private readonly tcx: TyCtxt;
  private readonly names: Names;
  private readonly skip: boolean;
  private readonly skipped: SkippedItem[] = [];
  private adts: { source: ItemSource; def: AdtDef }[] = [];
  private readonly fns: FnSource[] = [];

  constructor(text: string, options: ParseOptions) {
    this.c = new Cursor(tokenize(text), options.file ?? "");
    this.tcx = options.tcx ?? newTyCtxt();
    this.names = new Names(this.tcx);
    this.skip = options.onUnsupported === "skip";
  }

  run(): ParseResult {
    for (const item of INTRINSICS_BY_NAME.values()) this.names.fns.add(item);
    const sources = this.splitItems();
    this.readAdts();
    this.readSignatures(sources.filter((source) => source.kind === "fn"));
    this.readBodies();
    const dropped = this.droppedFns();
    const functions = this.fns.map((fn) => fn.item).filter((item) => !dropped.has(item));
    const adts = this.adts.map((adt) => adt.def);
    for (const def of adts) if (!this.tcx.adts.has(def.name)) this.tcx.adts.set(def.name, def);
    return { program: { tcx: this.tcx, functions, adts, file: this.c.file }, skipped: this.skipped };
  }

  /** Runs `read`; a diagnostic is thrown on, or noted when items are skipped. True when all went well. */
  private attempt(name: string, read: () => void): boolean {
    try {
      read();
      return true;
    } catch (error) {
      if (!this.skip || !(error instanceof Diagnostic)) throw error;
      this.skipped.push({ name, reason: error });
      return false;
    }
  }

  /** Finds every item and declares the types. */
  private splitItems(): ItemSource[] {
    const { c } = this;
    const sources: ItemSource[] = [];
    while (c.kind() !== Tok.EOF) {
      if (c.eat(Tok.ALLOC)) continue;
      const start = c.at;
      let name = "";
      const read = (): void => {
        const source = parseItemHead(c);
        name = source.name;
        if (source.kind !== "fn") this.declareItem(source);
        this.skipRest(source.kind === "struct");
        sources.push(source);
      };
      if (!this.attempt(name, read)) this.recover(start);
    }
    return sources;
  }

  private declareItem(source: ItemSource): void {
    const def = declareAdt(source);
    if (!this.names.addAdt(def)) {
      throw this.c.error(`the type \`${source.name}\` is declared twice`, undefined, source.nameAt);
    }
    this.adts.push({ source, def });
  }

  /** From behind an item's name to behind its end: a `;` or a braced body. */
  private skipRest(isStruct: boolean): void {
    const { c } = this;
    let depth = 0;
    let unknownAt = -1;
    for (; c.kind() !== Tok.EOF; c.advance()) {
      const kind = c.kind();
      if (kind === Tok.UNKNOWN && unknownAt < 0) unknownAt = c.at;
      if (kind === 59 && depth === 0) break;
      if (kind === 123 || kind === 40 || kind === 91) depth++;
      else if (kind === 125 || kind === 41 || kind === 93) {
        depth--;
        if (depth < 0 || (depth === 0 && kind === 125)) break;
      }
    }
    if (c.kind() === Tok.EOF || depth < 0) {
      // A comment or a string without end swallows what follows: it is the cause.
      if (unknownAt >= 0) c.at = unknownAt;
      throw c.unexpected(isStruct ? "the end of the struct" : "the end of the item");
    }
    c.advance();
  }

  /** Behind an item that was not understood, to where the next one can start. */
  private recover(start: number): void {
    const { c } = this;
    c.at = start;
    c.advance();
    while (c.kind() !== Tok.EOF) {
      const kind = c.kind();
      const starts = kind === Tok.IDENT || kind === 35 || kind === Tok.ALLOC;
      if (starts && c.startsLine(c.at)) return;
      c.advance();
    }
  }

  private readAdts(): void {
    const good = this.adts.filter(({ source, def }) =>
      this.attempt(source.name, () => {
        parseAdt(this.c, source, def, { names: this.names, generics: source.generics });
      }),
    );
    const endless = endlessAdts(good.map(({ def }) => def));
    const finite = good.filter(({ source, def }) =>
      this.attempt(source.name, () => {
        if (endless.has(def)) {
          throw this.c.error(`\`${def.name}\` contains itself`, "put the inner value behind a pointer", source.nameAt);
        }
      }),
    );
    const usable = usableAdts(finite.map(({ def }) => def));
    for (const { source, def } of finite) {
      if (usable.has(def)) continue;
      const reason = this.c.error(`\`${def.name}\` has a field of a type that was skipped`, undefined, source.nameAt);
      this.skipped.push({ name: source.name, reason });
    }
    for (const { def } of this.adts) if (!usable.has(def)) this.names.removeAdt(def);
    this.adts = finite.filter(({ def }) => usable.has(def));
  }

  private readSignatures(sources: readonly ItemSource[]): void {
    for (const source of sources) {
      this.attempt(source.name, () => {
        const parsed = parseSignature(this.c, source, { names: this.names, generics: source.generics });
        if (!this.names.fns.add(parsed.item)) {
          throw this.c.error(`the function \`${source.name}\` is defined twice`, undefined, source.nameAt);
        }
        this.fns.push({ ...parsed, source });
      });
    }
  }

  private readBodies(): void {
    for (const { item, bodyAt, source } of this.fns) {
      if (bodyAt === undefined) continue;
      this.attempt(source.name, () => {
        this.c.at = bodyAt;
        const body = parseBody(this.c, { names: this.names, generics: source.generics }, item.params, item.ret);
        if (body.locals[0]!.ty !== item.ret) {
          throw this.c.error("the return place's type is not the function's", undefined, source.nameAt);
        }
        item.body = body;
      });
    }
  }

  /** Functions without a body that should have one, and all that mention them. */
  private droppedFns(): ReadonlySet<FnItem> {
    const dropped = new Set<FnItem>();
    const work: FnItem[] = [];
    for (const { item } of this.fns) {
      if (item.kind !== "fn" || item.body !== undefined) continue;
      if (!this.skip) throw bug(`no body of ${item.name}, and no diagnostic`);
      dropped.add(item);
      work.push(item);
    }
    if (work.length === 0) return dropped;
    const users = usersOf(this.fns.map((fn) => fn.item));
    const nameAt = new Map(this.fns.map((fn) => [fn.item, fn.source.nameAt]));
    for (let callee = work.pop(); callee !== undefined; callee = work.pop()) {
      for (const user of users.get(callee) ?? []) {
        if (dropped.has(user)) continue;
        dropped.add(user);
        work.push(user);
        const at = nameAt.get(user);
        const reason = this.c.error(`this needs the function \`${callee.name}\`, which was skipped`, undefined, at);
        this.skipped.push({ name: user.name, reason });
      }
    }
    return dropped;
  }
}

/** The definitions that `ty` mentions, behind pointers too. */
function mentionedAdts(ty: Ty): AdtDef[] {
  switch (ty.kind) {
    case "tuple":
      return ty.fields.flatMap(mentionedAdts);
    case "array":
      return mentionedAdts(ty.element);
    case "ref":
    case "ptr":
      return mentionedAdts(ty.pointee);
    case "adt":
      return [ty.def, ...ty.args.flatMap(mentionedAdts)];
    case "fnptr":
      return [...ty.params.flatMap(mentionedAdts), ...mentionedAdts(ty.ret)];
    default:
      return [];
  }
}

/** The definitions that a value of `ty` holds in place: not those behind pointers. */
function heldAdts(ty: Ty): AdtDef[] {
  switch (ty.kind) {
    case "tuple":
      return ty.fields.flatMap(heldAdts);
    case "array":
      return heldAdts(ty.element);
    case "adt":
      return [ty.def, ...ty.args.flatMap(heldAdts)];
    default:
      return [];
  }
}

/**
 * The definitions of which a value would hold another one of the same, and so be endless: those on a cycle of fields held in place.
 */
function endlessAdts(defs: readonly AdtDef[]): ReadonlySet<AdtDef> {
  const endless = new Set<AdtDef>();
  const state = new Map<AdtDef, "open" | "done">();
  for (const root of defs) {
    if (state.has(root)) continue;
    const stack: { def: AdtDef; held: AdtDef[] }[] = [];
    const open = (def: AdtDef): void => {
      state.set(def, "open");
      stack.push({ def, held: def.variants.flatMap((v) => v.fields.flatMap((f) => heldAdts(f.ty))) });
    };
    open(root);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.held.pop();
      if (next === undefined) {
        state.set(top.def, "done");
        stack.pop();
      } else if (!state.has(next)) {
        open(next);
      } else if (state.get(next) === "open") {
        endless.add(next);
      }
    }
  }
  return endless;
}

/** Those of `defs` that mention only each other and the prelude. */
function usableAdts(defs: readonly AdtDef[]): ReadonlySet<AdtDef> {
  const usable = new Set(defs);
  for (let changed = true; changed; ) {
    changed = false;
    for (const def of usable) {
      const mentioned = def.variants.flatMap((v) => v.fields.flatMap((f) => mentionedAdts(f.ty)));
      if (mentioned.every((other) => other.prelude || usable.has(other))) continue;
      usable.delete(def);
      changed = true;
    }
  }
  return usable;
}

/** For each function, those whose bodies mention it. */
function usersOf(functions: readonly FnItem[]): ReadonlyMap<FnItem, readonly FnItem[]> {
  const users = new Map<FnItem, FnItem[]>();
  for (const user of functions) {
    if (user.body === undefined) continue;
    for (const used of mentionedFns(user.body)) {
      const list = users.get(used);
      if (list === undefined) users.set(used, [user]);
      else list.push(user);
    }
  }
  return users;
}

/** The functions that `body` calls or takes pointers to. */
function mentionedFns(body: Body): ReadonlySet<FnItem> {
  const found = new Set<FnItem>();
  const operand = (o: Operand): void => {
    if (o.kind === "const" && o.value.kind === "fn") found.add(o.value.item);
  };
  for (const block of body.blocks) {
    for (const statement of block.statements) {
      if (statement.kind !== "assign") continue;
      const { rvalue } = statement;
      if (rvalue.kind === "aggregate") rvalue.operands.forEach(operand);
      else if (rvalue.kind === "use" || rvalue.kind === "cast" || rvalue.kind === "repeat") operand(rvalue.operand);
    }
    const { terminator } = block;
    if (terminator.kind === "call") {
      operand(terminator.func);
      terminator.args.forEach(operand);
    }
  }
  return found;
}
