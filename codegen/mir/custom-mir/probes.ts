/**
 * What a rustc is asked about custom MIR: a small source per construct.
 *
 * A *construct* is something that some rustc may not take. The sources are modules of one crate (`PROBE_HEAD` at its top), each with
 * `use core::intrinsics::mir::*` in scope; a rustc takes a construct when that module compiles. Intrinsics are probed form by form (`intrinsics.ts`), and unstable features one
 * by one, as a release refuses those that it does not know.
 */

import { formConstruct, INTRINSIC_FORMS, type IntrinsicConstruct, NULLARY } from "./intrinsics.ts";

/** Features that a written crate enables where they exist. */
export const FEATURES: readonly string[] = [
  "custom_mir",
  "core_intrinsics",
  "never_type",
  "f16",
  "f128",
  "repr_simd",
  "unboxed_closures",
  "fn_traits",
  "ptr_metadata",
  "thread_local",
  "rustc_attrs",
  "negative_impls",
  "funnel_shifts",
  "uint_carryless_mul",
  "disjoint_bitor",
  "core_intrinsics_fallbacks",
  "trait_upcasting",
  "const_eval_select",
  "const_type_id",
  "const_trait_impl",
  "pattern_types",
  "pattern_type_macro",
];

export type LanguageConstruct =
  | "customMir"
  | "repeat"
  | "aggregate"
  | "index"
  | "switchInt"
  | "bytes"
  | "indirectCall"
  | "neverCall"
  | "externC"
  | "variadic"
  | "setDiscriminant"
  | "assume"
  | "discriminant"
  | "ptrMetadata"
  | "offset"
  | "checked"
  | "castTransmute"
  | "castPtrToPtr"
  | "castUnsize"
  | "castUnsizeDyn"
  | "reifyFnPointer"
  | "pointerExposeProvenance"
  | "pointerWithExposedProvenance"
  | "fnPtrToPtr"
  | "tailCall"
  | "drop"
  | "cleanup"
  | "static"
  | "threadLocal"
  | "constFn"
  | "constPanic"
  | "constTypeId"
  | "validRange"
  | "patternType"
  | "constBlock"
  | "generics"
  | "traits"
  | "dyn"
  | "closures"
  | "simd"
  | "f16"
  | "f128";

export type Construct = LanguageConstruct | IntrinsicConstruct | `feature ${string}`;

/** A construct and a module's content that has it. */
export interface Probe {
  readonly construct: Construct;
  readonly source: string;
}

const HEADER = '#[custom_mir(dialect = "runtime", phase = "initial")] ';

/** A function whose entry block is `block`. */
function body(signature: string, block: string, locals = ""): string {
  return `${HEADER}pub fn ${signature} { mir! { ${locals} { ${block} } } }\n`;
}

const UNIT =
  '#[custom_mir(dialect = "runtime", phase = "initial")] pub fn callee(_1: u32) -> u32 { mir! { { RET = _1; Return() } } }\n';

const LANGUAGE: Readonly<Record<LanguageConstruct, string>> = {
  customMir: body(
    "f(_1: u32) -> u32",
    "StorageLive(_2); _2 = Move(_1); RET = _2 + 1_u32; StorageDead(_2); Return()",
    "let _2: u32;",
  ),
  repeat: body("f(_1: u32) -> [u32; 4]", "RET = [_1; 4]; Return()"),
  aggregate: `pub struct S { pub a: u8, pub b: (u8, u8) }\npub union U { pub a: u8, pub b: u16 }\npub enum E { A(u8), B { x: u16 } }\n${body("f() -> S", "_1 = (1_u8, 2_u8); RET = S { a: 7_u8, b: _1 }; Return()", "let _1: (u8, u8);")}${body("g() -> U", "RET = U { b: 7_u16 }; Return()")}${body("h() -> E", "RET = E::B { x: 7_u16 }; Return()")}`,
  index: body("f(_1: [u32; 4], _2: usize) -> u32", "RET = _1[_2]; Return()"),
  switchInt: ["bool|true", "char|'a'", "i32|-7", "u128|340282366920938463463374607431768211455"]
    .map((row, i) => {
      const [ty, value] = row.split("|");
      const head = `${HEADER}pub fn f${i}(_1: ${ty}) -> u8 { mir! {`;
      return `${head} { match _1 { ${value} => b, _ => c } } b = { RET = 1_u8; Return() } c = { RET = 2_u8; Return() } } }\n`;
    })
    .join(""),
  bytes:
    body("f() -> &'static [u8; 3]", 'RET = b"a\\xffb"; Return()') +
    body("g() -> &'static str", 'RET = const { "a" }; Return()'),
  indirectCall: `${HEADER}pub fn f(_1: fn(u32) -> u32) -> u32 { mir! { { Call(RET = _1(7_u32), ReturnTo(b), UnwindUnreachable()) } b = { Return() } } }\n`,
  neverCall: `pub fn stops(_: u32) -> ! { loop {} }\n${HEADER}pub fn f() { mir! { let never: !; { Call(never = stops(7_u32), ReturnTo(b), UnwindUnreachable()) } b = { Unreachable() } } }\n`,
  externC: `${HEADER}pub extern "C" fn f(_1: u32) -> u32 { mir! { { RET = _1; Return() } } }\n`,
  variadic: `extern "C" { #[link_name = "snprintf"] pub fn format(_1: *mut u8, _2: usize, _3: *const u8, ...) -> i32; }\n${HEADER}pub fn f(_1: *mut u8, _2: *const u8) -> i32 { mir! { { Call(RET = format(_1, 7_usize, _2, 7_i32), ReturnTo(b), UnwindUnreachable()) } b = { Return() } } }\n`,
  setDiscriminant: body("f() -> Option<u8>", "SetDiscriminant(RET, 0); Return()"),
  assume: body("f(_1: bool)", "Assume(_1); Return()"),
  discriminant: body("f(_1: Option<u8>) -> isize", "RET = Discriminant(_1); Return()"),
  ptrMetadata: body("f(_1: *const [u8]) -> usize", "RET = PtrMetadata(_1); Return()"),
  offset: body("f(_1: *const u8) -> *const u8", "RET = Offset(_1, 1_usize); Return()"),
  checked: body("f(_1: u32) -> (u32, bool)", "RET = Checked(_1 + _1); Return()"),
  castTransmute: body("f(_1: u32) -> f32", "RET = CastTransmute(_1); Return()"),
  castPtrToPtr: body("f(_1: *const u8) -> *const u16", "RET = CastPtrToPtr(_1); Return()"),
  castUnsize: body("f(_1: &'static [u8; 4]) -> &'static [u8]", "RET = CastUnsize(Move(_1)); Return()"),
  castUnsizeDyn: `pub trait T: 'static { fn m(self: &'static Self) -> u32; }\nimpl T for u32 { fn m(self: &'static Self) -> u32 { 7 } }\n${body("f(_1: &'static u32) -> &'static (dyn T + 'static)", "RET = CastUnsize(Move(_1)); Return()")}`,
  reifyFnPointer: UNIT + body("f() -> fn(u32) -> u32", "RET = const { callee as fn(u32) -> u32 }; Return()"),
  pointerExposeProvenance: body("f(_1: *const u8) -> usize", "RET = _1 as usize; Return()"),
  pointerWithExposedProvenance: body("f(_1: usize) -> *const u8", "RET = _1 as *const u8; Return()"),
  fnPtrToPtr: body("f(_1: fn()) -> *const u8", "RET = _1 as *const u8; Return()"),
  tailCall: UNIT + body("f(_1: u32) -> u32", "TailCall(callee(_1))"),
  drop: `pub struct D(u8);\nimpl core::ops::Drop for D { fn drop(&mut self) {} }\n${HEADER}pub fn f(_1: D) { mir! { { Drop(_1, ReturnTo(b), UnwindUnreachable()) } b = { Return() } } }\n`,
  cleanup: `${UNIT}${HEADER}pub fn f(_1: u32) -> u32 { mir! { { Call(RET = callee(_1), ReturnTo(a), UnwindCleanup(b)) } a = { Call(RET = callee(_1), ReturnTo(d), UnwindContinue()) } b (cleanup) = { Call(RET = callee(_1), ReturnTo(c), UnwindTerminate(ReasonInCleanup)) } c (cleanup) = { UnwindResume() } d = { Return() } } }\n`,
  static: `pub static S: u32 = 7; pub static mut M: u32 = 7;\n${body("f() -> &'static u32", "RET = Static(S); Return()")}${body("g() -> *mut u32", "RET = StaticMut(M); Return()")}`,
  threadLocal: "#[thread_local] pub static mut T: u32 = 7;\npub fn f() -> *mut u32 { &raw mut T }\n",
  constFn: `${HEADER}pub const fn f(_1: u32) -> u32 { mir! { { RET = _1 * _1; Return() } } }\npub static S: u32 = f(7);\n`,
  constPanic: `fn at_run_time(_: u32) -> ! { loop {} }\nconst fn at_compile_time(_: u32) -> ! { panic!() }\n#[inline(always)] pub const fn f(code: u32) -> ! { core::intrinsics::const_eval_select((code,), at_compile_time, at_run_time) }\n`,
  validRange: `#[rustc_layout_scalar_valid_range_start(1)] #[rustc_layout_scalar_valid_range_end(9)] pub struct N(u8);\npub const N1: N = unsafe { N(1) };\n`,
  patternType: `pub struct N { pub value: core::pattern_type!(u8 is 1..=9) }\npub struct S { pub value: core::pattern_type!(i8 is -128..=-1 | 1..=127) }\npub struct P { pub value: core::pattern_type!(*const u8 is !null) }\n`,
  constTypeId: "pub fn f() -> core::any::TypeId { const { core::any::TypeId::of::<u8>() } }\n",
  constBlock: body("f() -> (u8, u8)", "RET = const { (1_u8, 2_u8) }; Return()"),
  generics: `${HEADER}pub fn f<T: 'static, const N: usize>(_1: T) -> usize { mir! { { RET = N; Return() } } }\n${body("g() -> usize", "Call(RET = f::<u8, 7>(1_u8), ReturnTo(b), UnwindUnreachable())").replace("} } }", "} b = { Return() } } }")}`,
  traits: `pub trait T: 'static { fn m(self: &'static Self) -> u32; }\nimpl T for u32 { fn m(self: &'static Self) -> u32 { 7 } }\n${HEADER}pub fn f(_1: &'static u32) -> u32 { mir! { { Call(RET = <u32 as T>::m(_1), ReturnTo(b), UnwindUnreachable()) } b = { Return() } } }\n`,
  dyn: `pub trait T: 'static { fn m(self: &'static Self) -> u32; }\n${HEADER}pub fn f(_1: &'static dyn T) -> u32 { mir! { { Call(RET = <dyn T as T>::m(_1), ReturnTo(b), UnwindUnreachable()) } b = { Return() } } }\n`,
  closures: `${HEADER}pub fn f<F: core::ops::Fn<(u8,), Output = u8> + 'static>(_1: &'static F, _2: (u8,)) -> u8 { mir! { { Call(RET = <F as core::ops::Fn<(u8,)>>::call(_1, _2), ReturnTo(b), UnwindUnreachable()) } b = { Return() } } }\npub struct C;\nimpl FnOnce<(u8,)> for C { type Output = u8; extern "rust-call" fn call_once(self, args: (u8,)) -> u8 { args.0 } }\n`,
  simd: `#[repr(simd)] pub struct V([i32; 4]);\n${body("f(_1: [i32; 4]) -> V", "RET = CastTransmute(_1); Return()")}`,
  f16: body("f(_1: f16) -> f32", "RET = _1 as f32; Return()"),
  f128: body("f(_1: f128) -> f128", "RET = _1 + _1; Return()"),
};

/** The constructs of the language, with their probes. */
export const LANGUAGE_PROBES: readonly Probe[] = Object.entries(LANGUAGE).map(([construct, source]) => ({
  construct: construct as LanguageConstruct,
  source,
}));

/** What examples of calls mention. */
const EXAMPLE_VALUES: readonly (readonly [name: string, declaration: string])[] = [
  ["P", "let P = &7_u8 as *const u8;"],
  ["M", "let mut m = 7_u8; let M = &raw mut m;"],
  ["V", "let V = crate::V4([1, 2, 3, 4]);"],
  ["Q", "let mut lane = 7_i32; let at = &raw mut lane; let Q = crate::P4([at, at, at, at]);"],
  ["F", "let F = crate::F4([1.0, 2.0, 3.0, 4.0]);"],
];

function intrinsicProbes(): readonly Probe[] {
  const probes = new Map<IntrinsicConstruct, Probe>();
  for (const forms of INTRINSIC_FORMS.values()) {
    for (const form of forms) {
      const construct = formConstruct(form);
      const values = EXAMPLE_VALUES.filter(([name]) => new RegExp(`\\b${name}\\b`).test(form.probe)).map(
        ([, text]) => text,
      );
      const call = NULLARY.has(/\w+(?=::<|\()/.exec(form.probe)?.[0] ?? "") ? `const { ${form.probe} }` : form.probe;
      const source = `use crate::{F4, I2, V2, V4}; pub fn f() { unsafe { ${values.join(" ")} let _ = { ${call} }; } }\n`;
      if (!probes.has(construct)) probes.set(construct, { construct, source });
    }
  }
  return [...probes.values()];
}

/** The intrinsics in all their forms, with their probes. */
export const INTRINSIC_PROBES: readonly Probe[] = intrinsicProbes();

/** What stands at the top of a crate of probes, under its features. */
export const PROBE_HEAD = `#![no_std]
#![allow(warnings, internal_features)]
#[repr(simd)] #[derive(Clone, Copy)] pub struct V4([i32; 4]);
#[repr(simd)] #[derive(Clone, Copy)] pub struct V2([i32; 2]);
#[repr(simd)] #[derive(Clone, Copy)] pub struct I2([u32; 2]);
#[repr(simd)] #[derive(Clone, Copy)] pub struct P4([*mut i32; 4]);
#[repr(simd)] #[derive(Clone, Copy)] pub struct O4([isize; 4]);
#[repr(simd)] #[derive(Clone, Copy)] pub struct F4([f32; 4]);
`;
