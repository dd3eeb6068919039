/**
 * What needs what was skipped, and so is skipped too.
 *
 * A graph of items, bodies and types is made by following what each of them mentions; what is missing then spreads against its edges. A trait's function without the body
 * that it has by default is still a function of the trait.
 */

import { partsOf } from "../fold.ts";
import type { AllocItem, ClosureDef, ConstItem, ImplDef, Predicate, StaticItem, TraitDef, TraitRef } from "../items.ts";
import type { Body, Const, FnItem } from "../syntax.ts";
import type { AdtDef, Ty } from "../ty.ts";
import { visitBody } from "../visit.ts";

export type AnyItem = AdtDef | TraitDef | ImplDef | FnItem | StaticItem | ConstItem | ClosureDef | AllocItem;
/** An item, the body of one, or a type. */
type Node = AnyItem | Body | Ty;

/** Adds to `missing` what of `items` needs something that is missing; `lost` is told of each item, with one that it needs. */
export function dropUsers(
  items: Iterable<AnyItem>,
  missing: Set<object>,
  lost: (user: AnyItem, used: object) => void,
): void {
  const declared = new Set<Node>(items);
  const users = usersOf(declared);
  const work = [...missing] as Node[];
  /** Of bodies and types, the item because of which they are missing. */
  const causes = new Map<object, object>();
  for (let used = work.pop(); used !== undefined; used = work.pop()) {
    const cause = causes.get(used) ?? used;
    for (const user of users.get(used) ?? []) {
      if (missing.has(user)) continue;
      missing.add(user);
      work.push(user);
      if (declared.has(user)) lost(user as AnyItem, cause);
      else causes.set(user, cause);
    }
  }
}

/** For all that `items` mention, directly or through others, what mentions it. */
function usersOf(items: ReadonlySet<Node>): ReadonlyMap<Node, readonly Node[]> {
  const users = new Map<Node, Node[]>();
  // The set grows while it is walked over.
  const known = new Set(items);
  for (const item of items) if ("params" in item && "body" in item && item.body !== undefined) known.add(item.body);
  for (const node of known) {
    for (const used of mentionsOf(node)) {
      known.add(used);
      const list = users.get(used);
      if (list === undefined) users.set(used, [node]);
      else list.push(node);
    }
  }
  return users;
}

function mentionsOf(node: Node): Node[] {
  if ("blocks" in node) return bodyMentions(node);
  if ("adtKind" in node) return adtMentions(node);
  if ("bytes" in node) return node.relocations.flatMap(({ target }) => targetMentions(target));
  switch (node.kind) {
    case "trait":
      return traitMentions(node);
    case "impl": {
      const own = node.assocTypes.map((assoc) => assoc.ty);
      const trait = node.trait === undefined ? [] : refMentions(node.trait);
      return [node.selfTy, ...trait, ...predicateMentions(node.predicates), ...own, ...defined(node.constParams)];
    }
    case "fn":
    case "extern":
    case "intrinsic":
      return fnMentions(node);
    case "static":
      return [node.ty, ...defined([node.body])];
    case "const":
      return [node.ty, ...defined([node.body, node.parent]), ...defined(node.constParams)];
    default:
      return "upvars" in node ? [...node.upvars, ...defined([node.body])] : tyMentions(node);
  }
}

function defined<T>(list: readonly (T | undefined)[] | undefined): T[] {
  return (list ?? []).filter((x) => x !== undefined);
}

function adtMentions(def: AdtDef): Node[] {
  const fields = def.variants.flatMap((variant) => variant.fields.map((field) => field.ty));
  return [...fields, ...predicateMentions(def.predicates), ...defined(def.defaults), ...defined(def.constParams)];
}

function traitMentions(trait: TraitDef): Node[] {
  const assoc = trait.assocTypes.flatMap((a) => [...predicateMentions(a.predicates), ...defined([a.default])]);
  const consts = trait.assocConsts.map((item) => item.ty);
  const signatures = trait.fns.flatMap((item) => [...item.params, item.ret, ...predicateMentions(item.predicates)]);
  const defaults = [...defined(trait.defaults), ...defined(trait.constParams)];
  return [...predicateMentions(trait.predicates), ...assoc, ...consts, ...signatures, ...defaults];
}

function fnMentions(item: FnItem): Node[] {
  const body = item.parent?.kind === "trait" ? [] : defined([item.body]);
  const around = defined([item.parent, item.closure]);
  return [
    ...item.params,
    item.ret,
    ...predicateMentions(item.predicates),
    ...body,
    ...around,
    ...defined(item.constParams),
  ];
}

function refMentions(ref: TraitRef): Node[] {
  return [ref.trait, ...ref.args];
}

function predicateMentions(predicates: readonly Predicate[] | undefined): Node[] {
  return (predicates ?? []).flatMap((p) => [...refMentions(p.ref), ...(p.kind === "projection" ? [p.ty] : [])]);
}

function tyMentions(ty: Ty): Node[] {
  const parts: Node[] = [...partsOf(ty)];
  switch (ty.kind) {
    case "adt":
    case "closure":
      parts.push(ty.def);
      break;
    case "fndef":
    case "anonConst":
      parts.push(ty.item);
      break;
    case "alias":
      parts.push(ty.trait);
      break;
    case "dynamic": {
      const { principal, projections, autos } = ty.predicates;
      parts.push(...defined([principal?.trait]), ...projections.map((p) => p.trait), ...autos);
      break;
    }
    default:
  }
  return parts;
}

function bodyMentions(body: Body): Node[] {
  const found = new Set<Node>(body.locals.map((local) => local.ty));
  visitBody(body, {
    ty: (ty) => found.add(ty),
    constant: (value) => {
      for (const node of constMentions(value)) found.add(node);
    },
  });
  for (const { statements } of body.blocks) {
    for (const statement of statements) {
      if (statement.kind === "assign" && statement.rvalue.kind === "threadLocalRef") found.add(statement.rvalue.item);
    }
  }
  return [...found];
}

function constMentions(value: Const): Node[] {
  switch (value.kind) {
    case "fn":
      return [value.item, ...value.args];
    case "static":
      return [value.item, value.ty];
    case "alloc":
      return [value.alloc, value.ty];
    case "unevaluated":
      return [value.item, value.ty, ...value.args];
    default:
      return [value.ty];
  }
}

function targetMentions(target: AllocItem["relocations"][number]["target"]): Node[] {
  switch (target.kind) {
    case "alloc":
      return [target.alloc];
    case "static":
      return [target.item];
    case "fn":
      return [target.item, ...target.args];
    case "vtable":
      return [target.ty, target.dyn];
  }
}
