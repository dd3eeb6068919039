/**
 * The names and the generic arguments that a path is made of.
 */

import type * as text from "../text/ast.ts";
import { pathText } from "../text/print-type.ts";

/** The names of a path, without arguments. */
export function pathName(path: text.Path): string {
  const { segments } = path;
  if (segments.length === 1 && segments[0]!.kind === "name") return segments[0].name;
  return segments.map((segment) => (segment.kind === "name" ? segment.name : pathText(path))).join("::");
}

/** The generic arguments behind the segments of a path up to `end`, in order. */
export function argsOf(path: text.Path, from = 0, end: number = path.segments.length): readonly text.GenericArg[] {
  let found: readonly text.GenericArg[] = [];
  for (let i = from; i < end; i++) {
    const { args } = path.segments[i]!;
    if (args?.kind === "angle" && args.args.length > 0)
      found = found.length === 0 ? args.args : [...found, ...args.args];
  }
  return found;
}

/** The names of all but the last segment of `path`. */
export function prefixName(path: text.Path): string {
  return path.segments
    .slice(0, -1)
    .map((segment) => (segment.kind === "name" ? segment.name : ""))
    .join("::");
}
