/** Positions in a body as text and spans, for messages. */

import type { Body, Place } from "../mir/syntax.ts";
import { DUMMY_SP, type Span } from "../session/diagnostic.ts";

/** `place` as MIR text, for messages. */
export function placeText(place: Place): string {
  let text = `_${place.local}`;
  for (const elem of place.projection) {
    switch (elem.kind) {
      case "deref":
        text = `(*${text})`;
        break;
      case "field":
        text = `(${text}.${elem.index}: ${elem.ty.text})`;
        break;
      case "index":
        text = `${text}[_${elem.local}]`;
        break;
      case "constantIndex":
        text = `${text}[${elem.fromEnd ? "-" : ""}${elem.offset} of ${elem.minLength}]`;
        break;
      case "downcast":
        text = `(${text} as ${elem.name})`;
    }
  }
  return text;
}

/** What the statement or terminator at a position writes or names. */
export function positionText(body: Body, block: number, statement: number): string {
  const data = body.blocks[block];
  const s = data?.statements[statement];
  if (s === undefined) return data?.terminator.kind === "call" ? `${placeText(data.terminator.destination)} = …` : "";
  if (s.kind === "assign") return `${placeText(s.place)} = …`;
  return s.kind === "setDiscriminant"
    ? placeText(s.place)
    : s.kind === "storageLive" || s.kind === "storageDead"
      ? `_${s.local}`
      : "";
}

/** The span of a position. */
export function positionSpan(body: Body, block: number, statement: number): Span {
  const data = body.blocks[block];
  return (data?.statements[statement] ?? data?.terminator)?.span ?? DUMMY_SP;
}
