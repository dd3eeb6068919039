import { expect, test } from "vitest";
import { parseProgram } from "../../codegen/index.ts";
import { flowShapes } from "./flow-shapes.ts";

/** The shapes of `fn f`, whose blocks go on in these; two are an `if` on a parameter, more a switch. */
function shapes(...blocks: readonly (readonly number[])[]): string[] {
  const text = blocks.map((targets, i) => {
    const last = targets.at(-1);
    const cases = targets.slice(0, -1).map((target, k) => `${k}: bb${target}, `);
    const terminator =
      last === undefined
        ? "return"
        : targets.length === 1
          ? `goto -> bb${last}`
          : `switchInt(copy _1) -> [${cases.join("")}otherwise: bb${last}]`;
    return `    bb${i}: {\n        ${terminator};\n    }\n`;
  });
  const program = parseProgram(`fn f(_1: u8) -> () {\n    let mut _0: ();\n\n${text.join("\n")}}\n`);
  return flowShapes(program.functions[0]!.body!)
    .map(({ name, block }) => `${name} at ${block}`)
    .sort();
}

test("straight code and diamonds have no loops", () => {
  expect(shapes([1], [2, 3], [4], [4], [])).toEqual([]);
});

test("a loop, and one in it", () => {
  expect(shapes([1], [2, 3], [1], [])).toEqual(["loop at 1"]);
  expect(shapes([1], [2, 5], [3], [3, 4], [1], [])).toEqual([
    "loop at 1",
    "loop at 3",
    "loop of one block at 3",
    "nested loop at 3",
  ]);
});

test("a switch in a loop, and one behind it", () => {
  expect(shapes([1], [2, 3, 4], [1], [1], [])).toEqual(["loop at 1", "switch in a loop at 1"]);
  expect(shapes([1], [1, 2], [3, 4, 5], [], [], [])).toEqual(["loop at 1", "loop of one block at 1"]);
});

test("two blocks that are both entered from outside go round without a head", () => {
  expect(shapes([1, 2], [2, 3], [1, 3], [])).toEqual(["loop with several entries at 1"]);
});
