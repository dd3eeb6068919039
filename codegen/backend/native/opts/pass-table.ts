/**
 * The pass table: every optimisation pass as data, the pipelines by opt-level, and the constraints between passes.
 *
 * The model is Go's cmd/compile/internal/ssa/compile.go: order is a list, constraints have reasons and are checked when the table is loaded, and
 * what every pass gets for free (verification, dumps, times, off-switch, bisection) comes from the driver (`optimize.ts`), not from the pass.
 */

import { bug } from "../../../entity/entity.ts";
import { OPT_LEVELS, type OptLevel } from "../../../session/session.ts";
import { constProp } from "./const-prop.ts";
import type { FunctionPass, ModulePass } from "./context.ts";
import { dce } from "./dce.ts";
import { deadStore } from "./dead-store.ts";
import { dropAvailableExternally, globalDce } from "./global-dce.ts";
import { gvn } from "./gvn.ts";
import { inline } from "./inline.ts";
import { licm } from "./licm.ts";
import { mem2reg } from "./mem2reg.ts";
import { mergeFunctions } from "./merge-functions.ts";
import { simplify } from "./simplify.ts";
import { simplifyCfg } from "./simplify-cfg.ts";
import { sroa } from "./sroa.ts";

interface RowBase {
  /** The name of options and dumps. A pass that runs several times has one row each, told apart by a suffix: `simplify#2`. */
  readonly name: string;
  /** The opt-levels at which it runs. */
  readonly levels: readonly OptLevel[];
  /** Runs though it is disabled, and whatever the bisection limit says. */
  readonly required: boolean;
  /** Counts as an execution for `-Z opt-bisect-limit`. */
  readonly bisectable: boolean;
}

export type PassRow =
  | (RowBase & { readonly kind: "function"; readonly run: FunctionPass })
  | (RowBase & { readonly kind: "module"; readonly run: ModulePass });

/** `first` comes before `second` wherever both run; rows are named without their suffix, and all runs count. */
export interface PassConstraint {
  readonly first: string;
  readonly second: string;
  readonly reason: string;
}

export interface PassTable {
  readonly rows: readonly PassRow[];
  readonly constraints: readonly PassConstraint[];
}

const ALL: readonly OptLevel[] = OPT_LEVELS;
const OPTIMISED: readonly OptLevel[] = ["1", "2", "3", "s", "z"];
const FULL: readonly OptLevel[] = ["2", "3", "s", "z"];
const SPEED: readonly OptLevel[] = ["2", "3"];
const SIZE_AWARE: readonly OptLevel[] = ["2", "3", "s", "z"];

function functionRow(name: string, levels: readonly OptLevel[], run: FunctionPass): PassRow {
  return { name, kind: "function", levels, run, required: false, bisectable: true };
}

function moduleRow(name: string, levels: readonly OptLevel[], run: ModulePass): PassRow {
  return { name, kind: "module", levels, run, required: false, bisectable: true };
}

export const DEFAULT_PASSES: PassTable = checkPassTable({
  rows: [
    // Clean each function, so that inlining sees its true size.
    functionRow("simplify-cfg#early", OPTIMISED, simplifyCfg),
    functionRow("sroa#early", OPTIMISED, sroa),
    functionRow("mem2reg#early", OPTIMISED, mem2reg),
    functionRow("simplify#early", OPTIMISED, simplify),
    functionRow("simplify-cfg#clean", OPTIMISED, simplifyCfg),
    functionRow("dce#early", OPTIMISED, dce),
    moduleRow("inline", OPTIMISED, inline),
    moduleRow("global-dce#inlined", OPTIMISED, globalDce),
    // Optimise what inlining brought together.
    functionRow("simplify-cfg#inlined", OPTIMISED, simplifyCfg),
    functionRow("sroa", OPTIMISED, sroa),
    functionRow("mem2reg", OPTIMISED, mem2reg),
    functionRow("const-prop", OPTIMISED, constProp),
    functionRow("simplify", OPTIMISED, simplify),
    functionRow("simplify-cfg", OPTIMISED, simplifyCfg),
    functionRow("gvn", OPTIMISED, gvn),
    functionRow("dead-store", FULL, deadStore),
    functionRow("licm", SPEED, licm),
    functionRow("simplify#late", FULL, simplify),
    functionRow("gvn#late", SPEED, gvn),
    functionRow("simplify-cfg#late", OPTIMISED, simplifyCfg),
    functionRow("dce", OPTIMISED, dce),
    moduleRow("merge-functions", SIZE_AWARE, mergeFunctions),
    moduleRow("global-dce", OPTIMISED, globalDce),
    {
      name: "drop-available-externally",
      kind: "module",
      levels: ALL,
      run: dropAvailableExternally,
      required: true,
      bisectable: false,
    },
  ],
  constraints: [
    { first: "sroa#early", second: "mem2reg#early", reason: "mem2reg promotes whole slots, which sroa makes" },
    { first: "sroa", second: "mem2reg", reason: "mem2reg promotes whole slots, which sroa makes" },
    { first: "mem2reg#early", second: "inline", reason: "sizes count loads and stores that promotion removes" },
    { first: "inline", second: "sroa", reason: "slots passed by reference are split once the callee is inlined" },
    { first: "gvn", second: "dead-store", reason: "a store is dead once the loads that it reached are forwarded" },
    { first: "simplify-cfg", second: "licm", reason: "loops have one preheader once empty blocks are gone" },
    { first: "licm", second: "dce", reason: "hoisting leaves constants unused in the loop" },
    { first: "inline", second: "merge-functions", reason: "thunks are not worth inlining back" },
    { first: "merge-functions", second: "global-dce", reason: "merged functions may be the last to name others" },
    {
      first: "inline",
      second: "drop-available-externally",
      reason: "these bodies exist only to be inlined",
    },
  ],
});

/** Checks names and constraints; gives the table back. Throws when one is broken. */
export function checkPassTable(table: PassTable): PassTable {
  const position = new Map<string, number>();
  table.rows.forEach((row, i) => {
    if (position.has(row.name)) throw bug(`the pass ${row.name} is in the table twice`);
    position.set(row.name, i);
  });
  for (const { first, second, reason } of table.constraints) {
    const a = position.get(first);
    const b = position.get(second);
    if (a === undefined || b === undefined) continue;
    if (a > b) throw bug(`the pass ${first} must come before ${second}: ${reason}`);
  }
  return table;
}

/** The name without the suffix that tells several runs apart. */
export function baseName(pass: string): string {
  const hash = pass.indexOf("#");
  return hash < 0 ? pass : pass.slice(0, hash);
}
