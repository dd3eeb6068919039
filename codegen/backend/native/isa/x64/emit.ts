/**
 * Emission: VCode and its allocation to bytes.
 *
 * Blocks are emitted in order. A block that holds nothing but a jump is left out, and branches to it go to where it jumps; a jump to what comes
 * next is left out. Branches are written long and shortened in the end (`MachBuffer`).
 */

import { bug, NONE } from "../../../../entity/entity.ts";
import { type FrameLayout, layOutFrame } from "../../machinst/abi.ts";
import { MachBuffer, RODATA_SYMBOL } from "../../machinst/buffer.ts";
import type { EmitInput, EmittedCode, Listing } from "../../machinst/target-isa.ts";
import type { VCode } from "../../machinst/vcode.ts";
import {
  ALLOC_NONE,
  allocIndex,
  allocIsReg,
  allocIsStack,
  CLASS_FLOAT,
  EDIT_STRIDE,
  editClass,
  editSize,
  pregHardware,
} from "../../regalloc/function.ts";
import { BRANCH_SHAPE } from "./branch.ts";
import { encodeMem, encodeReg } from "./encode.ts";
import {
  FORM_HAS_RM,
  FORMS,
  MEM_FORM_REG_SLOT,
  MEM_TEMPLATE_COUNT,
  REG_FORM_REG_SLOT,
  REG_FORM_RM_SLOT,
} from "./forms.ts";
import {
  AMODE_BASE,
  AMODE_BASE_INDEX,
  AMODE_INCOMING,
  AMODE_INDEX_SHIFT,
  AMODE_MASK,
  AMODE_NONE,
  AMODE_OUTGOING,
  AMODE_RODATA,
  AMODE_SHIFT,
  AMODE_SLOT,
  AMODE_SLOT_INDEX,
  AMODE_SYMBOL,
  COND_MASK,
  Pseudo,
} from "./inst.ts";
import { Form } from "./instructions.ts";
import { printInst } from "./print.ts";
import { CALLEE_SAVED, Gpr } from "./registers.ts";
import { BASE_RIP, type Mem, newMem } from "./rex.ts";

/** Emits functions one after another; keeps its memory. */
export class Emitter {
  readonly buffer: MachBuffer = new MachBuffer(BRANCH_SHAPE);
  readonly mem: Mem = newMem();
  vcode!: VCode;
  frame!: FrameLayout;
  /** The instruction at hand, and where its operands start. */
  inst = 0;
  operands = 0;
  block = 0;
  /** By block: itself, or the block that stands for it because it is only a jump. */
  target: Int32Array = new Int32Array(64);
  /** The next block that is emitted, or `NONE`. */
  nextBlock: number = NONE;
  /** A label at the function's first byte: the entry block's, which nothing jumps to. */
  readonly startLabel = 0;
  private readonly emitPseudo: (e: Emitter, op: number) => void;
  private allocs!: Int32Array;
  private edits!: Int32Array;
  private numEdits = 0;
  private nextEdit = 0;
  private listing: Listing | undefined;
  private symbol = "";
  private editStarts: Int32Array = new Int32Array(64);

  /** `emitPseudo` puts out the pseudo-instruction at hand. */
  constructor(emitPseudo: (e: Emitter, op: number) => void) {
    this.emitPseudo = emitPseudo;
  }

  emit(input: EmitInput): EmittedCode {
    this.start(input);
    this.forwardEmptyBlocks();
    const { vcode, buffer } = this;
    for (let b = 0; b < vcode.numBlocks; b++) {
      if (this.target[b] !== b) continue;
      this.block = b;
      this.nextBlock = this.followingBlock(b);
      this.bind(b);
      if (b === 0) this.prologue();
      this.emitBlock(b);
    }
    const code = buffer.finish();
    const above = this.frame.incomingBase;
    return {
      code,
      relocs: buffer.relocs,
      rodata: this.rodata(),
      rodataAlign: vcode.rodataAlign,
      frameBytes: above,
    };
  }

  private start(input: EmitInput): void {
    const { vcode, alloc } = input;
    this.vcode = vcode;
    this.allocs = alloc.allocs;
    this.edits = alloc.edits;
    this.numEdits = alloc.numEdits;
    this.nextEdit = 0;
    this.listing = input.listing;
    this.symbol = input.symbol;
    this.buffer.reset();
    this.buffer.newLabels(vcode.numBlocks);
    const saved = alloc.writtenRegs[0] & CALLEE_SAVED;
    const aligned = vcode.hasCalls || input.maxSlotAlign > 8;
    this.frame = layOutFrame(vcode.outgoingSize, alloc.numSpillSlots, input.slotSize, saved, aligned);
  }

  /** Finds the blocks that hold only a jump and no moves, and sets `target`. The entry is always emitted. */
  private forwardEmptyBlocks(): void {
    const { vcode, edits, numEdits } = this;
    const n = vcode.numBlocks;
    if (n > this.target.length) this.target = new Int32Array(n * 2);
    if (n > this.editStarts.length) this.editStarts = new Int32Array(n * 2);
    const { target } = this;
    let edit = 0;
    for (let b = 0; b < n; b++) {
      const first = vcode.blockStart[b]!;
      const isJump = b !== 0 && vcode.blockStart[b + 1] === first + 1 && vcode.opcode[first] === Pseudo.JMP;
      while (edit < numEdits && edits[edit * EDIT_STRIDE]! < 2 * first) edit++;
      const hasEdits = edit < numEdits && edits[edit * EDIT_STRIDE]! < 2 * vcode.blockStart[b + 1]!;
      target[b] = isJump && !hasEdits ? vcode.succs[vcode.succStart[b]!]! : b;
    }
    for (let b = 0; b < n; b++) {
      let to = target[b]!;
      // A loop of such blocks must keep one of them.
      for (let steps = 0; target[to] !== to; steps++) {
        to = target[to]!;
        if (steps > n) {
          target[to] = to;
          break;
        }
      }
      target[b] = to;
    }
  }

  private followingBlock(b: number): number {
    for (let next = b + 1; next < this.vcode.numBlocks; next++) if (this.target[next] === next) return next;
    return NONE;
  }

  private emitBlock(b: number): void {
    const { vcode } = this;
    const { opcode, operandStart, blockStart } = vcode;
    const end = blockStart[b + 1]!;
    this.skipEditsBefore(2 * blockStart[b]!);
    for (let i = blockStart[b]!; i < end; i++) {
      this.emitEdits(2 * i);
      this.inst = i;
      this.operands = operandStart[i]!;
      const op = opcode[i]!;
      if (op >= FORMS.length) this.emitPseudo(this, op);
      else this.emitForm(op);
      this.emitEdits(2 * i + 1);
    }
  }

  /** Blocks that are left out have no edits; this is a check as much as a step. */
  private skipEditsBefore(point: number): void {
    if (this.nextEdit < this.numEdits && this.edits[this.nextEdit * EDIT_STRIDE]! < point)
      throw bug(`moves before point ${point} of ${this.symbol} are in no emitted block`);
  }

  // --- Operands ------------------------------------------------------------------------------------------------------

  alloc(operand: number): number {
    return this.allocs[this.operands + operand]!;
  }

  /** The hardware register of an operand that must have one. */
  reg(operand: number): number {
    const a = this.allocs[this.operands + operand]!;
    if (!allocIsReg(a)) throw bug(`operand ${operand} of instruction ${this.inst} of ${this.symbol} has no register`);
    return pregHardware(allocIndex(a));
  }

  get cond(): number {
    return this.vcode.aux[this.inst]! & COND_MASK;
  }

  /** The block that successor `index` of the block at hand comes down to. */
  succ(index: number): number {
    return this.target[this.vcode.succs[this.vcode.succStart[this.block]! + index]!]!;
  }

  /** `mem` as `[rsp + disp]`. */
  stackMem(disp: number): Mem {
    return this.setMem(Gpr.RSP, NONE, 0, disp);
  }

  setMem(base: number, index: number, shift: number, disp: number): Mem {
    const { mem } = this;
    mem.base = base;
    mem.index = index;
    mem.shift = shift;
    mem.disp = disp;
    mem.label = NONE;
    mem.symbol = "";
    return mem;
  }

  /** `mem` as a spill slot. */
  spillMem(alloc: number): Mem {
    if (!allocIsStack(alloc)) throw bug(`an operand of instruction ${this.inst} of ${this.symbol} is nowhere`);
    return this.stackMem(this.frame.spillBase + 8 * allocIndex(alloc));
  }

  /** `mem` by the instruction's address mode, whose registers are operands from `first` on. */
  private amodeMem(aux: number, first: number): Mem {
    const disp = this.vcode.disp[this.inst]!;
    const shift = (aux >> AMODE_INDEX_SHIFT) & 3;
    const { frame } = this;
    switch ((aux >> AMODE_SHIFT) & AMODE_MASK) {
      case AMODE_BASE:
        return this.setMem(this.reg(first), NONE, 0, disp);
      case AMODE_BASE_INDEX:
        return this.setMem(this.reg(first), this.reg(first + 1), shift, disp);
      case AMODE_SLOT:
        return this.stackMem(frame.slotBase + disp);
      case AMODE_SLOT_INDEX:
        return this.setMem(Gpr.RSP, this.reg(first), shift, frame.slotBase + disp);
      case AMODE_OUTGOING:
        return this.stackMem(disp);
      case AMODE_INCOMING:
        return this.stackMem(frame.incomingBase + disp);
      case AMODE_RODATA:
        this.setMem(BASE_RIP, NONE, 0, disp).symbol = RODATA_SYMBOL;
        return this.mem;
      case AMODE_SYMBOL:
        this.setMem(BASE_RIP, NONE, 0, 0).symbol = this.vcode.symbols[disp]!;
        return this.mem;
      default:
        throw bug(`address mode ${(aux >> AMODE_SHIFT) & AMODE_MASK} of ${this.symbol}`);
    }
  }

  // --- Writing -------------------------------------------------------------------------------------------------------

  putReg(form: number, reg: number, rm: number, lo = 0, hi = 0, cc = 0): void {
    encodeReg(this.buffer, form, reg, rm, lo, hi, cc);
    if (this.listing !== undefined) this.list(printInst(form, reg, rm, null, lo, hi, cc, ""));
  }

  putMem(form: number, reg: number, mem: Mem, lo = 0, hi = 0, cc = 0): void {
    encodeMem(this.buffer, form, reg, mem, lo, hi, cc);
    if (this.listing === undefined) return;
    const named = mem.symbol === RODATA_SYMBOL ? { ...mem, symbol: `${RODATA_SYMBOL}.${this.symbol}` } : mem;
    this.list(printInst(form, reg, 0, named, lo, hi, cc, "", (label) => this.labelName(label)));
  }

  /** A branch to `label`: `jmp`, or `jcc` on `cc`. */
  putBranch(form: number, label: number, cc = 0): void {
    this.buffer.noteBranch(label);
    encodeReg(this.buffer, form, 0, 0, 0, 0, cc);
    if (this.listing !== undefined) this.list(printInst(form, 0, 0, null, 0, 0, cc, this.labelName(label)));
  }

  putCall(symbol: string): void {
    this.buffer.put1(0xe8);
    this.buffer.putSymbol4(symbol, -4, true);
    if (this.listing !== undefined) this.list(`call\t${symbol}`);
  }

  bind(label: number): void {
    this.buffer.bind(label);
    this.listing?.push(`${this.labelName(label)}:`);
  }

  private list(text: string): void {
    this.listing?.push(`\t${text}`);
  }

  private labelName(label: number): string {
    return `.L${this.symbol}.${label}`;
  }

  private emitForm(form: number): void {
    const { vcode, inst } = this;
    const aux = vcode.aux[inst]!;
    const lo = vcode.immLo[inst]!;
    const hi = vcode.immHi[inst]!;
    const cc = aux & COND_MASK;
    if (((aux >> AMODE_SHIFT) & AMODE_MASK) !== AMODE_NONE) {
      const slot = MEM_FORM_REG_SLOT[form]!;
      const mem = this.amodeMem(aux, MEM_TEMPLATE_COUNT[form]!);
      this.putMem(form, slot >= 0 ? this.reg(slot) : 0, mem, lo, hi, cc);
      return;
    }
    const slot = REG_FORM_REG_SLOT[form]!;
    const reg = slot >= 0 ? this.reg(slot) : 0;
    if (FORM_HAS_RM[form] === 0) {
      this.putReg(form, reg, 0, lo, hi, cc);
      return;
    }
    const rmAlloc = this.alloc(REG_FORM_RM_SLOT[form]!);
    if (allocIsReg(rmAlloc)) this.putReg(form, reg, pregHardware(allocIndex(rmAlloc)), lo, hi, cc);
    else this.putMem(form, reg, this.spillMem(rmAlloc), lo, hi, cc);
  }

  // --- Moves ---------------------------------------------------------------------------------------------------------

  private emitEdits(point: number): void {
    const { edits } = this;
    while (this.nextEdit < this.numEdits) {
      const at = this.nextEdit * EDIT_STRIDE;
      if (edits[at] !== point) return;
      this.nextEdit++;
      const word = edits[at + 3]!;
      this.move(edits[at + 1]!, edits[at + 2]!, editClass(word) === CLASS_FLOAT, editSize(word));
    }
  }

  /** Moves between allocations, one of them a register. Leaves the flags alone. */
  move(from: number, to: number, isFloat: boolean, size: number): void {
    if (from === to) return;
    if (from === ALLOC_NONE || to === ALLOC_NONE) throw bug(`a move of ${this.symbol} goes nowhere`);
    if (allocIsReg(from) && allocIsReg(to)) {
      const [source, target] = [pregHardware(allocIndex(from)), pregHardware(allocIndex(to))];
      if (isFloat) this.putReg(Form.movaps_rm, target, source);
      else this.putReg(Form.movq_rm, target, source);
    } else if (allocIsReg(to)) {
      const load = !isFloat ? Form.movq_rm : size === 16 ? Form.movups_rm : Form.movsd_rm;
      this.putMem(load, pregHardware(allocIndex(to)), this.spillMem(from));
    } else {
      const store = !isFloat ? Form.movq_mr : size === 16 ? Form.movups_mr : Form.movsd_mr;
      if (!allocIsReg(from)) throw bug(`a move of ${this.symbol} from memory to memory`);
      this.putMem(store, pregHardware(allocIndex(from)), this.spillMem(to));
    }
  }

  // --- Frame ---------------------------------------------------------------------------------------------------------

  private prologue(): void {
    const { saved, frameSize } = this.frame;
    for (let r = 0; r < 16; r++) if ((saved >> r) & 1) this.putReg(Form.pushq_o, 0, r);
    if (frameSize !== 0) this.adjustStack(Form.subq_mi_sxb, Form.subq_mi_sxl, frameSize);
  }

  epilogue(): void {
    const { saved, frameSize } = this.frame;
    if (frameSize !== 0) this.adjustStack(Form.addq_mi_sxb, Form.addq_mi_sxl, frameSize);
    for (let r = 15; r >= 0; r--) if ((saved >> r) & 1) this.putReg(Form.popq_o, 0, r);
  }

  private adjustStack(short: number, long: number, bytes: number): void {
    this.putReg(bytes <= 127 ? short : long, 0, Gpr.RSP, bytes);
  }

  // --- Read-only data ------------------------------------------------------------------------------------------------

  /** The constants, and the jump tables: each entry is the distance of its target from the function's start. */
  private rodata(): Uint8Array {
    const { vcode, buffer } = this;
    const bytes = new Uint8Array(vcode.rodataSize);
    if (vcode.rodataSize === 0) return bytes;
    const view = new DataView(bytes.buffer);
    this.listing?.push(
      `\t.section\t".rodata.${this.symbol}","a",@progbits`,
      `\t.balign\t${vcode.rodataAlign}`,
      `${RODATA_SYMBOL}.${this.symbol}:`,
    );
    for (const item of vcode.rodata) {
      this.listing?.push(`\t.org\t${RODATA_SYMBOL}.${this.symbol} + ${item.offset}`);
      for (let k = 0; k < item.words.length; k++) {
        const word = item.words[k]!;
        const label = item.isJumpTable ? this.target[vcode.succs[word]!]! : NONE;
        view.setInt32(item.offset + 4 * k, label === NONE ? word : buffer.labelOffset(label), true);
        if (this.listing !== undefined)
          this.list(
            `.long\t${label === NONE ? word : `${this.labelName(label)} - ${this.labelName(this.startLabel)}`}`,
          );
      }
    }
    return bytes;
  }
}
