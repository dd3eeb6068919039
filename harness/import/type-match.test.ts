import { describe, expect, test } from "vitest";
import { Cursor, RustReader, SourceText, type text } from "../../codegen/index.ts";
import { mayBePath, mayBeTy } from "./type-match.ts";

/** A type as sources and dumps write it. */
function ty(written: string): text.Type {
  const [item] = new RustReader(new Cursor(SourceText.fromString("t.rs", `type A = ${written};`)), {
    kind: "rust",
  }).item();
  if (item?.kind !== "type" || item.ty === undefined) throw new Error(written);
  return item.ty;
}

function path(written: string): text.Path {
  const made = ty(written);
  if (made.kind !== "path") throw new Error(written);
  return made.path;
}

const PARAMS: ReadonlySet<string> = new Set(["T", "U", "N"]);

describe("the type of an impl's head", () => {
  test.for([
    ["T", "u8"],
    ["T", "[u8]"],
    ["&T", "&std::vec::Vec<u8>"],
    ["&mut [T]", "&mut [u8]"],
    ["*const T", "*const dyn A + B"],
    ["[T; N]", "[u8; 4]"],
    ["(T, U)", "(u8, (i8, i16))"],
    ["a::Wrap<T>", "a::Wrap<a::Wrap<u8>>"],
    ["a::Wrap<'a, T, 3>", "a::Wrap<'_, u8, 4>"],
    ["a::Wrap<T>", "a::Wrap"],
    ["<T as A>::Item", "u8"],
    ["(dyn a::Any + 'static)", "dyn a::Any"],
    ["!", "!"],
    ["fn(T) -> U", "fn(u8)"],
  ])("%s fits %s", ([pattern, given]) => {
    expect(mayBeTy(ty(pattern!), ty(given!), PARAMS)).toBe(true);
  });

  test.for([
    ["u8", "u16"],
    ["&T", "&mut u8"],
    ["&T", "*const u8"],
    ["[T]", "[u8; 4]"],
    ["(T, U)", "(u8,)"],
    ["a::Wrap<T>", "b::Wrap<u8>"],
    ["a::Wrap<u8>", "a::Wrap<u16>"],
    ["a::Wrap<&T>", "a::Wrap<u8>"],
    ["a::Wrap<T, u8>", "a::Wrap<u8, T>"],
    ["str", "[u8]"],
    ["dyn a::Any", "dyn a::Other"],
    ["!", "()"],
  ])("%s does not fit %s", ([pattern, given]) => {
    expect(mayBeTy(ty(pattern!), ty(given!), PARAMS)).toBe(false);
  });
});

test("traits differ in their arguments", () => {
  const fits = (pattern: string, given: string): boolean => mayBePath(path(pattern), path(given), PARAMS);
  expect(fits("slice::SliceIndex<[T]>", "slice::SliceIndex<[u8]>")).toBe(true);
  expect(fits("slice::SliceIndex<str>", "slice::SliceIndex<[u8]>")).toBe(false);
  expect(fits("slice::SliceIndex<[T]>", "slice::SliceIndex<str>")).toBe(false);
  expect(fits("iter::Iterator<Item = T>", "iter::Iterator")).toBe(true);
});
