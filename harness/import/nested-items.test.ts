import { describe, expect, test } from "vitest";
import type { text } from "../../codegen/index.ts";
import { NestedItems } from "./nested-items.ts";
import { crateOf } from "./testing/crates.ts";
import { plainPath } from "./text-paths.ts";

const SOURCE = `
trait Tr<X> { fn f(); }
struct A;
struct B<T>(T);
impl A { fn f() { const STEPS: [u8; 2] = [1, 2]; fn inner() {} } }
impl Tr<u8> for A { fn f() { fn inner() {} } }
impl Tr<str> for A { fn f() { fn inner() {} } }
impl<T> Tr<T> for B<T> { fn f() { struct Local; } }
impl<T: Tr<u8>> B<T> { fn g() { fn twice() {} } }
impl<T: Tr<str>> B<T> { fn g() { fn twice() {} } }
`;

const items = new NestedItems(crateOf(SOURCE));

function named(name: string, ...args: readonly text.Type[]): text.Type {
  const list = args.map((ty): text.GenericArg => ({ kind: "type", ty }));
  const path = plainPath([name], list.length === 0 ? undefined : { kind: "angle", turbofish: false, args: list });
  return { kind: "path", path, text: "" };
}

function tr(arg: text.Type): text.Path {
  const made = named("Tr", arg);
  if (made.kind !== "path") throw new Error("a path");
  return made.path;
}

describe("an item inside of a member of an impl", () => {
  test("is found by the impl's type, and its trait", () => {
    expect(items.find(named("A"), undefined, "f::STEPS", "")).toBe("{impl#0}::f::STEPS");
    expect(items.find(named("A"), undefined, "f::inner", "")).toBe("{impl#0}::f::inner");
    expect(items.find(named("A"), tr(named("u8")), "f::inner", "")).toBe("{impl#1}::f::inner");
    expect(items.find(named("A"), tr(named("str")), "f::inner", "")).toBe("{impl#2}::f::inner");
    expect(items.find(named("B", named("u8")), tr(named("u8")), "f::Local", "")).toBe("{impl#3}::f::Local");
  });

  test("is not found in impls of other types or traits", () => {
    expect(items.find(named("B", named("u8")), undefined, "f::STEPS", "")).toBeUndefined();
    expect(items.find(named("A"), tr(named("i8")), "f::inner", "")).toBeUndefined();
    expect(items.find(named("A"), undefined, "f::OTHER", "")).toBeUndefined();
  });

  test("of two impls with one head is that of the impl that mentions it, and is not guessed elsewhere", () => {
    const b = named("B", named("u8"));
    expect(items.find(b, undefined, "g::twice", "{impl#5}::g")).toBe("{impl#5}::g::twice");
    expect(items.find(b, undefined, "g::twice", "{impl#4}::g::{closure#0}")).toBe("{impl#4}::g::twice");
    expect(() => items.find(b, undefined, "g::twice", "run")).toThrow(
      "may be `{impl#4}::g::twice` or `{impl#5}::g::twice`",
    );
  });
});
