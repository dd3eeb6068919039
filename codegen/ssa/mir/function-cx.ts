/**
 * `FunctionCx`: the state of one function's walk from MIR to backend IR. As rustc_codegen_ssa/src/mir/mod.rs.
 */

import type { FnAbi } from "../../abi/fn-abi.ts";
import { bug } from "../../entity/entity.ts";
import type { TyAndLayout } from "../../layout/types.ts";
import type { Body, Local } from "../../mir/syntax.ts";
import type { Ty } from "../../mir/ty.ts";
import type { Instance } from "../../monomorphize/mono-item.ts";
import type { CodegenCx } from "../context.ts";
import type { BuilderMethods } from "../traits/builder.ts";
import type { Block } from "../traits/types.ts";
import { type OperandRef, type PlaceRef, zeroSized } from "./operand.ts";
import type { Traversal } from "./traversal.ts";

/** What is known of an instance's body before any code is generated. */
export interface BodyAnalysis {
  readonly layouts: readonly TyAndLayout[];
  readonly traversal: Traversal;
  readonly memory: Uint8Array;
}

export class FunctionCx {
  readonly cx: CodegenCx;
  readonly bx: BuilderMethods;
  readonly instance: Instance;
  readonly body: Body;
  readonly abi: FnAbi;
  /** The layout of each local. */
  readonly layouts: readonly TyAndLayout[];
  /** One byte per local: 1 when it has a slot. */
  readonly memory: Uint8Array;
  /** The slot of each local that is in memory. */
  readonly places: (PlaceRef | undefined)[];
  /** The value of each local that is an operand, once it has been defined. */
  readonly operands: (OperandRef | undefined)[];
  private readonly blocks: (Block | undefined)[];
  /** The block that panics with each code, where some assertion needs it. */
  private readonly panicBlocks = new Map<number, Block>();
  private unreachable: Block | undefined;

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
