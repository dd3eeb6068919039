/** Boxes of programs that bring no `impl Drop for Box`: they give their memory back by the prelude's `box_free`, in the interpreter's heap. */

import { describe, expect, test } from "vitest";
import { mainOf, runWith, valuesOf, verdictOf } from "../../interpret/testing/run-text.ts";

const ITEMS = `unsafe extern "Rust" { fn __rust_alloc_zeroed(size: usize, align: usize) -> *mut u8; }
trait Shape { fn area(&self) -> u32; }
impl Shape for u64 { fn area(_1: &u64) -> u32 { bb0: { _0 = const 1_u32; return; } } }
struct Empty;
impl Shape for Empty { fn area(_1: &Empty) -> u32 { bb0: { _0 = const 0_u32; return; } } }
`;

/** What a run comes to; one that returns must be free of undefined behaviour by each model of aliasing, too. */
function verdictOfText(text: string): string {
  const [first, ...others] = (["none", "stacked", "tree"] as const).map((aliasing) =>
    verdictOf(runWith(text, { aliasing })),
  );
  for (const other of others) expect(other === "return").toBe(first === "return");
  return first!;
}

/** An allocator and a content that tell when they are dropped; the allocator also tells the layouts that are freed. */
const ARENA = `struct Arena { id: u64 }
struct Content { value: u64 }
impl std::alloc::Allocator for Arena {
  fn allocate(_1: &Arena, _2: std::alloc::Layout) -> Result<std::ptr::NonNull<[u8]>, std::alloc::AllocError> { bb0: { goto -> bb0; } }
  unsafe fn deallocate(_1: &Arena, _2: std::ptr::NonNull<u8>, _3: std::alloc::Layout) -> () {
    let mut _4: usize; let mut _5: (usize, usize);
    bb0: { _4 = copy (_3.1: std::ptr::Alignment) as usize (Transmute); _5 = (copy (_3.0: usize), move _4); _0 = observe::<(usize, usize)>(const 2_u32, copy _5) -> [return: bb1, unwind continue]; }
    bb1: { return; }
  }
}
impl std::ops::Drop for Arena { fn drop(_1: &mut Arena) -> () {
  bb0: { _0 = observe::<u64>(const 3_u32, copy ((*_1).0: u64)) -> [return: bb1, unwind continue]; } bb1: { return; } } }
impl std::ops::Drop for Content { fn drop(_1: &mut Content) -> () {
  bb0: { _0 = observe::<u64>(const 1_u32, copy ((*_1).0: u64)) -> [return: bb1, unwind continue]; } bb1: { return; } } }
`;

const LOCALS = "let mut _1: *mut u8; let mut _2: ();";

/** How `main` ends that allocates `size` bytes aligned to `align` at `_1`, and goes on with `blocks`. */
function verdict(locals: string, size: number, align: number, ...blocks: string[]): string {
  const alloc = `_1 = __rust_alloc_zeroed(const ${size}_usize, const ${align}_usize) -> [return: bb1, unwind continue];`;
  return verdictOfText(`${ITEMS}${mainOf(`${LOCALS} ${locals}`, alloc, ...blocks, "")}`);
}

/** Drops `_3`, a box of `ty`, that points to `_1`. */
const dropBox = (ty: string, size: number, align: number): string =>
  verdict(
    `let mut _3: std::boxed::Box<${ty}>;`,
    size,
    align,
    `_3 = copy _1 as std::boxed::Box<${ty}> (Transmute); drop(_3) -> [return: bb2, unwind continue];`,
  );

/** Drops `_4`, a box of the unsized `ty` that one of the sized `from` became. */
const dropUnsized = (from: string, ty: string, size: number, align: number): string =>
  verdict(
    `let mut _3: std::boxed::Box<${from}>; let mut _4: std::boxed::Box<${ty}>;`,
    size,
    align,
    `_3 = copy _1 as std::boxed::Box<${from}> (Transmute);
     _4 = move _3 as std::boxed::Box<${ty}> (PointerCoercion(Unsize, Implicit)); drop(_4) -> [return: bb2, unwind continue];`,
  );

describe("dropping a box frees its memory", () => {
  test("once", () => {
    expect(dropBox("u16", 2, 2)).toBe("return");
    const twice = "_3 = copy _1 as std::boxed::Box<u16> (Transmute); _4 = copy _1 as std::boxed::Box<u16> (Transmute);";
    const boxes = "let mut _3: std::boxed::Box<u16>; let mut _4: std::boxed::Box<u16>;";
    const drops = ["drop(_3) -> [return: bb2, unwind continue];", "drop(_4) -> [return: bb3, unwind continue];"];
    expect(verdict(boxes, 2, 2, `${twice} ${drops[0]}`, drops[1]!)).toBe("invalidDealloc");
  });

  test("which must have been allocated with the layout of the content", () => {
    expect(dropBox("u16", 4, 2)).toBe("invalidDealloc");
    expect(dropBox("u16", 2, 8)).toBe("invalidDealloc");
    expect(dropBox("[u16; 2]", 4, 2)).toBe("return");
  });

  test("but for that of a content without size, which has none", () => {
    const dangling =
      "_3 = const 1_usize as std::boxed::Box<Empty> (Transmute); drop(_3) -> [return: bb2, unwind continue];";
    expect(verdict("let mut _3: std::boxed::Box<Empty>;", 8, 8, dangling)).toBe("return");
    expect(dropUnsized("Empty", "dyn Shape", 8, 8)).toBe("return");
    expect(dropUnsized("[u32; 0]", "[u32]", 4, 4)).toBe("return");
  });

  test("of the size that an unsized content has", () => {
    expect(dropUnsized("u64", "dyn Shape", 8, 8)).toBe("return");
    expect(dropUnsized("u64", "dyn Shape", 16, 8)).toBe("invalidDealloc");
    expect(dropUnsized("[u32; 3]", "[u32]", 12, 4)).toBe("return");
    expect(dropUnsized("[u32; 3]", "[u32]", 16, 4)).toBe("invalidDealloc");
  });

  test("but for that of another allocator, which only its own impl of Drop could free", () => {
    expect(dropBox("u16, Empty", 4, 2)).toBe("return");
    expect(dropBox("u16, std::alloc::Global", 4, 2)).toBe("invalidDealloc");
  });

  test("through the program's allocator that it is from, after the content and before the allocator", () => {
    const locals = `let mut _1: Content; let mut _2: *mut Content; let mut _3: std::boxed::Box<Content, Arena>; let mut _4: Arena;
      let mut _5: std::ptr::Unique<Content>;`;
    const make = `_1 = Content { value: const 5_u64 }; _4 = Arena { id: const 7_u64 }; _2 = &raw mut _1;
      _5 = copy _2 as std::ptr::Unique<Content> (Transmute); _3 = std::boxed::Box::<Content, Arena>(move _5, move _4);`;
    const text = `${ARENA}${mainOf(locals, `${make} drop(_3) -> [return: bb1, unwind continue];`, "")}`;
    expect(valuesOf(runWith(text, {}))).toEqual([5n, 8n, 8n, 7n]);
  });

  test("in the program's own impl of Drop, when there is one", () => {
    const own =
      "impl<T> Drop for std::boxed::Box<T> { fn drop(_1: &mut std::boxed::Box<T>) -> () { bb0: { return; } } }\n";
    const text = mainOf(
      `${LOCALS} let mut _3: std::boxed::Box<u16>;`,
      "_1 = __rust_alloc_zeroed(const 4_usize, const 4_usize) -> [return: bb1, unwind continue];",
      "_3 = copy _1 as std::boxed::Box<u16> (Transmute); drop(_3) -> [return: bb2, unwind continue];",
      "",
    );
    expect(verdictOfText(`${ITEMS}${text}`)).toBe("invalidDealloc");
    expect(verdictOfText(`${ITEMS}${own}${text}`)).toBe("return");
  });
});
