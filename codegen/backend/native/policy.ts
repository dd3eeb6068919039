/**
 * Everything in the native road that a planted fault may replace, in one object that is put together once per backend.
 */

import type { LayoutPolicy } from "../../layout/policy.ts";
import type { SsaPolicy } from "../../ssa/context.ts";
import type { LoweringOverrides } from "./isa/lookup.ts";
import { DEFAULT_PASSES, type PassTable } from "./opts/pass-table.ts";
import { DEFAULT_POLICY, type OptPolicy } from "./opts/policy.ts";
import type { RegallocPolicy } from "./regalloc/function.ts";

/** Absent fields are as they should be. */
export interface NativePolicy {
  readonly layout?: LayoutPolicy;
  readonly ssa?: SsaPolicy;
  readonly opts: OptPolicy;
  readonly passes: PassTable;
  readonly lowering: LoweringOverrides;
  readonly regalloc?: RegallocPolicy;
}

export const SOUND_NATIVE_POLICY: NativePolicy = { opts: DEFAULT_POLICY, passes: DEFAULT_PASSES, lowering: {} };
