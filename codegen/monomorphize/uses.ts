/**
 * What a body uses: the instances and statics that its code, or the constants in it, refer to.
 *
 * As `MirUsedCollector` of rustc_monomorphize/src/collector.rs. Used are: what is called; what a function pointer is made of; the drop
 * glue of what is dropped; the methods, and the glue, in the vtable of what is unsized to a `dyn`; statics; and whatever a constant's
 * allocation points to. Blocks that no path leads to generate no code, so what they mention is not used.
 *
 * The value of a constant item is not known here, so the body of one is searched instead of its value: what it makes pointers to is used,
 * what it only calls is not.
 */

import { bug } from "../entity/entity.ts";
import type { AllocItem, ConstItem, StaticItem } from "../mir/items.ts";
import { operandTy, placeTy } from "../mir/place-ty.ts";
import type { BasicBlockData, Body, Const, FnItem, Operand, Rvalue, Statement, Terminator } from "../mir/syntax.ts";
import type { Ty, TyCtxt } from "../mir/ty.ts";
import { successors } from "../mir/visit.ts";
import { resolveConst } from "../traits/normalize.ts";
import { needsDrop } from "../traits/predicates.ts";
import { coerceUnsized } from "../traits/unsize.ts";
import type { Instance } from "./instance.ts";
import { instanceBody, instantiateBody } from "./instantiate.ts";
import type { MonoCx } from "./mono-cx.ts";
import { isPlain, resolveClosureFnPtr, resolveDrop, resolveFnPtr, resolveInstance, resolveUse } from "./resolve.ts";
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
  /** No trait was asked: the answer is the same in every program. */
  readonly plain: boolean;
}

/** What `body`, the generic body of `instance`, uses. */
export function usesOf(cx: UseCx, instance: Instance, body: Body): Uses {
  const generic = instance.args.length > 0;
  const own = generic || cx.normalizes ? (instanceBody(cx.mono, instance) ?? body) : body;
  const search = new UseSearch(cx, own, generic);
  search.body("code");
  return search.result();
}

/** What the initial value of a static uses. */
export function usesOfStatic(cx: UseCx, item: StaticItem): Uses {
  if (item.body === undefined) throw bug(`the static ${item.name} has no initialiser`);
  const search = new UseSearch(cx, instantiateBody(cx.mono, item.body, []), false);
  search.body("value");
  if (needsDrop(cx.mono.traits, item.ty)) search.drop(item.ty);
  return search.result();
}

/** `code`: the body itself runs. `value`: only what it computes is there at run time. */
type Mode = "code" | "value";

class UseSearch {
  private readonly cx: UseCx;
  private readonly own: Body;
  private readonly uses = new Map<string, Instance>();
  private readonly statics = new Set<StaticItem>();
  private readonly seen = new Set<AllocItem | string>();
  private plain: boolean;

  constructor(cx: UseCx, body: Body, generic: boolean) {
    this.cx = cx;
    this.own = body;
    this.plain = !generic && !cx.normalizes;
  }

  result(): Uses {
    return { uses: [...this.uses.values()], statics: [...this.statics], plain: this.plain };
  }

  body(mode: Mode): void {
    this.blocks(this.own, mode);
  }

  private blocks(body: Body, mode: Mode): void {
    const reached = reachable(body);
    for (let i = 0; i < body.blocks.length; i++) if (reached[i] === 1) this.block(body, body.blocks[i]!, mode);
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
        this.static(rvalue.item);
    }
  }

  private cast(body: Body, rvalue: Extract<Rvalue, { kind: "cast" }>, mode: Mode): void {
    const { operand, castKind } = rvalue;
    switch (castKind) {
      case "ReifyFnPointer":
        this.reify(body, operand);
        return;
      case "ClosureFnPointer": {
        const ty = operandTy(body, operand, this.cx.tcx);
        if (ty.kind !== "closure") throw bug(`a closure's function pointer of ${ty.text}`);
        this.add(this.asks(resolveClosureFnPtr(this.cx.mono, ty)));
        return;
      }
      case "Unsize":
        this.operand(operand, mode);
        this.unsize(operandTy(body, operand, this.cx.tcx), rvalue.ty);
        return;
      default:
        this.operand(operand, mode);
    }
  }

  private reify(body: Body, operand: Operand): void {
    if (operand.kind === "const" && operand.value.kind === "fn") {
      this.fnPtr(operand.value.item, operand.value.args);
      return;
    }
    const ty = operandTy(body, operand, this.cx.tcx);
    if (ty.kind === "fndef") this.fnPtr(ty.item, ty.args);
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
        if (mayNeedDrop(ty)) this.drop(ty);
        return;
      }
      case "switchInt":
        this.operand(terminator.discr, mode);
    }
  }

  private callee(body: Body, func: Operand, mode: Mode): void {
    if (func.kind === "const" && func.value.kind === "fn") {
      if (mode === "code") this.call(func.value.item, func.value.args);
      return;
    }
    if (func.kind === "const" && func.value.kind !== "zst") {
      this.operand(func, mode);
      return;
    }
    const ty = operandTy(body, func, this.cx.tcx);
    if (ty.kind === "fndef" && mode === "code") this.call(ty.item, ty.args);
  }

  private operand(operand: Operand, mode: Mode): void {
    if (operand.kind === "const") this.constant(operand.value, mode);
  }

  private constant(value: Const, mode: Mode): void {
    switch (value.kind) {
      case "fn":
        this.fnPtr(value.item, value.args);
        return;
      case "static":
        this.static(value.item);
        return;
      case "alloc":
        this.alloc(value.alloc);
        return;
      case "aggregate":
        for (const field of value.fields) this.constant(field, mode);
        return;
      case "unevaluated":
        this.constItem(value.item, value.args);
    }
  }

  /** The value of a constant item, by way of its body. */
  private constItem(item: ConstItem, args: readonly Ty[]): void {
    const { mono } = this.cx;
    this.plain = false;
    const found = resolveConst(mono.traits, item, args);
    const key = `${found.item.name}<${found.args.map((a) => a.text).join(",")}>`;
    if (found.item.body === undefined || this.seen.has(key)) return;
    this.seen.add(key);
    this.blocks(instantiateBody(mono, found.item.body, found.args), "value");
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
          this.static(target.item);
          break;
        case "fn":
          this.fnPtr(target.item, target.args);
          break;
        case "vtable":
          this.vtable(target.ty, target.dyn);
      }
    }
  }

  private static(item: StaticItem): void {
    this.statics.add(item);
  }

  private call(item: FnItem, args: readonly Ty[]): void {
    if (needsNoTraits(item, args)) this.add(resolveUse(this.cx.tcx, item, args));
    else this.add(this.asks(resolveInstance(this.cx.mono, item, args)));
  }

  private fnPtr(item: FnItem, args: readonly Ty[]): void {
    if (needsNoTraits(item, args)) this.add(resolveUse(this.cx.tcx, item, args));
    else this.add(this.asks(resolveFnPtr(this.cx.mono, item, args)));
  }

  drop(ty: Ty): void {
    this.add(this.asks(resolveDrop(this.cx.mono, ty)));
  }

  private unsize(from: Ty, to: Ty): void {
    const { mono } = this.cx;
    this.plain = false;
    const coercion = coerceUnsized(mono.traits, from, to);
    if (coercion?.info.kind === "vtable") this.vtable(coercion.info.ty, coercion.info.dyn);
  }

  /** Everything in a vtable, as any of it may be called; the vtables of supertraits have nothing else in them. */
  private vtable(ty: Ty, dyn: Ty): void {
    this.plain = false;
    for (const entry of vtableFor(this.cx.mono, ty, dyn)) {
      if (entry.kind === "method" || entry.kind === "drop") this.add(entry.instance);
    }
  }

  private asks(instance: Instance): Instance {
    this.plain = false;
    return instance;
  }

  private add(instance: Instance | undefined): void {
    if (instance === undefined || instance.item.body === undefined || this.uses.has(instance.symbol)) return;
    this.uses.set(instance.symbol, instance);
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

/** One byte per block: 1 when a path from the entry leads to it. */
function reachable(body: Body): Uint8Array {
  const reached = new Uint8Array(body.blocks.length);
  if (reached.length === 0) return reached;
  const stack = [0];
  reached[0] = 1;
  for (let block = stack.pop(); block !== undefined; block = stack.pop()) {
    for (const target of successors(body.blocks[block]!.terminator)) {
      if (reached[target] === 1) continue;
      reached[target] = 1;
      stack.push(target);
    }
  }
  return reached;
}
