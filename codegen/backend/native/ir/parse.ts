/**
 * The reader of the IR's text form (see `text.ts`). Everything that is not understood is a `Diagnostic` at its line and column.
 *
 * The reader checks spelling only: what the text says, not whether it is well formed. That is the verifier's part. Values and blocks keep
 * the numbers that the text gives them.
 */

import type { Entity } from "../../../entity/entity.ts";
import { Diagnostic } from "../../../session/diagnostic.ts";
import { type Block, type Inst, IrFunction, type IrModule, type Signature, type Value } from "./function.ts";
import {
  ArithFlags,
  FLOAT_CC_NAMES,
  type Format,
  INT_CC_NAMES,
  MemFlags,
  OP_BY_NAME,
  OPS,
  Op,
  TYPE_BYTES,
  TYPE_NAMES,
  Type,
} from "./opcodes.ts";
import { resultTypes } from "./type-rules.ts";

/** Greatest number of a value, block, slot or reference in a text. */
const MAX_INDEX = 1 << 22;

const TOKEN =
  /[ \t\r\n]+|;[^\n]*|%"(?:[^"\\\n]|\\.)*"|%[A-Za-z0-9_.$]+|0x[0-9a-fA-F]+|[A-Za-z_][A-Za-z0-9_.]*|[0-9]+|->|[(){}[\]:,=+-]/y;

interface Token {
  readonly text: string;
  readonly at: number;
}

/** The functions of `text`, as a module named `name`. `file` is for messages. */
export function parseModule(text: string, name: string, file: string = name): IrModule {
  const reader = new Reader(text, file);
  const functions: IrFunction[] = [];
  while (!reader.atEnd()) functions.push(parseOne(reader));
  return { name, functions };
}

/** The only function of `text`. */
export function parseFunction(text: string, file = "<ir>"): IrFunction {
  const reader = new Reader(text, file);
  const fn = parseOne(reader);
  if (!reader.atEnd()) throw reader.error("expected the end of the text");
  return fn;
}

class Reader {
  private readonly text: string;
  private readonly file: string;
  private readonly tokens: Token[] = [];
  private position = 0;

  constructor(text: string, file: string) {
    this.text = text;
    this.file = file;
    TOKEN.lastIndex = 0;
    for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
      TOKEN.lastIndex = at;
      const match = TOKEN.exec(text);
      if (match === null) throw this.errorAt(at, `unexpected character \`${text[at]}\``);
      const first = match[0][0]!;
      if (first !== ";" && first > " ") this.tokens.push({ text: match[0], at });
    }
  }

  errorAt(at: number, message: string): Diagnostic {
    const before = this.text.slice(0, at);
    const line = before.split("\n").length;
    const start = before.lastIndexOf("\n") + 1;
    const end = this.text.indexOf("\n", at);
    const sourceLine = this.text.slice(start, end < 0 ? undefined : end);
    return new Diagnostic(message, { file: this.file, span: { line, column: at - start + 1 }, sourceLine });
  }

  /** An error at the next token. */
  error(message: string): Diagnostic {
    return this.errorAt(this.tokens[this.position]?.at ?? this.text.length, message);
  }

  /** An error at the token read last. */
  errorHere(message: string): Diagnostic {
    return this.errorAt(this.tokens[this.position - 1]?.at ?? 0, message);
  }

  atEnd(): boolean {
    return this.position >= this.tokens.length;
  }

  peek(): string {
    return this.tokens[this.position]?.text ?? "";
  }

  peekSecond(): string {
    return this.tokens[this.position + 1]?.text ?? "";
  }

  next(what: string): string {
    const token = this.tokens[this.position];
    if (token === undefined) throw this.error(`expected ${what}, found the end of the text`);
    this.position++;
    return token.text;
  }

  accept(text: string): boolean {
    if (this.peek() !== text) return false;
    this.position++;
    return true;
  }

  expect(text: string): void {
    const found = this.next(`\`${text}\``);
    if (found !== text) throw this.errorHere(`expected \`${text}\`, found \`${found}\``);
  }

  /** The number of an entity: `v7` with prefix `v` gives 7. */
  entity(prefix: string, what: string): number {
    const text = this.next(what);
    const number = text.startsWith(prefix) ? text.slice(prefix.length) : "";
    if (!/^(0|[1-9][0-9]*)$/.test(number)) throw this.errorHere(`expected ${what}, found \`${text}\``);
    if (Number(number) > MAX_INDEX) throw this.errorHere(`${what} is numbered too high`);
    return Number(number);
  }

  integer(what: string): bigint {
    const negative = this.accept("-");
    const text = this.next(what);
    if (!/^[0-9]/.test(text)) throw this.errorHere(`expected ${what}, found \`${text}\``);
    return negative ? -BigInt(text) : BigInt(text);
  }

  /** An integer that fits 32 signed bits. */
  int32(what: string): number {
    const value = this.integer(what);
    if (value < -(2n ** 31n) || value >= 2n ** 31n) throw this.errorHere(`${what} does not fit 32 bits`);
    return Number(value);
  }

  type(): Type {
    const text = this.next("a type");
    const index = TYPE_NAMES.indexOf(text);
    if (index <= 0) throw this.errorHere(`expected a type, found \`${text}\``);
    return index as Type;
  }

  symbol(): string {
    const text = this.next("a symbol");
    if (text[0] !== "%") throw this.errorHere(`expected a symbol, found \`${text}\``);
    if (text[1] !== '"') return text.slice(1);
    try {
      return JSON.parse(text.slice(1)) as string;
    } catch {
      throw this.errorHere("the quoted symbol has an unknown escape");
    }
  }

  /** Elements separated by commas up to `close`, which is read. */
  list<T>(close: string, element: () => T): T[] {
    const items: T[] = [];
    if (this.accept(close)) return items;
    for (;;) {
      items.push(element());
      if (this.accept(close)) return items;
      this.expect(",");
    }
  }

  signature(): Signature {
    this.expect("(");
    const params = this.list(")", () => this.type());
    const returns: Type[] = [];
    if (this.accept("->")) {
      do returns.push(this.type());
      while (this.accept(","));
    }
    return { params, returns, noReturn: this.accept("noreturn") };
  }
}

/** The tables of one function while it is read. */
interface State {
  readonly reader: Reader;
  readonly fn: IrFunction;
  readonly slots: Map<number, number>;
  readonly functions: Map<number, Entity<"ir.FuncRef">>;
  readonly signatures: Map<number, Entity<"ir.SigRef">>;
  readonly defined: Set<number>;
  readonly blocks: Set<number>;
  /** Uses by token position, checked at the end: forward references are allowed. */
  readonly uses: { readonly value: number; readonly error: Diagnostic }[];
  nextValue: number;
}

function parseOne(reader: Reader): IrFunction {
  reader.expect("function");
  const symbol = reader.symbol();
  const fn = new IrFunction(symbol, reader.signature());
  parseAttributes(reader, fn);
  reader.expect("{");
  const state: State = {
    reader,
    fn,
    slots: new Map(),
    functions: new Map(),
    signatures: new Map(),
    defined: new Set(),
    blocks: new Set(),
    uses: [],
    nextValue: 0,
  };
  while (!reader.peek().startsWith("block") && reader.peek() !== "}") parseDeclaration(state);
  while (!reader.accept("}")) parseBlock(state);
  for (const use of state.uses) if (!state.defined.has(use.value)) throw use.error;
  fn.valueCount = state.nextValue;
  return fn;
}

function parseAttributes(reader: Reader, fn: IrFunction): void {
  for (;;) {
    if (reader.accept("internal")) fn.linkage = "internal";
    else if (reader.accept("available_externally")) fn.linkage = "availableExternally";
    else if (reader.accept("inline")) {
      reader.expect("=");
      const attr = reader.next("an inline attribute");
      if (attr !== "hint" && attr !== "always" && attr !== "never")
        throw reader.errorHere(`expected hint, always or never, found \`${attr}\``);
      fn.inline = attr;
    } else return;
  }
}

function parseDeclaration(state: State): void {
  const { reader, fn } = state;
  const word = reader.peek();
  const declare = (map: Map<number, number>, prefix: string, what: string): number => {
    const index = reader.entity(prefix, what);
    if (map.has(index)) throw reader.errorHere(`${prefix}${index} is declared twice`);
    if (index !== map.size) throw reader.errorHere(`${what}s are numbered from 0 without gaps`);
    reader.expect("=");
    return index;
  };
  if (word.startsWith("ss")) {
    const index = declare(state.slots, "ss", "stack slot");
    reader.expect("size");
    const size = reader.int32("a size");
    reader.expect(",");
    reader.expect("align");
    state.slots.set(index, fn.newStackSlot(size, reader.int32("an alignment")));
  } else if (word.startsWith("fn")) {
    const index = declare(state.functions, "fn", "function reference");
    const symbol = reader.symbol();
    const known = fn.functions.length;
    const ref = fn.importFunction(symbol, reader.signature());
    if (fn.functions.length === known) throw reader.errorHere(`the function \`${symbol}\` is declared twice`);
    state.functions.set(index, ref);
  } else {
    const index = declare(state.signatures, "sig", "signature reference");
    state.signatures.set(index, fn.importSignature(reader.signature()));
  }
}

/** The block of number `index`, made when it is first named. */
function blockOf(state: State, index: number): Block {
  while (state.fn.blockCount <= index) state.fn.newBlock();
  return index as Block;
}

function define(state: State, value: number): void {
  if (state.defined.has(value)) throw state.reader.errorHere(`v${value} is defined twice`);
  state.defined.add(value);
  state.nextValue = Math.max(state.nextValue, value + 1);
}

function use(state: State): Value {
  const value = state.reader.entity("v", "a value");
  if (!state.defined.has(value)) state.uses.push({ value, error: state.reader.errorHere(`v${value} is not defined`) });
  return value as Value;
}

function parseBlock(state: State): void {
  const { reader, fn } = state;
  const block = blockOf(state, reader.entity("block", "a block"));
  if (state.blocks.has(block)) throw reader.errorHere(`block${block} is defined twice`);
  state.blocks.add(block);
  fn.layout.push(block);
  if (reader.accept("(")) {
    reader.list(")", () => {
      const value = reader.entity("v", "a value");
      define(state, value);
      reader.expect(":");
      fn.valueCount = value;
      fn.appendBlockParam(block, reader.type());
    });
  }
  reader.expect(":");
  while (reader.peek() !== "}" && !(reader.peek().startsWith("block") && /[(:]/.test(reader.peekSecond()))) {
    fn.appendInst(parseInst(state), block);
  }
}

function parseInst(state: State): Inst {
  const { reader } = state;
  const results: number[] = [];
  if (/^v[0-9]/.test(reader.peek())) {
    do {
      results.push(reader.entity("v", "a value"));
      define(state, results[results.length - 1]!);
    } while (reader.accept(","));
    reader.expect("=");
  }
  const word = reader.next("an instruction");
  const dot = word.indexOf(".");
  const opcode = OP_BY_NAME.get(dot < 0 ? word : word.slice(0, dot));
  if (opcode === undefined || opcode === Op.nop) throw reader.errorHere(`no instruction \`${word}\``);
  const type = dot < 0 ? 0 : TYPE_NAMES.indexOf(word.slice(dot + 1));
  if (type < 0) throw reader.errorHere(`no type \`${word.slice(dot + 1)}\``);
  const format = OPS[opcode]!.format;
  if (type === 0 && needsType(opcode, format))
    throw reader.errorHere(`\`${word}\` needs a type, as in \`${word}.i32\``);
  for (let i = 1; i < results.length; i++) {
    if (results[i] !== results[0]! + i)
      throw reader.errorHere("the results of one instruction are numbered consecutively");
  }
  return parseOperands(state, opcode, type, format, results);
}

function needsType(opcode: number, format: Format): boolean {
  return (
    format === "const" ||
    format === "cond" ||
    format === "mem" ||
    (format === "convert" && opcode !== Op.isplit) ||
    (format === "plain" && opcode !== Op.unreachable)
  );
}

interface Operands {
  args: Value[];
  lo: number;
  hi: number;
  aux: number;
  signature: Signature | undefined;
}

function parseOperands(state: State, opcode: number, type: number, format: Format, results: readonly number[]): Inst {
  const { reader, fn } = state;
  const o: Operands = { args: [], lo: 0, hi: 0, aux: 0, signature: undefined };
  const calls: { block: Block; args: Value[] }[] = [];
  switch (format) {
    case "const":
      parseConst(state, type, o);
      break;
    case "cond": {
      const name = reader.next("a condition");
      o.aux = (opcode === Op.icmp ? INT_CC_NAMES : FLOAT_CC_NAMES).indexOf(name);
      if (o.aux < 0) throw reader.errorHere(`no condition \`${name}\``);
      parseArgs(state, o);
      break;
    }
    case "plain":
      for (;;) {
        if (reader.accept("nsw")) o.aux |= ArithFlags.NSW;
        else if (reader.accept("nuw")) o.aux |= ArithFlags.NUW;
        else break;
      }
      parseArgs(state, o);
      break;
    case "convert":
    case "list":
      parseArgs(state, o);
      break;
    case "mem":
      if (reader.accept("notrap")) o.aux |= MemFlags.NOTRAP;
      o.aux |= parseAlign(reader) << MemFlags.ALIGN_SHIFT;
      o.args.push(use(state));
      o.lo = parseOffset(reader);
      if (reader.accept(",")) parseArgs(state, o);
      break;
    case "slot":
      o.lo = lookup(state, state.slots, "ss", "stack slot");
      o.hi = parseOffset(reader);
      break;
    case "func":
      o.lo = lookup(state, state.functions, "fn", "function reference");
      o.signature = fn.functions[o.lo]!.signature;
      if (opcode === Op.call) {
        reader.expect("(");
        o.args = reader.list(")", () => use(state));
      }
      break;
    case "sig":
      o.lo = lookup(state, state.signatures, "sig", "signature reference");
      o.signature = fn.signatures[o.lo]!;
      reader.expect(",");
      o.args.push(use(state));
      reader.expect("(");
      o.args.push(...reader.list(")", () => use(state)));
      break;
    case "block":
      parseBlockOp(state, opcode, o);
      break;
    case "branch":
      parseBranch(state, opcode, o, calls);
      break;
  }
  checkCounts(state, opcode, type, o, results);
  fn.valueCount = results[0] ?? state.nextValue;
  const inst = fn.newInst(opcode, type, o.args, resultTypes(opcode, type, o.signature), o.lo, o.hi, o.aux);
  for (const call of calls) fn.addSucc(inst, call.block, call.args);
  return inst;
}

function checkCounts(state: State, opcode: number, type: number, o: Operands, results: readonly number[]): void {
  const expected = resultTypes(opcode, type, o.signature).length;
  const name = OPS[opcode]!.name;
  if (results.length !== expected)
    throw state.reader.errorHere(`\`${name}\` has ${expected} results, not ${results.length}`);
  const args = OPS[opcode]!.args;
  if (args >= 0 && o.args.length !== args)
    throw state.reader.errorHere(`\`${name}\` has ${args} arguments, not ${o.args.length}`);
}

function parseArgs(state: State, o: Operands): void {
  if (!/^v[0-9]/.test(state.reader.peek()) || state.reader.peekSecond() === "=") return;
  do o.args.push(use(state));
  while (state.reader.accept(","));
}

function lookup(state: State, map: ReadonlyMap<number, number>, prefix: string, what: string): number {
  const index = state.reader.entity(prefix, `a ${what}`);
  const found = map.get(index);
  if (found === undefined) throw state.reader.errorHere(`${prefix}${index} is not declared`);
  return found;
}

function parseOffset(reader: Reader): number {
  if (reader.accept("+")) return reader.int32("an offset");
  return reader.peek() === "-" ? reader.int32("an offset") : 0;
}

/** The log2 of `align=N`; 0 when there is none. */
function parseAlign(reader: Reader): number {
  if (!reader.accept("align")) return 0;
  reader.expect("=");
  const align = reader.int32("an alignment");
  const log2 = 31 - Math.clz32(align);
  if (align <= 0 || 1 << log2 !== align) throw reader.errorHere("an alignment is a power of two");
  return log2;
}

function parseConst(state: State, type: number, o: Operands): void {
  const { reader, fn } = state;
  const value = reader.integer("a constant");
  const bits = TYPE_BYTES[type]! * 8;
  if (value < -(2n ** BigInt(bits - 1)) || value >= 2n ** BigInt(bits))
    throw reader.errorHere(`the constant does not fit ${TYPE_NAMES[type]}`);
  const unsigned = BigInt.asUintN(bits, value);
  if (type === Type.I128) {
    o.lo = fn.wideConstants.push(unsigned) - 1;
    return;
  }
  o.lo = Number(BigInt.asIntN(32, unsigned));
  o.hi = Number(BigInt.asIntN(32, unsigned >> 32n));
}

function parseBlockOp(state: State, opcode: number, o: Operands): void {
  const { reader } = state;
  o.args.push(use(state));
  reader.expect(",");
  if (opcode === Op.memcpy) o.args.push(use(state));
  else o.hi = reader.int32("a byte");
  reader.expect(",");
  o.lo = reader.int32("a size");
  o.aux = parseAlign(reader);
}

function parseBranch(state: State, opcode: number, o: Operands, calls: { block: Block; args: Value[] }[]): void {
  const { reader, fn } = state;
  const blockCall = (): { block: Block; args: Value[] } => ({
    block: blockOf(state, reader.entity("block", "a block")),
    args: reader.accept("(") ? reader.list(")", () => use(state)) : [],
  });
  if (opcode === Op.jump) {
    calls.push(blockCall());
    return;
  }
  o.args.push(use(state));
  reader.expect(",");
  calls.push(blockCall());
  reader.expect(",");
  if (opcode === Op.brif) {
    calls.push(blockCall());
    return;
  }
  reader.expect("[");
  const cases: bigint[] = [];
  reader.list("]", () => {
    cases.push(reader.integer("a case"));
    reader.expect(":");
    calls.push(blockCall());
  });
  o.lo = fn.switchCases.push(cases) - 1;
}
