/**
 * Liveness of locals: which may still be read. Borrowed locals, the return place and arguments in memory are not this analysis' business: a
 * pass asks `borrowedLocals` first.
 *
 * A backward dataflow over bit sets; a write of the whole local kills, a partial one neither kills nor reads
 * (rustc_mir_dataflow/src/impls/liveness.rs). Most locals live in one block only: sets between blocks are over the others, which have numbers
 * of their own, so that a large function costs blocks times *those* (the semi-pruned names of Briggs, Cooper, Harvey and Simpson, 1998).
 */

import type { Statement, Terminator } from "../mir/syntax.ts";
import { type Cfg, cfgOf } from "./cfg.ts";
import { forEachUse, type LocalUse } from "./locals.ts";
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

  /** Becomes the same as `other`, which is as large. */
  assign(other: LocalSet): void {
    this.words.set(other.words);
  }

  clear(): void {
    this.words.fill(0);
  }

  /** Becomes what is live before a block: what is behind it without what it writes, and what it reads. */
  flow(behind: LocalSet, writes: LocalSet, reads: LocalSet): void {
    for (let i = 0; i < this.words.length; i++)
      this.words[i] = (behind.words[i]! & ~writes.words[i]!) | reads.words[i]!;
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
  /** Makes `live` what may be read after the terminator of `block`. */
  loadOut(block: number, live: LocalSet): void;
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
  const crossing = crossingLocals(body, cfg);
  const { reads, writes } = blockEffects(body, cfg, crossing);
  const make = (): LocalSet => new LocalSet(crossing.locals.length);
  const liveOut = body.blocks.map(make);
  const live = make();
  const queued = new Uint8Array(body.blocks.length);
  const work = [...cfg.order];
  for (const block of work) queued[block] = 1;
  for (let block = work.pop(); block !== undefined; block = work.pop()) {
    queued[block] = 0;
    live.flow(liveOut[block]!, writes[block]!, reads[block]!);
    for (const predecessor of cfg.predecessors[block]!) {
      if (liveOut[predecessor]!.addAll(live) && queued[predecessor] === 0) {
        queued[predecessor] = 1;
        work.push(predecessor);
      }
    }
  }
  const loadOut = (block: number, all: LocalSet): void => {
    all.clear();
    liveOut[block]!.forEach((number) => {
      all.add(crossing.locals[number]!);
    });
  };
  return { cfg, loadOut };
}

/** Locals whose values may pass from block to block, and the number of each (-1: of the others). */
interface Crossing {
  readonly locals: readonly number[];
  readonly numberOf: Int32Array;
}

/** Those that more than one block mentions, or that a block reads before it writes them. */
function crossingLocals(body: MutBody, { order }: Cfg): Crossing {
  const home = new Int32Array(body.locals.length).fill(-1);
  const written = new Int32Array(body.locals.length).fill(-1);
  const numberOf = new Int32Array(body.locals.length).fill(-1);
  const locals: number[] = [];
  const cross = (local: number): void => {
    if (numberOf[local] !== -1) return;
    numberOf[local] = locals.length;
    locals.push(local);
  };
  let at = 0;
  const use = (local: number, how: LocalUse): void => {
    if (home[local] !== -1 && home[local] !== at) cross(local);
    home[local] = at;
    if (how !== "write" && how !== "partialWrite" && how !== "storage" && written[local] !== at) cross(local);
  };
  const write = (local: number, how: LocalUse): void => {
    if (how === "write" || how === "storage") written[local] = at;
  };
  for (at of order) {
    const { statements, terminator } = body.blocks[at]!;
    for (const statement of statements) {
      forEachUse({ statement }, use);
      forEachUse({ statement }, write);
    }
    forEachUse({ terminator }, use);
    if (terminator.kind === "return") cross(0);
  }
  return { locals, numberOf };
}

/** By block: the crossing locals that it reads before it writes them, and those that it writes. */
function blockEffects(
  body: MutBody,
  { order }: Cfg,
  { locals, numberOf }: Crossing,
): { readonly reads: readonly LocalSet[]; readonly writes: readonly LocalSet[] } {
  const reads: LocalSet[] = [];
  const writes: LocalSet[] = [];
  let [read, written] = [new LocalSet(locals.length), new LocalSet(locals.length)];
  const kill = (local: number, how: LocalUse): void => {
    if ((how !== "write" && how !== "storage") || numberOf[local] === -1) return;
    read.delete(numberOf[local]!);
    written.add(numberOf[local]!);
  };
  const gen = (local: number, how: LocalUse): void => {
    if (how !== "write" && how !== "partialWrite" && how !== "storage" && numberOf[local] !== -1)
      read.add(numberOf[local]!);
  };
  for (const at of order) {
    [read, written] = [new LocalSet(locals.length), new LocalSet(locals.length)];
    reads[at] = read;
    writes[at] = written;
    const { statements, terminator } = body.blocks[at]!;
    forEachUse({ terminator }, kill);
    forEachUse({ terminator }, gen);
    if (terminator.kind === "return") read.add(numberOf[0]!);
    for (let i = statements.length - 1; i >= 0; i--) {
      const node = { statement: statements[i]! };
      forEachUse(node, kill);
      forEachUse(node, gen);
    }
  }
  return { reads, writes };
}
