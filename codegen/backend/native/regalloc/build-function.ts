/**
 * Builds a `RegallocFunction` from blocks written out by hand, for tests. All vregs are of the int class.
 */

import type { RegallocFunction } from "./function.ts";

export interface TestInst {
  readonly ops: readonly number[];
  readonly flags?: number;
  /** Clobbered int registers. */
  readonly clobber?: number;
}

export interface TestBlock {
  readonly insts: readonly TestInst[];
  readonly succs: readonly number[];
  readonly params?: readonly number[];
  /** Per successor. */
  readonly args?: readonly (readonly number[])[];
}

function starts(lists: readonly (readonly unknown[])[]): Int32Array {
  const result = new Int32Array(lists.length + 1);
  lists.forEach((list, i) => {
    result[i + 1] = result[i]! + list.length;
  });
  return result;
}

/** `remat` lists the vregs that can be made anew. */
export function buildFunction(
  blocks: readonly TestBlock[],
  numVRegs: number,
  remat: readonly number[] = [],
): RegallocFunction {
  const insts = blocks.flatMap((b) => b.insts);
  const args = blocks.flatMap((b) => b.succs.map((_, i) => b.args?.[i] ?? []));
  const preds = blocks.map((_, b) => blocks.flatMap((p, i) => p.succs.filter((s) => s === b).map(() => i)));
  return {
    numVRegs,
    vregClass: new Uint8Array(numVRegs),
    vregSlotSize: new Uint8Array(numVRegs).fill(8),
    vregRemat: Uint8Array.from({ length: numVRegs }, (_, v) => (remat.includes(v) ? 1 : 0)),
    numInsts: insts.length,
    operands: Int32Array.from(insts.flatMap((i) => i.ops)),
    operandStart: starts(insts.map((i) => i.ops)),
    clobbers: Int32Array.from(insts.flatMap((i) => [i.clobber ?? 0, 0])),
    instFlags: Uint8Array.from(insts, (i) => i.flags ?? 0),
    numBlocks: blocks.length,
    blockStart: starts(blocks.map((b) => b.insts)),
    succStart: starts(blocks.map((b) => b.succs)),
    succs: Int32Array.from(blocks.flatMap((b) => b.succs)),
    predStart: starts(preds),
    preds: Int32Array.from(preds.flat()),
    paramStart: starts(blocks.map((b) => b.params ?? [])),
    params: Int32Array.from(blocks.flatMap((b) => b.params ?? [])),
    argStart: starts(args),
    args: Int32Array.from(args.flat()),
  };
}
