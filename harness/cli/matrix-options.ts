/** The matrix options that several commands share, and what their values mean. */

import { type Command, InvalidArgumentError, Option } from "commander";
import { Diagnostic, HOST_TARGET, LTO_MODES, OPT_LEVELS, TARGETS, targetByTriple } from "../../codegen/index.ts";
import { parseFeatures } from "../generate/features.ts";
import type { Matrix } from "../subjects/subject.ts";

export interface MatrixOptions {
  readonly subjects?: string;
  readonly targets?: string;
  readonly optLevels: string;
  readonly codegenUnits: string;
  readonly lto: string;
  readonly full?: boolean;
}

export function addMatrixOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--subjects <list>",
        "subjects by name or kind, such as native,llvm,rustc-1.95.0 (default: all found)",
      ),
    )
    .addOption(
      new Option(
        "--targets <list>",
        "target triples (default: the host, and others when LLVM or rustc is asked for by name)",
      ),
    )
    .addOption(new Option("--opt-levels <list>", "optimisation levels").default(OPT_LEVELS.join(",")))
    .addOption(new Option("--codegen-units <list>", "codegen unit counts").default("1,4"))
    .addOption(new Option("--lto <list>", "LTO modes").default(LTO_MODES.join(",")))
    .addOption(
      new Option(
        "--full",
        "every combination for every program, instead of a pairwise covering sample for real compilers",
      ),
    );
}

/**
 * The matrix that `options` ask for.
 *
 * @throws Diagnostic on a value that does not exist, with the list of those that do.
 */
export function parseMatrix(options: MatrixOptions): Matrix {
  const targets = options.targets === undefined ? TARGETS.map((target) => target.triple) : list(options.targets);
  for (const target of targets) targetByTriple(target);
  return {
    targets,
    optLevels: known("--opt-levels", list(options.optLevels), OPT_LEVELS),
    codegenUnits: list(options.codegenUnits).map((text) => parseCount(text, "--codegen-units")),
    lto: known("--lto", list(options.lto), LTO_MODES),
  };
}

export function list(text: string): string[] {
  return text.split(",").filter((item) => item !== "");
}

function known(option: string, values: readonly string[], allowed: readonly string[]): string[] {
  for (const value of values) {
    if (!allowed.includes(value))
      throw new Diagnostic(`${option}: there is no '${value}'`, { help: `one or more of ${allowed.join(", ")}` });
  }
  return [...values];
}

function parseCount(text: string, option: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new Diagnostic(`${option}: '${text}' is no number from 1 to 9999`);
  return Number(text);
}

/** A commander parser for a positive whole number. */
export function positiveInt(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("a positive whole number is needed");
  return Number(text);
}

/** A commander parser for seconds, `90`, or with a unit, `90s`, `5m`, `2h`. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text);
  if (match === null) throw new InvalidArgumentError("seconds are needed, or a number with s, m or h");
  return Number(match[1]) * { s: 1, m: 60, h: 3600 }[(match[2] ?? "s") as "s" | "m" | "h"];
}

/** A commander parser for a seed: a decimal number of up to 64 bits. */
export function seedText(text: string): string {
  if (!/^\d{1,20}$/.test(text) || BigInt(text) >= 1n << 64n)
    throw new InvalidArgumentError("a number from 0 to 2^64 - 1 is needed");
  return String(BigInt(text));
}

/** A commander parser for `--features`: checked here, and kept as text. */
export function featuresText(text: string): string {
  try {
    parseFeatures(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
  return text;
}

export const HOST_TRIPLE: string = HOST_TARGET.triple;
