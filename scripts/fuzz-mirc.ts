/**
 * Gives generated programs to `mirc`: `node scripts/fuzz-mirc.ts [--seed S] [--from N] [--programs N] [--features full|each|LIST] [--keep DIR] [-- MIRC-OPTION…]`.
 *
 * Each must become an executable that observes what the interpreter does, or be refused with a diagnostic that names what is not lowered. Says how
 * many were, and for which reasons; anything else (a crash, a linker's error, other events) makes the exit code 1, and is kept in DIR. `each` gives
 * program N the N-th feature alone, which is nearer to what is lowered than `full`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { outcomeOf } from "../codegen/driver/testing/outcome.ts";
import { printProgram } from "../codegen/index.ts";
import { programSeed } from "../harness/campaign/batch.ts";
import { expectedStream } from "../harness/execute/expected.ts";
import { FEATURES, type FeatureChoice, parseFeatures } from "../harness/generate/features.ts";
import { generateChecked } from "../harness/generate/generate.ts";

const { values, positionals } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    from: { type: "string", default: "0" },
    programs: { type: "string", default: "300" },
    features: { type: "string", default: "full" },
    keep: { type: "string" },
  },
  allowPositionals: true,
});

function featuresOf(number: number): FeatureChoice {
  return values.features === "each" ? new Set([FEATURES[number % FEATURES.length]!]) : parseFeatures(values.features);
}

/** Without what is the program's own. */
function kindOf(reason: string): string {
  return reason.replace(/, in `.*/, "").replace(/`(?:[^`]*[^`\w:][^`]*|[^`]*\d[^`]*)`/g, "`…`");
}

const directory = mkdtempSync(join(tmpdir(), "mirwatch-fuzz-mirc-"));
const tally = new Map<string, number>();
const first = Number(values.from);
for (let number = first; number < first + Number(values.programs); number++) {
  const { program, runs } = generateChecked(programSeed(values.seed, number), { features: featuresOf(number) });
  const text = printProgram(program);
  // Our code aborts where these would unwind.
  const unwinds = runs.some(({ result }) => result.unwound);
  const outcome = await outcomeOf(text, expectedStream(runs.map(({ result }) => result)), directory, positionals);
  const isFault = outcome.kind === "fault" && !(unwinds && outcome.what.includes("events"));
  const key = isFault ? "FAULT" : outcome.kind === "refused" ? kindOf(outcome.reason) : unwinds ? "unwinds" : "agrees";
  tally.set(key, (tally.get(key) ?? 0) + 1);
  if (!isFault) continue;
  process.exitCode = 1;
  console.log(`program ${number}: ${outcome.what.slice(0, 1000)}`);
  if (values.keep === undefined) continue;
  mkdirSync(values.keep, { recursive: true });
  writeFileSync(join(values.keep, `${number}.mir`), text);
}
rmSync(directory, { recursive: true });
for (const [key, count] of [...tally].sort((a, b) => b[1] - a[1])) console.log(`${String(count).padStart(6)}  ${key}`);
