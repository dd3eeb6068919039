/**
 * `FunctionCx`: the state of one function's walk from MIR to backend IR, and its entry point `codegenFunction`.
 *
 * As rustc_codegen_ssa/src/mir/mod.rs. Locals that `analyze` found to be operands are backend values; the others are stack slots,
 * made in the entry block. MIR blocks are visited in reverse postorder; those that cannot be reached get no code.
 */

import type { FnAbi } from "../../abi/fn-abi.ts";
import { bug } from "../../entity/entity.ts";
import { type LayoutCx, layoutOf } from "../../layout/layout.ts";
import type { TyAndLayout } from "../../layout/types.ts";
import type { Body, Local } from "../../mir/syntax.ts";
import type { Ty } from "../../mir/ty.ts";
import type { Instance } from "../../monomorphize/mono-item.ts";
import type { CodegenCx } from "../context.ts";
import type { BuilderMethods } from "../traits/builder.ts";
import type { Block, Value } from "../traits/types.ts";
import { nonSsaLocals } from "./analyze.ts";
import { codegenBlock } from "./block.ts";
import { allocaPlace, immediate, type OperandRef, type PlaceRef, pair, storeOperand, zeroSized } from "./operand.ts";
import { type Traversal, traverse } from "./traversal.ts";

export class FunctionCx {
  readonly cx: CodegenCx;
  readonly bx: BuilderMethods;
  readonly instance: Instance;
  readonly body: Body;
  readonly abi: FnAbi;
  /** The layout of each local. */
  readonly layouts: readonly TyAndLayout[];
  /** The slot of each local that is in memory. */
  readonly places: (PlaceRef | undefined)[];
  /** The value of each local that is an operand, once it has been defined. */
  readonly operands: (OperandRef | undefined)[];
  private readonly blocks: (Block | undefined)[];
  /** The block that panics with each code, where some assertion needs it. */
  private readonly panicBlocks = new Map<number, Block>();
  private unreachable: Block | undefined;

  /** One byte per local: 1 when it has a slot. */
  readonly memory: Uint8Array;

  constructor(cx: CodegenCx, instance: Instance, body: Body, abi: FnAbi, bx: BuilderMethods, analysis: BodyAnalysis) {
    this.cx = cx;
    this.bx = bx;
    this.instance = instance;
    this.body = body;
    this.abi = abi;
    this.layouts = analysis.layouts;
    this.memory = analysis.memory;
    this.places = new Array(body.locals.length).fill(undefined);
    this.operands = new Array(body.locals.length).fill(undefined);
    this.blocks = new Array(body.blocks.length).fill(undefined);
  }

  /** `ty` with the instance's type arguments filled in. */
  monomorphize(ty: Ty): Ty {
    return this.instance.args.length === 0 ? ty : this.cx.tcx.substitute(ty, this.instance.args);
  }

  layoutOf(ty: Ty): TyAndLayout {
    return this.cx.layoutOf(this.monomorphize(ty));
  }

  /** The backend block of a MIR block. */
  block(index: number): Block {
    let block = this.blocks[index];
    if (block === undefined) {
      block = this.bx.appendBlock(`bb${index}`);
      this.blocks[index] = block;
    }
    return block;
  }

  /** Makes the current backend block the one of MIR block `index`. */
  adoptBlock(index: number, block: Block): void {
    this.blocks[index] = block;
  }

  /** The cold block that panics with `code`; one serves all assertions of that kind in the function. */
  panicBlock(code: number): Block {
    let block = this.panicBlocks.get(code);
    if (block === undefined) {
      block = this.bx.appendBlock(`panic${code}`);
      this.panicBlocks.set(code, block);
    }
    return block;
  }

  unreachableBlock(): Block {
    this.unreachable ??= this.bx.appendBlock("unreachable");
    return this.unreachable;
  }

  /** The slot of `local`, which must be in memory. */
  place(local: Local): PlaceRef {
    const place = this.places[local];
    if (place === undefined) throw bug(`_${local} of ${this.instance.symbol} has no place`);
    return place;
  }

  /** The value of `local`, which must be a defined operand. */
  operand(local: Local): OperandRef {
    const op = this.operands[local];
    if (op !== undefined) return op;
    const layout = this.layouts[local]!;
    if (layout.layout.size === 0) return zeroSized(layout);
    throw bug(`_${local} of ${this.instance.symbol} is used before it is defined`);
  }

  /** Emits the blocks that others branch to and that no MIR block stands for. */
  finishColdBlocks(): void {
    const { bx, cx } = this;
    for (const [code, block] of this.panicBlocks) {
      bx.switchToBlock(block);
      bx.call(cx.panicDecl, [bx.constInt(cx.panicDecl.signature.params[0]!, BigInt(code))]);
      bx.unreachable();
    }
    if (this.unreachable !== undefined) {
      bx.switchToBlock(this.unreachable);
      bx.unreachable();
    }
  }
}

/** What is known of an instance's body before any code is generated. */
interface BodyAnalysis {
  readonly layouts: readonly TyAndLayout[];
  readonly traversal: Traversal;
  readonly memory: Uint8Array;
}

const analyses = new WeakMap<LayoutCx, WeakMap<Body, BodyAnalysis>>();

/** The analysis of a body, kept for bodies without type parameters: a program is compiled many times, in many ways. */
function analysisOf({ layouts: cx, tcx }: CodegenCx, { args }: Instance, body: Body): BodyAnalysis {
  let known = analyses.get(cx);
  if (known === undefined) {
    known = new WeakMap();
    analyses.set(cx, known);
  }
  const found = args.length === 0 ? known.get(body) : undefined;
  if (found !== undefined) return found;
  const layouts = body.locals.map((decl) => layoutOf(cx, tcx.substitute(decl.ty, args)));
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
