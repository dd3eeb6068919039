import { expect, test } from "vitest";
import {
  BodyBuilder,
  binary,
  call,
  constant,
  constBits,
  constInt,
  copy,
  fnRef,
  goto,
  move,
  newFn,
  ret,
  use,
} from "./builder.ts";
import { parseProgram } from "./parser.ts";
import { operandTy, placeTy, rvalueTy } from "./place-ty.ts";
import { newTyCtxt } from "./prelude.ts";
import { TY_BOOL, TY_I32, TY_U8, TY_UNIT } from "./ty.ts";
import { renderVerifyError, verifyBody, verifyProgram } from "./verifier.ts";

/** `blocks` in a function with locals of many types; the first block's statements stand alone. */
function program(statements: string, blocks = ""): string {
  return `struct S { a: u8, b: i32 }
enum E { A(u8), B }
fn id(_1: u8) -> u8 { bb0: { _0 = copy _1; return; } }
extern "C" fn two(_1: u8, _2: u8) -> ();
fn f(_1: u8, _2: i32, _3: bool, _4: usize, _5: f32, _6: char) -> u8 {
    let mut _0: u8;
    let mut _7: S; let mut _8: E; let mut _9: [u8; 4]; let mut _10: (u8, bool); let mut _11: &u8; let mut _12: *mut u8;
    let mut _13: fn(u8) -> u8; let mut _14: (); let mut _15: u64; let mut _16: *const [u8; 4]; let mut _17: *const u8; let mut _18: !;
    bb0: {
        ${statements}
    }
    bb1: { return; }
    ${blocks}
}`;
}

function errors(statements: string, blocks = ""): string[] {
  return verifyProgram(parseProgram(program(statements, blocks))).map(renderVerifyError);
}

test.each([
  ["_0 = copy _2; return;", "a `i32` is stored in a place of type `u8`"],
  ["_0 = Add(copy _1, copy _2); return;", "Add of `u8` and `i32`"],
  ["_0 = Add(copy _3, copy _3); return;", "Add of `bool` and `bool`"],
  ["_5 = BitAnd(copy _5, copy _5); return;", "BitAnd of `f32` and `f32`"],
  ["_0 = Shl(copy _1, copy _5); return;", "Shl of `u8` and `f32`"],
  ["_10 = AddWithOverflow(copy _5, copy _5); return;", "AddWithOverflow of `f32`"],
  ["_3 = Lt(copy _11, copy _11); return;", "Lt of `&u8` and `&u8`"],
  ["_3 = Lt(copy _1, copy _2); return;", "Lt of `u8` and `i32`"],
  ["_0 = Lt(copy _1, copy _1); return;", "a `bool` is stored in a place of type `u8`"],
  ["_12 = Offset(copy _12, copy _1); return;", "Offset of `*mut u8` and `u8`"],
  ["_0 = Neg(copy _1); return;", "Neg of `u8`"],
  ["_5 = Not(copy _5); return;", "Not of `f32`"],
  ["_6 = copy _2 as char (IntToInt); return;", "the cast IntToInt from `i32` to `char`"],
  ["_5 = copy _3 as f32 (IntToFloat); return;", "the cast IntToFloat from `bool` to `f32`"],
  ["_0 = copy _1 as u8 (FloatToInt); return;", "the cast FloatToInt from `u8` to `u8`"],
  ["_15 = copy _1 as u64 (Transmute); return;", "the cast Transmute from `u8` to `u64`"],
  ["_17 = copy _11 as *const u8 (PtrToPtr); return;", "the cast PtrToPtr from `&u8`"],
  ["_17 = copy _12 as *const u8 (PointerCoercion(ArrayToPointer, Implicit)); return;", "the cast ArrayToPointer"],
  [
    "_13 = two as fn(u8) -> u8 (PointerCoercion(ReifyFnPointer(Safe), Implicit)); return;",
    "`two` is no `fn(u8) -> u8`",
  ],
  ["_13 = copy _1 as fn(u8) -> u8 (PointerCoercion(ReifyFnPointer(Safe), Implicit)); return;", "takes a function item"],
  ["_13 = id; return;", "a `fn(u8) -> u8 {id}` is stored in a place of type"],
  ["_0 = copy (_7.1: u8); return;", "field 1 of `S` is `i32`, not `u8`"],
  ["_0 = copy (_7.2: u8); return;", "`S` has no field 2"],
  ["_0 = copy (_8.0: u8); return;", "`E` has no field 0"],
  ["_0 = copy ((_8 as B).0: u8); return;", "`E` has no field 0"],
  ["_8 = copy (_8 as A); return;", "ends in a downcast"],
  ["_0 = copy (_1.0: u8); return;", "`u8` has no field 0"],
  ["_0 = copy _9[_1]; return;", "the index _1 is `u8`, not `usize`"],
  ["_0 = copy _9[4 of 5]; return;", "the index is outside of `[u8; 4]`"],
  ["_0 = copy _9[-0 of 4]; return;", "the index is outside of `[u8; 4]`"],
  ["_7 = S { a: copy _2, b: copy _2 }; return;", "expected a `u8`, found a `i32`"],
  ["_0 = E::B; return;", "a `E` is stored in a place of type `u8`"],
  ["_10 = (copy _1,); return;", "an aggregate of 1 values"],
  ["_9 = [copy _1, copy _1]; return;", "an aggregate of 2 values"],
  ["_9 = [copy _1; 5]; return;", "[`u8`; 5] is stored"],
  ["_11 = &mut _1; return;", "a pointer to `u8` is stored in a place of type `&u8`"],
  ["_12 = &raw mut _2; return;", "a pointer to `i32` is stored"],
  ["_0 = discriminant(_8); return;", "a `isize` is stored"],
  ["discriminant(_8) = 2; return;", "`E` has no variant 2"],
  ["discriminant(_7) = 0; return;", "`S` has no variant 0"],
  ["assume(copy _1); return;", "expected a `bool`, found a `u8`"],
  ["_1 = copy _1; return;", "a place is stored in itself"],
  ["_14 = const {transmute(()): u8}; return;", "`u8` is not zero-sized"],
  ["_3 = const {transmute(0x2): bool}; return;", "2 is no `bool`"],
  ["_6 = const {transmute(0xd800): char}; return;", "0xd800 is no `char`"],
  ["goto -> bb0;", "the entry block has a predecessor"],
  ["switchInt(copy _5) -> [0: bb1, otherwise: bb1];", "a switch on `f32`"],
  ["switchInt(copy _1) -> [256: bb1, otherwise: bb1];", "the value 256 does not fit in `u8`"],
  ["switchInt(copy _3) -> [2: bb1, otherwise: bb1];", "the value 2 does not fit in `bool`"],
  ["switchInt(copy _1) -> [1: bb1, 1: bb1, otherwise: bb1];", "a value is there twice"],
  ["switchInt(copy _1) -> [1: bb1];", "needs an `otherwise`"],
  ["_0 = id() -> [return: bb1, unwind continue];", "takes 1 arguments, not 0"],
  ["_0 = id(copy _2) -> [return: bb1, unwind continue];", "expected a `u8`, found a `i32`"],
  ["_2 = id(copy _1) -> [return: bb1, unwind continue];", "the callee returns `u8`, the destination is `i32`"],
  ["_0 = copy _1(copy _1) -> [return: bb1, unwind continue];", "what is called is no function"],
  ["_14 = two(move _1, move _1) -> [return: bb1, unwind continue];", "two moved arguments overlap"],
  ["_1 = id(move _1) -> [return: bb1, unwind continue];", "a moved argument overlaps the destination"],
  [
    'assert(copy _1, "attempt to negate `{}`, which would overflow", copy _2) -> [success: bb1, unwind continue];',
    "expected a `bool`",
  ],
  [
    'assert(copy _3, "index out of bounds: the length is {} but the index is {}", copy _4, copy _1) -> [success: bb1, unwind continue];',
    "the message shows a `u8`",
  ],
  ["StorageDead(_14); _14 = (); return;", "_14 is used where it has no storage"],
  ["StorageLive(_15); StorageLive(_15); return;", "_15 already has storage"],
  ["StorageLive(_1); return;", "always have storage"],
  ["_0 = id(copy _1) -> [return: bb1, unwind: bb1];", "bb1 is no cleanup block"],
])("%s is refused", (statements, message) => {
  const found = errors(statements);
  expect(found.length).toBeGreaterThan(0);
  expect(found[0]).toContain(message);
  expect(found[0]).toMatch(/^f, bb\d\[\d+\]: .*: ./);
});

test.each([
  ["_0 = copy ((_8 as A).0: u8); _3 = Lt(copy _12, copy _12); _0 = Shl(copy _1, copy _2); return;", ""],
  ["_16 = &raw const _9; _17 = copy _16 as *const u8 (PointerCoercion(ArrayToPointer, Implicit)); return;", ""],
  [
    "_13 = id as fn(u8) -> u8 (PointerCoercion(ReifyFnPointer(Safe), Implicit)); _0 = copy _13(copy _1) -> [return: bb1, unwind continue];",
    "",
  ],
  [
    "StorageLive(_15); goto -> bb2;",
    "bb2: { _15 = const 1_u64; StorageDead(_15); switchInt(copy _3) -> [0: bb1, otherwise: bb3]; } bb3: { StorageLive(_15); _15 = const 2_u64; goto -> bb2; }",
  ],
  ["_14 = two(move (_7.0: u8), move _1) -> [return: bb1, unwind continue];", ""],
])("%s is accepted", (statements, blocks) => {
  expect(errors(statements, blocks)).toEqual([]);
});

test("storage is followed along all ways", () => {
  const blocks =
    "bb2: { StorageLive(_15); _15 = const 1_u64; goto -> bb3; } bb3: { _15 = copy _4 as u64 (IntToInt); goto -> bb1; }";
  expect(errors("switchInt(copy _3) -> [0: bb2, otherwise: bb3];", blocks)).toEqual([]);
  expect(errors("goto -> bb3;", blocks)[0]).toContain("f, bb3[0]: _15 is used where it has no storage");
});

test("bodies that no text can make are refused too", () => {
  const tcx = newTyCtxt();
  const b = new BodyBuilder(tcx, [TY_U8], TY_U8);
  b.assign(0, use(constBits(TY_U8, 256n)));
  b.assign(7, use(copy(1)));
  b.assign(0, binary("Add", copy(1), constant({ kind: "scalar", ty: TY_UNIT, bits: 0n })));
  b.terminate(goto(9));
  const found = verifyBody(b.finish(), tcx).map((e) => e.message);
  expect(found).toEqual([
    "the constant 256 does not fit in `u8`",
    "there is no local _7",
    "`()` has no scalar constants",
    "there is no block bb9",
  ]);
});

test("functions outside of the program, and wrong signatures, are refused", () => {
  const tcx = newTyCtxt();
  const other = newFn("other", [], TY_UNIT);
  const b = new BodyBuilder(tcx, [TY_U8], TY_UNIT);
  const next = b.newBlock();
  b.terminate(call(0, fnRef(other), [], next));
  b.switchTo(next);
  b.terminate(ret());
  const body = b.finish();
  const item = newFn("f", [TY_I32], TY_BOOL, { body });
  const found = verifyProgram({ tcx, functions: [item, newFn("f", [], TY_UNIT)], file: "" }).map((e) => e.message);
  expect(found).toEqual([
    "the return place's type is not the function's",
    "an argument's type is not the signature's",
    "`other` is no function of the program",
    "two functions have this name",
    "the function has no body",
  ]);
});

test("place, operand and rvalue types", () => {
  const { functions, tcx } = parseProgram(
    program(
      "_0 = copy ((_8 as A).0: u8); _10 = AddWithOverflow(copy _1, const 1_u8); _0 = copy _9[_4]; _0 = copy (*_11); _3 = Eq(copy _1, copy _1); _13 = id as fn(u8) -> u8 (PointerCoercion(ReifyFnPointer(Safe), Implicit)); return;",
    ),
  );
  const body = functions.find((f) => f.name === "f")!.body!;
  for (const statement of body.blocks[0]!.statements) {
    if (statement.kind !== "assign") continue;
    expect(rvalueTy(body, statement.rvalue, tcx)).toBe(placeTy(body, statement.place, tcx).ty);
  }
  expect(operandTy(body, fnRef(functions[0]!), tcx).text).toBe("fn(u8) -> u8 {id}");
  expect(() => placeTy(body, { local: 1 as never, projection: [{ kind: "deref" }] }, tcx)).toThrow("internal error");
});

test("the builder refuses unfinished and finished blocks", () => {
  const b = new BodyBuilder(newTyCtxt(), [], TY_UNIT);
  expect(() => b.finish()).toThrow("bb0 is not terminated");
  const next = b.jump();
  expect(() => b.switchTo(0 as never)).toThrow("bb0 is terminated");
  expect(b.block).toBe(next);
  const local = b.temp(TY_I32, use(constInt(TY_I32, -1)));
  expect(b.localTy(local)).toBe(TY_I32);
  b.terminate(ret());
  expect(() => b.terminate(ret())).toThrow("is terminated");
  expect(b.finish().blocks.length).toBe(2);
  expect(move(local)).toEqual({ kind: "move", place: { local, projection: [] } });
});
