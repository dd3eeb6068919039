/** Boxes of the global allocator, which alone are unique and passed as pointers: with another one, `Box<T, A>` is a struct like others. */

import type { Ty } from "../mir/ty.ts";

/** What is in the box, if `ty` is one of the global allocator. */
export function globalBoxContent(ty: Ty): Ty | undefined {
  if (ty.kind !== "adt" || ty.def.lang !== "owned_box") return undefined;
  const [content, allocator] = ty.args;
  const isGlobal =
    allocator === undefined || (allocator.kind === "adt" && allocator.def.name.endsWith("alloc::Global"));
  return isGlobal ? content : undefined;
}
