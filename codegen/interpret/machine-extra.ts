/**
 * The rarer instructions that need the machine: globals, wide pointers, retags, checks of values.
 *
 * The numbers of the cases are those of `OPCODES`, as in `execute.ts`.
 */

import { bug } from "../entity/entity.ts";
import { assertMessage, failureAborts } from "./assert-message.ts";
import { checkRegisters, registerBits } from "./intrinsics/intrinsic.ts";
import { failIndex, failRead, offsetPointer, pointersEqual } from "./machine-ops.ts";
import { INIT, NAN_BYTE } from "./memory.ts";
import { endPlaceProtection, protectPlace } from "./place-protection.ts";
import { retagMemory, retagRegister } from "./retag-machine.ts";
import { isNanAt } from "./typed-copy.ts";
import { UbTrap } from "./ub.ts";
import { makeVaList } from "./va-list.ts";
import { Abort, UNWINDING, type Vm } from "./vm.ts";

/** Words of one register, as in `frame.ts`. */
const SLOT = 4;

/** Executes the instruction at `at`; answers where the next one is. */
export function extraOp(vm: Vm, code: Int32Array, at: number): number {
  const { R, S } = vm.regs;
  const { memory: m, fp } = vm;
  switch (code[at]) {
    case 191: {
      // ConstEa
      const id = vm.globals.allocation(code[at + 1]!);
      vm.ea = m.base[id]!;
      vm.eaTag = id;
      return at + 2;
    }
    case 192: {
      // GlobalPtr
      const id = vm.globals.allocation(code[at + 2]!);
      setPointer(vm, fp + code[at + 1]!, m.base[id]! + code[at + 3]!, 0, id);
      return at + 4;
    }
    case 193: {
      // CheckValue
      const a = fp + code[at + 1]!;
      const info = vm.prepared.table.infos[code[at + 2]!]!;
      for (let k = 0; k < info.leaves.length; k++) if (S[a + k * SLOT] !== 1) failRead(S[a + k * SLOT]!);
      checkRegisters(vm, info, a);
      return at + 3;
    }
    case 194: {
      // SubMeta
      const a = fp + code[at + 2]!;
      const length = readLength(vm, a) - code[at + 3]!;
      setLength(vm, fp + code[at + 1]!, length);
      return at + 4;
    }
    case 195: {
      // MinLen
      const a = fp + code[at + 1]!;
      const length = readLength(vm, a);
      if (length < code[at + 2]!)
        throw new UbTrap("indexOutOfBounds", `a pattern for ${code[at + 2]} elements on a slice of ${length}`);
      return at + 3;
    }
    case 196: {
      // PtrIndexMeta
      const a = fp + code[at + 2]!;
      const i = fp + code[at + 3]!;
      if (S[a] !== 1) failRead(S[a]!);
      if (S[i] !== 1) failRead(S[i]!);
      const length = readLength(vm, fp + code[at + 5]!);
      if (R[i + 1] !== 0 || R[i]! >>> 0 >= length) failIndex(R, i, length);
      const d = fp + code[at + 1]!;
      offsetPointer(m, R, d, a, (R[i]! >>> 0) * code[at + 4]!);
      S[d] = 1;
      return at + 6;
    }
    case 197: {
      // EaConstEnd
      vm.ea += (readLength(vm, fp + code[at + 3]!) - code[at + 1]!) * code[at + 2]!;
      return at + 4;
    }
    case 198: {
      // PtrConstEnd
      const length = readLength(vm, fp + code[at + 5]!);
      const d = fp + code[at + 1]!;
      offsetPointer(m, R, d, fp + code[at + 2]!, (length - code[at + 3]!) * code[at + 4]!);
      S[d] = 1;
      return at + 6;
    }
    case 199: {
      // EaDynField
      vm.ea += alignedOffset(vm, code[at + 1]!, code[at + 2]!, fp + code[at + 3]!);
      return at + 4;
    }
    case 200: {
      // PtrDynField
      const offset = alignedOffset(vm, code[at + 3]!, code[at + 4]!, fp + code[at + 5]!);
      const d = fp + code[at + 1]!;
      offsetPointer(m, R, d, fp + code[at + 2]!, offset);
      S[d] = 1;
      return at + 6;
    }
    case 201: {
      // Upcast
      upcast(vm, fp + code[at + 1]!, fp + code[at + 2]!, code[at + 3]!);
      return at + 4;
    }
    case 202: {
      // PtrCompareWide
      const d = fp + code[at + 1]!;
      R[d] = compareWide(vm, fp + code[at + 2]!, fp + code[at + 3]!, code[at + 4]!) ? 1 : 0;
      S[d] = 1;
      return at + 5;
    }
    case 203: {
      // LdSoft
      const from = vm.ea + code[at + 2]!;
      const size = code[at + 3]!;
      m.checkInitFloat(from, size);
      const d = fp + code[at + 1]!;
      if (size === 2) R[d] = m.view.getUint16(from, true);
      else for (let k = 0; k < 4; k++) R[d + k] = m.view.getInt32(from + 4 * k, true);
      S[d] = 1;
      return at + 4;
    }
    case 204: {
      // StSoft
      const a = fp + code[at + 1]!;
      if (S[a] !== 1) failRead(S[a]!);
      const to = vm.ea + code[at + 2]!;
      const size = code[at + 3]!;
      for (let i = 0; i < size; i++) m.bytes[to + i] = R[a + (i >> 2)]! >>> ((i & 3) * 8);
      m.marks.fill(isNanAt(m, to, size) ? NAN_BYTE : INIT, to, to + size);
      return at + 4;
    }
    case 205: {
      // Retag
      const a = fp + code[at + 1]!;
      if (S[a] === 1) retagRegister(vm, vm.prepared.retagSites[code[at + 2]!]!, a, code[at + 3] === 1);
      return at + 4;
    }
    case 206: {
      // RetagMem
      retagMemory(vm, vm.prepared.table.infos[code[at + 1]!]!, vm.ea, code[at + 2] === 1);
      return at + 3;
    }
    case 207: {
      // Caught
      vm.panic = undefined;
      setPointer(vm, fp + code[at + 1]!, 0, 0, 0);
      return at + 2;
    }
    case 208: {
      // CopyNonOverlapping
      copyNonOverlapping(vm, fp + code[at + 1]!, fp + code[at + 2]!, fp + code[at + 3]!, code[at + 4]!, code[at + 5]!);
      return at + 6;
    }
    case 209: {
      // ProtectPlace
      protectPlace(vm, fp + code[at + 1]!, code[at + 2]!);
      return at + 3;
    }
    case 210: {
      // EndPlaceProtection
      endPlaceProtection(vm);
      return at + 1;
    }
    case 211:
      // AssertFailed
      return failAssertion(vm, code, at);
    case 213: {
      // MakeVaList
      makeVaList(vm, vm.prepared.vaSites[code[at + 1]!]!);
      return at + 2;
    }
    case 212: {
      // CheckFn
      const a = fp + code[at + 1]!;
      if (S[a] !== 1) failRead(S[a]!);
      m.checkFnPointer(R[a]!, R[a + 1]!, R[a + 2]!);
      return at + 2;
    }
    default:
      throw bug(`opcode ${code[at]}`);
  }
}

/** Panics as the assertion says, by the operands in the registers that follow its number. */
function failAssertion(vm: Vm, code: Int32Array, at: number): never {
  const { message, code: panicCode, shown } = vm.prepared.asserts[code[at + 1]!]!;
  const values = shown.map((cls, i) => {
    const a = vm.fp + code[at + 3 + i]!;
    if (vm.regs.S[a] !== 1) failRead(vm.regs.S[a]!);
    return registerBits(vm, cls, a);
  });
  const text = assertMessage(message, values);
  if (failureAborts(message)) throw new Abort(text);
  vm.panic = { code: panicCode, message: text };
  vm.unwindAction = code[at + 2]!;
  throw UNWINDING;
}

function setPointer({ regs: { R, S } }: Vm, d: number, lo: number, hi: number, tag: number): void {
  R[d] = lo;
  R[d + 1] = hi;
  R[d + 2] = tag;
  S[d] = 1;
}

function readLength({ regs: { R, S } }: Vm, a: number): number {
  if (S[a] !== 1) failRead(S[a]!);
  return (R[a + 1]! >>> 0) * 2 ** 32 + (R[a]! >>> 0);
}

function setLength({ regs: { R, S } }: Vm, d: number, length: number): void {
  R[d] = length % 2 ** 32;
  R[d + 1] = Math.floor(length / 2 ** 32);
  S[d] = 1;
}

/** `offset` rounded up to the alignment that the vtable in register `meta` says, of which no more than `packed` counts. */
function alignedOffset(vm: Vm, offset: number, packed: number, meta: number): number {
  const { R } = vm.regs;
  const { memory: m } = vm;
  const own = m.align[m.checkVtable(R[meta]!, R[meta + 1]!, R[meta + 2]!)]!;
  const align = packed === 0 ? own : Math.min(own, packed);
  return (offset + align - 1) & -align;
}

/** The vtable in register `a` as the one of the same type for the `dyn` type of number `to`. */
function upcast(vm: Vm, d: number, a: number, to: number): void {
  const { R, S } = vm.regs;
  const { memory: m, prepared } = vm;
  if (S[a] !== 1) failRead(S[a]!);
  const { ty } = prepared.table.infos[to]!;
  if (ty.kind !== "dynamic") throw bug(`an upcast to ${ty.text}`);
  const { global } = vm.globals.vtable(m.checkVtable(R[a]!, R[a + 1]!, R[a + 2]!));
  const id = vm.globals.allocation(prepared.globals.add({ kind: "vtable", ty: global.ty, dyn: ty }));
  setPointer(vm, d, m.base[id]!, 0, id);
}

/** Comparison `op` (`Eq`, `Ne`, `Lt`, `Le`, `Gt`, `Ge`) of two wide pointers. */
function compareWide(vm: Vm, a: number, b: number, op: number): boolean {
  const { R, S } = vm.regs;
  const { memory: m } = vm;
  for (const at of [a, b, a + SLOT, b + SLOT]) if (S[at] !== 1) failRead(S[at]!);
  const address = (at: number): number => (R[at + 1]! >>> 0) * 2 ** 32 + (R[at]! >>> 0);
  const same = pointersEqual(m, R, a, b);
  if (!same && op >= 2 && m.allocationOf(R[a + 2]!) !== m.allocationOf(R[b + 2]!)) m.addressObserved = true;
  const order = same ? address(a + SLOT) - address(b + SLOT) : address(a) - address(b);
  switch (op) {
    case 0:
      return order === 0;
    case 1:
      return order !== 0;
    case 2:
      return order < 0;
    case 3:
      return order <= 0;
    case 4:
      return order > 0;
    default:
      return order >= 0;
  }
}

function copyNonOverlapping(vm: Vm, src: number, dst: number, count: number, size: number, align: number): void {
  const { R, S } = vm.regs;
  const { memory: m } = vm;
  for (const at of [src, dst]) if (S[at] !== 1) failRead(S[at]!);
  const bytes = readLength(vm, count) * size;
  if (bytes >= 2 ** 47) throw new UbTrap("intrinsicPrecondition", "`copy_nonoverlapping`: the size overflows");
  m.checkAlign(R[src]!, R[src + 1]!, R[src + 2]!, align);
  m.checkAlign(R[dst]!, R[dst + 1]!, R[dst + 2]!, align);
  m.access(R[src]!, R[src + 1]!, R[src + 2]!, bytes, false);
  m.access(R[dst]!, R[dst + 1]!, R[dst + 2]!, bytes, true);
  const [from, to] = [R[src]!, R[dst]!];
  if (bytes > 0 && from < to + bytes && to < from + bytes)
    throw new UbTrap("overlap", "`copy_nonoverlapping` of ranges that overlap", m.describe(to, R[dst + 2]!));
  if (bytes > 0) m.copyRaw(from, to, bytes);
}
