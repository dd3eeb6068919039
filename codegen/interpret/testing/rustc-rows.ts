/**
 * Operations on plain values, run both by a program that rustc compiles and by the interpreter, over many arguments.
 *
 * Every argument and result is a scalar or a vector; it travels as its bytes, the argument by way of a transmute from integers, the result
 * back to them, so that no format of floats is ours. A NaN counts as any other.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mainOf, runText, valuesOf, verdictOf } from "./run-text.ts";

/** A scalar type, or a vector of them. */
export interface ValueTy {
  /** In both languages. */
  readonly name: string;
  /** Of a lane. */
  readonly bits: number;
  readonly lanes: number;
  readonly float: boolean;
  readonly signed: boolean;
}

/** An operation, written for both. */
export interface Row {
  readonly title: string;
  readonly params: readonly ValueTy[];
  /** Of a pair, both halves. */
  readonly ret: readonly ValueTy[];
  /** With arguments `a`, `b` …. */
  readonly rust: string;
  /** A call's function, or, when `isRvalue`, an rvalue with the operands for `$0`, `$1` …. */
  readonly mir: string;
  readonly isRvalue?: boolean;
  /** Each a list of arguments, each argument its lanes' bits. */
  readonly inputs: readonly (readonly (readonly bigint[])[])[];
}

export function scalar(name: string, bits: number, kind: "int" | "uint" | "float"): ValueTy {
  return { name, bits, lanes: 1, float: kind === "float", signed: kind === "int" };
}

/** What a value is transmuted from and to. */
function carrier({ bits, lanes }: ValueTy): string {
  return lanes === 1 ? `u${bits}` : `[u${bits}; ${lanes}]`;
}

function isNan({ float, bits }: ValueTy, value: bigint): boolean {
  if (!float) return false;
  const mantissa = BigInt({ 16: 10, 32: 23, 64: 52, 128: 112 }[bits] ?? 0);
  const infinity = (1n << BigInt(bits - 1)) - (1n << mantissa);
  return BigInt.asUintN(bits - 1, value) > infinity;
}

/** The lanes of a result, in hexadecimal. */
function textOf(tys: readonly ValueTy[], lanes: readonly bigint[]): string {
  const each = tys.flatMap((ty) => Array.from({ length: ty.lanes }, () => ty));
  return lanes.map((bits, i) => (isNan(each[i]!, bits) ? "NaN" : bits.toString(16))).join(" ");
}

// ---- The interpreter

const PER_PROGRAM = 2000;

function literal(ty: ValueTy, lanes: readonly bigint[]): string {
  const each = lanes.map((bits) => `const ${bits}_u${ty.bits}`);
  return ty.lanes === 1 ? each[0]! : `[${each.join(", ")}]`;
}

/** A program that runs the row on these inputs. */
export function mirOf(items: string, row: Row, inputs: Row["inputs"]): string {
  const { params, ret } = row;
  const result = params.length * 2 + 1;
  const pair = ret.length === 2;
  const locals = [
    ...params.flatMap((ty, i) => [`let mut _${2 * i + 1}: ${carrier(ty)};`, `let mut _${2 * i + 2}: ${ty.name};`]),
    `let mut _${result}: ${pair ? `(${ret.map((ty) => ty.name).join(", ")})` : ret[0]!.name};`,
    ...ret.map((ty, i) => `let mut _${result + 1 + i}: ${carrier(ty)};`),
    `let mut _${result + 3}: ();${pair ? "" : ` let mut _${result + 2}: ();`}`,
  ];
  // Locals are declared in order.
  const ordered = locals.join(" ").match(/let mut _\d+: .*?;(?= let|$)/g)!;
  ordered.sort((a, b) => Number(/\d+/.exec(a)![0]) - Number(/\d+/.exec(b)![0]));
  const operands = params.map((_, i) => `copy _${2 * i + 2}`);
  const blocks: string[] = [];
  for (const input of inputs) {
    const make = input
      .map((lanes, i) => {
        const ty = params[i]!;
        return `_${2 * i + 1} = ${literal(ty, lanes)}; _${2 * i + 2} = copy _${2 * i + 1} as ${ty.name} (Transmute);`;
      })
      .join(" ");
    const next = (by: number): string => `bb${blocks.length + by}`;
    if (row.isRvalue === true) {
      const rvalue = row.mir.replace(/\$(\d)/g, (_, i: string) => operands[Number(i)]!);
      blocks.push(`${make} _${result} = ${rvalue}; goto -> ${next(1)};`);
    } else
      blocks.push(`${make} _${result} = ${row.mir}(${operands.join(", ")}) -> [return: ${next(1)}, unwind continue];`);
    ret.forEach((ty, i) => {
      const from = pair ? `(_${result}.${i}: ${ty.name})` : `_${result}`;
      const to = result + 1 + i;
      blocks.push(
        `_${to} = copy ${from} as ${carrier(ty)} (Transmute); _${result + 3} = observe::<${carrier(ty)}>(const 0_u32, copy _${to}) -> [return: ${next(1)}, unwind continue];`,
      );
    });
  }
  return `${items}\n${mainOf(ordered.join(" "), ...blocks, "")}`;
}

/** A line for each input. */
export function runInterpreted(items: string, row: Row): string[] {
  const lines: string[] = [];
  const width = row.ret.reduce((sum, ty) => sum + ty.lanes, 0);
  for (let from = 0; from < row.inputs.length; from += PER_PROGRAM) {
    const inputs = row.inputs.slice(from, from + PER_PROGRAM);
    const values = valuesOf(runText(mirOf(items, row, inputs), 1_000_000, inputs.length * width));
    inputs.forEach((_, i) => {
      lines.push(textOf(row.ret, values.slice(i * width, (i + 1) * width)));
    });
  }
  return lines;
}

/** How the run on one input ends. */
export function verdictOn(items: string, row: Row, input: Row["inputs"][number]): string {
  return verdictOf(runText(mirOf(items, row, [input])));
}

// ---- rustc

function rustSource(items: string, rows: readonly Row[]): string {
  const body = rows.map(({ params, ret, rust }, k) => {
    const make = params.map((ty, i) => {
      const lanes = Array.from({ length: ty.lanes }, () => `next() as u${ty.bits}`).join(", ");
      return `let ${"abcd"[i]}: ${ty.name} = transmute(${ty.lanes === 1 ? lanes : `[${lanes}]`});`;
    });
    const names = ret.length === 2 ? "(r, s)" : "r";
    const show = ret.map((ty, i) => {
      const lanes = `let v: ${carrier(ty)} = transmute(${"rs"[i]});`;
      return `${lanes} ${ty.lanes === 1 ? "out.push(v as u128);" : "for x in v { out.push(x as u128); }"}`;
    });
    return `unsafe fn row${k}(next: Next, out: Out) { ${make.join(" ")} let ${names} = ${rust}; ${show.join(" ")} }`;
  });
  return `#![allow(warnings, internal_features)]
#![feature(core_intrinsics, f16, f128, repr_simd, funnel_shifts, core_intrinsics_fallbacks)]
use std::intrinsics::*; use std::intrinsics::simd::*; use std::io::{Read, Write}; use std::mem::transmute; use std::hint::black_box;
type Next<'a> = &'a mut dyn FnMut() -> u128; type Out<'a> = &'a mut Vec<u128>;
${items}
${body.join("\n")}
const ROWS: &[unsafe fn(Next, Out)] = &[${rows.map((_, k) => `row${k}`).join(", ")}];
fn main() {
  let mut text = String::new(); std::io::stdin().read_to_string(&mut text).unwrap();
  let mut words = text.split_ascii_whitespace();
  let mut next = || u128::from_str_radix(words.next().unwrap(), 16).unwrap();
  let mut w = std::io::BufWriter::new(std::io::stdout());
  for row in ROWS { for _ in 0..next() {
    let mut out = Vec::new(); unsafe { row(&mut next, &mut out); }
    let t: Vec<String> = out.iter().map(|x| format!("{:x}", x)).collect(); writeln!(w, "{}", t.join(" ")).unwrap();
  } }
}`;
}

/** By row, a line for each input, from an executable that rustc made of all rows. */
export function runCompiled(items: string, rows: readonly Row[]): string[][] {
  const dir = mkdtempSync(join(tmpdir(), "mirwatch-rows-"));
  try {
    const file = join(dir, "main.rs");
    writeFileSync(file, rustSource(items, rows));
    const exe = join(dir, "main");
    const build = spawnSync("rustc", ["--edition", "2021", "-C", "opt-level=0", "-o", exe, file], {
      encoding: "utf8",
      env: { ...process.env, RUSTC_BOOTSTRAP: "1" },
    });
    if (build.status !== 0) throw new Error(build.stderr);
    const input = rows
      .map(({ inputs }) => [inputs.length, ...inputs.flat(2)].map((bits) => bits.toString(16)).join(" "))
      .join("\n");
    const { stdout, status, stderr } = spawnSync(exe, [], { encoding: "utf8", input, maxBuffer: 1 << 28 });
    if (status !== 0) throw new Error(stderr);
    const lines = stdout.trimEnd().split("\n");
    return rows.map(({ inputs, ret }) =>
      lines.splice(0, inputs.length).map((line) =>
        textOf(
          ret,
          line.split(" ").map((bits) => BigInt(`0x${bits}`)),
        ),
      ),
    );
  } finally {
    rmSync(dir, { recursive: true });
  }
}
