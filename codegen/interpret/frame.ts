/**
 * The calling convention of the bytecode: slots of registers, and where arguments and results go.
 */

import type { FnSig } from "../mir/place-ty.ts";
import type { TypeInfo, TypeTable } from "./type-info.ts";

/** Words of one register. */
export const SLOT = 4;

/** Where a value of a type goes in a call: how many slots, and at which offset of the callee's memory. */
export interface CallLayout {
  readonly params: readonly { readonly info: TypeInfo; readonly slot: number; readonly offset: number }[];
  readonly ret: TypeInfo;
  /** Words of the slots that arguments or results take. */
  readonly words: number;
  /** Bytes of memory that the result and the arguments take. */
  readonly memory: number;
}

/** The calling convention. It depends on the signature alone, for calls through pointers do not know the callee. */
export function callLayout(table: TypeTable, sig: FnSig): CallLayout {
  const ret = table.of(sig.ret);
  let memory = ret.repr === "mem" ? ret.size : 0;
  let words = 0;
  const params = sig.params.map((ty) => {
    const info = table.of(ty);
    const param = { info, slot: words, offset: 0 };
    words += info.leaves.length * SLOT;
    if (info.repr !== "mem") return param;
    const offset = align16(memory);
    memory = offset + info.size;
    return { ...param, offset };
  });
  return { params, ret, words: Math.max(words, ret.leaves.length * SLOT), memory: align16(memory) };
}

export function align16(n: number): number {
  return (n + 15) & ~15;
}
