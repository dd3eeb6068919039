/**
 * Merging of functions with the same body, as LLVM's MergeFunctions.
 *
 * The first of them stays. Others that are internal go, and what named them names the first; others that must keep their symbol become thunks that
 * call the first, when that is shorter. Rust promises no distinct addresses of functions, so an address may be that of the first.
 */

import type { IrFunction, IrModule } from "../ir/function.ts";
import { Op } from "../ir/opcodes.ts";
import type { PassCx } from "./context.ts";
import { detachBlock } from "./edit.ts";
import { hashBody } from "./same-body.ts";

/** Merges functions; true when there were any with one body. */
export function mergeFunctions(module: IrModule, cx: PassCx): boolean {
  if (module.functions.length < 2) return false;
  const byHash = new Map<number, IrFunction[]>();
  const renamed = new Map<string, string>();
  const removed = new Set<IrFunction>();
  let changed = false;
  for (const fn of module.functions) {
    if (fn.linkage === "availableExternally") continue;
    const hash = hashBody(fn);
    const bucket = byHash.get(hash);
    if (bucket === undefined) {
      byHash.set(hash, [fn]);
      continue;
    }
    const first = bucket.find((other) => cx.policy.sameBody(other, fn));
    if (first === undefined) {
      bucket.push(fn);
    } else if (fn.linkage === "internal" && !cx.roots.has(fn.symbol)) {
      renamed.set(fn.symbol, first.symbol);
      removed.add(fn);
      changed = true;
    } else if (sizeAbove(fn, first.signature.params.length + 4)) {
      makeThunk(fn, first);
      cx.touched.add(fn);
      changed = true;
    }
  }
  if (removed.size > 0) redirect(module, renamed, removed, cx);
  return changed;
}

function sizeAbove(fn: IrFunction, limit: number): boolean {
  let size = 0;
  for (const block of fn.layout) {
    for (let inst = fn.firstInst[block]!; inst >= 0; inst = fn.next[inst]!) if (++size > limit) return true;
  }
  return false;
}

/** Gives `fn` a body that calls `target` and returns what it returns. */
function makeThunk(fn: IrFunction, target: IrFunction): void {
  for (const block of fn.layout) detachBlock(fn, block);
  fn.layout.length = 1;
  const entry = fn.entry;
  const ref = fn.importFunction(target.symbol, target.signature);
  const call = fn.newInst(Op.call, 0, fn.blockParams[entry]!, fn.signature.returns, ref);
  fn.appendInst(call, entry);
  const results = fn.signature.returns.map((_, i) => fn.result(call, i));
  fn.appendInst(fn.newInst(Op.ret, 0, results, []), entry);
}

function redirect(
  module: IrModule,
  renamed: ReadonlyMap<string, string>,
  removed: ReadonlySet<IrFunction>,
  cx: PassCx,
): void {
  let kept = 0;
  for (const fn of module.functions) {
    if (removed.has(fn)) continue;
    module.functions[kept++] = fn;
    for (let i = 0; i < fn.functions.length; i++) {
      const callee = fn.functions[i]!;
      const symbol = renamed.get(callee.symbol);
      if (symbol === undefined) continue;
      fn.functions[i] = { symbol, signature: callee.signature };
      cx.touched.add(fn);
    }
  }
  module.functions.length = kept;
}
