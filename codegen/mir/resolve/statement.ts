/**
 * Statements of MIR text.
 */

import type { Span } from "../../session/diagnostic.ts";
import type { Local, Statement } from "../syntax.ts";
import type * as text from "../text/ast.ts";
import { TY_USIZE } from "../ty.ts";
import type { BodyCx } from "./body-cx.ts";
import { resolveRvalue } from "./rvalue.ts";
import { errorIn, unsupportedIn } from "./world.ts";

const RETAGS: ReadonlyMap<string, Extract<Statement, { kind: "retag" }>["retagKind"]> = new Map([
  ["", "default"],
  ["fn entry", "fnEntry"],
  ["2phase", "twoPhase"],
  ["raw", "raw"],
]);

/** The statement; nothing for those without meaning at run time. */
export function resolveStatement(cx: BodyCx, statement: text.Statement, span: Span): Statement | undefined {
  switch (statement.kind) {
    case "assign": {
      const { place, ty } = cx.typedPlace(statement.place);
      return { kind: "assign", place, rvalue: resolveRvalue(cx, statement.rvalue, ty), span };
    }
    case "storageLive":
    case "storageDead":
      if (statement.local >= cx.locals.length) {
        throw errorIn(cx.scope, `the local \`_${statement.local}\` is not declared`);
      }
      return { kind: statement.kind, local: statement.local as Local, span };
    case "setDiscriminant":
      return { kind: "setDiscriminant", place: cx.place(statement.place), variant: statement.variant, span };
    case "deinit":
      return { kind: "deinit", place: cx.place(statement.place), span };
    case "retag": {
      const retagKind = RETAGS.get(statement.retag);
      if (retagKind === undefined) throw unsupportedIn(cx.scope, `the retag \`${statement.retag}\``);
      return { kind: "retag", retagKind, place: cx.place(statement.place), span };
    }
    case "assume":
      return { kind: "assume", operand: cx.operand(statement.operand, undefined), span };
    case "copyNonOverlapping": {
      const [dst, src] = [cx.operand(statement.dst, undefined), cx.operand(statement.src, undefined)];
      return { kind: "copyNonOverlapping", dst, src, count: cx.operand(statement.count, TY_USIZE), span };
    }
    case "nop":
      return { kind: "nop", span };
    // What only the borrow checker, coverage and lints look at.
    case "fakeRead":
    case "placeMention":
    case "ascribeUserType":
    case "coverage":
    case "constEvalCounter":
    case "backwardIncompatibleDropHint":
      return undefined;
  }
}
