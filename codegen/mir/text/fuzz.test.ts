import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseItems } from "./parse.ts";
import { diagnosticFault, FuzzTables, runOne } from "./testing/fuzz.ts";
import { mutate, nestingTokens, Rng } from "./testing/mutate.ts";

const text = readFileSync(join(import.meta.dirname, "testing/samples.mir"));
const items = parseItems<never>(text, { file: "samples.mir" }).map((item) =>
  item.source.bytes.slice(item.at, item.end),
);

it("broken text gives a diagnostic that points into it, or items that print back", () => {
  const tables = new FuzzTables();
  const rng = new Rng(1);
  const counts = { parsed: 0, diagnostic: 0 };
  for (let i = 0; i < 20_000; i++) {
    const mutated = mutate(items, rng);
    const outcome = runOne(mutated, tables);
    if (outcome.kind === "exception" || outcome.kind === "unstable") {
      expect.fail(`${outcome.kind}: ${JSON.stringify(outcome)} of ${Buffer.from(mutated).toString()}`);
    }
    counts[outcome.kind]++;
    if (outcome.kind === "diagnostic") expect(diagnosticFault(outcome.diagnostic)).toBeUndefined();
  }
  expect(counts.parsed).toBeGreaterThan(500);
  expect(counts.diagnostic).toBeGreaterThan(5000);
});

it("text that does nothing but nest is read in linear time", () => {
  const tables = new FuzzTables();
  const cost = (source: string): number => {
    const bytes = Buffer.from(source);
    let least = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 3; run++) {
      const start = process.cpuUsage();
      runOne(bytes, tables);
      const { user, system } = process.cpuUsage(start);
      least = Math.min(least, (user + system) * 1000);
    }
    return least / bytes.length;
  };
  for (const token of nestingTokens()) {
    const nest = token.toString().repeat(50_000);
    expect(cost(`fn f() -> () {\n    let _1: ${nest}`)).toBeLessThan(5000);
    expect(cost(`fn f() -> () {\n    bb0: {\n        _1 = ${nest}`)).toBeLessThan(5000);
  }
});

it("text that nests and closes is read in linear time, where it can be read in two ways", () => {
  const shapes: readonly ((inner: string) => string)[] = [
    (inner) => `<impl A<${inner}>(u8)>::B`,
    (inner) => `a::<impl A<${inner}> for B>::C`,
    (inner) => `A<${inner} { x: 1 }>`,
    (inner) => `A<B<${inner}>(1)>`,
    (inner) => `A<B< ${inner}>(1)>`,
    (inner) => `[u8; A::<${inner}>(1)]`,
    (inner) => `{closure@a::<${inner}>::{closure#0}}`,
    (inner) => `fn(${inner}) -> (${inner.length > 2000 ? "u8" : inner}) {f}`,
    (inner) => `dyn Fn(${inner}) -> (u8,)`,
    (inner) => `{f::{closure#0} upvar_tys=(${inner},) resume_ty=()}`,
    (inner) => `A<{f<${inner}>::{closure#0} t=${inner.length > 2000 ? "u8" : inner}}>`,
    (inner) => `A<ValTree(Leaf(0x01): ${inner})>`,
    (inner) => `[u8; ValTree(Branch([]): ${inner})]`,
  ];
  for (const shape of shapes) {
    let ty = "u8";
    for (let i = 0; i < 60; i++) ty = shape(ty);
    const start = process.cpuUsage();
    const outcome = runOne(Buffer.from(`fn f() -> () {\n    let _1: ${ty};\n}\n`), new FuzzTables());
    const { user, system } = process.cpuUsage(start);
    expect(["parsed", "diagnostic"], JSON.stringify(outcome).slice(0, 500)).toContain(outcome.kind);
    expect(user + system).toBeLessThan(2e6);
  }
});
