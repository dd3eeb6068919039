/** Tail calls: the running frame ends, and the callee's takes its place. */

import type { CompiledFn } from "./compile.ts";
import type { LoopState } from "./loop-state.ts";
import { stackOverflow } from "./vm.ts";

/** Puts the frame of `callee`, whose arguments lie behind the running one, in the running one's place; answers `callee`. */
export function replaceFrame(vm: LoopState, callee: CompiledFn): CompiledFn {
  const { fn, pc, fp, mp, depth, thread, memory: m } = vm;
  const { R, S } = vm.regs;
  const position = fn.positionBase + pc;
  if (fn.protects && m.borrow?.hasProtectors(depth) === true) {
    m.borrow.position = position;
    m.borrow.protectorEnd(depth);
  }
  for (const slot of fn.taken) if (S[fp + slot] === 1) m.free(R[fp + slot]!, R[fp + slot]!, position);
  const end = mp + callee.frameMemory + callee.outMemory;
  const fits =
    fp + Math.max(fn.frameWords, callee.frameWords) + callee.outWords <= thread.registerEnd &&
    vm.reserveStack(Math.max(end, mp + fn.frameMemory + callee.argumentsEnd));
  if (!fits) throw stackOverflow();
  R.copyWithin(fp, fp + fn.frameWords, fp + fn.frameWords + callee.stateBase);
  S.copyWithin(fp, fp + fn.frameWords, fp + fn.frameWords + callee.stateBase);
  m.copyRaw(mp + fn.frameMemory, mp, callee.argumentsEnd);
  vm.enter(callee, fp, mp);
  return callee;
}
