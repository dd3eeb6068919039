/**
 * UnreachableEnumBranching: in a switch on a discriminant, variants that have no values lead to `unreachable`, and so does `otherwise` once all others
 * are listed; the last one takes its place (rustc_mir_transform/src/unreachable_enum_branching.rs).
 *
 * To read the discriminant of a value with an uninhabited variant is undefined behaviour, so the read before the switch vouches for it.
 */

import { forVariant, layoutOf } from "../layout/layout.ts";
import { typeFlags } from "../mir/fold.ts";
import { discriminantTy, placeTy } from "../mir/place-ty.ts";
import type { BasicBlock, Terminator } from "../mir/syntax.ts";
import type { Ty } from "../mir/ty.ts";
import { successors } from "../mir/visit.ts";
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
  return ty.kind === "adt" && ty.def.adtKind === "enum" ? inhabited(ty, cx) : undefined;
}

function inhabited(ty: Extract<Ty, { kind: "adt" }>, cx: TransformCx): ReadonlySet<bigint> {
  const width = scalarWidth(discriminantTy(ty), cx.layouts.dataLayout.pointerSize * 8)!;
  const values = new Set<bigint>();
  // What a parameter stands for may be inhabited.
  const layout = typeFlags(ty) === 0 ? layoutOf(cx.layouts, ty) : undefined;
  ty.def.variants.forEach(({ discriminant }, i) => {
    if (layout !== undefined && (layout.layout.uninhabited || forVariant(cx.layouts, layout, i).layout.uninhabited))
      return;
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
  const { values, targets, otherwise } = terminator;
  const isListed = values.map((value) => possible.has(value));
  const left = [...possible].filter((value) => !values.includes(value));
  const isOpen = otherwise !== undefined && !isUnreachable(body, otherwise);
  const last = isOpen && left.length === 1 && mayListLast(body, terminator, otherwise) ? left[0] : undefined;
  const closes = otherwise === undefined || (isOpen && (left.length === 0 || last !== undefined));
  const leads = targets.map((target, i) => isListed[i] || isUnreachable(body, target));
  if (leads.every(Boolean) && !(closes && isOpen)) return undefined;
  return {
    ...terminator,
    values: last === undefined ? values : [...values, last],
    targets: [
      ...targets.map((target, i) => (isListed[i] ? target : unreachable())),
      ...(last === undefined || otherwise === undefined ? [] : [otherwise]),
    ],
    otherwise: closes || otherwise === undefined ? unreachable() : otherwise,
  };
}

function isUnreachable(body: MutBody, at: BasicBlock): boolean {
  const { statements, terminator } = body.blocks[at]!;
  return terminator.kind === "unreachable" && statements.every(({ kind }) => kind === "nop");
}

/**
 * Whether the one variant that is not listed is to be, in place of `otherwise`. As in rustc, a large switch stays as it is where another one follows at
 * once: LLVM copies such chains of switches into each other.
 */
function mayListLast(body: MutBody, { targets }: Switch, otherwise: BasicBlock): boolean {
  if (targets.length < 3) return true;
  const next = successors(body.blocks[otherwise]!.terminator);
  return next.length !== 1 || body.blocks[next[0]!]!.terminator.kind !== "switchInt";
}

function addUnreachable(body: MutBody, { span }: Switch, isCleanup: boolean): BasicBlock {
  body.blocks.push({ statements: [], terminator: { kind: "unreachable", span }, isCleanup });
  return (body.blocks.length - 1) as BasicBlock;
}
