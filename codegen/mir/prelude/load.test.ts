import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseProgram } from "../parser.ts";
import { newTyCtxt } from "../prelude.ts";
import { World } from "../resolve/world.ts";
import { corePrelude } from "./load.ts";

const HEAD = /^(?:(?:unsafe|auto)\s+)*(?:struct|enum|union|trait|fn)\s+((?:\w+::)*\w+)/gm;

/** The paths of all definitions in the prelude's files. */
function paths(): string[] {
  const files = readdirSync(new URL(".", import.meta.url)).filter((name) => name.endsWith(".rs.txt"));
  return files.flatMap((name) =>
    [...readFileSync(new URL(name, import.meta.url), "utf8").matchAll(HEAD)].map((match) => match[1]!),
  );
}

test("every definition of the prelude can be declared alone, with what it mentions", () => {
  const all = paths();
  expect(all.length).toBeGreaterThan(500);
  for (const path of all) {
    const world = new World(newTyCtxt(), corePrelude);
    for (const def of world.tcx.adts.values()) world.adts.add(def.name, def);
    expect(corePrelude.declare(world, path), path).toBe(true);
  }
});

test("a program that mentions nothing of the prelude has nothing of it", () => {
  const program = parseProgram("fn f(_1: Option<u8>) -> Option<u8> { bb0: { _0 = copy _1; return; } }");
  expect(program.traits).toBeUndefined();
  expect(program.impls).toBeUndefined();
  expect(program.tcx.adts.size).toBe(newTyCtxt().adts.size);
});

test.each([
  ["core::slice::Iter<'_, u8>", ["NonNull<u8>", "*const u8", "PhantomData<&u8>"]],
  ["Box<u32>", ["Unique<u32>", "Global"]],
  ["core::num::NonZero<u16>", ["NonZeroU16Inner"]],
  ["core::iter::Map<core::ops::Range<u8>, fn(u8) -> i8>", ["Range<u8>", "fn(u8) -> i8"]],
])("%s has the fields that core gives it", (ty, fields) => {
  const program = parseProgram(`fn f(_1: &${ty}) -> () { bb0: { return; } }`);
  const param = program.functions[0]!.params[0]!;
  const adt = param.kind === "ref" && param.pointee.kind === "adt" ? param.pointee : undefined;
  expect(adt).toBeDefined();
  const shown = program.tcx.fieldTys(adt!, 0).map((field) => field.text.replace(/(?:\w+::)+/g, ""));
  if (ty.includes("NonZero")) expect(shown).toEqual(["<u16 as ZeroablePrimitive>::NonZeroInner"]);
  else expect(shown).toEqual(fields);
});
