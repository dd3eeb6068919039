/**
 * Building the bodies of shims: blocks are made from the end, each with its terminator, so that a block's targets are there before it.
 *
 * The entry block, 0, is set last.
 */

import { bug } from "../../entity/entity.ts";
import type {
  BasicBlock,
  BasicBlockData,
  Body,
  Local,
  LocalDecl,
  Operand,
  Place,
  Statement,
  Terminator,
  UnwindAction,
} from "../../mir/syntax.ts";
import { START_BLOCK } from "../../mir/syntax.ts";
import type { Ty } from "../../mir/ty.ts";
import { DUMMY_SP } from "../../session/diagnostic.ts";

export const CONTINUE: UnwindAction = { kind: "continue" };
/** What a panic in a cleanup block does: a second one while unwinding ends the program. */
export const TERMINATE: UnwindAction = { kind: "terminate", reason: "cleanup" };

/** The block that unwinding goes to; `undefined` inside of cleanup, where a panic terminates. */
export type Unwind = BasicBlock | undefined;

export function unwindTo(block: Unwind): UnwindAction {
  return block === undefined ? TERMINATE : { kind: "cleanup", block };
}

export class ShimBody {
  readonly argCount: number;
  private readonly locals: LocalDecl[];
  private readonly blocks: (BasicBlockData | undefined)[] = [undefined];

  constructor(params: readonly Ty[], ret: Ty) {
    this.argCount = params.length;
    this.locals = [{ ty: ret, mutability: "mut" }];
    for (const ty of params) this.locals.push({ ty, mutability: "not" });
  }

  newLocal(ty: Ty): Local {
    return (this.locals.push({ ty, mutability: "mut" }) - 1) as Local;
  }

  /** A block that is `set` later, because it is part of a loop. */
  reserve(): BasicBlock {
    return (this.blocks.push(undefined) - 1) as BasicBlock;
  }

  set(block: BasicBlock, isCleanup: boolean, statements: readonly Statement[], terminator: Terminator): void {
    if (this.blocks[block] !== undefined) throw bug(`bb${block} is set twice`);
    this.blocks[block] = { statements, terminator, isCleanup };
  }

  add(isCleanup: boolean, statements: readonly Statement[], terminator: Terminator): BasicBlock {
    const block = this.reserve();
    this.set(block, isCleanup, statements, terminator);
    return block;
  }

  /** The block of normal control flow that returns. */
  addReturn(): BasicBlock {
    return this.add(false, [], { kind: "return", span: DUMMY_SP });
  }

  /** The cleanup block that lets the unwinding go on. */
  addResume(): BasicBlock {
    return this.add(true, [], { kind: "unwindResume", span: DUMMY_SP });
  }

  finish(statements: readonly Statement[], terminator: Terminator): Body {
    this.set(START_BLOCK, false, statements, terminator);
    const blocks = this.blocks.map((block, i): BasicBlockData => {
      if (block === undefined) throw bug(`bb${i} is not set`);
      return block;
    });
    return { locals: this.locals, argCount: this.argCount, blocks };
  }
}

export function dropTerminator(place: Place, target: BasicBlock, unwind: UnwindAction): Terminator {
  return { kind: "drop", place, target, unwind, span: DUMMY_SP };
}

export function callTerminator(
  destination: Place,
  func: Operand,
  args: readonly Operand[],
  target: BasicBlock,
  unwind: UnwindAction,
): Terminator {
  return { kind: "call", func, args, destination, target, unwind, span: DUMMY_SP };
}
