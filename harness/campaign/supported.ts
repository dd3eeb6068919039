/**
 * What of a batch our code generation can compile: the subjects that it feeds (its own backend, and LLVM) take that part and skip the other programs.
 */

import { codegenLacks, type Program } from "../../codegen/index.ts";
import type { Batch } from "../subjects/subject.ts";
import { makeBatch } from "./batch.ts";

export interface SupportedPart {
  /** The same programs and case numbers; the cases of skipped programs do nothing. */
  readonly batch: Batch;
  /** By position in the batch: why it is not compiled. */
  readonly skipped: ReadonlyMap<number, string>;
}

const parts = new WeakMap<Batch, SupportedPart>();
const reasons = new WeakMap<Program, string>();

/** The part of `batch` that can be compiled, the same each time: a batch is compiled in many ways. */
export function supportedPart(batch: Batch): SupportedPart {
  let part = parts.get(batch);
  if (part === undefined) {
    const skipped = new Map<number, string>();
    for (const [position, { program }] of batch.programs.entries()) {
      const reason = lackOf(program);
      if (reason !== "") skipped.set(position, reason);
    }
    part = { batch: skipped.size === 0 ? batch : makeBatch(batch.programs, new Set(skipped.keys())), skipped };
    parts.set(batch, part);
  }
  return part;
}

/** Empty when there is none: a program comes in several batches, as they are halved. */
function lackOf(program: Program): string {
  let reason = reasons.get(program);
  if (reason === undefined) {
    const lack = codegenLacks(program);
    reason = lack === undefined ? "" : `no code generation for ${lack}`;
    reasons.set(program, reason);
  }
  return reason;
}
