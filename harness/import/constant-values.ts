/** The values of expressions over constants, as lengths of arrays are written: types are resolved before constants are. */

import { exprValue, type rust } from "../../codegen/index.ts";
import { type Crate, findPath } from "./find-path.ts";

/** All targets that can be imported for have pointers of 64 bits. */
const POINTER_SIZE = /\b(?:\w+::)*size_of::<\*(?:const|mut) \(\)>\(\)/g;
const MAX_DEPTH = 20;

/** The value of `expr` in `module` of `crate`, when it is a number after all. */
export function constantValue(crate: Crate, expr: string, module = "", depth = 0): bigint | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const inner = expr.replaceAll(/\b((?:\w+::)*[A-Z]\w*)::([A-Z][A-Z0-9_]*)\b/g, (word, type: string, name: string) => {
    const found = inherentConst(crate, module, type, name);
    const value = found === undefined ? undefined : initialValue(found.crate, found.item, found.module, depth);
    return value === undefined ? word : `(${value})`;
  });
  const known = inner.replaceAll(/\b(?:self::|crate::)?([A-Z][A-Z0-9_]*)\b(?!::)/g, (word, name: string) => {
    const found = findPath(crate, module, [name], "values")?.found;
    const item = found?.crate.tree.values.get(found.path);
    if (found === undefined || item?.kind !== "const") return word;
    const value = initialValue(found.crate, item, item.module, depth);
    return value === undefined ? word : `(${value})`;
  });
  return exprValue(known.replaceAll(POINTER_SIZE, "8"));
}

function initialValue(crate: Crate, item: rust.GlobalItem, module: string, depth: number): bigint | undefined {
  const text = item.source.slice(item.nameAt, item.end);
  return constantValue(crate, text.slice(text.indexOf("=") + 1).replace(/;\s*$/, ""), module, depth + 1);
}

/** The constant `name` of an inherent impl of `type`, which stands in the type's module. */
function inherentConst(
  crate: Crate,
  module: string,
  type: string,
  name: string,
): { readonly crate: Crate; readonly item: rust.GlobalItem; readonly module: string } | undefined {
  const found = findPath(crate, module, type.split("::"), "types")?.found;
  const def = found?.crate.tree.types.get(found.path);
  if (found === undefined || def === undefined) return undefined;
  for (const { item, module: place } of found.crate.tree.impls.get(def.module) ?? []) {
    if (item.trait !== undefined || item.self.kind !== "path") continue;
    const last = item.self.path.segments.at(-1);
    if (last?.kind !== "name" || last.name !== found.path.slice(found.path.lastIndexOf(":") + 1)) continue;
    const member = item.items.find((each) => each.kind === "const" && each.name === name);
    if (member?.kind === "const") return { crate: found.crate, item: member, module: place };
  }
  return undefined;
}
