/**
 * Programs of a batch as parts of a crate of custom MIR.
 *
 * What the compiler knows about (`Sized`, `Drop`, the `Fn` family) is core's in a written crate. A program that was imported with a library of its own would
 * have both, so what is written of it is its monomorphic form, in which nothing is left of that library but what runs. Of other programs that form is
 * written when custom MIR lacks something that they have in generic code only.
 */

import {
  type CustomMirPart,
  Diagnostic,
  type FnItem,
  HOST_TARGET,
  monomorphicProgram,
  type Program,
  UnsupportedError,
} from "../../../codegen/index.ts";
import type { CheckedProgram } from "../subject.ts";

/** `checked` as a part whose runs have the numbers from `firstCase` on. */
export function customMirPart({ program, runs }: CheckedProgram, firstCase: number): CustomMirPart {
  const entries = runs.map((run) => run.entry);
  const form = (): MonomorphicForm => monomorphicForm(program, entries);
  if (!bringsLibrary(program)) {
    const otherForm = (): Pick<CustomMirPart, "program" | "entries"> | undefined => {
      const other = form();
      return "reason" in other ? undefined : other;
    };
    return { program, entries, firstCase, otherForm };
  }
  const own = form();
  return "reason" in own ? { program, entries, firstCase, unsupported: own.reason } : { ...own, firstCase };
}

function bringsLibrary({ traits = [] }: Program): boolean {
  return traits.some(({ lang, prelude }) => lang !== undefined && !prelude);
}

type MonomorphicForm = Pick<CustomMirPart, "program" | "entries"> | { readonly reason: string };

/** A program goes to several compilers, in several batches. */
const forms = new WeakMap<Program, { readonly entries: readonly FnItem[]; readonly form: MonomorphicForm }>();

function monomorphicForm(program: Program, entries: readonly FnItem[]): MonomorphicForm {
  const known = forms.get(program);
  if (
    known !== undefined &&
    known.entries.length === entries.length &&
    known.entries.every((entry, i) => entry === entries[i])
  )
    return known.form;
  const form = makeForm(program, entries);
  forms.set(program, { entries, form });
  return form;
}

function makeForm(program: Program, entries: readonly FnItem[]): MonomorphicForm {
  try {
    return monomorphicProgram(program, entries, HOST_TARGET.dataLayout);
  } catch (error) {
    if (error instanceof UnsupportedError) return { reason: error.message };
    if (error instanceof Diagnostic) return { reason: `it has no monomorphic form: ${error.message}` };
    throw error;
  }
}
