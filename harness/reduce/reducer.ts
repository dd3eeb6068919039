/**
 * What reducers work with: the current program, a way to try a candidate, and ddmin over lists of edits.
 *
 * A *candidate* is a smaller program. It is *kept* when it verifies, was not tried before, and the caller finds it interesting; then it
 * is the current program. An *edit* is one small change; reducers try many at once, then fewer (after Zeller and Hildebrandt's ddmin,
 * and Fuzzilli's Minimizer). Reducers need not preserve meaning: whether a candidate is free of undefined behaviour is for the caller's
 * predicate to say.
 */

import { hash } from "node:crypto";
import {
  type Body,
  Diagnostic,
  type FnItem,
  type Program,
  printProgram,
  replaceFns,
  verifyProgram,
} from "../../codegen/index.ts";
import { countStatements } from "./count.ts";
import { rebuildItems } from "./rebuild-items.ts";
import { isSimple } from "./used-items.ts";

export type IsInteresting = (candidate: Program) => Promise<boolean> | boolean;

export interface Progress {
  readonly reducer: string;
  readonly tried: number;
  readonly kept: number;
  readonly statements: number;
}

/** One way to make programs smaller. */
export interface Reducer {
  readonly name: string;
  /** Tries what it can; true when a candidate was kept. */
  run(cx: ReduceCx): Promise<boolean>;
}

/** The state of one reduction. */
export class ReduceCx {
  program: Program;
  /** Candidates that the predicate was asked about. */
  tried = 0;
  kept = 0;
  private readonly isInteresting: IsInteresting;
  private readonly expired: () => boolean;
  private readonly seen = new Set<string>();

  constructor(program: Program, isInteresting: IsInteresting, expired: () => boolean) {
    this.program = program;
    this.isInteresting = isInteresting;
    this.expired = expired;
    this.seen.add(digest(program));
  }

  /** The time is over: reducers stop where they are. */
  get stopped(): boolean {
    return this.expired();
  }

  /** Asks about `candidate`, and makes it the current program when it is interesting. */
  async try(candidate: Program | undefined): Promise<boolean> {
    if (candidate === undefined || this.stopped) return false;
    const key = digest(candidate);
    if (this.seen.has(key)) return false;
    this.seen.add(key);
    if (!(await this.accepts(candidate))) return false;
    this.program = candidate;
    this.kept++;
    return true;
  }

  /** A candidate that is refused with a diagnostic (a trait that no longer holds, a type without a layout) is not interesting. */
  private async accepts(candidate: Program): Promise<boolean> {
    try {
      if (verifyProgram(candidate).length > 0) return false;
      this.tried++;
      return await this.isInteresting(candidate);
    } catch (error) {
      if (error instanceof Diagnostic) return false;
      throw error;
    }
  }

  /** As `try`, for what may also make the program larger: only a smaller one is asked about. */
  async trySmaller(candidate: Program | undefined): Promise<boolean> {
    if (candidate === undefined || programSize(candidate) >= programSize(this.program)) return false;
    return this.try(candidate);
  }
}

/** For comparing programs: statements first, then blocks and functions. */
export function programSize(program: Program): number {
  let parts = program.functions.length;
  for (const item of program.functions) parts += item.body?.blocks.length ?? 0;
  return countStatements(program) * 1000 + parts;
}

function digest(program: Program): string {
  return hash("sha1", printProgram(program), "base64");
}

export interface EditOptions {
  /** How much smaller the next chunks are; 2 when absent. */
  readonly factor?: number;
  /** Do not try single edits, nor chunks smaller than this. */
  readonly smallest?: number;
}

/**
 * Finds a large set of `edits` that can be made together. All refer to the program that is current now; `apply` makes a chosen set of
 * them in it, or answers `undefined`. Chunks are tried from the end, as what is used is mostly made before. True when any was kept.
 */
export async function tryEdits<E>(
  cx: ReduceCx,
  edits: readonly E[],
  apply: (base: Program, chosen: ReadonlySet<E>) => Program | undefined,
  options: EditOptions = {},
): Promise<boolean> {
  const base = cx.program;
  const { factor = 2, smallest = 1 } = options;
  let applied: ReadonlySet<E> = new Set();
  let left = [...edits];
  let size = left.length;
  while (size >= smallest && left.length > 0 && !cx.stopped) {
    const refused: E[] = [];
    for (let end = left.length; end > 0; end -= size) {
      const chunk = left.slice(Math.max(0, end - size), end);
      const chosen = new Set([...applied, ...chunk]);
      if (await cx.try(apply(base, chosen))) applied = chosen;
      else refused.unshift(...chunk);
    }
    left = refused;
    if (size === 1) break;
    size = Math.max(1, Math.min(Math.ceil(size / factor), left.length));
  }
  return applied.size > 0;
}

/** A place for an edit: a block of a function, by number. */
export interface BlockSite {
  readonly fn: number;
  readonly block: number;
}

export interface StatementSite extends BlockSite {
  readonly statement: number;
}

/** Edits by function and block, for `apply` to look up while it walks. */
export class SiteMap<E extends BlockSite> {
  private readonly byBlock = new Map<number, Map<number, E[]>>();

  constructor(edits: Iterable<E>) {
    for (const edit of edits) {
      let blocks = this.byBlock.get(edit.fn);
      if (blocks === undefined) {
        blocks = new Map();
        this.byBlock.set(edit.fn, blocks);
      }
      const list = blocks.get(edit.block);
      if (list === undefined) blocks.set(edit.block, [edit]);
      else list.push(edit);
    }
  }

  hasFn(fn: number): boolean {
    return this.byBlock.has(fn);
  }

  at(fn: number, block: number): readonly E[] | undefined {
    return this.byBlock.get(fn)?.get(block);
  }
}

/** A copy of `program` in which `edit` made each body; functions refer to the copies. */
export function mapBodies(program: Program, edit: (body: Body, index: number, item: FnItem) => Body): Program {
  return rebuild(program, (item, index) => ({
    ...item,
    body: item.body === undefined ? undefined : edit(item.body, index, item),
  }));
}

/** A copy of `program` with other functions; `remake` answers a function's new form, or `undefined` to leave it out. */
export function rebuild(program: Program, remake: (item: FnItem, index: number) => FnItem | undefined): Program {
  if (!isSimple(program)) return rebuildItems(program, remake);
  const copies = new Map<FnItem, FnItem>();
  program.functions.forEach((item, index) => {
    const made = remake(item, index);
    if (made !== undefined) copies.set(item, made === item ? { ...item } : made);
  });
  const functions = [...copies.values()];
  for (const item of functions) if (item.body !== undefined) item.body = replaceFns(item.body, copies);
  return { tcx: program.tcx, functions, file: program.file };
}
