/**
 * What inlining costs and what it may cost: the numbers that `inline.ts` decides by, in instructions.
 */

import type { OptLevel } from "../../../session/session.ts";

export interface InlineCosts {
  /** The greatest cost of a callee, by opt-level. */
  readonly threshold: Readonly<Record<OptLevel, number>>;
  /** The same for a callee with the `hint` attribute. */
  readonly hintThreshold: Readonly<Record<OptLevel, number>>;
  /** The same for an internal callee with one call, which then goes. */
  readonly onlyCallThreshold: Readonly<Record<OptLevel, number>>;
  /** What a call itself costs: inlining saves that much. */
  readonly call: number;
  /** What each argument of a call costs. */
  readonly argument: number;
  /** What a constant argument is worth to the callee. */
  readonly constantArgument: number;
  /** A caller does not grow beyond this many instructions. */
  readonly callerLimit: number;
  /** Under thin LTO: the greatest size of a body that is imported from another module, by opt-level. */
  readonly importLimit: Readonly<Record<OptLevel, number>>;
  /** What is left of that limit for what an imported body calls. */
  readonly importDecay: number;
}

export const DEFAULT_INLINE_COSTS: InlineCosts = {
  threshold: { "0": -1, "1": 12, "2": 45, "3": 70, s: 10, z: 4 },
  hintThreshold: { "0": -1, "1": 25, "2": 75, "3": 110, s: 14, z: 6 },
  onlyCallThreshold: { "0": -1, "1": 40, "2": 150, "3": 250, s: 60, z: 60 },
  call: 5,
  argument: 1,
  constantArgument: 2,
  callerLimit: 2500,
  importLimit: { "0": -1, "1": 30, "2": 80, "3": 100, s: 20, z: 8 },
  importDecay: 0.7,
};
