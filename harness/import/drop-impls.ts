/** No type may come into a program without its destructor: glue that does not know of one runs none, and the program would mean something else. */

import { type AdtDef, Diagnostic, type Program } from "../../codegen/index.ts";
import { type LinkedCrate, placeOf } from "./crates.ts";
import { Renamer } from "./rename.ts";
import { headOf } from "./text-paths.ts";

/** The full names of the types of `crate` that implement `Drop`. */
export function droppedTypes(crate: LinkedCrate): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { item, module } of [...crate.tree.impls.values()].flat()) {
    if (item.trait === undefined || item.negative) continue;
    const place = placeOf(crate, module, item.generics);
    const { self, trait } = new Renamer(place).tree({ self: item.self, trait: item.trait });
    if (/(?:^|::)ops::drop::Drop$/.test(headOf({ kind: "path", path: trait, text: "" }))) found.add(headOf(self));
  }
  return found;
}

/**
 * Checks that each type of `program` that is among `dropped` has its impl.
 *
 * @throws Diagnostic for one that has not, with `why` it was not declared.
 */
export function checkDropImpls(
  program: Program,
  dropped: ReadonlySet<string>,
  why: ReadonlyMap<string, Diagnostic>,
): void {
  const having = new Set<AdtDef>();
  for (const { trait, selfTy } of program.impls ?? [])
    if (trait?.trait.lang === "drop" && selfTy.kind === "adt") having.add(selfTy.def);
  for (const def of program.adts ?? []) {
    if (!dropped.has(def.name) || having.has(def)) continue;
    const reasons = [...why]
      .filter(([, { message }]) => message.includes(def.name))
      .map(([name, e]) => `${name}: ${e.message}`);
    throw new Diagnostic(`the \`Drop\` of \`${def.name}\` was not imported`, {
      file: program.file ?? "import",
      ...(reasons.length === 0 ? {} : { help: reasons.join("\n") }),
    });
  }
}
