/**
 * Throughput benchmark: programs × configurations per second on one thread, end to end (generate, interpret, compile, link, run, compare).
 *
 *   npm run bench:throughput -- --subject native --programs 200
 *
 * Prints the rate over the whole and the share of each stage. The first batch warms the JIT and the caches and is not counted. Wall
 * seconds of one thread that does nothing else; child processes (the executables, the compilers) are waited for, so their time counts.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { HOST_TARGET, LTO_MODES, OPT_LEVELS } from "../../codegen/index.ts";
import { pairwiseSample } from "../campaign/matrix.ts";
import { mirLevelShare } from "../campaign/plan.ts";
import { Stopwatch } from "../campaign/stopwatch.ts";
import { DEFAULT_LIMITS, generateBatch, runTask } from "../campaign/task.ts";
import { findSubjects } from "../subjects/find.ts";

const { values } = parseArgs({
  options: {
    subject: { type: "string", default: "native" },
    seed: { type: "string", default: "1" },
    programs: { type: "string", default: "200" },
    batch: { type: "string", default: "100" },
    rounds: { type: "string", default: "3" },
  },
});

const directory = mkdtempSync(join(tmpdir(), "mirwatch-bench-"));
try {
  const [subject] = await findSubjects({ names: [values.subject], faults: [], out: directory });
  if (subject === undefined) throw new Error(`the subject ${values.subject} was not found on this machine`);
  const all = subject.configurations({
    targets: [HOST_TARGET.triple],
    optLevels: OPT_LEVELS,
    codegenUnits: [1, 4],
    lto: LTO_MODES,
  });
  const sample = subject.info.kind === "native" ? all : pairwiseSample(all);
  const batchSize = Number(values.batch);
  const batches = Math.ceil(Number(values.programs) / batchSize);

  const oneBatch = async (batch: number, clock: Stopwatch): Promise<{ runs: number; bad: number }> => {
    const configurations = subject.info.kind === "native" ? mirLevelShare(sample, batch) : sample;
    const first = batch * batchSize;
    const generated = await clock.stage("generate", () => generateBatch(values.seed, first, batchSize));
    const task = { key: String(batch), batch, first, count: batchSize, subject: subject.info.name, configurations };
    const outcome = await runTask(task, generated, subject, join(directory, "task"), DEFAULT_LIMITS, clock);
    const runs = outcome.results.reduce((sum, result) => sum + result.runs, 0);
    return { runs, bad: outcome.suspects.length };
  };

  await oneBatch(0, new Stopwatch());
  for (let round = 0; round < Number(values.rounds); round++) {
    const clock = new Stopwatch();
    const started = performance.now();
    let runs = 0;
    let bad = 0;
    for (let batch = 1; batch <= batches; batch++) {
      const result = await oneBatch(round * batches + batch, clock);
      runs += result.runs;
      bad += result.bad;
    }
    const seconds = (performance.now() - started) / 1000;
    const stages = Object.entries(clock.read().stages).map(
      ([name, s]) => `${name} ${((100 * s) / seconds).toFixed(0)} %`,
    );
    process.stdout.write(
      `${subject.info.name}: ${runs} program×configuration in ${seconds.toFixed(2)} s = ${(runs / seconds).toFixed(0)} per second (${sample.length} configurations, ${bad} suspects; ${stages.join(", ")})\n`,
    );
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
