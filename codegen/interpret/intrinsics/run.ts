/** Calls of intrinsics, as the machine makes them. */

import type { Vm } from "../vm.ts";
import { IntrinsicCall } from "./intrinsic.ts";

const calls = new WeakMap<Vm, IntrinsicCall>();

/** Runs the intrinsic of the call site of number `index`, in the running frame. */
export function runIntrinsic(vm: Vm, index: number): void {
  let call = calls.get(vm);
  if (call === undefined) {
    call = new IntrinsicCall(vm);
    calls.set(vm, call);
  }
  const site = vm.prepared.sites[index]!;
  call.begin(site);
  site.intrinsic.run(call);
}
