/** Where code goes on: blocks, by number until their positions are known, and what unwinding does. */

import type { BasicBlock, UnwindAction } from "../mir/syntax.ts";
import type { BodyCx } from "./compile-body.ts";
import {
  OP,
  TRAP_DIVERGING_RETURN,
  UNWIND_CONTINUE,
  UNWIND_TERMINATE_ABI,
  UNWIND_TERMINATE_CLEANUP,
  UNWIND_UNREACHABLE,
} from "./opcodes.ts";

/** What `unwind terminate(reason)` is in code. */
export function terminateAction(reason: string): number {
  return reason === "abi" ? UNWIND_TERMINATE_ABI : UNWIND_TERMINATE_CLEANUP;
}

/** Emits what unwinding does: the position of a cleanup block, or a number below 0. */
export function emitUnwind(cx: BodyCx, action: UnwindAction): void {
  switch (action.kind) {
    case "cleanup":
      emitBlock(cx, action.block);
      return;
    case "continue":
      cx.emit(UNWIND_CONTINUE);
      return;
    case "unreachable":
      cx.emit(UNWIND_UNREACHABLE);
      return;
    case "terminate":
      cx.emit(terminateAction(action.reason));
  }
}

/** Emits a block's number, to become the position of its code. */
export function emitBlock(cx: BodyCx, block: BasicBlock): void {
  cx.blockFixups.push(cx.out.length);
  cx.emit(block);
}

export function emitJump(cx: BodyCx, block: BasicBlock): void {
  cx.emit(OP.Jmp);
  emitBlock(cx, block);
}

/** Goes on behind a call that needs no frame. */
export function emitGoOn(cx: BodyCx, t: { readonly target: BasicBlock | undefined }, cost: number): void {
  cx.flushDeinit(-1, 0);
  if (t.target === undefined) {
    cx.emit(OP.Trap, TRAP_DIVERGING_RETURN);
    return;
  }
  cx.emit(OP.Goto, cost);
  emitBlock(cx, t.target);
}
