/**
 * Runs the MIR passes over a program: as rustc's pass manager (rustc_mir_transform/src/pass_manager.rs).
 *
 * Functions come callees first where calls allow an order, each through all passes before the next begins, so that inlining sees optimised
 * callees. Each execution of a pass on a function has a number for `-Z mir-opt-bisect-limit`, counted only when the pass is on; the numbers are
 * the same for the same program and options.
 */

import { bug } from "../entity/entity.ts";
import type { LayoutCx } from "../layout/layout.ts";
import { printBody } from "../mir/printer.ts";
import type { Program } from "../mir/program.ts";
import type { Body, FnItem } from "../mir/syntax.ts";
import type { Ty, TyCtxt } from "../mir/ty.ts";
import { verifyBody } from "../mir/verifier.ts";
import { traitCxOf } from "../traits/context.ts";
import { needsDrop } from "../traits/predicates.ts";
import { fromMutBody, type TransformCx, toMutBody } from "./pass.ts";
import { MIR_PASSES, type MirOptLevel, type MirPassRow } from "./pass-table.ts";

export interface MirPassOptions {
  readonly mirOptLevel: MirOptLevel;
  /** Passes that are on or off whatever the level says, by name: rustc's `-Z mir-enable-passes=+GVN,-Inline`. */
  readonly override?: ReadonlyMap<string, boolean>;
  /** These passes in this order, in place of what level and overrides choose; a name may come more than once. */
  readonly pipeline?: readonly string[];
  /** Only the first so many executions run; all when absent. */
  readonly bisectLimit?: number;
  /** Whether code generation makes use of storage statements; true when absent. */
  readonly emitLifetimes?: boolean;
  /** Verifies a body after each pass that changed it. */
  readonly verify?: boolean;
  /** Told of each execution, also of one that throws; `body` is what came out, `before` what went in. */
  readonly onPass?: (execution: MirPassExecution, body: Body, before: Body) => void;
}

export interface MirPassExecution {
  /** From 1. */
  readonly index: number;
  readonly pass: string;
  readonly fn: string;
  /** False when the bisection limit held it back. */
  readonly ran: boolean;
  readonly changed: boolean;
  readonly milliseconds: number;
}

/**
 * The bodies of `program`'s functions after the passes; functions that no pass changed are not listed. `program` itself stays as it is.
 *
 * @throws an internal error when `verify` finds a pass at fault.
 */
export function runMirPasses(program: Program, layouts: LayoutCx, options: MirPassOptions): ReadonlyMap<FnItem, Body> {
  const rows = chosenRows(options);
  const changed = new Map<FnItem, Body>();
  if (rows.length === 0) return changed;
  const traits = traitCxOf(program);
  const shared = {
    tcx: program.tcx,
    layouts,
    bodyOf: (item: FnItem): Body | undefined => changed.get(item) ?? item.body,
    needsDrop: (ty: Ty): boolean => needsDrop(traits, ty),
    instantiate: (ty: Ty, args: readonly Ty[]): Ty => traits.instantiate(ty, args),
  };
  let index = 0;
  for (const item of calleesFirst(program.functions)) {
    if (item.body === undefined) continue;
    let body = item.body;
    const cx: TransformCx = { ...shared, item };
    const own = isSuppressed(item) ? rows.filter(({ level }) => level === 0) : rows;
    for (const row of own) body = execute(row, ++index, body, cx, options);
    if (body !== item.body) changed.set(item, body);
  }
  return changed;
}

/** One execution of a pass; `onPass` is told of it even when it fails. */
function execute(row: MirPassRow, index: number, body: Body, cx: TransformCx, options: MirPassOptions): Body {
  const { name: pass, run } = row;
  const { item } = cx;
  const ran = index <= (options.bisectLimit ?? Number.POSITIVE_INFINITY);
  const start = performance.now();
  let after = body;
  try {
    const mut = ran ? toMutBody(body) : undefined;
    if (mut === undefined || !run(mut, cx)) return body;
    after = fromMutBody(mut);
    if (options.verify === true) verifyAfter(pass, item, after, cx.tcx);
    return after;
  } finally {
    const milliseconds = performance.now() - start;
    options.onPass?.({ index, pass, fn: item.name, ran, changed: after !== body, milliseconds }, after, body);
  }
}

/** `#[optimize(none)]`: only what rustc calls required runs. */
function isSuppressed({ attributes }: FnItem): boolean {
  return attributes?.some((attribute) => /^optimize\s*\(\s*none\s*\)$/.test(attribute)) === true;
}

function chosenRows({ pipeline, override, mirOptLevel, emitLifetimes = true }: MirPassOptions): readonly MirPassRow[] {
  if (pipeline === undefined) {
    return MIR_PASSES.filter(
      ({ name, level, withoutLifetimes = false }) =>
        override?.get(name) ?? (level <= mirOptLevel && !(withoutLifetimes && emitLifetimes)),
    );
  }
  return pipeline.map((wanted) => {
    const row = MIR_PASSES.find(({ name }) => name === wanted);
    if (row === undefined) throw bug(`no MIR pass ${wanted}`);
    return row;
  });
}

function verifyAfter(pass: string, item: FnItem, body: Body, tcx: TyCtxt): void {
  const [first] = verifyBody(body, tcx, item.name);
  if (first !== undefined) throw bug(`${pass} broke ${item.name}: ${first.message}\n${printBody(body)}`);
}

/** Functions with their callees before them, where there is no cycle; otherwise in source order. */
export function calleesFirst(functions: readonly FnItem[]): FnItem[] {
  const order: FnItem[] = [];
  const seen = new Set<FnItem>();
  const known = new Set(functions);
  for (const root of functions) {
    if (seen.has(root)) continue;
    seen.add(root);
    const stack = [{ item: root, callees: calleesOf(root, known) }];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.callees.pop();
      if (next === undefined) {
        order.push(top.item);
        stack.pop();
      } else if (!seen.has(next)) {
        seen.add(next);
        stack.push({ item: next, callees: calleesOf(next, known) });
      }
    }
  }
  return order;
}

function calleesOf(item: FnItem, known: ReadonlySet<FnItem>): FnItem[] {
  const callees: FnItem[] = [];
  for (const { terminator: t } of item.body?.blocks ?? []) {
    if (t.kind !== "call" || t.func.kind !== "const" || t.func.value.kind !== "fn") continue;
    if (known.has(t.func.value.item)) callees.push(t.func.value.item);
  }
  return callees.reverse();
}

/** Gives the functions their new bodies; what comes back puts the old ones in place again. */
export function replaceBodies(bodies: ReadonlyMap<FnItem, Body>): () => void {
  const old = new Map([...bodies.keys()].map((item) => [item, item.body]));
  for (const [item, body] of bodies) item.body = body;
  return () => {
    for (const [item, body] of old) item.body = body;
  };
}
