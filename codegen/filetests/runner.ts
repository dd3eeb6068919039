/**
 * Filetests: a test per file, in the manner of cranelift/filetests.
 *
 * The first line is the *command*: `test opt gvn`. Then comes IR text, with comments. The *expectation* is what follows the line `; expected:`,
 * each line behind `; `. A command makes text of a module; the file passes when that text is the expectation. Blessing writes it there.
 *
 * Commands:
 * - `test print`: the module, printed with its own numbers.
 * - `test verifier`: the verifier's errors by function, or `ok`.
 * - `test opt PASS …`: the module after these passes of the pass table, as opt-level 2 runs them, with new numbers; `level=L` chooses another opt-level.
 * - `test pipeline L`: the module after the whole pipeline of opt-level L.
 * - `test eval CALL …`: what each call does, as in `f(1, -2)`, one line of events and outcome per call.
 */

import { lstatSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { evaluate } from "../backend/native/ir/eval.ts";
import type { IrModule } from "../backend/native/ir/function.ts";
import { TYPE_BYTES } from "../backend/native/ir/opcodes.ts";
import { parseModule } from "../backend/native/ir/parse.ts";
import { printModule } from "../backend/native/ir/text.ts";
import { assertVerified, renderVerifierErrors, verifyFunction } from "../backend/native/ir/verifier.ts";
import { newPassCx } from "../backend/native/opts/context.ts";
import { baseName, DEFAULT_PASSES, type PassRow } from "../backend/native/opts/pass-table.ts";
import { DEFAULT_POLICY } from "../backend/native/opts/policy.ts";
import { Diagnostic } from "../session/diagnostic.ts";
import { OPT_LEVELS, type OptLevel } from "../session/session.ts";

/** Makes the text to compare of a module and the words after the command's name. */
export type Command = (module: IrModule, words: readonly string[]) => string;

const EXPECTED = "; expected:";

export const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["print", (module) => printModule(module)],
  ["verifier", verifierText],
  ["opt", optText],
  ["pipeline", (module, words) => afterPasses(module, DEFAULT_PASSES.rows, level(words[0] ?? ""))],
  ["eval", (module, words) => words.map((call) => `${evalText(module, call)}\n`).join("")],
]);

function verifierText(module: IrModule): string {
  const lines = module.functions.map((fn) => {
    const errors = verifyFunction(fn);
    return errors.length === 0 ? `${fn.symbol}: ok` : `${fn.symbol}:\n${renderVerifierErrors(fn, errors)}`;
  });
  return `${lines.join("\n")}\n`;
}

function level(word: string): OptLevel {
  const found = OPT_LEVELS.find((candidate) => candidate === word);
  if (found === undefined) throw new Diagnostic(`no opt-level \`${word}\``);
  return found;
}

function optText(module: IrModule, words: readonly string[]): string {
  const chosen = words.find((word) => word.startsWith("level="));
  const rows = words
    .filter((word) => word !== chosen)
    .map((name) => {
      const row = DEFAULT_PASSES.rows.find((candidate) => baseName(candidate.name) === name);
      if (row === undefined) throw new Diagnostic(`no pass \`${name}\``);
      return { ...row, levels: OPT_LEVELS };
    });
  return afterPasses(module, rows, level(chosen?.slice("level=".length) ?? "2"));
}

function afterPasses(module: IrModule, rows: readonly PassRow[], optLevel: OptLevel): string {
  const cx = newPassCx(DEFAULT_POLICY, optLevel, module.roots);
  for (const row of rows) {
    if (!row.levels.includes(optLevel)) continue;
    if (row.kind === "module") row.run(module, cx);
    else for (const fn of module.functions) row.run(fn, cx);
    for (const fn of module.functions) assertVerified(fn, `after ${row.name}`);
  }
  return printModule(module, { renumber: true });
}

function evalText(module: IrModule, call: string): string {
  const match = /^([^()]+)\(([^()]*)\)$/.exec(call);
  const fn = module.functions.find((candidate) => candidate.symbol === match?.[1]);
  if (match === null || fn === undefined) throw new Diagnostic(`no call of a function of the module: \`${call}\``);
  const words = match[2] === "" ? [] : match[2]!.split(",");
  const args = fn.signature.params.map((type, i) => BigInt.asUintN(TYPE_BYTES[type]! * 8, BigInt(words[i] ?? "0")));
  const { outcome, events } = evaluate(module, fn.symbol, args, { host: () => [] });
  const seen = events.map((event) => `${event.symbol}(${event.args.join(", ")}) `).join("");
  const end =
    outcome.kind === "return"
      ? `returns ${outcome.values.join(", ")}`.trimEnd()
      : outcome.kind === "trap"
        ? `traps: ${outcome.reason}`
        : "does not end";
  return `${call}: ${seen}${end}`;
}

export interface FiletestResult {
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
}

/** Runs the test at `path`. A file that is no test is a `Diagnostic`. */
export function runFiletest(path: string): FiletestResult {
  const text = readFileSync(path, "utf8");
  const at = text.indexOf(EXPECTED);
  const input = at < 0 ? text : text.slice(0, at);
  const newline = input.indexOf("\n");
  const words = input
    .slice(0, newline)
    .trim()
    .split(/\s+(?![^(]*\))/);
  const command = COMMANDS.get(words[1] ?? "");
  if (words[0] !== "test" || command === undefined) {
    throw new Diagnostic("the first line must be `test` and a command", {
      file: path,
      span: { line: 1, column: 1 },
      sourceLine: input.slice(0, newline),
      help: `the commands are ${[...COMMANDS.keys()].join(", ")}`,
    });
  }
  // The command's line becomes a comment, so that positions stay right.
  const module = parseModule(`;${input.slice(1)}`, "test", path);
  const actual = command(
    module,
    words.slice(2).map((word) => word.replaceAll(/\s/g, "")),
  );
  return { path, expected: at < 0 ? "" : expectation(text.slice(at)), actual };
}

function expectation(text: string): string {
  return text
    .split("\n")
    .slice(1)
    .filter((line) => line.startsWith(";"))
    .map((line) => `${line.slice(2)}\n`)
    .join("");
}

/** Writes what the test gives as its expectation; true when that changed the file. */
export function blessFiletest(result: FiletestResult): boolean {
  const text = readFileSync(result.path, "utf8");
  const at = text.indexOf(EXPECTED);
  const input = (at < 0 ? text : text.slice(0, at)).trimEnd();
  const lines = result.actual.trimEnd().split("\n");
  const blessed = `${input}\n\n${EXPECTED}\n${lines.map((line) => `; ${line}`.trimEnd()).join("\n")}\n`;
  if (blessed === text) return false;
  writeFileSync(result.path, blessed);
  return true;
}

/** All tests under `folder`, in order of their paths. */
export function listFiletests(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      if (lstatSync(path).isDirectory()) return listFiletests(path);
      return name.endsWith(".ir") ? [path] : [];
    });
}
