/**
 * Unsizing for a rustc whose custom MIR has no cast for it: a function of plain Rust, where it is a coercion. Inlined, it leaves the cast alone.
 */

import { hasParam } from "../fold.ts";
import type { Ty } from "../ty.ts";
import type { ModuleCx } from "./module-cx.ts";
import { mentionsFnDef } from "./rust-names.ts";
import { UnsupportedError } from "./support.ts";

/** The name of `fn(from) -> to`, one for each pair of types. */
export function unsizingFn(cx: ModuleCx, from: Ty, to: Ty): string {
  // Interned, so that it stands for the two types.
  const key = cx.tcx.fnPtr([from], to);
  let helper = cx.helpers.get(key);
  if (helper === undefined) {
    if (hasParam(from) || hasParam(to) || mentionsFnDef(from))
      throw new UnsupportedError("this rustc does not take: castUnsize of a type that has no name");
    const name = cx.names.fresh("unsize");
    const text = `#[inline(always)] pub fn ${name}(x: ${cx.names.ty(from)}) -> ${cx.names.ty(to)} { x }\n`;
    helper = { name, text };
    cx.helpers.set(key, helper);
  }
  return helper.name;
}
