/**
 * Removal of functions that nothing needs: internal functions that no external function and no root reaches, by calls or addresses.
 * Bodies that are available externally are no reason to keep anything, and go with `dropAvailableExternally`.
 */

import { NONE } from "../../../entity/entity.ts";
import type { IrFunction, IrModule } from "../ir/function.ts";
import { Op } from "../ir/opcodes.ts";
import type { PassCx } from "./context.ts";

/** Drops unreachable internal functions; true when there were any. */
export function globalDce(module: IrModule, cx: PassCx): boolean {
  const { functions } = module;
  if (functions.every((fn) => fn.linkage === "external")) return false;
  const bySymbol = new Map(functions.map((fn) => [fn.symbol, fn]));
  const live = new Set<IrFunction>();
  const work: IrFunction[] = [];
  const keep = (fn: IrFunction | undefined): void => {
    if (fn === undefined || live.has(fn)) return;
    live.add(fn);
    work.push(fn);
  };
  for (const fn of functions) if (fn.linkage !== "internal" || cx.roots.has(fn.symbol)) keep(fn);
  while (work.length > 0) forEachReference(work.pop()!, (symbol) => keep(bySymbol.get(symbol)));
  return retain(module, (fn) => live.has(fn));
}

/** Drops the bodies that exist only to be inlined; true when there were any. */
export function dropAvailableExternally(module: IrModule): boolean {
  return retain(module, (fn) => fn.linkage !== "availableExternally");
}

function retain(module: IrModule, keep: (fn: IrFunction) => boolean): boolean {
  const { functions } = module;
  let kept = 0;
  for (const fn of functions) if (keep(fn)) functions[kept++] = fn;
  const changed = kept !== functions.length;
  functions.length = kept;
  return changed;
}

/** Calls `visit` with the symbol of every call and address in the body of `fn`. */
export function forEachReference(fn: IrFunction, visit: (symbol: string) => void): void {
  if (fn.functions.length === 0) return;
  const seen = new Uint8Array(fn.functions.length);
  for (const block of fn.layout) {
    for (let inst = fn.firstInst[block]!; inst !== NONE; inst = fn.next[inst]!) {
      if (fn.opcode[inst] !== Op.call && fn.opcode[inst] !== Op.funcAddr) continue;
      const ref = fn.immLo[inst]!;
      if (seen[ref] !== 0) continue;
      seen[ref] = 1;
      visit(fn.functions[ref]!.symbol);
    }
  }
}
