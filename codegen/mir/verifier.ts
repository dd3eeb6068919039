/**
 * The verifier: what every body must satisfy before anything else looks at it (after rustc_mir_transform/src/validate.rs).
 *
 * Invariants: every place, operand and rvalue has a type, and stores fit their places (`verify-types.ts`); targets exist; the entry
 * block has no predecessors; a `switchInt` looks at an integer, a `bool` or a `char`, its values fit, differ, and have an `otherwise`;
 * calls match their callee's signature; moved arguments do not overlap each other or the destination; storage statements are obeyed
 * (`verify-storage.ts`); cleanup blocks are entered by unwinding alone and reach only cleanup blocks; functions differ in name and mention
 * only functions of the program; impls give what their traits ask for.
 *
 * It checks types and shape, not behaviour: whether a program has undefined behaviour is for the interpreter to say.
 */

import { Diagnostic } from "../session/diagnostic.ts";
import { hasParam, partsOf } from "./fold.ts";
import type { ImplDef, TraitDef, TraitRef } from "./items.ts";
import { calleeSig, type FnSig, fnSig } from "./place-ty.ts";
import { INTRINSICS_BY_NAME } from "./prelude.ts";
import { printStatement, printTerminator } from "./printer.ts";
import type { Program } from "./program.ts";
import { matchTys } from "./resolve/unify.ts";
import type { AssertKind, Body, FnItem, Operand, Place, Statement, Terminator } from "./syntax.ts";
import { isIntegral, isPointer, TY_BOOL, TY_USIZE, type Ty, type TyCtxt, type TyOf } from "./ty.ts";
import { verifyStorage } from "./verify-storage.ts";
import {
  type Checker,
  checkFnConst,
  checkOperand,
  checkPlace,
  checkRvalue,
  expectOperand,
  sameTy,
  switchWidth,
} from "./verify-types.ts";
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
  const addAll = (more: readonly VerifyError[]): void => {
    for (const error of more) errors.push(error);
  };
  const failIn =
    (fn: string) =>
    (message: string): void => {
      errors.push({ fn, block: 0, statement: -1, text: "", message });
    };
  for (const item of program.functions) {
    const fail = failIn(item.name);
    if (names.has(item.name)) fail("two functions have this name");
    names.add(item.name);
    if (item.kind === "fn" && item.body === undefined && item.parent?.kind !== "trait")
      fail("the function has no body");
    if (item.kind !== "fn" && item.body !== undefined) fail("only a function defined here has a body");
    checkOwnParams(item.generics, [...item.params, item.ret], fail);
    if (item.body === undefined) continue;
    checkSignature(item, item.body, fail);
    checkLocals(item.generics, item.body, fail);
    addAll(new BodyVerifier(item.body, program.tcx, item.name, items).run());
  }
  for (const item of [...(program.statics ?? []), ...(program.consts ?? [])]) {
    const fail = failIn(item.name);
    if (item.body === undefined) continue;
    if (item.body.argCount !== 0) fail("an initialiser has no arguments");
    if (item.body.locals[0]?.ty !== item.ty) fail("the return place's type is not the item's");
    checkLocals(item.kind === "const" ? item.generics : [], item.body, fail);
    addAll(new BodyVerifier(item.body, program.tcx, item.name, items).run());
  }
  for (const def of program.closures ?? []) checkOwnParams(def.generics, def.upvars, failIn(def.name));
  const others = implsByTrait(program);
  for (const item of program.impls ?? []) {
    if (item.trait !== undefined && !item.negative)
      addAll(verifyImpl(item, item.trait, others.get(item.trait.trait) ?? [], program.tcx));
  }
  return errors;
}

function implsByTrait(program: Program): ReadonlyMap<TraitDef, readonly ImplDef[]> {
  return Map.groupBy(
    (program.impls ?? []).filter((item) => item.trait !== undefined),
    (item) => item.trait!.trait,
  );
}

/** Types of an item mention its own parameters only. */
function checkOwnParams(generics: readonly string[], tys: readonly Ty[], fail: (message: string) => void): void {
  for (const ty of tys) {
    if (!hasParam(ty)) continue;
    for (const { index, name } of paramsOf(ty)) {
      if (generics[index] !== name) fail(`\`${ty.text}\` mentions \`${name}\`, which is no parameter here`);
    }
  }
}

function checkLocals(generics: readonly string[], body: Body, fail: (message: string) => void): void {
  for (const { ty } of body.locals) if (hasParam(ty)) checkOwnParams(generics, [ty], fail);
}

const knownParams = new WeakMap<Ty, readonly TyOf<"param">[]>();

/** The parameters that `ty` mentions. */
function paramsOf(ty: Ty): readonly TyOf<"param">[] {
  if (ty.kind === "param") return [ty];
  let known = knownParams.get(ty);
  if (known === undefined) {
    known = [...new Set(partsOf(ty).flatMap(paramsOf))];
    knownParams.set(ty, known);
  }
  return known;
}

/** An impl gives what its trait asks for, and nothing else; of what it specialises, another impl may give it. */
function verifyImpl(item: ImplDef, trait: TraitRef, others: readonly ImplDef[], tcx: TyCtxt): VerifyError[] {
  const errors: VerifyError[] = [];
  const name = `impl ${trait.trait.name} for ${item.selfTy.text}`;
  const fail = (message: string): void => {
    errors.push({ fn: name, block: 0, statement: -1, text: "", message });
  };
  const wider = (): readonly ImplDef[] =>
    others.filter((other) => other !== item && matchTys(tcx, other.trait!.args, trait.args, []));
  const given = new Map(item.fns.map((f) => [f.assocName ?? f.name, f]));
  for (const wanted of trait.trait.fns) {
    const fnName = wanted.assocName ?? wanted.name;
    const found = given.get(fnName);
    given.delete(fnName);
    if (found === undefined) {
      if (wanted.body !== undefined || trait.trait.prelude) continue;
      if (!wider().some((other) => other.fns.some((f) => (f.assocName ?? f.name) === fnName)))
        fail(`\`${wanted.name}\` is missing`);
      continue;
    }
    const own = found.generics.slice(item.generics.length).map((g, i) => tcx.param(item.generics.length + i, g));
    if (own.length !== wanted.generics.length - trait.args.length) {
      fail(`\`${found.name}\` has another number of parameters than in the trait`);
      continue;
    }
    const sig = fnSig(wanted, [...trait.args, ...own], tcx);
    const fits =
      sig.params.length === found.params.length &&
      sig.params.every((ty, i) => sameTy(ty, found.params[i]!)) &&
      sameTy(sig.ret, found.ret);
    if (!fits) fail(`\`${found.name}\` has another signature than in the trait`);
  }
  for (const extra of given.values()) fail(`\`${extra.name}\` is no function of the trait`);
  for (const assoc of trait.trait.assocTypes) {
    const isGiven = (by: ImplDef): boolean => by.assocTypes.some((t) => t.name === assoc.name);
    if (assoc.default === undefined && !isGiven(item) && !wider().some(isGiven))
      fail(`the type \`${assoc.name}\` is missing`);
  }
  return errors;
}

/** All errors of one body; it may mention any function. */
export function verifyBody(body: Body, tcx: TyCtxt, name = ""): VerifyError[] {
  return new BodyVerifier(body, tcx, name, undefined).run();
}

function checkSignature(item: FnItem, body: Body, fail: (message: string) => void): void {
  if (body.locals[0]?.ty !== item.ret) fail("the return place's type is not the function's");
  const list = item.variadic === true ? 1 : 0;
  if (body.argCount !== item.params.length + list) fail("the body has not as many arguments as the signature");
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
    try {
      this.check();
    } catch (error) {
      // A type that is made of those of the text is none.
      if (!(error instanceof Diagnostic)) throw error;
      this.fail(error.message);
    }
    return this.errors;
  }

  private check(): void {
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
  }

  knowsFn(item: FnItem): boolean {
    return (
      this.items === undefined ||
      this.items.has(item) ||
      INTRINSICS_BY_NAME.get(item.name) === item ||
      item.kind === "intrinsic" ||
      item.prelude === true ||
      item.parent?.prelude === true
    );
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
      case "copyNonOverlapping":
        this.copyNonOverlapping(statement);
        return;
      case "deinit":
      case "retag":
        checkPlace(this, statement.place);
        return;
      case "nop":
    }
  }

  private copyNonOverlapping({ src, dst, count }: Extract<Statement, { kind: "copyNonOverlapping" }>): void {
    const from = checkOperand(this, src);
    const to = checkOperand(this, dst);
    if (from !== undefined && to !== undefined) {
      const pointees = isPointer(from) && isPointer(to) ? [from.pointee, to.pointee] : undefined;
      if (pointees === undefined) this.fail(`a copy from \`${from.text}\` to \`${to.text}\``);
      else if (!sameTy(pointees[0]!, pointees[1]!)) this.fail(`a copy from \`${from.text}\` to \`${to.text}\``);
    }
    expectOperand(this, count, TY_USIZE);
  }

  private terminator(terminator: Terminator): void {
    const { isCleanup } = this.body.blocks[this.block]!;
    this.edges(terminator, isCleanup);
    switch (terminator.kind) {
      case "goto":
      case "unreachable":
        return;
      case "unwindResume":
      case "unwindTerminate":
        if (!isCleanup) this.fail(`\`${printTerminator(terminator)}\` outside of a cleanup block`);
        return;
      case "tailCall":
        if (isCleanup) this.fail("a cleanup block ends in a tail call");
        this.tailCall(terminator);
        return;
      case "drop":
        this.unwind(terminator, isCleanup);
        checkPlace(this, terminator.place);
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

  /** Blocks exist, and cleanup is entered by unwinding alone and never left. */
  private edges(terminator: Terminator, isCleanup: boolean): void {
    const { blocks } = this.body;
    const cleanup = "unwind" in terminator && terminator.unwind.kind === "cleanup" ? terminator.unwind.block : -1;
    for (const target of successors(terminator)) {
      const block = blocks[target];
      if (block === undefined) this.fail(`there is no block bb${target}`);
      else if (target === 0) this.fail("the entry block has a predecessor");
      else if (target !== cleanup && block.isCleanup !== isCleanup) {
        this.fail(
          isCleanup ? `cleanup goes on in bb${target}, which is none` : `bb${target} is entered by unwinding only`,
        );
      }
    }
  }

  private unwind(terminator: Extract<Terminator, { kind: "call" | "assert" | "drop" }>, isCleanup: boolean): void {
    const { unwind } = terminator;
    switch (unwind.kind) {
      case "cleanup":
        if (isCleanup) this.fail("a cleanup block unwinds into another");
        else if (this.body.blocks[unwind.block]?.isCleanup === false)
          this.fail(`bb${unwind.block} is no cleanup block`);
        return;
      case "continue":
        if (isCleanup) this.fail("unwinding goes on out of a cleanup block");
        return;
      case "terminate":
        if (unwind.reason === "cleanup" && !isCleanup) this.fail("`terminate(cleanup)` outside of a cleanup block");
        return;
      case "unreachable":
    }
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

  private call({ func, args, destination }: Extract<Terminator, { kind: "call" }>): void {
    const sig = this.callee(func, args);
    if (sig === undefined) return;
    const ty = checkPlace(this, destination);
    if (ty !== undefined && !sameTy(ty, sig.ret)) {
      this.fail(`the callee returns \`${sig.ret.text}\`, the destination is \`${ty.text}\``);
    }
    this.checkOverlap(args, destination);
  }

  private tailCall({ func, args }: Extract<Terminator, { kind: "tailCall" }>): void {
    const sig = this.callee(func, args);
    const ret = this.body.locals[0]?.ty;
    if (sig === undefined || ret === undefined) return;
    if (!sameTy(ret, sig.ret)) this.fail(`the callee returns \`${sig.ret.text}\`, the caller \`${ret.text}\``);
  }

  /** Checks what is called and with what; answers its signature. */
  private callee(func: Operand, args: readonly Operand[]): FnSig | undefined {
    if (func.kind === "const" && func.value.kind === "fn") {
      if (!checkFnConst(this, func.value)) return undefined;
    } else if (checkOperand(this, func) === undefined) {
      return undefined;
    }
    const sig = calleeSig(this.body, func, this.tcx);
    if (sig === undefined) return this.fail("what is called is no function");
    if (sig.variadic === true ? args.length < sig.params.length : sig.params.length !== args.length) {
      return this.fail(`the callee takes ${sig.params.length} arguments, not ${args.length}`);
    }
    for (let i = 0; i < args.length; i++) {
      const param = sig.params[i];
      if (param === undefined) checkOperand(this, args[i]!);
      else expectOperand(this, args[i]!, param);
    }
    return sig;
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
      if (message.kind === "invalidEnumConstruction") continue;
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
