/**
 * Whether a program's panics are seen to unwind: it has cleanup blocks, or catches panics. The others end where they panic, which is the
 * same to an observer and needs no std.
 */

import type { Program } from "../program.ts";
import type { Body } from "../syntax.ts";
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
  return body.blocks.some(({ isCleanup, terminator }) => isCleanup || terminates(terminator) || catches(terminator));
}

/** An intrinsic has no address, so it is called by its name. */
function catches(terminator: Body["blocks"][number]["terminator"]): boolean {
  if (terminator.kind !== "call" || terminator.func.kind !== "const" || terminator.func.value.kind !== "fn")
    return false;
  const { item } = terminator.func.value;
  return item.kind === "intrinsic" && item.name.endsWith("catch_unwind");
}

/** A panic that gets here ends the program otherwise than one that is not stopped. */
function terminates(terminator: Body["blocks"][number]["terminator"]): boolean {
  return "unwind" in terminator && terminator.unwind.kind === "terminate";
}
