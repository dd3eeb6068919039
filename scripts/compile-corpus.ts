/**
 * Gives the programs of `corpora/rust` to real compilers and shows who gives the recorded value: `node scripts/compile-corpus.ts [--subjects LIST] [--opt-levels LIST] [NAME ...]`.
 *
 * A line is a program: `ok`, what the compiler said or gave instead, or why it is skipped. Each program is first interpreted, which must give the value on its
 * `// expect:` line; the compilers are compared with that, event by event. The exit status is 1 when something is neither `ok` nor skipped.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { parseProgram } from "../codegen/index.ts";
import { makeBatch } from "../harness/campaign/batch.ts";
import { Stopwatch } from "../harness/campaign/stopwatch.ts";
import { DEFAULT_LIMITS, runTask } from "../harness/campaign/task.ts";
import { GIVEN, proveProgram } from "../harness/oracle/prove.ts";
import { findSubjects } from "../harness/subjects/find.ts";
import type { CheckedProgram, Configuration, Subject } from "../harness/subjects/subject.ts";

const CORPUS = join(import.meta.dirname, "../corpora/rust");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    subjects: { type: "string", default: "rustc" },
    "opt-levels": { type: "string", default: "0,3" },
    out: { type: "string", default: "mirwatch-out" },
  },
});

/** The program, which does what its file says; else what it does. That its value depends on no address is known: every rustc gave the one in the file. */
function prove(name: string): CheckedProgram | string {
  const program = parseProgram(readFileSync(join(CORPUS, `${name}.mir`), "utf8"), { file: `${name}.mir` });
  const proof = proveProgram(program, 0, { ...GIVEN, trustAddresses: true });
  if (proof.kind === "rejected") return proof.reason;
  const expected =
    /^\/\/ expect: (0x[0-9a-f_]+)/im.exec(readFileSync(join(CORPUS, `${name}.rs`), "utf8"))?.[1] ?? "nothing";
  const events = proof.checked.runs[0]!.expected.events;
  const value = new DataView(events.buffer, events.byteOffset).getBigUint64(8, true);
  return value === BigInt(expected.replaceAll("_", ""))
    ? proof.checked
    : `interpreted to ${value.toString(16)}, not ${expected}`;
}

/** One configuration for each level: everything else at its default. */
function configurationsOf(subject: Subject, levels: readonly string[]): Configuration[] {
  const all = subject.configurations({
    targets: [subject.info.targets[0] ?? ""],
    optLevels: levels,
    codegenUnits: [1],
    lto: ["no"],
  });
  return levels.flatMap((level) => all.find(({ options }) => options["opt-level"] === level) ?? []);
}

async function compile(
  program: CheckedProgram,
  subject: Subject,
  configuration: Configuration,
  scratch: string,
): Promise<string> {
  const task = { key: "0", batch: 0, first: 0, count: 1, subject: subject.info.name, configurations: [configuration] };
  const clock = new Stopwatch();
  const outcome = await runTask(
    task,
    { batch: makeBatch([program]), discarded: 0 },
    subject,
    scratch,
    DEFAULT_LIMITS,
    clock,
  );
  for (const { verdict, message, divergence } of outcome.suspects)
    return `${verdict}: ${message.split("\n")[0]}${divergence === undefined ? "" : ` (expected ${divergence.expected}, actual ${divergence.actual})`}`;
  for (const [reason] of outcome.skips) return `skipped: ${reason}`;
  return outcome.results.reduce((sum, { runs }) => sum + runs, 0) > 0 ? "ok" : "not run";
}

const names =
  positionals.length > 0
    ? positionals
    : readdirSync(CORPUS)
        .filter((file) => file.endsWith(".mir"))
        .map((file) => basename(file, ".mir"));
const levels = values["opt-levels"].split(",");
const subjects = await findSubjects({ names: values.subjects.split(","), faults: [], out: values.out });
const scratch = mkdtempSync(join(tmpdir(), "mirwatch-corpus-"));
const counts = new Map<string, Map<string, number>>();
let failed = false;
try {
  for (const name of names) {
    const program = prove(name);
    if (typeof program === "string") {
      failed = true;
      console.log(`${name}: ${program}`);
      continue;
    }
    for (const subject of subjects) {
      for (const configuration of configurationsOf(subject, levels)) {
        const result = await compile(program, subject, configuration, scratch);
        const kind = result.split(":")[0]!;
        failed ||= kind !== "ok" && kind !== "skipped";
        const column = `${subject.info.name} -O${configuration.options["opt-level"]}`;
        const counted = counts.get(column) ?? new Map<string, number>();
        counts.set(column, counted.set(kind, (counted.get(kind) ?? 0) + 1));
        if (result !== "ok") console.log(`${name} ${column}: ${result}`);
      }
    }
    console.log(`${name}: done`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
for (const [column, counted] of counts)
  console.log(`${column}: ${[...counted].map(([kind, count]) => `${count} ${kind}`).join(", ")} of ${names.length}`);
process.exitCode = failed ? 1 : 0;
