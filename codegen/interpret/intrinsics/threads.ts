/** Threads, which programs start by these functions of ours. */

import { YIELDED } from "../vm.ts";
import type { Intrinsic } from "./intrinsic.ts";

export const THREADS: readonly Intrinsic[] = [
  {
    name: "thread_spawn",
    signature: "fn thread_spawn(f: fn(*mut ()), argument: *mut ()) -> u64",
    run: (call) => call.setNumber(call.vm.spawn(call.pointer(0), call.param(0).ty, call.pointer(1))),
  },
  {
    name: "thread_join",
    signature: "fn thread_join(thread: u64)",
    run: (call) => {
      const { threads, thread } = call.vm;
      const other = threads.thread(call.number(0));
      if (other === undefined || other === thread)
        throw call.ub("intrinsicPrecondition", `\`thread_join\` of ${call.number(0)}, which is no other thread`);
      if (other.state === "done") {
        threads.detector?.threadJoined(thread.id, other.id);
        return;
      }
      thread.state = "joining";
      thread.joining = other.id;
      throw YIELDED;
    },
  },
  {
    name: "thread_yield",
    signature: "fn thread_yield()",
    run: (call) => {
      if (call.vm.threads.several) throw YIELDED;
    },
  },
];
