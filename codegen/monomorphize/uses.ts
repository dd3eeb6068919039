/**
 * What a body uses: the instances and statics that its code, or the constants in it, refer to.
 *
 * As `MirUsedCollector` of rustc_monomorphize/src/collector.rs. Used are: what is called; what a function pointer is made of; the drop
 * glue of what is dropped; the methods, and the glue, in the vtable of what is unsized to a `dyn`; statics; and whatever a constant's
 * allocation points to. Blocks that no path leads to generate no code, so what they mention is not used (`mono-reachable.ts`).
 *
 * *Mentioned* is also what is not used: what stands in blocks that a switch on a constant never goes to, or stood in the body before passes took
 * it out (`mentioned-items.ts`). No code is made for it, but its constants must evaluate all the same, so that whether a program
 * compiles does not depend on the opt-level.
 *
 * The value of a constant item is not known here, so the body of one is searched instead of its value: what it makes pointers to is used,
 * what it only calls is not.
 */

import { bug } from "../entity/entity.ts";
import type { AllocItem, ConstItem, StaticItem } from "../mir/items.ts";
import { operandTy, placeTy } from "../mir/place-ty.ts";
import type { BasicBlockData, Body, Const, FnItem, Operand, Rvalue, Statement, Terminator } from "../mir/syntax.ts";
import type { Ty, TyCtxt } from "../mir/ty.ts";
import { type ResolvedConst, resolveConst } from "../traits/normalize.ts";
import { needsDrop } from "../traits/predicates.ts";
import { coerceUnsized } from "../traits/unsize.ts";
import type { Instance } from "./instance.ts";
import { instanceBody, instantiateBody } from "./instantiate.ts";
import { bodyBeforePasses } from "./mentioned-items.ts";
import type { MonoCx } from "./mono-cx.ts";
import { monoReachable, reachable } from "./mono-reachable.ts";
import {
  isPlain,
  isTrackCaller,
  resolveClosureFnPtr,
  resolveDrop,
  resolveFnPtr,
  resolveInstance,
  resolveUse,
} from "./resolve.ts";
import { vtableFor } from "./vtable.ts";

/** What the search needs to know of the program. */
export interface UseCx {
  readonly tcx: TyCtxt;
  /** Bodies without arguments may have something to normalise all the same. */
  readonly normalizes: boolean;
  readonly mono: MonoCx;
}

export interface Uses {
  /** Each once, in order of first mention. */
  readonly uses: readonly Instance[];
  readonly statics: readonly StaticItem[];
  /** What is mentioned and not used. */
  readonly mentions: readonly Instance[];
  /** The constant items that must evaluate (`required_consts`), with their arguments. */
  readonly consts: readonly ResolvedConst[];
  /** No trait was asked: the answer is the same in every program. */
  readonly plain: boolean;
}

/** What `body`, the generic body of `instance`, uses. */
export function usesOf(cx: UseCx, instance: Instance, body: Body): Uses {
  const generic = instance.args.length > 0;
  const own = generic || cx.normalizes ? (instanceBody(cx.mono, instance) ?? body) : body;
  const search = new UseSearch(cx, generic);
  search.code(own);
  const before = bodyBeforePasses(instance.item);
  if (before !== undefined && before !== body)
    search.mentioned(generic || cx.normalizes ? instantiateBody(cx.mono, before, instance.args) : before);
  return search.result();
}

/** What the initial value of a static uses. */
export function usesOfStatic(cx: UseCx, item: StaticItem): Uses {
  if (item.body === undefined) throw bug(`the static ${item.name} has no initialiser`);
  const search = new UseSearch(cx, false);
  search.value(instantiateBody(cx.mono, item.body, []));
  if (needsDrop(cx.mono.traits, item.ty)) search.drop(item.ty, "value");
  return search.result();
}

/** `code`: the body itself runs. `value`: only what it computes is there at run time. `mention`: neither is. */
type Mode = "code" | "value" | "mention";

class UseSearch {
  private readonly cx: UseCx;
  private readonly uses = new Map<string, Instance>();
  private readonly mentions = new Map<string, Instance>();
  private readonly consts = new Map<string, ResolvedConst>();
  private readonly statics = new Set<StaticItem>();
  private readonly seen = new Set<AllocItem | string>();
  private plain: boolean;

  constructor(cx: UseCx, generic: boolean) {
    this.cx = cx;
    this.plain = !generic && !cx.normalizes;
  }

  result(): Uses {
    const { uses, mentions, consts, statics, plain } = this;
    for (const symbol of uses.keys()) mentions.delete(symbol);
    return {
      uses: [...uses.values()],
      statics: [...statics],
      mentions: [...mentions.values()],
      consts: [...consts.values()],
      plain,
    };
  }

  /** A body that code is made of. */
  code(body: Body): void {
    const reached = this.monoReachable(body);
    const { blocks } = body;
    for (let i = 0; i < blocks.length; i++) if (reached[i] === 1) this.block(body, blocks[i]!, "code");
    if (!reached.includes(0)) return;
    const mentioned = reachable(body);
    for (let i = 0; i < blocks.length; i++)
      if (mentioned[i] === 1 && reached[i] === 0) this.block(body, blocks[i]!, "mention");
  }

  /** The body of a static, or of a constant that is used. */
  value(body: Body): void {
    const reached = this.monoReachable(body);
    for (let i = 0; i < body.blocks.length; i++) if (reached[i] === 1) this.block(body, body.blocks[i]!, "value");
  }

  /** A body that code was to be made of, before passes changed it. */
  mentioned(body: Body): void {
    const reached = reachable(body);
    for (let i = 0; i < body.blocks.length; i++) if (reached[i] === 1) this.block(body, body.blocks[i]!, "mention");
  }

  private monoReachable(body: Body): Uint8Array {
    const { cx } = this;
    return monoReachable(body, cx.normalizes ? cx.mono : undefined);
  }

  private block(body: Body, { statements, terminator }: BasicBlockData, mode: Mode): void {
    for (const statement of statements) this.statement(body, statement, mode);
    this.terminator(body, terminator, mode);
  }

  private statement(body: Body, statement: Statement, mode: Mode): void {
    switch (statement.kind) {
      case "assign":
        this.rvalue(body, statement.rvalue, mode);
        return;
      case "assume":
        this.operand(statement.operand, mode);
        return;
      case "copyNonOverlapping":
        this.operand(statement.src, mode);
        this.operand(statement.dst, mode);
        this.operand(statement.count, mode);
        return;
    }
  }

  private rvalue(body: Body, rvalue: Rvalue, mode: Mode): void {
    switch (rvalue.kind) {
      case "cast":
        this.cast(body, rvalue, mode);
        return;
      case "use":
      case "repeat":
      case "unary":
      case "shallowInitBox":
        this.operand(rvalue.operand, mode);
        return;
      case "binary":
        this.operand(rvalue.left, mode);
        this.operand(rvalue.right, mode);
        return;
      case "aggregate":
        for (const operand of rvalue.operands) this.operand(operand, mode);
        return;
      case "threadLocalRef":
        this.static(rvalue.item, mode);
    }
  }

  private cast(body: Body, rvalue: Extract<Rvalue, { kind: "cast" }>, mode: Mode): void {
    const { operand, castKind } = rvalue;
    switch (castKind) {
      case "ReifyFnPointer":
        this.reify(body, operand, mode);
        return;
      case "ClosureFnPointer": {
        const ty = operandTy(body, operand, this.cx.tcx);
        if (ty.kind !== "closure") throw bug(`a closure's function pointer of ${ty.text}`);
        this.add(this.asks(resolveClosureFnPtr(this.cx.mono, ty)), mode);
        return;
      }
      case "Unsize":
        this.operand(operand, mode);
        this.unsize(operandTy(body, operand, this.cx.tcx), rvalue.ty, mode);
        return;
      default:
        this.operand(operand, mode);
    }
  }

  private reify(body: Body, operand: Operand, mode: Mode): void {
    if (operand.kind === "const" && operand.value.kind === "fn") {
      this.fnPtr(operand.value.item, operand.value.args, mode);
      return;
    }
    const ty = operandTy(body, operand, this.cx.tcx);
    if (ty.kind === "fndef") this.fnPtr(ty.item, ty.args, mode);
  }

  private terminator(body: Body, terminator: Terminator, mode: Mode): void {
    switch (terminator.kind) {
      case "call":
      case "tailCall":
        this.callee(body, terminator.func, mode);
        for (const arg of terminator.args) this.operand(arg, mode);
        return;
      case "drop": {
        if (mode === "value") return;
        const { ty } = placeTy(body, terminator.place, this.cx.tcx);
        if (mayNeedDrop(ty)) this.drop(ty, mode);
        return;
      }
      case "switchInt":
        this.operand(terminator.discr, mode);
    }
  }

  private callee(body: Body, func: Operand, mode: Mode): void {
    if (func.kind === "const" && func.value.kind === "fn") {
      if (mode !== "value") this.call(func.value.item, func.value.args, mode);
      return;
    }
    if (func.kind === "const" && func.value.kind !== "zst") {
      this.operand(func, mode);
      return;
    }
    const ty = operandTy(body, func, this.cx.tcx);
    if (ty.kind === "fndef" && mode !== "value") this.call(ty.item, ty.args, mode);
  }

  private operand(operand: Operand, mode: Mode): void {
    if (operand.kind === "const") this.constant(operand.value, mode);
  }

  private constant(value: Const, mode: Mode): void {
    switch (value.kind) {
      case "static":
        this.static(value.item, mode);
        return;
      case "alloc":
        if (mode !== "mention") this.alloc(value.alloc);
        return;
      case "aggregate":
        for (const field of value.fields) this.constant(field, mode);
        return;
      case "unevaluated":
        this.constItem(value.item, value.args, mode);
    }
  }

  /** The value of a constant item, by way of its body. */
  private constItem(item: ConstItem, args: readonly Ty[], mode: Mode): void {
    const { mono } = this.cx;
    this.plain = false;
    const found = resolveConst(mono.traits, item, args);
    const key = `${found.item.name}<${found.args.map((a) => a.text).join(",")}>`;
    if (mode !== "value") this.consts.set(key, found);
    if (mode === "mention" || found.item.body === undefined || this.seen.has(key)) return;
    this.seen.add(key);
    this.value(instantiateBody(mono, found.item.body, found.args));
  }

  private alloc(alloc: AllocItem): void {
    if (this.seen.has(alloc)) return;
    this.seen.add(alloc);
    for (const { target } of alloc.relocations) {
      switch (target.kind) {
        case "alloc":
          this.alloc(target.alloc);
          break;
        case "static":
          this.static(target.item, "value");
          break;
        case "fn":
          this.fnPtr(target.item, target.args, "value");
          break;
        case "vtable":
          this.vtable(target.ty, target.dyn, "value");
      }
    }
  }

  private static(item: StaticItem, mode: Mode): void {
    if (mode !== "mention") this.statics.add(item);
  }

  private call(item: FnItem, args: readonly Ty[], mode: Mode): void {
    if (needsNoTraits(item, args)) this.add(resolveUse(this.cx.tcx, item, args), mode);
    else this.add(this.asks(resolveInstance(this.cx.mono, item, args)), mode);
  }

  private fnPtr(item: FnItem, args: readonly Ty[], mode: Mode): void {
    if (needsNoTraits(item, args) && !isTrackCaller(item)) this.add(resolveUse(this.cx.tcx, item, args), mode);
    else this.add(this.asks(resolveFnPtr(this.cx.mono, item, args)), mode);
  }

  drop(ty: Ty, mode: Mode): void {
    this.add(this.asks(resolveDrop(this.cx.mono, ty)), mode);
  }

  private unsize(from: Ty, to: Ty, mode: Mode): void {
    const { mono } = this.cx;
    this.plain = false;
    const coercion = coerceUnsized(mono.traits, from, to);
    if (coercion?.info.kind === "vtable") this.vtable(coercion.info.ty, coercion.info.dyn, mode);
  }

  /** Everything in a vtable, as any of it may be called; the vtables of supertraits have nothing else in them. */
  private vtable(ty: Ty, dyn: Ty, mode: Mode): void {
    this.plain = false;
    for (const entry of vtableFor(this.cx.mono, ty, dyn)) {
      if (entry.kind === "method" || entry.kind === "drop") this.add(entry.instance, mode);
    }
  }

  private asks(instance: Instance): Instance {
    this.plain = false;
    return instance;
  }

  private add(instance: Instance | undefined, mode: Mode): void {
    if (instance === undefined || instance.item.body === undefined) return;
    const into = mode === "mention" ? this.mentions : this.uses;
    if (!into.has(instance.symbol)) into.set(instance.symbol, instance);
  }
}

/** The usual case: an intrinsic, or a function that is what it says. */
function needsNoTraits(item: FnItem, args: readonly Ty[]): boolean {
  if (item.kind !== "fn") return isPlain(item);
  return args.length === 0 && item.parent === undefined && isPlain(item);
}

/** False of types that certainly need no drop, without asking a trait. */
function mayNeedDrop(ty: Ty): boolean {
  switch (ty.kind) {
    case "adt":
    case "closure":
    case "dynamic":
    case "alias":
    case "param":
      return true;
    case "tuple":
      return ty.fields.some(mayNeedDrop);
    case "array":
    case "slice":
    case "genericArray":
      return mayNeedDrop(ty.element);
    default:
      return false;
  }
}
