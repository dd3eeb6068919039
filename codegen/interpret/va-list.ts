/**
 * C-variadic calls: the arguments behind the fixed ones become a list, and the callee's last argument is a `VaList` that names it.
 *
 * Of the `VaList`'s bytes the first four are the list's number and the next four the number of the argument that `va_arg` takes next, so
 * that a copy of it goes on by itself. What lies in lists stays there for the rest of the run.
 */

import { bug } from "../entity/entity.ts";
import type { Ty, TyCtxt } from "../mir/ty.ts";
import { type CallLayout, SLOT } from "./frame.ts";
import { storeValue } from "./leaf-memory.ts";
import { GLOBAL } from "./memory.ts";
import type { TypeInfo } from "./type-info.ts";
import { Unsupported } from "./ub.ts";
import type { Vm } from "./vm.ts";

/** An argument of a list, and where its bytes are. */
export interface VaArgument {
  readonly info: TypeInfo;
  readonly at: number;
}

/** A call that makes a list: of the parameters behind `list`, which is the `VaList`'s own. */
export interface VaSite {
  readonly call: CallLayout;
  readonly list: number;
}

/** @throws Unsupported when the program has no `VaList` */
export function vaListTy(tcx: TyCtxt): Ty {
  const def = tcx.adts.get("std::ffi::VaList");
  if (def === undefined) throw new Unsupported("a C-variadic call without `std::ffi::VaList`");
  return tcx.adt(def);
}

/** Makes the list of the call that the running frame is about to make, and the `VaList` among its arguments. */
export function makeVaList(vm: Vm, { call, list }: VaSite): void {
  const { memory: m, regs, vaLists } = vm;
  const base = vm.fp + vm.fn.frameWords;
  const memoryBase = vm.mp + vm.fn.frameMemory;
  const passed = call.params.slice(list + 1).map(({ info, slot, offset }): VaArgument => {
    const at = m.base[m.allocateHeap(info.size, info.align, GLOBAL)]!;
    if (info.repr === "mem") m.copyRaw(memoryBase + offset, at, info.size);
    else if (info.repr === "flat") storeValue(m, regs, info, base + slot, at);
    return { info, at };
  });
  const own = call.params[list];
  if (own?.info.repr !== "flat") throw bug("a `VaList` that does not fit registers");
  own.info.leaves.forEach((_, k) => {
    const a = base + own.slot + k * SLOT;
    regs.R.fill(0, a, a + SLOT);
    regs.S[a] = 1;
  });
  regs.R[base + own.slot] = vaLists.push(passed) - 1;
}
