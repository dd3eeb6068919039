/** The values of expressions over constants, as lengths of arrays are written: types are resolved before constants are. */

import { exprValue } from "../../codegen/index.ts";
import { type Crate, findPath } from "./find-path.ts";

/** All targets that can be imported for have pointers of 64 bits. */
const POINTER_SIZE = /\b(?:\w+::)*size_of::<\*(?:const|mut) \(\)>\(\)/g;
const MAX_DEPTH = 20;

/** The value of `expr` in `module` of `crate`, when it is a number after all. */
export function constantValue(crate: Crate, expr: string, module = "", depth = 0): bigint | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const known = expr.replaceAll(/\b(?:self::|crate::)?([A-Z][A-Z0-9_]*)\b(?!::)/g, (word, name: string) => {
    const found = findPath(crate, module, [name], "values")?.found;
    const item = found?.crate.tree.values.get(found.path);
    if (found === undefined || item?.kind !== "const") return word;
    const text = item.source.slice(item.nameAt, item.end);
    const init = text.slice(text.indexOf("=") + 1).replace(/;\s*$/, "");
    const value = constantValue(found.crate, init, item.module, depth + 1);
    return value === undefined ? word : `(${value})`;
  });
  return exprValue(known.replaceAll(POINTER_SIZE, "8"));
}
