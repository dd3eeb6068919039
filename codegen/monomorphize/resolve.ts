/**
 * What a mention of a function item stands for: an instance that has code, a shim, or something that code generation expands in place.
 *
 * As rustc_ty_utils/src/instance.rs (`Instance::resolve`). `observe::<T>` resolves to the glue of `T`, as dropping resolves to drop glue.
 */

import { bug } from "../entity/entity.ts";
import { INTRINSICS } from "../mir/prelude.ts";
import type { FnItem } from "../mir/syntax.ts";
import type { Ty, TyCtxt } from "../mir/ty.ts";
import { observeGlue } from "../transform/observe-glue.ts";
import type { Instance } from "./mono-item.ts";
import { instanceOf } from "./symbol-names.ts";

/** The instance that a function pointer to `item::<args>` points to. */
export function resolveFn(item: FnItem, args: readonly Ty[]): Instance {
  if (item.kind === "intrinsic") throw bug(`the address of the intrinsic ${item.name}`);
  return instanceOf(item, args);
}

/** The instance that a call of (or mention of) `item::<args>` needs code for; undefined when it needs none of its own. */
export function resolveUse(tcx: TyCtxt, item: FnItem, args: readonly Ty[]): Instance | undefined {
  if (item === INTRINSICS.observe) {
    const ty = args[0];
    if (ty === undefined) throw bug("observe without a type argument");
    return observeGlue(tcx, ty)?.instance;
  }
  return item.kind === "fn" && item.body !== undefined ? instanceOf(item, args) : undefined;
}
