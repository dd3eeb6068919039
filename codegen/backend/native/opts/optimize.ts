/**
 * The driver of the pass table: runs a module through the passes of its opt-level.
 *
 * For every pass it gives, without the pass knowing: verification after each change (`-Z verify`), dumps (`-Z dump`), times (`-Z time-passes`), the
 * off-switch (`-Z disable-passes`), and counting for bisection (`-Z opt-bisect-limit`; one execution is one pass on one function, or on the
 * module, in the table's order). Options name a pass with or without the suffix of one of its runs.
 */

import { bug } from "../../../entity/entity.ts";
import type { Session } from "../../../session/session.ts";
import type { IrFunction, IrModule } from "../ir/function.ts";
import { printFunction, printModule } from "../ir/text.ts";
import { renderVerifierErrors, verifyFunction } from "../ir/verifier.ts";
import { newPassCx, type PassCx } from "./context.ts";
import { baseName, DEFAULT_PASSES, type PassRow, type PassTable } from "./pass-table.ts";
import { DEFAULT_POLICY, type OptPolicy } from "./policy.ts";

/** A row with the session's switches resolved. */
interface ResolvedRow {
  readonly row: PassRow;
  readonly dump: boolean;
}

function names(list: readonly string[], pass: string): boolean {
  return list.includes(pass) || list.includes(baseName(pass));
}

/** The rows that run at the session's opt-level. */
function resolve(table: PassTable, session: Session): readonly ResolvedRow[] {
  const { optLevel, disabledPasses, dump } = session.options;
  const dumpAll = dump.includes("all");
  return table.rows
    .filter((row) => row.levels.includes(optLevel) && (row.required || !names(disabledPasses, row.name)))
    .map((row) => ({ row, dump: dumpAll || names(dump, row.name) }));
}

/** Optimises `module` in place, by the session's opt-level. */
export function optimizeModule(
  module: IrModule,
  session: Session,
  policy: OptPolicy = DEFAULT_POLICY,
  table: PassTable = DEFAULT_PASSES,
): void {
  const cx = newPassCx(policy, session.options.optLevel, module.roots);
  if (session.options.verify) for (const fn of module.functions) verifyAfter(fn, "before any pass");
  for (const { row, dump } of resolve(table, session)) {
    const start = session.options.timePasses ? performance.now() : 0;
    if (row.kind === "module") runModulePass(module, row, cx, session);
    else for (const fn of module.functions) runFunctionPass(fn, row, cx, session);
    if (session.options.timePasses) session.addTime(row.name, performance.now() - start);
    if (dump) session.emitDump(`${module.name} after ${row.name}`, printModule(module));
  }
  // Passes that say they changed nothing are believed on the way, and checked here.
  if (session.options.verify) for (const fn of module.functions) verifyAfter(fn, "after the last pass");
}

type FunctionRow = PassRow & { readonly kind: "function" };
type ModuleRow = PassRow & { readonly kind: "module" };

function runFunctionPass(fn: IrFunction, row: FunctionRow, cx: PassCx, session: Session): void {
  if (row.bisectable && !session.shouldRun(row.name, fn.symbol) && !row.required) return;
  const changed = runGuarded(
    row.name,
    fn.symbol,
    session,
    () => printFunction(fn),
    () => row.run(fn, cx),
  );
  if (session.options.verify && changed) verifyAfter(fn, `after ${row.name}`);
}

function runModulePass(module: IrModule, row: ModuleRow, cx: PassCx, session: Session): void {
  if (row.bisectable && !session.shouldRun(row.name, module.name) && !row.required) return;
  cx.touched.clear();
  runGuarded(
    row.name,
    module.name,
    session,
    () => printModule(module),
    () => row.run(module, cx),
  );
  if (!session.options.verify) return;
  for (const fn of module.functions) if (cx.touched.has(fn)) verifyAfter(fn, `after ${row.name}`);
}

/** Whether the pass changed anything; when it throws, says which pass on which unit, and dumps what it left. */
function runGuarded(pass: string, unit: string, session: Session, text: () => string, run: () => boolean): boolean {
  try {
    return run();
  } catch (error) {
    session.emitDump(`${unit} when ${pass} failed`, text());
    throw new Error(`internal error: the pass ${pass} failed on ${unit}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function verifyAfter(fn: IrFunction, when: string): void {
  const errors = verifyFunction(fn);
  if (errors.length === 0) return;
  throw bug(`${fn.symbol} is not well formed ${when}:\n${renderVerifierErrors(fn, errors)}\n${printFunction(fn)}`);
}
