import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_OPTIONS, type OptLevel, Session } from "../../../session/session.ts";
import { targetByTriple } from "../../../target/spec.ts";
import { cloneModule } from "../ir/clone.ts";
import type { IrModule } from "../ir/function.ts";
import { parseModule } from "../ir/parse.ts";
import { behaviour, firstDifference } from "../ir/testing/compare.ts";
import { arbitraryChoices, randomModule } from "../ir/testing/random-module.ts";
import { printModule } from "../ir/text.ts";
import { importFunctions, mergeModules, planImports, summarize } from "./lto.ts";
import { optimizeModule } from "./optimize.ts";

const target = targetByTriple("x86_64-unknown-linux-gnu");
const session = (optLevel: OptLevel): Session => new Session({ ...DEFAULT_OPTIONS, optLevel, verify: true }, target);

/** A random module in parts, as codegen units would hold it. */
function units(module: IrModule): IrModule[] {
  const parts: IrModule[] = [0, 1, 2].map((i) => ({ name: `cgu${i}`, functions: [] }));
  module.functions.forEach((fn, i) => {
    fn.linkage = "external";
    parts[i % 3]!.functions.push(fn);
  });
  return parts;
}

/** What the linker would make of objects: emitted functions only, each symbol once. */
function linked(modules: readonly IrModule[]): IrModule {
  const functions = modules.flatMap((module) => module.functions);
  expect(new Set(functions.map((fn) => fn.symbol)).size).toBe(functions.length);
  expect(functions.every((fn) => fn.linkage !== "availableExternally")).toBe(true);
  return { name: "linked", functions };
}

describe("link-time optimisation keeps behaviour", () => {
  test.each(["1", "3", "z"] as const)("fat, at opt-level %s", (level) => {
    fc.assert(
      fc.property(arbitraryChoices(), (choices) => {
        const module = randomModule(choices);
        const before = behaviour(module);
        const merged = mergeModules(units(module), new Set(["f"])).module;
        optimizeModule(merged, session(level));
        expect(firstDifference(before, linked([merged]))).toBeUndefined();
        expect(merged.functions.filter((fn) => fn.linkage === "external").map((fn) => fn.symbol)).toEqual(["f"]);
      }),
      { numRuns: 40 },
    );
  });

  test.each(["1", "3", "z"] as const)("thin, at opt-level %s", (level) => {
    fc.assert(
      fc.property(arbitraryChoices(), (choices) => {
        const module = randomModule(choices);
        const before = behaviour(module);
        const parts = units(module);
        importFunctions(parts, parts.map(summarize), { optLevel: level });
        for (const part of parts) optimizeModule(part, session(level));
        expect(firstDifference(before, linked(parts))).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });
});

const A = `function %main(i64) -> i64 {
  fn0 = %twice(i64) -> i64
block0(v0: i64):
  v1 = call fn0(v0)
  return v1
}
`;
const B = `function %twice(i64) -> i64 {
  fn0 = %add(i64, i64) -> i64
block0(v0: i64):
  v1 = call fn0(v0, v0)
  return v1
}

function %add(i64, i64) -> i64 internal {
block0(v0: i64, v1: i64):
  v2 = iadd.i64 v0, v1
  return v2
}
`;

describe("thin LTO", () => {
  const modules = (): IrModule[] => [parseModule(A, "a"), parseModule(B, "b")];

  test("imports what is called, and promotes what that names", () => {
    const [a, b] = modules() as [IrModule, IrModule];
    const plans = importFunctions([a, b], [a, b].map(summarize), { optLevel: "2" });
    expect(plans[0]!.imports).toEqual([
      { module: 1, symbol: "twice" },
      { module: 1, symbol: "add" },
    ]);
    expect([...plans[1]!.promotions]).toEqual([["add", "add.thin.b"]]);
    expect(b.functions.map((fn) => [fn.symbol, fn.linkage])).toEqual([
      ["twice", "external"],
      ["add.thin.b", "external"],
    ]);
    optimizeModule(a, session("2"));
    expect(printModule(a)).not.toContain("call");
    expect(a.functions.map((fn) => fn.symbol)).toEqual(["main"]);
  });

  test("leaves alone what may not or need not move", () => {
    const summaries = (change: (m: IrModule[]) => void): ReturnType<typeof summarize>[] => {
      const list = modules();
      change(list);
      return list.map(summarize);
    };
    const imported = (s: ReturnType<typeof summarize>[], level: OptLevel = "2"): number =>
      planImports(s, { optLevel: level })[0]!.imports.length;
    expect(imported(summaries(() => {}))).toBe(2);
    expect(
      imported(
        summaries(() => {}),
        "0",
      ),
    ).toBe(0);
    expect(imported(summaries((m) => (m[1]!.functions[0]!.inline = "never")))).toBe(0);
    expect(imported(summaries((m) => (m[1] = { ...m[1]!, roots: new Set(["add"]) })))).toBe(0);
  });
});

describe("fat LTO", () => {
  test("gives internal functions of one name names of their own", () => {
    const make = (name: string, k: number): IrModule =>
      parseModule(
        `function %${name}(i64) -> i64 {\n  fn0 = %local(i64) -> i64\nblock0(v0: i64):\n  v1 = call fn0(v0)\n  return v1\n}\n` +
          `function %local(i64) -> i64 internal {\nblock0(v0: i64):\n  v1 = iconst.i64 ${k}\n  v2 = iadd.i64 v0, v1\n  return v2\n}\n`,
        name,
      );
    const { module, renames } = mergeModules([make("x", 1), make("y", 2)], new Set(["x", "y"]));
    expect(module.functions.map((fn) => fn.symbol)).toEqual(["x", "local", "y", "local.lto.1"]);
    expect(renames.map((map) => [...map])).toEqual([[], [["local", "local.lto.1"]]]);
    expect(module.functions[2]!.functions[0]!.symbol).toBe("local.lto.1");
  });

  test("keeps what data names", () => {
    const module = parseModule(B, "b");
    const merged = mergeModules([{ ...module, roots: new Set(["add"]) }], new Set()).module;
    optimizeModule(merged, session("2"));
    expect(merged.functions.map((fn) => fn.symbol)).toEqual(["add"]);
    expect(cloneModule(merged).roots).toEqual(new Set(["add"]));
  });
});
