/** `mirwatch reduce`: makes a faulty program small, given a finding's id or a file and the configuration that gets it wrong. */

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { codegenLacks, Diagnostic, printProgram } from "../../codegen/index.ts";
import { STORE_FILE } from "../campaign/hunt.ts";
import { investigate } from "../campaign/investigate.ts";
import { DEFAULT_LIMITS } from "../campaign/task.ts";
import { GIVEN, proveProgram } from "../oracle/prove.ts";
import { openStore } from "../store/database.ts";
import { findingById } from "../store/findings.ts";
import { findSubjects } from "../subjects/find.ts";
import type { Configuration } from "../subjects/subject.ts";
import { duration, HOST_TRIPLE, parseMatrix } from "./matrix-options.ts";
import { addOutOption, outOf } from "./out-option.ts";
import { readProgram } from "./program-file.ts";

interface ReduceOptions {
  readonly subject: string;
  readonly target: string;
  readonly optLevel: string;
  readonly codegenUnits: string;
  readonly lto: string;
  readonly time: number;
  readonly out: string;
  readonly json?: boolean;
}

export function reduceCommand(): Command {
  return addOutOption(new Command("reduce"))
    .description("Reduce a faulty program; the small one goes to stdout.")
    .argument("<what>", "a finding's id, or a file of MIR text with the configuration given by the options")
    .option("--subject <name>", "for a file: the subject that gets it wrong", "native")
    .option("--target <triple>", "for a file: the target", HOST_TRIPLE)
    .option("--opt-level <level>", "for a file: the optimisation level", "2")
    .option("--codegen-units <n>", "for a file: the number of codegen units", "1")
    .option("--lto <mode>", "for a file: the LTO mode", "no")
    .option("--time <seconds>", "time for the reduction", duration, 120)
    .option("--json", "one JSON document")
    .action(reduce);
}

async function reduce(what: string, options: ReduceOptions): Promise<void> {
  const { file, configurationId, name } = await resolve(what, options);
  const proof = proveProgram(readProgram(file), 0, GIVEN);
  if (proof.kind === "rejected") throw new Diagnostic(proof.reason, { file });
  const [subject] = await findSubjects({ names: [name], faults: [], out: outOf(options) });
  if (subject === undefined)
    throw new Diagnostic(`the subject ${name} was not found on this machine`, { help: "see `mirwatch doctor`" });
  const configuration = subject
    .configurations(matrixOf(configurationId, options))
    .find((c) => configurationId === undefined || c.id === configurationId);
  if (configuration === undefined)
    throw new Diagnostic(`${name} has no such configuration on this machine`, {
      help: "see `mirwatch doctor` for its targets",
    });
  const lack = subject.info.kind === "rustc" ? undefined : codegenLacks(proof.checked.program);
  if (lack !== undefined)
    throw new Diagnostic(`${name} cannot compile this program: no code generation for ${lack}`, { file });
  const scratch = mkdtempSync(join(tmpdir(), "mirwatch-reduce-"));
  try {
    const suspect = {
      program: proof.checked,
      configuration,
      verdict: "miscompile",
      message: "",
      divergence: undefined,
      alone: true,
      batch: undefined,
    } as const;
    const investigation = await investigate(suspect, subject, {
      limits: DEFAULT_LIMITS,
      directory: scratch,
      reduceMilliseconds: options.time * 1000,
      references: [],
    });
    if (investigation === undefined) {
      throw new Diagnostic(`${configuration.id} runs this program as the interpreter does`, {
        file,
        help: "there is nothing to reduce; name the configuration that gets it wrong",
      });
    }
    const text = printProgram(investigation.reduced.program);
    const { culprit, divergence, statements } = investigation;
    process.stdout.write(
      options.json === true
        ? `${JSON.stringify({ text, statements, culprit: culprit?.pass ?? null, firstDivergence: divergence ?? null })}\n`
        : text,
    );
    process.stderr.write(`${statements} statements, culprit: ${culprit?.pass ?? "unknown"}\n`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function resolve(
  what: string,
  options: ReduceOptions,
): Promise<{ file: string; configurationId: string | undefined; name: string }> {
  if (existsSync(what)) return { file: what, configurationId: undefined, name: options.subject };
  const out = outOf(options);
  const path = join(out, STORE_FILE);
  if (!existsSync(path))
    throw new Diagnostic(`there is no file and no finding '${what}'`, {
      help: "findings are looked up in the directory of --out",
    });
  const store = openStore(path);
  try {
    const row = await findingById(store.db, what);
    return { file: join(out, row.directory, "original.mir"), configurationId: row.configuration, name: row.subject };
  } finally {
    await store.close();
  }
}

function matrixOf(
  configuration: Configuration["id"] | undefined,
  options: ReduceOptions,
): ReturnType<typeof parseMatrix> {
  if (configuration !== undefined)
    return parseMatrix({ optLevels: "0,1,2,3,s,z", codegenUnits: "1,2,3,4,8,16", lto: "no,thin,fat" });
  return parseMatrix({
    targets: options.target,
    optLevels: options.optLevel,
    codegenUnits: options.codegenUnits,
    lto: options.lto,
  });
}
