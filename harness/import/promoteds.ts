/** Promoteds and constants without names, which become constants of the program. */

import {
  type ConstItem,
  Diagnostic,
  type FnItem,
  pathText,
  type Scope,
  type StaticItem,
  type Ty,
  type text,
} from "../../codegen/index.ts";
import { NO_OPAQUE, namesText, type Origin, withoutPrefix } from "./crates.ts";
import type { LinkCx } from "./link-cx.ts";
import { constOwner, globalOwner, ownerOf } from "./owners.ts";
import { plainPath } from "./text-paths.ts";

/** What stands inside of a function without a name. */
const INSIDE = /^\{(?:closure|constant)#/;

export class Promoteds {
  private readonly cx: LinkCx;
  private readonly items = new Map<string, ConstItem>();

  constructor(cx: LinkCx) {
    this.cx = cx;
  }

  /** The path of a promoted as a constant of its own. */
  path(scope: Scope, path: text.Path): text.Path {
    const { cx } = this;
    const closure = path.segments.findIndex((segment) => segment.kind === "name" && INSIDE.test(segment.name));
    const end = closure < 0 ? path.segments.length : closure;
    const outer: text.Path = { segments: path.segments.slice(0, end), promoted: -1, text: "" };
    const inside = [namesText(path.segments.slice(end)), path.promoted < 0 ? "" : `promoted[${path.promoted}]`];
    const suffix = inside.filter((part) => part !== "").join("::");
    const discriminant = this.discriminant(scope, namesText(outer.segments), suffix);
    if (discriminant !== undefined) return plainPath([discriminant.name]);
    const owner = globalOwner(cx, outer) ?? constOwner(cx, scope, outer, suffix) ?? ownerOf(cx, scope, outer, suffix);
    const origin = cx.origins.get(owner.item);
    if (origin === undefined) throw new Diagnostic(`a promoted of \`${pathText(path)}\``, { file: scope.source.file });
    const item = this.item(owner.item, { ...origin, key: `${origin.key}::${suffix}` });
    const { tcx } = cx.world;
    const args =
      owner.args.length === item.generics.length ? owner.args : item.generics.map((name, i) => tcx.param(i, name));
    const list = args.map((ty): text.GenericArg => ({ kind: "type", ty: tyNode(scope, ty) }));
    return plainPath([item.name], list.length === 0 ? undefined : { kind: "angle", turbofish: true, args: list });
  }

  /** The constant of the variant `name`, which is written as its discriminant. */
  private discriminant(scope: Scope, name: string, suffix: string): ConstItem | undefined {
    const { libraries, crate: own, world } = this.cx;
    const crate = libraries.withItem(name)?.crate ?? own;
    const def = world.adts.get(name.slice(0, name.lastIndexOf("::")));
    const key = `${withoutPrefix(crate, name)}::${suffix}`;
    if (def?.adtKind !== "enum" || !crate.dump.has(key)) return undefined;
    const { span } = [...this.cx.origins.keys()][0]!;
    return this.item({ kind: "static", span }, { crate, key, scope, opaque: NO_OPAQUE });
  }

  private item(
    owner: Pick<FnItem | ConstItem, "kind" | "span" | "generics" | "constParams"> | Pick<StaticItem, "kind" | "span">,
    origin: Origin,
  ): ConstItem {
    const { cx } = this;
    const id = origin.crate.prefix + origin.key;
    let item = this.items.get(id);
    if (item !== undefined) return item;
    item = {
      kind: "const",
      name: `PROMOTED_${this.items.size}`,
      generics: owner.kind === "static" ? [] : owner.generics,
      ...(owner.kind === "static" || owner.constParams === undefined ? {} : { constParams: owner.constParams }),
      ty: cx.world.tcx.tuple([]),
      body: undefined,
      span: owner.span,
    };
    this.items.set(id, item);
    cx.world.consts.add(item.name, item);
    cx.items.consts.push(item);
    cx.origins.set(item, origin);
    cx.readValue(item);
    return item;
  }
}

/** A node that means `ty`. */
function tyNode(scope: Scope, ty: Ty): text.Type {
  const node: text.Type = { kind: "path", path: plainPath([ty.text]), text: ty.text };
  scope.tys.set(node, ty);
  return node;
}
