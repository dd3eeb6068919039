import { describe, expect, test } from "vitest";
import {
  EventKind,
  newTyCtxt,
  type Program,
  parseProgram,
  printProgram,
  RECORD_SIZE,
  verifyProgram,
} from "../../codegen/index.ts";
import { generateChecked } from "../generate/generate.ts";
import { proveProgram } from "../oracle/prove.ts";
import { countStatements, type Reduction, reduceProgram } from "./reduce.ts";

/** The records of all runs, as hexadecimal text; `undefined` when the program is no evidence. */
function recordsOf(program: Program): ReadonlySet<string> | undefined {
  const proof = proveProgram(program);
  if (proof.kind === "rejected") return undefined;
  const records = new Set<string>();
  for (const { expected } of proof.checked.runs) {
    const bytes = Buffer.from(expected.events);
    for (let at = 0; at < bytes.length; at += RECORD_SIZE)
      records.add(bytes.subarray(at, at + RECORD_SIZE).toString("hex"));
  }
  return records;
}

/** Reduces `program` towards observing `record`, and checks what must hold of every candidate and of the result. */
async function reduceTo(program: Program, record: string): Promise<Reduction> {
  const before = printProgram(program);
  const reduction = await reduceProgram(program, (candidate) => {
    expect(verifyProgram(candidate)).toEqual([]);
    return recordsOf(candidate)?.has(record) === true;
  });
  expect(printProgram(program)).toBe(before);
  expect(recordsOf(reduction.program)?.has(record)).toBe(true);
  expect(reduction.statements).toBe(countStatements(reduction.program));
  return reduction;
}

/** `observe(tag, value: i32)` as a record. */
function observed(tag: number, value: number): string {
  const record = Buffer.alloc(RECORD_SIZE);
  record.writeUInt32LE(EventKind.I32, 0);
  record.writeUInt32LE(tag, 4);
  record.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), 8);
  record.writeBigUInt64LE(value < 0 ? 2n ** 64n - 1n : 0n, 16);
  return record.toString("hex");
}

const DROPS = `
struct D { f0: i32 }
impl Drop for D {
    fn drop(_1: &mut D) -> () {
        let mut _0: ();
        let mut _2: ();
        bb0: { _2 = observe::<i32>(const 1_u32, copy ((*_1).0: i32)) -> [return: bb1, unwind continue]; }
        bb1: { return; }
    }
}
trait Area {
    fn area(_1: &Self) -> i32;
    fn twice(_1: &Self) -> i32 {
        let mut _0: i32;
        let mut _2: i32;
        bb0: { _2 = <Self as Area>::area(copy _1) -> [return: bb1, unwind continue]; }
        bb1: { _0 = Add(copy _2, copy _2); return; }
    }
}
impl Area for D {
    fn area(_1: &D) -> i32 {
        let mut _0: i32;
        bb0: { _0 = copy ((*_1).0: i32); return; }
    }
    fn twice(_1: &D) -> i32 {
        let mut _0: i32;
        bb0: { _0 = Mul(copy ((*_1).0: i32), const 2_i32); return; }
    }
}
static TABLE: [i32; 3] = {
    let mut _0: [i32; 3];
    bb0: { _0 = [const 5_i32, const 6_i32, const 7_i32]; return; }
}
fn unused(_1: i32) -> i32 {
    let mut _0: i32;
    bb0: { _0 = copy _1; return; }
}
fn input_0() -> () {
    let mut _0: ();
    let mut _1: D;
    let mut _2: i32;
    let mut _3: &D;
    let mut _4: &dyn Area;
    let mut _5: i32;
    let mut _6: ();
    let mut _7: &[i32; 3];
    let mut _8: &[i32];
    let mut _9: usize;
    bb0: { _2 = black_box::<i32>(const 21_i32) -> [return: bb1, unwind continue]; }
    bb1: {
        _1 = D { f0: copy _2 };
        _3 = &_1;
        _4 = copy _3 as &dyn Area (PointerCoercion(Unsize, Implicit));
        _5 = <dyn Area as Area>::twice(copy _4) -> [return: bb2, unwind: bb6];
    }
    bb2: { _6 = observe::<i32>(const 2_u32, copy _5) -> [return: bb3, unwind: bb6]; }
    bb3: {
        _7 = const {alloc1: &[i32; 3]};
        _8 = copy _7 as &[i32] (PointerCoercion(Unsize, Implicit));
        _9 = const 2_usize;
        _6 = observe::<i32>(const 3_u32, copy (*_8)[_9]) -> [return: bb4, unwind: bb6];
    }
    bb4: { drop(_1) -> [return: bb5, unwind continue]; }
    bb5: { return; }
    bb6 (cleanup): { drop(_1) -> [return: bb7, unwind terminate(cleanup)]; }
    bb7 (cleanup): { resume; }
}
alloc1 (static: TABLE)
`;

describe("programs with traits, drops, statics and slices", () => {
  const program = (): Program => parseProgram(DROPS, { tcx: newTyCtxt() });

  test("keep the drop that an observation needs, and nothing else", async () => {
    const { program: small, statements } = await reduceTo(program(), observed(1, 21));
    expect(statements, printProgram(small)).toBeLessThanOrEqual(4);
    expect(printProgram(small)).not.toMatch(/Area|TABLE|unused|cleanup/);
  });

  test("keep the virtual call that an observation needs", async () => {
    const { program: small, statements } = await reduceTo(program(), observed(2, 42));
    expect(statements, printProgram(small)).toBeLessThanOrEqual(8);
    expect(printProgram(small)).not.toMatch(/Drop|TABLE|unused|cleanup/);
  });

  test("keep the static that an observation needs", async () => {
    const { program: small, statements } = await reduceTo(program(), observed(3, 7));
    expect(statements, printProgram(small)).toBeLessThanOrEqual(4);
    expect(printProgram(small)).not.toMatch(/Area|Drop|unused|cleanup/);
  });

  test("print as text that reads back as the same program", async () => {
    for (const record of [observed(1, 21), observed(2, 42), observed(3, 7)]) {
      const text = printProgram((await reduceTo(program(), record)).program);
      expect(printProgram(parseProgram(text, { tcx: newTyCtxt() }))).toBe(text);
    }
  });
});

describe("random programs of the whole language", () => {
  test("become smaller, and every candidate is valid MIR", async () => {
    let before = 0;
    let after = 0;
    for (let seed = 1; seed <= 6; seed++) {
      const { program } = generateChecked(seed, { features: "full", size: 30 });
      const records = [...(recordsOf(program) ?? [])];
      const record = records[Math.floor(records.length / 2)];
      if (record === undefined) continue;
      before += countStatements(program);
      after += (await reduceTo(program, record)).statements;
    }
    expect(before).toBeGreaterThan(100);
    expect(after).toBeLessThan(before / 2);
  }, 60_000);
});

const GENERIC = `
trait Side {
    fn side(_1: &Self) -> i32;
}
trait Area: Side {
    fn area(_1: &Self, _2: u64) -> i32;
}
struct Pair<T> { first: T, second: u64 }
impl Side for Pair<i64> {
    fn side(_1: &Pair<i64>) -> i32 {
        let mut _0: i32;
        bb0: { _0 = const 1_i32; return; }
    }
}
impl Area for Pair<i64> {
    fn area(_1: &Pair<i64>, _2: u64) -> i32 {
        let mut _0: i32;
        bb0: { _0 = const 42_i32; return; }
    }
}
fn measure<T: Area, U>(_1: &T, _2: U) -> i32 {
    let mut _0: i32;
    bb0: { _0 = <T as Area>::area(copy _1, const 7_u64) -> [return: bb1, unwind continue]; }
    bb1: { return; }
}
fn input_0() -> () {
    let mut _0: ();
    let mut _1: Pair<i64>;
    let mut _2: &Pair<i64>;
    let mut _3: i32;
    let mut _4: [u64; 9];
    bb0: {
        _1 = Pair::<i64> { first: const 3_i64, second: const 4_u64 };
        _2 = &_1;
        _3 = measure::<Pair<i64>, u8>(copy _2, const 1_u8) -> [return: bb1, unwind continue];
    }
    bb1: { _0 = observe::<i32>(const 1_u32, copy _3) -> [return: bb2, unwind continue]; }
    bb2: { return; }
}
`;

describe("programs with generics", () => {
  /** Interesting: a method of a trait is called, and `record` observed. */
  const calls = (program: Program, pattern: RegExp): boolean =>
    recordsOf(program)?.has(observed(1, 42)) === true && pattern.test(printProgram(program));

  test("lose parameters, bounds, fields and arguments that do not matter", async () => {
    const program = parseProgram(GENERIC, { tcx: newTyCtxt() });
    const { program: small } = await reduceProgram(program, (candidate) => calls(candidate, /Area>::area|Area::area/));
    const text = printProgram(small);
    expect(text).not.toMatch(/Side|measure|first|second|i64|u64|u8|<T/);
    expect(text).toMatch(/fn area\(_1: &(?:Self|Pair)\) -> i32/);
    expect(verifyProgram(parseProgram(text, { tcx: newTyCtxt() }))).toEqual([]);
  });

  test("keep a generic function that matters, without what it is generic over", async () => {
    const program = parseProgram(GENERIC, { tcx: newTyCtxt() });
    const { program: small } = await reduceProgram(program, (candidate) => calls(candidate, /= measure/));
    const text = printProgram(small);
    expect(text).toMatch(/fn measure\(_1: &Pair\) -> i32/);
    expect(text).not.toMatch(/Side|first|second|i64|u64|u8|<[TU]/);
  });
});
