/** Shims that make a value: constructors as functions, the address of a function pointer, of a thread-local static. */

import * as mir from "../../mir/builder.ts";
import type { StaticItem } from "../../mir/items.ts";
import { TY_UNIT, type Ty, type TyOf } from "../../mir/ty.ts";
import { normalizedFieldTys } from "../../traits/struct-tail.ts";
import type { TraitCx } from "../../traits/trait-cx.ts";
import type { Shim } from "./call-shims.ts";
import { ShimBody } from "./shim-body.ts";

/** The constructor of a tuple struct or of a tuple variant. As `build_adt_ctor` of rustc_mir_transform/src/shim.rs. */
export function ctorShim(cx: TraitCx, ty: TyOf<"adt">, variant: number): Shim {
  const params = normalizedFieldTys(cx, ty, variant);
  const shim = new ShimBody(params, ty);
  const value = mir.adtOf(
    ty,
    variant,
    params.map((_, i) => mir.move(i + 1)),
  );
  const done = shim.addReturn();
  return { params, ret: ty, body: shim.finish([mir.assign(0, value)], mir.goto(done)) };
}

/** `<ty as FnPtr>::addr`. */
export function fnPtrAddrShim(cx: TraitCx, ty: Ty): Shim {
  const ret = cx.tcx.ptr("not", TY_UNIT);
  const shim = new ShimBody([ty], ret);
  const done = shim.addReturn();
  const address = mir.assign(0, mir.cast("FnPtrToPtr", mir.move(1), ret));
  return { params: [ty], ret, body: shim.finish([address], mir.goto(done)) };
}

/** The address of this thread's copy of a static: `*mut T` when it is mutable, else `&T`. */
export function threadLocalShim(cx: TraitCx, item: StaticItem): Shim {
  const ret = item.mutability === "mut" ? cx.tcx.ptr("mut", item.ty) : cx.tcx.ref("not", item.ty);
  const shim = new ShimBody([], ret);
  const done = shim.addReturn();
  const address = mir.assign(0, { kind: "threadLocalRef", item, ty: ret });
  return { params: [], ret, body: shim.finish([address], mir.goto(done)) };
}
