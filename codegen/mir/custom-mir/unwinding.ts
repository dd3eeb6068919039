/**
 * Whether a program's panics are seen to unwind: it has cleanup blocks, or catches panics. The others end where they panic, which is the
 * same to an observer and needs no std.
 */

import type { Program } from "../program.ts";
import type { Body } from "../syntax.ts";
import { visitBody } from "../visit.ts";
import { need, type RustcSupport, UnsupportedError } from "./support.ts";

/** @throws UnsupportedError when it unwinds and the crate cannot. */
export function unwindingOf(program: Program, support: RustcSupport | undefined, possible: boolean): boolean {
  const unwinds = program.functions.some(({ body }) => body !== undefined && bodyUnwinds(body));
  if (!unwinds) return false;
  need(support, "cleanup");
  if (!possible)
    throw new UnsupportedError("cleanup blocks and catch_unwind need unwinding, and programs abort on panic");
  return true;
}

function bodyUnwinds(body: Body): boolean {
  if (body.blocks.some((block) => block.isCleanup || terminates(block.terminator))) return true;
  let catches = false;
  visitBody(body, {
    constant: (value) => {
      if (value.kind === "fn" && value.item.kind === "intrinsic" && value.item.name.endsWith("catch_unwind"))
        catches = true;
    },
  });
  return catches;
}

/** A panic that gets here ends the program otherwise than one that is not stopped. */
function terminates(terminator: Body["blocks"][number]["terminator"]): boolean {
  return "unwind" in terminator && terminator.unwind.kind === "terminate";
}
