/**
 * The one door to `codegen/`: what the harness and the commands may use, and the only place that names the backends.
 */

export { LayoutCx } from "./layout/layout.ts";
export { mergePrograms } from "./mir/merge.ts";
export { type ParseOptions, parseProgram } from "./mir/parser.ts";
export { operandTy, placeTy, rvalueTy } from "./mir/place-ty.ts";
export { INTRINSICS, INTRINSICS_BY_NAME, newTyCtxt, preludeAdt } from "./mir/prelude.ts";
export { printBody, printFn, printProgram } from "./mir/printer.ts";
export { entryPoints, type Program } from "./mir/program.ts";
export * from "./mir/syntax.ts";
export * from "./mir/ty.ts";
export { addBatchEntry } from "./runtime/batch.ts";
export { EventKind, MAX_EVENTS_PER_CASE, PanicCode, RECORD_SIZE } from "./runtime/events.ts";
export { Diagnostic, DUMMY_SP, renderDiagnostic, type Span } from "./session/diagnostic.ts";
export {
  type BisectRecord,
  DEFAULT_OPTIONS,
  LTO_MODES,
  type Lto,
  OPT_LEVELS,
  type OptLevel,
  type Options,
  Session,
} from "./session/session.ts";
export { VERSION } from "./session/version.ts";
export { type CommandResult, runCommand } from "./ssa/back/command.ts";
export { type CompileResult, compileProgram } from "./ssa/base.ts";
export { HOST_TARGET, TARGETS, type Target, targetByTriple } from "./target/spec.ts";
