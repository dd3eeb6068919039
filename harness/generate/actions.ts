/**
 * The actions by name. A policy names them; this table says what each does.
 */

import { copyAggregate, enumUpdate, indexRead, indexWrite, makeAggregate, overwrite, transmute } from "./aggregates.ts";
import { callDirect, callIndirect, observeNow } from "./calls.ts";
import {
  compareChain,
  countedLoop,
  earlyReturn,
  enumMatch,
  exitLoop,
  guardedDivision,
  ifElse,
  select,
  switchDense,
  switchSparse,
  unreachableArm,
} from "./control.ts";
import type { FnCx } from "./fn-cx.ts";
import {
  aliasedStores,
  borrowMut,
  borrowShared,
  optionRef,
  pointerCompare,
  pointerOffset,
  pointerWalk,
  punnedRead,
  rawPointer,
  redundantLoads,
} from "./pointers.ts";
import { ACTION_NAMES, type ActionName } from "./policies.ts";
import {
  assume,
  bitTrick,
  boolLogic,
  cast_,
  castChain,
  commonSubexpression,
  compare,
  deadStore,
  divConst,
  divRem,
  floatBinary,
  hashMix,
  intBinary,
  pressure,
  shift,
  threeWay,
  unaryOp,
  unchecked,
  withOverflow,
} from "./scalars.ts";

export type Action = (cx: FnCx) => void;

export const ACTIONS: Readonly<Record<ActionName, Action>> = {
  intBinary,
  shift,
  divRem,
  withOverflow,
  unchecked,
  compare,
  threeWay,
  unaryOp,
  boolLogic,
  floatBinary,
  cast: cast_,
  castChain,
  transmute,
  bitTrick,
  divConst,
  commonSubexpression,
  hashMix,
  pressure,
  deadStore,
  assume,
  makeAggregate,
  copyAggregate,
  indexRead,
  indexWrite,
  enumMatch,
  enumUpdate,
  overwrite,
  borrowShared,
  borrowMut,
  rawPointer,
  pointerOffset,
  punnedRead,
  pointerWalk,
  aliasedStores,
  redundantLoads,
  optionRef,
  pointerCompare,
  ifElse,
  select,
  switchDense,
  switchSparse,
  compareChain,
  countedLoop,
  exitLoop,
  earlyReturn,
  unreachableArm,
  guardedDivision,
  callDirect,
  callIndirect,
  observeNow,
};

const TABLE: readonly Action[] = ACTION_NAMES.map((name) => ACTIONS[name]);

/** Runs up to `count` actions of the program's policy. */
export function runActions(cx: FnCx, count: number): void {
  for (let i = 0; i < count && !cx.exhausted; i++) {
    const at = cx.rng.weighted(cx.drawn.actions);
    TABLE[at]!(cx);
  }
}
