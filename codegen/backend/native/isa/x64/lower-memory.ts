/**
 * Lowering of loads, stores, addresses and blocks of memory.
 */

import { NONE } from "../../../../entity/entity.ts";
import { Op, Type } from "../../ir/opcodes.ts";
import type { LowerContext } from "../../machinst/lower.ts";
import { any, constant, inst, type Rule } from "../../machinst/rules.ts";
import { CLASS_FLOAT, CLASS_INT } from "../../regalloc/function.ts";
import {
  type AluForms,
  aluNarrow,
  type ByType,
  FLOATS,
  fitsInt8,
  form,
  INTS,
  isImm32,
  signedImm,
  WIDE,
} from "./families.ts";
import {
  AMODE_SLOT,
  AMODE_SYMBOL,
  type AMode,
  addressMode,
  baseMode,
  defReg,
  fixedMode,
  mem0,
  mem1,
  move,
  newAMode,
  Pseudo,
  reg1,
  reg2,
  reg5,
  reg6,
  rodataMode,
} from "./inst.ts";
import { immOf } from "./lower-alu.ts";
import { symbolIndex } from "./lower-call.ts";
import { loadConstant } from "./lower-float.ts";

const AM: AMode = newAMode();
const FROM: AMode = newAMode();

/** Narrow integers are zero-extended on the way, which costs nothing. */
const LOAD: ByType = [
  -1,
  form("movzbl_rm"),
  form("movzwl_rm"),
  form("movl_rm"),
  form("movq_rm"),
  -1,
  form("movss_rm"),
  form("movsd_rm"),
];
const STORE: ByType = [
  -1,
  form("movb_mr"),
  form("movw_mr"),
  form("movl_mr"),
  form("movq_mr"),
  -1,
  form("movss_mr"),
  form("movsd_mr"),
];
const STORE_IMM: ByType = [-1, form("movb_mi"), form("movw_mi"), form("movl_mi"), form("movq_mi_sxl")];

// --- Loads and stores ------------------------------------------------------------------------------------------------

function emitLoad(cx: LowerContext, i: number): void {
  addressMode(cx, cx.arg(i, 0), cx.fn.immLo[i]!, AM);
  mem1(cx, LOAD[cx.fn.type[i]!]!, AM, cx.result(i));
}

function emitWideLoad(cx: LowerContext, i: number): void {
  const offset = cx.fn.immLo[i]!;
  addressMode(cx, cx.arg(i, 0), offset, AM);
  if (cx.isLowUsed(i)) mem1(cx, form("movq_rm"), AM, cx.result(i));
  AM.disp += 8;
  if (cx.isHighUsed(i)) mem1(cx, form("movq_rm"), AM, cx.resultHigh(i));
}

function emitStore(cx: LowerContext, i: number): void {
  const value = cx.use(cx.arg(i, 1));
  addressMode(cx, cx.arg(i, 0), cx.fn.immLo[i]!, AM);
  mem1(cx, STORE[cx.fn.type[i]!]!, AM, value);
}

function emitStoreImm(cx: LowerContext, i: number): void {
  addressMode(cx, cx.arg(i, 0), cx.fn.immLo[i]!, AM);
  mem0(cx, STORE_IMM[cx.fn.type[i]!]!, AM, immOf(cx, cx.bind[1]!));
}

/** Stores the two halves of an `i128`, a half that is a short constant as one. */
function emitWideStore(cx: LowerContext, i: number): void {
  const value = cx.arg(i, 1);
  const def = cx.defBy(value, Op.iconst);
  addressMode(cx, cx.arg(i, 0), cx.fn.immLo[i]!, AM);
  if (def === NONE) {
    const [low, high] = [cx.use(value), cx.useHigh(value)];
    mem1(cx, form("movq_mr"), AM, low);
    AM.disp += 8;
    mem1(cx, form("movq_mr"), AM, high);
    return;
  }
  for (const part of [0, 1] as const) {
    const [lo, hi] = wideWords(cx, def, part);
    const imm = signedImm(lo, hi, Type.I64);
    if (Number.isNaN(imm)) mem1(cx, form("movq_mr"), AM, part === 0 ? cx.use(value) : cx.useHigh(value));
    else mem0(cx, form("movq_mi_sxl"), AM, imm);
    AM.disp += 8;
  }
}

/** The words of one half of a constant `i128`. */
function wideWords(cx: LowerContext, def: number, part: 0 | 1): readonly [number, number] {
  const bits = cx.fn.wideConstants[cx.fn.immLo[def]!]! >> (part === 0 ? 0n : 64n);
  return [Number(BigInt.asIntN(32, bits)), Number(BigInt.asIntN(32, bits >> 32n))];
}

/** Whether a store's address is that of the load matched as number `binding`. */
function sameAddress(cx: LowerContext, i: number, binding: number): boolean {
  const load = cx.bind[binding]!;
  return cx.arg(load, 0) === cx.arg(i, 0) && cx.fn.immLo[load] === cx.fn.immLo[i] && cx.fn.type[load] === cx.fn.type[i];
}

/** `store p, (load p) op x`: an operation on memory. */
function readModifyWrite(name: string, op: number, forms: AluForms, commute: boolean): readonly Rule[] {
  const loaded = { kind: "load" } as const;
  const emit = (cx: LowerContext, i: number, loadInst: number, value: number): void => {
    const type = cx.fn.type[i]!;
    const imm = cx.defBy(value, Op.iconst) === NONE ? Number.NaN : immOf(cx, value);
    const reg = Number.isNaN(imm) ? cx.use(value) : NONE;
    cx.sink(loadInst);
    addressMode(cx, cx.arg(i, 0), cx.fn.immLo[i]!, AM);
    if (reg !== NONE) mem1(cx, forms.mr[type]!, AM, reg);
    else mem0(cx, (fitsInt8(imm) ? forms.mi8 : forms.mi)[type]!, AM, imm);
  };
  const left: Rule = {
    name: `store.${name}`,
    op: Op.store,
    types: INTS,
    match: [any, inst(op, [loaded, any], { once: true })],
    priority: 20,
    when: (cx, i) => sameAddress(cx, i, 2),
    emit: (cx, i) => emit(cx, i, cx.bind[2]!, cx.bind[3]!),
  };
  if (!commute) return [left];
  const right: Rule = {
    ...left,
    name: `store.${name}.right`,
    match: [any, inst(op, [any, loaded], { once: true })],
    when: (cx, i) => sameAddress(cx, i, 3),
    emit: (cx, i) => emit(cx, i, cx.bind[3]!, cx.bind[2]!),
  };
  return [left, right];
}

// --- Blocks of memory ------------------------------------------------------------------------------------------------

/** Blocks of up to this many bytes are moved in pieces, greater ones by the string instructions. */
export const INLINE_BLOCK_LIMIT = 128;
const INLINE_BLOCK_LIMIT_SIZE = 48;

function inlineLimit(cx: LowerContext): number {
  return cx.optForSize ? INLINE_BLOCK_LIMIT_SIZE : INLINE_BLOCK_LIMIT;
}

/** Splits `size` bytes into pieces of 16, 8, 4, 2 and 1 bytes; the last of a longer block may overlap the one before it. */
export function pieces(size: number): readonly { readonly offset: number; readonly bytes: number }[] {
  const list: { offset: number; bytes: number }[] = [];
  let offset = 0;
  for (const bytes of [16, 8, 4, 2, 1]) {
    for (; size - offset >= bytes; offset += bytes) list.push({ offset, bytes });
    // One overlapping piece instead of several small ones.
    const rest = size - offset;
    if (rest > bytes / 2 && size >= bytes && bytes > 1) {
      list.push({ offset: size - bytes, bytes });
      return list;
    }
  }
  return list;
}

const PIECE_TYPE: Readonly<Record<number, number>> = { 8: Type.I64, 4: Type.I32, 2: Type.I16, 1: Type.I8 };

function emitMemcpy(cx: LowerContext, i: number): void {
  const size = cx.fn.immLo[i]!;
  if (size > inlineLimit(cx)) {
    const [to, from, count] = [cx.use(cx.arg(i, 0)), cx.use(cx.arg(i, 1)), countReg(cx, size)];
    copyString(cx, to, from, count);
    return;
  }
  addressMode(cx, cx.arg(i, 0), 0, AM);
  addressMode(cx, cx.arg(i, 1), 0, FROM);
  const [toBase, fromBase] = [AM.disp, FROM.disp];
  for (const { offset, bytes } of pieces(size)) {
    AM.disp = toBase + offset;
    FROM.disp = fromBase + offset;
    if (bytes === 16) {
      const tmp = cx.tmpFloat(16);
      mem1(cx, form("movups_rm"), FROM, tmp);
      mem1(cx, form("movups_mr"), AM, tmp);
    } else {
      const tmp = cx.tmp();
      mem1(cx, LOAD[PIECE_TYPE[bytes]!]!, FROM, tmp);
      mem1(cx, STORE[PIECE_TYPE[bytes]!]!, AM, tmp);
    }
  }
}

function countReg(cx: LowerContext, size: number): number {
  const dst = cx.tmp();
  cx.builder.startAhead();
  reg1(cx, form("movl_oi"), dst, size);
  cx.builder.endAhead();
  return dst;
}

/** `rep movsb` and `rep stosb`: templates [to, its end, from or byte (, its end), count, 0]. What they leave is not read. */
function copyString(cx: LowerContext, to: number, from: number, count: number): void {
  reg6(cx, form("rep_movsb"), [to, cx.tmp(), from, cx.tmp(), count, cx.tmp()]);
}

function fillString(cx: LowerContext, to: number, byte: number, count: number): void {
  reg5(cx, form("rep_stosb"), to, cx.tmp(), byte, count, cx.tmp());
}

function emitMemset(cx: LowerContext, i: number): void {
  const size = cx.fn.immLo[i]!;
  const byte = cx.fn.immHi[i]! & 0xff;
  if (size > inlineLimit(cx)) {
    fillString(cx, cx.use(cx.arg(i, 0)), countReg(cx, byte), countReg(cx, size));
    return;
  }
  const word = byte * 0x01010101;
  const split = pieces(size);
  addressMode(cx, cx.arg(i, 0), 0, AM);
  const base = AM.disp;
  let pattern: number = NONE;
  if (split.some((piece) => piece.bytes === 16)) {
    pattern = cx.tmpFloat(16);
    cx.builder.startAhead();
    if (byte === 0) {
      cx.builder.inst(Pseudo.ZERO_FLOAT);
      defReg(cx, CLASS_FLOAT, pattern);
    } else {
      const offset = cx.builder.constant([word | 0, word | 0, word | 0, word | 0]);
      mem1(cx, form("movaps_rm"), rodataMode(FROM, offset), pattern);
    }
    cx.builder.endAhead();
  }
  for (const { offset, bytes } of split) {
    AM.disp = base + offset;
    if (bytes === 16) mem1(cx, form("movups_mr"), AM, pattern);
    else if (bytes < 8 || byte === 0 || byte === 0xff) mem0(cx, STORE_IMM[PIECE_TYPE[bytes]!]!, AM, word | 0);
    else {
      const tmp = cx.tmp();
      cx.builder.startAhead();
      reg1(cx, form("movq_oi"), tmp, word | 0, word | 0);
      cx.builder.endAhead();
      mem1(cx, form("movq_mr"), AM, tmp);
    }
  }
}

// --- Constants and addresses, made at each use -----------------------------------------------------------------------

const MADE: AMode = newAMode();

/** Makes the constant with the given words in `dst`, in the shortest way. */
function materializeInt(cx: LowerContext, lo: number, hi: number, isQuad: boolean, dst: number): void {
  if (lo === 0 && (hi === 0 || !isQuad)) {
    cx.builder.inst(Pseudo.ZERO);
    defReg(cx, CLASS_INT, dst);
  } else if (!isQuad || hi === 0) reg1(cx, form("movl_oi"), dst, lo);
  else if (hi === lo >> 31) reg1(cx, form("movq_mi_sxl"), dst, lo);
  else reg1(cx, form("movq_oi"), dst, lo, hi);
}

/** See `LowerBackend.materialize`. */
export function materialize(cx: LowerContext, i: number, part: 0 | 1): number {
  const { fn } = cx;
  const type = fn.type[i]!;
  switch (fn.opcode[i]) {
    case Op.iconst: {
      const dst = cx.tmp();
      if (type === Type.I128) {
        const [lo, hi] = wideWords(cx, i, part);
        materializeInt(cx, lo, hi, true, dst);
      } else materializeInt(cx, fn.immLo[i]!, fn.immHi[i]!, type === Type.I64, dst);
      return dst;
    }
    case Op.fconst: {
      const dst = cx.tmpFloat();
      if (fn.immLo[i] === 0 && (fn.immHi[i] === 0 || type === Type.F32)) {
        cx.builder.inst(Pseudo.ZERO_FLOAT);
        defReg(cx, CLASS_FLOAT, dst);
      } else loadConstant(cx, type, fn.immLo[i]!, fn.immHi[i]!, dst);
      return dst;
    }
    case Op.stackAddr:
      return stackAddress(cx, fn.immLo[i]!, fn.immHi[i]!);
    default: {
      const dst = cx.tmp();
      const symbol = symbolIndex(cx, fn.functions[fn.immLo[i]!]!.symbol);
      mem1(cx, form("leaq_rm"), fixedMode(MADE, AMODE_SYMBOL, symbol), dst);
      return dst;
    }
  }
}

function stackAddress(cx: LowerContext, slot: number, offset: number): number {
  const dst = cx.tmp();
  const base = cx.slotOffset[slot]!;
  if (!cx.slotNeedsAligning(slot)) {
    mem1(cx, form("leaq_rm"), fixedMode(MADE, AMODE_SLOT, base + offset), dst);
    return dst;
  }
  const { align } = cx.fn.stackSlots[slot]!;
  const [unaligned, aligned] = [cx.tmp(), cx.tmp()];
  mem1(cx, form("leaq_rm"), fixedMode(MADE, AMODE_SLOT, base + align - 16), unaligned);
  reg2(cx, form("andq_mi_sxl"), unaligned, aligned, -align);
  mem1(cx, form("leaq_rm"), baseMode(MADE, aligned, offset), dst);
  return dst;
}

export const MEMORY_RULES: readonly Rule[] = [
  { name: "load", op: Op.load, types: [...INTS, ...FLOATS], emit: emitLoad },
  { name: "load.i128", op: Op.load, types: WIDE, emit: emitWideLoad },
  {
    name: "store.imm",
    op: Op.store,
    types: INTS,
    match: [any, constant(isImm32)],
    priority: 30,
    emit: emitStoreImm,
  },
  ...readModifyWrite("iadd", Op.iadd, aluNarrow("add"), true),
  ...readModifyWrite("isub", Op.isub, aluNarrow("sub"), false),
  ...readModifyWrite("band", Op.band, aluNarrow("and"), true),
  ...readModifyWrite("bor", Op.bor, aluNarrow("or"), true),
  ...readModifyWrite("bxor", Op.bxor, aluNarrow("xor"), true),
  { name: "store", op: Op.store, types: [...INTS, ...FLOATS], emit: emitStore },
  { name: "store.i128", op: Op.store, types: WIDE, emit: emitWideStore },
  { name: "memcpy", op: Op.memcpy, emit: emitMemcpy },
  { name: "memset", op: Op.memset, emit: emitMemset },
  {
    name: "black_box.int",
    op: Op.blackBox,
    types: [...INTS, ...WIDE],
    emit: (cx, i) => {
      if (cx.isLowUsed(i)) move(cx, CLASS_INT, cx.use(cx.arg(i, 0)), cx.result(i));
      if (cx.isHighUsed(i)) move(cx, CLASS_INT, cx.useHigh(cx.arg(i, 0)), cx.resultHigh(i));
    },
  },
  {
    name: "black_box.float",
    op: Op.blackBox,
    types: FLOATS,
    emit: (cx, i) => move(cx, CLASS_FLOAT, cx.use(cx.arg(i, 0)), cx.result(i)),
  },
];
