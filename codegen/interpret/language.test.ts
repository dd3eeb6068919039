/** Traits, wide pointers, closures, drops, unwinding, constants and statics, as whole programs. */

import { describe, expect, it } from "vitest";
import { eventsOf, mainOf, runText, runWith, valuesOf, verdictOf } from "./testing/run-text.ts";

const NOISY = `struct Noisy(u32);
impl std::ops::Drop for Noisy { fn drop(_1: &mut Noisy) -> () { let mut _2: ();
  bb0: { _2 = observe::<u32>(const 99_u32, copy ((*_1).0: u32)) -> [return: bb1, unwind continue]; } bb1: { return; } } }`;

/** `main` that observes `_1: u32` at its end; `blocks` go on to each other by number. */
function observing(locals: string, ...blocks: string[]): string {
  const end = blocks.length;
  return mainOf(
    `let mut _1: u32; let mut _2: (); ${locals}`,
    ...blocks,
    `_2 = observe::<u32>(const 0_u32, copy _1) -> [return: bb${end + 1}, unwind continue];`,
    "",
  );
}

describe("slices", () => {
  const SUM = `fn sum(_1: &[u32]) -> u32 { let mut _2: usize; let mut _3: usize; let mut _4: bool; let mut _5: *const [u32];
    bb0: { _2 = const 0_usize; _0 = const 0_u32; _5 = &raw const (*_1); _3 = PtrMetadata(copy _5); goto -> bb1; }
    bb1: { _4 = Lt(copy _2, copy _3); switchInt(move _4) -> [0: bb3, otherwise: bb2]; }
    bb2: { _0 = Add(copy _0, copy (*_1)[_2]); _2 = Add(copy _2, const 1_usize); goto -> bb1; }
    bb3: { return; } }`;
  const LOCALS = "let mut _3: [u32; 5]; let mut _4: &[u32; 5]; let mut _5: &[u32]; let mut _6: &[u32];";
  const MAKE =
    "_3 = [const 1_u32, const 2_u32, const 4_u32, const 8_u32, const 16_u32]; _4 = &_3; _5 = copy _4 as &[u32] (PointerCoercion(Unsize, Implicit));";

  it("carry their length", () => {
    const text = `${SUM} ${observing(LOCALS, `${MAKE} _1 = sum(copy _5) -> [return: bb1, unwind continue];`)}`;
    expect(valuesOf(runText(text))).toEqual([31n]);
  });

  it("are matched from both ends", () => {
    const text = `${SUM} ${observing(
      LOCALS,
      `${MAKE} _6 = &(*_5)[1:-2]; _1 = sum(copy _6) -> [return: bb1, unwind continue];`,
      "_1 = Add(copy _1, copy (*_5)[-1 of 2]); goto -> bb2;",
    )}`;
    expect(valuesOf(runText(text))).toEqual([22n]);
  });

  it("are not indexed beyond their length", () => {
    const text = `fn at(_1: &[u32], _2: usize) -> u32 { bb0: { _0 = copy (*_1)[_2]; return; } }
      ${observing(LOCALS, `${MAKE} _6 = &(*_5)[1:-2]; _1 = at(copy _6, const 2_usize) -> [return: bb1, unwind continue];`)}`;
    expect(verdictOf(runText(text))).toBe("indexOutOfBounds");
  });

  it("are not longer than their memory", () => {
    const text = mainOf(
      "let mut _1: u32; let mut _2: *const u32; let mut _3: *const [u32]; let mut _4: &[u32];",
      "_1 = const 1_u32; _2 = &raw const _1; _3 = *const [u32] from (copy _2, const 2_usize); _4 = &(*_3);",
    );
    expect(verdictOf(runText(text))).toBe("invalidReference");
  });

  it("of bytes are strings, and constants", () => {
    const text = mainOf(
      "let mut _1: &str; let mut _2: ();",
      '_1 = const "hey"; _2 = observe::<&str>(const 0_u32, copy _1) -> [return: bb1, unwind continue];',
      "",
    );
    expect(valuesOf(runText(text))).toEqual([104n, 101n, 121n]);
  });
});

describe("trait objects", () => {
  const SHAPES = `trait Named { fn name(&self) -> u32; }
    trait Shape: Named { fn area(&self) -> u32; }
    struct Square(u32);
    impl Named for Square { fn name(_1: &Square) -> u32 { bb0: { _0 = const 77_u32; return; } } }
    impl Shape for Square { fn area(_1: &Square) -> u32 { bb0: { _0 = Mul(copy ((*_1).0: u32), copy ((*_1).0: u32)); return; } } }
    fn area<T: Shape>(_1: &T) -> u32 { bb0: { _0 = <T as Shape>::area(copy _1) -> [return: bb1, unwind continue]; } bb1: { return; } }`;
  const LOCALS = "let mut _3: Square; let mut _4: &Square; let mut _5: &dyn Shape; let mut _6: &dyn Named;";
  const MAKE = "_3 = Square(const 5_u32); _4 = &_3; _5 = copy _4 as &dyn Shape (PointerCoercion(Unsize, Implicit));";

  it("dispatch by their vtable, and generic functions by their arguments", () => {
    const dynamic = observing(
      LOCALS,
      `${MAKE} _1 = <dyn Shape as Shape>::area(copy _5) -> [return: bb1, unwind continue];`,
    );
    const generic = observing(LOCALS, `${MAKE} _1 = area::<Square>(copy _4) -> [return: bb1, unwind continue];`);
    expect(valuesOf(runText(`${SHAPES} ${dynamic}`))).toEqual([25n]);
    expect(valuesOf(runText(`${SHAPES} ${generic}`))).toEqual([25n]);
  });

  it("are upcast to what their trait extends", () => {
    const text = observing(
      LOCALS,
      `${MAKE} _6 = copy _5 as &dyn Named (PointerCoercion(Unsize, Implicit)); _1 = <dyn Named as Named>::name(copy _6) -> [return: bb1, unwind continue];`,
    );
    expect(valuesOf(runText(`${SHAPES} ${text}`))).toEqual([77n]);
  });

  it("have a vtable for metadata and nothing else", () => {
    const text = mainOf(
      `${LOCALS.replaceAll(/_(\d)/g, (_, n: string) => `_${Number(n) - 2}`)} let mut _5: (&Square, usize);`,
      "_1 = Square(const 5_u32); _2 = &_1; _5 = (copy _2, const 16_usize); _3 = copy _5 as &dyn Shape (Transmute);",
    );
    expect(verdictOf(runText(`${SHAPES} ${text}`))).toBe("invalidVtable");
  });

  it("have a vtable of their own trait", () => {
    const text = observing(
      LOCALS,
      `${MAKE} _6 = copy _4 as &dyn Named (PointerCoercion(Unsize, Implicit)); _5 = copy _6 as &dyn Shape (Transmute); goto -> bb1;`,
    );
    expect(verdictOf(runText(`${SHAPES} ${text}`))).toBe("invalidVtable");
  });
});

describe("closures and function pointers", () => {
  it("are called through function pointers of their own type only", () => {
    const text = (type: string): string => `fn f(_1: u32) -> u32 { bb0: { _0 = Add(copy _1, const 1_u32); return; } }
      ${observing(
        `let mut _3: fn(u32) -> u32; let mut _4: fn(${type}) -> u32;`,
        `_3 = f as fn(u32) -> u32 (PointerCoercion(ReifyFnPointer(Safe), Implicit)); _4 = copy _3 as fn(${type}) -> u32 (Transmute); _1 = copy _4(const 5_${type}) -> [return: bb1, unwind continue];`,
      )}`;
    expect(valuesOf(runText(text("u32")))).toEqual([6n]);
    expect(verdictOf(runText(text("u64")))).toBe("callSignature");
    expect(verdictOf(runText(text("i32")))).toBe("callSignature");
  });

  it("replace their caller's frame by tail calls", () => {
    const text = `fn count(_1: u32, _2: u64) -> u64 { let mut _3: u32; let mut _4: u64;
      bb0: { switchInt(copy _1) -> [0: bb1, otherwise: bb2]; }
      bb1: { _0 = copy _2; return; }
      bb2: { _3 = Sub(copy _1, const 1_u32); _4 = Add(copy _2, const 2_u64); tailcall count(copy _3, copy _4); } }
      ${mainOf("let mut _1: u64; let mut _2: ();", "_1 = count(const 50000_u32, const 0_u64) -> [return: bb1, unwind continue];", "_2 = observe::<u64>(const 0_u32, copy _1) -> [return: bb2, unwind continue];", "")}`;
    expect(valuesOf(runText(text))).toEqual([100000n]);
  });
});

describe("drops and unwinding", () => {
  const BOOM = `fn boom(_1: u32) -> () { let mut _2: Noisy; let mut _3: (u32, bool);
    bb0: { _2 = Noisy(const 1_u32); _3 = AddWithOverflow(copy _1, const 4294967295_u32);
      assert(!move (_3.1: bool), "attempt to compute \`{} + {}\`, which would overflow", copy _1, const 1_u32) -> [success: bb1, unwind: bb2]; }
    bb1: { drop(_2) -> [return: bb3, unwind continue]; }
    bb2 (cleanup): { drop(_2) -> [return: bb4, unwind terminate(cleanup)]; }
    bb3: { return; }
    bb4 (cleanup): { resume; } }`;

  it("drop fields in order", () => {
    const text = `${NOISY} ${mainOf(
      "let mut _1: (Noisy, Noisy); let mut _2: Noisy; let mut _3: Noisy;",
      "_2 = Noisy(const 1_u32); _3 = Noisy(const 2_u32); _1 = (move _2, move _3); drop(_1) -> [return: bb1, unwind continue];",
      "",
    )}`;
    expect(valuesOf(runText(text))).toEqual([1n, 2n]);
  });

  it("clean up when a panic unwinds, which is the last event", () => {
    const text = `${NOISY} ${BOOM} ${mainOf("let mut _1: ();", "_1 = boom(const 5_u32) -> [return: bb1, unwind continue];", "")}`;
    const result = runText(text);
    expect(verdictOf(result)).toBe("panic 2");
    expect(eventsOf(result).map((e) => [e.tag, e.value])).toEqual([
      [99, 1n],
      [0, 2n],
    ]);
  });

  it("abort when unwinding meets the end of what may unwind", () => {
    const call = (action: string): string =>
      `${NOISY} ${BOOM} ${mainOf("let mut _1: ();", `_1 = boom(const 5_u32) -> [return: bb1, unwind ${action}];`, "")}`;
    expect(verdictOf(runText(call("terminate(abi)")))).toBe("abort");
    expect(verdictOf(runText(call("unreachable")))).toBe("unwindUnreachable");
  });

  it("are caught by catch_unwind", () => {
    const text = `${NOISY} ${BOOM}
      extern "C" { fn catch_unwind(_1: fn(*mut u8), _2: *mut u8, _3: fn(*mut u8, *mut u8)) -> i32; }
      fn attempt(_1: *mut u8) -> () { let mut _2: *mut u32; bb0: { _2 = copy _1 as *mut u32 (PtrToPtr); _0 = boom(copy (*_2)) -> [return: bb1, unwind continue]; } bb1: { return; } }
      fn caught(_1: *mut u8, _2: *mut u8) -> () { let mut _3: *mut u32; bb0: { _3 = copy _1 as *mut u32 (PtrToPtr); (*_3) = const 50_u32; return; } }
      ${observing(
        "let mut _3: *mut u32; let mut _4: *mut u8; let mut _5: fn(*mut u8); let mut _6: fn(*mut u8, *mut u8); let mut _7: i32;",
        "_1 = const 5_u32; _3 = &raw mut _1; _4 = copy _3 as *mut u8 (PtrToPtr); _5 = attempt as fn(*mut u8) (PointerCoercion(ReifyFnPointer(Safe), Implicit)); _6 = caught as fn(*mut u8, *mut u8) (PointerCoercion(ReifyFnPointer(Safe), Implicit)); _7 = catch_unwind(copy _5, copy _4, copy _6) -> [return: bb1, unwind continue];",
        "_2 = observe::<i32>(const 1_u32, copy _7) -> [return: bb2, unwind continue];",
      )}`;
    expect(eventsOf(runText(text)).map((e) => e.value)).toEqual([1n, 1n, 50n]);
  });
});

describe("constants and statics", () => {
  it("are evaluated once, and what is mutable stays changed", () => {
    const text = `const K: u32 = { bb0: { _0 = Add(const 40_u32, const 2_u32); return; } }
      static mut COUNT: u32 = { bb0: { _0 = const K; return; } }
      ${observing(
        "let mut _3: *mut u32;",
        "_3 = const {alloc1: *mut u32}; (*_3) = Add(copy (*_3), const K); _1 = copy (*_3); goto -> bb1;",
      )}
      alloc1 (static: COUNT, size: 4, align: 4) {
          2a 00 00 00                                     │ *...
      }`;
    expect(valuesOf(runText(text))).toEqual([84n]);
    expect(valuesOf(runText(text))).toEqual([84n]);
  });

  it("keep what they borrow of their own locals", () => {
    const text = `const PAIR: &(u32, &u32) = { let mut _1: (u32, &u32); let mut _2: u32; let mut _3: &u32;
        bb0: { _2 = const 30_u32; _3 = &_2; _1 = (const 12_u32, copy _3); _0 = &_1; return; } }
      ${observing(
        "let mut _3: &(u32, &u32); let mut _4: &u32;",
        "_3 = const PAIR; _4 = copy ((*_3).1: &u32); _1 = Add(copy ((*_3).0: u32), copy (*_4)); goto -> bb1;",
      )}`;
    expect(valuesOf(runText(text))).toEqual([42n]);
  });

  it("are not written to when they are not mutable", () => {
    const text = mainOf(
      "let mut _1: &str; let mut _2: *mut u8; let mut _3: (*const u8, usize);",
      '_1 = const "hey"; _3 = copy _1 as (*const u8, usize) (Transmute); _2 = copy (_3.0: *const u8) as *mut u8 (PtrToPtr); (*_2) = const 1_u8;',
    );
    expect(verdictOf(runWith(text, { aliasing: "none" }))).toBe("writeToReadOnly");
  });
});

describe("the heap", () => {
  const EXTERN = `extern "C" { fn __rust_alloc(_1: usize, _2: usize) -> *mut u8; fn __rust_dealloc(_1: *mut u8, _2: usize, _3: usize) -> (); }`;
  const use = (body: string, free: string): string =>
    `${EXTERN} ${mainOf(
      "let mut _1: *mut u8; let mut _2: (); let mut _3: *mut u8; let mut _4: u8;",
      "_1 = __rust_alloc(const 16_usize, const 4_usize) -> [return: bb1, unwind continue];",
      `${body} _2 = __rust_dealloc(${free}) -> [return: bb2, unwind continue];`,
      "_4 = copy (*_1);",
    )}`;

  it("is gone when it was freed, which the report tells", () => {
    const { outcome } = runText(use("(*_1) = const 1_u8;", "copy _1, const 16_usize, const 4_usize"));
    expect(outcome.kind === "ub" && outcome.error.kind).toBe("danglingPointer");
    expect(outcome.kind === "ub" && outcome.error.allocation).toMatchObject({
      kind: "heap",
      size: 16,
      alive: false,
      allocatedAt: { function: "main", block: 0 },
      freedAt: { function: "main", block: 1 },
    });
  });

  it("is freed as it was allocated", () => {
    expect(verdictOf(runText(use("", "copy _1, const 8_usize, const 4_usize")))).toBe("invalidDealloc");
    expect(verdictOf(runText(use("", "copy _1, const 16_usize, const 8_usize")))).toBe("invalidDealloc");
    expect(verdictOf(runText(use("_3 = &raw mut _4;", "copy _3, const 1_usize, const 1_usize")))).toBe(
      "invalidDealloc",
    );
  });

  it("is uninitialised until it is written", () => {
    expect(verdictOf(runText(use("_4 = copy (*_1);", "copy _1, const 16_usize, const 4_usize")))).toBe("uninit");
  });
});

describe("unions and ranges", () => {
  it("read the bytes that another field wrote", () => {
    const text = `union Bits { a: u32, b: f32 } ${observing("let mut _3: Bits;", "_3 = Bits { b: const 1f32 }; _1 = copy (_3.0: u32); goto -> bb1;")}`;
    expect(valuesOf(runText(text))).toEqual([0x3f800000n]);
  });

  it("do not hold what their type excludes", () => {
    const text = (value: number): string =>
      `#[rustc_layout_scalar_valid_range_start(1)] struct NonZero(u32); ${mainOf("let mut _1: u32; let mut _2: NonZero;", `_1 = const ${value}_u32; _2 = copy _1 as NonZero (Transmute);`)}`;
    expect(verdictOf(runText(text(1)))).toBe("return");
    expect(verdictOf(runText(text(0)))).toBe("invalidValue");
  });
});

describe("an extern type", () => {
  it("has no size that can be asked for, nor has a struct that ends in one", () => {
    for (const name of ["size_of_val", "align_of_val"]) {
      for (const ty of ["Opaque", "Tail"]) {
        const main = mainOf(
          `let mut _1: u64; let mut _2: *const u64; let mut _3: *const ${ty}; let mut _4: usize;`,
          `_1 = const 5_u64; _2 = &raw const _1; _3 = copy _2 as *const ${ty} (PtrToPtr); _4 = std::intrinsics::${name}::<${ty}>(copy _3) -> [return: bb1, unwind continue];`,
          "",
        );
        const { outcome } = runText(`extern "C" { type Opaque; } struct Tail { n: u64, t: Opaque } ${main}`);
        expect(outcome, `${name} of ${ty}`).toMatchObject({
          kind: "unsupported",
          what: expect.stringContaining("extern type"),
        });
      }
    }
  });
});
