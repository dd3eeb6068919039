/**
 * From a suspect to a finding: reduce the program, find the guilty pass, name the configuration it disagrees with, write the report's files.
 *
 * Everything is checked again on the way: a candidate of the reducer counts only if the interpreter proves it free of UB and the
 * configuration shows the same verdict on it. A suspect whose fault needs the company of its batch keeps the programs it needs.
 */

import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Program } from "../../codegen/index.ts";
import { bisectPasses, type Culprit } from "../bisect/pass.ts";
import { runBatch } from "../execute/batch.ts";
import { isNative } from "../execute/qemu.ts";
import type { Divergence, Verdict } from "../oracle/compare.ts";
import { type Proof, proveProgram } from "../oracle/prove.ts";
import { underLayoutsOf } from "../oracle/release-layouts.ts";
import { shapeOf, signatureOf } from "../oracle/signature.ts";
import { countStatements, reduceProgram } from "../reduce/reduce.ts";
import type { CheckedProgram, CompileRequest, Configuration, Subject } from "../subjects/subject.ts";
import { caseCount, makeBatch } from "./batch.ts";
import { type Limits, type Suspect, worstCase } from "./task.ts";
import { isJudged, judgedPart } from "./unwinding.ts";

export interface Investigation {
  readonly suspect: Suspect;
  readonly reduced: CheckedProgram;
  readonly statements: number;
  readonly divergence: Divergence | undefined;
  readonly culprit: Culprit | undefined;
  /** A configuration that runs the reduced program as the interpreter says; `undefined` when only the interpreter was compared. */
  readonly reference: Configuration | undefined;
  readonly signature: string;
  readonly id: string;
}

/** What a program does in a configuration. */
export interface Observation {
  readonly verdict: Verdict;
  readonly divergence: Divergence | undefined;
  readonly message: string;
}

/**
 * Wall milliseconds for one run of a candidate, on this machine's own processor: its proof took the interpreter no longer, and candidates that
 * hang would otherwise take most of a reduction's time.
 */
const PROBE_MILLISECONDS = 300;

/** Compiles and runs one program alone, again and again, in a scratch directory of its own. */
export class Prober {
  readonly subject: Subject;
  readonly configuration: Configuration;
  private readonly directory: string;
  private readonly limits: Limits;
  private serial = 0;

  constructor(subject: Subject, configuration: Configuration, directory: string, limits: Limits) {
    this.subject = subject;
    this.configuration = configuration;
    this.directory = directory;
    this.limits = limits;
  }

  request(program: CheckedProgram, optBisectLimit = -1): CompileRequest {
    return {
      batch: makeBatch([program]),
      configuration: this.configuration,
      directory: join(this.directory, String(this.serial++)),
      timeLimit: this.limits.compileSeconds,
      optBisectLimit,
    };
  }

  /** What `checked` does; `undefined` when the subject does not support it. */
  async observe(checked: CheckedProgram, optBisectLimit = -1): Promise<Observation | undefined> {
    const program = underLayoutsOf(checked, this.subject.info);
    if (program === undefined) return undefined;
    const request = this.request(program, optBisectLimit);
    const { target } = this.configuration;
    try {
      const outcome = await this.subject.compile(request);
      if (outcome.kind === "unsupported") return undefined;
      if (outcome.kind === "failed")
        return { verdict: outcome.verdict, divergence: undefined, message: outcome.message };
      if (outcome.skipped.size > 0) return undefined;
      const run = await runBatch({
        executable: outcome.executable,
        target,
        caseCount: caseCount(request.batch),
        caseMilliseconds: isNative(target)
          ? Math.min(PROBE_MILLISECONDS, this.limits.caseMilliseconds)
          : this.limits.caseMilliseconds,
      });
      const worst = worstCase(program, run.cases, this.configuration.kind);
      return worst === undefined
        ? { verdict: "agree", divergence: undefined, message: "" }
        : { verdict: worst.verdict, divergence: worst.divergence, message: "" };
    } finally {
      await rm(request.directory, { recursive: true, force: true });
    }
  }
}

/** Two messages of one compiler say the same when they are alike but for numbers, paths and the names of functions. */
function normalizeMessage(message: string): string {
  return (message.split("\n")[0] ?? "")
    .replace(/\/\S+/g, "PATH")
    .replace(/\b\w+(\.\.|::)[\w.$:]+/g, "NAME")
    .replace(/0x[0-9a-f]+|\d+/gi, "N");
}

export interface InvestigateOptions {
  readonly limits: Limits;
  readonly directory: string;
  readonly reduceMilliseconds: number;
  /** Other configurations that may serve as the reference, the most alike first. */
  readonly references: readonly { readonly subject: Subject; readonly configuration: Configuration }[];
  readonly onProgress?: (message: string) => void;
}

/** Reduces and explains `suspect`; `undefined` when its fault does not show again alone. */
export async function investigate(
  suspect: Suspect,
  subject: Subject,
  options: InvestigateOptions,
): Promise<Investigation | undefined> {
  const prober = new Prober(subject, suspect.configuration, join(options.directory, "probe"), options.limits);
  const original = judgedPart(suspect.program, suspect.configuration.kind);
  const first = await prober.observe(original);
  if (first === undefined || first.verdict === "agree") return undefined;
  const sameFault = (seen: Observation | undefined): boolean =>
    seen !== undefined &&
    seen.verdict === first.verdict &&
    (seen.message === "" || normalizeMessage(seen.message) === normalizeMessage(first.message));

  const interesting = async (candidate: Program): Promise<boolean> => {
    const proof = proveCandidate(candidate, suspect.program.index);
    if (proof.kind !== "proved" || !proof.checked.runs.every((run) => isJudged(run, suspect.configuration.kind)))
      return false;
    return sameFault(await prober.observe(proof.checked));
  };
  const reduction = await reduceProgram(original.program, interesting, { budgetMs: options.reduceMilliseconds });
  const proof = proveProgram(reduction.program, suspect.program.index);
  if (proof.kind === "rejected") throw new Error(`internal error: the reduced program is no evidence: ${proof.reason}`);
  const reduced = proof.checked;
  const last = (await prober.observe(reduced)) ?? first;

  const executions = await subject.passExecutions?.(prober.request(reduced));
  const culprit =
    executions === undefined
      ? undefined
      : await bisectPasses(executions, async (limit) => sameFault(await prober.observe(reduced, limit)));
  const signature = signatureOf({
    kind: suspect.configuration.kind,
    verdict: first.verdict,
    culprit: culprit?.pass ?? normalizeMessage(first.message),
    shape: shapeOf(reduced.program),
  });
  return {
    suspect,
    reduced,
    statements: countStatements(reduced.program),
    divergence: last.divergence ?? first.divergence,
    culprit,
    reference: await findReference(reduced, options),
    signature,
    id: createHash("sha256").update(signature).digest("hex").slice(0, 12),
  };
}

/** As `proveProgram`; what the interpreter itself fails on is no evidence, and must not cost the task its other findings. */
function proveCandidate(candidate: Program, index: number): Proof {
  try {
    return proveProgram(candidate, index);
  } catch (error) {
    return { kind: "rejected", reason: (error as Error).message };
  }
}

async function findReference(program: CheckedProgram, options: InvestigateOptions): Promise<Configuration | undefined> {
  for (const [i, { subject, configuration }] of options.references.entries()) {
    const seen = await new Prober(
      subject,
      configuration,
      join(options.directory, `reference${i}`),
      options.limits,
    ).observe(program);
    if (seen?.verdict === "agree") return configuration;
  }
  return undefined;
}
