/**
 * Whether the head of an impl, as its source has it, fits a type or trait as a dump names it. Both have full names. Nothing is resolved here: what an alias or a projection
 * stands for is not known, so such a type fits any.
 */

import type { text } from "../../codegen/index.ts";

/** Whether `pattern` becomes `ty` for some value of the parameters `params`, looked at one by one. */
export function mayBeTy(pattern: text.Type, ty: text.Type, params: ReadonlySet<string>): boolean {
  if (pattern.kind === "paren") return mayBeTy(pattern.ty, ty, params);
  if (ty.kind === "paren") return mayBeTy(pattern, ty.ty, params);
  if (pattern.kind === "path") {
    const [first] = pattern.path.segments;
    if (first?.kind !== "name" || params.has(first.name)) return true;
    return ty.kind === "path" && mayBePath(pattern.path, ty.path, params);
  }
  switch (pattern.kind) {
    case "ref":
    case "ptr":
      return ty.kind === pattern.kind && ty.mutable === pattern.mutable && mayBeTy(pattern.pointee, ty.pointee, params);
    case "slice":
      return ty.kind === "slice" && mayBeTy(pattern.element, ty.element, params);
    case "array":
      return ty.kind === "array" && mayBeTy(pattern.element, ty.element, params);
    case "tuple":
      return ty.kind === "tuple" && every(pattern.fields, ty.fields, (a, b) => mayBeTy(a, b, params));
    case "never":
      return ty.kind === "never";
    case "dyn":
      return ty.kind === "dyn" && boundName(pattern.bounds[0]) === boundName(ty.bounds[0]);
    default:
      return ty.kind === pattern.kind;
  }
}

/** The same of two paths: of types, or of traits. */
export function mayBePath(pattern: text.Path, path: text.Path, params: ReadonlySet<string>): boolean {
  return every(pattern.segments, path.segments, (a, b) => {
    if (a.kind !== "name" || b.kind !== "name") return a.kind !== "name";
    return a.name === b.name && mayBeArgs(a.args, b.args, params);
  });
}

/** Arguments that are not written have values that are not known here. */
function mayBeArgs(
  pattern: text.GenericArgs | undefined,
  args: text.GenericArgs | undefined,
  params: ReadonlySet<string>,
): boolean {
  if (pattern?.kind !== "angle" || args?.kind !== "angle") return true;
  const patterns = positional(pattern.args);
  const given = positional(args.args);
  return patterns.every((arg, i) => {
    const other = given[i];
    return arg.kind !== "type" || other?.kind !== "type" || mayBeTy(arg.ty, other.ty, params);
  });
}

function positional(args: readonly text.GenericArg[]): text.GenericArg[] {
  return args.filter((arg) => arg.kind === "type" || arg.kind === "const");
}

function boundName(bound: text.Bound | undefined): string {
  if (bound?.kind !== "trait") return "";
  return bound.path.segments.map((segment) => (segment.kind === "name" ? segment.name : "")).join("::");
}

function every<T>(a: readonly T[], b: readonly T[], test: (a: T, b: T) => boolean): boolean {
  return a.length === b.length && a.every((x, i) => test(x, b[i]!));
}
