/**
 * What every pass is given: the policy, the opt-level, and analyses to compute when needed.
 *
 * The analyses keep their tables from function to function; a pass computes what it needs and trusts nothing that an earlier pass left.
 */

import type { OptLevel } from "../../../session/session.ts";
import { ControlFlowGraph } from "../ir/cfg.ts";
import { DominanceFrontier, DominatorTree } from "../ir/dominator-tree.ts";
import type { IrFunction, IrModule } from "../ir/function.ts";
import { LoopAnalysis } from "../ir/loops.ts";
import { AddressAnalysis } from "./address-analysis.ts";
import type { OptPolicy } from "./policy.ts";

export interface PassCx {
  readonly policy: OptPolicy;
  readonly optLevel: OptLevel;
  readonly cfg: ControlFlowGraph;
  readonly tree: DominatorTree;
  readonly frontier: DominanceFrontier;
  readonly loops: LoopAnalysis;
  readonly addresses: AddressAnalysis;
  /** The functions whose bodies a module pass changed; the pass adds them. */
  readonly touched: Set<IrFunction>;
  /** Symbols that must stay defined though nothing in the module names them. */
  readonly roots: ReadonlySet<string>;
}

/** Changes one function; true when it changed anything. */
export type FunctionPass = (fn: IrFunction, cx: PassCx) => boolean;
/** Changes a module; true when it changed anything. Functions that got another body are in `touched`. */
export type ModulePass = (module: IrModule, cx: PassCx) => boolean;

const NO_ROOTS: ReadonlySet<string> = new Set();

// One set of analyses for the whole process: passes run one at a time, and grown tables are worth keeping.
const analyses = {
  cfg: new ControlFlowGraph(),
  tree: new DominatorTree(),
  frontier: new DominanceFrontier(),
  loops: new LoopAnalysis(),
  addresses: new AddressAnalysis(),
};

/** What the passes of one module are given. `roots` are the module's. */
export function newPassCx(policy: OptPolicy, optLevel: OptLevel, roots: ReadonlySet<string> = NO_ROOTS): PassCx {
  return { ...analyses, policy, optLevel, touched: new Set(), roots };
}
