import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Diagnostic, renderDiagnostic } from "../../session/diagnostic.ts";
import type { Const, FnItem, Item, Operand, Rvalue, Statement, Terminator, Type } from "./ast.ts";
import { type Cursor, parseBody, parseItems, parseType, readItems } from "./parse.ts";
import { printItem } from "./print.ts";
import { constText, pathText, typeText } from "./print-type.ts";
import { firstDifference } from "./same-text.ts";

const SAMPLES = join(import.meta.dirname, "testing/samples.mir");

function parse(text: string): Item[] {
  return parseItems<never>(text, { file: "t.mir" }).filter((item): item is Item => item.kind !== "rust");
}

function parseFn(text: string): FnItem {
  const [item] = parse(text);
  if (item?.kind !== "fn") throw new Error("not a function");
  return item;
}

/** A function with one local of type `ty`; it must print back. */
function typeOf(ty: string): Type {
  const text = `fn f() -> () {\n    let _1: ${ty};\n\n    bb0: {\n        return;\n    }\n}\n`;
  const item = parseFn(text);
  expect(printItem(item)).toBe(text);
  return item.body.scope.locals[0]!.ty;
}

/** The first statement of a block; it must print back. */
function statementOf(line: string): Statement {
  const text = `fn f() -> () {\n\n    bb0: {\n        ${line};\n        return;\n    }\n}\n`;
  const item = parseFn(text);
  expect(printItem(item)).toBe(text);
  return item.body.blocks[0]!.statements[0]!;
}

function rvalueOf(text: string): Rvalue {
  const statement = statementOf(`_1 = ${text}`);
  if (statement.kind !== "assign") throw new Error("not an assignment");
  return statement.rvalue;
}

function constOf(text: string): Const {
  const rvalue = rvalueOf(`const ${text}`);
  if (rvalue.kind !== "use" || rvalue.operand.kind !== "const") throw new Error(`not a constant: ${rvalue.kind}`);
  expect(constText(rvalue.operand.value)).toBe(text);
  return rvalue.operand.value;
}

function terminatorOf(line: string): Terminator {
  const text = `fn f() -> () {\n\n    bb0: {\n        ${line};\n    }\n}\n`;
  const item = parseFn(text);
  expect(printItem(item)).toBe(text);
  return item.body.blocks[0]!.terminator!;
}

function failure(text: string): Diagnostic {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof Diagnostic) return error;
    throw error;
  }
  throw new Error("no diagnostic");
}

describe("types", () => {
  it.each([
    ["u8", "path"],
    ["!", "never"],
    ["_", "infer"],
    ["r#type::r#fn", "path"],
    ["Größe", "path"],
    ["&'{erased} mut T", "ref"],
    ["&'?12 T", "ref"],
    ["&&'_ &mut [T]", "ref"],
    ["*const (u8, *mut T)", "ptr"],
    ["(T,)", "tuple"],
    ["()", "tuple"],
    ["(dyn A + 'a)", "paren"],
    ["[T; N]", "array"],
    ["[u8; { N + 1 }]", "array"],
    ["[u8; core::mem::size_of::<T>() << 2]", "array"],
    ["[u8; <T as Tr<'a>>::N]", "array"],
    ["[[u8; 4]]", "slice"],
    ["fn(A, &B) -> C", "fnPtr"],
    ["for<'a, 'b> unsafe extern \"C\" fn(&'a T, ...) -> &'b T", "fnPtr"],
    ["fn(A) -> B {a::<impl at src/a.rs:1:2: 3:4>::f::<T>}", "fnDef"],
    ["#[target_features] fn() {f}", "fnDef"],
    ["dyn for<'a> Fn(&'a T) -> &'a U + Send + 'static", "dyn"],
    ["dyn Iterator<Item = (u8, T)> + Send", "dyn"],
    ["dyn Lending<Item<'a> = &'a T>", "dyn"],
    ["impl ?Sized + (for<'a> Fn(&'a T)) + 'a", "impl"],
    ["{closure@src/a b.rs:1:2: 3:4}", "closure"],
    ["{closure@std::rt::lang_start<()>::{closure#0}}", "closure"],
    ["{static coroutine@a.rs:1:2: 3:4 (#0)}", "closure"],
    ["{async fn body of <T as Tr>::f<U>()}", "fnBody"],
    ["(u32) is 1..=9 | 12..", "pattern"],
    ["(*const T) is !null", "pattern"],
    ["unsafe<'a> &'a T", "unsafeBinder"],
    ["<T as Trait<'a, U>>::Name<V>", "path"],
    ["A<'_, 3, -1, 'x', '\\'', true, \"s>\", { N - 1 }, fn() -> B>", "path"],
    ["Vec<<impl Tr as Into<u8>>::Out>", "path"],
    ["field_of!(T, V.f)", "fieldOf"],
    ["{type error}", "error"],
    ["for<'a> &'a T", "unsafeBinder"],
    ["&'^0.Named(DefId(0:7 ~ a[1f]::f::'a), \"'_\") T", "ref"],
    ["&ReLateParam(DefId(0:6 ~ a[1f]::f), LateNamed(DefId(0:7 ~ a[1f]::f::'a))) u8", "ref"],
    ["for<Region(BrAnon), Region(BrNamed(DefId(0:9 ~ a[1f]::f::'_)))> fn(&'^0 u8)", "fnPtr"],
    ["{f::{closure#0}<i16> closure_kind_ty=i16 upvar_tys=(&'{erased} T,)}", "closureParts"],
    [
      "{static <u8 as Tr>::f::{closure#0} upvar_tys=() resume_ty=() witness={<u8 as Tr>::f::{closure#0}}}",
      "closureParts",
    ],
    ["A<{f::{closure#0} upvar_tys=(u8,)}, {f::{closure#0}}>", "path"],
    ["Opaque(DefId(0:5 ~ a[1f]::f::{opaque#0}), [T/#0, '{erased}])", "error"],
    ["[T; ValTree(Leaf(0x0000000000000002): usize)]", "array"],
    ["A<ValTree(Branch([Leaf(0x02), Leaf(0x00)]): S), N/#1, 'a/#0>", "path"],
    ["(i8) is ValTree(Leaf(0xfb): i8)..=ValTree(Leaf(0x05): i8)", "pattern"],
    ["a::_#1::B", "path"],
  ])("reads %s and prints it back", (text, kind) => {
    const ty = typeOf(text);
    expect(ty.kind).toBe(kind);
    expect(typeText(ty)).toBe(text);
  });

  it("gives the path of a function type to the outermost one", () => {
    const ty = typeOf("fn(u8) -> fn(u8) -> u8 {f}");
    if (ty.kind !== "fnDef") throw new Error(ty.kind);
    expect(pathText(ty.path)).toBe("f");
    expect(ty.sig.ret?.kind).toBe("fnPtr");
  });

  it("gives equal text one object, wherever it stands", () => {
    const item = parseFn(
      "fn f(_1: a::B<u8>) -> a::B<u8> {\n    let _2: a::B<u8>;\n    let _3: (a::B<u8>,);\n    bb0: {\n        _2 = copy _1 as a::B<u8> (Transmute);\n        return;\n    }\n}\n",
    );
    const [second, third] = item.body.scope.locals;
    const cast = item.body.blocks[0]!.statements[0]!;
    expect(item.ret).toBe(item.params[0]!.ty);
    expect(second!.ty).toBe(item.ret);
    expect(third!.ty.kind === "tuple" && third!.ty.fields[0]).toBe(item.ret);
    expect(cast.kind === "assign" && cast.rvalue.kind === "cast" && cast.rvalue.ty).toBe(item.ret);
  });

  it("tells an implementation in a path from an argument", () => {
    const segmentKinds = (text: string): string => {
      const ty = typeOf(text);
      return ty.kind === "path"
        ? ty.path.segments.map((s) => (s.args === undefined ? s.kind : `${s.kind}<>`)).join(" ")
        : ty.kind;
    };
    expect(segmentKinds("num::<impl u8>::T")).toBe("name impl name");
    expect(segmentKinds("a::<impl Tr<X> for [U]>::T")).toBe("name impl name");
    expect(segmentKinds("a::<impl *mut dyn Tr + Send>::T")).toBe("name impl name");
    expect(segmentKinds("a::<impl dyn Tr + Send>::T")).toBe("name impl name");
    expect(segmentKinds("Vec::<impl Tr>::T")).toBe("name<> name");
    expect(segmentKinds("f::<impl Tr + ?Sized>::{closure#0}")).toBe("name<> name");
    expect(segmentKinds("f::<impl for<'x> Fn(&'x [u8]) -> &'x u8>::promoted[1]")).toBe("name<>");
  });
});

describe("constants", () => {
  it.each([
    ["-1_i32", "literal"],
    ["340282366920938463463374607431768211455_u128", "literal"],
    ["1.5E-300f64", "literal"],
    ["-inf_f64", "literal"],
    ["NaN_f32", "literal"],
    ["true", "literal"],
    ["'\\u{10ffff}'", "literal"],
    ["'ß'", "literal"],
    ['"a\\"│\\n"', "literal"],
    ['b"\\x00\\xff\\""', "literal"],
    ['*b"ab"', "deref"],
    ["()", "tuple"],
    ['(1_u8, ("x",), [])', "tuple"],
    ["Option::<u8>::Some(1_u8)", "tupleStruct"],
    ["A {{ b: C {{ d: 1_u8 }}, e: () }}", "struct"],
    ["A {{  }}", "struct"],
    ["A { b: 1, c: true }", "struct"],
    ["{alloc1: &T}", "alloc"],
    ["{alloc12+0x4<imm>: *const u8}", "alloc"],
    ["{0x1 as *const T}", "address"],
    ["{f::<u8> as fn(u8)}", "fnPtr"],
    ["{transmute(0x01): T}", "transmute"],
    ["{transmute(()): T}", "transmute"],
    ["{unreachable(): T}", "marker"],
    ["<uninit>", "marker"],
    ["i8::MAX is (i8::MIN..=-1 | 1..)", "pattern"],
    ["Indirect { alloc_id: alloc5, offset: Size(8 bytes) }: Option<T>", "indirect"],
    ["ZeroSized: {closure@a.rs:1:2: 3:4}", "zeroSized"],
    ["Scalar(0x01): T", "scalar"],
    ["<T as Tr>::f::promoted[3]", "path"],
    ["_", "infer"],
    ["ConstValue(ZeroSized: fn() {f::<T>})", "constValue"],
    ["ConstValue(Slice { alloc_id: alloc3, meta: 2 }: &'{erased} str)", "constValue"],
    ["ValTree(Branch([Leaf(0x61): u8]): &'{erased} str)", "valTree"],
    ["N/#0", "param"],
    ["{global_asm#0}::{constant#0}", "path"],
    // Types of the user's, named as rustc's own.
    ["Scalar(1_u8)", "tupleStruct"],
    ["Slice { a: 1 }", "struct"],
    ["Indirect {{ a: 1_u8 }}", "struct"],
    ["ValTree(1_u8)", "tupleStruct"],
    ["ConstValue(1_u8)", "tupleStruct"],
    ["ZeroSized::A", "path"],
  ])("reads %s and prints it back", (text, kind) => {
    expect(constOf(text).kind).toBe(kind);
  });
});

describe("rvalues", () => {
  it.each([
    ["copy ((*(_1 as Some).0: T) as variant#3)", undefined],
    ["no_retag copy (_3.2: &mut u8)", "use"],
    ["UbChecks", "use"],
    ["UbChecks()", "nullary"],
    ["SizeOf([T; 3])", "nullary"],
    ["OffsetOf(T, [(0, 1), (2, 3)])", "offsetOf"],
    ["&fake shallow (*_1)", "ref"],
    ["&'a mut _1", "ref"],
    ["&raw const (fake) (*_1)", "rawPtr"],
    ["&/*tls*/ mut A::B", "threadLocalRef"],
    ["deref_copy (*_1)", "copyForDeref"],
    ["[copy _1; { N + 1 }]", "repeat"],
    ['[const "a", move _2]', "array"],
    ["(copy _1,)", "tuple"],
    ["Add(copy _1, const 1_u8)", "binary"],
    ["CheckedAdd(copy _1, const 1_u8)", "binary"],
    ["Add(copy _1)", "tupleStruct"],
    ["Not(copy _1)", "unary"],
    ["Len((*_1))", "len"],
    ["discriminant((_1 as Some))", "discriminant"],
    ["ShallowInitBox(move _1, T)", "shallowInitBox"],
    ["wrap_binder!(copy _1; unsafe<'a> &'a T)", "wrapBinder"],
    ["copy _1[_2][0 of 3][-1 of 3][1..2][1:-2][1:][:-2]", "use"],
    ["copy unwrap_binder!(_1; T)", "use"],
    ["copy (_1 as subtype T)", "use"],
    ["copy (_1 as a::T<u8>)", "use"],
    ["a::V { f: copy _1, 0: const 2_u8 }", "struct"],
    ["{coroutine@a.rs:1:2: 3:4 (#0)} { x: move _1 }", "closure"],
    ["{closure@a.rs:1:2: 3:4}", "closure"],
    ["a::Mut<'{erased}, u8>(reborrow (*_2))", "reborrow"],
    ["a::Ref<'_>(coerce shared _2)", "reborrow"],
    ["*mut [T] from (copy _1, copy _2)", "aggregateRawPtr"],
    ["copy _1 as &[T] (PointerCoercion(Unsize, AsCast))", "cast"],
    ["f::<T> as unsafe fn() (PointerCoercion(ReifyFnPointer(Unsafe), Implicit))", "cast"],
    ["copy _1 as T (Subtype)", "cast"],
  ])("reads %s and prints it back", (text, kind) => {
    if (kind === undefined) expect(failure(`fn f() -> () { bb0: { _1 = ${text}; } }`).message).toContain("expected");
    else expect(rvalueOf(text).kind).toBe(kind);
  });

  it("takes a call for what has an arrow, whatever its name", () => {
    expect(terminatorOf("_1 = Add(copy _1, copy _2) -> [return: bb1, unwind continue]").kind).toBe("call");
    expect(terminatorOf("_1 = discriminant(copy _1) -> [return: bb1, unwind continue]").kind).toBe("call");
  });
});

describe("statements and terminators", () => {
  it.each([
    ["StorageLive(_1)", "storageLive"],
    ["FakeRead(ForMatchedPlace(Some(DefId(0:5 ~ a[1]::f::{closure#0}))), _1)", "fakeRead"],
    ["AscribeUserType(_1, o, UserTypeProjection { base: UserType(0), projs: [] })", "ascribeUserType"],
    ["PlaceMention((*_1))", "placeMention"],
    ["Deinit(_1)", "deinit"],
    ["Retag([fn entry] _1)", "retag"],
    ["Retag(_1)", "retag"],
    ["Coverage::VirtualCounter(bcb0)", "coverage"],
    ["discriminant((*_1)) = 3", "setDiscriminant"],
    ["assume(copy _1)", "assume"],
    ["copy_nonoverlapping(dst = copy _1, src = move _2, count = const 1_usize)", "copyNonOverlapping"],
    ["ConstEvalCounter", "constEvalCounter"],
    ["BackwardIncompatibleDropHint(_1)", "backwardIncompatibleDropHint"],
    ["nop", "nop"],
  ])("reads %s and prints it back", (text, kind) => {
    expect(statementOf(text).kind).toBe(kind);
  });

  it.each([
    ["switchInt(copy _1) -> [0: bb1, 255: bb2, otherwise: bb3]", "switchInt"],
    ["switchInt(copy _1) -> bb3", "switchInt"],
    ["_1 = <T as Tr>::f::<'a, U>(move _2) -> [return: bb1, unwind: bb2]", "call"],
    ["_1 = move (*_2)(const 1_u8) -> [return: bb1, unwind terminate(abi)]", "call"],
    ["_1 = const f::{constant#0}() -> unwind unreachable", "call"],
    ["_1 = f() -> bb7", "call"],
    ["tailcall f(copy _1)", "tailCall"],
    ["tailcall f(Spanned { node: move _8, span: a.rs:1:2: 3:4 (#0) })", "tailCall"],
    ["drop(_1) -> [return: bb2, unwind: bb3, drop: bb4]", "drop"],
    ["drop(_1) -> [return: bb2, drop: bb4, unwind continue]", "drop"],
    ["async drop(_1; poll=bb2) -> [return: bb2, unwind: bb3]", "drop"],
    [
      'assert(!move (_1.1: bool), "attempt to compute `{} + {}`", copy _2, const 1_u8) -> [success: bb1, unwind continue]',
      "assert",
    ],
    ["falseEdge -> [real: bb1, imaginary: bb2]", "falseEdge"],
    ["falseUnwind -> [real: bb1, unwind: bb2]", "falseUnwind"],
    ["_1 = yield(move _2) -> [resume: bb1, drop: bb2]", "yield"],
    ["coroutine_drop", "coroutineDrop"],
    ["terminate(cleanup)", "terminate"],
    ["resume", "resume"],
    [
      'asm!("mov {0}, \\"x\\"\n// {1}", in(reg) copy _1, lateout("eax") _, inlateout(reg) const 1_u8 => _2, const const 3_i32, sym_fn f::<T>, label 0, options(PURE | NOMEM)) -> [return: bb1, label: bb2, unwind unreachable]',
      "asm",
    ],
    ['asm!("ud2", options(NORETURN))', "asm"],
  ])("reads %s and prints it back", (text, kind) => {
    expect(terminatorOf(text).kind).toBe(kind);
  });

  it("reads functions that are spelt as values are", () => {
    const value = "ConstValue(ZeroSized: fn(u8) -> u8 {f})";
    expect(terminatorOf(`_1 = ${value}(copy _1) -> bb7`)).toMatchObject({ kind: "call", func: { keyword: false } });
    expect(terminatorOf(`tailcall ${value}(copy _1)`)).toMatchObject({ kind: "tailCall", args: [{ kind: "copy" }] });
    expect(rvalueOf(`${value} as fn(u8) -> u8 (Transmute)`).kind).toBe("cast");
    expect(rvalueOf("ConstValue(copy _1)").kind).toBe("tupleStruct");
  });

  it("takes the block of a call that has nothing else for where unwinding goes", () => {
    const call = terminatorOf("_1 = f() -> bb7");
    expect(call).toMatchObject({ target: -1, unwind: { kind: "cleanup", block: 7 } });
  });

  it("tells operands by keyword", () => {
    const kinds = (operand: Operand): unknown[] => [operand.kind, operand.kind === "const" && operand.keyword];
    const call = terminatorOf("_1 = f(copy _1, move _2, const 1_u8, g, UbChecks) -> unwind continue");
    expect(call.kind === "call" && call.args.map(kinds)).toEqual([
      ["copy", false],
      ["move", false],
      ["const", true],
      ["const", false],
      ["runtimeChecks", false],
    ]);
  });
});

describe("items", () => {
  it("reads one of each of rustc's constructs and prints it back", () => {
    const text = readFileSync(SAMPLES, "utf8");
    const items = parse(text);
    expect(items.length).toBeGreaterThan(40);
    expect(firstDifference(text, items.map(printItem).join(""))).toBeUndefined();
  });

  it("reads pointers in allocations, also over two lines", () => {
    const text = [
      "alloc7 (size: 44, align: 8) {",
      "    0x00 │ 00 61 __ 7f ╾─────alloc3<imm>─────╼ 05 00 00 00 │ .a░.╾──────╼....",
      "    0x10 │ 00 00 00 00 00 00 00 00 00 00 00 00 ╾alloc4+0x8 │ ............╾───",
      "    0x20 │ ──────────╼ 01 02 03 04 05 06 07 08             │ ───╼........",
      "}",
      "",
    ];
    const [item] = parse(text.join("\n"));
    expect(item).toMatchObject({ kind: "alloc", alloc: 7, detail: { kind: "memory", memory: { size: 44, align: 8 } } });
    if (item?.kind !== "alloc" || item.detail.kind !== "memory") throw new Error("no memory");
    const { relocations, initialised, bytes } = item.detail.memory;
    expect(relocations.map((r) => [r.offset, r.size, r.pointer])).toEqual([
      [4, 8, { alloc: 3, offset: "", flags: "<imm>" }],
      [28, 8, { alloc: 4, offset: "0x8", flags: "" }],
    ]);
    expect(printItem(item)).toBe(text.join("\n"));
    expect(initialised?.indexOf(0)).toBe(2);
    expect(bytes?.[43]).toBe(8);
  });

  it.each([
    ["a pointer of 32 bits", 4, "    ╾─alloc3──╼                                     │ ╾──╼"],
    ["one that is too wide for its whole name", 4, "    ╾a31<imm>─╼                                     │ ╾──╼"],
    ["one that is too wide", 4, "    ╾a31+0x8<imm> (4 ptr bytes)╼                                     │ ╾──╼"],
    [
      "a fragment of a pointer",
      2,
      "    ╾42a3<imm> (ptr fragment 0)╼ 00                                           │ ━.",
    ],
    ["bytes without meaning", 3, "    __ 7f 20                                        │ ░. "],
  ])("reads %s in an allocation", (_, size, line) => {
    const text = `alloc1 (size: ${size}, align: 1) {\n${line}\n}\n`;
    expect(parse(text).map(printItem)).toEqual([text]);
  });

  it("reads bytes that are written without addresses and characters", () => {
    const [item] = parse(
      "alloc1 (size: 18, align: 2) { 01 00 __ 02\n 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11 }\nalloc2 (size: 1, align: 1) { 03 }\n",
    );
    expect(item?.kind === "alloc" && item.detail.kind === "memory" && item.detail.memory.bytes?.[17]).toBe(0x11);
  });

  it.each([
    "(size: 0, align: 1) {}",
    "(size: 8, align: 4) { .. }",
    "(static: a::S)",
    "(static: a::S, size: 1, align: 1) {\n    05                                              │ .\n}",
    "(static: a::S, error during initializer evaluation)",
    "(extern static: a::<impl at src/a.rs:1:1: 2:2>::S)",
    "(fn: <T as Tr>::f::<'a, U> - shim(vtable))",
    "(vtable: impl Fn(&u8) -> bool + Send for {closure@a.rs:1:2: 3:4})",
    "(vtable: impl <trivial> for u8)",
    "(typeid for &str)",
    "(deallocated)",
  ])("reads alloc1 %s and prints it back", (detail) => {
    const text = `alloc1 ${detail}\n`;
    expect(parse(text).map(printItem)).toEqual([text]);
  });

  it("keeps what comments and margin lines before an item say", () => {
    const items = parse(
      "fn f() -> () {\n}\n\n// MIR FOR CTFE\nfn f() -> () {\n}\n| User Type Annotations\n| 0: x\n|\nconst N: u8 = const 3_u8;\n",
    );
    expect(items.map((item) => item.kind === "fn" && item.ctfe)).toEqual([false, true, false]);
    expect(items[2]!.annotations).toEqual(["| User Type Annotations", "| 0: x", "|"]);
  });

  it("gives the items of Rust to the caller's parser", () => {
    const rust = (c: Cursor): string => {
      if (c.eatWord("struct")) {
        const name = c.ident("a name");
        c.expectText(";");
        return name;
      }
      c.expectWord("fn");
      const name = c.ident("a name");
      c.expectText("<T>()");
      parseBody(c);
      return name;
    };
    const items = parseItems("struct S; // a\nfn g<T>() { bb0: { return; } }\nfn f() -> () {\n}\n", {
      file: "t.mir",
      rust,
    });
    expect(items.map((item) => (item.kind === "rust" ? item.node : item.kind))).toEqual(["S", "g", "fn"]);
    const types = parseItems("type u8 ;", {
      file: "t.mir",
      rust: (c) => [c.eatWord("type"), parseType(c).kind, c.eatText(";")],
    });
    expect(types[0]).toMatchObject({ node: [true, "path", true] });
  });
});

describe("reading piece by piece", () => {
  const text = readFileSync(SAMPLES);

  function* chunks(size: number): Generator<Uint8Array> {
    for (let at = 0; at < text.length; at += size) yield text.subarray(at, at + size);
  }

  it("gives the same items with the same places, however the text is cut", () => {
    const whole = parse(text.toString());
    const long = Buffer.concat([...Array(12)].map(() => text));
    for (const input of [[...chunks(1)].slice(0, 0), [...chunks(7)], [...chunks(4096)], [text]]) {
      const items: Item[] = [];
      readItems<never>(input, { file: "t.mir" }, (item) => items.push(item as Item));
      expect(items.map((item) => [printItem(item), item.source.span(item.at)])).toEqual(
        input.length === 0 ? [] : whole.map((item) => [printItem(item), item.source.span(item.at)]),
      );
    }
    let count = 0;
    let lastLine = 0;
    readItems<never>([long], { file: "t.mir" }, (item) => {
      count++;
      lastLine = item.source.span(item.at).line;
    });
    expect(count).toBe(whole.length * 12);
    expect(lastLine).toBeGreaterThan(11 * 1000);
  });

  it("reads on when a line that holds a brace alone does not end an item", () => {
    const line = `        _1 = const "${"x".repeat(1000)}";\n`;
    const asm = `fn f() -> () {\n\n    bb0: {\n${line.repeat(300)}        asm!("a\n}\n", options()) -> [return: bb1, unwind continue];\n    }\n${`\n    bb1: {\n${line}        return;\n    }\n`.repeat(400)}}\n`;
    const items: Item[] = [];
    readItems<never>([Buffer.from(asm)], { file: "t.mir" }, (item) => items.push(item as Item));
    expect(items.map(printItem)).toEqual([asm]);
  });
});

describe("diagnostics", () => {
  it("shows the line and says what should stand there", () => {
    const d = failure('fn f() -> () {\n\n    bb0: {\n        _1 = const "é" as u8 IntToInt;\n    }\n}\n');
    expect(renderDiagnostic(d)).toBe(
      [
        "error: expected `(`, found `IntToInt`",
        " --> t.mir:4:30",
        "  |",
        '4 |         _1 = const "é" as u8 IntToInt;',
        "  |                              ^",
      ].join("\n"),
    );
  });

  it.each([
    ["fn f() -> () { let _1: (((", "expected a type, found the end of the text"],
    ["fn f() -> () { bb0: { return; return; } }", "expected `}`"],
    ["fn f() -> () { bb0: { _1 = _2; } }", "expected an operand"],
    ["struct S;", "expected an item"],
    ["fn f() -> () { let _01: u8; }", "leading zero"],
    ["fn f() -> () { let _99999999999999999999: u8; }", "too large"],
    [`fn f() -> () { let _1: ${"(".repeat(100_000)}`, "levels deep"],
    [`fn f() -> () { let _1: ${"&".repeat(100_000)}u8; }`, "levels deep"],
    [`fn f() -> () { bb0: { _1 = const ${"[".repeat(100_000)}; } }`, "levels deep"],
    [`fn f() -> () { bb0: { _1 = copy ${"((*".repeat(100_000)}; } }`, "levels deep"],
    [`fn f() -> () {${"scope 1 {".repeat(100_000)}`, "levels deep"],
    ["alloc1 (size: 99999999, align: 1) {\n    00 │ .\n}\n", "fewer bytes"],
    ["alloc1 (size: 4, align: 1) {\n    00 00 │ .\n}\n", "expected a byte"],
    ['fn f() -> () { bb0: { asm!("x', "no end"],
  ])("for text %#", (text, message) => {
    expect(failure(text).message).toContain(message);
  });

  it("reads scopes that nest as deeply as a function has variables", () => {
    const depth = 5000;
    const item = parseFn(`fn f() -> () {${"scope 1 {".repeat(depth)}${"}".repeat(depth)}}`);
    expect(printItem(item).split("\n").length).toBe(2 * depth + 4);
  });
});
