/** Paths and types of syntax trees: making plain ones, and what they are found by. */

import { pathText, type text, typeText } from "../../codegen/index.ts";

/** `a::b::c`, with arguments behind the last name. */
export function plainPath(names: readonly string[], args?: text.GenericArgs): text.Path {
  const segments = names.map(
    (name, i): text.PathSegment => ({ kind: "name", name, args: i === names.length - 1 ? args : undefined }),
  );
  return { segments, promoted: -1, text: "" };
}

/** The name of an opaque parameter: what is bound to what is all that a dump says. */
export function opaqueKey(ty: text.Type): string {
  return `Impl_${typeText(ty).slice("impl ".length).replaceAll(/\W+/g, "_")}`;
}

/** What inherent impls are found by: the kind of type, or its full name. */
export function headOf(ty: text.Type): string {
  switch (ty.kind) {
    case "path":
      return ty.path.segments.map((segment) => (segment.kind === "name" ? segment.name : pathText(ty.path))).join("::");
    case "ptr":
      return ty.mutable ? "*mut" : "*const";
    case "slice":
      return "[]";
    case "array":
      return "[;]";
    case "paren":
      return headOf(ty.ty);
    case "dyn": {
      const [bound] = ty.bounds;
      return bound?.kind === "trait"
        ? `dyn ${bound.path.segments.map((s) => (s.kind === "name" ? s.name : "")).join("::")}`
        : "dyn";
    }
    default:
      return ty.kind;
  }
}

/** Items of a constant without a name are known by the function around it. */
export function outsideOfConstants(path: text.Path): text.Path {
  const last = path.segments.length - 1;
  const inside = (segment: text.PathSegment, i: number): boolean =>
    i < last && segment.kind === "name" && segment.name.startsWith("{constant#") && isItemName(path.segments[i + 1]!);
  if (!path.segments.some(inside)) return path;
  return { ...path, segments: path.segments.filter((segment, i) => !inside(segment, i)) };
}

function isItemName(segment: text.PathSegment): boolean {
  return segment.kind === "name" && !segment.name.startsWith("{");
}

/** A promoted, or a constant without a name. */
export function isUnnamed(path: text.Path): boolean {
  const last = path.segments.at(-1);
  return path.promoted >= 0 || (last?.kind === "name" && last.name.startsWith("{constant#"));
}

/** The arguments of a bound that are arguments of its trait: what it says of associated types is none. */
export function withoutBindings(args: text.GenericArgs | undefined): text.GenericArgs | undefined {
  if (args?.kind === "paren")
    return {
      kind: "angle",
      turbofish: false,
      args: [{ kind: "type", ty: { kind: "tuple", fields: args.inputs, text: "" } }],
    };
  if (args === undefined) return undefined;
  const kept = args.args.filter((arg) => arg.kind !== "binding" && arg.kind !== "bound");
  return kept.length === 0 ? undefined : { ...args, args: kept };
}
