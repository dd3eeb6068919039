/** Collector, partitioning and symbol names, on programs given as text and on random call graphs. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BodyBuilder, fnRef, newFn, ret } from "../mir/builder.ts";
import { parseProgram } from "../mir/parser.ts";
import { newTyCtxt } from "../mir/prelude.ts";
import type { FnItem } from "../mir/syntax.ts";
import { TY_I32, TY_UNIT } from "../mir/ty.ts";
import { collect } from "./collector.ts";
import type { MonoItem } from "./mono-item.ts";
import { partition } from "./partitioning.ts";
import { instanceOf, sanitize, symbolName } from "./symbol-names.ts";

/** `main` reaches `a`, which reaches `b` by a call and `c` by a pointer; nobody reaches `unused`. */
const PROGRAM = parseProgram(`
fn b() -> () { bb0: { return; } }
fn c() -> () { bb0: { return; } }
fn unused() -> () { bb0: { return; } }
fn a() -> () {
    let mut _1: ();
    let mut _2: fn();
    bb0: { _2 = c as fn() (PointerCoercion(ReifyFnPointer, Implicit)); _1 = b() -> [return: bb1, unwind continue]; }
    bb1: { _1 = copy _2() -> [return: bb2, unwind continue]; }
    bb2: { return; }
}
fn main() -> () {
    let mut _1: ();
    bb0: { _1 = a() -> [return: bb1, unwind continue]; }
    bb1: { return; }
}
`);

function fnNamed(name: string): FnItem {
  const item = PROGRAM.functions.find((f) => f.name === name);
  if (item === undefined) throw new Error(name);
  return item;
}

describe("collector", () => {
  it("finds what is called and what is pointed to, and nothing else", () => {
    const items = collect(PROGRAM.tcx, [instanceOf(fnNamed("main"))]);
    expect(items.map((i) => i.instance.symbol)).toEqual(["main", "a", "c", "b"]);
    expect(items[1]!.uses.map((u) => u.symbol)).toEqual(["c", "b"]);
    expect(items[1]!.sizeEstimate).toBe(4);
  });
});

/** A call graph of `edges.length` functions. */
function graph(edges: readonly (readonly number[])[]): readonly MonoItem[] {
  const tcx = newTyCtxt();
  const fns = edges.map((_, i) => newFn(`f${i}`, [], TY_UNIT));
  edges.forEach((callees, i) => {
    const b = new BodyBuilder(tcx, [], TY_UNIT);
    for (const callee of callees) b.call(b.newLocal(TY_UNIT), fnRef(fns[callee % fns.length]!), []);
    b.terminate(ret());
    fns[i]!.body = b.finish();
  });
  return collect(tcx, [instanceOf(fns[0]!)]);
}

const edges = fc.array(fc.array(fc.nat(30), { maxLength: 6 }), { minLength: 1, maxLength: 30 });

describe("partitioning", () => {
  it("places each item once, in no more units than asked for, and hides only what no other unit uses", () => {
    fc.assert(
      fc.property(edges, fc.integer({ min: 1, max: 8 }), (callees, count) => {
        const items = graph(callees);
        const units = partition(items, count, new Set(["f0"]));
        expect(units.length).toBe(Math.min(count, items.length));
        expect(new Set(units.map((u) => u.name)).size).toBe(units.length);
        expect(units.flatMap((u) => u.items).sort(bySymbol)).toEqual([...items].sort(bySymbol));
        for (const unit of units) {
          expect(unit.sizeEstimate).toBe(unit.items.reduce((sum, item) => sum + item.sizeEstimate, 0));
          for (const { instance } of unit.items) {
            const usedElsewhere = units.some(
              (other) => other !== unit && other.items.some((i) => i.uses.some((u) => u.symbol === instance.symbol)),
            );
            const external = usedElsewhere || instance.symbol === "f0";
            expect(unit.linkages?.get(instance.symbol)).toBe(external ? "external" : "internal");
          }
        }
      }),
    );
  });

  it("balances: no unit is larger than another together with the largest item", () => {
    fc.assert(
      fc.property(edges, fc.integer({ min: 2, max: 8 }), (callees, count) => {
        const items = graph(callees);
        const units = partition(items, count, new Set());
        fc.pre(units.length > 1);
        const sizes = units.map((u) => u.sizeEstimate);
        const largest = Math.max(...items.map((i) => i.sizeEstimate));
        // The two smallest are merged, so a merged unit is at most twice the next smallest one at that time, or a single item.
        expect(Math.max(...sizes)).toBeLessThanOrEqual(Math.max(largest, 2 * (Math.min(...sizes) + largest)));
      }),
    );
  });

  it("is deterministic", () => {
    fc.assert(
      fc.property(edges, (callees) => {
        const names = (): string[][] =>
          partition(graph(callees), 4, new Set()).map((u) => u.items.map((i) => i.instance.symbol));
        expect(names()).toEqual(names());
      }),
    );
  });
});

function bySymbol(a: MonoItem, b: MonoItem): number {
  return a.instance.symbol < b.instance.symbol ? -1 : 1;
}

describe("symbol names", () => {
  it("are made of what every assembler takes, and differ when paths do", () => {
    const path = fc
      .array(fc.stringMatching(/^[a-z<>&*() ,[\];!]{1,6}$/), { minLength: 1, maxLength: 3 })
      .map((p) => p.join("::"));
    fc.assert(
      fc.property(path, path, (a, b) => {
        expect(sanitize(a)).toMatch(/^[A-Za-z0-9_.$]+$/);
        expect(sanitize(a) === sanitize(b)).toBe(a === b);
      }),
    );
  });

  it("keep clear of the runtime's", () => {
    expect(symbolName(newFn("memcpy", [], TY_UNIT), [])).not.toBe("memcpy");
    expect(symbolName(newFn("mirwatch_panic", [], TY_UNIT), [])).not.toBe("mirwatch_panic");
    expect(symbolName(newFn("memcpy", [], TY_UNIT, { abi: "C" }), [])).toBe("memcpy");
    expect(symbolName(newFn("p1::f", [], TY_UNIT), [])).toBe("p1..f");
    expect(symbolName(newFn("f", [], TY_UNIT, { generics: ["T"] }), [TY_I32])).toBe("_RINvC3mir1flEB2_");
  });

  it("follow a rename", () => {
    const item = newFn("before", [], TY_UNIT);
    expect(instanceOf(item).symbol).toBe("before");
    item.name = "after";
    expect(instanceOf(item).symbol).toBe("after");
  });
});
