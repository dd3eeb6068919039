import { describe, expect, test } from "vitest";
import { Diagnostic } from "../../session/diagnostic.ts";
import type { Predicate } from "../items.ts";
import { linkTexts, parseProgram, parseProgramWithSkips } from "../parser.ts";
import { newTyCtxt } from "../prelude.ts";
import { printProgram } from "../printer.ts";
import type { Program } from "../program.ts";
import type { Const, FnItem, Operand, Rvalue } from "../syntax.ts";
import { renderVerifyError, verifyProgram } from "../verifier.ts";

function fnOf(program: Program, name: string): FnItem {
  const found = program.functions.find((item) => item.name === name || item.assocName === name);
  if (found === undefined)
    throw new Error(`no function ${name} among ${program.functions.map((f) => f.name).join(", ")}`);
  return found;
}

/** The rvalues of the entry block. */
function rvalues(item: FnItem): Rvalue[] {
  return item.body!.blocks[0]!.statements.flatMap((s) => (s.kind === "assign" ? [s.rvalue] : []));
}

function constOf(operand: Operand | undefined): Const {
  if (operand?.kind !== "const") throw new Error("no constant");
  return operand.value;
}

/** The constant that a function's first statement stores. */
function stored(item: FnItem): Const {
  const [first] = rvalues(item);
  if (first?.kind !== "use") throw new Error(`a ${first?.kind}`);
  return constOf(first.operand);
}

function callee(item: FnItem): Extract<Const, { kind: "fn" }> {
  const { terminator } = item.body!.blocks[0]!;
  if (terminator.kind !== "call") throw new Error("no call");
  const value = constOf(terminator.func);
  if (value.kind !== "fn") throw new Error("no function");
  return value;
}

/** `text` is read, verifies, and prints back to a text that means the same. */
function roundTrip(text: string): Program {
  const program = parseProgram(text, { file: "t.mir" });
  expect(verifyProgram(program).map(renderVerifyError)).toEqual([]);
  const printed = printProgram(program);
  expect(printProgram(parseProgram(printed))).toBe(printed);
  return program;
}

describe("items", () => {
  test("unions, packed and aligned structs, and explicit discriminants are read as Rust means them", () => {
    const program = roundTrip(`
#[repr(C)] union U { a: u32, b: [u8; 4] }
#[repr(packed(2))] struct P { a: u8, b: u64 }
#[repr(C, align(16))] struct A(u8);
#[repr(i16)] enum E { X = 1 << 3, Y, Z = -5 }
#[rustc_layout_scalar_valid_range_start(1)] #[rustc_layout_scalar_valid_range_end(0xff)] struct N(u8);
fn f(_1: u32) -> U { bb0: { _0 = U { a: copy _1 }; return; } }`);
    const byName = new Map(program.adts!.map((def) => [def.name, def]));
    expect(byName.get("U")!.adtKind).toBe("union");
    expect(byName.get("P")!.repr.packed).toBe(2);
    expect(byName.get("A")!.repr).toMatchObject({ c: true, align: 16 });
    expect(byName.get("E")!.variants.map((v) => v.discriminant)).toEqual([8n, 9n, -5n]);
    expect(byName.get("N")!.repr.validRange).toEqual({ start: 1n, end: 255n });
    expect(rvalues(fnOf(program, "f"))[0]).toMatchObject({ kind: "aggregate", aggregate: { activeField: 0 } });
  });

  test("const parameters become values, lengths follow them, and defaults fill what is not written", () => {
    const program = roundTrip(`
struct Buffer<T, const N: usize, A = u8> { data: [T; N], a: A }
fn f(_1: Buffer<i32, 4>) -> i32 { bb0: { _0 = copy (_1.0: [i32; 4])[0 of 4]; return; } }
fn g<const N: usize>(_1: Buffer<u8, N, u16>) -> usize { bb0: { _0 = const N; return; } }`);
    const f = fnOf(program, "f").params[0]!;
    expect(f.text).toBe("Buffer<i32, 4>");
    expect(f.kind === "adt" && f.args.map((a) => a.text)).toEqual(["i32", "4", "u8"]);
    expect(stored(fnOf(program, "g"))).toMatchObject({ kind: "param", index: 0, name: "N" });
  });

  test("a default names only parameters to its left", () => {
    const read = (generics: string) => () => parseProgram(`struct S<${generics}> { a: A, b: B }`, { file: "t.mir" });
    expect(read("A, B = (A, [A; 2])")).not.toThrow();
    expect(read("A, B = [B; 2]")).toThrow("the default of `B` names `B`, which is not declared before it");
    expect(read("A = *const B, B = u8")).toThrow("the default of `A` names `B`");
  });

  test("traits know their supertraits, associated types and defaults; impls give them", () => {
    const program = roundTrip(`
trait Shape { const SIDES: u32; type Unit; fn area(&self) -> u32; fn twice(_1: &Self) -> u32 { bb0: { _0 = <Self as Shape>::area(copy _1) -> [return: bb1, unwind continue]; } bb1: { return; } } }
trait Solid: Shape { fn volume(&self) -> u32; }
struct Cube(u32);
impl Shape for Cube {
    const SIDES: u32 = const 6_u32;
    type Unit = u8;
    fn area(_1: &Cube) -> u32 { bb0: { _0 = copy ((*_1).0: u32); return; } }
}
fn f(_1: &Cube) -> u32 { bb0: { _0 = <Cube as Shape>::area(copy _1) -> [return: bb1, unwind continue]; } bb1: { return; } }
fn n() -> u32 { bb0: { _0 = const <Cube as Shape>::SIDES; return; } }
fn d(_1: &dyn Solid) -> u32 { bb0: { _0 = <dyn Solid as Solid>::volume(copy _1) -> [return: bb1, unwind continue]; } bb1: { return; } }`);
    const [shape, solid] = program.traits!;
    expect(solid!.supertraits.map((r) => r.trait)).toEqual([shape]);
    expect(callee(fnOf(program, "f"))).toMatchObject({ item: { parent: shape }, args: [{ text: "Cube" }] });
    expect(stored(fnOf(program, "n"))).toMatchObject({
      kind: "unevaluated",
      item: { parent: shape, assocName: "SIDES" },
    });
    expect(program.impls![0]!.assocTypes).toMatchObject([{ name: "Unit", ty: { text: "u8" } }]);
  });

  test("methods of inherent impls are found by their type, with the impl's arguments first", () => {
    const program = roundTrip(`
struct Pair<A, B>(A, B);
impl<A, B> Pair<A, B> { fn swap<C>(_1: Pair<A, B>, _2: C) -> Pair<B, A> { bb0: { _0 = Pair::<B, A>(move (_1.1: B), move (_1.0: A)); return; } } }
fn f(_1: Pair<u8, i64>) -> Pair<i64, u8> { bb0: { _0 = Pair::<u8, i64>::swap::<bool>(move _1, const true) -> [return: bb1, unwind continue]; } bb1: { return; } }`);
    expect(callee(fnOf(program, "f")).args.map((a) => a.text)).toEqual(["u8", "i64", "bool"]);
  });

  test("statics, thread-locals and extern blocks are told apart, and pointers to statics find them", () => {
    const program = roundTrip(`
static mut COUNT: u32 = const 5_u32;
#[thread_local] static LOCAL: u8 = const 1_u8;
extern "C" { static environ: *const u8; fn getpid() -> i32; type Opaque; }
fn f() -> *mut u32 { bb0: { _0 = const {alloc1: *mut u32}; return; } }
fn t() -> &u8 { bb0: { _0 = &/*tls*/ LOCAL; return; } }
fn o(_1: *const Opaque) -> () { bb0: { return; } }
alloc1 (static: COUNT)
`);
    expect(program.statics!.map((s) => [s.name, s.mutability, s.threadLocal, s.body === undefined])).toEqual([
      ["COUNT", "mut", false, false],
      ["LOCAL", "not", true, false],
      ["environ", "not", false, true],
    ]);
    expect(stored(fnOf(program, "f"))).toMatchObject({ kind: "static", item: program.statics![0] });
    expect(fnOf(program, "getpid")).toMatchObject({ kind: "extern", abi: "C", unsafe: true });
    expect(fnOf(program, "o").params[0]).toMatchObject({ pointee: { kind: "foreign" } });
  });

  test("allocations with pointers in them are linked, in circles too", () => {
    const program = roundTrip(`
fn f() -> &[&u8; 1] { bb0: { _0 = const {alloc1: &[&u8; 1]}; return; } }
alloc1 (size: 8, align: 8) {
    ╾───────alloc2────────╼                         │ ╾──────╼
}
alloc2 (size: 9, align: 8) {
    2a ╾───────alloc1────────╼                      │ *╾──────╼
}
`);
    const value = stored(fnOf(program, "f"));
    const alloc = value.kind === "alloc" ? value.alloc : undefined;
    const next = alloc?.relocations[0]?.target;
    expect(next?.kind === "alloc" && next.alloc.bytes[0]).toBe(42);
    expect(next?.kind === "alloc" && next.alloc.relocations[0]).toMatchObject({ offset: 1, target: { alloc } });
  });

  test("closures take over their parent's parameters, and capture what makes them says", () => {
    const program = roundTrip(`
fn make<T>(_1: T, _2: u8) -> {closure@t.rs:1:2: 1:4} { bb0: { _0 = {closure@t.rs:1:2: 1:4} { a: move _1, b: copy _2 }; return; } }
fn make::{closure#0}(_1: &{closure@t.rs:1:2: 1:4}, _2: u8) -> u8 { bb0: { _0 = Add(copy ((*_1).1: u8), copy _2); return; } }`);
    const [closure] = program.closures!;
    expect(closure).toMatchObject({ generics: ["T"], upvarNames: ["a", "b"], closureKind: "fn" });
    expect(closure!.upvars.map((ty) => ty.text)).toEqual(["T", "u8"]);
    expect(closure!.body).toBe(program.functions[1]);
  });

  test("tuple constructors are functions", () => {
    const program = parseProgram(`
enum E { A(u8), B }
fn f() -> fn(u8) -> E { bb0: { _0 = E::A as fn(u8) -> E (PointerCoercion(ReifyFnPointer(Safe), Implicit)); return; } }`);
    expect(verifyProgram(program).map(renderVerifyError)).toEqual([]);
    expect(fnOf(program, "E::A").body!.blocks[0]!.statements).toHaveLength(1);
  });

  test.each([
    ['_0 = const "a\\n\\u{e9}";', "&str", { kind: "bytes", bytes: Uint8Array.from([97, 10, 0xc3, 0xa9]) }],
    ['_0 = const b"\\x00\\xff";', "&[u8; 2]", { kind: "bytes", bytes: Uint8Array.from([0, 255]) }],
    ['_0 = const b"ab";', "&[u8]", { kind: "bytes", ty: { text: "&[u8]" } }],
    ["_0 = const {transmute(0x0102): Option<(u8, u8)>};", "Option<(u8, u8)>", { kind: "transmuted", bits: 258n }],
    ["_0 = const <uninit>;", "core::mem::MaybeUninit<u64>", { kind: "aggregate", fields: [] }],
    ["_0 = const {0x10 as *const u8};", "*const u8", { kind: "scalar", bits: 16n }],
    ["_0 = const 1.5f16;", "f16", { kind: "scalar", bits: 0x3e00n }],
  ])("%s is a constant of type %s", (statement, ty, expected) => {
    expect(stored(fnOf(roundTrip(`fn f() -> ${ty} { bb0: { ${statement} return; } }`), "f"))).toMatchObject(expected);
  });

  test("drops, cleanup blocks, tail calls and slices are read", () => {
    roundTrip(`
fn f(_1: &[u8], _2: u32) -> u8 {
    let mut _3: usize; let mut _4: bool; let mut _5: &[u8]; let mut _6: u32;
    bb0: { _3 = PtrMetadata(copy _1); _4 = Lt(const 0_usize, copy _3); assert(move _4, "index out of bounds: the length is {} but the index is {}", move _3, const 0_usize) -> [success: bb1, unwind: bb3]; }
    bb1: { _5 = &(*_1)[1:]; _6 = copy _2; drop(_6) -> [return: bb2, unwind: bb3]; }
    bb2: { tailcall f(move _5, copy _2); }
    bb3 (cleanup): { drop(_2) -> [return: bb4, unwind terminate(cleanup)]; }
    bb4 (cleanup): { resume; }
}`);
  });
});

describe("several texts", () => {
  const source = `
//! A crate.
use core::ops::Add;
const LEN: usize = 2 * SIDE; // length
const SIDE: usize = 4;
#[derive(Clone, Copy)]
pub struct Grid<T> { cells: [T; LEN] }
impl<T: Copy> Grid<T> {
    pub fn get(&self, index: usize) -> T { let _s = "}"; let _c = '}'; self.cells[index] /* } */ }
}
fn apply(f: impl Fn(u8) -> u8) -> u8 { f(r#"}"}"#.len() as u8) }
`;
  const at = (line: number, from: number, to: number): string => `g.rs:${line}:${from}: ${line}:${to}`;
  const dump = `
fn <impl at /elsewhere/${at(8, 1, 22)}>::get(_1: &Grid<T>, _2: usize) -> T {
    bb0: { _0 = copy ((*_1).0: [T; 8])[_2]; return; }
}
fn <impl at /elsewhere/${at(6, 10, 15)}>::clone(_1: &Grid<T>) -> Grid<T> {
    bb0: { _0 = copy (*_1); return; }
}
fn apply(_1: impl Fn(u8) -> u8) -> u8 {
    let mut _2: &impl Fn(u8) -> u8; let mut _3: (u8,);
    bb0: { _2 = &_1; _3 = (const 4_u8,); _0 = <impl Fn(u8) -> u8 as Fn<(u8,)>>::call(move _2, move _3) -> [return: bb1, unwind continue]; }
    bb1: { return; }
}
fn main() -> () {
    let mut _1: Grid<u8>; let mut _2: u8; let mut _3: &Grid<u8>;
    bb0: { _3 = &_1; _2 = Grid::<u8>::get(move _3, const 1_usize) -> [return: bb1, unwind continue]; }
    bb1: { return; }
}
`;
  const link = (mir: string): ReturnType<typeof linkTexts> =>
    linkTexts(
      [
        { text: mir, file: "g.mir", syntax: "mir" },
        { text: source, file: "/src/g.rs", syntax: "rust" },
      ],
      { onUnsupported: "skip" },
    );

  test("a source's functions take their bodies from the dump, those of derives too", () => {
    const { program, skipped } = link(dump);
    expect(skipped.map((s) => `${s.name}: ${s.reason.message}`)).toEqual([]);
    expect(verifyProgram(program).map(renderVerifyError)).toEqual([]);
    expect(program.functions.map((f) => f.name)).toEqual([
      "<impl Grid<T>>::get",
      "<impl std::clone::Clone for Grid<T>>::clone",
      "apply",
      "main",
    ]);
    expect(fnOf(program, "apply").generics).toEqual(["impl Fn(u8) -> u8"]);
    expect(program.adts![0]!.variants[0]!.fields[0]!.ty.text).toBe("[T; 8]");
    expect(callee(fnOf(program, "main"))).toMatchObject({ item: fnOf(program, "get"), args: [{ text: "u8" }] });
  });

  test("a function whose body nobody has is missing where it is used", () => {
    const { program, skipped } = link(dump.slice(dump.indexOf("fn apply")));
    expect(skipped.map((s) => s.name)).toEqual(["main"]);
    expect(skipped[0]!.reason).toBeInstanceOf(Diagnostic);
    expect(skipped[0]!.reason.message).toContain("this needs the function `<impl Grid<T>>::get`");
    expect(program.functions.map((f) => f.name)).toEqual(["apply"]);
  });
});

test("programs of one type context share the prelude, its impls included", () => {
  const text = `fn f(_1: u8) -> core::cell::Cell<u8> { bb0: { _0 = core::cell::Cell::<u8>::new(move _1) -> [return: bb1, unwind continue]; } bb1: { return; } }
fn g<T: core::clone::Clone>(_1: &T) -> T { bb0: { _0 = <T as core::clone::Clone>::clone(copy _1) -> [return: bb1, unwind continue]; } bb1: { return; } }`;
  const first = parseProgram(text);
  const second = parseProgram(text, { tcx: first.tcx });
  for (const name of ["f", "g"]) expect(callee(fnOf(second, name)).item).toBe(callee(fnOf(first, name)).item);
  expect(callee(fnOf(first, "f")).item.body).toBeDefined();
  expect(second.traits).toEqual(first.traits);
});

test("what a program lacks is a diagnostic where it is used", () => {
  const { skipped } = parseProgramWithSkips(
    "fn f() -> u8 {\n    bb0: { _0 = nowhere::g() -> [return: bb0, unwind continue]; }\n}\n",
    { onUnsupported: "skip", file: "x.mir" },
  );
  expect(skipped).toMatchObject([
    { name: "f", reason: { message: "unknown function `nowhere::g`", span: { line: 2 } } },
  ]);
});

test("`?Sized` is the bound `MetaSized` of a type's parameters and of associated types", () => {
  const program = parseProgram(`struct Short<T: ?Sized> { a: u8, tail: T }
struct Long<A, T> where T: ?Sized { a: A, tail: T }
struct Plain<T: Sized>(T);
trait Tr { type Relaxed: ?Sized; type Strict; }
fn f(_1: &Short<[u8]>, _2: &Long<u8, str>, _3: Plain<u8>) -> () { bb0: { return; } }`);
  const relaxed = (predicates: readonly Predicate[] | undefined): string[] =>
    (predicates ?? []).flatMap(({ ref }) => (ref.trait.lang === "meta_sized" ? [ref.args[0]!.text] : []));
  expect(program.adts?.map((def) => relaxed(def.predicates))).toEqual([["T"], ["T"], []]);
  const tr = program.traits?.find((trait) => trait.name === "Tr");
  expect(tr?.assocTypes.map((assoc) => relaxed(assoc.predicates))).toEqual([["<Self as Tr>::Relaxed"], []]);
  const again = parseProgram(printProgram(program));
  expect(again.adts?.map((def) => relaxed(def.predicates))).toEqual([["T"], ["T"], []]);
});

test("several parameters of one opaque type are refused where they stand", () => {
  const text = "trait T {}\nfn f(a: impl T, b: impl T) {}";
  const read = (): unknown => linkTexts([{ text, file: "t.rs", syntax: "rust" }]);
  expect(read).toThrow("several parameters are of the type `impl T`");
});

describe("the release whose layouts a program has", () => {
  const text = `#![rustc_release = "1.97.0"]\n\nfn f() -> u8 { bb0: { _0 = const 3_u8; return; } }`;

  test("stays with its text", () => {
    const program = roundTrip(text);
    expect(program.tcx.rustcRelease).toBe("1.97.0");
    expect(printProgram(program)).toMatch(/^#!\[rustc_release = "1.97.0"\]\n/);
    expect(printProgram(roundTrip(text.slice(text.indexOf("fn"))))).toMatch(/^fn f/);
  });

  test("is that of the type context that it is read into", () => {
    expect(parseProgram(text, { tcx: newTyCtxt("1.97.0") }).functions).toHaveLength(1);
    expect(() => parseProgram(text, { tcx: newTyCtxt() })).toThrow("not of 1.96");
    expect(() => parseProgram(text, { tcx: newTyCtxt("1.90.0") })).toThrow("not of 1.90.0");
  });
});
