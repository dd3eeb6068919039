/**
 * The instruction set of the native backend's IR: one row per opcode.
 *
 * The IR is SSA with block parameters, in the manner of Cranelift's CLIF. Integers have no sign; opcodes do. Narrow values are not
 * extended: only the low bits of the type are meaningful. Comparison results and overflow flags are `i8`, 0 or 1. Pointers are `i64`.
 * Arithmetic wraps. `sdiv`/`udiv`/`srem`/`urem` trap on a zero divisor and on overflow. Shift amounts have the shifted type and are
 * below its width. Loads and stores may trap unless marked `notrap` (known to be inside a live allocation).
 *
 * A row says everything that a generic pass needs: how many arguments and results, their types, and which effects the opcode has.
 */

export const Type: {
  readonly I8: 1;
  readonly I16: 2;
  readonly I32: 3;
  readonly I64: 4;
  readonly I128: 5;
  readonly F32: 6;
  readonly F64: 7;
} = { I8: 1, I16: 2, I32: 3, I64: 4, I128: 5, F32: 6, F64: 7 };
export type Type = (typeof Type)[keyof typeof Type];

export const TYPE_NAMES: readonly string[] = ["", "i8", "i16", "i32", "i64", "i128", "f32", "f64"];
/** Bytes, by type. */
export const TYPE_BYTES: readonly number[] = [0, 1, 2, 4, 8, 16, 4, 8];

export function isInt(ty: Type): boolean {
  return ty <= Type.I128;
}

/** Effects of an opcode, as bits. */
export const Effect: {
  readonly NONE: 0;
  /** May trap or otherwise not be run when the program would not have run it. */
  readonly TRAP: 1;
  readonly READ: 2;
  readonly WRITE: 4;
  /** Ends a block. */
  readonly TERMINATOR: 8;
  /** Must be kept, once and in order, though its results may be unused (calls, black boxes). */
  readonly SIDE: 16;
  readonly COMMUTATIVE: 32;
} = { NONE: 0, TRAP: 1, READ: 2, WRITE: 4, TERMINATOR: 8, SIDE: 16, COMMUTATIVE: 32 };

/**
 * How the columns of an instruction are used.
 *
 * - `const`: `iconst` and `fconst`, the value in `immLo`/`immHi` (of `i128`: `immLo` indexes `Function.wideConstants`).
 * - `plain`: fixed arguments only. `cond`: the condition code in `aux`. `convert`: result type differs from the argument's.
 * - `mem`: address first, byte offset in `immLo`; `aux` holds `MemFlags`. `slot`: stack slot in `immLo`, byte offset in `immHi`.
 * - `func`: `FuncRef` in `immLo`, any number of arguments. `sig`: `SigRef` in `immLo`, callee then arguments.
 * - `block`: block size in `immLo`, alignment's log2 in `aux`, for `memset` the byte in `immHi`.
 * - `branch`: successors are `BlockCall`s; for `switch` the cases are in `Function.switchCases[immLo]`.
 */
export type Format =
  | "const"
  | "plain"
  | "cond"
  | "convert"
  | "mem"
  | "slot"
  | "func"
  | "sig"
  | "block"
  | "branch"
  | "list";

export interface OpInfo {
  readonly name: string;
  readonly format: Format;
  /** Number of arguments; -1: any. */
  readonly args: number;
  readonly results: 0 | 1 | 2 | -1;
  readonly effects: number;
}

const table: OpInfo[] = [];

function op(name: string, format: Format, args: number, results: 0 | 1 | 2 | -1, effects = 0): number {
  return table.push({ name, format, args, results, effects }) - 1;
}

const C = Effect.COMMUTATIVE;

export type OpName =
  | "nop"
  | "iconst"
  | "fconst"
  | "iadd"
  | "isub"
  | "imul"
  | "udiv"
  | "sdiv"
  | "urem"
  | "srem"
  | "umulhi"
  | "smulhi"
  | "band"
  | "bor"
  | "bxor"
  | "bnot"
  | "ineg"
  | "ishl"
  | "ushr"
  | "sshr"
  | "rotl"
  | "rotr"
  | "clz"
  | "ctz"
  | "popcnt"
  | "bswap"
  | "saddOverflow"
  | "uaddOverflow"
  | "ssubOverflow"
  | "usubOverflow"
  | "smulOverflow"
  | "umulOverflow"
  | "icmp"
  | "fcmp"
  | "select"
  | "fadd"
  | "fsub"
  | "fmul"
  | "fdiv"
  | "fneg"
  | "fabs"
  | "sqrt"
  | "ireduce"
  | "uextend"
  | "sextend"
  | "fcvtToUint"
  | "fcvtToSint"
  | "fcvtFromUint"
  | "fcvtFromSint"
  | "fpromote"
  | "fdemote"
  | "bitcast"
  | "iconcat"
  | "isplit"
  | "load"
  | "store"
  | "stackAddr"
  | "funcAddr"
  | "memcpy"
  | "memset"
  | "call"
  | "callIndirect"
  | "syscall"
  | "blackBox"
  | "jump"
  | "brif"
  | "switch"
  | "ret"
  | "unreachable";

/** Every opcode, by name. The result's type is the instruction's type unless noted. */
export const Op: Readonly<Record<OpName, number>> = {
  /** No instruction: what a removed slot holds. */
  nop: op("nop", "plain", 0, 0),
  iconst: op("iconst", "const", 0, 1),
  fconst: op("fconst", "const", 0, 1),

  iadd: op("iadd", "plain", 2, 1, C),
  isub: op("isub", "plain", 2, 1),
  imul: op("imul", "plain", 2, 1, C),
  udiv: op("udiv", "plain", 2, 1, Effect.TRAP),
  sdiv: op("sdiv", "plain", 2, 1, Effect.TRAP),
  urem: op("urem", "plain", 2, 1, Effect.TRAP),
  srem: op("srem", "plain", 2, 1, Effect.TRAP),
  /** The high half of the double-width product. */
  umulhi: op("umulhi", "plain", 2, 1, C),
  smulhi: op("smulhi", "plain", 2, 1, C),
  band: op("band", "plain", 2, 1, C),
  bor: op("bor", "plain", 2, 1, C),
  bxor: op("bxor", "plain", 2, 1, C),
  bnot: op("bnot", "plain", 1, 1),
  ineg: op("ineg", "plain", 1, 1),
  ishl: op("ishl", "plain", 2, 1),
  ushr: op("ushr", "plain", 2, 1),
  sshr: op("sshr", "plain", 2, 1),
  rotl: op("rotl", "plain", 2, 1),
  rotr: op("rotr", "plain", 2, 1),
  clz: op("clz", "plain", 1, 1),
  ctz: op("ctz", "plain", 1, 1),
  popcnt: op("popcnt", "plain", 1, 1),
  bswap: op("bswap", "plain", 1, 1),
  /** Two results: the wrapped value (the instruction's type) and an `i8` flag. */
  saddOverflow: op("sadd_overflow", "plain", 2, 2, C),
  uaddOverflow: op("uadd_overflow", "plain", 2, 2, C),
  ssubOverflow: op("ssub_overflow", "plain", 2, 2),
  usubOverflow: op("usub_overflow", "plain", 2, 2),
  smulOverflow: op("smul_overflow", "plain", 2, 2, C),
  umulOverflow: op("umul_overflow", "plain", 2, 2, C),
  /** `i8` result; the instruction's type is that of the arguments; `aux` is an `IntCC`. */
  icmp: op("icmp", "cond", 2, 1),
  /** As `icmp`, with a `FloatCC`. */
  fcmp: op("fcmp", "cond", 2, 1),
  /** `select c, a, b`: `a` when the `i8` `c` is not 0. */
  select: op("select", "plain", 3, 1),

  fadd: op("fadd", "plain", 2, 1, C),
  fsub: op("fsub", "plain", 2, 1),
  fmul: op("fmul", "plain", 2, 1, C),
  fdiv: op("fdiv", "plain", 2, 1),
  fneg: op("fneg", "plain", 1, 1),
  fabs: op("fabs", "plain", 1, 1),
  sqrt: op("sqrt", "plain", 1, 1),

  /** Conversions: the instruction's type is the result's. */
  ireduce: op("ireduce", "convert", 1, 1),
  uextend: op("uextend", "convert", 1, 1),
  sextend: op("sextend", "convert", 1, 1),
  /** Saturating, NaN to 0. */
  fcvtToUint: op("fcvt_to_uint_sat", "convert", 1, 1),
  fcvtToSint: op("fcvt_to_sint_sat", "convert", 1, 1),
  fcvtFromUint: op("fcvt_from_uint", "convert", 1, 1),
  fcvtFromSint: op("fcvt_from_sint", "convert", 1, 1),
  fpromote: op("fpromote", "convert", 1, 1),
  fdemote: op("fdemote", "convert", 1, 1),
  bitcast: op("bitcast", "convert", 1, 1),
  /** `i128` of two `i64`: low, high. */
  iconcat: op("iconcat", "convert", 2, 1),
  /** Two `i64` results, low and high, of an `i128`. */
  isplit: op("isplit", "convert", 1, 2),

  load: op("load", "mem", 1, 1, Effect.READ | Effect.TRAP),
  /** Arguments: address, value. The instruction's type is the value's. */
  store: op("store", "mem", 2, 0, Effect.WRITE | Effect.TRAP),
  stackAddr: op("stack_addr", "slot", 0, 1),
  funcAddr: op("func_addr", "func", 0, 1),
  /** Destination, source; they do not overlap. */
  memcpy: op("memcpy", "block", 2, 0, Effect.READ | Effect.WRITE | Effect.TRAP),
  memset: op("memset", "block", 1, 0, Effect.WRITE | Effect.TRAP),

  call: op("call", "func", -1, -1, Effect.READ | Effect.WRITE | Effect.SIDE | Effect.TRAP),
  callIndirect: op("call_indirect", "sig", -1, -1, Effect.READ | Effect.WRITE | Effect.SIDE | Effect.TRAP),
  /** Number and up to six arguments, `i64`; one `i64` result. */
  syscall: op("syscall", "list", -1, 1, Effect.READ | Effect.WRITE | Effect.SIDE),
  /** Its argument, of which nothing may be assumed. */
  blackBox: op("black_box", "plain", 1, 1, Effect.SIDE),

  jump: op("jump", "branch", 0, 0, Effect.TERMINATOR),
  /** One `i8` argument: the first successor when it is not 0, else the second. */
  brif: op("brif", "branch", 1, 0, Effect.TERMINATOR),
  /** One integer argument; the first successor is the default, the others follow the cases' order. */
  switch: op("switch", "branch", 1, 0, Effect.TERMINATOR),
  ret: op("return", "list", -1, 0, Effect.TERMINATOR),
  /** Control never comes here; an `ud2` marks it. */
  unreachable: op("unreachable", "plain", 0, 0, Effect.TERMINATOR),
};

export const OPS: readonly OpInfo[] = table;

export const OP_BY_NAME: ReadonlyMap<string, number> = new Map(table.map((info, i) => [info.name, i]));

/** Effect bits by opcode, for hot loops. */
export const EFFECTS: Uint8Array = Uint8Array.from(table, (info) => info.effects);

/** Integer condition codes. `code ^ 1` is the inverse. */
export const IntCC: {
  readonly eq: 0;
  readonly ne: 1;
  readonly slt: 2;
  readonly sge: 3;
  readonly sgt: 4;
  readonly sle: 5;
  readonly ult: 6;
  readonly uge: 7;
  readonly ugt: 8;
  readonly ule: 9;
} = { eq: 0, ne: 1, slt: 2, sge: 3, sgt: 4, sle: 5, ult: 6, uge: 7, ugt: 8, ule: 9 };
export const INT_CC_NAMES: readonly string[] = ["eq", "ne", "slt", "sge", "sgt", "sle", "ult", "uge", "ugt", "ule"];
/** The condition with the arguments swapped. */
export const INT_CC_SWAPPED: readonly number[] = [0, 1, 4, 5, 2, 3, 8, 9, 6, 7];

/** Float condition codes; the ordered ones are false on NaN. `code ^ 1` is the inverse. */
export const FloatCC: {
  readonly eq: 0;
  readonly ne: 1;
  readonly lt: 2;
  readonly uge: 3;
  readonly le: 4;
  readonly ugt: 5;
  readonly gt: 6;
  readonly ule: 7;
  readonly ge: 8;
  readonly ult: 9;
  readonly uno: 10;
  readonly ord: 11;
} = { eq: 0, ne: 1, lt: 2, uge: 3, le: 4, ugt: 5, gt: 6, ule: 7, ge: 8, ult: 9, uno: 10, ord: 11 };
export const FLOAT_CC_NAMES: readonly string[] = [
  "eq",
  "ne",
  "lt",
  "uge",
  "le",
  "ugt",
  "gt",
  "ule",
  "ge",
  "ult",
  "uno",
  "ord",
];

/** Bits of `aux` of integer arithmetic: overflow of that reading is undefined. */
export const ArithFlags: { readonly NSW: 1; readonly NUW: 2 } = { NSW: 1, NUW: 2 };

/** Bits of `aux` of loads and stores: does not trap; then the alignment's log2 in the bits above. */
export const MemFlags: { readonly NOTRAP: 1; readonly ALIGN_SHIFT: 1 } = { NOTRAP: 1, ALIGN_SHIFT: 1 };
