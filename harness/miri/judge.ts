/** The interpreter's answer about a mutant, and what it and Miri's make together. */

import {
  type FnItem,
  HOST_TARGET,
  interpretEntry,
  LayoutCx,
  type Program,
  prepareProgram,
  type UbKind,
} from "../../codegen/index.ts";
import { eventHash } from "./event-hash.ts";
import { kindsOf } from "./kinds.ts";
import type { MiriAnswer, MiriModel } from "./miri.ts";

/** What the interpreter says of one run, in Miri's terms. */
export type OurAnswer =
  /** `open`: what it observed depends on what Rust leaves open, so that only the end can be compared. */
  | { readonly kind: "done"; readonly hash: bigint; readonly open: boolean }
  | { readonly kind: "ub"; readonly ub: UbKind; readonly message: string; readonly place: string }
  | { readonly kind: "abort"; readonly message: string }
  /** No answer: not supported, or no end. */
  | { readonly kind: "none"; readonly message: string };

/** Steps that a run may take; generated programs need less than half. */
const FUEL = 200_000;

/** Runs `entry` with Miri's meaning of moves. */
export function ourAnswer(program: Program, entry: FnItem, model: MiriModel, seed = 0): OurAnswer {
  const layout = new LayoutCx(program.tcx, HOST_TARGET.dataLayout);
  const prepared = prepareProgram(program, layout, { aliasing: model, moves: "copy" });
  const run = interpretEntry(prepared, entry, { fuel: FUEL, seed, weakFailureRate: 0 });
  const { outcome } = run;
  switch (outcome.kind) {
    case "return":
    case "panic": {
      const open = run.nanBitsObserved || run.addressObserved || run.openFloatObserved;
      return { kind: "done", hash: eventHash(run.events), open };
    }
    case "ub": {
      const { kind, message, place } = outcome.error;
      return { kind: "ub", ub: kind, message, place };
    }
    case "abort":
      return { kind: "abort", message: outcome.message };
    case "unsupported":
    case "resourceExhaustion":
      return { kind: "none", message: outcome.what };
    default:
      return { kind: "none", message: outcome.kind };
  }
}

export type Verdict =
  /** Both say the same. */
  | "agree"
  /** Both see undefined behaviour, of different kinds. */
  | "kind"
  /** One sees undefined behaviour that the other does not. */
  | "missed"
  | "invented"
  /** Both reach the end, and observed different things. */
  | "events"
  /** One of them ends the process, and the other does not. */
  | "end"
  /** One of them has no answer. */
  | "skipped";

/** `missed` and `invented` are of the interpreter, with Miri's answer taken to be right. */
export function compareAnswers(ours: OurAnswer, miri: MiriAnswer): Verdict {
  if (ours.kind === "none" || miri.kind === "none" || miri.kind === "rejected") return "skipped";
  if (miri.kind === "ub") {
    if (ours.kind !== "ub") return "missed";
    return kindsOf(miri.message).includes(ours.ub) ? "agree" : "kind";
  }
  if (ours.kind === "ub") return "invented";
  if (ours.kind !== miri.kind) return "end";
  if (ours.kind === "done" && miri.kind === "done" && !ours.open && ours.hash !== miri.hash) return "events";
  return "agree";
}

/** The row or column of an answer in the table. */
export function classOf(answer: OurAnswer | MiriAnswer): string {
  if (answer.kind !== "ub") return answer.kind === "none" || answer.kind === "rejected" ? "no answer" : answer.kind;
  if ("ub" in answer) return answer.ub;
  return kindsOf(answer.message)[0] ?? "unknown";
}
