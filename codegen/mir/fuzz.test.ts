import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newLayoutCx } from "../monomorphize/layouts.ts";
import { HOST_TARGET } from "../target/spec.ts";
import { type LayoutsOf, newCounts, runProgram } from "./testing/fuzz-program.ts";
import { PIECES } from "./testing/item-texts.ts";
import { corpusOf, mutateProgram } from "./testing/mutate-program.ts";
import { checkShapes } from "./testing/shapes.ts";
import { Rng } from "./text/testing/mutate.ts";

const CASES = join(import.meta.dirname, "../filetests/mir");

const layouts: LayoutsOf = (program) => {
  const cx = newLayoutCx(program, HOST_TARGET.dataLayout);
  return (ty) => void cx.layoutOf(ty);
};

test("broken programs give diagnostics, or programs that print back", () => {
  const files = readdirSync(CASES, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".mir"));
  const texts = files.sort().map((file) => readFileSync(join(CASES, file), "utf8"));
  const corpus = corpusOf(texts, 2000, PIECES);
  const counts = newCounts();
  const rng = new Rng(1);
  for (let i = 0; i < 6000; i++) {
    const text = mutateProgram(corpus, rng);
    const fault = runProgram(text, counts, layouts);
    if (fault !== undefined) expect.fail(`${fault}\n=====\n${text}`);
  }
  expect(counts.refused).toBeGreaterThan(1500);
  expect(counts.parsed).toBeGreaterThan(1500);
  expect(counts.withFunctions).toBeGreaterThan(1000);
});

test("text that is there again and again, or stands for much more than is written, takes linear time", () => {
  const faults = [...checkShapes(layouts, [30, 600])].map(({ what }) => what);
  expect(faults).toEqual([]);
});
