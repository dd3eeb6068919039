/**
 * Whose a closure or a promoted is: the function, constant or static that its path begins with.
 *
 * A dump names what is inside of an impl's member by type and trait, `<Fuse<I> as Iterator>::next::{closure#0}`, for which several impls may be there; the one meant has such
 * an item in its crate's dump, where its own name says the impl.
 */

import {
  type ConstItem,
  type FnItem,
  type ImplDef,
  implFor,
  newTraitCx,
  resolveFn,
  resolveTraitRef,
  resolveTy,
  type Scope,
  type Ty,
  type text,
} from "../../codegen/index.ts";
import type { BodyItem } from "./crates.ts";
import type { LinkCx } from "./link-cx.ts";

export interface Owner<T extends BodyItem> {
  readonly item: T;
  readonly args: readonly Ty[];
}

/** The function that `path` names; of an impl's rather than its trait's, the one that has `inside`, such as `{closure#0}`. */
export function ownerOf(cx: LinkCx, scope: Scope, path: text.Path, inside: string): Owner<FnItem> {
  const found = implMember(cx, scope, path, inside, (impl) => impl.fns);
  if (found === undefined) return resolveFn(scope, path);
  const own = resolveFn(scope, path).args.slice(found.traitArgs);
  return { item: found.item, args: [...found.args, ...own] };
}

/** The constant of a trait's impl that `path` names, when it names one, the one that has `inside`. */
export function constOwner(cx: LinkCx, scope: Scope, path: text.Path, inside: string): Owner<ConstItem> | undefined {
  return implMember(cx, scope, path, inside, (impl) => impl.assocConsts);
}

/** The member that `<T as Trait>::name` is in the impl for it, among those of impls in which the dump has `inside`; `membersOf` says which members count. */
function implMember<T extends FnItem | ConstItem>(
  cx: LinkCx,
  scope: Scope,
  path: text.Path,
  inside: string,
  membersOf: (impl: ImplDef) => readonly T[],
): (Owner<T> & { readonly traitArgs: number }) | undefined {
  const [head, member] = path.segments;
  if (head?.kind !== "qself" || head.trait === undefined || member?.kind !== "name") return undefined;
  const ref = resolveTraitRef(scope, head.trait, resolveTy(scope, head.ty));
  cx.settle();
  const { traits, impls } = cx.items;
  const having = new Map<ImplDef, T>();
  for (const impl of impls) {
    if (impl.trait?.trait !== ref.trait) continue;
    const item = membersOf(impl).find((each) => each.assocName === member.name);
    const origin = item === undefined ? undefined : cx.origins.get(item);
    if (item !== undefined && origin?.crate.dump.has(`${origin.key}::${inside}`) === true) having.set(impl, item);
  }
  if (having.size === 0) return undefined;
  const found = implFor(newTraitCx({ tcx: cx.world.tcx, traits, impls }), ref, [...having.keys()]);
  if (found === undefined) return undefined;
  return { item: having.get(found.impl)!, args: found.args, traitArgs: ref.args.length };
}

/** The static or constant that `path` names; it has no parameters. */
export function globalOwner({ world }: LinkCx, path: text.Path): Owner<BodyItem> | undefined {
  if (path.segments.some((segment) => segment.kind !== "name")) return undefined;
  const name = path.segments.map((segment) => (segment.kind === "name" ? segment.name : "")).join("::");
  const item = world.statics.get(name) ?? world.consts.get(name);
  return item === undefined ? undefined : { item, args: [] };
}
