/**
 * UnreachableEnumBranching: a switch on a discriminant has no targets for variants that have no values, and no `otherwise` once all others
 * are listed (rustc_mir_transform/src/unreachable_enum_branching.rs).
 *
 * To read the discriminant of a value with an uninhabited variant is undefined behaviour, so the read before the switch vouches for it.
 */

import { forVariant, layoutOf } from "../layout/layout.ts";
import { typeFlags } from "../mir/fold.ts";
import { discriminantTy, placeTy } from "../mir/place-ty.ts";
import type { BasicBlock, Terminator } from "../mir/syntax.ts";
import type { Ty } from "../mir/ty.ts";
import { scalarWidth } from "./eval.ts";
import { wholeLocal } from "./locals.ts";
import type { MirPass, MutBlock, MutBody, TransformCx } from "./pass.ts";

type Switch = Extract<Terminator, { kind: "switchInt" }>;

export const unreachableEnumBranching: MirPass = (body, cx) => {
  let changed = false;
  /** By whether it is cleanup: the block for values that are none. */
  const unreachable = new Map<boolean, BasicBlock>();
  for (const block of [...body.blocks]) {
    const { terminator } = block;
    if (terminator.kind !== "switchInt") continue;
    const possible = possibleDiscriminants(body, block, terminator, cx);
    if (possible === undefined) continue;
    const next = withoutImpossible(body, terminator, possible, () => {
      const { isCleanup } = block;
      const known = unreachable.get(isCleanup) ?? addUnreachable(body, terminator, isCleanup);
      unreachable.set(isCleanup, known);
      return known;
    });
    if (next === undefined) continue;
    block.terminator = next;
    changed = true;
  }
  return changed;
};

/** The values that the switch that ends `block` can see, when it looks at the discriminant that the last statement read. */
function possibleDiscriminants(
  body: MutBody,
  block: MutBlock,
  { discr }: Switch,
  cx: TransformCx,
): ReadonlySet<bigint> | undefined {
  const last = block.statements.at(-1);
  if (last?.kind !== "assign" || last.rvalue.kind !== "discriminant" || last.place.projection.length > 0)
    return undefined;
  if (wholeLocal(discr) !== last.place.local) return undefined;
  const { ty } = placeTy(body, last.rvalue.place, cx.tcx);
  return ty.kind === "adt" && ty.def.adtKind === "enum" && typeFlags(ty) === 0 ? inhabited(ty, cx) : undefined;
}

function inhabited(ty: Extract<Ty, { kind: "adt" }>, cx: TransformCx): ReadonlySet<bigint> {
  const layout = layoutOf(cx.layouts, ty);
  const width = scalarWidth(discriminantTy(ty), cx.layouts.dataLayout.pointerSize * 8)!;
  const values = new Set<bigint>();
  ty.def.variants.forEach(({ discriminant }, i) => {
    if (layout.layout.uninhabited || forVariant(cx.layouts, layout, i).layout.uninhabited) return;
    values.add(BigInt.asUintN(width, discriminant));
  });
  return values;
}

/** `terminator` for a value that is one of `possible`; `undefined` when that is how it is. */
function withoutImpossible(
  body: MutBody,
  terminator: Switch,
  possible: ReadonlySet<bigint>,
  unreachable: () => BasicBlock,
): Terminator | undefined {
  const kept = terminator.values.map((value) => possible.has(value));
  const listed = kept.filter((keep) => keep).length;
  const { otherwise } = terminator;
  const isOver =
    otherwise !== undefined && listed === possible.size && body.blocks[otherwise]!.terminator.kind !== "unreachable";
  if (listed === kept.length && !isOver) return undefined;
  return {
    ...terminator,
    values: terminator.values.filter((_, i) => kept[i]),
    targets: terminator.targets.filter((_, i) => kept[i]),
    otherwise: isOver || otherwise === undefined ? unreachable() : otherwise,
  };
}

function addUnreachable(body: MutBody, { span }: Switch, isCleanup: boolean): BasicBlock {
  body.blocks.push({ statements: [], terminator: { kind: "unreachable", span }, isCleanup });
  return (body.blocks.length - 1) as BasicBlock;
}
