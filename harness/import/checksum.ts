/** What an imported program observes, and what its Rust source says that it should be. */

import {
  entryPoints,
  HOST_TARGET,
  interpretEntry,
  LayoutCx,
  type Program,
  prepareProgram,
} from "../../codegen/index.ts";

/** Programs of the corpus take up to a few million steps. */
const FUEL = 100_000_000;

/** The value that the entry of `program` observes, as `0x…`; otherwise how its run ended. */
export function checksumOf(program: Program): string {
  const [entry] = entryPoints(program);
  if (entry === undefined) return "no entry";
  const prepared = prepareProgram(program, new LayoutCx(program.tcx, HOST_TARGET.dataLayout), {
    alignment: "address",
  });
  const { outcome, events } = interpretEntry(prepared, entry, { fuel: FUEL });
  if (outcome.kind === "ub")
    return `undefined behaviour: ${outcome.error.message}, in ${outcome.error.function}, bb${outcome.error.block}`;
  if (outcome.kind !== "return") return "what" in outcome ? `${outcome.kind}: ${outcome.what}` : outcome.kind;
  return hex(new DataView(events.buffer, events.byteOffset).getBigUint64(VALUE, true));
}

/** Where an event's record holds the low half of its value. */
const VALUE = 8;

/** The value behind `// expect:`. */
export function expectedChecksum(source: string): string {
  const found = /^\/\/ expect: (0x[0-9a-f_]+)/im.exec(source)?.[1];
  return found === undefined ? "nothing" : hex(BigInt(found.replaceAll("_", "")));
}

function hex(value: bigint): string {
  return `0x${value.toString(16).padStart(16, "0")}`;
}
