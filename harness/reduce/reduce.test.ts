import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Body,
  entryPoints,
  HOST_TARGET,
  interpretEntry,
  LayoutCx,
  operandTy,
  type Program,
  parseProgram,
  prepareProgram,
  printProgram,
  type Rvalue,
  verifyProgram,
  visitBody,
} from "../../codegen/index.ts";
import { generateProgram } from "../generate/program.ts";
import { countStatements, type Reduction, reduceProgram } from "./reduce.ts";
import { mapBodies } from "./reducer.ts";

/** What a program does; `undefined` when that is no evidence. */
function behaviour(program: Program): string | undefined {
  const entries = entryPoints(program);
  if (entries.length === 0) return undefined;
  const prepared = prepareProgram(program, new LayoutCx(program.tcx, HOST_TARGET.dataLayout));
  let all = "";
  for (const entry of entries) {
    const { outcome, events, nanBitsObserved, addressObserved } = interpretEntry(prepared, entry, { fuel: 60_000 });
    if ((outcome.kind !== "return" && outcome.kind !== "panic") || nanBitsObserved || addressObserved) return undefined;
    all += `${Buffer.from(events).toString("hex")};`;
  }
  return all;
}

type Fault = (rvalue: Rvalue, body: Body, program: Program) => Rvalue;

/** What a wrong compiler might make of rvalues. */
const FAULTS: Readonly<Record<string, Fault>> = {
  "swapped subtraction": (r) => (r.kind === "binary" && r.op === "Sub" ? { ...r, left: r.right, right: r.left } : r),
  "wrong comparison": (r) => (r.kind === "binary" && r.op === "Lt" ? { ...r, op: "Le" } : r),
  "wrong shift": (r) => (r.kind === "binary" && r.op === "Shr" ? { ...r, op: "Shl" } : r),
  "wrong extension": (r, body, program) => {
    if (r.kind !== "cast" || r.castKind !== "IntToInt" || r.ty.kind === "char") return r;
    if (r.operand.kind === "const" || operandTy(body, r.operand, program.tcx).kind !== "int") return r;
    return { kind: "use", operand: { kind: "const", value: { kind: "scalar", ty: r.ty, bits: 5n } } };
  },
};

function withFault(program: Program, fault: Fault): Program {
  return mapBodies(program, (body) => ({
    ...body,
    blocks: body.blocks.map((block) => ({
      ...block,
      statements: block.statements.map((s) =>
        s.kind === "assign" ? { ...s, rvalue: fault(s.rvalue, body, program) } : s,
      ),
    })),
  }));
}

/** `program` has no undefined behaviour, and the fault changes what it does. */
function isMiscompiled(program: Program, fault: Fault): boolean {
  const right = behaviour(program);
  return right !== undefined && behaviour(withFault(program, fault)) !== right;
}

/** The first generated programs that a fault makes go wrong. */
function victims(fault: Fault, count: number): Program[] {
  const found: Program[] = [];
  for (let seed = 1; seed < 500 && found.length < count; seed++) {
    const program = generateProgram(seed);
    if (countStatements(program) >= 40 && isMiscompiled(program, fault)) found.push(program);
  }
  return found;
}

/** Reduces and checks what must hold of every reduction. */
async function reduceChecked(program: Program, interesting: (p: Program) => boolean): Promise<Reduction> {
  const before = printProgram(program);
  const asked = new Set<string>();
  const reduction = await reduceProgram(program, (candidate) => {
    expect(verifyProgram(candidate)).toEqual([]);
    const text = printProgram(candidate);
    expect(asked.has(text)).toBe(false);
    asked.add(text);
    return interesting(candidate);
  });
  expect(printProgram(program)).toBe(before);
  expect(asked.size).toBe(reduction.tried);
  expect(interesting(reduction.program)).toBe(true);
  expect(reduction.statements).toBe(countStatements(reduction.program));
  const text = printProgram(reduction.program);
  expect(printProgram(parseProgram(text))).toBe(text);
  return reduction;
}

describe("a simulated miscompile ends small, with few tries", () => {
  for (const [name, fault] of Object.entries(FAULTS)) {
    test(name, async () => {
      const programs = victims(fault, 2);
      expect(programs.length).toBe(2);
      for (const program of programs) {
        const reduction = await reduceChecked(program, (p) => isMiscompiled(p, fault));
        expect(reduction.statements, printProgram(reduction.program)).toBeLessThanOrEqual(10);
        expect(reduction.tried).toBeLessThan(800);
      }
    });
  }
});

/** Some operation of `op` has a left operand of type `ty`. */
function contains(program: Program, op: string, ty: string): boolean {
  return program.functions.some((item) => {
    const { body } = item;
    return body?.blocks.some((block) =>
      block.statements.some(
        (s) =>
          s.kind === "assign" &&
          s.rvalue.kind === "binary" &&
          s.rvalue.op === op &&
          operandTy(body, s.rvalue.left, program.tcx).text === ty,
      ),
    );
  });
}

const TEXT = `struct Pair { a: u8, b: [i64; 6] }
enum Shape { Dot, Line(i64), Box { w: i64, h: i64 } }
fn shift(_1: i64, _2: u8, _3: Pair, _4: Shape) -> i64 {
    let mut _5: i64; let mut _6: bool; let mut _7: isize; let mut _8: (i64, bool); let mut _9: usize;
    bb0: { _5 = copy _1; _6 = Lt(copy _1, const 100_i64); switchInt(move _6) -> [0: bb2, otherwise: bb1]; }
    bb1: { _5 = Shl(copy _5, const 3_u32); _9 = const 2_usize; _5 = BitXor(copy _5, copy (_3.1: [i64; 6])[_9]); goto -> bb3; }
    bb2: { _8 = AddWithOverflow(copy _5, const 7_i64);
           assert(!copy (_8.1: bool), "attempt to compute \`{} + {}\`, which would overflow", copy _5, const 7_i64) -> [success: bb3, unwind continue]; }
    bb3: { _7 = discriminant(_4); switchInt(copy _7) -> [1: bb4, 2: bb5, otherwise: bb6]; }
    bb4: { _5 = Sub(copy _5, copy ((_4 as Line).0: i64)); goto -> bb6; }
    bb5: { _5 = Mul(copy _5, copy ((_4 as Box).1: i64)); goto -> bb6; }
    bb6: { _0 = copy _5; return; }
}
fn unused(_1: u8) -> u8 { bb0: { _0 = copy _1; return; } }
fn input_0() -> () {
    let mut _1: i64; let mut _2: Pair; let mut _3: Shape; let mut _4: i64; let mut _5: (); let mut _6: [i64; 6];
    bb0: { _1 = black_box::<i64>(const 77_i64) -> [return: bb1, unwind continue]; }
    bb1: { _6 = [const 9_i64; 6]; _2 = Pair { a: const 3_u8, b: copy _6 }; _3 = Shape::Line(copy _1);
           _4 = shift(copy _1, const 3_u8, copy _2, copy _3) -> [return: bb2, unwind continue]; }
    bb2: { _5 = observe::<i64>(const 1_u32, copy _4) -> [return: bb3, unwind continue]; }
    bb3: { return; }
}
fn input_1() -> () {
    bb0: { return; }
}
`;

test("only what a predicate on the text asks for is left", async () => {
  const { program, statements } = await reduceChecked(parseProgram(TEXT), (p) => contains(p, "Shl", "i64"));
  expect(statements).toBe(1);
  expect(program.functions.length).toBe(1);
  expect(printProgram(program)).toMatch(/_\d = Shl\(const 0_i64, const 0_u32\);/);
});

test("a predicate on behaviour keeps what it needs", async () => {
  const { program, statements } = await reduceChecked(
    parseProgram(TEXT),
    (p) => contains(p, "Shl", "i64") && behaviour(p)?.includes("0200000000000000") === true,
  );
  expect(statements).toBeLessThanOrEqual(2);
  expect(behaviour(program)).toContain("0200000000000000");
});

test("types shrink with what uses them", async () => {
  const fields = (p: Program): number =>
    p.functions.reduce((count, item) => {
      if (item.body === undefined) return count;
      let found = 0;
      visitBody(item.body, {
        place: (place) => {
          if (place.projection.some((elem) => elem.kind === "field" && elem.ty.kind === "array")) found++;
        },
      });
      return count + found;
    }, 0);
  const { program } = await reduceChecked(parseProgram(TEXT), (p) => fields(p) > 0);
  const text = printProgram(program);
  expect(text).not.toContain("enum");
  expect(text).not.toContain("a: u8");
  expect(text).toContain("; 1]");
});

test("the same program and predicate give the same result, and a second reduction changes nothing", async () => {
  const fault = FAULTS["swapped subtraction"]!;
  const [program] = victims(fault, 1);
  const first = await reduceProgram(program!, (p) => isMiscompiled(p, fault));
  const second = await reduceProgram(program!, (p) => isMiscompiled(p, fault));
  expect(printProgram(second.program)).toBe(printProgram(first.program));
  expect([second.tried, second.kept]).toEqual([first.tried, first.kept]);
  const again = await reduceProgram(first.program, (p) => isMiscompiled(p, fault));
  expect(printProgram(again.program)).toBe(printProgram(first.program));
  expect(again.kept).toBe(0);
});

test("whatever the predicate answers, every candidate verifies and reduction ends", async () => {
  const programs = [parseProgram(TEXT), generateProgram(3), generateProgram(9)];
  await fc.assert(
    fc.asyncProperty(fc.nat(2), fc.array(fc.boolean(), { minLength: 7, maxLength: 40 }), async (which, answers) => {
      let asked = 0;
      const { program, tried } = await reduceProgram(programs[which]!, (candidate) => {
        expect(verifyProgram(candidate)).toEqual([]);
        return answers[asked++ % answers.length]!;
      });
      expect(tried).toBe(asked);
      expect(verifyProgram(program)).toEqual([]);
    }),
    { numRuns: 12 },
  );
});

test("a predicate that refuses all keeps the program; a spent budget asks nothing", async () => {
  const program = parseProgram(TEXT);
  const refused = await reduceProgram(program, () => false);
  expect(refused.program).toBe(program);
  expect(refused.kept).toBe(0);
  const spent = await reduceProgram(program, () => true, { budgetMs: -1 });
  expect([spent.tried, spent.program]).toEqual([0, program]);
});

test("progress names the reducers and counts down", async () => {
  const seen: number[] = [];
  const names = new Set<string>();
  await reduceProgram(parseProgram(TEXT), (p) => contains(p, "Shl", "i64"), {
    onProgress: ({ reducer, statements }) => {
      names.add(reducer);
      seen.push(statements);
    },
  });
  expect(names.has("drop-statements")).toBe(true);
  expect(seen.at(-1)).toBeLessThan(seen[0]!);
});

test("statements are counted where they can be reached, inputs are not", () => {
  expect(countStatements(parseProgram(TEXT))).toBe(18);
  const inner = TEXT.replace("_5 = copy _1; _6", "_5 = copy _1; StorageLive(_8); _6");
  expect(countStatements(parseProgram(inner))).toBe(19);
});
