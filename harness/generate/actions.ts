/**
 * The actions by name. A policy names them; this table says what each does.
 */

import { copyAggregate, enumUpdate, indexRead, indexWrite, makeAggregate, overwrite, transmute } from "./aggregates.ts";
import { atomicAccess, atomicFence, atomicUpdate, threadCounter, threadJoin, threadMessage } from "./atomics.ts";
import { bitIntrinsic, guardedIntrinsic, wideningIntrinsic } from "./bits.ts";
import { cellUpdate, rawAlternation, reborrowCall, twoPhaseBorrow } from "./borrows.ts";
import { callDirect, callIndirect, observeNow } from "./calls.ts";
import { closureDyn, closureFn, closureMut, closureOnce, closurePointer } from "./closures.ts";
import { aggregateConstant, allocConstant, constItem, promoted } from "./const-items.ts";
import { constParams } from "./const-params.ts";
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
import { dropContainer, dropFlag, dropMoveField, dropReplace, dynDrop, ownedScope } from "./drops.ts";
import { libraryFloat, looseFloat, looseVector } from "./exact-floats.ts";
import { floatIntrinsic, oddFloat } from "./floats.ts";
import { irreducibleLoop, labelledLoops, stateMachine, tightLoop } from "./flow.ts";
import type { FnCx } from "./fn-cx.ts";
import { fnItemValue, fnPointerTable, mutualRecursion, neverCall, tailCallLoop } from "./fn-values.ts";
import { associatedItems, constGeneric, genericCall, genericStruct } from "./generics.ts";
import { heapArray, heapBox } from "./heap.ts";
import { nestedUnion, nicheEnum, packedFields, referenceFields, taggedBytes } from "./layouts.ts";
import {
  exposedPointer,
  memoryCompare,
  memoryCopy,
  memorySet,
  memorySwap,
  pointerDistance,
  pointerParts,
  volatileAccess,
} from "./memory.ts";
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
import { ACTION_NAMES, type ActionName, IS_INLINE_ACTION } from "./policies.ts";
import { listWalk, treeFold, zeroSizedFlow } from "./recursive.ts";
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
import { passToC, passValues } from "./signatures.ts";
import { simdArithmetic } from "./simd.ts";
import { simdCompare, simdLanes, simdMemory, simdReduce } from "./simd-lanes.ts";
import { rawSlice, sliceIndex, sliceLoop, sliceMut, slicePattern } from "./slices.ts";
import { staticMut, staticPointer, staticRead, threadLocal } from "./statics.ts";
import { strBytes, strFromBytes } from "./strings.ts";
import { tailCallRefs, tailCallState } from "./tail-calls.ts";
import { dynCall, dynLayout, dynTable, dynUpcast } from "./trait-objects.ts";
import { hint, typeIdentity, typeSize } from "./type-info.ts";
import { unionPun, unionVariant } from "./unions.ts";
import { objectTail, slicesOfSlices, sliceTail } from "./unsized-tails.ts";
import { catchAssertion, catchPanic, guardedUnwind, unwindingScope } from "./unwinding.ts";

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
  atomicAccess,
  atomicFence,
  atomicUpdate,
  threadCounter,
  threadJoin,
  threadMessage,
  bitIntrinsic,
  guardedIntrinsic,
  wideningIntrinsic,
  cellUpdate,
  rawAlternation,
  reborrowCall,
  twoPhaseBorrow,
  constParams,
  libraryFloat,
  looseFloat,
  looseVector,
  tightLoop,
  tailCallRefs,
  tailCallState,
  passToC,
  passValues,
  nestedUnion,
  nicheEnum,
  packedFields,
  referenceFields,
  taggedBytes,
  objectTail,
  slicesOfSlices,
  sliceTail,
  irreducibleLoop,
  labelledLoops,
  stateMachine,
  closureDyn,
  closureFn,
  closureMut,
  closureOnce,
  closurePointer,
  aggregateConstant,
  allocConstant,
  constItem,
  promoted,
  dropContainer,
  dropFlag,
  dropMoveField,
  dropReplace,
  ownedScope,
  dynDrop,
  floatIntrinsic,
  oddFloat,
  fnItemValue,
  fnPointerTable,
  mutualRecursion,
  neverCall,
  tailCallLoop,
  associatedItems,
  constGeneric,
  genericCall,
  genericStruct,
  heapArray,
  heapBox,
  exposedPointer,
  memoryCompare,
  pointerParts,
  memoryCopy,
  memorySet,
  memorySwap,
  pointerDistance,
  volatileAccess,
  listWalk,
  treeFold,
  zeroSizedFlow,
  simdArithmetic,
  simdCompare,
  simdLanes,
  simdReduce,
  simdMemory,
  rawSlice,
  sliceIndex,
  sliceLoop,
  sliceMut,
  slicePattern,
  staticMut,
  staticPointer,
  staticRead,
  threadLocal,
  strBytes,
  strFromBytes,
  dynCall,
  dynLayout,
  dynTable,
  dynUpcast,
  hint,
  typeIdentity,
  typeSize,
  unionPun,
  unionVariant,
  catchAssertion,
  catchPanic,
  guardedUnwind,
  unwindingScope,
};

const TABLE: readonly Action[] = ACTION_NAMES.map((name) => ACTIONS[name]);

/** Runs up to `count` actions of the program's policy. */
export function runActions(cx: FnCx, count: number): void {
  for (let i = 0; i < count && !cx.exhausted; i++) {
    const at = cx.rng.weighted(cx.drawn.actions);
    if (cx.program.items.depth > 0 && !IS_INLINE_ACTION[at]!) bitTrick(cx);
    else TABLE[at]!(cx);
  }
}
