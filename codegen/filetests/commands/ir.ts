/**
 * Commands of filetests over the native backend's IR.
 *
 * - `test print`: the module, printed with its own numbers.
 * - `test verifier`: the verifier's errors by function, or `ok`.
 * - `test opt PASS …`: the module after these passes of the pass table, as opt-level 2 runs them, with new numbers; `level=L` chooses another opt-level.
 * - `test pipeline L`: the module after the whole pipeline of opt-level L.
 * - `test eval CALL …`: what each call does, as in `f(1, -2)`, one line of events and outcome per call.
 */

import { evaluate } from "../../backend/native/ir/eval.ts";
import type { IrModule } from "../../backend/native/ir/function.ts";
import { TYPE_BYTES } from "../../backend/native/ir/opcodes.ts";
import { parseModule } from "../../backend/native/ir/parse.ts";
import { printModule } from "../../backend/native/ir/text.ts";
import { assertVerified, renderVerifierErrors, verifyFunction } from "../../backend/native/ir/verifier.ts";
import { newPassCx } from "../../backend/native/opts/context.ts";
import { baseName, DEFAULT_PASSES, type PassRow } from "../../backend/native/opts/pass-table.ts";
import { DEFAULT_POLICY } from "../../backend/native/opts/policy.ts";
import { Diagnostic } from "../../session/diagnostic.ts";
import { OPT_LEVELS, type OptLevel } from "../../session/session.ts";
import type { FiletestLanguage } from "../language.ts";

type Command = (module: IrModule, words: readonly string[]) => string;

const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
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

export const IR_LANGUAGE: FiletestLanguage = {
  ending: ".ir",
  comment: ";",
  commands: new Map(
    [...COMMANDS].map(([name, command]) => [
      name,
      (text: string, file: string, words: readonly string[]) => command(parseModule(text, "test", file), words),
    ]),
  ),
};
