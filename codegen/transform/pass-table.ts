/**
 * The table of MIR passes: order, levels, constraints (the model is Go's cmd/compile/internal/ssa/compile.go; the order and the levels are rustc's, in
 * rustc_mir_transform/src/lib.rs `run_optimization_passes`).
 *
 * Dumps, times, off-switches, verification and bisection come from the driver (`run-passes.ts`), not from the passes.
 */

import { bug } from "../entity/entity.ts";
import { copyProp } from "./copy-prop.ts";
import { dataflowConstProp } from "./dataflow-const-prop.ts";
import { deadStoreElimination } from "./dead-store-elimination.ts";
import { destProp } from "./dest-prop.ts";
import { earlyOtherwiseBranch } from "./early-otherwise-branch.ts";
import { enumSize } from "./enum-size.ts";
import { gvn } from "./gvn.ts";
import { inline } from "./inline.ts";
import { instSimplify } from "./instsimplify.ts";
import { jumpThreading } from "./jump-threading.ts";
import { lowerIntrinsics } from "./lower-intrinsics.ts";
import { lowerSliceLenCalls } from "./lower-slice-len.ts";
import { matchBranchSimplification } from "./match-branches.ts";
import { multipleReturnTerminators } from "./multiple-return-terminators.ts";
import type { MirPass } from "./pass.ts";
import { referencePropagation } from "./reference-propagation.ts";
import { removeNoopLandingPads } from "./remove-noop-landing-pads.ts";
import { removeStorageMarkers } from "./remove-storage-markers.ts";
import { removeUnneededDrops } from "./remove-unneeded-drops.ts";
import { removeZsts } from "./remove-zsts.ts";
import { simplifyCfg } from "./simplify-cfg.ts";
import { simplifyComparisonIntegral } from "./simplify-comparison-integral.ts";
import { simplifyConstCondition } from "./simplify-const-condition.ts";
import { simplifyLocals } from "./simplify-locals.ts";
import { singleUseConsts } from "./single-use-consts.ts";
import { sroa } from "./sroa.ts";
import { ssaRangePropagation } from "./ssa-range-prop.ts";
import { unreachableEnumBranching } from "./unreachable-enum-branching.ts";
import { unreachablePropagation } from "./unreachable-propagation.ts";

/** `-Z mir-opt-level`: 0 none, 1 what is cheap, 2 what rustc trusts in optimised builds, 3 and 4 what it does not yet. */
export type MirOptLevel = 0 | 1 | 2 | 3 | 4;

export interface MirPassRow {
  /** rustc's name; a pass that runs several times has a row each, told apart by a suffix: `SimplifyCfg-final`. */
  readonly name: string;
  /** The lowest `mir-opt-level` at which it runs. */
  readonly level: MirOptLevel;
  /** Only where code generation makes no use of storage statements: rustc's builds without optimisation. */
  readonly withoutLifetimes?: boolean;
  readonly run: MirPass;
}

/** `first` comes before `second` wherever both run. */
export interface MirPassConstraint {
  readonly first: string;
  readonly second: string;
  readonly reason: string;
}

export const MIR_PASSES: readonly MirPassRow[] = [
  { name: "LowerIntrinsics", level: 1, run: lowerIntrinsics },
  { name: "LowerSliceLenCalls", level: 1, run: lowerSliceLenCalls },
  { name: "InstSimplify-before-inline", level: 1, run: instSimplify },
  { name: "Inline", level: 2, run: inline },
  { name: "RemoveStorageMarkers", level: 1, withoutLifetimes: true, run: removeStorageMarkers },
  { name: "RemoveZsts", level: 1, run: removeZsts },
  { name: "RemoveUnneededDrops", level: 0, run: removeUnneededDrops },
  { name: "UnreachableEnumBranching", level: 1, run: unreachableEnumBranching },
  { name: "UnreachablePropagation", level: 2, run: unreachablePropagation },
  { name: "SimplifyCfg-after-unreachable-enum-branching", level: 1, run: simplifyCfg },
  { name: "InstSimplify-after-simplifycfg", level: 1, run: instSimplify },
  { name: "SimplifyConstCondition-after-inst-simplify", level: 1, run: simplifyConstCondition },
  { name: "ReferencePropagation", level: 2, run: referencePropagation },
  { name: "ScalarReplacementOfAggregates", level: 2, run: sroa },
  { name: "SimplifyLocals-before-const-prop", level: 1, run: simplifyLocals },
  { name: "DeadStoreElimination-initial", level: 2, run: deadStoreElimination },
  { name: "GVN", level: 2, run: gvn },
  { name: "SimplifyLocals-after-value-numbering", level: 1, run: simplifyLocals },
  { name: "SsaRangePropagation", level: 2, run: ssaRangePropagation },
  { name: "MatchBranchSimplification", level: 2, run: matchBranchSimplification },
  { name: "DataflowConstProp", level: 3, run: dataflowConstProp },
  { name: "SingleUseConsts", level: 1, run: singleUseConsts },
  { name: "SimplifyConstCondition-after-const-prop", level: 1, run: simplifyConstCondition },
  { name: "JumpThreading", level: 2, run: jumpThreading },
  { name: "EarlyOtherwiseBranch", level: 2, run: earlyOtherwiseBranch },
  { name: "SimplifyComparisonIntegral", level: 2, run: simplifyComparisonIntegral },
  { name: "SimplifyConstCondition-final", level: 1, run: simplifyConstCondition },
  { name: "RemoveNoopLandingPads", level: 1, run: removeNoopLandingPads },
  { name: "SimplifyCfg-final", level: 1, run: simplifyCfg },
  { name: "CopyProp", level: 1, run: copyProp },
  { name: "DeadStoreElimination-final", level: 2, run: deadStoreElimination },
  { name: "DestinationPropagation", level: 2, run: destProp },
  { name: "SimplifyLocals-final", level: 1, run: simplifyLocals },
  { name: "MultipleReturnTerminators", level: 4, run: multipleReturnTerminators },
  { name: "EnumSizeOpt", level: 3, run: enumSize },
];

const CONSTRAINTS: readonly MirPassConstraint[] = [
  {
    first: "Inline",
    second: "ScalarReplacementOfAggregates",
    reason: "aggregates that were passed to a callee are split once it is inlined",
  },
  {
    first: "ScalarReplacementOfAggregates",
    second: "GVN",
    reason: "fields are values of their own once they are locals",
  },
  {
    first: "GVN",
    second: "DataflowConstProp",
    reason: "fewer values are left to follow",
  },
  {
    first: "DataflowConstProp",
    second: "JumpThreading",
    reason: "what is constant everywhere needs no thread of its own",
  },
  {
    first: "JumpThreading",
    second: "SimplifyCfg-final",
    reason: "threads leave blocks that nothing reaches",
  },
  {
    first: "CopyProp",
    second: "SimplifyLocals-final",
    reason: "copies leave locals that nothing mentions",
  },
  {
    first: "DeadStoreElimination-final",
    second: "SimplifyLocals-final",
    reason: "dead stores are the last mention of many locals",
  },
  {
    first: "SimplifyLocals-final",
    second: "EnumSizeOpt",
    reason: "a copy that is removed altogether needs no size",
  },
];

checkConstraints();

function checkConstraints(): void {
  const position = new Map(MIR_PASSES.map(({ name }, i) => [name, i]));
  if (position.size !== MIR_PASSES.length) throw bug("two MIR passes have one name");
  for (const { first, second, reason } of CONSTRAINTS) {
    const a = position.get(first);
    const b = position.get(second);
    if (a === undefined || b === undefined) throw bug(`a constraint names no pass: ${first}, ${second}`);
    if (a > b) throw bug(`${first} must come before ${second}: ${reason}`);
  }
}
