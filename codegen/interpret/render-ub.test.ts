/** Reports of undefined behaviour, as they are read: what, where, the memory and its history, and who called. */

import { describe, expect, it } from "vitest";
import type { PrepareOptions } from "./compile.ts";
import { renderUb } from "./render-ub.ts";
import { mainOf, runWith } from "./testing/run-text.ts";

function report(text: string, options: PrepareOptions = {}, seed = 0): string {
  const { outcome } = runWith(text, options, { fuel: 100_000, seed });
  if (outcome.kind !== "ub") throw new Error(`the run ended in ${JSON.stringify(outcome)}`);
  return `\n${renderUb(outcome.error).join("\n")}\n`;
}

describe("the report", () => {
  it("of memory that is gone says where it was allocated and freed, and who called", () => {
    const text = `unsafe extern "Rust" { fn __rust_alloc(a: usize, b: usize) -> *mut u8; fn __rust_dealloc(a: *mut u8, b: usize, c: usize); }
fn read(_1: *mut u32) -> u32 { bb0: { _0 = copy (*_1); return; } }
fn twice(_1: *mut u32) -> u32 { bb0: { _0 = read(copy _1) -> [return: bb1, unwind continue]; } bb1: { return; } }
${mainOf(
  "let mut _1: *mut u8; let mut _2: (); let mut _3: *mut u32; let mut _4: u32;",
  "_1 = __rust_alloc(const 8_usize, const 4_usize) -> [return: bb1, unwind continue];",
  "_2 = __rust_dealloc(copy _1, const 8_usize, const 4_usize) -> [return: bb2, unwind continue];",
  "_3 = copy _1 as *mut u32 (PtrToPtr); _4 = twice(copy _3) -> [return: bb3, unwind continue];",
  "",
)}`;
    expect(report(text)).toBe(`
danglingPointer: access of 4 bytes of an allocation that is gone
at read, bb0[0]: _0 = copy (*_1)
heap allocation of 8 bytes aligned to 4, at offset 0
allocated at main, bb0[0]
freed at main, bb1[0]
called from twice, bb0[0]
called from main, bb2[1]
`);
  });

  it("of an access out of bounds says by how much", () => {
    const text = mainOf(
      "let mut _1: [u16; 3]; let mut _2: *const u16; let mut _3: *const u64; let mut _4: u64;",
      "_1 = [const 1_u16, const 2_u16, const 3_u16]; _2 = &raw const _1[1 of 2]; _3 = copy _2 as *const u64 (PtrToPtr); _4 = copy (*_3);",
    );
    expect(report(text)).toBe(`
outOfBounds: access of 8 bytes at offset 2 of an allocation of 6 bytes
at main, bb0[3]: _4 = copy (*_3)
stack allocation of 6 bytes aligned to 2 (_1 of main), at offset 2
allocated at main, bb0[0]
`);
  });

  it("of what was never written names the byte, or the local", () => {
    const memory = mainOf(
      "let mut _1: (u8, u32); let mut _2: *const (u8, u32); let mut _3: *const u64; let mut _4: u64;",
      "_1 = (const 1_u8, const 2_u32); _2 = &raw const _1; _3 = copy _2 as *const u64 (PtrToPtr); _4 = copy (*_3);",
    );
    expect(report(memory, { alignment: "address" })).toMatchInlineSnapshot(`
      "
      uninit: read of uninitialised memory, from offset 1
      at main, bb0[3]: _4 = copy (*_3)
      stack allocation of 8 bytes aligned to 4 (_1 of main), at offset 1
      allocated at main, bb0[0]
      "
    `);
    const local = mainOf("let mut _1: u32; let mut _2: u32;", "_2 = Add(copy _1, const 1_u32);");
    expect(report(local)).toBe(`
uninit: read of an uninitialised (or moved) local: _1
at main, bb0[0]: _2 = Add(copy _1, const 1_u32)
`);
  });

  it("of a value that is none says which, at the type that is broken", () => {
    const text = mainOf("let mut _1: u8; let mut _2: bool;", "_1 = const 3_u8; _2 = copy _1 as bool (Transmute);");
    expect(report(text)).toBe(`
invalidBool: 3 is no bool
at main, bb0[1]: _2 = copy _1 as bool (Transmute)
`);
  });

  it("of a broken rule of aliasing tells the history of the tag", () => {
    const text = mainOf(
      "let mut _1: u32; let mut _2: &mut u32; let mut _3: *mut u32; let mut _4: &mut u32;",
      "_1 = const 1_u32; _2 = &mut _1; _3 = &raw mut (*_2); _4 = &mut (*_3); (*_4) = const 2_u32; (*_2) = const 3_u32; (*_4) = const 4_u32;",
    );
    expect(report(text)).toMatchInlineSnapshot(`
      "
      aliasing: write access through tag <2> at offset 0 of allocation 1 is forbidden: the tag has the state Disabled
      at main, bb0[6]: (*_4) = const 4_u32
      stack allocation of 4 bytes aligned to 4 (_1 of main), at offset 0
      allocated at main, bb0[0]
      the accessed tag was created here: main, bb0[3]
      tag <2> was disabled here: main, bb0[5]
      "
    `);
  });

  it("of a race names both accesses and their threads", () => {
    const text = `unsafe extern "Rust" { fn thread_spawn(f: fn(*mut ()), argument: *mut ()) -> u64; fn thread_join(t: u64); }
fn work(_1: *mut ()) -> () { let mut _2: *mut u32; bb0: { _2 = copy _1 as *mut u32 (PtrToPtr); (*_2) = const 5_u32; return; } }
${mainOf(
  "let mut _1: u32; let mut _2: *mut u32; let mut _3: *mut (); let mut _4: fn(*mut ()); let mut _5: u64; let mut _6: ();",
  "_1 = const 1_u32; _2 = &raw mut _1; _3 = copy _2 as *mut () (PtrToPtr); _4 = work as fn(*mut ()) (PointerCoercion(ReifyFnPointer(Safe), Implicit)); _5 = thread_spawn(copy _4, copy _3) -> [return: bb1, unwind continue];",
  "(*_2) = const 6_u32; _6 = thread_join(copy _5) -> [return: bb2, unwind continue];",
  "",
)}`;
    expect(report(text)).toMatchInlineSnapshot(`
      "
      dataRace: data race: non-atomic write in thread 1 and non-atomic write in thread 0, at offset 0 of allocation 1
      at work, bb0[1]: (*_2) = const 5_u32
      stack allocation of 4 bytes aligned to 4 (_1 of main), at offset 0
      allocated at main, bb0[0]
      non-atomic write in thread 0: main, bb1[0]
      non-atomic write in thread 1: work, bb0[1]
      in thread 1
      "
    `);
  });

  it("of a wrong call names both signatures", () => {
    const text = `fn f(_1: u32, _2: u8) -> () { bb0: { return; } }
${mainOf(
  "let mut _1: fn(u32, u8); let mut _2: fn(f32); let mut _3: ();",
  "_1 = f as fn(u32, u8) (PointerCoercion(ReifyFnPointer(Safe), Implicit)); _2 = copy _1 as fn(f32) (Transmute); _3 = copy _2(const 1f32) -> [return: bb1, unwind continue];",
  "",
)}`;
    expect(report(text)).toBe(`
callSignature: f, which is fn(u32, u8) -> (), was called as fn(f32)
at main, bb0[2]: _3 = copy _2(const 1f32) -> [return: bb1, unwind continue]
`);
  });
});
