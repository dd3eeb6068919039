/**
 * What the machine's instructions call when one line does not do: failures, and operations on pointers and floats in registers.
 */

import { floatToBig } from "./float.ts";
import { floatToInt64, less64 } from "./int64.ts";
import { isZero128, less128, write128 } from "./int128.ts";
import { addressText, DEAD, FUNCTION, type Memory, NO_PROVENANCE, WILDCARD } from "./memory.ts";
import { ACCESS_NONE, ACCESS_WRITE } from "./opcodes.ts";
import { bytesText, UbTrap } from "./ub.ts";

export function failRead(state: number): never {
  if (state === 2) throw new UbTrap("deadLocal", "use of a local outside its storage");
  throw new UbTrap("uninit", "read of an uninitialised (or moved) local");
}

export function failReads(a: number, b: number): never {
  failRead(a === 1 ? b : a);
}

export function failIndex(R: Int32Array, a: number, length: number): never {
  const index = (BigInt(R[a + 1]! >>> 0) << 32n) | BigInt(R[a]! >>> 0);
  throw new UbTrap("indexOutOfBounds", `index ${index} of ${length} elements`);
}

export function failZero(): never {
  throw new UbTrap("divisionByZero", "division by zero");
}

export function failDivOverflow(): never {
  throw new UbTrap("divisionOverflow", "the least integer divided by -1");
}

export function checkDivision128(R: Int32Array, a: number, b: number, signed: boolean): void {
  if (isZero128(R, b)) failZero();
  const minusOne = (R[b]! & R[b + 1]! & R[b + 2]! & R[b + 3]!) === -1;
  if (signed && minusOne && R[a + 3] === -0x80000000 && (R[a]! | R[a + 1]! | R[a + 2]!) === 0) failDivOverflow();
}

export function less(R: Int32Array, a: number, b: number, words: number, signed: boolean): boolean {
  if (words === 1) return signed ? R[a]! < R[b]! : R[a]! >>> 0 < R[b]! >>> 0;
  return words === 2 ? less64(R, a, b, signed) : less128(R, a, b, signed);
}

export function floatToInt(
  R: Int32Array,
  Q: BigUint64Array,
  d: number,
  value: number,
  bits: number,
  signed: boolean,
): void {
  if (bits === 64) floatToInt64(R, d, value, signed);
  else if (bits === 128) write128(Q, d, floatToBig(value, 128, signed));
  else {
    const min = signed ? -(2 ** (bits - 1)) : 0;
    const max = 2 ** (signed ? bits - 1 : bits) - 1;
    // NaN fails both comparisons and becomes 0 when it is stored.
    R[d] = value < min ? min : value > max ? max : Math.trunc(value);
  }
}

/** `d = a + bytes` inside one allocation, as `ptr::offset` requires. No offset at all is always fine. */
export function offsetPointer(m: Memory, R: Int32Array, d: number, a: number, bytes: number): void {
  const lo = R[a]!;
  const hi = R[a + 1]!;
  const id = R[a + 2]!;
  if (bytes !== 0) {
    const least = bytes < 0 ? lo + bytes : lo;
    const id2 = m.resolve(lo, hi, id, 0);
    const offset = id2 > 0 ? least - m.base[id2]! : -1;
    if (id2 <= 0 || hi !== 0 || (m.state[id2]! & 1) !== 1 || offset < 0 || offset + Math.abs(bytes) > m.size[id2]!) {
      const by = Math.abs(bytes) < 2 ** 47 ? `by ${bytesText(bytes)}` : "so far that the bytes overflow `isize`";
      const isGone = id2 > 0 && m.state[id2] === DEAD;
      const leaves = isGone ? "is in an allocation that is gone" : "leaves its allocation";
      const why = id2 > 0 ? leaves : `has no allocation, ${addressText(lo, hi)}`;
      throw new UbTrap("pointerArithmetic", `a pointer offset ${by} ${why}`, m.describe(lo, id2));
    }
  }
  R[d] = lo + bytes;
  R[d + 1] = hi;
  R[d + 2] = id;
}

/** Whether two pointers are equal; notes when that depends on where memory is. */
export function pointersEqual(m: Memory, R: Int32Array, a: number, b: number): boolean {
  const same = R[a] === R[b] && R[a + 1] === R[b + 1];
  const p = m.allocationOf(R[a + 2]!);
  const q = m.allocationOf(R[b + 2]!);
  if (p === q && p !== WILDCARD) {
    if (p > 0 && m.state[p] === FUNCTION) m.addressObserved = true;
    return same;
  }
  // Within two live allocations, or against null, addresses cannot coincide; elsewhere they might.
  const isNull = (at: number, id: number): boolean => id === NO_PROVENANCE && R[at] === 0 && R[at + 1] === 0;
  const inside = (at: number, id: number, end: number): boolean => {
    if (id <= 0 || R[at + 1] !== 0 || (m.state[id]! & 1) !== 1) return false;
    const offset = R[at]! - m.base[id]!;
    return offset >= 0 && offset < m.size[id]! + end;
  };
  const isFn = (id: number): boolean => id > 0 && m.state[id] === FUNCTION;
  const certain =
    (isNull(a, p) && (inside(b, q, 1) || isFn(q))) ||
    (isNull(b, q) && (inside(a, p, 1) || isFn(p))) ||
    (inside(a, p, 0) && inside(b, q, 0));
  if (!certain) m.addressObserved = true;
  return same;
}

/** Checks a place behind a pointer where the quick check has found something: alignment, bounds, aliasing, races. */
export function checkDeref(
  m: Memory,
  lo: number,
  hi: number,
  tag: number,
  offset: number,
  size: number,
  align: number,
  access: number,
): void {
  // What memory it is comes first: of what may not be accessed at all, alignment says nothing.
  m.checkBounds(lo + offset, hi, tag, size);
  m.checkAlign(lo, hi, tag, align);
  if (access !== ACCESS_NONE) m.access(lo + offset, hi, tag, size, access === ACCESS_WRITE);
}

/** Checks a load of a plain value, or of a float, some bytes of which are not. */
export function checkLoad(m: Memory, at: number, size: number, isFloat: boolean): void {
  if (isFloat) m.checkInitFloat(at, size);
  else m.checkInit(at, size);
}
