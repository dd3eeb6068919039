/** Threads: what their order may be, and races. */

import { describe, expect, it } from "vitest";
import { runWith, valuesOf, verdictOf } from "./testing/run-text.ts";

const DECLARATIONS = `extern "C" {
  fn thread_spawn(_1: fn(*mut ()), _2: *mut ()) -> u64; fn thread_join(_1: u64) -> (); fn thread_yield() -> ();
  fn atomic_xadd_seqcst<T>(_1: *mut T, _2: T) -> T; fn atomic_store_release<T>(_1: *mut T, _2: T) -> ();
  fn atomic_load_acquire<T>(_1: *const T) -> T; fn atomic_load_relaxed<T>(_1: *const T) -> T;
}`;
const WORK = "fn(*mut ())";
const REIFY = `as ${WORK} (PointerCoercion(ReifyFnPointer(Safe), Implicit))`;

/** Two threads run `work` on `_1: (u32, u32)`, one after the other when `joined` early. */
function twoThreads(work: string, joined: boolean): string {
  const spawn = (to: number, next: number): string =>
    `_${to} = thread_spawn(copy _6, copy _3) -> [return: bb${next}, unwind continue];`;
  const join = (of: number, next: number): string =>
    `_7 = thread_join(copy _${of}) -> [return: bb${next}, unwind continue];`;
  const order = joined
    ? [spawn(4, 1), join(4, 2), spawn(5, 3), join(5, 4)]
    : [spawn(4, 1), spawn(5, 2), join(4, 3), join(5, 4)];
  return `${DECLARATIONS} ${work}
    fn main() -> () {
      let mut _1: (u32, u32); let mut _2: *mut (u32, u32); let mut _3: *mut (); let mut _4: u64; let mut _5: u64; let mut _6: ${WORK}; let mut _7: (); let mut _8: u32;
      bb0: { _1 = (const 0_u32, const 0_u32); _2 = &raw mut _1; _3 = copy _2 as *mut () (PtrToPtr); _6 = work ${REIFY}; ${order[0]} }
      bb1: { ${order[1]} } bb2: { ${order[2]} } bb3: { ${order[3]} }
      bb4: { _8 = copy (_1.0: u32); _7 = observe::<u32>(const 0_u32, copy _8) -> [return: bb5, unwind continue]; }
      bb5: { return; }
    }`;
}

const PLAIN = `fn work(_1: *mut ()) -> () { let mut _2: *mut u32;
  bb0: { _2 = copy _1 as *mut u32 (PtrToPtr); (*_2) = Add(copy (*_2), const 1_u32); return; } }`;
const ATOMIC = `fn work(_1: *mut ()) -> () { let mut _2: *mut u32; let mut _3: u32;
  bb0: { _2 = copy _1 as *mut u32 (PtrToPtr); _3 = atomic_xadd_seqcst::<u32>(copy _2, const 1_u32) -> [return: bb1, unwind continue]; }
  bb1: { return; } }`;

/** The first to come writes the plain value and raises the flag; the other waits for it, and reads. */
function messagePassing(load: string): string {
  return twoThreads(
    `fn work(_1: *mut ()) -> () { let mut _2: *mut (u32, u32); let mut _3: u32; let mut _4: *mut u32; let mut _5: *mut u32; let mut _6: (); let mut _7: *const u32;
      bb0: { _2 = copy _1 as *mut (u32, u32) (PtrToPtr); _4 = &raw mut ((*_2).1: u32); _5 = &raw mut ((*_2).0: u32); _7 = copy _4 as *const u32 (PtrToPtr); _3 = atomic_xadd_seqcst::<u32>(copy _4, const 1_u32) -> [return: bb1, unwind continue]; }
      bb1: { switchInt(copy _3) -> [0: bb2, 9: bb6, otherwise: bb4]; }
      bb2: { (*_5) = const 7_u32; _6 = atomic_store_release::<u32>(copy _4, const 9_u32) -> [return: bb3, unwind continue]; }
      bb3: { return; }
      bb4: { _3 = ${load}::<u32>(copy _7) -> [return: bb5, unwind continue]; }
      bb5: { switchInt(copy _3) -> [9: bb6, otherwise: bb7]; }
      bb6: { (*_5) = Add(copy (*_5), const 1_u32); return; }
      bb7: { _6 = thread_yield() -> [return: bb4, unwind continue]; }
    }`,
    false,
  );
}

describe("threads", () => {
  const run = (text: string, seed: number): ReturnType<typeof runWith> => runWith(text, {}, { fuel: 100_000, seed });

  it("come to the end of blocks that are longer than any slice", () => {
    const statements = Array.from({ length: 200 }, (_, i) => `_3 = const ${i}_u32;`).join(" ");
    const work = `fn work(_1: *mut ()) -> () { let mut _2: *mut u32; let mut _3: u32; bb0: { ${statements} goto -> bb1; }
      bb1: { _2 = copy _1 as *mut u32 (PtrToPtr); _3 = atomic_xadd_seqcst::<u32>(copy _2, const 1_u32) -> [return: bb2, unwind continue]; } bb2: { return; } }`;
    for (let seed = 0; seed < 10; seed++) expect(valuesOf(run(twoThreads(work, false), seed))).toEqual([2n]);
  });

  it("own the locals of their first frame", () => {
    const work = `fn work(_1: *mut ()) -> () { let mut _2: u32; let mut _3: *mut u32; bb0: { _2 = const 1_u32; _3 = &raw mut _2; (*_3) = const 2_u32; return; } }`;
    for (let seed = 0; seed < 10; seed++) expect(valuesOf(run(twoThreads(work, false), seed))).toEqual([0n]);
  });

  it("work one after the other when they are joined", () => {
    for (let seed = 0; seed < 10; seed++) expect(valuesOf(run(twoThreads(PLAIN, true), seed))).toEqual([2n]);
  });

  it("race when two write the same bytes", () => {
    for (let seed = 0; seed < 10; seed++) expect(verdictOf(run(twoThreads(PLAIN, false), seed))).toBe("dataRace");
  });

  it("do not race by atomic operations", () => {
    for (let seed = 0; seed < 10; seed++) expect(valuesOf(run(twoThreads(ATOMIC, false), seed))).toEqual([2n]);
  });

  it("hand over what a release published to an acquire", () => {
    for (let seed = 0; seed < 10; seed++)
      expect(valuesOf(run(messagePassing("atomic_load_acquire"), seed))).toEqual([8n]);
  });

  it("race where a relaxed load is all there is", () => {
    const verdicts = Array.from({ length: 60 }, (_, seed) =>
      verdictOf(run(messagePassing("atomic_load_relaxed"), seed)),
    );
    expect(verdicts).toContain("dataRace");
  });

  it("let others run where they spin, by core's hint as well", () => {
    const text = messagePassing("atomic_load_acquire");
    const spinning = `#[rustc_intrinsic] fn std::hint::spin_loop() -> (); ${text.replace("= thread_yield()", "= std::hint::spin_loop()")}`;
    for (let seed = 0; seed < 10; seed++) expect(valuesOf(run(spinning, seed))).toEqual([8n]);
  });

  it("are a deadlock when the main thread waits for itself in a circle", () => {
    const text = twoThreads(
      "fn work(_1: *mut ()) -> () { let mut _2: (); bb0: { _2 = thread_join(const 0_u64) -> [return: bb1, unwind continue]; } bb1: { return; } }",
      false,
    );
    expect(verdictOf(run(text, 0))).toBe("deadlock");
  });
});
