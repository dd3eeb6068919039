/** The comparison of the interpreter with Miri over many programs: batches, schedules of threads, the table, reduction. */

import { entryPoints, type Program } from "../../codegen/index.ts";
import { reduceProgram } from "../reduce/reduce.ts";
import { hasSubslice } from "./comparable.ts";
import { classOf, compareAnswers, type OurAnswer, ourAnswer, type Verdict } from "./judge.ts";
import type { MiriAnswer, MiriOptions, MiriRunner } from "./miri.ts";
import type { Mutant } from "./mutate.ts";

/** Schedules that are tried where two answers about threads differ. */
const SCHEDULES = 12;
const REDUCE_MILLISECONDS = 40_000;

/** A program to compare, and what it is called. */
export interface Candidate {
  readonly name: string;
  readonly mutant: Mutant;
}

/** What the two sides disagree about. */
export interface Difference extends Candidate {
  readonly ours: OurAnswer;
  readonly miri: MiriAnswer;
  readonly verdict: Verdict;
}

/** An answer in words. */
export function describe(answer: OurAnswer | MiriAnswer): string {
  if (answer.kind === "done") return `done, events ${answer.hash.toString(16)}`;
  if (answer.kind !== "ub") return `${answer.kind}: ${answer.message}`;
  return "ub" in answer ? `${answer.ub}: ${answer.message} at ${answer.place}` : `${answer.message} ${answer.at}`;
}

/** Counts by what each side says. */
export class Table {
  private readonly counts = new Map<string, Map<string, number>>();
  readonly verdicts: Map<Verdict, number> = new Map();
  readonly reasons: Map<string, number> = new Map();

  add(ours: OurAnswer, miri: MiriAnswer, verdict: Verdict): void {
    this.verdicts.set(verdict, (this.verdicts.get(verdict) ?? 0) + 1);
    if (verdict === "skipped") {
      const reason = ours.kind === "none" ? `interpreter: ${ours.message}` : `Miri: ${describe(miri)}`;
      const short = reason.replaceAll(/\d+/g, "N").slice(0, 110);
      this.reasons.set(short, (this.reasons.get(short) ?? 0) + 1);
      return;
    }
    const row = this.counts.get(classOf(ours)) ?? new Map<string, number>();
    this.counts.set(classOf(ours), row);
    // Where a message stands for several kinds, the one that agrees is shown.
    const column = verdict === "agree" ? classOf(ours) : classOf(miri);
    row.set(column, (row.get(column) ?? 0) + 1);
  }

  /** The table as text: what each side says, how often, and why programs were skipped. */
  lines(): string[] {
    const lines = [`${"the interpreter".padEnd(24)}${"Miri".padEnd(24)}programs`];
    for (const [ours, row] of [...this.counts].sort())
      for (const [miri, count] of [...row].sort())
        lines.push(
          `${ours.padEnd(24)}${miri.padEnd(24)}${String(count).padStart(8)}${ours === miri ? "" : "  differ"}`,
        );
    for (const [reason, count] of [...this.reasons].sort((a, b) => b[1] - a[1]))
      lines.push(`skipped ${String(count).padStart(6)}  ${reason}`);
    return lines;
  }
}

/** Asks both sides about programs, and keeps what they disagree about. */
export class Comparison {
  readonly table: Table = new Table();
  readonly differences: Difference[] = [];
  private readonly runner: MiriRunner;
  private readonly options: MiriOptions;

  constructor(runner: MiriRunner, options: MiriOptions) {
    this.runner = runner;
    this.options = options;
  }

  /** Compares the candidates, which become one crate. */
  async batch(candidates: readonly Candidate[]): Promise<void> {
    const asked = candidates
      .map((each) => ({ ...each, ours: this.ours(each.mutant) }))
      .filter(({ ours }) => {
        // What has no end here has none there.
        if (ours.kind !== "none") return true;
        this.table.add(ours, { kind: "none", message: "not asked" }, "skipped");
        return false;
      });
    const answers = await this.runner.run(
      asked.map(({ mutant }) => ({ program: mutant.program, entries: [mutant.entry] })),
      this.options,
    );
    for (const [i, { name, mutant, ours }] of asked.entries()) {
      const settled = await this.settle(mutant, ours, answers[i]!);
      this.table.add(settled.ours, settled.miri, settled.verdict);
      if (settled.verdict !== "agree" && settled.verdict !== "skipped")
        this.differences.push({ name, mutant, ...settled });
    }
  }

  private ours({ program, entry }: Mutant, schedule = 0): OurAnswer {
    // Under Stacked Borrows the pointer that the writer makes for it counts.
    if (
      this.options.model === "stacked" &&
      program.functions.some(({ body }) => body !== undefined && hasSubslice(body))
    )
      return { kind: "none", message: "a part of a slice as a place, which custom MIR does not have" };
    return ourAnswer(program, entry, this.options.model, schedule);
  }

  /** The two answers; where threads are about, of schedules on which they agree, when there are such. */
  private async settle(mutant: Mutant, ours: OurAnswer, miri: MiriAnswer): Promise<Omit<Difference, keyof Candidate>> {
    const verdict = compareAnswers(ours, miri);
    if (verdict === "agree" || verdict === "skipped" || !hasThreads(mutant.program)) return { ours, miri, verdict };
    const part = { program: mutant.program, entries: [mutant.entry] };
    const options = { ...this.options, preemptionRate: 0.1 };
    const theirs = await this.runner.run(Array(SCHEDULES).fill(part), options);
    for (let schedule = 0; schedule < SCHEDULES; schedule++) {
      const other = this.ours(mutant, schedule);
      for (const each of [miri, ...theirs])
        if (compareAnswers(other, each) === "agree") return { ours: other, miri: each, verdict: "agree" };
    }
    return { ours, miri, verdict };
  }

  /** The difference in a small program: both answers stay of their kinds. */
  async reduced({ mutant, ours, miri, verdict }: Difference): Promise<Program> {
    const isSame = async (program: Program): Promise<boolean> => {
      const [entry] = entryPoints(program);
      if (entry === undefined) return false;
      const mine = ourAnswer(program, entry, this.options.model);
      if (classOf(mine) !== classOf(ours)) return false;
      const [other] = await this.runner.run([{ program, entries: [entry] }], this.options);
      return other !== undefined && classOf(other) === classOf(miri) && compareAnswers(mine, other) === verdict;
    };
    return (await reduceProgram(mutant.program, isSame, { budgetMs: REDUCE_MILLISECONDS })).program;
  }
}

function hasThreads({ functions }: Program): boolean {
  return functions.some(({ body }) =>
    body?.blocks.some(
      ({ terminator }) =>
        terminator.kind === "call" &&
        terminator.func.kind === "const" &&
        terminator.func.value.kind === "fn" &&
        terminator.func.value.item.name.endsWith("thread_spawn"),
    ),
  );
}
