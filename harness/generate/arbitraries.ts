/** The generator as a fast-check arbitrary: property tests over programs. */

import fc from "fast-check";
import type { Program } from "../../codegen/index.ts";
import { type GeneratedProgram, generateChecked } from "./generate.ts";
import { type GenerateOptions, generateProgram } from "./program.ts";

/** The sizes that a counterexample shrinks through: a small program of the same seed is another program, but a smaller one. */
const SIZES: readonly number[] = [2, 5, 10, 20, 40, 75, 110];

function arbSeedAndSize(options: GenerateOptions): fc.Arbitrary<{ seed: number; size: number }> {
  const limit = options.size ?? SIZES.at(-1)!;
  const sizes = SIZES.filter((size) => size <= limit);
  // `constantFrom` shrinks towards its first value.
  return fc.record({ seed: fc.noShrink(fc.nat()), size: fc.constantFrom(...(sizes.length > 0 ? sizes : [limit])) });
}

/** Random programs, not proved: for properties of any well-formed MIR (printing, verifying). Shrinks by size. */
export function arbProgram(options: GenerateOptions = {}): fc.Arbitrary<Program> {
  return arbSeedAndSize(options).map(({ seed, size }) => generateProgram(seed, { ...options, size }));
}

/** Random programs that are proved free of undefined behaviour, with what they do. Shrinks by size. */
export function arbCheckedProgram(options: GenerateOptions = {}): fc.Arbitrary<GeneratedProgram> {
  return arbSeedAndSize(options).map(({ seed, size }) => generateChecked(seed, { ...options, size }));
}
