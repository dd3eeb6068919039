/**
 * Inlining: calls of small functions become their bodies.
 *
 * Callers are visited bottom-up over the call graph's components, so that a body is as small as it gets before it is judged. A
 * call within one component is left alone. The cost of a body is its number of instructions, less what the call costs, less a bonus for
 * constant arguments; thresholds are by opt-level and attribute (`inline-cost.ts`).
 */

import { NONE } from "../../../entity/entity.ts";
import type { Block, Inst, IrFunction, IrModule } from "../ir/function.ts";
import { Op } from "../ir/opcodes.ts";
import { bottomUp, type CallGraph, callGraph } from "./call-graph.ts";
import type { PassCx } from "./context.ts";
import { inlineCall } from "./inline-call.ts";

/** Inlines calls within the module; true when there were any. */
export function inline(module: IrModule, cx: PassCx): boolean {
  const graph = callGraph(module);
  if (graph.callees.every((list) => list.length === 0)) return false;
  const { order, component } = bottomUp(graph);
  const sizes = module.functions.map(sizeOf);
  let changed = false;
  for (const caller of order) {
    if (graph.callees[caller]!.length === 0) continue;
    if (inlineInto(module, cx, graph, component, sizes, caller)) {
      changed = true;
      sizes[caller] = sizeOf(module.functions[caller]!);
    }
  }
  return changed;
}

/** Instructions that cost something: neither constants nor jumps. */
function sizeOf(fn: IrFunction): number {
  let size = 0;
  for (const block of fn.layout) {
    for (let inst = fn.firstInst[block]!; inst !== NONE; inst = fn.next[inst]!) {
      const opcode = fn.opcode[inst]!;
      if (opcode !== Op.iconst && opcode !== Op.fconst && opcode !== Op.jump && opcode !== Op.stackAddr) size++;
    }
  }
  return size;
}

function inlineInto(
  module: IrModule,
  cx: PassCx,
  graph: CallGraph,
  component: Int32Array,
  sizes: readonly number[],
  caller: number,
): boolean {
  const fn = module.functions[caller]!;
  let size = sizes[caller]!;
  let changed = false;
  const layout: Block[] = [];
  for (const block of fn.layout) {
    layout.push(block);
    for (let inst = fn.firstInst[block]!; inst !== NONE; ) {
      const following = fn.next[inst]!;
      const target =
        fn.opcode[inst] === Op.call ? graph.bySymbol.get(fn.functions[fn.immLo[inst]!]!.symbol) : undefined;
      if (target !== undefined && component[target] !== component[caller]) {
        const callee = module.functions[target]!;
        if (
          size + sizes[target]! <= cx.policy.inlineCosts.callerLimit &&
          isWorth(fn, cx, graph, inst as Inst, target, callee, sizes[target]!)
        ) {
          inlineCall(fn, inst as Inst, callee, layout);
          size += sizes[target]!;
          changed = true;
        }
      }
      inst = following;
    }
  }
  if (changed) {
    cx.touched.add(fn);
    fn.layout = layout;
    fn.resolveAliases();
  }
  return changed;
}

function isWorth(
  fn: IrFunction,
  cx: PassCx,
  graph: CallGraph,
  call: Inst,
  target: number,
  callee: IrFunction,
  size: number,
): boolean {
  const { policy, optLevel } = cx;
  if (!policy.mayInline(callee, callee.inline)) return false;
  if (callee.inline === "always") return true;
  const costs = policy.inlineCosts;
  let threshold = (callee.inline === "hint" ? costs.hintThreshold : costs.threshold)[optLevel];
  if (
    callee.linkage === "internal" &&
    graph.calls[target] === 1 &&
    graph.addressTaken[target] === 0 &&
    !cx.roots.has(callee.symbol)
  )
    threshold = Math.max(threshold, costs.onlyCallThreshold[optLevel]);
  let cost = size - costs.call - fn.argCount[call]! * costs.argument;
  for (let i = fn.argCount[call]! - 1; i >= 0; i--) {
    const def = fn.valueDef[fn.resolve(fn.arg(call, i))]!;
    if (def >= 0 && fn.opcode[def] === Op.iconst) cost -= costs.constantArgument;
  }
  return cost <= threshold;
}
