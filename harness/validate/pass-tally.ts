/**
 * What passes do in a validation: per pass the programs and functions it changed, and how many edits that took. A pass that changes nothing
 * was not validated, however many programs agreed.
 *
 * An *edit* is a statement, terminator or local that a pass made or removed; replacing one is one edit.
 */

import type { Body, MirPassExecution, MirPassOptions } from "../../codegen/index.ts";
import { basePassName } from "./pipelines.ts";

export interface PassCount {
  programs: number;
  functions: number;
  edits: number;
  milliseconds: number;
}

export class PassTally {
  readonly counts: Map<string, PassCount> = new Map();
  private readonly changedNow = new Set<string>();

  /** `options`, with each execution counted. Call `programDone` behind the last of a program. */
  counting(options: MirPassOptions): MirPassOptions {
    return { ...options, onPass: (execution, body, before) => this.add(execution, body, before) };
  }

  private add({ pass, changed, milliseconds }: MirPassExecution, body: Body, before: Body): void {
    const name = basePassName(pass);
    const count = this.of(name);
    count.milliseconds += milliseconds;
    if (!changed) return;
    this.changedNow.add(name);
    count.functions++;
    count.edits += editsBetween(before, body);
  }

  /** Closes the books on one program. */
  programDone(): void {
    for (const name of this.changedNow) this.of(name).programs++;
    this.changedNow.clear();
  }

  of(name: string): PassCount {
    let count = this.counts.get(name);
    if (count === undefined) {
      count = { programs: 0, functions: 0, edits: 0, milliseconds: 0 };
      this.counts.set(name, count);
    }
    return count;
  }
}

/** Passes share what they leave alone, so identity tells. */
function editsBetween(before: Body, after: Body): number {
  const old = nodesOf(before);
  let kept = 0;
  let made = 0;
  for (const node of nodesOf(after)) {
    if (old.has(node)) kept++;
    else made++;
  }
  return Math.max(made, old.size - kept) + Math.abs(after.locals.length - before.locals.length);
}

function nodesOf(body: Body): Set<object> {
  const nodes = new Set<object>();
  for (const { statements, terminator } of body.blocks) {
    for (const statement of statements) nodes.add(statement);
    nodes.add(terminator);
  }
  return nodes;
}
