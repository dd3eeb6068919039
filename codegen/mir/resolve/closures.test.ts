/** What closures are known by and what they capture, of texts as rustc prints them and of texts that do not say it all. */

import { describe, expect, test } from "vitest";
import { parseProgram } from "../parser.ts";
import { newTyCtxt } from "../prelude.ts";
import type { Program } from "../program.ts";
import type { TyOf } from "../ty.ts";

function parse(text: string): Program {
  return parseProgram(text, { file: "t.mir", tcx: newTyCtxt() });
}

function captures(text: string): string[] {
  return parse(text).closures![0]!.upvars.map((ty) => ty.text);
}

const BODY = `fn make::{closure#0}(_1: &{closure@make::<T>::{closure#0}}, _2: u8) -> u8 { bb0: { _0 = Add(copy ((*_1).1: u8), copy _2); return; } }`;
const OWN = `fn make<T>(_1: T, _2: u8) -> {closure@make::<T>::{closure#0}} { bb0: { _0 = {closure@make::<T>::{closure#0}} { a: move _1, b: copy _2 }; return; } }`;
/** An instance in which both fields have one type: it cannot tell which of them is \`T\`. */
const INLINED = `fn user(_1: u8) -> () { let _2: {closure@make::<u8>::{closure#0}}; bb0: { _2 = {closure@make::<u8>::{closure#0}} { a: copy _1, b: copy _1 }; return; } }`;

describe("a closure of a generic function", () => {
  test("captures what its own function says, wherever else it is made", () => {
    expect(captures(`${OWN}\n${BODY}\n${INLINED}`)).toEqual(["T", "u8"]);
    expect(captures(`${INLINED}\n${OWN}\n${BODY}`)).toEqual(["T", "u8"]);
  });

  test("captures what an attribute says", () => {
    expect(captures(`${INLINED}\n#[upvars(a: T, b: u8)]\n${BODY}`)).toEqual(["T", "u8"]);
  });

  test("is not taken to capture what an instance of it does", () => {
    expect(() => parse(`${INLINED}\n${BODY}`)).toThrow("the text does not say what the closure");
  });

  test("has its constants by their attribute", () => {
    const body = `fn f::{closure#0}(_1: {closure@f::<T, N>::{closure#0}}) -> usize { bb0: { _0 = const N; return; } }`;
    const [closure] = parse(`#[const_params(N: usize)]\n${body}`).closures!;
    expect(closure!.generics).toEqual(["T", "N"]);
    expect(closure!.constParams?.map((ty) => ty?.text)).toEqual([undefined, "usize"]);
  });
});

test("an expression with too few operands is an error: rustc prints one per captured variable", () => {
  const body = `fn f::{closure#0}(_1: &{closure@t.rs:1:2: 1:4}) -> u8 { bb0: { _0 = Add(copy ((*_1).0: u8), copy ((*_1).1: u8)); return; } }`;
  const outer = `fn f(_1: (u8, u8)) -> () { let _2: {closure@t.rs:1:2: 1:4}; bb0: { _2 = {closure@t.rs:1:2: 1:4} { t: copy (_1.0: u8) }; return; } }`;
  expect(() => parse(`${body}\n${outer}`)).toThrow("not all that the closure");
  expect(() => parse(`${outer}\n${body}`)).toThrow("captures");
});

test("closures of another crate are told apart by their arguments, which may be parameters of where they are seen", () => {
  const program = parse(`
fn f<T>(_1: T) -> () { let _2: {closure@core::x::<T>::{closure#0}}; bb0: { _2 = {closure@core::x::<T>::{closure#0}} { 0: move _1 }; return; } }
fn g(_1: u8) -> () { let _2: {closure@core::x::<u8>::{closure#0}}; bb0: { _2 = {closure@core::x::<u8>::{closure#0}} { 0: copy _1 }; return; } }
`);
  const tys = program.functions.map((fn) => fn.body!.locals[2]!.ty as TyOf<"closure">);
  expect(tys[0]!.def).not.toBe(tys[1]!.def);
  expect(tys.map(({ def, args }) => [def.upvars[0]!.text, args.length])).toEqual([
    ["T", 1],
    ["u8", 0],
  ]);
});
