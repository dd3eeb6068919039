import { describe, expect, it } from "vitest";
import { LayoutCx } from "../layout/layout.ts";
import { parseProgram } from "../mir/parser.ts";
import { printBody } from "../mir/printer.ts";
import type { Program } from "../mir/program.ts";
import { HOST_TARGET } from "../target/spec.ts";
import { MIR_PASSES } from "./pass-table.ts";
import { type MirPassExecution, type MirPassOptions, runMirPasses } from "./run-passes.ts";

const SOURCE = `
fn f(_1: u32) -> u32 {
    let mut _0: u32;
    let mut _2: u32;

    bb0: {
        StorageLive(_2);
        _2 = g(copy _1) -> [return: bb1, unwind continue];
    }

    bb1: {
        _0 = move _2;
        StorageDead(_2);
        goto -> bb2;
    }

    bb2: {
        return;
    }
}

fn g(_1: u32) -> u32 {
    let mut _0: u32;
    let mut _2: u32;

    bb0: {
        _2 = Add(copy _1, const 0_u32);
        _0 = move _2;
        return;
    }
}
`;

function executions(options: MirPassOptions, program = parseProgram(SOURCE, { file: "t.mir" })): MirPassExecution[] {
  const seen: MirPassExecution[] = [];
  runMirPasses(program, layoutsOf(program), { ...options, verify: true, onPass: (execution) => seen.push(execution) });
  return seen;
}

function layoutsOf(program: Program): LayoutCx {
  return new LayoutCx(program.tcx, HOST_TARGET.dataLayout);
}

const names = (seen: readonly MirPassExecution[], fn = "f"): string[] =>
  seen.filter((execution) => execution.fn === fn).map(({ pass }) => pass);

describe("runMirPasses", () => {
  it("runs the rows of the level, in the order of the table, callees first", () => {
    const seen = executions({ mirOptLevel: 2 });
    const expected = MIR_PASSES.filter(({ level, withoutLifetimes }) => level <= 2 && withoutLifetimes !== true);
    expect(names(seen)).toEqual(expected.map(({ name }) => name));
    expect(seen[0]!.fn).toBe("g");
  });

  it("lets `mir-enable-passes` win over the level, both ways", () => {
    const override = new Map([
      ["GVN", true],
      ["CopyProp", false],
      ["RemoveUnneededDrops", false],
    ]);
    expect(names(executions({ mirOptLevel: 0, override }))).toEqual(["GVN"]);
    expect(names(executions({ mirOptLevel: 1, override }))).not.toContain("CopyProp");
  });

  it("removes storage markers only for code generation that makes no use of them", () => {
    expect(names(executions({ mirOptLevel: 1, emitLifetimes: false }))).toContain("RemoveStorageMarkers");
    expect(names(executions({ mirOptLevel: 4 }))).not.toContain("RemoveStorageMarkers");
  });

  it("leaves functions alone that ask for it, but for what is required", () => {
    const program = parseProgram(SOURCE, { file: "t.mir" });
    const [f, ...others] = program.functions;
    const functions = [{ ...f!, attributes: ["optimize(none)"] }, ...others];
    const seen = executions({ mirOptLevel: 4 }, { ...program, functions });
    expect(names(seen)).toEqual(["RemoveUnneededDrops"]);
    expect(names(seen, "g")).toContain("GVN");
  });

  it("numbers executions the same with and without a limit, and runs none behind it", () => {
    const all = executions({ mirOptLevel: 2 });
    const limited = executions({ mirOptLevel: 2, bisectLimit: 7 });
    expect(limited.map(({ index, pass, fn }) => [index, pass, fn])).toEqual(
      all.map(({ index, pass, fn }) => [index, pass, fn]),
    );
    expect(limited.filter(({ ran }) => ran).length).toBe(7);
    expect(limited.some(({ ran, changed }) => changed && !ran)).toBe(false);
  });

  it("gives with a limit of n what comes out of the first n executions, so that one more tells the guilty one", () => {
    const all = executions({ mirOptLevel: 2 });
    for (const { index, changed, pass, fn } of all) {
      const program = parseProgram(SOURCE, { file: "t.mir" });
      const item = program.functions.find(({ name }) => name === fn)!;
      const [before, after] = [index - 1, index].map((bisectLimit) => {
        const bodies = runMirPasses(program, layoutsOf(program), { mirOptLevel: 2, bisectLimit });
        return printBody(bodies.get(item) ?? item.body!);
      });
      // What a pass says of itself is true.
      expect({ pass, changed: before !== after }).toEqual({ pass, changed });
    }
  });

  it("tells of a pass that throws before it lets the error through", () => {
    const program = parseProgram(SOURCE, { file: "t.mir" });
    const [broken] = program.functions;
    broken!.body = { ...broken!.body!, locals: broken!.body!.locals.slice(0, 1) };
    const seen: string[] = [];
    const options = {
      mirOptLevel: 4,
      pipeline: ["RemoveZsts"],
      onPass: ({ pass }: MirPassExecution) => seen.push(pass),
    } as const;
    expect(() => runMirPasses(program, layoutsOf(program), options)).toThrow();
    expect(seen.at(-1)).toBe("RemoveZsts");
  });

  it("leaves the program as it was", () => {
    const program = parseProgram(SOURCE, { file: "t.mir" });
    const bodies = program.functions.map(({ body }) => JSON.stringify(body?.blocks.length));
    const before = program.functions.map(({ body }) => body);
    expect(runMirPasses(program, layoutsOf(program), { mirOptLevel: 4 }).size).toBe(2);
    expect(program.functions.map(({ body }) => body)).toEqual(before);
    expect(program.functions.map(({ body }) => JSON.stringify(body?.blocks.length))).toEqual(bodies);
  });
});
