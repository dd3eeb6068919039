/**
 * Liveness of locals: which may still be read. Borrowed locals, the return place and arguments in memory are not this analysis' business: a
 * pass asks `borrowedLocals` first.
 *
 * A backward dataflow over bit sets; a write of the whole local kills, a partial one neither kills nor reads
 * (rustc_mir_dataflow/src/impls/liveness.rs).
 */

import type { Statement, Terminator } from "../mir/syntax.ts";
import { type Cfg, cfgOf } from "./cfg.ts";
import { forEachUse } from "./locals.ts";
import type { MutBody } from "./pass.ts";

export class LocalSet {
  readonly words: Uint32Array;

  constructor(size: number) {
    this.words = new Uint32Array((size + 31) >>> 5);
  }

  has(local: number): boolean {
    return (this.words[local >>> 5]! & (1 << (local & 31))) !== 0;
  }

  add(local: number): void {
    this.words[local >>> 5]! |= 1 << (local & 31);
  }

  delete(local: number): void {
    this.words[local >>> 5]! &= ~(1 << (local & 31));
  }

  copyFrom(other: LocalSet): void {
    this.words.set(other.words);
  }

  /** Adds all of `other`; true when that changed anything. */
  addAll(other: LocalSet): boolean {
    let changed = false;
    for (let i = 0; i < this.words.length; i++) {
      const next = this.words[i]! | other.words[i]!;
      if (next >>> 0 !== this.words[i]) changed = true;
      this.words[i] = next;
    }
    return changed;
  }

  forEach(visit: (local: number) => void): void {
    for (let i = 0; i < this.words.length; i++) {
      for (let bits = this.words[i]!; bits !== 0; bits &= bits - 1) visit(i * 32 + (31 - Math.clz32(bits & -bits)));
    }
  }
}

export interface Liveness {
  readonly cfg: Cfg;
  /** By block: what may be read after its terminator. */
  readonly liveOut: readonly LocalSet[];
}

/** Moves `live` from behind a statement to before it. */
export function stepStatement(statement: Statement, live: LocalSet): void {
  forEachUse({ statement }, (local, how) => {
    if (how === "write" || how === "storage") live.delete(local);
  });
  forEachUse({ statement }, (local, how) => {
    if (how !== "write" && how !== "partialWrite" && how !== "storage") live.add(local);
  });
}

export function stepTerminator(terminator: Terminator, live: LocalSet): void {
  forEachUse({ terminator }, (local, how) => {
    if (how === "write") live.delete(local);
  });
  forEachUse({ terminator }, (local, how) => {
    if (how !== "write" && how !== "partialWrite") live.add(local);
  });
  // The caller reads the return place.
  if (terminator.kind === "return") live.add(0);
}

export function livenessOf(body: MutBody): Liveness {
  const cfg = cfgOf(body);
  const make = (): LocalSet => new LocalSet(body.locals.length);
  const liveIn = body.blocks.map(make);
  const liveOut = body.blocks.map(make);
  const live = make();
  const queued = new Uint8Array(body.blocks.length);
  const work = [...cfg.order];
  for (const block of work) queued[block] = 1;
  for (let block = work.pop(); block !== undefined; block = work.pop()) {
    queued[block] = 0;
    live.copyFrom(liveOut[block]!);
    const { statements, terminator } = body.blocks[block]!;
    stepTerminator(terminator, live);
    for (let i = statements.length - 1; i >= 0; i--) stepStatement(statements[i]!, live);
    liveIn[block]!.copyFrom(live);
    for (const predecessor of cfg.predecessors[block]!) {
      if (liveOut[predecessor]!.addAll(live) && queued[predecessor] === 0) {
        queued[predecessor] = 1;
        work.push(predecessor);
      }
    }
  }
  return { cfg, liveOut };
}
