import { describe, expect, test } from "vitest";
import { DEFAULT_OPTIONS, type Options, Session } from "../../../session/session.ts";
import { targetByTriple } from "../../../target/spec.ts";
import type { IrModule } from "../ir/function.ts";
import { Op } from "../ir/opcodes.ts";
import { parseModule } from "../ir/parse.ts";
import { printModule } from "../ir/text.ts";
import { optimizeModule } from "./optimize.ts";
import { checkPassTable, DEFAULT_PASSES, type PassRow } from "./pass-table.ts";
import { DEFAULT_POLICY } from "./policy.ts";

const TEXT = `function %f(i64) -> i64 {
  ss0 = size 8, align 8
  fn0 = %g(i64) -> i64
block0(v0: i64):
  v1 = stack_addr.i64 ss0
  store.i64 v1, v0
  v2 = load.i64 v1
  v3 = call fn0(v2)
  return v3
}

function %g(i64) -> i64 internal {
block0(v0: i64):
  v1 = iconst.i64 2
  v2 = imul.i64 v0, v1
  return v2
}
`;

const target = targetByTriple("x86_64-unknown-linux-gnu");

function session(options: Partial<Options>, dumps: string[] = []): Session {
  return new Session({ ...DEFAULT_OPTIONS, optLevel: "2", ...options }, target, {
    emitDump: (title) => dumps.push(title),
  });
}

const fresh = (): IrModule => parseModule(TEXT, "m");

describe("the driver", () => {
  test("optimises", () => {
    const module = fresh();
    optimizeModule(module, session({ verify: true }));
    expect(printModule(module, { renumber: true })).toBe(
      "function %f(i64) -> i64 {\n  fn0 = %g(i64) -> i64\nblock0(v0: i64):\n  v1 = iconst.i64 1\n  v2 = ishl.i64 v0, v1\n  return v2\n}\n",
    );
  });

  test("does nothing at opt-level 0", () => {
    const module = fresh();
    optimizeModule(module, session({ optLevel: "0" }));
    expect(printModule(module)).toBe(TEXT);
  });

  test("counts executions for bisection, in order, and stops at the limit", () => {
    const all = session({ optBisectLimit: 1000 });
    optimizeModule(fresh(), all);
    expect(all.bisectLog.slice(0, 4).map((r) => [r.index, r.pass, r.unit, r.ran])).toEqual([
      [1, "simplify-cfg#early", "f", true],
      [2, "simplify-cfg#early", "g", true],
      [3, "sroa#early", "f", true],
      [4, "sroa#early", "g", true],
    ]);
    const none = session({ optBisectLimit: 0 });
    const module = fresh();
    optimizeModule(module, none);
    expect(printModule(module)).toBe(TEXT);
    expect(none.bisectLog.every((r) => !r.ran)).toBe(true);
    // Each limit's result differs from the one before by what one execution does.
    const results = Array.from({ length: all.bisectLog.length + 1 }, (_, limit) => {
      const bisected = fresh();
      optimizeModule(bisected, session({ optBisectLimit: limit, verify: true }));
      return printModule(bisected);
    });
    const whole = fresh();
    optimizeModule(whole, session({}));
    expect(results[results.length - 1]).toBe(printModule(whole));
  });

  test("switches passes off, all runs or one", () => {
    const module = fresh();
    optimizeModule(module, session({ disabledPasses: ["inline"] }));
    expect(printModule(module)).toContain("call fn0");
    const promoted = fresh();
    optimizeModule(promoted, session({ disabledPasses: ["mem2reg#early", "inline", "gvn"] }));
    expect(printModule(promoted)).not.toContain("store");
    const kept = fresh();
    optimizeModule(kept, session({ disabledPasses: ["mem2reg", "gvn"] }));
    expect(printModule(kept)).toContain("store");
  });

  test("dumps and times", () => {
    const dumps: string[] = [];
    const timed = session({ dump: ["gvn", "inline"], timePasses: true }, dumps);
    optimizeModule(fresh(), timed);
    expect(dumps).toEqual(["m after inline", "m after gvn", "m after gvn#late"]);
    expect([...timed.timings.keys()]).toContain("simplify-cfg#late");
  });

  test("names the pass that leaves a function ill-formed", () => {
    const broken: PassRow = {
      name: "breaker",
      kind: "function",
      levels: ["2"],
      required: false,
      bisectable: true,
      run: (fn) => {
        fn.opcode[fn.lastInst[fn.entry]!] = Op.unreachable;
        return true;
      },
    };
    const table = { rows: [broken], constraints: [] };
    expect(() => optimizeModule(fresh(), session({ verify: true }), DEFAULT_POLICY, table)).toThrow(
      /f is not well formed after breaker:\ninst4 \(unreachable\) of block0: 1 arguments, not 0/,
    );
  });

  test("names the pass that throws", () => {
    const dumps: string[] = [];
    const thrower: PassRow = {
      name: "thrower",
      kind: "module",
      levels: ["2"],
      required: false,
      bisectable: true,
      run: () => {
        throw new Error("no");
      },
    };
    const run = (): void =>
      optimizeModule(fresh(), session({}, dumps), DEFAULT_POLICY, { rows: [thrower], constraints: [] });
    expect(run).toThrow("the pass thrower failed on m: no");
    expect(dumps).toEqual(["m when thrower failed"]);
  });

  test("follows a policy with one entry replaced", () => {
    const module = fresh();
    optimizeModule(module, session({}), { ...DEFAULT_POLICY, mayInline: () => false });
    expect(printModule(module)).toContain("call fn0");
  });
});

describe("the pass table", () => {
  test("is refused when a constraint is broken, with the reason", () => {
    const rows = [...DEFAULT_PASSES.rows].reverse();
    expect(() => checkPassTable({ rows, constraints: DEFAULT_PASSES.constraints })).toThrow(
      "the pass sroa#early must come before mem2reg#early: mem2reg promotes whole slots, which sroa makes",
    );
  });

  test("is refused when a name is there twice", () => {
    const rows = [...DEFAULT_PASSES.rows, DEFAULT_PASSES.rows[0]!];
    expect(() => checkPassTable({ rows, constraints: [] })).toThrow("is in the table twice");
  });
});
