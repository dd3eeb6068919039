/**
 * Loop-invariant code motion: what computes the same in every iteration moves before the loop.
 *
 * Loops are visited from the inside out, so that code can leave several. The *preheader* is the block that alone leads into the loop from outside and
 * leads nowhere else; it is made when something moves and none is there. What may move is the policy's to say: nothing that may trap or reads
 * memory that the loop writes, unless it runs in any case. Constants move only along with what needs them.
 */

import { NONE } from "../../../entity/entity.ts";
import type { Block, Inst, IrFunction, Value } from "../ir/function.ts";
import { EFFECTS, Effect, Op, TYPE_BYTES } from "../ir/opcodes.ts";
import type { PassCx } from "./context.ts";

/** The writes of the loop that is being visited. */
const writes: Inst[] = [];
/** More writes than this count as writing everything. */
const MAX_WRITES = 32;
const MAX_ROUNDS = 4;

/** Moves invariant code out of loops; true when any moved. */
export function licm(fn: IrFunction, cx: PassCx): boolean {
  let changed = false;
  // The graph does not show a preheader that was just made; what was put there may move on in the next round.
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (!runRound(fn, cx)) break;
    changed = true;
    if (madeIn.size === 0) break;
  }
  return changed;
}

function runRound(fn: IrFunction, cx: PassCx): boolean {
  cx.cfg.compute(fn);
  cx.tree.compute(cx.cfg, fn.blockCount);
  cx.loops.compute(cx.cfg, cx.tree, fn.blockCount);
  if (cx.loops.count === 0) return false;
  cx.addresses.compute(fn, cx.cfg, cx.policy.escapesThrough);
  madeIn.clear();
  let changed = false;
  const blocks = fn.blockCount;
  for (let loop = cx.loops.count - 1; loop >= 0; loop--) if (hoistFrom(fn, cx, loop, blocks)) changed = true;
  return changed;
}

function hoistFrom(fn: IrFunction, cx: PassCx, loop: number, blocks: number): boolean {
  const { cfg, loops } = cx;
  const header = loops.header[loop]! as Block;
  collectWrites(fn, cx, loop);
  let target: Inst | -1 = NONE;
  // Whether, in the header, control surely comes to the instruction when it comes to the loop.
  let always = true;
  for (let i = cfg.rpoIndex[header]!; i < cfg.reachable; i++) {
    const block = cfg.rpo[i]! as Block;
    if (!loops.contains(loop, block)) continue;
    if (block !== header) always = false;
    for (let inst = fn.firstInst[block]!; inst !== NONE; ) {
      const following = fn.next[inst]!;
      const opcode = fn.opcode[inst]!;
      if (canHoist(fn, cx, loop, inst as Inst, opcode, always, blocks)) {
        if (target === NONE) target = preheader(fn, cx, loop);
        hoist(fn, cx, loop, inst as Inst, target);
      } else if ((EFFECTS[opcode]! & Effect.SIDE) !== 0) {
        always = false;
      }
      inst = following;
    }
  }
  return target !== NONE;
}

function collectWrites(fn: IrFunction, cx: PassCx, loop: number): void {
  writes.length = 0;
  const { cfg, loops } = cx;
  for (let i = cfg.rpoIndex[loops.header[loop]!]!; i < cfg.reachable; i++) {
    const block = cfg.rpo[i]! as Block;
    if (!loops.contains(loop, block)) continue;
    for (let inst = fn.firstInst[block]!; inst !== NONE; inst = fn.next[inst]!) {
      if ((EFFECTS[fn.opcode[inst]!]! & Effect.WRITE) !== 0) writes.push(inst as Inst);
    }
  }
}

const FIXED: number = Effect.WRITE | Effect.SIDE | Effect.TERMINATOR;

function canHoist(
  fn: IrFunction,
  cx: PassCx,
  loop: number,
  inst: Inst,
  opcode: number,
  always: boolean,
  blocks: number,
): boolean {
  if ((EFFECTS[opcode]! & FIXED) !== 0 || opcode === Op.iconst || opcode === Op.fconst) return false;
  const start = fn.argStart[inst]!;
  for (let i = fn.argCount[inst]! - 1; i >= 0; i--) {
    const value = fn.argPool[start + i]!;
    if (!isInvariant(fn, cx, loop, value, blocks) && !isConstant(fn, value)) return false;
  }
  const isLoad = (EFFECTS[opcode]! & Effect.READ) !== 0;
  return cx.policy.mayHoist(fn, inst, always, isLoad && mayBeWritten(fn, cx, inst));
}

function isConstant(fn: IrFunction, value: number): boolean {
  const def = fn.valueDef[value]!;
  return def >= 0 && (fn.opcode[def] === Op.iconst || fn.opcode[def] === Op.fconst);
}

/** Whether `value` is defined outside of the loop. Blocks made by this pass are outside of every loop that is visited after. */
function isInvariant(fn: IrFunction, cx: PassCx, loop: number, value: number, blocks: number): boolean {
  const def = fn.valueDef[value]!;
  const block = def < 0 ? ~def : fn.instBlock[def]!;
  if (block >= blocks) return !madeInside(cx, loop, block);
  return !cx.loops.contains(loop, block as Block);
}

/** The loop around each preheader that this pass made. */
const madeIn = new Map<number, number>();

function madeInside(cx: PassCx, loop: number, block: number): boolean {
  for (let at = madeIn.get(block) ?? NONE; at !== NONE; at = cx.loops.parent[at]!) if (at === loop) return true;
  return false;
}

function mayBeWritten(fn: IrFunction, cx: PassCx, inst: Inst): boolean {
  if (writes.length > MAX_WRITES) return true;
  const address = fn.arg(inst, 0);
  const size = TYPE_BYTES[fn.type[inst]!]!;
  for (const write of writes) if (touches(fn, cx, write, address, fn.immLo[inst]!, size)) return true;
  return false;
}

function touches(fn: IrFunction, cx: PassCx, write: Inst, address: Value, offset: number, size: number): boolean {
  const opcode = fn.opcode[write]!;
  if (opcode !== Op.store && opcode !== Op.memcpy && opcode !== Op.memset)
    return cx.policy.reachableByCalls(cx.addresses, address);
  const store = opcode === Op.store;
  const written = store ? TYPE_BYTES[fn.type[write]!]! : fn.immLo[write]!;
  const at = store ? fn.immLo[write]! : 0;
  return cx.policy.mayAlias(cx.addresses, address, offset, size, fn.arg(write, 0), at, written);
}

function hoist(fn: IrFunction, cx: PassCx, loop: number, inst: Inst, target: Inst): void {
  const start = fn.argStart[inst]!;
  for (let i = 0; i < fn.argCount[inst]!; i++) {
    const value = fn.argPool[start + i]!;
    const def = fn.valueDef[value]!;
    if (def < 0 || !isConstant(fn, value) || !inLoop(fn, cx, loop, def)) continue;
    fn.removeInst(def as Inst);
    fn.insertBefore(def as Inst, target);
  }
  fn.removeInst(inst);
  fn.insertBefore(inst, target);
}

function inLoop(fn: IrFunction, cx: PassCx, loop: number, inst: number): boolean {
  const block = fn.instBlock[inst]! as Block;
  return madeIn.has(block) ? madeInside(cx, loop, block) : cx.loops.contains(loop, block);
}

/** The instruction at the end of the loop's preheader, before which code is placed. */
function preheader(fn: IrFunction, cx: PassCx, loop: number): Inst {
  const { cfg, loops } = cx;
  const header = loops.header[loop]! as Block;
  let outside = 0;
  let only: Block | -1 = NONE;
  for (let p = cfg.predStart[header]!; p < cfg.predStart[header + 1]!; p++) {
    const pred = cfg.predBlock[p]! as Block;
    if (loops.contains(loop, pred)) continue;
    outside++;
    only = pred;
  }
  if (outside === 1 && only !== NONE) {
    const last = fn.terminator(only);
    if (fn.opcode[last] === Op.jump) return last;
  }
  return makePreheader(fn, cx, loop, header);
}

function makePreheader(fn: IrFunction, cx: PassCx, loop: number, header: Block): Inst {
  const { cfg, loops } = cx;
  const block = fn.newBlock();
  const args: Value[] = [];
  for (const param of fn.blockParams[header]!) args.push(fn.appendBlockParam(block, fn.valueType[param]! as never));
  const jump = fn.newInst(Op.jump, 0, [], []);
  fn.addSucc(jump, header, args);
  fn.appendInst(jump, block);
  fn.layout.splice(fn.layout.indexOf(header), 0, block);
  for (let p = cfg.predStart[header]!; p < cfg.predStart[header + 1]!; p++) {
    const pred = cfg.predBlock[p]! as Block;
    if (!loops.contains(loop, pred)) fn.setSuccBlock(fn.terminator(pred), cfg.predSucc[p]!, block);
  }
  madeIn.set(block, loops.parent[loop]!);
  return jump;
}
