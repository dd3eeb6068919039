import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Diagnostic } from "../../session/diagnostic.ts";
import { Cursor } from "../text/cursor.ts";
import { typeText } from "../text/print-type.ts";
import { SourceText } from "../text/source.ts";
import type { RustItem } from "./ast.ts";
import { deriveImpls } from "./derive.ts";
import { RustReader } from "./parse-items.ts";

function read(text: string, file = "t.rs"): RustItem[] {
  return new RustReader(new Cursor(SourceText.fromString(file, text)), { kind: "rust" }).items();
}

const CORPUS = new URL("../../../corpora/rust/", import.meta.url);

test("every program of the corpus is read, with all of its functions", () => {
  const files = readdirSync(CORPUS).filter((name) => name.endsWith(".rs"));
  expect(files.length).toBeGreaterThan(40);
  for (const name of files) {
    const text = readFileSync(new URL(name, CORPUS), "utf8");
    const found = read(text, name).flatMap((item) => (item.kind === "fn" && item.module === "" ? [item.name] : []));
    const written = [...text.matchAll(/^(?:pub )?(?:const |unsafe |extern "C" )*fn (\w+)/gm)].map((match) => match[1]!);
    expect(found, name).toEqual(written);
  }
});

test("bodies are skipped whatever braces stand in strings, characters, lifetimes and comments", () => {
  const items = read(`
fn a<'a>(x: &'a str) -> char { let s = "}\\"}"; let r = r##"}"#}"##; let b = b"}"; /* } /* } */ */ // }
  let c = '}'; let q = '\\''; let l: &'a str = x; '{' }
macro_rules! m { ($x:tt) => { $x } }
m! { fn not_an_item() {} }
use std::fmt::{self, Debug};
fn b((x, y): (u8, [u8; 2]), ops::Yeet(z): ops::Yeet<u8>, mut w: u8) {}
#[cfg(test)] mod tests { fn c() {} }
mod inner { pub(crate) unsafe extern "C" fn d(self) -> ! { loop {} } }
`);
  expect(items.map((item) => (item.kind === "impl" ? "" : item.module + item.kind + item.name))).toEqual([
    "fna",
    "fnb",
    "inner::fninner::d",
  ]);
  const [, b, d] = items;
  expect(b?.kind === "fn" && b.params.map(typeText)).toEqual(["(u8, [u8; 2])", "ops::Yeet<u8>", "u8"]);
  expect(d).toMatchObject({ unsafe: true, abi: "C", body: "rust" });
});

test("variadic parameters may have a pattern, and associated items a default", () => {
  const [sum, tr, impl] = read(`
pub unsafe extern "C" fn sum(n: i32, mut ap: ...) -> i32 { 0 }
trait Tr { type T; const N: u64; fn f(); }
impl<A> Tr for A { default type T = u8; default const N: u64 = 3; default fn f() {} }
`);
  expect(sum?.kind === "fn" && [sum.params.map(typeText), sum.variadic]).toEqual([["i32"], true]);
  expect(tr?.kind).toBe("trait");
  expect(impl?.kind === "impl" && impl.items.map((item) => item.kind)).toEqual(["type", "const", "fn"]);
});

test("impls and derives stand where rustc says that they do", () => {
  const text = `#[derive(Clone, core::fmt::Debug)]
struct S<'a, T: Copy, const N: usize>([&'a T; N]);
impl<'a, T, const N: usize> S<'a, T, N>
where
    T: Copy,
{
    fn len(&self) -> usize { N }
}
`;
  const [adt, impl] = read(text);
  const spans = (item: RustItem): string => {
    const [from, to] = [item.source.span(item.at), item.source.span(item.end)];
    return `${from.line}:${from.column}: ${to.line}:${to.column}`;
  };
  expect(spans(impl!)).toBe("3:1: 5:13");
  const derived = adt?.kind === "struct" ? deriveImpls(adt) : [];
  expect(derived.map(spans)).toEqual(["1:10: 1:15", "1:17: 1:33"]);
  expect(derived.map((item) => typeText(item.self))).toEqual(["S<T, N>", "S<T, N>"]);
});

test.each([
  "fn f(",
  "struct S {",
  "impl T for",
  'fn f() { "',
  "trait",
  "enum E { A = }",
  "#[",
  'extern "C" { fn f()',
  "mod m {",
])("%s is a diagnostic", (text) => {
  expect(() => read(text)).toThrow(Diagnostic);
});
