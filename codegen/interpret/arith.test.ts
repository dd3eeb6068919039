/**
 * Arithmetic: against BigInt as a law, and against what rustc's own code computes, on the edges of every type.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runText, valuesOf } from "./testing/run-text.ts";

interface Int {
  readonly name: string;
  readonly bits: number;
  readonly signed: boolean;
}

const INTS: readonly Int[] = [8, 16, 32, 64, 128].flatMap((bits) => [
  { name: `i${bits}`, bits, signed: true },
  { name: `u${bits}`, bits, signed: false },
]);

function wrap(ty: Int, value: bigint): bigint {
  return ty.signed ? BigInt.asIntN(ty.bits, value) : BigInt.asUintN(ty.bits, value);
}

function rangeOf(ty: Int): { min: bigint; max: bigint } {
  return ty.signed
    ? { min: -(1n << BigInt(ty.bits - 1)), max: (1n << BigInt(ty.bits - 1)) - 1n }
    : { min: 0n, max: (1n << BigInt(ty.bits)) - 1n };
}

/** One result: the rvalue and its type in MIR text. */
interface Case {
  readonly rvalue: string;
  readonly ty: string;
}

/** The values that the cases come to, as unsigned bits. */
function evaluate(cases: readonly Case[]): bigint[] {
  const types = [...new Set(cases.map((c) => c.ty))];
  const locals = types.map((ty, i) => `let mut _${i + 1}: ${ty};`).join(" ");
  const unit = types.length + 1;
  const blocks = cases.map((c, i) => {
    const local = types.indexOf(c.ty) + 1;
    return `bb${i}: { _${local} = ${c.rvalue}; _${unit} = observe::<${c.ty}>(const 0_u32, copy _${local}) -> [return: bb${i + 1}, unwind continue]; }`;
  });
  const text = `fn main() -> () { ${locals} let mut _${unit}: ();\n${blocks.join("\n")}\nbb${cases.length}: { return; } }`;
  return valuesOf(runText(text));
}

/** The reference, in BigInt; undefined where the operation is undefined. */
function reference(op: string, ty: Int, a: bigint, b: bigint): bigint[] | undefined {
  const { min, max } = rangeOf(ty);
  const bit = (c: boolean): bigint => (c ? 1n : 0n);
  const shift = BigInt.asUintN(ty.bits, b) & BigInt(ty.bits - 1);
  const checked = (exact: bigint): bigint[] => [wrap(ty, exact), bit(exact < min || exact > max)];
  switch (op) {
    case "Add":
      return [wrap(ty, a + b)];
    case "Sub":
      return [wrap(ty, a - b)];
    case "Mul":
      return [wrap(ty, a * b)];
    case "AddWithOverflow":
      return checked(a + b);
    case "SubWithOverflow":
      return checked(a - b);
    case "MulWithOverflow":
      return checked(a * b);
    case "Div":
      return b === 0n || (ty.signed && a === min && b === -1n) ? undefined : [a / b];
    case "Rem":
      return b === 0n || (ty.signed && a === min && b === -1n) ? undefined : [a % b];
    case "BitAnd":
      return [a & b];
    case "BitOr":
      return [a | b];
    case "BitXor":
      return [a ^ b];
    case "Shl":
      return [wrap(ty, a << shift)];
    case "Shr":
      return [a >> shift];
    case "Eq":
      return [bit(a === b)];
    case "Ne":
      return [bit(a !== b)];
    case "Lt":
      return [bit(a < b)];
    case "Le":
      return [bit(a <= b)];
    case "Gt":
      return [bit(a > b)];
    case "Ge":
      return [bit(a >= b)];
    case "Cmp":
      return [a < b ? 0n : a === b ? 1n : 2n];
    default:
      throw new Error(op);
  }
}

const OPS = [
  ...[
    "Add",
    "Sub",
    "Mul",
    "AddWithOverflow",
    "SubWithOverflow",
    "MulWithOverflow",
    "Div",
    "Rem",
    "BitAnd",
    "BitOr",
    "BitXor",
  ],
  ...["Shl", "Shr", "Eq", "Ne", "Lt", "Le", "Gt", "Ge", "Cmp"],
];
const COMPARISONS = new Set(["Eq", "Ne", "Lt", "Le", "Gt", "Ge"]);

function resultTy(op: string, ty: Int): string {
  if (COMPARISONS.has(op)) return "bool";
  if (op === "Cmp") return "std::cmp::Ordering";
  return op.endsWith("Overflow") ? `(${ty.name}, bool)` : ty.name;
}

/** Values of every magnitude, as often at a power of two or a limit as between. */
function valuesIn(ty: Int): fc.Arbitrary<bigint> {
  const near = fc
    .tuple(fc.integer({ min: 0, max: ty.bits }), fc.integer({ min: -2, max: 2 }), fc.boolean())
    .map(([k, d, neg]) => wrap(ty, (neg ? -1n : 1n) * ((1n << BigInt(k)) + BigInt(d))));
  const { min, max } = rangeOf(ty);
  return fc.oneof(near, fc.bigInt({ min, max }));
}

/** Edges for the comparison with rustc: the limits, and what is next to powers of two and to halves. */
function edges(ty: Int): bigint[] {
  const { min, max } = rangeOf(ty);
  const half = 1n << BigInt(ty.bits / 2);
  const odd = wrap(ty, 0x123456789abcdef0fedcba9876543211n);
  return [
    ...new Set([
      0n,
      1n,
      2n,
      3n,
      wrap(ty, -1n),
      wrap(ty, -2n),
      min,
      min + 1n,
      max,
      max - 1n,
      half,
      half - 1n,
      wrap(ty, -half),
      odd,
    ]),
  ];
}

const FLOATS = ["f32", "f64"] as const;
const FLOAT_EDGES = [
  ...[
    "0.0",
    "-0.0",
    "1.0",
    "-1.0",
    "0.5",
    "1.5",
    "2.5",
    "-2.5",
    "0.1",
    "3.0",
    "255.0",
    "256.0",
    "-129.0",
    "65535.5",
    "16777217.0",
  ],
  ...[
    "2147483647.0",
    "2147483648.0",
    "-2147483649.0",
    "4294967295.0",
    "4294967296.0",
    "9223372036854775807.0",
    "1.8446744073709552e19",
  ],
  ...["-9.3e18", "1.7e38", "-1.8e38", "3.4e38", "1e-40", "1e10"],
];

/** The Rust side prints the same values in the same order, one hexadecimal number a line. */
function rustSource(): string {
  const bin = INTS.map(
    (t) => `{
  type T = ${t.name}; type U = u${t.bits};
  let edges: [T; ${edges(t).length}] = [${edges(t).join(", ")}];
  for a in edges { for b in edges {
    p(a.wrapping_add(b) as U as u128); p(a.wrapping_sub(b) as U as u128); p(a.wrapping_mul(b) as U as u128);
    for (v, o) in [a.overflowing_add(b), a.overflowing_sub(b), a.overflowing_mul(b)] { p(v as U as u128); p(o as u128); }
    if let Some(v) = a.checked_div(b) { p(v as U as u128); p((a % b) as U as u128); }
    p(a.wrapping_shl(b as u32) as U as u128); p(a.wrapping_shr(b as u32) as U as u128);
    p((a < b) as u128); p((a >= b) as u128); p((a.cmp(&b) as i8 + 1) as u128);
  } p((!a) as U as u128); ${t.signed ? "p(a.wrapping_neg() as U as u128);" : ""} ${INTS.map((d) => `p(a as ${d.name} as u${d.bits} as u128);`).join(" ")} p((a as f32).to_bits() as u128); p((a as f64).to_bits() as u128); }
}`,
  );
  const float = FLOATS.map(
    (f) => `{
  let edges: [${f}; ${FLOAT_EDGES.length + 3}] = [${FLOAT_EDGES.join(", ")}, ${f}::INFINITY, ${f}::NEG_INFINITY, ${f}::NAN];
  for a in edges { for b in edges {
    for v in [a + b, a - b, a * b, a / b, a % b] { p(if v.is_nan() { ${f === "f32" ? "0x7fc00000" : "0x7ff8000000000000"} } else { v.to_bits() as u128 }); }
    for v in [a == b, a != b, a < b, a <= b, a > b, a >= b] { p(v as u128); }
  } ${INTS.map((d) => `p(a as ${d.name} as u${d.bits} as u128);`).join(" ")}
  let n = a as f32; p(if n.is_nan() { 0x7fc00000 } else { n.to_bits() as u128 }); let w = a as f64; p(if w.is_nan() { 0x7ff8000000000000 } else { w.to_bits() as u128 }); }
}`,
  );
  return `#![allow(warnings)] use std::io::Write;
fn main() { let mut out = std::io::BufWriter::new(std::io::stdout()); let mut p = |v: u128| { writeln!(out, "{:x}", v).unwrap(); };
${[...bin, ...float].join("\n")} }`;
}

function runRust(source: string): bigint[] {
  const dir = mkdtempSync(join(tmpdir(), "mirwatch-arith-"));
  try {
    writeFileSync(join(dir, "main.rs"), source);
    const exe = join(dir, "main");
    const build = spawnSync("rustc", ["--edition", "2021", "-C", "opt-level=0", "-o", exe, join(dir, "main.rs")], {
      encoding: "utf8",
    });
    if (build.status !== 0) throw new Error(build.stderr);
    const run = spawnSync(exe, [], { encoding: "utf8", maxBuffer: 1 << 28 });
    return run.stdout
      .trimEnd()
      .split("\n")
      .map((line) => BigInt(`0x${line}`));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** The cases in the order of `rustSource`. */
function rustCases(): Case[] {
  const cases: Case[] = [];
  for (const t of INTS) {
    const lit = (v: bigint): string => `const ${v}_${t.name}`;
    for (const a of edges(t)) {
      for (const b of edges(t)) {
        const both = `(${lit(a)}, ${lit(b)})`;
        for (const op of ["Add", "Sub", "Mul", "AddWithOverflow", "SubWithOverflow", "MulWithOverflow", "Div", "Rem"]) {
          if (reference(op, t, a, b) !== undefined) cases.push({ rvalue: op + both, ty: resultTy(op, t) });
        }
        for (const op of ["Shl", "Shr", "Lt", "Ge", "Cmp"]) cases.push({ rvalue: op + both, ty: resultTy(op, t) });
      }
      cases.push({ rvalue: `Not(${lit(a)})`, ty: t.name });
      if (t.signed) cases.push({ rvalue: `Neg(${lit(a)})`, ty: t.name });
      for (const d of INTS) cases.push({ rvalue: `${lit(a)} as ${d.name} (IntToInt)`, ty: d.name });
      for (const f of FLOATS) cases.push({ rvalue: `${lit(a)} as ${f} (IntToFloat)`, ty: f });
    }
  }
  for (const f of FLOATS) {
    const values = [
      ...FLOAT_EDGES.map((e) => `const ${e}${f}`),
      `const +Inf_${f}`,
      `const -Inf_${f}`,
      `const NaN_${f}`,
    ];
    for (const a of values) {
      for (const b of values) {
        for (const op of ["Add", "Sub", "Mul", "Div", "Rem"]) cases.push({ rvalue: `${op}(${a}, ${b})`, ty: f });
        for (const op of ["Eq", "Ne", "Lt", "Le", "Gt", "Ge"]) cases.push({ rvalue: `${op}(${a}, ${b})`, ty: "bool" });
      }
      for (const d of INTS) cases.push({ rvalue: `${a} as ${d.name} (FloatToInt)`, ty: d.name });
      for (const g of FLOATS) cases.push({ rvalue: `${a} as ${g} (FloatToFloat)`, ty: g });
    }
  }
  return cases;
}

describe("arithmetic", () => {
  it("is BigInt's, wrapped", () => {
    const inputs = fc.constantFrom(...INTS).chain((ty) =>
      fc.record({
        ty: fc.constant(ty),
        pairs: fc.array(fc.tuple(valuesIn(ty), valuesIn(ty)), { minLength: 1, maxLength: 20 }),
      }),
    );
    fc.assert(
      fc.property(inputs, ({ ty, pairs }) => {
        const cases: Case[] = [];
        const expected: bigint[] = [];
        for (const [a, b] of pairs) {
          for (const op of OPS) {
            const values = reference(op, ty, a, b);
            if (values === undefined) continue;
            cases.push({ rvalue: `${op}(const ${a}_${ty.name}, const ${b}_${ty.name})`, ty: resultTy(op, ty) });
            expected.push(...values.map((v) => BigInt.asUintN(ty.bits, v)));
          }
        }
        expect(evaluate(cases)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it("is rustc's, on edges", () => {
    const cases = rustCases();
    const ours = evaluate(cases);
    const theirs = runRust(rustSource());
    expect(ours.length).toBe(theirs.length);
    let at = 0;
    for (const c of cases) {
      const width = c.ty.startsWith("(") ? 2 : 1;
      expect(ours.slice(at, at + width), c.rvalue).toEqual(theirs.slice(at, at + width));
      at += width;
    }
  });
});
