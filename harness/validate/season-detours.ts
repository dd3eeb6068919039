/** Detours of a jump that work on values of their own: enums that are moved and matched, a slice that is measured. */

import {
  type BasicBlock,
  type Local,
  type Operand,
  type Place,
  type Rvalue,
  type Statement,
  type Terminator,
  TY_ISIZE,
  TY_U8,
  TY_USIZE,
  type Ty,
  type TyCtxt,
  type TyOf,
  type UnwindAction,
} from "../../codegen/index.ts";
import type { Rng } from "../generate/rng.ts";
import { seasonItems } from "./season-items.ts";
import { assign, constU8, goto, placeOf, SEASON_SPAN } from "./season-nodes.ts";

/** A body that detours are put into. */
export interface DetourCx {
  readonly tcx: TyCtxt;
  readonly rng: Rng;
  local(ty: Ty): Local;
  block(statements: Statement[], terminator: Terminator, isCleanup?: boolean): BasicBlock;
}

/** Where a detour stands: it ends `block`, and all its ways lead to `target`. */
export interface DetourAt {
  readonly block: { readonly statements: Statement[]; terminator: Terminator; readonly isCleanup: boolean };
  readonly target: BasicBlock;
}

/** An enum with a large variant is moved, once while it is small and once, on one way, while it is large. */
export function moveWide(cx: DetourCx, { block, target }: DetourAt): void {
  const { tcx, rng } = cx;
  const def = seasonItems(tcx).wide;
  const ty = tcx.adt(def) as TyOf<"adt">;
  const made = (variant: number, operands: readonly Operand[]): Rvalue => ({
    kind: "aggregate",
    aggregate: { kind: "adt", ty, def, variant },
    operands,
  });
  const [first, second, third, discr] = [cx.local(ty), cx.local(ty), cx.local(ty), cx.local(TY_ISIZE)];
  const large = tcx.fieldTys(ty, 1)[0]!;
  const elements = cx.local(large);
  block.statements.push(assign(first, made(0, [constU8(rng.below(256))])));
  if (rng.chance(50) && large.kind === "array") {
    const zero: Operand = { kind: "const", value: { kind: "scalar", ty: large.element, bits: 0n } };
    block.statements.push(
      assign(elements, { kind: "repeat", operand: zero, count: large.length }),
      assign(first, made(1, [{ kind: "move", place: placeOf(elements) }])),
    );
  }
  const operand = (local: Local, kind: "copy" | "move"): Rvalue => ({
    kind: "use",
    operand: { kind, place: placeOf(local) },
  });
  block.statements.push(
    assign(second, operand(first, "copy")),
    assign(third, operand(second, "move")),
    assign(discr, { kind: "discriminant", place: placeOf(third) }),
  );
  const other = cx.block([], goto(target), block.isCleanup);
  const never = cx.block([], { kind: "unreachable", span: SEASON_SPAN }, block.isCleanup);
  block.terminator = {
    kind: "switchInt",
    discr: { kind: "move", place: placeOf(discr) },
    values: [0n, 1n],
    targets: [target, other],
    otherwise: never,
    span: SEASON_SPAN,
  };
}

/** The length of a slice is asked of `<[T]>::len`. */
export function measureSlice(cx: DetourCx, { block, target }: DetourAt): void {
  const { tcx, rng } = cx;
  const count = rng.between(1, 5);
  const array = tcx.array(TY_U8, count);
  const slice = tcx.ref("not", tcx.slice(TY_U8));
  const [values, whole, measured, length] = [
    cx.local(array),
    cx.local(tcx.ref("not", array)),
    cx.local(slice),
    cx.local(TY_USIZE),
  ];
  block.statements.push(
    assign(values, { kind: "repeat", operand: constU8(3), count }),
    assign(whole, { kind: "ref", mutability: "not", place: placeOf(values) }),
    assign(measured, {
      kind: "cast",
      castKind: "Unsize",
      operand: { kind: "copy", place: placeOf(whole) },
      ty: slice,
    }),
  );
  const unwind: UnwindAction = block.isCleanup ? { kind: "terminate", reason: "cleanup" } : { kind: "continue" };
  const other = cx.block([], { kind: "unreachable", span: SEASON_SPAN }, block.isCleanup);
  const behind = cx.block(
    [],
    {
      kind: "switchInt",
      discr: { kind: "move", place: placeOf(length) },
      values: [BigInt(count)],
      targets: [target],
      otherwise: other,
      span: SEASON_SPAN,
    },
    block.isCleanup,
  );
  const { sliceLen } = seasonItems(tcx);
  block.terminator = {
    kind: "call",
    func: { kind: "const", value: { kind: "fn", item: sliceLen, args: [TY_U8] } },
    args: [{ kind: rng.chance(50) ? "move" : "copy", place: placeOf(measured) }],
    destination: placeOf(length),
    target: behind,
    unwind,
    span: SEASON_SPAN,
  };
}

/** Two values are matched, one inside of the other's arms: all arms lead on. */
export function matchTwo(cx: DetourCx, { block, target }: DetourAt): void {
  const { tcx, rng } = cx;
  const def = tcx.adts.get("std::option::Option")!;
  const ty = tcx.adt(def, [TY_U8]);
  const some = (): Rvalue => ({
    kind: "aggregate",
    aggregate: { kind: "adt", ty, def, variant: 1 },
    operands: [constU8(rng.below(256))],
  });
  const none: Rvalue = { kind: "aggregate", aggregate: { kind: "adt", ty, def, variant: 0 }, operands: [] };
  const [first, second, outer] = [cx.local(ty), cx.local(ty), cx.local(TY_ISIZE)];
  const differ = cx.block([], goto(target), block.isCleanup);
  const arm = (variant: number): BasicBlock => {
    const inner = cx.local(TY_ISIZE);
    return cx.block(
      [assign(inner, { kind: "discriminant", place: placeOf(second) })],
      switchMoved(placeOf(inner), [BigInt(variant)], [target], differ),
      block.isCleanup,
    );
  };
  block.statements.push(
    assign(first, rng.chance(50) ? some() : none),
    assign(second, rng.chance(50) ? some() : none),
    assign(outer, { kind: "discriminant", place: placeOf(first) }),
  );
  const never = cx.block([], { kind: "unreachable", span: SEASON_SPAN }, block.isCleanup);
  block.terminator = switchMoved(placeOf(outer), [0n, 1n], [arm(0), arm(1)], never);
}

function switchMoved(
  place: Place,
  values: readonly bigint[],
  targets: readonly BasicBlock[],
  otherwise: BasicBlock,
): Terminator {
  return { kind: "switchInt", discr: { kind: "move", place }, values, targets, otherwise, span: SEASON_SPAN };
}
