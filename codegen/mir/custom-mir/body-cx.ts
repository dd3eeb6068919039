/** What is known and made while one body is written. */

import { placeTy } from "../place-ty.ts";
import type { Body, FnItem, Local, Operand, Place } from "../syntax.ts";
import type { Ty } from "../ty.ts";
import type { ModuleCx } from "./module-cx.ts";

/** A basic block as lines. The entry block has no name. */
export interface BlockText {
  readonly name: string;
  readonly isCleanup: boolean;
  readonly lines: string[];
}

export class BodyCx {
  readonly module: ModuleCx;
  readonly item: FnItem;
  readonly body: Body;
  readonly blocks: BlockText[] = [];
  /** Values of the locals `kN`, which hold constant indices. */
  readonly indices: Set<number> = new Set();
  /** Types of the locals `tN`, which hold intermediate values. */
  readonly temps: string[] = [];
  /** The local `never` is declared: the destination of calls that do not return. */
  usesNeverLocal = false;
  private open: BlockText = { name: "", isCleanup: false, lines: [] };
  private splits = 0;
  private readonly neverBlocks = new Map<boolean, BlockText>();

  constructor(module: ModuleCx, item: FnItem, body: Body) {
    this.module = module;
    this.item = item;
    this.body = body;
  }

  start(name: string, isCleanup: boolean): void {
    this.open = { name, isCleanup, lines: [] };
    this.blocks.push(this.open);
  }

  push(line: string): void {
    this.open.lines.push(line);
  }

  /** Ends the block with `last`, and goes on in a new one. */
  split(last: string, name: string): void {
    this.push(last);
    this.start(name, this.open.isCleanup);
  }

  /** Ends the block with a call that does not unwind, and goes on in a new one. */
  call(destination: string, callee: string, args: readonly string[]): void {
    const next = `bbx${this.splits++}`;
    this.split(`Call(${destination} = ${callee}(${args.join(", ")}), ReturnTo(${next}), UnwindUnreachable())`, next);
  }

  /** A new local of type `ty`. */
  temp(ty: Ty): string {
    return this.rawTemp(this.module.names.ty(ty));
  }

  /** A new local whose type is written `ty`. */
  rawTemp(ty: string): string {
    return `t${this.temps.push(ty) - 1}`;
  }

  /** The block that is never reached. */
  never(): string {
    const { isCleanup } = this.open;
    let block = this.neverBlocks.get(isCleanup);
    if (block === undefined) {
      block = { name: isCleanup ? "bbnever_cleanup" : "bbnever", isCleanup, lines: ["Unreachable()"] };
      this.neverBlocks.set(isCleanup, block);
    }
    return block.name;
  }

  /** All blocks, when the body is written. */
  allBlocks(): readonly BlockText[] {
    return [...this.blocks, ...this.neverBlocks.values()];
  }

  ty(local: Local, projection: Place["projection"]): Ty {
    return placeTy(this.body, { local, projection }, this.module.tcx).ty;
  }

  operandTy(operand: Operand): Ty {
    if (operand.kind !== "const") return this.ty(operand.place.local, operand.place.projection);
    const { value } = operand;
    return value.kind === "fn" ? this.module.tcx.fnDef(value.item, value.args) : value.ty;
  }
}
