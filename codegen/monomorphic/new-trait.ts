/** Traits without parameters or items, to be filled. */

import type { TraitDef } from "../mir/items.ts";
import { DUMMY_SP } from "../session/diagnostic.ts";
import type { Mutable } from "./cx.ts";

export function newTrait(name: string): Mutable<TraitDef> {
  return {
    kind: "trait",
    name,
    generics: ["Self"],
    predicates: [],
    supertraits: [],
    fns: [],
    assocTypes: [],
    assocConsts: [],
    prelude: false,
    span: DUMMY_SP,
  };
}
