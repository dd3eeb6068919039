/** A body that mutations edit: lists that may change, with the few edits that several mutations need. */

import {
  type BasicBlock,
  type Body,
  build,
  type Local,
  type LocalDecl,
  type Operand,
  type Place,
  placeTy,
  type Rvalue,
  type Statement,
  type Terminator,
  type Ty,
  type TyCtxt,
} from "../../codegen/index.ts";

export interface OpenBlock {
  statements: Statement[];
  terminator: Terminator;
  isCleanup: boolean;
}

export class OpenBody {
  readonly tcx: TyCtxt;
  readonly argCount: number;
  readonly locals: LocalDecl[];
  readonly blocks: OpenBlock[];

  constructor(body: Body, tcx: TyCtxt) {
    this.tcx = tcx;
    this.argCount = body.argCount;
    this.locals = [...body.locals];
    this.blocks = body.blocks.map((block) => ({ ...block, statements: [...block.statements] }));
  }

  close(): Body {
    return { locals: this.locals, argCount: this.argCount, blocks: this.blocks };
  }

  local(ty: Ty): Local {
    this.locals.push({ ty, mutability: "mut" });
    return (this.locals.length - 1) as Local;
  }

  tyOf(place: Place): Ty {
    return placeTy(this, place, this.tcx).ty;
  }

  block(statements: Statement[], terminator: Terminator, isCleanup: boolean): BasicBlock {
    this.blocks.push({ statements, terminator, isCleanup });
    return (this.blocks.length - 1) as BasicBlock;
  }

  /** A new local that holds `rvalue`; `into` takes the assignment. */
  temp(ty: Ty, rvalue: Rvalue, into: Statement[]): Local {
    const local = this.local(ty);
    into.push(build.assign(local, rvalue));
    return local;
  }

  /** Cuts a block in two before its statement `at`; what is put at the end of the first half must lead to the block that is returned. */
  split(block: number, at: number): BasicBlock {
    const open = this.blocks[block]!;
    const rest = this.block(open.statements.splice(at), open.terminator, open.isCleanup);
    open.terminator = build.goto(rest);
    return rest;
  }
}

export function wholeLocal(operand: Operand): Local | undefined {
  return operand.kind !== "const" && operand.place.projection.length === 0 ? operand.place.local : undefined;
}

export function isPointer(ty: Ty): ty is Extract<Ty, { kind: "ptr" | "ref" }> {
  return ty.kind === "ptr" || ty.kind === "ref";
}

export function isSizedPointee(ty: Ty): boolean {
  return ty.kind !== "str" && ty.kind !== "slice" && ty.kind !== "dynamic" && ty.kind !== "foreign";
}

export function isScalar(ty: Ty): boolean {
  return ["int", "uint", "bool", "char", "float"].includes(ty.kind);
}
