/** Event records as text: what a report shows of an observation. */

import { EventKind, PanicCode, RECORD_SIZE } from "../../codegen/index.ts";

const SCALARS: ReadonlyMap<number, string> = new Map([
  [EventKind.BOOL, "bool"],
  [EventKind.CHAR, "char"],
  [EventKind.I8, "i8"],
  [EventKind.I16, "i16"],
  [EventKind.I32, "i32"],
  [EventKind.I64, "i64"],
  [EventKind.I128, "i128"],
  [EventKind.ISIZE, "isize"],
  [EventKind.U8, "u8"],
  [EventKind.U16, "u16"],
  [EventKind.U32, "u32"],
  [EventKind.U64, "u64"],
  [EventKind.U128, "u128"],
  [EventKind.USIZE, "usize"],
  [EventKind.F32, "f32"],
  [EventKind.F64, "f64"],
]);

const SIGNED_BITS: ReadonlyMap<number, number> = new Map([
  [EventKind.I8, 8],
  [EventKind.I16, 16],
  [EventKind.I32, 32],
  [EventKind.I64, 64],
  [EventKind.I128, 128],
  [EventKind.ISIZE, 64],
]);

const PANICS: ReadonlyMap<number, string> = new Map([
  [0, "one of the program's own"],
  [PanicCode.BOUNDS_CHECK, "index out of bounds"],
  [PanicCode.OVERFLOW_ADD, "attempt to add with overflow"],
  [PanicCode.OVERFLOW_SUB, "attempt to subtract with overflow"],
  [PanicCode.OVERFLOW_MUL, "attempt to multiply with overflow"],
  [PanicCode.OVERFLOW_DIV, "attempt to divide with overflow"],
  [PanicCode.OVERFLOW_REM, "attempt to calculate the remainder with overflow"],
  [PanicCode.OVERFLOW_NEG, "attempt to negate with overflow"],
  [PanicCode.OVERFLOW_SHL, "attempt to shift left with overflow"],
  [PanicCode.OVERFLOW_SHR, "attempt to shift right with overflow"],
  [PanicCode.DIVISION_BY_ZERO, "attempt to divide by zero"],
  [PanicCode.REMAINDER_BY_ZERO, "attempt to calculate the remainder with a divisor of zero"],
]);

/** Event `index` of `events` as text, such as `observe 3: i32 -7`; `undefined` past the end. */
export function describeRecord(events: Uint8Array, index: number): string | undefined {
  const at = index * RECORD_SIZE;
  if (at + RECORD_SIZE > events.length) return undefined;
  const view = new DataView(events.buffer, events.byteOffset + at, RECORD_SIZE);
  const kind = view.getUint32(0, true);
  const tag = view.getUint32(4, true);
  const low = view.getBigUint64(8, true);
  const high = view.getBigUint64(16, true);
  if (kind === EventKind.PANIC) return `panic: ${PANICS.get(Number(low)) ?? `code ${low}`}`;
  return `observe ${tag}: ${describeValue(kind, low, high)}`;
}

function describeValue(kind: number, low: bigint, high: bigint): string {
  const bits = (high << 64n) | low;
  switch (kind) {
    case EventKind.BOOL:
      return bits > 1n ? `bool with bits 0x${bits.toString(16)}` : `bool ${bits === 1n}`;
    case EventKind.CHAR:
      return `char ${describeChar(bits)}`;
    case EventKind.VARIANT:
      return `variant ${low}`;
    case EventKind.POINTER:
      return low === 0n ? "null pointer" : "pointer";
    case EventKind.F32:
      return `f32 ${float32(low)} (0x${low.toString(16).padStart(8, "0")})`;
    case EventKind.F64:
      return `f64 ${float64(low)} (0x${low.toString(16).padStart(16, "0")})`;
  }
  const name = SCALARS.get(kind);
  if (name === undefined) return `unknown event kind ${kind}`;
  const width = SIGNED_BITS.get(kind);
  return `${name} ${width === undefined ? bits : BigInt.asIntN(width, bits)}`;
}

function describeChar(bits: bigint): string {
  const printable = bits >= 0x20n && bits < 0x7fn;
  return printable ? `'${String.fromCharCode(Number(bits))}'` : `'\\u{${bits.toString(16)}}'`;
}

const scratch = new DataView(new ArrayBuffer(8));

function float32(bits: bigint): number {
  scratch.setUint32(0, Number(bits & 0xffff_ffffn));
  return scratch.getFloat32(0);
}

function float64(bits: bigint): number {
  scratch.setBigUint64(0, bits);
  return scratch.getFloat64(0);
}

/** All events as text, a line each. */
export function describeEvents(events: Uint8Array): string[] {
  const lines: string[] = [];
  for (let i = 0; i * RECORD_SIZE < events.length; i++) lines.push(describeRecord(events, i) ?? "a truncated record");
  return lines;
}
