/**
 * Hunting a planted bug: the same road as a real hunt, with one fault of the catalogue switched on in the own backend.
 *
 * A fault counts as found when a program differs with the fault and agrees without it, in the same configuration. The reduced program is proved
 * free of UB like any other.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { type Fault, HOST_TARGET, LTO_MODES, OPT_LEVELS } from "../../codegen/index.ts";
import { NativeSubject } from "../subjects/native/native.ts";
import type { Subject } from "../subjects/subject.ts";
import { type Investigation, investigate, Prober } from "./investigate.ts";
import { pairwiseSample } from "./matrix.ts";
import { Stopwatch } from "./stopwatch.ts";
import { DEFAULT_LIMITS, generateBatch, runTask, type Suspect } from "./task.ts";

export interface FaultHuntOptions {
  readonly seed: string;
  readonly seconds: number;
  readonly batchSize: number;
  readonly reduceMilliseconds: number;
}

export interface FaultScore {
  readonly name: string;
  readonly found: boolean;
  /** Programs that were run until it was found, or in all. */
  readonly programs: number;
  /** Seconds until it was found (before reducing), or spent in all. */
  readonly seconds: number;
  readonly reducedStatements: number | null;
  readonly culprit: string | null;
  /** The reduced program as MIR text is a finding's `program.mir`. */
  readonly verdict: string | null;
}

/** Configurations that one batch meets. */
const CONFIGURATIONS_PER_BATCH = 3;

/**
 * The configurations of batch `batch`: a few of a covering sample of the own backend's, far apart in it, so that every batch sees low and high
 * opt-levels, and consecutive batches see them all. MIR stays as it was generated: the faults are below it.
 */
function configurationsFor(subject: Subject, batch: number): ReturnType<Subject["configurations"]> {
  const all = subject.configurations({
    targets: [HOST_TARGET.triple],
    optLevels: OPT_LEVELS,
    codegenUnits: [1, 4],
    lto: LTO_MODES,
  });
  const sample = pairwiseSample(all.filter(({ options }) => options["mir-opt-level"] === "0"));
  const stride = Math.ceil(sample.length / CONFIGURATIONS_PER_BATCH);
  return sample.filter((_, i) => i % stride === batch % stride);
}

/** Hunts `fault` until it is found or the time is up. */
export async function huntFault(fault: Fault, options: FaultHuntOptions): Promise<FaultScore> {
  const faulty = new NativeSubject([fault.name]);
  const sound = new NativeSubject();
  const directory = mkdtempSync(join(tmpdir(), "mirwatch-selftest-"));
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1000;
  try {
    let programs = 0;
    while (elapsed() < options.seconds) {
      const generated = generateBatch(options.seed, programs, options.batchSize);
      const batch = programs / options.batchSize;
      for (const configuration of configurationsFor(faulty, batch)) {
        const task = {
          key: configuration.id,
          batch,
          first: programs,
          count: options.batchSize,
          subject: faulty.info.name,
          configurations: [configuration],
        };
        const outcome = await runTask(
          task,
          generated,
          faulty,
          join(directory, "task"),
          DEFAULT_LIMITS,
          new Stopwatch(),
        );
        for (const suspect of outcome.suspects.filter((s) => s.alone)) {
          if (!(await isTheFaults(suspect, sound, directory))) continue;
          const seconds = elapsed();
          const investigation = await reduceSuspect(suspect, faulty, directory, options.reduceMilliseconds);
          // What does not show again was the machine's doing.
          if (investigation === undefined) continue;
          return scoreOf(fault, programs + options.batchSize, seconds, suspect, investigation);
        }
        if (elapsed() >= options.seconds) break;
      }
      programs += options.batchSize;
    }
    return {
      name: fault.name,
      found: false,
      programs,
      seconds: elapsed(),
      reducedStatements: null,
      culprit: null,
      verdict: null,
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function isTheFaults(suspect: Suspect, sound: Subject, directory: string): Promise<boolean> {
  const seen = await new Prober(sound, suspect.configuration, join(directory, "sound"), DEFAULT_LIMITS).observe(
    suspect.program,
  );
  return seen?.verdict === "agree";
}

function reduceSuspect(
  suspect: Suspect,
  subject: Subject,
  directory: string,
  reduceMilliseconds: number,
): Promise<Investigation | undefined> {
  return investigate(suspect, subject, {
    limits: DEFAULT_LIMITS,
    directory: join(directory, "reduce"),
    reduceMilliseconds,
    references: [],
  });
}

function scoreOf(
  fault: Fault,
  programs: number,
  seconds: number,
  suspect: Suspect,
  investigation: Investigation,
): FaultScore {
  return {
    name: fault.name,
    found: true,
    programs,
    seconds,
    reducedStatements: investigation.statements,
    culprit: investigation.culprit?.pass ?? null,
    verdict: suspect.verdict,
  };
}
