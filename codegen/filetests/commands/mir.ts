/**
 * Commands of filetests over MIR.
 *
 * - `test mir-opt PASS …`: the bodies after these passes, each verified; `-Z mir-enable-passes`' names.
 * - `test run [OPTION …]`: what each entry point does in the interpreter: its events, and how it ends. Of undefined behaviour: kind, message, place,
 *   notes. Options: `aliasing=tree|stacked|none`, several of them to run under each; `seed=N` for the scheduler; `no-retag-typed-copies`;
 *   `alignment=address|symbolic`; `implicit-writes` of Tree Borrows.
 * - `test mir-verifier`: the verifier's errors, or `ok`.
 */

import { type Alignment, DEFAULT_ALIASING } from "../../interpret/compile.ts";
import { interpretEntry, prepareProgram, type RunResult } from "../../interpret/interpret.ts";
import type { Aliasing } from "../../interpret/memory.ts";
import { renderUb } from "../../interpret/render-ub.ts";
import { LayoutCx } from "../../layout/layout.ts";
import { parseProgram } from "../../mir/parser.ts";
import { printFn } from "../../mir/printer.ts";
import { entryPoints } from "../../mir/program.ts";
import { renderVerifyError, verifyProgram } from "../../mir/verifier.ts";
import { RECORD_SIZE } from "../../runtime/events.ts";
import { Diagnostic } from "../../session/diagnostic.ts";
import { HOST_TARGET } from "../../target/spec.ts";
import { MIR_PASSES } from "../../transform/pass-table.ts";
import { replaceBodies, runMirPasses } from "../../transform/run-passes.ts";
import type { FiletestCommand, FiletestLanguage } from "../language.ts";

/** Steps that a case may take. */
const FUEL = 200_000;

const optCommand: FiletestCommand = (text, file, words) => {
  const program = parseProgram(text, { file });
  for (const word of words) {
    if (!MIR_PASSES.some(({ name }) => baseName(name) === word))
      throw new Diagnostic(`no MIR pass \`${word}\``, { file, span: { line: 1, column: 1 } });
  }
  const layouts = new LayoutCx(program.tcx, HOST_TARGET.dataLayout);
  // In the order of the command, each as its first row in the table.
  for (const word of words) {
    const row = MIR_PASSES.find(({ name }) => baseName(name) === word);
    const pipeline = row === undefined ? [] : [row.name];
    replaceBodies(runMirPasses(program, layouts, { mirOptLevel: 4, pipeline, verify: true }));
  }
  return program.functions.map((item) => printFn(item)).join("\n");
};

/** The name without the suffix that tells several runs apart. */
function baseName(pass: string): string {
  const dash = pass.indexOf("-");
  return dash < 0 ? pass : pass.slice(0, dash);
}

const runCommand: FiletestCommand = (text, file, words) => {
  const program = parseProgram(text, { file });
  const { seed, models, retagTypedCopies, alignment, implicitWrites } = runOptions(words, file);
  const prepared = models.map((aliasing) =>
    prepareProgram(program, new LayoutCx(program.tcx, HOST_TARGET.dataLayout), {
      aliasing,
      retagTypedCopies,
      alignment,
      implicitWrites,
    }),
  );
  return entryPoints(program)
    .flatMap((entry) =>
      prepared.map((model) => {
        const under = prepared.length > 1 ? `, ${model.aliasing} borrows` : "";
        return `${entry.name}${under}: ${runText(interpretEntry(model, entry, { fuel: FUEL, seed }))}`;
      }),
    )
    .join("\n");
};

interface RunOptions {
  readonly seed: number;
  /** The aliasing models to run under, each in turn. */
  readonly models: Aliasing[];
  readonly retagTypedCopies: boolean;
  readonly alignment: Alignment;
  readonly implicitWrites: boolean;
}

function runOptions(words: readonly string[], file: string): RunOptions {
  const options: { -readonly [K in keyof RunOptions]: RunOptions[K] } = {
    seed: 0,
    models: [],
    retagTypedCopies: true,
    alignment: "symbolic",
    implicitWrites: false,
  };
  for (const word of words) {
    const [name, value] = word.split("=");
    if (name === "aliasing" && (value === "tree" || value === "stacked" || value === "none"))
      options.models.push(value);
    else if (name === "seed" && value !== undefined) options.seed = Number(value);
    else if (name === "alignment" && (value === "address" || value === "symbolic")) options.alignment = value;
    else if (word === "no-retag-typed-copies") options.retagTypedCopies = false;
    else if (word === "implicit-writes") options.implicitWrites = true;
    else throw new Diagnostic(`no option \`${word}\` of \`test run\``, { file, span: { line: 1, column: 1 } });
  }
  if (options.models.length === 0) options.models.push(DEFAULT_ALIASING);
  return options;
}

function runText({ outcome, events }: RunResult): string {
  const seen = eventText(events);
  switch (outcome.kind) {
    case "ub":
      return [`${seen}undefined behaviour`, ...renderUb(outcome.error).map((line) => `  ${line}`)].join("\n");
    case "return":
      return `${seen}returns`;
    default:
      return seen + JSON.stringify(outcome, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value));
  }
}

/** Each record as `kind:tag=low`, with `,high` where it is not zero. */
function eventText(events: Uint8Array): string {
  const view = new DataView(events.buffer, events.byteOffset, events.byteLength);
  let text = "";
  for (let at = 0; at + RECORD_SIZE <= events.length; at += RECORD_SIZE) {
    const high = view.getBigUint64(at + 16, true);
    text += `${view.getUint32(at, true)}:${view.getUint32(at + 4, true)}=${view.getBigUint64(at + 8, true)}`;
    text += high === 0n ? " " : `,${high} `;
  }
  return text;
}

const verifierCommand: FiletestCommand = (text, file) => {
  const errors = verifyProgram(parseProgram(text, { file }));
  return errors.length === 0 ? "ok" : errors.map(renderVerifyError).join("\n");
};

export const MIR_LANGUAGE: FiletestLanguage = {
  ending: ".mir",
  comment: "//",
  commands: new Map([
    ["mir-opt", optCommand],
    ["run", runCommand],
    ["mir-verifier", verifierCommand],
  ]),
};
