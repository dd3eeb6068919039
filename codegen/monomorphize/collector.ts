/**
 * The collector: finds every instance that code must be generated for.
 *
 * As rustc_monomorphize/src/collector.rs: starting at the *roots*, each instance's body is searched for mentions of functions (calls, and
 * function pointers made of them), which are then searched in turn. The order is that of a depth-first walk, mentions in the order of the
 * body, so it depends on the program only.
 */

import type { Body, Operand, Rvalue } from "../mir/syntax.ts";
import type { TyCtxt } from "../mir/ty.ts";
import type { Instance, MonoItem } from "./mono-item.ts";
import { resolveUse } from "./resolve.ts";
import { instanceOf } from "./symbol-names.ts";

/** Every mono item that `roots` need, roots first in their own order, each before what it alone mentions. */
export function collect(tcx: TyCtxt, roots: readonly Instance[]): MonoItem[] {
  const items: MonoItem[] = [];
  const seen = new Set<string>();
  const stack: Instance[] = [];
  const push = (instance: Instance): void => {
    if (seen.has(instance.symbol)) return;
    seen.add(instance.symbol);
    stack.push(instance);
  };
  for (let i = roots.length - 1; i >= 0; i--) push(roots[i]!);
  for (let instance = stack.pop(); instance !== undefined; instance = stack.pop()) {
    const { body } = instance.item;
    if (body === undefined) continue;
    const item = monoItemOf(tcx, instance, body);
    items.push(item);
    for (let i = item.uses.length - 1; i >= 0; i--) push(item.uses[i]!);
  }
  return items;
}

/** What was found of instances without type arguments: a program is compiled many times, in many ways. */
const knownItems = new WeakMap<Body, MonoItem>();

function monoItemOf(tcx: TyCtxt, instance: Instance, body: Body): MonoItem {
  const known = knownItems.get(body);
  if (known !== undefined && known.instance === instance && known.uses.every(isCurrent)) return known;
  const item: MonoItem = { instance, sizeEstimate: sizeEstimateOf(body), uses: usesOf(tcx, instance, body) };
  if (instance.args.length === 0) knownItems.set(body, item);
  return item;
}

/** Whether the function still has the name that it had when its instance was made. */
function isCurrent(use: Instance): boolean {
  return use.args.length > 0 || instanceOf(use.item) === use;
}

/** As rustc's `size_estimate`: statements and terminators. */
export function sizeEstimateOf(body: Body): number {
  let size = 0;
  for (const block of body.blocks) size += block.statements.length + 1;
  return size;
}

/** The instances that `body` mentions, each once, in order of first mention. */
function usesOf(tcx: TyCtxt, instance: Instance, body: Body): Instance[] {
  const uses = new Map<string, Instance>();
  const visit = (operand: Operand): void => {
    if (operand.kind !== "const" || operand.value.kind !== "fn") return;
    const { item, args } = operand.value;
    const tyArgs = instance.args.length === 0 ? args : args.map((arg) => tcx.substitute(arg, instance.args));
    const use = resolveUse(tcx, item, tyArgs);
    if (use !== undefined && !uses.has(use.symbol)) uses.set(use.symbol, use);
  };
  for (const { statements, terminator } of body.blocks) {
    for (const statement of statements) if (statement.kind === "assign") visitRvalue(statement.rvalue, visit);
    if (terminator.kind !== "call") continue;
    visit(terminator.func);
    for (const arg of terminator.args) visit(arg);
  }
  return [...uses.values()];
}

/** Calls `visit` with the operands of `rvalue`. */
function visitRvalue(rvalue: Rvalue, visit: (operand: Operand) => void): void {
  switch (rvalue.kind) {
    case "use":
    case "repeat":
    case "cast":
    case "unary":
      visit(rvalue.operand);
      break;
    case "binary":
      visit(rvalue.left);
      visit(rvalue.right);
      break;
    case "aggregate":
      for (const operand of rvalue.operands) visit(operand);
      break;
  }
}
