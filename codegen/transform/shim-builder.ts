/**
 * `ShimBuilder`: assembles the bodies of functions that the compiler makes itself.
 *
 * Every value gets a local of its own, so that the locals analysis keeps it out of memory.
 */

import { bug } from "../entity/entity.ts";
import type {
  BasicBlock,
  BasicBlockData,
  BinOp,
  Body,
  CastKind,
  FnItem,
  Local,
  LocalDecl,
  Operand,
  Place,
  Rvalue,
  Statement,
  Terminator,
} from "../mir/syntax.ts";
import { TY_UNIT, type Ty } from "../mir/ty.ts";
import { DUMMY_SP } from "../session/diagnostic.ts";

/** The place that is `_index` itself. */
export function local(index: number): Place {
  return { local: index as Local, projection: [] };
}

/** `(*_index)`. */
export function derefOf(index: number): Place {
  return { local: index as Local, projection: [{ kind: "deref" }] };
}

export function copyOf(place: Place): Operand {
  return { kind: "copy", place };
}

export function constInt(ty: Ty, bits: bigint): Operand {
  return { kind: "const", value: { kind: "scalar", ty, bits } };
}

export function constFn(item: FnItem, args: readonly Ty[] = []): Operand {
  return { kind: "const", value: { kind: "fn", item, args } };
}

export class ShimBuilder {
  private readonly locals: LocalDecl[];
  private readonly argCount: number;
  private readonly blocks: (BasicBlockData | undefined)[] = [undefined];
  private current = 0;
  private statements: Statement[] = [];

  constructor(params: readonly Ty[], ret: Ty = TY_UNIT) {
    this.argCount = params.length;
    this.locals = [ret, ...params].map((ty) => ({ ty, mutability: "not" }));
  }

  newLocal(ty: Ty): Place {
    return local(this.locals.push({ ty, mutability: "mut" }) - 1);
  }

  newBlock(): BasicBlock {
    return (this.blocks.push(undefined) - 1) as BasicBlock;
  }

  startBlock(block: BasicBlock): void {
    this.current = block;
    this.statements = [];
  }

  assign(place: Place, rvalue: Rvalue): void {
    this.statements.push({ kind: "assign", place, rvalue, span: DUMMY_SP });
  }

  /** The value of `rvalue`, of type `ty`, in a new local. */
  value(rvalue: Rvalue, ty: Ty): Operand {
    const place = this.newLocal(ty);
    this.assign(place, rvalue);
    return copyOf(place);
  }

  use(operand: Operand, ty: Ty): Operand {
    return this.value({ kind: "use", operand }, ty);
  }

  cast(castKind: CastKind, operand: Operand, ty: Ty): Operand {
    return this.value({ kind: "cast", castKind, operand, ty }, ty);
  }

  binary(op: BinOp, left: Operand, right: Operand, ty: Ty): Operand {
    return this.value({ kind: "binary", op, left, right }, ty);
  }

  /** A call of a function that returns `()`; what follows is in a new block. */
  call(item: FnItem, tyArgs: readonly Ty[], args: readonly Operand[]): void {
    this.callInto(this.newLocal(TY_UNIT), item, tyArgs, args);
  }

  /** `destination = item::<tyArgs>(args)`; what follows is in a new block. */
  callInto(destination: Place, item: FnItem, tyArgs: readonly Ty[], args: readonly Operand[]): void {
    const next = this.newBlock();
    const func = constFn(item, tyArgs);
    this.terminate({ kind: "call", func, args, destination, target: next, unwind: { kind: "continue" }, span: DUMMY_SP });
    this.startBlock(next);
  }

  goto(target: BasicBlock): void {
    this.terminate({ kind: "goto", target, span: DUMMY_SP });
  }

  switchInt(discr: Operand, values: readonly bigint[], targets: readonly BasicBlock[], otherwise: BasicBlock): void {
    this.terminate({ kind: "switchInt", discr, values, targets, otherwise, span: DUMMY_SP });
  }

  return(): void {
    this.terminate({ kind: "return", span: DUMMY_SP });
  }

  unreachable(): void {
    this.terminate({ kind: "unreachable", span: DUMMY_SP });
  }

  terminate(terminator: Terminator): void {
    this.blocks[this.current] = { statements: this.statements, terminator, isCleanup: false };
    this.statements = [];
  }

  finish(): Body {
    const blocks = this.blocks.map((block, i) => {
      if (block === undefined) throw bug(`bb${i} of a shim has no terminator`);
      return block;
    });
    return { locals: this.locals, argCount: this.argCount, blocks };
  }
}
