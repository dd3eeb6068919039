/**
 * The code generator as others see it. The only barrel, and the only file beside the `mirc` command that names the backends.
 */

export { type LlvmBackend, type LlvmBackendConfig, llvmBackend } from "./backend/llvm/index.ts";
export { buildRuntime as buildLlvmRuntime } from "./backend/llvm/runtime.ts";
export { discoverLlvm, type LlvmToolchain, missingFor as missingLlvmTool } from "./backend/llvm/tools.ts";
export { DEFAULT_TOOL_LIMITS, ToolError, type ToolLimits, type ToolRun } from "./backend/llvm/write.ts";
// Backends.
export { FAULTS, type Fault } from "./backend/native/faults/catalogue.ts";
export { nativeBackend, nativeObjectBytes } from "./backend/native/index.ts";
export type { Entity } from "./entity/entity.ts";
export { bug } from "./entity/entity.ts";
export type { Moves } from "./interpret/compile.ts";
// The reference interpreter.
export * from "./interpret/interpret.ts";
export { INTRINSIC_TABLE, intrinsicOf } from "./interpret/intrinsics/table.ts";
export type { Aliasing } from "./interpret/memory.ts";
export { renderUb } from "./interpret/render-ub.ts";
// Layout.
export {
  discriminantFor,
  fieldOf,
  fieldOffset,
  forVariant,
  integerBits,
  LayoutCx,
  layoutOf,
  tagFor,
} from "./layout/layout.ts";
export { DEFAULT_LAYOUT_POLICY, type LayoutPolicy, layoutPolicyOf } from "./layout/policy.ts";
export type { Layout, TyAndLayout } from "./layout/types.ts";
// The language.
export * as build from "./mir/builder.ts";
export { collectAdts } from "./mir/collect-adts.ts";
export * from "./mir/custom-mir/probes.ts";
export * from "./mir/custom-mir/support.ts";
export * from "./mir/custom-mir/writer.ts";
export { foldParts, partsOf } from "./mir/fold.ts";
export * from "./mir/items.ts";
export * from "./mir/map-types.ts";
export * from "./mir/merge.ts";
export * from "./mir/parser.ts";
export * from "./mir/place-ty.ts";
export * from "./mir/prelude.ts";
export * from "./mir/printer.ts";
export * from "./mir/program.ts";
export * from "./mir/rename.ts";
export * from "./mir/replace-fns.ts";
export { resolveBody } from "./mir/resolve/body.ts";
export { resolveConst } from "./mir/resolve/constants.ts";
export { Declarer } from "./mir/resolve/declare.ts";
export type { FnSource, GlobalSource } from "./mir/resolve/declare-cx.ts";
export { exprValue } from "./mir/resolve/expr-value.ts";
export { resolveFn } from "./mir/resolve/paths.ts";
export { resolveTraitRef, resolveTy } from "./mir/resolve/types.ts";
export { matchTy } from "./mir/resolve/unify.ts";
export { type AllocTable, type PreludeSource, type Scope, World } from "./mir/resolve/world.ts";
export type * as rust from "./mir/rust/ast.ts";
// Reading and linking texts: what the import of Rust programs is made of.
export { parseAttributes, skipVisibility } from "./mir/rust/parse-generics.ts";
export { RustReader } from "./mir/rust/parse-items.ts";
export { skipBalanced, skipUntil } from "./mir/rust/skip.ts";
export * from "./mir/syntax.ts";
export type * as text from "./mir/text/ast.ts";
export { B } from "./mir/text/bytes.ts";
export { Cursor, Tables } from "./mir/text/cursor.ts";
export { parseItem } from "./mir/text/parse-item.ts";
export { pathText, typeText } from "./mir/text/print-type.ts";
export { SourceText } from "./mir/text/source.ts";
export * from "./mir/ty.ts";
export * from "./mir/verifier.ts";
export * from "./mir/visit.ts";
export { type MonomorphicProgram, monomorphicProgram } from "./monomorphic/program.ts";
export { collectCrate } from "./monomorphize/collector.ts";
export type { Instance } from "./monomorphize/instance.ts";
export { newLayoutCx } from "./monomorphize/layouts.ts";
export { monoCxOf } from "./monomorphize/mono-cx.ts";
export { itemInstance } from "./monomorphize/resolve.ts";
// Compiling.
export { addBatchEntry, batchRoots } from "./runtime/batch.ts";
export * from "./runtime/events.ts";
// Sessions and targets.
export * from "./session/diagnostic.ts";
export * from "./session/session.ts";
export { VERSION } from "./session/version.ts";
export * from "./ssa/back/command.ts";
export { launchCommand } from "./ssa/back/launcher.ts";
export * from "./ssa/base.ts";
export { DEFAULT_SSA_POLICY, type SsaPolicy } from "./ssa/context.ts";
export { codegenLacks } from "./ssa/mir/supported.ts";
export type { CodegenBackend, CompiledModule, ModuleCodegen } from "./ssa/traits/backend.ts";
export * from "./target/spec.ts";
export { newTraitCx } from "./traits/context.ts";
export { type Applicable, implFor } from "./traits/select.ts";
// MIR passes.
export { MIR_PASSES, type MirOptLevel, type MirPassRow } from "./transform/pass-table.ts";
export * from "./transform/run-passes.ts";
