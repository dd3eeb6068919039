import fc from "fast-check";
import { expect, test } from "vitest";
import { collectAdts } from "./collect-adts.ts";
import { mergePrograms } from "./merge.ts";
import { parseProgram } from "./parser.ts";
import { newTyCtxt } from "./prelude.ts";
import { printProgram } from "./printer.ts";
import { renameProgram } from "./rename.ts";
import { canonical } from "./testing/canonical.ts";
import { arbitraryItems, PIECES } from "./testing/item-texts.ts";
import { arbitraryTape, randomProgram } from "./testing/random-program.ts";
import { renderVerifyError, verifyProgram } from "./verifier.ts";
import { mapBody } from "./visit.ts";

const tapeOf = (seed: number): number[] => {
  let state = seed;
  return Array.from({ length: 600 }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 7;
  });
};

test("a printed program parses to the same program", () => {
  fc.assert(
    fc.property(arbitraryTape(), (tape) => {
      const program = randomProgram(tape);
      const text = printProgram(program);
      const parsed = parseProgram(text);
      expect(canonical(parsed)).toBe(canonical(program));
      expect(printProgram(parsed)).toBe(text);
    }),
    { numRuns: 400 },
  );
});

test("random programs verify, as built and as parsed", () => {
  fc.assert(
    fc.property(arbitraryTape(), (tape) => {
      const program = randomProgram(tape);
      expect(verifyProgram(program).map(renderVerifyError)).toEqual([]);
      expect(verifyProgram(parseProgram(printProgram(program))).map(renderVerifyError)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("random programs use many constructs", () => {
  let text = "";
  for (let seed = 1; seed < 150; seed++) text += printProgram(randomProgram(tapeOf(seed)));
  for (const word of [
    "AddWithOverflow(",
    "ShlUnchecked(",
    "Cmp(",
    "Offset(",
    "discriminant(",
    " as Some)",
    " of 3]",
    "&raw mut",
    "(Transmute)",
    "ReifyFnPointer(Safe)",
    "MutToConstPointer, AsCast",
    "assume(",
    "StorageLive(",
    "switchInt(",
    "assert(!",
    "unwind continue]",
    "NaN_f",
    "Inf_f",
    "{transmute(0x",
    "i128::M",
    "const '",
    "Option::<",
    "-> unwind continue",
    "const Small::",
  ]) {
    expect(text, word).toContain(word);
  }
});

test("mapping nothing answers the same body", () => {
  fc.assert(
    fc.property(arbitraryTape(200), (tape) => {
      const program = randomProgram(tape);
      for (const item of program.functions) {
        if (item.body === undefined) continue;
        const { body } = item;
        expect(mapBody(body, { local: (l) => l, block: (b) => b, operand: (o) => o, place: (p) => p })).toBe(body);
      }
    }),
    { numRuns: 60 },
  );
});

test("renaming into a new context and back keeps a program", () => {
  fc.assert(
    fc.property(arbitraryTape(200), (tape) => {
      const program = randomProgram(tape);
      const renamed = renameProgram(program, collectAdts(program), newTyCtxt(), (name) => `q::${name}`);
      expect(verifyProgram(renamed).map(renderVerifyError)).toEqual([]);
      const back = renameProgram(renamed, collectAdts(renamed), newTyCtxt(), (name) => name.slice(3));
      expect(canonical(back)).toBe(canonical(program));
    }),
    { numRuns: 100 },
  );
});

test("merged programs verify, keep their parts as they were, and print when types differ in name", () => {
  const tcx = newTyCtxt();
  const a = parseProgram(
    "fn g(_1: u8) -> u8 {\n    bb0: { _0 = copy _1; return; }\n}\nfn main() -> u8 {\n    bb0: { _0 = g(const 1_u8) -> [return: bb1, unwind continue]; }\n    bb1: { return; }\n}\n",
    { tcx },
  );
  const b = parseProgram(
    'extern "C" fn x() -> u8;\nstruct S;\nfn main() -> S {\n    let mut _1: u8; bb0: { _1 = x() -> [return: bb1, unwind continue]; }\n bb1: { _0 = S; return; }\n}\n',
  );
  const before = [printProgram(a), printProgram(b)];
  const merged = mergePrograms(
    [
      { program: a, prefix: "p0" },
      { program: b, prefix: "p1" },
      { program: b, prefix: "p2" },
    ],
    tcx,
  );
  expect(verifyProgram(merged)).toEqual([]);
  expect(merged.functions.map((f) => f.name)).toEqual(["p0::g", "p0::main", "x", "p1::main", "p2::main"]);
  expect(merged.functions[0]!.body).toBe(a.functions[0]!.body);
  const text = printProgram(merged);
  expect(text).toContain("_0 = p0::g(const 1_u8)");
  expect(canonical(parseProgram(text)).length).toBeGreaterThan(100);
  expect([printProgram(a), printProgram(b)]).toEqual(before);
});

test("programs of every construct verify, and print to a text that parses to the same program", () => {
  fc.assert(
    fc.property(arbitraryItems(), (text) => {
      const program = parseProgram(text);
      expect(verifyProgram(program).map(renderVerifyError)).toEqual([]);
      const printed = printProgram(program);
      const again = parseProgram(printed);
      const printedAgain = printProgram(again);
      expect(printedAgain).toBe(printed);
      // Printing puts items in an order of its own: from then on nothing changes.
      expect(canonical(parseProgram(printedAgain))).toBe(canonical(again));
    }),
    { numRuns: 60, seed: 7 },
  );
});

test("a program of every construct can be renamed, moved to another type context, and merged", () => {
  const program = parseProgram(PIECES.join("\n\n"));
  const moved = renameProgram(program, collectAdts(program), newTyCtxt(), (name) => name);
  expect(verifyProgram(moved).map(renderVerifyError)).toEqual([]);
  expect(printProgram(moved)).toBe(printProgram(program));
  const parts = [1, 2].map((i) => ({ program: parseProgram(PIECES.join("\n\n")), prefix: `p${i}` }));
  const merged = mergePrograms(parts, newTyCtxt());
  expect(verifyProgram(merged).map(renderVerifyError)).toEqual([]);
  expect(merged.functions.length).toBeGreaterThan(program.functions.length * 1.8);
  const clones = merged.traits!.filter((t) => t.name === "std::clone::Clone");
  expect(clones).toHaveLength(1);
});

test.each(PIECES)("is printed to what it was: %s", (piece) => {
  const program = parseProgram(piece);
  expect(verifyProgram(program).map(renderVerifyError)).toEqual([]);
  const sorted = (p: typeof program): string =>
    canonical({ ...p, functions: byName(p.functions), consts: byName(p.consts ?? []) });
  expect(sorted(parseProgram(printProgram(program)))).toBe(sorted(program));
});

function byName<T extends { readonly name: string }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => (a.name < b.name ? -1 : 1));
}
