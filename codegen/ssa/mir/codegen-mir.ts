/**
 * `codegenFunction`: one function from MIR to backend IR.
 *
 * As `codegen_mir` of rustc_codegen_ssa/src/mir/mod.rs. Locals that `analyze.ts` found to be operands are backend values; the others are stack
 * slots, made in the entry block. MIR blocks are visited in reverse postorder; those that cannot be reached get no code.
 */

import { bug } from "../../entity/entity.ts";
import { type LayoutCx, layoutOf } from "../../layout/layout.ts";
import type { Body } from "../../mir/syntax.ts";
import type { Instance } from "../../monomorphize/mono-item.ts";
import type { CodegenCx } from "../context.ts";
import type { BuilderMethods } from "../traits/builder.ts";
import type { Block, Value } from "../traits/types.ts";
import { nonSsaLocals } from "./analyze.ts";
import { codegenBlock } from "./block.ts";
import { type BodyAnalysis, FunctionCx } from "./function-cx.ts";
import { allocaPlace, immediate, pair, storeOperand } from "./operand.ts";
import { checkSupported } from "./supported.ts";
import { type Traversal, traverse } from "./traversal.ts";

const analyses = new WeakMap<LayoutCx, WeakMap<Body, BodyAnalysis>>();

/** The analysis of a body, kept for bodies without type parameters: a program is compiled many times, in many ways. */
function analysisOf({ layouts: cx, tcx }: CodegenCx, { item, args }: Instance, body: Body): BodyAnalysis {
  let known = analyses.get(cx);
  if (known === undefined) {
    known = new WeakMap();
    analyses.set(cx, known);
  }
  const found = args.length === 0 ? known.get(body) : undefined;
  if (found !== undefined) return found;
  const layouts = body.locals.map((decl) => layoutOf(cx, tcx.substitute(decl.ty, args)));
  checkSupported(
    item.name,
    body,
    layouts.map((layout) => layout.ty),
  );
  const traversal = traverse(body);
  const analysis = {
    layouts,
    traversal,
    memory: nonSsaLocals(cx, body, layouts, traversal.order, traversal.dominates),
  };
  if (args.length === 0) known.set(body, analysis);
  return analysis;
}

/**
 * Generates the backend IR of `body` into `bx`, which stands at the empty block 0 of the function that `cx.declOf(instance)` declares.
 */
export function codegenFunction(cx: CodegenCx, instance: Instance, body: Body, bx: BuilderMethods): void {
  const { abi } = cx.declOf(instance);
  if (abi === undefined) throw bug(`no ABI for ${instance.symbol}`);
  const analysis = analysisOf(cx, instance, body);
  const fx = new FunctionCx(cx, instance, body, abi, bx, analysis);
  codegenArguments(fx);
  for (let local = body.argCount + 1; local < body.locals.length; local++) {
    if (fx.memory[local] === 1) fx.places[local] = allocaPlace(bx, fx.layouts[local]!);
  }
  codegenBlocks(fx, analysis.traversal);
  fx.finishColdBlocks();
}

/** Binds `_0` and the arguments to the function's parameters. */
function codegenArguments(fx: FunctionCx): void {
  const { abi, bx, layouts, memory } = fx;
  let index = 0;
  const next = (): Value => bx.param(index++);
  if (abi.ret.mode.kind === "indirect") {
    const layout = layouts[0]!;
    fx.places[0] = { layout, ptr: next(), align: layout.layout.align };
  } else if (memory[0] === 1) {
    fx.places[0] = allocaPlace(bx, layouts[0]!);
  }
  for (let i = 0; i < abi.args.length; i++) {
    const local = i + 1;
    const layout = layouts[local]!;
    const { mode } = abi.args[i]!;
    if (mode.kind === "ignore") continue;
    if (mode.kind === "indirect") {
      fx.places[local] = { layout, ptr: next(), align: layout.layout.align };
      continue;
    }
    const op = mode.kind === "direct" ? immediate(layout, next()) : pair(layout, next(), next());
    if (memory[local] === 1) {
      const slot = allocaPlace(bx, layout);
      storeOperand(bx, op, slot);
      fx.places[local] = slot;
    } else {
      fx.operands[local] = op;
    }
  }
}

function codegenBlocks(fx: FunctionCx, { order, predecessorCount }: Traversal): void {
  // Block 0 holds the slots; a MIR entry block that is branched to needs one of its own.
  const adopted = predecessorCount[0] === 0;
  if (adopted) fx.adoptBlock(0, 0 as Block);
  else fx.bx.br(fx.block(0));
  for (const index of order) {
    if (index !== 0 || !adopted) fx.bx.switchToBlock(fx.block(index));
    codegenBlock(fx, fx.body.blocks[index]!);
  }
}
