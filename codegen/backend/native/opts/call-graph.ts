/**
 * The call graph of a module: who calls whom, how often, whose address is taken, and the strongly connected components bottom-up.
 */

import { NONE } from "../../../entity/entity.ts";
import type { IrFunction, IrModule } from "../ir/function.ts";
import { Op } from "../ir/opcodes.ts";

export interface CallGraph {
  /** The module's functions by symbol. */
  readonly bySymbol: ReadonlyMap<string, number>;
  /** By function: the functions of the module that it calls, each once, in order of appearance. */
  readonly callees: readonly (readonly number[])[];
  /** By function: calls of it in the module. */
  readonly calls: Int32Array;
  /** By function: 1 when its address is taken in the module. */
  readonly addressTaken: Uint8Array;
}

/** Reads the call graph off the functions' bodies. */
export function callGraph(module: IrModule): CallGraph {
  const { functions } = module;
  const bySymbol = new Map<string, number>();
  functions.forEach((fn, i) => {
    bySymbol.set(fn.symbol, i);
  });
  const calls = new Int32Array(functions.length);
  const addressTaken = new Uint8Array(functions.length);
  const callees = functions.map((fn) => calleesOf(fn, bySymbol, calls, addressTaken));
  return { bySymbol, callees, calls, addressTaken };
}

function calleesOf(
  fn: IrFunction,
  bySymbol: ReadonlyMap<string, number>,
  calls: Int32Array,
  addressTaken: Uint8Array,
): number[] {
  const targets = fn.functions.map((callee) => bySymbol.get(callee.symbol) ?? NONE);
  const found: number[] = [];
  if (targets.every((t) => t === NONE)) return found;
  for (const block of fn.layout) {
    for (let inst = fn.firstInst[block]!; inst !== NONE; inst = fn.next[inst]!) {
      const opcode = fn.opcode[inst]!;
      if (opcode !== Op.call && opcode !== Op.funcAddr) continue;
      const target = targets[fn.immLo[inst]!]!;
      if (target === NONE) continue;
      if (opcode === Op.funcAddr) {
        addressTaken[target] = 1;
      } else {
        calls[target]!++;
        if (!found.includes(target)) found.push(target);
      }
    }
  }
  return found;
}

/**
 * Strongly connected components, callees before callers (Tarjan, 1972). Gives the functions in that order, and the component of each.
 */
export function bottomUp(graph: CallGraph): { readonly order: readonly number[]; readonly component: Int32Array } {
  const count = graph.callees.length;
  const index = new Int32Array(count).fill(NONE);
  const low = new Int32Array(count);
  const component = new Int32Array(count).fill(NONE);
  const order: number[] = [];
  const open: number[] = [];
  const path: { readonly node: number; next: number }[] = [];
  let next = 0;
  let components = 0;
  const begin = (node: number): void => {
    index[node] = next;
    low[node] = next++;
    open.push(node);
    path.push({ node, next: 0 });
  };
  for (let root = 0; root < count; root++) {
    if (index[root] !== NONE) continue;
    begin(root);
    while (path.length > 0) {
      const top = path[path.length - 1]!;
      const { node } = top;
      const callees = graph.callees[node]!;
      if (top.next < callees.length) {
        const callee = callees[top.next++]!;
        if (index[callee] === NONE) begin(callee);
        else if (component[callee] === NONE) low[node] = Math.min(low[node]!, index[callee]!);
        continue;
      }
      path.pop();
      const above = path[path.length - 1];
      if (above !== undefined) low[above.node] = Math.min(low[above.node]!, low[node]!);
      if (low[node] !== index[node]) continue;
      for (let member = NONE; member !== node; ) {
        member = open.pop()!;
        component[member] = components;
        order.push(member);
      }
      components++;
    }
  }
  return { order, component };
}
