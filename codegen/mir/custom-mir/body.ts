/**
 * One function as custom MIR: `mir! { … }`.
 *
 * What MIR has and custom MIR lacks is written otherwise: an `assert` is a match on the bool and a call that panics; unchecked and three-way
 * operations are calls of intrinsics, which rustc lowers back to operations; a constant index is a local that holds the index; a
 * jump to the entry block, which has no name, is one to a block behind it.
 */

import { bug } from "../../entity/entity.ts";
import { PanicCode } from "../../runtime/events.ts";
import { placeTy } from "../place-ty.ts";
import type {
  AssertKind,
  BasicBlock,
  BinOp,
  Body,
  Const,
  FnItem,
  Local,
  Operand,
  Place,
  Rvalue,
  Statement,
  Terminator,
  UnwindAction,
} from "../syntax.ts";
import { TY_BOOL, TY_CHAR, TY_F32, type Ty, type TyCtxt } from "../ty.ts";
import type { Glue } from "./glue.ts";
import { fieldName, rustIdent, rustTy } from "./rust-names.ts";
import { need, type RustcVersion, UnsupportedError } from "./support.ts";

export interface BodyOptions {
  readonly tcx: TyCtxt;
  readonly form: BodyForm;
  readonly version: RustcVersion;
  readonly glue: Glue;
}

/**
 * `macro` is `mir! { … }`, to be read by people. `expanded` is what that macro expands to (core/src/intrinsics/mir.rs): the macro copies a
 * block once per statement in it, which is half of the time that a compiler takes for a batch.
 */
export type BodyForm = "macro" | "expanded";

/** A function with its attributes. */
export function writeFn(item: FnItem, options: BodyOptions): string {
  if (item.body === undefined) throw new UnsupportedError(`the function ${item.name} has no body`);
  if (item.generics.length > 0) throw new UnsupportedError("generic functions are not written");
  need(options.version, "customMir");
  return new BodyWriter(item, item.body, options).write();
}

const INLINE: Readonly<Record<FnItem["inline"], string>> = {
  none: "",
  hint: "#[inline]\n",
  always: "#[inline(always)]\n",
  never: "#[inline(never)]\n",
};

const OPERATORS: Readonly<Partial<Record<BinOp, string>>> = {
  Add: "+",
  Sub: "-",
  Mul: "*",
  Div: "/",
  Rem: "%",
  BitXor: "^",
  BitAnd: "&",
  BitOr: "|",
  Shl: "<<",
  Shr: ">>",
  Eq: "==",
  Lt: "<",
  Le: "<=",
  Ne: "!=",
  Ge: ">=",
  Gt: ">",
};

const CHECKED: Readonly<Partial<Record<BinOp, string>>> = {
  AddWithOverflow: "+",
  SubWithOverflow: "-",
  MulWithOverflow: "*",
};

/** Operations that are calls of intrinsics. */
const INTRINSIC_OPS: Readonly<Partial<Record<BinOp, string>>> = {
  AddUnchecked: "unchecked_add",
  SubUnchecked: "unchecked_sub",
  MulUnchecked: "unchecked_mul",
  ShlUnchecked: "unchecked_shl",
  ShrUnchecked: "unchecked_shr",
  Cmp: "three_way_compare",
};

interface BlockText {
  /** Empty for the entry block. */
  readonly name: string;
  readonly lines: string[];
}

const NEVER = "bbnever";

function isUnit(ty: Ty): boolean {
  return ty.kind === "tuple" && ty.fields.length === 0;
}

class BodyWriter {
  private readonly item: FnItem;
  private readonly body: Body;
  private readonly options: BodyOptions;
  private open: BlockText = { name: "", lines: [] };
  private extra: BlockText[] = [];
  /** Locals that hold constant indices. */
  private readonly indices = new Set<number>();
  private extraBlocks = 0;
  private neverBlock = false;
  private neverLocal = false;

  constructor(item: FnItem, body: Body, options: BodyOptions) {
    this.item = item;
    this.body = body;
    this.options = options;
  }

  write(): string {
    const { item, body } = this;
    const blocks: BlockText[] = [];
    body.blocks.forEach((block, i) => {
      if (block.isCleanup) need(this.options.version, "unwindCleanup");
      this.open = { name: i === 0 ? "" : `bb${i}`, lines: [] };
      blocks.push(this.open);
      this.extra = blocks;
      for (const statement of block.statements) this.statement(statement);
      this.terminator(block.terminator, i as BasicBlock);
    });
    if (this.neverBlock) blocks.push({ name: NEVER, lines: ["Unreachable()"] });
    const params = item.params.map((ty, i) => `_${i + 1}: ${rustTy(ty)}`).join(", ");
    const ret = isUnit(item.ret) ? "" : ` -> ${rustTy(item.ret)}`;
    const abi = item.abi === "Rust" ? "" : `extern "${item.abi}" `;
    const head = `#[custom_mir(dialect = "runtime", phase = "initial")]\n${INLINE[item.inline]}pub ${abi}fn ${rustIdent(item.name)}(${params})${ret}`;
    const entered = this.withEntry(blocks);
    return this.options.form === "macro" ? this.macroForm(head, entered) : this.expandedForm(head, entered);
  }

  /** The entry block has no name: it sets the constant indices, and stands before `bb0` when something jumps there. */
  private withEntry(blocks: readonly BlockText[]): BlockText[] {
    const sets = [...this.indices].map((index) => `k${index} = ${index}_usize;`);
    const [first, ...rest] = blocks;
    const named = this.body.blocks.some((block) => targetsOf(block.terminator).includes(0 as BasicBlock));
    if (named) return [{ name: "", lines: [...sets, "Goto(bb0)"] }, { name: "bb0", lines: first!.lines }, ...rest];
    return [{ name: "", lines: [...sets, ...first!.lines] }, ...rest];
  }

  private macroForm(head: string, blocks: readonly BlockText[]): string {
    const text = blocks.map(
      ({ name, lines }) =>
        `    ${name === "" ? "" : `${name} = `}{\n${lines.map((line) => `        ${line}\n`).join("")}    }\n`,
    );
    return `${head} {\n    mir! {\n${this.declarations()}${text.join("")}    }\n}\n`;
  }

  private expandedForm(head: string, blocks: readonly BlockText[]): string {
    const names = blocks.slice(1).map(({ name }) => `let ${name} = BasicBlock::Normal; `);
    const text = blocks.map(({ lines }) => `{\n${lines.join("\n")}\n};\n`);
    return `${head} {{\n${names.join("")}\n{\nlet RET;\n${this.declarations()}{{\n${text.join("")}RET\n}}\n}\n}}\n`;
  }

  private declarations(): string {
    const { body } = this;
    let text = "";
    for (let i = body.argCount + 1; i < body.locals.length; i++)
      text += `    let _${i}: ${rustTy(body.locals[i]!.ty)};\n`;
    for (const index of this.indices) text += `    let k${index}: usize;\n`;
    return this.neverLocal ? `${text}    let never: !;\n` : text;
  }

  /** Ends the block with `last`, and goes on in a new one. */
  private split(last: string, name: string): void {
    this.open.lines.push(last);
    this.open = { name, lines: [] };
    this.extra.push(this.open);
  }

  private never(): string {
    this.neverBlock = true;
    return NEVER;
  }

  // ---- statements

  private statement(statement: Statement): void {
    switch (statement.kind) {
      case "assign":
        this.assign(statement.place, statement.rvalue);
        break;
      case "setDiscriminant":
        this.open.lines.push(`SetDiscriminant(${this.place(statement.place)}, ${statement.variant});`);
        break;
      case "storageLive":
        this.open.lines.push(`StorageLive(_${statement.local});`);
        break;
      case "storageDead":
        this.open.lines.push(`StorageDead(_${statement.local});`);
        break;
      case "assume":
        this.open.lines.push(`Assume(${this.operand(statement.operand)});`);
        break;
      case "nop":
        break;
      default:
        throw new UnsupportedError(`${statement.kind} statements are not written`);
    }
  }

  private assign(place: Place, rvalue: Rvalue): void {
    if (rvalue.kind === "binary") {
      const intrinsic = INTRINSIC_OPS[rvalue.op];
      if (intrinsic !== undefined) {
        need(
          this.options.version,
          rvalue.op === "Cmp"
            ? "threeWayCompare"
            : rvalue.op.startsWith("Sh")
              ? "uncheckedShift"
              : "uncheckedArithmetic",
        );
        this.call(place, `core::intrinsics::${intrinsic}`, [this.operand(rvalue.left), this.operand(rvalue.right)]);
        return;
      }
    }
    this.open.lines.push(`${this.target(place)} = ${this.rvalue(rvalue)};`);
  }

  /** Ends the block with a call, and starts one behind it. */
  private call(destination: Place, callee: string, args: readonly string[]): void {
    const next = `bbx${this.extraBlocks++}`;
    this.split(
      `Call(${this.target(destination)} = ${callee}(${args.join(", ")}), ReturnTo(${next}), UnwindUnreachable())`,
      next,
    );
  }

  private rvalue(rvalue: Rvalue): string {
    switch (rvalue.kind) {
      case "use":
        return this.operand(rvalue.operand);
      case "repeat":
        return `[${this.operand(rvalue.operand)}; ${rvalue.count}]`;
      case "ref":
        return `&${rvalue.mutability === "mut" ? "mut " : ""}${this.target(rvalue.place)}`;
      case "rawPtr":
        need(this.options.version, "rawBorrow");
        return `&raw ${rvalue.mutability === "mut" ? "mut" : "const"} ${this.target(rvalue.place)}`;
      case "cast":
        return this.cast(rvalue);
      case "binary":
        return this.binary(rvalue.op, this.operand(rvalue.left), this.operand(rvalue.right));
      case "unary":
        return this.unary(rvalue);
      case "discriminant":
        return `Discriminant(${this.place(rvalue.place)})`;
      case "aggregate":
        return this.aggregate(rvalue);
      default:
        throw new UnsupportedError(`${rvalue.kind} rvalues are not written`);
    }
  }

  private binary(op: BinOp, left: string, right: string): string {
    const plain = OPERATORS[op];
    if (plain !== undefined) return `${left} ${plain} ${right}`;
    const checked = CHECKED[op];
    if (checked !== undefined) return `Checked(${left} ${checked} ${right})`;
    if (op === "Offset") return `Offset(${left}, ${right})`;
    throw bug(`${op} is no operator`);
  }

  private unary({ op, operand }: Extract<Rvalue, { kind: "unary" }>): string {
    const text = this.operand(operand);
    if (op === "PtrMetadata") return `PtrMetadata(${text})`;
    return `${op === "Not" ? "!" : "-"}${text.startsWith("-") ? `(${text})` : text}`;
  }

  private cast({ castKind, operand, ty }: Extract<Rvalue, { kind: "cast" }>): string {
    switch (castKind) {
      case "Transmute":
        return `CastTransmute(${this.operand(operand)})`;
      case "PtrToPtr":
        return `CastPtrToPtr(${this.operand(operand)})`;
      case "ReifyFnPointer":
        if (operand.kind !== "const" || operand.value.kind !== "fn")
          throw bug("a function pointer of what is no function");
        return `const { ${this.fnPath(operand.value)} as ${rustTy(ty)} }`;
      default:
        // A cast to the type that is there already is none in Rust.
        if (this.operandTy(operand) === ty) return this.operand(operand);
        return `${this.operand(operand)} as ${rustTy(ty)}`;
    }
  }

  private operandTy(operand: Operand): Ty {
    if (operand.kind !== "const") return this.baseTy(operand.place.local, operand.place.projection);
    return constTyOf(operand.value);
  }

  private aggregate({ aggregate, operands }: Extract<Rvalue, { kind: "aggregate" }>): string {
    const values = operands.map((operand) => this.operand(operand));
    switch (aggregate.kind) {
      case "array":
        return `[${values.join(", ")}]`;
      case "tuple":
        return values.length === 1 ? `(${values[0]},)` : `(${values.join(", ")})`;
      case "adt": {
        const { ty, def, variant } = aggregate;
        if (ty.kind !== "adt") throw bug(`an aggregate of ${ty.text}`);
        const name = rustTy({ ...ty, args: [] });
        const path = def.adtKind === "enum" ? `${name}::${rustIdent(def.variants[variant]!.name)}` : name;
        const first = aggregate.activeField ?? 0;
        return `${path} { ${values.map((value, i) => `${fieldName(ty, variant, first + i)}: ${value}`).join(", ")} }`;
      }
      default:
        throw new UnsupportedError(`${aggregate.kind} aggregates are not written`);
    }
  }

  // ---- operands and places

  private operand(operand: Operand): string {
    switch (operand.kind) {
      case "copy":
        return this.place(operand.place);
      case "move":
        return `Move(${this.place(operand.place)})`;
      case "const":
        return constant(operand.value, (value) => this.fnPath(value));
    }
  }

  private fnPath({ item, args }: Extract<Const, { kind: "fn" }>): string {
    if (item.kind === "intrinsic") {
      if (item.name === "observe") return this.options.glue.byValue(args[0]!, this.options.tcx);
      if (item.name === "black_box") return "core::hint::black_box";
      if (item.name === "observe_scalar") return "crate::glue::scalar";
      if (item.name === "panic") return "crate::glue::panic";
      throw new UnsupportedError(`the intrinsic ${item.name} is not written`);
    }
    if (item.kind === "extern") throw new UnsupportedError("extern functions are not written");
    return rustIdent(item.name);
  }

  /** A place that is written or borrowed: one that goes through a variant needs a macro around it. */
  private target(place: Place): string {
    const text = this.place(place);
    if (!place.projection.some((elem) => elem.kind === "downcast")) return text;
    return this.options.form === "macro"
      ? `place!(${text})`
      : `(*core::intrinsics::mir::__internal_make_place(${text}))`;
  }

  private place({ local, projection }: Place): string {
    let text = local === 0 ? "RET" : `_${local}`;
    projection.forEach((elem, i) => {
      switch (elem.kind) {
        case "deref":
          text = `(*${text})`;
          break;
        case "field": {
          const base = projection[i - 1];
          if (base?.kind === "downcast")
            text = `Field::<${rustTy(elem.ty)}>(Variant(${text}, ${base.variant}), ${elem.index})`;
          else text = `${text}.${fieldName(this.baseTy(local, projection.slice(0, i)), 0, elem.index)}`;
          break;
        }
        case "index":
          text = `${text}[_${elem.local}]`;
          break;
        case "constantIndex":
          text = `${text}[${this.index(local, projection.slice(0, i), elem.offset, elem.fromEnd)}]`;
          break;
        case "subslice":
          throw new UnsupportedError("subslices are not written");
        case "downcast":
          break;
      }
    });
    return text;
  }

  private baseTy(local: Local, projection: Place["projection"]): Ty {
    return placeTy(this.body, { local, projection }, this.options.tcx).ty;
  }

  private index(local: Local, projection: Place["projection"], offset: number, fromEnd: boolean): string {
    let at = offset;
    if (fromEnd) {
      const ty = this.baseTy(local, projection);
      if (ty.kind !== "array") throw bug("an index from the end of what is no array");
      at = ty.length - offset;
    }
    this.indices.add(at);
    return `k${at}`;
  }

  // ---- terminators

  private terminator(terminator: Terminator, block: BasicBlock): void {
    switch (terminator.kind) {
      case "goto":
        this.open.lines.push(`Goto(bb${terminator.target})`);
        break;
      case "return":
        this.open.lines.push("Return()");
        break;
      case "unreachable":
        this.open.lines.push("Unreachable()");
        break;
      case "switchInt":
        this.switchInt(terminator);
        break;
      case "call":
        this.callTerminator(terminator);
        break;
      case "assert":
        this.assert(terminator, block);
        break;
      default:
        throw new UnsupportedError(`${terminator.kind} terminators are not written`);
    }
  }

  private switchInt(terminator: Extract<Terminator, { kind: "switchInt" }>): void {
    const { discr, values, targets, otherwise } = terminator;
    const last = otherwise === undefined ? this.never() : `bb${otherwise}`;
    if (values.length === 0) {
      this.open.lines.push(`Goto(${last})`);
      return;
    }
    const ty = this.operandTy(discr);
    const arms = values.map((value, i) => `${scalarText(ty, value, false)} => bb${targets[i]!}`);
    this.open.lines.push(`match ${this.operand(discr)} { ${arms.join(", ")}, _ => ${last} }`);
  }

  private callTerminator(terminator: Extract<Terminator, { kind: "call" }>): void {
    const { func, args, destination, target, unwind } = terminator;
    this.checkUnwind(unwind);
    const callee =
      func.kind === "const"
        ? this.operand(func)
        : func.kind === "copy" && func.place.projection.length === 0
          ? this.operand(func)
          : `(${this.operand(func)})`;
    const next = target === undefined ? this.never() : `bb${target}`;
    this.open.lines.push(
      `Call(${this.target(destination)} = ${callee}(${args.map((arg) => this.operand(arg)).join(", ")}), ReturnTo(${next}), UnwindUnreachable())`,
    );
  }

  /** Programs abort on panic, so nothing ever unwinds. */
  private checkUnwind(unwind: UnwindAction): void {
    if (unwind.kind === "cleanup") need(this.options.version, "unwindCleanup");
    if (unwind.kind === "terminate") need(this.options.version, "unwindTerminate");
  }

  private assert(
    { cond, expected, message, target, unwind }: Extract<Terminator, { kind: "assert" }>,
    block: BasicBlock,
  ): void {
    this.checkUnwind(unwind);
    this.neverLocal = true;
    const fail = `bbpanic${block}`;
    this.split(`match ${this.operand(cond)} { ${expected} => bb${target}, _ => ${fail} }`, fail);
    this.open.lines.push(
      `Call(never = crate::glue::panic(${panicCode(message)}_u32), ReturnTo(${this.never()}), UnwindUnreachable())`,
    );
  }
}

/** The code that a failed assertion reports. */
export function panicCode(message: AssertKind): number {
  switch (message.kind) {
    case "boundsCheck":
      return PanicCode.BOUNDS_CHECK;
    case "divisionByZero":
      return PanicCode.DIVISION_BY_ZERO;
    case "remainderByZero":
      return PanicCode.REMAINDER_BY_ZERO;
    case "overflowNeg":
      return PanicCode.OVERFLOW_NEG;
    case "overflow": {
      const codes: Partial<Record<BinOp, number>> = {
        Add: PanicCode.OVERFLOW_ADD,
        Sub: PanicCode.OVERFLOW_SUB,
        Mul: PanicCode.OVERFLOW_MUL,
        Div: PanicCode.OVERFLOW_DIV,
        Rem: PanicCode.OVERFLOW_REM,
        Shl: PanicCode.OVERFLOW_SHL,
        Shr: PanicCode.OVERFLOW_SHR,
      };
      const code = codes[message.op];
      if (code === undefined) throw bug(`an overflow of ${message.op}`);
      return code;
    }
    default:
      throw new UnsupportedError(`the assertion ${message.kind} is not written`);
  }
}

function targetsOf(terminator: Terminator): readonly BasicBlock[] {
  switch (terminator.kind) {
    case "goto":
      return [terminator.target];
    case "switchInt":
      return terminator.otherwise === undefined ? terminator.targets : [...terminator.targets, terminator.otherwise];
    case "call":
      return terminator.target === undefined ? [] : [terminator.target];
    case "assert":
      return [terminator.target];
    default:
      return [];
  }
}

function constTyOf(value: Const): Ty {
  if (value.kind === "fn") throw bug("the type of a function is asked for");
  return value.ty;
}

function constant(value: Const, fnPath: (value: Extract<Const, { kind: "fn" }>) => string): string {
  switch (value.kind) {
    case "fn":
      return fnPath(value);
    case "zst":
      if (value.ty.kind === "tuple" && value.ty.fields.length === 0) return "()";
      throw new UnsupportedError(`a constant of type ${value.ty.text}`);
    case "scalar":
      return scalarText(value.ty, value.bits, true);
    default:
      throw new UnsupportedError(`a constant of type ${value.ty.text}`);
  }
}

const scratch = new DataView(new ArrayBuffer(8));

/** A scalar as a literal; in patterns without its type, which is that of what is matched. */
function scalarText(ty: Ty, bits: bigint, suffix: boolean): string {
  if (ty === TY_BOOL) return bits === 0n ? "false" : "true";
  if (ty === TY_CHAR) return `'\\u{${bits.toString(16)}}'`;
  const end = suffix ? `_${ty.text}` : "";
  if (ty.kind === "uint") return `${bits}${end}`;
  if (ty.kind === "int") return `${BigInt.asIntN(ty.width === "size" ? 64 : ty.width, bits)}${end}`;
  if (ty.kind === "float") return floatText(ty, bits);
  throw new UnsupportedError(`a constant of type ${ty.text}`);
}

/** Finite floats as decimal literals, which round back to the same bits; the others through their bits. */
function floatText(ty: Ty, bits: bigint): string {
  let value: number;
  if (ty === TY_F32) {
    scratch.setUint32(0, Number(bits));
    value = scratch.getFloat32(0);
  } else {
    scratch.setBigUint64(0, bits);
    value = scratch.getFloat64(0);
  }
  if (!Number.isFinite(value)) return `const { ${ty.text}::from_bits(0x${bits.toString(16)}) }`;
  return `${Object.is(value, -0) ? "-0.0" : value}_${ty.text}`;
}
