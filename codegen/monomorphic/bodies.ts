/**
 * Bodies of the monomorphic program. First every mention of an item is resolved, while types are still those that traits know; then every type is
 * replaced by its own.
 */

import { UnsupportedError } from "../mir/custom-mir/support.ts";
import { operandTy } from "../mir/place-ty.ts";
import type { BasicBlockData, Body, Const, Operand, Rvalue, Statement, Terminator } from "../mir/syntax.ts";
import type { Ty } from "../mir/ty.ts";
import { type Mapper, mapBody, mapList, mapOperand, mapRvalue, mapStatement, mapTerminator } from "../mir/visit.ts";
import { monoReachable } from "../monomorphize/mono-reachable.ts";
import { resolveClosureFnPtr, resolveFnPtr } from "../monomorphize/resolve.ts";
import { coerceUnsized } from "../traits/unsize.ts";
import type { MonomorphicCx } from "./cx.ts";
import { calleeOf, monoCallee } from "./functions.ts";
import { monoAlloc, monoConst, monoStatic } from "./globals.ts";
import { monoTy } from "./types.ts";

/** `body`, whose arguments are filled in, with the items and types of the monomorphic program. */
export function monoBody(cx: MonomorphicCx, body: Body): Body {
  const { scopes: _, ...resolved } = new Resolver(cx, body).run();
  const mapped = mapBody(resolved, { ty: (ty) => monoTy(cx, ty), rvalue: structAggregate });
  return { ...mapped, locals: mapList(body.locals, (decl) => ({ ...decl, ty: monoTy(cx, decl.ty) })) };
}

/** A closure is a struct by now. */
function structAggregate(rvalue: Rvalue): Rvalue {
  if (rvalue.kind !== "aggregate" || rvalue.aggregate.kind !== "closure" || rvalue.aggregate.ty.kind !== "adt")
    return rvalue;
  const { ty } = rvalue.aggregate;
  return { ...rvalue, aggregate: { kind: "adt", ty, def: ty.def, variant: 0 } };
}

class Resolver {
  private readonly cx: MonomorphicCx;
  private readonly body: Body;
  private readonly mapper: Mapper;

  constructor(cx: MonomorphicCx, body: Body) {
    this.cx = cx;
    this.body = body;
    this.mapper = { constant: (value) => this.value(value) };
  }

  run(): Body {
    // What only a switch on a constant could lead to is not there to be resolved.
    const reached = monoReachable(this.body, this.cx.mono);
    return {
      ...this.body,
      blocks: this.body.blocks.map((block, i) => (reached[i] === 1 ? this.block(block) : neverReached(block))),
    };
  }

  private block({ statements, terminator, isCleanup }: BasicBlockData): BasicBlockData {
    return {
      statements: statements.map((each) => this.statement(each)),
      terminator: this.terminator(terminator),
      isCleanup,
    };
  }

  private statement(statement: Statement): Statement {
    if (statement.kind !== "assign") return mapStatement(statement, this.mapper);
    return { ...statement, rvalue: this.rvalue(statement.rvalue) };
  }

  private rvalue(rvalue: Rvalue): Rvalue {
    if (rvalue.kind === "threadLocalRef") return { ...rvalue, item: monoStatic(this.cx, rvalue.item) };
    return rvalue.kind === "cast" ? this.cast(rvalue) : mapRvalue(rvalue, this.mapper);
  }

  private cast(rvalue: Extract<Rvalue, { kind: "cast" }>): Rvalue {
    const { cx } = this;
    const from = operandTy(this.body, rvalue.operand, cx.tcx);
    switch (rvalue.castKind) {
      case "ReifyFnPointer":
        if (from.kind !== "fndef") break;
        return {
          ...rvalue,
          operand: { kind: "const", value: calleeOf(cx, resolveFnPtr(cx.mono, from.item, from.args)) },
        };
      case "ClosureFnPointer": {
        if (from.kind !== "closure") break;
        const value = calleeOf(cx, resolveClosureFnPtr(cx.mono, from));
        return { ...rvalue, castKind: "ReifyFnPointer", operand: { kind: "const", value } };
      }
      case "Unsize":
        this.unsize(from, rvalue.ty);
        break;
    }
    return mapRvalue(rvalue, this.mapper);
  }

  private unsize(from: Ty, to: Ty): void {
    const { cx } = this;
    const coercion = coerceUnsized(cx.mono.traits, from, to);
    if (coercion === undefined) return;
    if (coercion.path.length > 0) throw new UnsupportedError("a smart pointer of the program's own is unsized");
    if (coercion.info.kind === "vtable") cx.work.push({ kind: "vtable", ty: coercion.info.ty, dyn: coercion.info.dyn });
  }

  private terminator(terminator: Terminator): Terminator {
    if (terminator.kind !== "call" && terminator.kind !== "tailCall") return mapTerminator(terminator, this.mapper);
    const func = this.callee(terminator.func);
    const args = terminator.args.map((arg) => mapOperand(arg, this.mapper));
    return { ...terminator, func, args };
  }

  private callee(func: Operand): Operand {
    const ty = operandTy(this.body, func, this.cx.tcx);
    if (ty.kind !== "fndef") return mapOperand(func, this.mapper);
    return { kind: "const", value: monoCallee(this.cx, ty.item, ty.args) };
  }

  /** A constant that is no callee. */
  private value(value: Const): Const {
    const { cx } = this;
    switch (value.kind) {
      case "fn":
        return { kind: "zst", ty: cx.tcx.fnDef(value.item, value.args) };
      case "unevaluated":
        return monoConst(cx, value.item, value.args, value.ty);
      case "static":
        return { ...value, item: monoStatic(cx, value.item) };
      case "alloc":
        return { ...value, alloc: monoAlloc(cx, value.alloc) };
      default:
        return value;
    }
  }
}

function neverReached({ terminator, isCleanup }: BasicBlockData): BasicBlockData {
  return { statements: [], terminator: { kind: "unreachable", span: terminator.span }, isCleanup };
}
