/**
 * Building MIR in code: small constructors for places, operands, rvalues, statements and terminators, and `BodyBuilder`, which hands out
 * locals and blocks and checks in the end that every block is terminated.
 */

import { bug } from "../entity/entity.ts";
import { DUMMY_SP } from "../session/diagnostic.ts";
import { intBits } from "./literal.ts";
import type {
  AssertKind,
  BasicBlock,
  BasicBlockData,
  BinOp,
  Body,
  CastKind,
  Const,
  FnItem,
  InlineAttr,
  Local,
  LocalDecl,
  Operand,
  Place,
  PlaceElem,
  Rvalue,
  Statement,
  Terminator,
  UnOp,
  UnwindAction,
} from "./syntax.ts";
import { isIntegral, type Mutability, TY_BOOL, TY_CHAR, TY_UNIT, type Ty, type TyCtxt, type TyOf } from "./ty.ts";

const NO_PROJECTION: readonly PlaceElem[] = [];
const DEREF: PlaceElem = { kind: "deref" };

// Places.

export function place(local: number, ...projection: readonly PlaceElem[]): Place {
  return { local: local as Local, projection: projection.length === 0 ? NO_PROJECTION : projection };
}

/** `base` with more projections behind its own. */
export function project(base: Place, ...projection: readonly PlaceElem[]): Place {
  return { local: base.local, projection: [...base.projection, ...projection] };
}

export function deref(): PlaceElem {
  return DEREF;
}

export function field(index: number, ty: Ty): PlaceElem {
  return { kind: "field", index, ty };
}

export function indexBy(local: number): PlaceElem {
  return { kind: "index", local: local as Local };
}

export function constantIndex(offset: number, minLength: number, fromEnd = false): PlaceElem {
  return { kind: "constantIndex", offset, minLength, fromEnd };
}

/** `as Variant`, of the enum `ty`. */
export function downcast(ty: Ty, variant: number): PlaceElem {
  const def = ty.kind === "adt" ? ty.def.variants[variant] : undefined;
  if (def === undefined) throw bug(`${ty.text} has no variant ${variant}`);
  return { kind: "downcast", variant, name: def.name };
}

// Operands.

/** Accepts a bare local where a place is wanted. */
export type PlaceLike = Place | number;

function asPlace(p: PlaceLike): Place {
  return typeof p === "number" ? place(p) : p;
}

export function copy(p: PlaceLike): Operand {
  return { kind: "copy", place: asPlace(p) };
}

export function move(p: PlaceLike): Operand {
  return { kind: "move", place: asPlace(p) };
}

export function constant(value: Const): Operand {
  return { kind: "const", value };
}

/** A scalar by its bits. */
export function constBits(ty: Ty, bits: bigint): Operand {
  return constant({ kind: "scalar", ty, bits });
}

/** An integer by its value, wrapped to the type's width. */
export function constInt(ty: Ty, value: bigint | number): Operand {
  if (!isIntegral(ty)) throw bug(`${ty.text} is no integer type`);
  return constBits(ty, BigInt.asUintN(intBits(ty), BigInt(value)));
}

export function constBool(value: boolean): Operand {
  return constBits(TY_BOOL, value ? 1n : 0n);
}

export function constChar(codePoint: number): Operand {
  return constBits(TY_CHAR, BigInt(codePoint));
}

export function constZst(ty: Ty): Operand {
  return constant({ kind: "zst", ty });
}

export function constUnit(): Operand {
  return constZst(TY_UNIT);
}

export function fnRef(item: FnItem, args: readonly Ty[] = []): Operand {
  return constant({ kind: "fn", item, args });
}

// Rvalues.

export function use(operand: Operand): Rvalue {
  return { kind: "use", operand };
}

export function binary(op: BinOp, left: Operand, right: Operand): Rvalue {
  return { kind: "binary", op, left, right };
}

export function unary(op: UnOp, operand: Operand): Rvalue {
  return { kind: "unary", op, operand };
}

export function cast(castKind: CastKind, operand: Operand, ty: Ty): Rvalue {
  return { kind: "cast", castKind, operand, ty };
}

export function refTo(mutability: Mutability, p: PlaceLike): Rvalue {
  return { kind: "ref", mutability, place: asPlace(p) };
}

export function rawPtrTo(mutability: Mutability, p: PlaceLike): Rvalue {
  return { kind: "rawPtr", mutability, place: asPlace(p) };
}

export function discriminantOf(p: PlaceLike): Rvalue {
  return { kind: "discriminant", place: asPlace(p) };
}

export function repeat(operand: Operand, count: number): Rvalue {
  return { kind: "repeat", operand, count };
}

export function tupleOf(...operands: readonly Operand[]): Rvalue {
  return { kind: "aggregate", aggregate: { kind: "tuple" }, operands };
}

export function arrayOf(element: Ty, operands: readonly Operand[]): Rvalue {
  return { kind: "aggregate", aggregate: { kind: "array", element }, operands };
}

/** A struct (variant 0) or an enum's variant. */
export function adtOf(ty: Ty, variant: number, operands: readonly Operand[]): Rvalue {
  if (ty.kind !== "adt") throw bug(`${ty.text} is no struct or enum`);
  return { kind: "aggregate", aggregate: { kind: "adt", ty, def: ty.def, variant }, operands };
}

// Statements.

export function assign(p: PlaceLike, rvalue: Rvalue): Statement {
  return { kind: "assign", place: asPlace(p), rvalue, span: DUMMY_SP };
}

export function storageLive(local: number): Statement {
  return { kind: "storageLive", local: local as Local, span: DUMMY_SP };
}

export function storageDead(local: number): Statement {
  return { kind: "storageDead", local: local as Local, span: DUMMY_SP };
}

export function assume(operand: Operand): Statement {
  return { kind: "assume", operand, span: DUMMY_SP };
}

export function setDiscriminant(p: PlaceLike, variant: number): Statement {
  return { kind: "setDiscriminant", place: asPlace(p), variant, span: DUMMY_SP };
}

// Terminators.

const CONTINUE: UnwindAction = { kind: "continue" };

export function goto(target: number): Terminator {
  return { kind: "goto", target: target as BasicBlock, span: DUMMY_SP };
}

export function ret(): Terminator {
  return { kind: "return", span: DUMMY_SP };
}

export function unreachable(): Terminator {
  return { kind: "unreachable", span: DUMMY_SP };
}

/** A switch on `discr`; each arm is a value's bits and its block. */
export function switchInt(
  discr: Operand,
  arms: readonly (readonly [bigint, number])[],
  otherwise: number | undefined,
): Terminator {
  return {
    kind: "switchInt",
    discr,
    values: arms.map(([value]) => value),
    targets: arms.map(([, target]) => target as BasicBlock),
    otherwise: otherwise as BasicBlock | undefined,
    span: DUMMY_SP,
  };
}

/** `if cond { then } else { otherwise }`, as rustc builds it. */
export function branch(cond: Operand, then: number, otherwise: number): Terminator {
  return switchInt(cond, [[0n, otherwise]], then);
}

export function call(
  destination: PlaceLike,
  func: Operand,
  args: readonly Operand[],
  target: number | undefined,
): Terminator {
  return {
    kind: "call",
    func,
    args,
    destination: asPlace(destination),
    target: target as BasicBlock | undefined,
    unwind: CONTINUE,
    span: DUMMY_SP,
  };
}

export function assertThat(cond: Operand, expected: boolean, message: AssertKind, target: number): Terminator {
  return { kind: "assert", cond, expected, message, target: target as BasicBlock, unwind: CONTINUE, span: DUMMY_SP };
}

// Items.

/** A function; its body is set when it is built. */
export function newFn(
  name: string,
  params: readonly Ty[],
  retTy: Ty,
  options: { inline?: InlineAttr; abi?: string; generics?: readonly string[]; body?: Body } = {},
): FnItem {
  return {
    name,
    kind: "fn",
    generics: options.generics ?? [],
    params,
    ret: retTy,
    inline: options.inline ?? "none",
    abi: options.abi ?? "Rust",
    body: options.body,
    span: DUMMY_SP,
  };
}

/** Builds one body. Blocks are made before they are filled, so that they can be jumped to. */
export class BodyBuilder {
  readonly tcx: TyCtxt;
  readonly argCount: number;
  private readonly locals: LocalDecl[];
  private readonly statements: Statement[][] = [];
  private readonly terminators: (Terminator | undefined)[] = [];
  private current: BasicBlock;

  /** Starts a body; its entry block is current. */
  constructor(tcx: TyCtxt, params: readonly Ty[], retTy: Ty) {
    this.tcx = tcx;
    this.argCount = params.length;
    this.locals = [{ ty: retTy, mutability: "mut" }];
    for (const ty of params) this.locals.push({ ty, mutability: "not" });
    this.current = this.newBlock();
  }

  newLocal(ty: Ty, mutability: Mutability = "mut"): Local {
    return (this.locals.push({ ty, mutability }) - 1) as Local;
  }

  localTy(local: number): Ty {
    const decl = this.locals[local];
    if (decl === undefined) throw bug(`no local _${local}`);
    return decl.ty;
  }

  newBlock(): BasicBlock {
    this.terminators.push(undefined);
    return (this.statements.push([]) - 1) as BasicBlock;
  }

  /** The block that is being filled. */
  get block(): BasicBlock {
    return this.current;
  }

  switchTo(block: BasicBlock): void {
    if (this.terminators[block] !== undefined) throw bug(`bb${block} is terminated`);
    this.current = block;
  }

  push(statement: Statement): void {
    if (this.terminators[this.current] !== undefined) throw bug(`bb${this.current} is terminated`);
    this.statements[this.current]!.push(statement);
  }

  assign(p: PlaceLike, rvalue: Rvalue): void {
    this.push(assign(p, rvalue));
  }

  /** A new local that holds `rvalue`. */
  temp(ty: Ty, rvalue: Rvalue): Local {
    const local = this.newLocal(ty);
    this.push(assign(local, rvalue));
    return local;
  }

  terminate(terminator: Terminator): void {
    if (this.terminators[this.current] !== undefined) throw bug(`bb${this.current} is terminated`);
    this.terminators[this.current] = terminator;
  }

  /** Terminates the block and goes on in `next`, or in a new block. */
  jump(next: BasicBlock = this.newBlock()): BasicBlock {
    this.terminate(goto(next));
    this.current = next;
    return next;
  }

  /** Calls and goes on in a new block. */
  call(destination: PlaceLike, func: Operand, args: readonly Operand[]): void {
    const next = this.newBlock();
    this.terminate(call(destination, func, args, next));
    this.current = next;
  }

  finish(): Body {
    const blocks = this.statements.map((statements, i): BasicBlockData => {
      const terminator = this.terminators[i];
      if (terminator === undefined) throw bug(`bb${i} is not terminated`);
      return { statements, terminator, isCleanup: false };
    });
    return { locals: this.locals, argCount: this.argCount, blocks };
  }
}

/** The element type of an array type. */
export function elementTy(ty: Ty): Ty {
  if (ty.kind !== "array") throw bug(`${ty.text} is no array`);
  return (ty as TyOf<"array">).element;
}
