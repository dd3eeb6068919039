/** Undefined behaviour as text: what, where, and the history of the memory that it is about. */

import { bytesText, type UbError, type UbFrame } from "./ub.ts";

/** The lines of a report, without the word that introduces it; the first is `KIND: MESSAGE`. */
export function renderUb(error: UbError): string[] {
  const { kind, message, place, allocation, notes, backtrace, thread } = error;
  const lines = [`${kind}: ${message}`, `at ${frameText(error)}${place === "" ? "" : `: ${place}`}`];
  if (allocation !== undefined) {
    const { kind: of, owner, size, align, offset, allocatedAt, freedAt } = allocation;
    const isMemory = of !== "function" && of !== "vtable";
    const what = isMemory ? `${of} allocation of ${bytesText(size)} aligned to ${align}` : of;
    lines.push(`${what}${owner === undefined ? "" : ` (${owner})`}, at offset ${offset}`);
    if (allocatedAt !== undefined) lines.push(`allocated at ${frameText(allocatedAt)}`);
    if (freedAt !== undefined) lines.push(`freed at ${frameText(freedAt)}`);
  }
  for (const { what, at } of notes) lines.push(`${what}${at === undefined ? "" : `: ${frameText(at)}`}`);
  for (const frame of backtrace.slice(1)) lines.push(`called from ${frameText(frame)}`);
  if (thread !== 0) lines.push(`in thread ${thread}`);
  return lines;
}

/** `f, bb2[1]`: the statement's index behind the block; the terminator's is the number of statements. */
export function frameText({ function: name, block, statement }: UbFrame): string {
  return `${name}, bb${block}[${statement}]`;
}
