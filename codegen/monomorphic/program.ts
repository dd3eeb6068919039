/**
 * A program made monomorphic: what some entry points need of it, without generic parameters, and with no traits but those that `dyn` types stand on.
 *
 * Every instance that is used becomes a function, every type a definition of its own with the same layout (`types.ts`). Nothing is left of a library that
 * the program brings, `core` itself among them, but the functions and types that run. So a program that was imported with its own `Sized`, `Drop` and
 * `Iterator` can be given to a compiler that has these, too.
 */

import { bug } from "../entity/entity.ts";
import { constEvaluator } from "../interpret/const-eval.ts";
import type { TargetDataLayout } from "../layout/types.ts";
import type { Program } from "../mir/program.ts";
import type { FnItem } from "../mir/syntax.ts";
import { newLayoutCx } from "../monomorphize/layouts.ts";
import { monoCxOf } from "../monomorphize/mono-cx.ts";
import { instanceOf } from "../monomorphize/symbol-names.ts";
import { monoBody } from "./bodies.ts";
import { MonomorphicCx, type Work } from "./cx.ts";
import { monoFn } from "./functions.ts";
import { DROP, fillObjectTrait, implementDrop, implementObject } from "./objects.ts";
import { implementTailDrop } from "./tail-drop.ts";
import { META_SIZED } from "./types.ts";

export interface MonomorphicProgram {
  readonly program: Program;
  /** The entry points, in the order in which they were given. */
  readonly entries: readonly FnItem[];
}

/**
 * `program` made monomorphic, with what `entries` need.
 *
 * @throws UnsupportedError for a construct that has no monomorphic form.
 * @throws Diagnostic when something does not resolve.
 */
export function monomorphicProgram(
  program: Program,
  entries: readonly FnItem[],
  dataLayout: TargetDataLayout,
): MonomorphicProgram {
  const mono = monoCxOf(program);
  mono.traits.constEvaluator ??= constEvaluator(program, dataLayout);
  const cx = new MonomorphicCx(mono, newLayoutCx(program, dataLayout));
  const own = entries.map((item) => monoFn(cx, instanceOf(item)));
  for (let next = cx.work.pop(); next !== undefined; next = cx.work.pop()) perform(cx, next);
  const { tcx, functions, adts, statics, consts, traits, impls } = cx;
  return {
    program: {
      tcx,
      functions,
      adts,
      statics,
      consts,
      traits: [DROP, META_SIZED, ...traits],
      impls,
      file: program.file,
    },
    entries: own,
  };
}

function perform(cx: MonomorphicCx, work: Work): void {
  switch (work.kind) {
    case "body":
      work.item.body = monoBody(cx, work.body);
      return;
    case "drop":
      implementDrop(cx, work.ty, work.own);
      return;
    case "tailDrop":
      implementTailDrop(cx, work.ty, work.own);
      return;
    case "objectTrait":
      fillObjectTrait(cx, work.object);
      return;
    case "vtable":
      implementObject(cx, work.ty, work.dyn);
      return;
    default:
      throw bug("no such work");
  }
}
