/** The constants of core's primitive types, against those that rustc's executable prints. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseProgram } from "../parser.ts";

const INTS = ["8", "16", "32", "64", "128", "size"].flatMap((width) => [`u${width}`, `i${width}`]);
const FLOAT_BITS = ["MAX", "MIN", "MIN_POSITIVE", "EPSILON", "NAN", "INFINITY", "NEG_INFINITY"];
const FLOAT_NUMBERS = ["RADIX", "MANTISSA_DIGITS", "DIGITS", "MIN_EXP", "MAX_EXP", "MIN_10_EXP", "MAX_10_EXP"];
const ANGLES = ["PI", "TAU", "FRAC_PI_2", "FRAC_PI_3", "FRAC_PI_4", "FRAC_PI_6", "FRAC_PI_8", "FRAC_1_PI", "FRAC_2_PI"];
const ROOTS = [
  "FRAC_2_SQRT_PI",
  "SQRT_2",
  "FRAC_1_SQRT_2",
  "E",
  "LOG2_10",
  "LOG2_E",
  "LOG10_2",
  "LOG10_E",
  "LN_2",
  "LN_10",
];

/** By the path that dumps have: the type, and Rust that gives the bits. */
const CONSTANTS: readonly { readonly path: string; readonly ty: string; readonly bits: string }[] = [
  ...INTS.flatMap((ty) =>
    ["MAX", "MIN", "BITS"].map((name) => ({
      path: `core::num::<impl ${ty}>::${name}`,
      ty: name === "BITS" ? "u32" : ty,
      bits: name === "BITS" ? `${ty}::BITS` : `${ty}::${name} as ${ty.replace(/^i/, "u")}`,
    })),
  ),
  ...["f16", "f32", "f64", "f128"].flatMap((ty) => [
    ...FLOAT_BITS.map((name) => ({ path: `core::${ty}::<impl ${ty}>::${name}`, ty, bits: `${ty}::${name}.to_bits()` })),
    ...FLOAT_NUMBERS.map((name) => ({
      path: `core::${ty}::<impl ${ty}>::${name}`,
      ty: name.endsWith("EXP") ? "i32" : "u32",
      bits: `${ty}::${name} as u32`,
    })),
    ...[...ANGLES, ...ROOTS].map((name) => ({
      path: `std::${ty}::consts::${name}`,
      ty,
      bits: `std::${ty}::consts::${name}.to_bits()`,
    })),
  ]),
  ...["MIN", "MAX", "REPLACEMENT_CHARACTER"].map((name) => ({
    path: `std::char::methods::<impl char>::${name}`,
    ty: "char",
    bits: `char::${name} as u32`,
  })),
];

function rustcBits(): bigint[] {
  const dir = mkdtempSync(join(tmpdir(), "mirwatch-consts-"));
  try {
    const lines = CONSTANTS.map(({ bits }) => `println!("{}", ${bits});`);
    writeFileSync(join(dir, "main.rs"), `#![feature(f16, f128)]\nfn main() { ${lines.join("\n")} }`);
    const made = spawnSync("rustc", ["main.rs"], {
      cwd: dir,
      encoding: "utf8",
      env: { ...process.env, RUSTC_BOOTSTRAP: "1" },
    });
    if (made.status !== 0) throw new Error(made.stderr);
    return spawnSync(join(dir, "main"), { encoding: "utf8" }).stdout.trimEnd().split("\n").map(BigInt);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function parsedBits({ path, ty }: (typeof CONSTANTS)[number]): bigint {
  const { functions } = parseProgram(`fn f() -> ${ty} { bb0: { _0 = const ${path}; return; } }`);
  const [statement] = functions[0]!.body!.blocks[0]!.statements;
  if (statement?.kind !== "assign" || statement.rvalue.kind !== "use") throw new Error(path);
  const { operand } = statement.rvalue;
  if (operand.kind !== "const" || operand.value.kind !== "scalar" || operand.value.ty.text !== ty)
    throw new Error(path);
  return operand.value.bits;
}

test("constants of primitive types have the values that they have in rustc", () => {
  const expected = rustcBits();
  expect(expected.length).toBe(CONSTANTS.length);
  CONSTANTS.forEach((constant, i) => {
    expect(parsedBits(constant), constant.path).toBe(expected[i]);
  });
});

test("what is no constant of core stays unknown", () => {
  for (const path of [
    "core::num::<impl u8>::EPSILON",
    "std::f64::consts::TWO",
    "u8::NAN",
    "core::num::<impl Foo>::MAX",
  ])
    expect(() => parseProgram(`fn f() -> u8 { bb0: { _0 = const ${path}; return; } }`), path).toThrow();
});
