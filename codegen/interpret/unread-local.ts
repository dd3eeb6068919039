/** Which local it is that a statement could not read, for reports: instructions know registers only. */

import type { Body, Local } from "../mir/syntax.ts";
import { visitStatement, visitTerminator } from "../mir/visit.ts";
import { SLOT } from "./frame.ts";
import type { TypeInfo } from "./type-info.ts";

/** Where a local is in its frame, as `LocalPlan` says. */
interface Held {
  readonly info: TypeInfo;
  readonly kind: "reg" | "mem" | "zst";
  readonly slot: number;
  readonly offset: number;
}

/** A frame when a read in it has failed. */
export interface FailedFrame {
  readonly block: number;
  readonly statement: number;
  /** States of registers, and the frame's first one. */
  readonly states: Uint8Array;
  readonly fp: number;
  readonly mp: number;
  /** The byte that is not initialised; when undefined, it was a register or a local outside its storage. */
  readonly byte: number | undefined;
  readonly isDead: boolean;
}

/** The local that the statement or terminator failed to read, when only one can be meant. */
export function unreadLocal(body: Body, locals: readonly Held[], frame: FailedFrame): Local | undefined {
  const found = new Set<Local>();
  const consider = (local: Local): void => {
    const held = locals[local];
    if (held !== undefined && isUnreadable(held, frame)) found.add(local);
  };
  const visitor = {
    place: (
      place: { readonly local: Local; readonly projection: readonly { readonly kind: string }[] },
      use: string,
    ) => {
      const isWritten = use === "store" || use === "call" || use === "borrow" || use === "storage";
      if (frame.isDead || !isWritten || place.projection[0]?.kind === "deref") consider(place.local);
    },
    local: (local: Local, use: string) => {
      if (use === "index") consider(local);
    },
  };
  const data = body.blocks[frame.block];
  if (data === undefined) return undefined;
  const statement = data.statements[frame.statement];
  if (statement !== undefined) visitStatement(statement, visitor);
  else visitTerminator(data.terminator, visitor);
  if (data.terminator.kind === "return" && statement === undefined) consider(0 as Local);
  const [only] = found;
  return found.size === 1 ? only : undefined;
}

function isUnreadable({ info, kind, slot, offset }: Held, { states, fp, mp, byte, isDead }: FailedFrame): boolean {
  if (byte !== undefined) return kind === "mem" && byte >= mp + offset && byte < mp + offset + info.size;
  const wanted = isDead ? 2 : 0;
  if (kind !== "reg") return isDead && states[fp + slot] === wanted;
  return info.leaves.some((_, k) => states[fp + slot + k * SLOT] === wanted);
}
