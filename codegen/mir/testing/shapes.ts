/**
 * Programs that are a piece of text again and again, and such that stand for much more than is written: each is read in linear time, or refused.
 */

import { type LayoutsOf, newCounts, runProgram } from "./fuzz-program.ts";

function list(count: number, piece: (i: number) => string, separator = "\n"): string {
  return Array.from({ length: count }, (_, i) => piece(i)).join(separator);
}

const EMPTY = "{ bb0: { return; } }";

/** By what they have many of, the text with `n` of it. */
const SHAPES: Readonly<Record<string, (n: number) => string>> = {
  "doubling aliases": (n) =>
    `type A0 = u8;\n${list(n, (i) => `type A${i + 1} = (A${i}, A${i});`)}\nfn f(_1: A${n}) -> () ${EMPTY}`,
  "doubling generic aliases": (n) =>
    `type A<T> = (T, T);\nfn f(_1: ${"A<".repeat(Math.min(n, 200))}u8${">".repeat(Math.min(n, 200))}) -> () ${EMPTY}`,
  "doubling alias defs": (n) =>
    `type A0<T> = (T, T);\n${list(n, (i) => `type A${i + 1}<T> = A${i}<A${i}<T>>;`)}\nfn f(_1: A${n}<u8>) -> () ${EMPTY}`,
  "alias to itself": () => `type A = (A, u8);\nfn f(_1: A) -> () ${EMPTY}`,
  "aliases in a circle": (n) => `${list(n, (i) => `type A${i} = A${(i + 1) % n};`)}\nfn f(_1: A0) -> () ${EMPTY}`,
  "alias chain": (n) => `type A0 = u8;\n${list(n, (i) => `type A${i + 1} = A${i};`)}\nfn f(_1: A${n}) -> () ${EMPTY}`,
  "alias chain reversed": (n) =>
    `${list(n, (i) => `type A${n - i} = A${n - i - 1};`)}\ntype A0 = u8;\nfn f(_1: A${n}) -> () ${EMPTY}`,
  "doubling defaults": (n) =>
    `struct S<T0, ${list(n, (i) => `T${i + 1} = (T${i}, T${i})`, ", ")}>(T0);\nfn f(_1: S<u8>) -> () ${EMPTY}`,
  "struct chain": (n) =>
    `struct S0(u8);\n${list(n, (i) => `struct S${i + 1}(S${i}, u8);`)}\nfn f(_1: S${n}) -> () ${EMPTY}`,
  "doubling structs": (n) =>
    `struct S0(u8);\n${list(n, (i) => `struct S${i + 1}(S${i}, S${i});`)}\nfn f(_1: S${n}) -> () ${EMPTY}`,
  "struct chain generic": (n) =>
    `struct S0<T>(T);\n${list(n, (i) => `struct S${i + 1}<T>(S${i}<(T, T)>);`)}\nfn f(_1: S${n}<u8>) -> () ${EMPTY}`,
  "polymorphic recursion": () => `struct S<T>(*const S<(T, T)>, T);\nfn f(_1: S<u8>) -> () ${EMPTY}`,
  "polymorphic recursion by value": () => `struct S<T>(Option<Box<S<(T, T)>>>, T);\nfn f(_1: S<u8>) -> () ${EMPTY}`,
  "generic infinite": () => `struct S<T>(T, W<S<T>>); struct W<T>(T);\nfn f(_1: S<u8>) -> () ${EMPTY}`,
  "generic infinite through params": () =>
    `struct S<T>(W<S<S<T>>>); struct W<T>(*const T);\nfn f(_1: S<u8>) -> () ${EMPTY}`,
  "enum nest": (n) =>
    `enum E0 { A, B(u8) }\n${list(n, (i) => `enum E${i + 1} { A(E${i}), B, C(u16) }`)}\nfn f(_1: E${n}) -> () ${EMPTY}`,
  "array powers": (n) =>
    `fn f(_1: ${"[".repeat(Math.min(n, 200))}u8${"; 1000]".repeat(Math.min(n, 200))}) -> () ${EMPTY}`,
  "alias array powers": (n) =>
    `type A0 = u8;\n${list(n, (i) => `type A${i + 1} = [A${i}; 1000];`)}\nfn f(_1: A${n}) -> () { let _2: A${n}; bb0: { return; } }`,
  "repeat huge": () =>
    `fn f() -> () { let _1: [u8; 9007199254740991]; bb0: { _1 = [const 0_u8; 9007199254740991]; return; } }`,
  "aggregate const huge": () =>
    `fn f() -> () { let _1: [u8; 9007199254740991]; bb0: { _1 = const [1_u8, 2_u8]; return; } }`,
  "uninit huge": () =>
    `union U { a: u8, b: () } fn f() -> () { let _1: [U; 900719925474099]; bb0: { _1 = const <uninit>; return; } }`,
  "field index": () => `fn f(_1: {closure@a.rs:1:1: 1:2}) -> u8 { bb0: { _0 = copy (_1.4000000000: u8); return; } }`,
  "field index 2": () => `fn f(_1: (u8, u16)) -> u8 { bb0: { _0 = copy (_1.9007199254740991: u8); return; } }`,
  "local number": () => `fn f() -> u8 { let _9007199254740991: u8; bb0: { return; } }`,
  "local number used": () => `fn f() -> u8 { bb0: { _9007199254740991 = const 1_u8; return; } }`,
  "block number": () => `fn f() -> u8 { bb9007199254740991: { return; } }`,
  "constant index": () =>
    `fn f(_1: [u8; 4]) -> u8 { bb0: { _0 = copy _1[9007199254740991 of 9007199254740991]; return; } }`,
  subslice: () =>
    `fn f(_1: [u8; 4]) -> u8 { bb0: { _0 = copy _1[9007199254740991:-9007199254740991][0 of 1]; return; } }`,
  "where clauses": (n) =>
    `trait T {} struct S<X>(X);\nfn f<X>(_1: X) -> () where ${list(n, () => `X: T`, ", ")} ${EMPTY}`,
  "where clauses, many types": (n) =>
    `trait T {} struct S<X, const N: usize>(X);\nfn f<X>(_1: X) -> () where ${list(n, (i) => `S<X, ${i}>: T`, ", ")} ${EMPTY}`,
  "where clauses used": (n) =>
    `trait T { type O; } \nfn f<${list(n, (i) => `X${i}`, ", ")}>() -> () where ${list(n, (i) => `X${i}: T`, ", ")} { ${list(n, (i) => `let _${i + 1}: X${i}::O;`)} bb0: { return; } }`,
  bounds: (n) => `trait T {} \nfn f<X: ${list(n, () => "T", " + ")}>(_1: X) -> () ${EMPTY}`,
  generics: (n) => `fn f<${list(n, (i) => `X${i}`, ", ")}>(${list(n, (i) => `_${i + 1}: X${i}`, ", ")}) -> () ${EMPTY}`,
  "struct generics": (n) =>
    `struct S<${list(n, (i) => `X${i}`, ", ")}>(${list(n, (i) => `X${i}`, ", ")});\nfn f(_1: S<${list(n, () => "u8", ", ")}>) -> () ${EMPTY}`,
  fields: (n) => `struct S {${list(n, (i) => `x${i}: u8`, ", ")}}\nfn f(_1: S) -> () ${EMPTY}`,
  variants: (n) => `enum E {${list(n, (i) => `X${i}`, ", ")}}\nfn f(_1: E) -> () ${EMPTY}`,
  "variants with fields": (n) => `enum E {${list(n, (i) => `X${i}(u8, u32)`, ", ")}}\nfn f(_1: E) -> () ${EMPTY}`,
  "struct aggregate": (n) =>
    `struct S {${list(n, (i) => `x${i}: u8`, ", ")}}\nfn f() -> S { bb0: { _0 = S {${list(n, (i) => `x${i}: const 1_u8`, ", ")}}; return; } }`,
  "struct constants": (n) =>
    `struct S {${list(n, (i) => `x${i}: u8`, ", ")}}\nfn f() -> S { bb0: { _0 = const S {{${list(n, (i) => `x${i}: 1_u8`, ", ")}}}; return; } }`,
  "variant uses": (n) =>
    `enum E {${list(n, (i) => `X${i}`, ", ")}}\nfn f() -> E { bb0: { ${list(n, (i) => `_0 = E::X${i};`)} return; } }`,
  "variant uses const": (n) =>
    `enum E {${list(n, (i) => `X${i}`, ", ")}}\nfn f() -> E { bb0: { ${list(n, (i) => `_0 = const E::X${i};`)} return; } }`,
  "variant downcasts": (n) =>
    `enum E {${list(n, (i) => `X${i}(u8)`, ", ")}}\nfn f(_1: E) -> u8 { bb0: { ${list(n, (i) => `_0 = copy ((_1 as X${i}).0: u8);`)} return; } }`,
  supertraits: (n) =>
    `trait T0 {}\n${list(n, (i) => `trait T${i + 1}: T${i} {}`)}\nfn f<X: T${n}>(_1: X) -> () ${EMPTY}`,
  "supertrait fan": (n) =>
    `trait T0 { type O; }\n${list(n, (i) => `trait T${i + 1}: T${i} + T${Math.max(0, i - 1)} {}`)}\nfn f<X: T${n}>(_1: X) -> <X as T${n}>::P ${EMPTY}`,
  "supertrait fan, found": (n) =>
    `trait T0 { type O; }\n${list(n, (i) => `trait T${i + 1}: T${i} + T${Math.max(0, i - 1)} {}`)}\nfn f<X: T${n}>(_1: X) -> X::P ${EMPTY}`,
  "supertraits in a circle": (n) =>
    `${list(n, (i) => `trait T${i}: T${(i + 1) % n} {}`)}\nfn f<X: T0>(_1: X) -> <X as T0>::O ${EMPTY}`,
  "assoc bounds": (n) =>
    `trait T { type O: T; }\nfn f<X: T>(_1: ${"<".repeat(Math.min(n, 100))}X${" as T>::O".repeat(Math.min(n, 100))}) -> () ${EMPTY}`,
  "assoc nest": (n) =>
    `trait T { type O; }\nfn f<X: ${"T<O: ".repeat(Math.min(n, 100))}Copy${">".repeat(Math.min(n, 100))}>(_1: X) -> () ${EMPTY}`,
  "assoc doubling": (n) =>
    `trait T { type O; } struct W<X>(X); impl T for u8 { type O = u8; } impl<X: T> T for W<X> { type O = (<X as T>::O, <X as T>::O); }\nfn f(_1: <${"W<".repeat(Math.min(n, 60))}u8${">".repeat(Math.min(n, 60))} as T>::O) -> () ${EMPTY}`,
  "assoc circle": () =>
    `trait T { type O; } impl T for u8 { type O = <u8 as T>::O; }\nfn f(_1: <u8 as T>::O) -> () ${EMPTY}`,
  "assoc circle 2": () =>
    `trait T { type O; } impl T for u8 { type O = (<u16 as T>::O,); } impl T for u16 { type O = <u8 as T>::O; }\nfn f(_1: <u8 as T>::O, _2: S) -> () ${EMPTY}\nstruct S(<u8 as T>::O);`,
  "impl circle": () =>
    `trait T { } struct W<X>(X); impl<X> T for W<X> where W<W<X>>: T {}\nfn f<X>(_1: X) -> () where W<X>: T ${EMPTY} fn g() -> () { bb0: { _0 = f::<u8>(const 1_u8) -> [return: bb1, unwind continue]; } bb1: { return; } }`,
  impls: (n) =>
    `trait T { type O; } ${list(n, (i) => `struct S${i}; impl T for S${i} { type O = u8; }`)}\nfn f(${list(n, (i) => `_${i + 1}: <S${i} as T>::O`, ", ")}) -> () ${EMPTY}`,
  methods: (n) =>
    `struct S; ${list(n, (i) => `impl S { fn m${i}(_1: S) -> () ${EMPTY} }`)}\nfn f() -> () { bb0: { goto -> bb1; } ${list(n, (i) => `bb${i + 1}: { _0 = S::m${i}(const S) -> [return: bb${i + 2}, unwind continue]; }`)} bb${n + 1}: { return; } }`,
  "methods same name": (n) =>
    `${list(n, (i) => `struct S${i}; impl S${i} { fn new() -> () ${EMPTY} }`)}\nfn f() -> () { bb0: { goto -> bb1; } ${list(n, (i) => `bb${i + 1}: { _0 = S${i}::new() -> [return: bb${i + 2}, unwind continue]; }`)} bb${n + 1}: { return; } }`,
  "same last segment": (n) =>
    `${list(n, (i) => `struct m${i}::S;`)}\n${list(n, (i) => `fn f${i}(_1: m${i}::S) -> () ${EMPTY}`)}`,
  "same last segment, short": (n) =>
    `${list(n, (i) => `struct m${i}::S;`)}\n${list(n, (i) => `fn m${i}::f(_1: S) -> () ${EMPTY}`)}`,
  closures: (n) =>
    `${list(n, (i) => `fn f${i}() -> () { let _1: {closure@a.rs:${i}:1: 1:2}; bb0: { _1 = {closure@a.rs:${i}:1: 1:2}; return; } }\nfn f${i}::{closure#0}(_1: &{closure@a.rs:${i}:1: 1:2}) -> () ${EMPTY}`)}`,
  "closure upvars": (n) =>
    `fn f(_1: u8) -> () { let _2: {closure@a.rs:1:1: 1:2}; bb0: { _2 = {closure@a.rs:1:1: 1:2} {${list(n, (i) => `x${i}: copy _1`, ", ")}}; return; } }`,
  "closure upvars seen": (n) =>
    `fn f::{closure#0}(_1: {closure@a.rs:1:1: 1:2}) -> () { let _2: u8; bb0: { ${list(n, (i) => `_2 = copy (_1.${i}: u8);`)} return; } }`,
  allocs: (n) =>
    `fn f() -> () { let _1: &u8; bb0: { ${list(n, (i) => `_1 = const {alloc${i}: &u8};`)} return; } }\n${list(n, (i) => `alloc${i} (size: 1, align: 1) {\n    01 │ .\n}`)}`,
  "alloc chain": (n) =>
    `fn f() -> () { let _1: &u8; bb0: { _1 = const {alloc0: &u8}; return; } }\n${list(n, (i) => `alloc${i} (size: 8, align: 8) {\n    ╾───────alloc${i + 1}${"─".repeat(10 - String(i + 1).length)}╼ │ ╾──────╼\n}`)}\nalloc${n} (size: 1, align: 1) {\n    01 │ .\n}`,
  consts: (n) => `const C0: u8 = const 1_u8;\n${list(n, (i) => `const C${i + 1}: u8 = const C${i};`)}`,
  "const circle": () => `const A: usize = const B; const B: usize = const A; fn f(_1: [u8; A]) -> () ${EMPTY}`,
  "const doubling": (n) =>
    `const C0: usize = const 1_usize;\n${list(n, (i) => `const C${i + 1}: usize = { let _1: usize; bb0: { _0 = Add(const C${i}, const C${i}); return; } }`)}\nfn f(_1: [u8; C${n}]) -> () ${EMPTY}`,
  "const array circle": () =>
    `const A: usize = { let _1: [u8; A]; bb0: { _0 = const 1_usize; return; } } fn f(_1: [u8; A]) -> () ${EMPTY}`,
  "static circle": () => `static A: &u8 = const {alloc1: &u8};\nalloc1 (static: A)\n`,
  "tuple const": (n) => `fn f() -> () { bb0: { _0 = const (${list(n, () => "1_u8", ", ")}); return; } }`,
  "array const": (n) => `fn f() -> [u8; ${n}] { bb0: { _0 = const [${list(n, () => "1_u8", ", ")}]; return; } }`,
  "array aggregate": (n) => `fn f() -> [u8; ${n}] { bb0: { _0 = [${list(n, () => "const 1_u8", ", ")}]; return; } }`,
  "tuple aggregate": (n) =>
    `fn f() -> (${list(n, () => "u8", ", ")}) { bb0: { _0 = (${list(n, () => "const 1_u8", ", ")}); return; } }`,
  "tuple fields": (n) =>
    `fn f(_1: (${list(n, () => "u8", ", ")})) -> u8 { bb0: { ${list(n, (i) => `_0 = copy (_1.${i}: u8);`)} return; } }`,
  params: (n) => `fn f(${list(n, (i) => `_${i + 1}: u8`, ", ")}) -> u8 ${EMPTY}`,
  locals: (n) =>
    `fn f() -> u8 { ${list(n, (i) => `let _${i + 1}: u8;`)} bb0: { ${list(n, (i) => `_${i + 1} = const 1_u8;`)} return; } }`,
  "locals with storage": (n) =>
    `fn f() -> u8 { ${list(n, (i) => `let _${i + 1}: u8;`)} bb0: { ${list(n, (i) => `StorageLive(_${i + 1}); _${i + 1} = const 1_u8; StorageDead(_${i + 1});`)} return; } }`,
  "blocks with storage": (n) =>
    `fn f() -> u8 { ${list(n, (i) => `let _${i + 1}: u8;`)} ${list(n, (i) => `bb${i}: { StorageLive(_${i + 1}); goto -> bb${i + 1}; }`)} bb${n}: { return; } }`,
  "blocks backwards": (n) =>
    `fn f() -> u8 { let _1: u8; bb0: { goto -> bb${n}; } ${list(n, (i) => `bb${i + 1}: { StorageLive(_1); StorageDead(_1); goto -> bb${Math.max(1, i)}; }`)} }`,
  blocks: (n) => `fn f() -> u8 { ${list(n, (i) => `bb${i}: { goto -> bb${i + 1}; }`)} bb${n}: { return; } }`,
  "calls to cleanup": (n) =>
    `fn g() -> () ${EMPTY} fn f() -> () { ${list(n, (i) => `bb${i}: { _0 = g() -> bb${i + 1}; }`)} bb${n}: { return; } }`,
  "call args": (n) =>
    `fn g(${list(n, (i) => `_${i + 1}: u8`, ", ")}) -> () ${EMPTY} fn f(_1: u8) -> () { bb0: { _0 = g(${list(n, () => "copy _1", ", ")}) -> [return: bb1, unwind continue]; } bb1: { return; } }`,
  "call args moved": (n) =>
    `fn g(${list(n, (i) => `_${i + 1}: u8`, ", ")}) -> () ${EMPTY} fn f(_1: u8) -> () { ${list(n, (i) => `let _${i + 2}: u8;`)} bb0: { _0 = g(${list(n, (i) => `move _${i + 2}`, ", ")}) -> [return: bb1, unwind continue]; } bb1: { return; } }`,
  switch: (n) =>
    `fn f(_1: u32) -> () { bb0: { switchInt(copy _1) -> [${list(n, (i) => `${i}: bb1`, ", ")}, otherwise: bb1]; } bb1: { return; } }`,
  projection: (n) =>
    `struct S { s: *const S } fn f(_1: *const S) -> () { let _2: *const S; bb0: { _2 = copy ${"((*".repeat(Math.min(n, 100))}_1${").0: *const S)".repeat(Math.min(n, 100))}; return; } }`,
  scopes: (n) => `fn f() -> () { ${list(n, (i) => `scope ${i + 1} { debug x => _0; }`)} bb0: { return; } }`,
  "nested scopes": (n) =>
    `fn f() -> () { ${list(Math.min(n, 1400), (i) => `scope ${i + 1} { debug x => _0;`)} ${list(Math.min(n, 1400), () => "}")} bb0: { return; } }`,
  "length expression": (n) => `fn f(_1: [u8; 1${list(n, () => " + 1", "")}]) -> () ${EMPTY}`,
  "length product": (n) => `fn f(_1: [u8; 2${list(n, () => " * 255", "")}]) -> () ${EMPTY}`,
  "length shifts": (n) => `fn f(_1: [u8; 2${list(n, () => " << 100", "")}]) -> () ${EMPTY}`,
  "length brackets": (n) => `fn f(_1: [u8; ${"(".repeat(n)}1${")".repeat(n)}]) -> () ${EMPTY}`,
  "length signs": (n) => `fn f(_1: [u8; ${"-".repeat(n)}1]) -> () ${EMPTY}`,
  "length digits": (n) => `fn f(_1: [u8; ${"1".repeat(n)}]) -> () ${EMPTY}`,
  "float digits": (n) => `fn f() -> f64 { bb0: { _0 = const 1.${"1".repeat(n)}f64; return; } }`,
  "float128 digits": (n) => `fn f() -> f128 { bb0: { _0 = const 1.${"1".repeat(n)}f128; return; } }`,
  "float exponent": () => `fn f() -> f128 { bb0: { _0 = const 1.0E-999999999f128; return; } }`,
  strings: (n) => `fn f() -> &str { bb0: { _0 = const "${"\\u{200b}a".repeat(n)}"; return; } }`,
  "strings of many": (n) => `fn f() -> &str { bb0: { ${list(n, (i) => `_0 = const "a\\n${i}";`)} return; } }`,
  discriminants: (n) => `enum E {${list(n, (i) => `X${i} = ${i} * 2 + (1 << 3)`, ", ")}}\nfn f(_1: E) -> () ${EMPTY}`,
  attributes: (n) => `${"#[inline]\n".repeat(n)}fn f() -> () ${EMPTY}`,
  "repr attributes": (n) => `${"#[repr(C)]\n".repeat(n)}struct S;`,
  "upvars attribute": (n) =>
    `#[upvars(${list(n, (i) => `x${i}: u8`, ", ")})]\nfn f::{closure#0}(_1: {closure@a.rs:1:1: 1:2}) -> () ${EMPTY}`,
  modules: (n) => `${"mod m { ".repeat(Math.min(n, 200))}struct S;${" }".repeat(Math.min(n, 200))}`,
  "dyn nest": (n) => `fn f(_1: ${"&dyn Fn(".repeat(Math.min(n, 70))}u8${")".repeat(Math.min(n, 70))}) -> () ${EMPTY}`,
  "dyn double": (n) => {
    let t = "u8";
    for (let i = 0; i < Math.min(n, 9); i++) t = `&dyn Fn(${t}) -> ${t}`;
    return `fn f(_1: ${t}) -> () ${EMPTY}`;
  },
  "fn items": (n) =>
    `${list(n, (i) => `fn g${i}() -> () ${EMPTY}`)}\nfn f() -> () { ${list(n, (i) => `let _${i + 1}: fn() {g${i}};`)} bb0: { return; } }`,
  "fn item chain": (n) => `fn g0() -> () ${EMPTY}\n${list(n, (i) => `fn g${i + 1}(_1: fn() {g${i}}) -> () ${EMPTY}`)}`,
  "fn item generic": (n) =>
    `fn g<T>(_1: T) -> T { bb0: { _0 = copy _1; return; } }\nfn f() -> () { let _1: fn(u8) -> u8 {g::<${"(".repeat(Math.min(n, 100))}u8${",)".repeat(Math.min(n, 100))}>}; bb0: { return; } }`,
  prelude: (n) =>
    `fn f(${list(n, (i) => `_${i + 1}: Option<${"Option<".repeat(i % 20)}Vec${">".repeat(i % 20)}>`, ", ")}) -> () ${EMPTY}`,
  "impl traits": (n) => `fn f(${list(n, (i) => `_${i + 1}: impl Copy`, ", ")}) -> () ${EMPTY}`,
  "bad functions": (n) => list(n, (i) => `fn f${i}() -> Nope { bb0: { return; } }`),
  "bad chain": (n) =>
    `fn f0() -> Nope { bb0: { return; } }\n` +
    list(
      n,
      (i) => `fn f${i + 1}() -> () { bb0: { _0 = f${i}() -> [return: bb1, unwind continue]; } bb1: { return; } }`,
    ),
  "bad types": (n) => `struct S0(Nope);\n${list(n, (i) => `struct S${i + 1}(S${i});`)}`,
  "bad types reversed": (n) => `${list(n, (i) => `struct S${n - i}(S${n - i - 1});`)}\nstruct S0(Nope);`,
  "bad impls": (n) => `struct S0(Nope); trait T {}\n${list(n, () => `impl T for S0 {}`)}`,
  errors: (n) => `fn f(_1: u8) -> () { let _2: u16; bb0: { ${list(n, () => "_2 = copy _1;")} return; } }`,
  functions: (n) => list(n, (i) => `fn f${i}(_1: u8) -> u8 { bb0: { _0 = copy _1; return; } }`),
  "duplicate functions": (n) => list(n, () => `fn f(_1: u8) -> u8 { bb0: { _0 = copy _1; return; } }`),
  lines: (n) => `${"\n".repeat(n)}fn f() -> Nope ${EMPTY}`,
};

/** How often the piece of a shape is there. */
const COUNTS: readonly number[] = [30, 300, 3000];
/** Nanoseconds for a byte of the largest, as far as it takes longer than `MIN_TIME`. */
const MAX_COST = 20_000;
const MIN_TIME = 100e6;

/** The shapes that are not taken as they should be, and why. */
export function* checkShapes(
  layouts: LayoutsOf,
  counts: readonly number[] = COUNTS,
): Iterable<{ readonly what: string; readonly text: string }> {
  for (const [name, shape] of Object.entries(SHAPES)) {
    for (const count of counts) {
      const text = shape(count);
      const { fault, time } = run(text, layouts);
      if (fault !== undefined) yield { what: `${name}, ${count}: ${fault}`, text };
      const cost = time / text.length;
      if (time > MIN_TIME && cost > MAX_COST && least(text, layouts) / text.length > MAX_COST)
        yield { what: `${name}, ${count}: ${Math.round(cost)} ns a byte`, text };
    }
  }
}

function run(text: string, layouts: LayoutsOf): { readonly fault: string | undefined; readonly time: number } {
  const start = process.cpuUsage();
  const fault = runProgram(text, newCounts(), layouts);
  const { user, system } = process.cpuUsage(start);
  return { fault, time: (user + system) * 1000 };
}

function least(text: string, layouts: LayoutsOf): number {
  return Math.min(run(text, layouts).time, run(text, layouts).time);
}
