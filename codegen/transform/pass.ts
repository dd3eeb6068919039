/**
 * What a MIR pass is: a function that changes one body in place and says whether it did.
 *
 * Bodies are shared and never changed, so the driver (`run-passes.ts`) hands a pass a `MutBody`: the same statements and terminators, in arrays
 * of its own. A pass replaces elements; it never writes to a statement.
 *
 * What every pass may lean on, and must keep: a body is well-typed, and a program that has no undefined behaviour observes after the
 * pass what it observed before. A pass may make undefined behaviour defined, never the other way round.
 */

import type { LayoutCx } from "../layout/layout.ts";
import type { BasicBlockData, Body, FnItem, LocalDecl, Statement, Terminator } from "../mir/syntax.ts";
import type { Ty, TyCtxt } from "../mir/ty.ts";

export interface MutBlock {
  statements: Statement[];
  terminator: Terminator;
  isCleanup: boolean;
}

export interface MutBody {
  readonly locals: LocalDecl[];
  readonly argCount: number;
  blocks: MutBlock[];
}

/** What passes know beside the body. */
export interface TransformCx {
  readonly tcx: TyCtxt;
  readonly layouts: LayoutCx;
  /** The function whose body it is. */
  readonly item: FnItem;
  /** Bodies of other functions as they are now: those that came first are transformed already. */
  readonly bodyOf: (item: FnItem) => Body | undefined;
  /** Whether values of a type do anything when they are dropped; unknown (true) for what depends on parameters. */
  readonly needsDrop: (ty: Ty) => boolean;
  /** `ty` of a generic item for the item's `args`, normalised. */
  readonly instantiate: (ty: Ty, args: readonly Ty[]) => Ty;
}

/** True when the body changed. */
export type MirPass = (body: MutBody, cx: TransformCx) => boolean;

export function toMutBody(body: Body): MutBody {
  return {
    locals: [...body.locals],
    argCount: body.argCount,
    blocks: body.blocks.map(({ statements, terminator, isCleanup }) => ({
      statements: [...statements],
      terminator,
      isCleanup,
    })),
  };
}

/** Scopes and debug info go: their locals may be gone. */
export function fromMutBody({ locals, argCount, blocks }: MutBody): Body {
  return { locals, argCount, blocks: blocks as readonly BasicBlockData[] };
}
