/**
 * The verifier: what every body must satisfy before anything else looks at it (after rustc_mir_transform/src/validate.rs).
 *
 * Invariants: every place, operand and rvalue has a type, and stores fit their places (`verify-types.ts`); targets exist; the entry
 * block has no predecessors; a `switchInt` looks at an integer, a `bool` or a `char`, its values fit, differ, and have an `otherwise`;
 * calls match their callee's signature; moved arguments do not overlap each other or the destination; storage statements are obeyed
 * (`verify-storage.ts`); functions differ in name and mention only functions of the program.
 *
 * It checks types and shape, not behaviour: whether a program has undefined behaviour is for the interpreter to say.
 */

import { calleeSig } from "./place-ty.ts";
import { INTRINSICS_BY_NAME } from "./prelude.ts";
import { printStatement, printTerminator } from "./printer.ts";
import type { Program } from "./program.ts";
import type { AssertKind, Body, FnItem, Operand, Place, Statement, Terminator } from "./syntax.ts";
import { isIntegral, TY_BOOL, TY_USIZE, type TyCtxt } from "./ty.ts";
import { verifyStorage } from "./verify-storage.ts";
import { type Checker, checkOperand, checkPlace, checkRvalue, expectOperand, switchWidth } from "./verify-types.ts";
import { messageOperands, successors } from "./visit.ts";

export interface VerifyError {
  /** The function; empty for an error of a body alone. */
  readonly fn: string;
  readonly block: number;
  /** The statement in its block; the terminator's is the number of statements; -1 for errors of the whole body. */
  readonly statement: number;
  /** The text of the statement or terminator. */
  readonly text: string;
  readonly message: string;
}

/** An error as one line. */
export function renderVerifyError(error: VerifyError): string {
  const where = error.statement < 0 ? error.fn : `${error.fn}, bb${error.block}[${error.statement}]`;
  return `${where}: ${error.message}${error.text === "" ? "" : `: ${error.text}`}`;
}

/** All errors of `program`. */
export function verifyProgram(program: Program): VerifyError[] {
  const errors: VerifyError[] = [];
  const names = new Set<string>();
  const items = new Set(program.functions);
  for (const item of program.functions) {
    const fail = (message: string): void => {
      errors.push({ fn: item.name, block: 0, statement: -1, text: "", message });
    };
    if (names.has(item.name)) fail("two functions have this name");
    names.add(item.name);
    if (item.kind === "fn" && item.body === undefined) fail("the function has no body");
    if (item.kind !== "fn" && item.body !== undefined) fail("only a function defined here has a body");
    if (item.body === undefined) continue;
    checkSignature(item, item.body, fail);
    const verifier = new BodyVerifier(item.body, program.tcx, item.name, items);
    errors.push(...verifier.run());
  }
  return errors;
}

/** All errors of one body; it may mention any function. */
export function verifyBody(body: Body, tcx: TyCtxt, name = ""): VerifyError[] {
  return new BodyVerifier(body, tcx, name, undefined).run();
}

function checkSignature(item: FnItem, body: Body, fail: (message: string) => void): void {
  if (body.locals[0]?.ty !== item.ret) fail("the return place's type is not the function's");
  if (body.argCount !== item.params.length) fail("the body has not as many arguments as the signature");
  else if (item.params.some((ty, i) => body.locals[i + 1]?.ty !== ty))
    fail("an argument's type is not the signature's");
}

class BodyVerifier implements Checker {
  readonly body: Body;
  readonly tcx: TyCtxt;
  private readonly name: string;
  private readonly items: ReadonlySet<FnItem> | undefined;
  private readonly errors: VerifyError[] = [];
  private block = 0;
  private index = -1;

  constructor(body: Body, tcx: TyCtxt, name: string, items: ReadonlySet<FnItem> | undefined) {
    this.body = body;
    this.tcx = tcx;
    this.name = name;
    this.items = items;
  }

  run(): VerifyError[] {
    const { body } = this;
    if (body.locals.length === 0 || body.argCount >= body.locals.length) this.fail("locals are missing");
    if (body.blocks.length === 0) this.fail("there is no entry block");
    for (this.block = 0; this.block < body.blocks.length; this.block++) {
      const { statements, terminator } = body.blocks[this.block]!;
      for (this.index = 0; this.index < statements.length; this.index++) this.statement(statements[this.index]!);
      this.terminator(terminator);
    }
    if (this.errors.length === 0) {
      verifyStorage(body, (block, index, message) => {
        this.block = block;
        this.index = index;
        this.fail(message);
      });
    }
    return this.errors;
  }

  knowsFn(item: FnItem): boolean {
    return this.items === undefined || this.items.has(item) || INTRINSICS_BY_NAME.get(item.name) === item;
  }

  fail(message: string): undefined {
    const { block, index } = this;
    const data = this.body.blocks[block];
    const statement = index < 0 ? undefined : data?.statements[index];
    let text = "";
    if (statement !== undefined) text = printStatement(statement);
    else if (index >= 0 && data !== undefined) text = printTerminator(data.terminator);
    this.errors.push({ fn: this.name, block, statement: index, text, message });
    return undefined;
  }

  private statement(statement: Statement): void {
    switch (statement.kind) {
      case "assign": {
        const target = checkPlace(this, statement.place);
        if (target === undefined) return;
        checkRvalue(this, statement.rvalue, target);
        const { rvalue } = statement;
        if (
          rvalue.kind === "use" &&
          rvalue.operand.kind !== "const" &&
          samePlace(rvalue.operand.place, statement.place)
        ) {
          this.fail("a place is stored in itself");
        }
        return;
      }
      case "setDiscriminant": {
        const ty = checkPlace(this, statement.place);
        if (ty === undefined) return;
        const isVariant = ty.kind === "adt" && ty.def.adtKind === "enum" && statement.variant < ty.def.variants.length;
        if (!isVariant) this.fail(`\`${ty.text}\` has no variant ${statement.variant}`);
        return;
      }
      case "storageLive":
      case "storageDead":
        if (this.body.locals[statement.local] === undefined) this.fail(`there is no local _${statement.local}`);
        return;
      case "assume":
        expectOperand(this, statement.operand, TY_BOOL);
        return;
      case "nop":
    }
  }

  private terminator(terminator: Terminator): void {
    const { body } = this;
    const { isCleanup } = body.blocks[this.block]!;
    for (const target of successors(terminator)) {
      if (target < 0 || target >= body.blocks.length) this.fail(`there is no block bb${target}`);
      else if (target === 0) this.fail("the entry block has a predecessor");
    }
    switch (terminator.kind) {
      case "goto":
      case "unreachable":
        return;
      case "return":
        if (isCleanup) this.fail("a cleanup block returns");
        return;
      case "switchInt":
        this.switchInt(terminator);
        return;
      case "call":
        this.unwind(terminator, isCleanup);
        this.call(terminator);
        return;
      case "assert":
        this.unwind(terminator, isCleanup);
        expectOperand(this, terminator.cond, TY_BOOL);
        this.message(terminator.message);
    }
  }

  private unwind(terminator: Extract<Terminator, { kind: "call" | "assert" }>, isCleanup: boolean): void {
    const { unwind } = terminator;
    if (unwind.kind !== "cleanup") return;
    if (isCleanup) this.fail("a cleanup block unwinds into another");
    else if (this.body.blocks[unwind.block]?.isCleanup === false) this.fail(`bb${unwind.block} is no cleanup block`);
  }

  private switchInt(terminator: Extract<Terminator, { kind: "switchInt" }>): void {
    const { values, targets } = terminator;
    const ty = checkOperand(this, terminator.discr);
    if (values.length !== targets.length) this.fail("there are not as many values as targets");
    if (terminator.otherwise === undefined) this.fail("a switch needs an `otherwise`");
    if (ty === undefined) return;
    const width = switchWidth(ty);
    if (width === undefined) {
      this.fail(`a switch on \`${ty.text}\``);
      return;
    }
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (value < 0n || value >> BigInt(width) !== 0n) this.fail(`the value ${value} does not fit in \`${ty.text}\``);
    }
    if (hasDuplicates(values)) this.fail("a value is there twice");
  }

  private call(terminator: Extract<Terminator, { kind: "call" }>): void {
    const { func, args, destination } = terminator;
    if (func.kind === "const" && func.value.kind === "fn") {
      const { item } = func.value;
      if (func.value.args.length !== item.generics.length) {
        this.fail(`\`${item.name}\` has ${item.generics.length} type parameters, not ${func.value.args.length}`);
        return;
      }
      if (!this.knowsFn(item)) this.fail(`\`${item.name}\` is no function of the program`);
    } else if (checkOperand(this, func) === undefined) {
      return;
    }
    const sig = calleeSig(this.body, func, this.tcx);
    if (sig === undefined) {
      this.fail("what is called is no function");
      return;
    }
    if (sig.params.length !== args.length) {
      this.fail(`the callee takes ${sig.params.length} arguments, not ${args.length}`);
      return;
    }
    for (let i = 0; i < args.length; i++) expectOperand(this, args[i]!, sig.params[i]!);
    const ty = checkPlace(this, destination);
    if (ty !== undefined && ty !== sig.ret) {
      this.fail(`the callee returns \`${sig.ret.text}\`, the destination is \`${ty.text}\``);
    }
    this.checkOverlap(args, destination);
  }

  /** The callee may work on moved arguments and on the destination in place. */
  private checkOverlap(args: readonly Operand[], destination: Place): void {
    for (let i = 0; i < args.length; i++) {
      const arg = args[i]!;
      if (arg.kind !== "move") continue;
      if (overlap(arg.place, destination)) this.fail("a moved argument overlaps the destination");
      for (let j = 0; j < i; j++) {
        const other = args[j]!;
        if (other.kind === "move" && overlap(arg.place, other.place)) this.fail("two moved arguments overlap");
      }
    }
  }

  private message(message: AssertKind): void {
    for (const operand of messageOperands(message)) {
      const ty = checkOperand(this, operand);
      if (ty === undefined) continue;
      if (message.kind === "boundsCheck" ? ty !== TY_USIZE : !isIntegral(ty)) {
        this.fail(`the message shows a \`${ty.text}\``);
      }
    }
  }
}

function hasDuplicates(values: readonly bigint[]): boolean {
  if (values.length < 12) {
    for (let i = 1; i < values.length; i++) if (values.indexOf(values[i]!) < i) return true;
    return false;
  }
  return new Set(values).size !== values.length;
}

function samePlace(a: Place, b: Place): boolean {
  if (a.local !== b.local || a.projection.length !== b.projection.length) return false;
  return overlap(a, b);
}

/** The places certainly share memory: one is a part of the other, along the same path. */
function overlap(a: Place, b: Place): boolean {
  if (a.local !== b.local) return false;
  const length = Math.min(a.projection.length, b.projection.length);
  for (let i = 0; i < length; i++) {
    const x = a.projection[i]!;
    const y = b.projection[i]!;
    if (x === y) continue;
    if (x.kind !== y.kind) return false;
    if (x.kind === "field" && y.kind === "field" && x.index !== y.index) return false;
    if (x.kind === "index" && y.kind === "index" && x.local !== y.local) return false;
    if (x.kind === "downcast" && y.kind === "downcast" && x.variant !== y.variant) return false;
    if (x.kind === "constantIndex" && y.kind === "constantIndex") {
      if (x.offset !== y.offset || x.fromEnd !== y.fromEnd) return false;
    }
  }
  // Behind a pointer lies other memory than the pointer's own.
  const longer = a.projection.length > b.projection.length ? a : b;
  return longer.projection.slice(length).every((elem) => elem.kind !== "deref");
}
