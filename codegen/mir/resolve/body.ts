/**
 * Bodies of MIR text: places, operands, rvalues, statements, terminators. Older rustcs' spellings become today's.
 */

import type { Span } from "../../session/diagnostic.ts";
import { foldParts } from "../fold.ts";
import type { ClosureDef } from "../items.ts";
import { calleeSig, fieldTysOf, operandTy, projectTy } from "../place-ty.ts";
import type {
  AggregateKind,
  AssertKind,
  BasicBlock,
  BasicBlockData,
  BinOp,
  Body,
  CastKind,
  Const,
  Local,
  LocalDecl,
  Operand,
  Place,
  PlaceElem,
  Rvalue,
  SourceScope,
  Statement,
  Terminator,
  UnwindAction,
} from "../syntax.ts";
import type * as text from "../text/ast.ts";
import { instanceText, placeText } from "../text/print-body.ts";
import { constText, pathText, typeText } from "../text/print-type.ts";
import { TY_UNIT, TY_USIZE, type Ty, type TyCtxt, type TyOf } from "../ty.ts";
import { resolveConst, resolveCount } from "./constants.ts";
import { LineReader } from "./lines.ts";
import { assertKind } from "./messages.ts";
import { findFn, resolveFn, resolveVariant, type VariantRef } from "./paths.ts";
import { pathName, resolveTy } from "./types.ts";
import { errorIn, type Scope, unsupportedIn } from "./world.ts";

/** Resolves a body; `params` and `ret` are the types in the signature. `_0` need not be declared. */
export function resolveBody(scope: Scope, body: text.Body, params: readonly Ty[], ret: Ty): Body {
  return new BodyResolver(scope, body).run(params, ret);
}

/** Scopes are followed by calls. */
const MAX_SCOPE_DEPTH = 2000;
const NO_PROJECTION: readonly PlaceElem[] = [];

const CASTS: ReadonlyMap<string, CastKind> = new Map<string, CastKind>([
  ...(
    [
      "IntToInt",
      "IntToFloat",
      "FloatToInt",
      "FloatToFloat",
      "PtrToPtr",
      "FnPtrToPtr",
      "Transmute",
      "PointerExposeProvenance",
      "PointerWithExposedProvenance",
    ] as const
  ).map((kind): [string, CastKind] => [kind, kind]),
  ["PointerExposeAddress", "PointerExposeProvenance"],
  ["PointerFromExposedAddress", "PointerWithExposedProvenance"],
  // Another type of the same layout, of which lifetimes alone may differ.
  ["Subtype", "Transmute"],
]);

const COERCIONS: ReadonlyMap<string, CastKind> = new Map<string, CastKind>(
  (
    ["ReifyFnPointer", "ClosureFnPointer", "UnsafeFnPointer", "MutToConstPointer", "ArrayToPointer", "Unsize"] as const
  ).map((kind) => [kind, kind]),
);

/** Operations that older rustcs name otherwise. */
const OLD_BINARY: ReadonlyMap<string, BinOp> = new Map([
  ["CheckedAdd", "AddWithOverflow"],
  ["CheckedSub", "SubWithOverflow"],
  ["CheckedMul", "MulWithOverflow"],
]);

const RETAGS: ReadonlyMap<string, Extract<Statement, { kind: "retag" }>["retagKind"]> = new Map([
  ["", "default"],
  ["fn entry", "fnEntry"],
  ["2phase", "twoPhase"],
  ["raw", "raw"],
]);

class BodyResolver {
  private readonly scope: Scope;
  private readonly text: text.Body;
  readonly locals: LocalDecl[] = [];
  private readonly lines: LineReader;
  private blockCount = 0;
  private depth = 0;
  /** The type of the place that was resolved last. */
  private placeTy!: Ty;

  constructor(scope: Scope, body: text.Body) {
    this.scope = scope;
    this.text = body;
    this.lines = new LineReader(scope.source);
  }

  run(params: readonly Ty[], ret: Ty): Body {
    const root = this.declareLocals(params, ret);
    const blocks = this.blocks();
    const plain = root.debugInfo.length === 0 && root.children.length === 0 && inOrder(root.locals);
    return { locals: this.locals, argCount: params.length, blocks, ...(plain ? {} : { scopes: root }) };
  }

  // ---- locals

  private declareLocals(params: readonly Ty[], ret: Ty): SourceScope {
    const decls = new Map<number, LocalDecl>();
    for (let i = 0; i < params.length; i++) decls.set(i + 1, { ty: params[i]!, mutability: "not" });
    const root = this.sourceScope(this.text.scope, decls) as { locals: Local[] } & SourceScope;
    if (!decls.has(0)) {
      decls.set(0, { ty: ret, mutability: "mut" });
      root.locals.unshift(0 as Local);
    }
    this.scope.at = this.text.scope.at;
    for (let i = 0; i < decls.size; i++) {
      const decl = decls.get(i);
      if (decl === undefined) {
        throw errorIn(this.scope, `the local \`_${i}\` is not declared`, "locals are numbered without gaps");
      }
      this.locals.push(decl);
    }
    return root;
  }

  private sourceScope(source: text.SourceScope, decls: Map<number, LocalDecl>): SourceScope {
    const { scope } = this;
    const locals: Local[] = [];
    if (++this.depth > MAX_SCOPE_DEPTH) throw scope.source.error("scopes nest too deeply", source.at);
    for (const { at, local, mutable, ty } of source.locals) {
      scope.at = at;
      if (decls.has(local)) throw errorIn(scope, `the local \`_${local}\` is declared twice`);
      decls.set(local, { ty: resolveTy(scope, ty), mutability: mutable ? "mut" : "not" });
      locals.push(local as Local);
    }
    const children = source.children.map((child) => this.sourceScope(child, decls));
    this.depth--;
    return {
      id: source.id,
      inlined: inlinedText(source.inlined),
      debugInfo: source.debugInfo.map(debugInfo),
      locals,
      children,
    };
  }

  // ---- blocks

  private blocks(): BasicBlockData[] {
    const { scope, text: body } = this;
    if (body.blocks.length === 0) throw scope.source.error("expected a block such as `bb0: {`", body.scope.at);
    this.blockCount = body.blocks.length;
    const blocks: BasicBlockData[] = new Array(body.blocks.length);
    for (const block of body.blocks) {
      scope.at = block.at;
      if (blocks[block.index] !== undefined) throw errorIn(scope, `the block \`bb${block.index}\` is there twice`);
      if (block.index >= body.blocks.length) {
        const missing = firstMissing(body.blocks);
        throw errorIn(scope, `the block \`bb${missing}\` is missing`, "blocks are numbered without gaps");
      }
      blocks[block.index] = this.block(block);
    }
    return blocks;
  }

  private block(block: text.BasicBlock): BasicBlockData {
    const { scope } = this;
    const statements: Statement[] = [];
    for (const statement of block.statements) {
      scope.at = statement.at;
      const made = this.statement(statement, this.span());
      if (made !== undefined) statements.push(made);
    }
    if (block.terminator === undefined) throw scope.source.error("this block has no terminator", block.at);
    scope.at = block.terminator.at;
    return { statements, terminator: this.terminator(block.terminator, this.span()), isCleanup: block.cleanup };
  }

  private span(): Span {
    return this.lines.span(this.scope.at);
  }

  private target(block: number): BasicBlock {
    if (block < 0 || block >= this.blockCount) throw errorIn(this.scope, `there is no block \`bb${block}\``);
    return block as BasicBlock;
  }

  // ---- places

  private place(place: text.Place): Place {
    const { tcx } = this.scope.world;
    const decl = this.locals[place.local];
    if (decl === undefined) throw errorIn(this.scope, `the local \`_${place.local}\` is not declared`);
    const local = place.local as Local;
    if (place.projection.length === 0) {
      this.placeTy = decl.ty;
      return { local, projection: NO_PROJECTION };
    }
    const projection: PlaceElem[] = [];
    let ty = decl.ty;
    for (const elem of place.projection) {
      // Casts that change no bits.
      if (elem.kind === "subtype" || elem.kind === "opaqueCast" || elem.kind === "unwrapBinder") {
        ty = resolveTy(this.scope, elem.ty);
        continue;
      }
      const made = this.elem(elem, ty);
      projection.push(made);
      const next = projectTy({ ty }, made, tcx);
      if (next === undefined) {
        const what = elem.kind === "deref" ? "dereferenced" : "indexed";
        throw errorIn(this.scope, `a place of type \`${ty.text}\` cannot be ${what}`);
      }
      ty = next.ty;
    }
    this.placeTy = ty;
    return { local, projection };
  }

  private elem(elem: Exclude<text.PlaceElem, { kind: "subtype" | "opaqueCast" | "unwrapBinder" }>, ty: Ty): PlaceElem {
    switch (elem.kind) {
      case "deref":
        return elem;
      case "field": {
        const fieldTy = resolveTy(this.scope, elem.ty);
        if (ty.kind === "closure") learnUpvar(this.scope.world.tcx, ty, elem.index, fieldTy);
        return { kind: "field", index: elem.index, ty: fieldTy };
      }
      case "index":
        if (elem.local >= this.locals.length) throw errorIn(this.scope, `the local \`_${elem.local}\` is not declared`);
        return { kind: "index", local: elem.local as Local };
      case "downcast":
        return this.downcast(elem.name, elem.index, ty);
      default:
        return elem;
    }
  }

  private downcast(name: string, index: number, ty: Ty): PlaceElem {
    if (ty.kind !== "adt" || ty.def.adtKind !== "enum") throw errorIn(this.scope, `\`${ty.text}\` is no enum`);
    const variant = index >= 0 ? index : ty.def.variants.findIndex((v) => v.name === name);
    const def = ty.def.variants[variant];
    if (def === undefined) throw errorIn(this.scope, `\`${ty.text}\` has no variant \`${index >= 0 ? index : name}\``);
    return { kind: "downcast", variant, name: def.name };
  }

  private typedPlace(place: text.Place): { readonly place: Place; readonly ty: Ty } {
    const made = this.place(place);
    return { place: made, ty: this.placeTy };
  }

  // ---- operands

  private operand(operand: text.Operand, expected: Ty | undefined): Operand {
    switch (operand.kind) {
      case "copy":
        return { kind: "copy", place: this.place(operand.place) };
      case "move":
        return { kind: "move", place: this.place(operand.place) };
      case "const":
        return { kind: "const", value: resolveConst(this.scope, operand.value, expected) };
      case "runtimeChecks":
        throw unsupportedIn(this.scope, `\`${operand.name}\` as an operand`);
    }
  }

  private operands(operands: readonly text.Operand[], expected: readonly Ty[] | undefined): Operand[] {
    const out: Operand[] = new Array(operands.length);
    for (let i = 0; i < operands.length; i++) out[i] = this.operand(operands[i]!, expected?.[i]);
    return out;
  }

  // ---- statements

  private statement(statement: text.Statement, span: Span): Statement | undefined {
    switch (statement.kind) {
      case "assign": {
        const { place, ty } = this.typedPlace(statement.place);
        return { kind: "assign", place, rvalue: this.rvalue(statement.rvalue, ty), span };
      }
      case "storageLive":
      case "storageDead":
        if (statement.local >= this.locals.length) {
          throw errorIn(this.scope, `the local \`_${statement.local}\` is not declared`);
        }
        return { kind: statement.kind, local: statement.local as Local, span };
      case "setDiscriminant":
        return { kind: "setDiscriminant", place: this.place(statement.place), variant: statement.variant, span };
      case "deinit":
        return { kind: "deinit", place: this.place(statement.place), span };
      case "retag": {
        const retagKind = RETAGS.get(statement.retag);
        if (retagKind === undefined) throw unsupportedIn(this.scope, `the retag \`${statement.retag}\``);
        return { kind: "retag", retagKind, place: this.place(statement.place), span };
      }
      case "assume":
        return { kind: "assume", operand: this.operand(statement.operand, undefined), span };
      case "copyNonOverlapping": {
        const [dst, src] = [this.operand(statement.dst, undefined), this.operand(statement.src, undefined)];
        return { kind: "copyNonOverlapping", dst, src, count: this.operand(statement.count, TY_USIZE), span };
      }
      case "nop":
        return { kind: "nop", span };
      // What only the borrow checker, coverage and lints look at.
      case "fakeRead":
      case "placeMention":
      case "ascribeUserType":
      case "coverage":
      case "constEvalCounter":
      case "backwardIncompatibleDropHint":
        return undefined;
    }
  }

  // ---- rvalues

  private rvalue(rvalue: text.Rvalue, target: Ty): Rvalue {
    const { scope } = this;
    const { tcx } = scope.world;
    switch (rvalue.kind) {
      case "use":
        return this.use(rvalue, target);
      case "repeat": {
        const element = target.kind === "array" || target.kind === "genericArray" ? target.element : undefined;
        const operand = this.operand(rvalue.operand, element);
        const count = resolveCount(scope, rvalue.count);
        return typeof count === "number"
          ? { kind: "repeat", operand, count }
          : { kind: "repeat", operand, count: 0, genericCount: count };
      }
      case "ref": {
        if (rvalue.borrow.startsWith("fake")) throw unsupportedIn(scope, "this kind of borrow");
        const twoPhase = rvalue.borrow.startsWith("two_phase");
        const mutability = rvalue.borrow === "" ? "not" : "mut";
        return { kind: "ref", mutability, place: this.place(rvalue.place), ...(twoPhase ? { twoPhase } : {}) };
      }
      case "rawPtr":
        return { kind: "rawPtr", mutability: rvalue.word === "mut" ? "mut" : "not", place: this.place(rvalue.place) };
      case "threadLocalRef": {
        const name = pathName(rvalue.path);
        const item = scope.world.statics.find(name, scope.module);
        if (item === undefined || item === "several") throw errorIn(scope, `unknown static \`${name}\``);
        return { kind: "threadLocalRef", item, ty: target };
      }
      case "cast":
        return this.cast(rvalue);
      case "binary":
        return this.binary(rvalue);
      case "unary": {
        const { op } = rvalue;
        if (op !== "Not" && op !== "Neg" && op !== "PtrMetadata") throw unsupportedIn(scope, `\`${op}\``);
        return { kind: "unary", op, operand: this.operand(rvalue.operand, undefined) };
      }
      case "discriminant":
        return { kind: "discriminant", place: this.place(rvalue.place) };
      case "len": {
        const { place, ty } = this.typedPlace(rvalue.place);
        if (ty.kind !== "array") return { kind: "len", place };
        return {
          kind: "use",
          operand: { kind: "const", value: { kind: "scalar", ty: TY_USIZE, bits: BigInt(ty.length) } },
        };
      }
      case "copyForDeref":
        return { kind: "use", operand: { kind: "copy", place: this.place(rvalue.place) }, spelling: "deref_copy" };
      case "nullary":
        return this.nullary(rvalue.op, rvalue.ty);
      case "offsetOf":
        return { kind: "nullary", op: { kind: "OffsetOf", ty: resolveTy(scope, rvalue.ty), path: rvalue.path } };
      case "shallowInitBox": {
        const ty = resolveTy(scope, rvalue.ty);
        return { kind: "shallowInitBox", operand: this.operand(rvalue.operand, undefined), ty };
      }
      case "wrapBinder":
      case "reborrow":
        throw unsupportedIn(scope, "this value");
      case "array": {
        const element = target.kind === "array" ? target.element : undefined;
        if (element === undefined) throw errorIn(scope, `an array is assigned to a place of type \`${target.text}\``);
        const operands = this.operands(rvalue.elements, new Array<Ty>(rvalue.elements.length).fill(element));
        return { kind: "aggregate", aggregate: { kind: "array", element }, operands };
      }
      case "tuple": {
        const operands = this.operands(rvalue.elements, target.kind === "tuple" ? target.fields : undefined);
        return { kind: "aggregate", aggregate: { kind: "tuple" }, operands };
      }
      case "tupleStruct":
        return this.tupleStruct(rvalue.path, rvalue.elements);
      case "struct":
        return this.struct(rvalue.path, rvalue.fields);
      case "closure":
        return this.closure(rvalue);
      case "aggregateRawPtr": {
        const ty = tcx.ptr(rvalue.mutable ? "mut" : "not", resolveTy(scope, rvalue.pointee));
        const operands = this.operands(rvalue.elements, undefined);
        return { kind: "aggregate", aggregate: { kind: "rawPtr", ty }, operands };
      }
    }
  }

  private nullary(op: string, ty: text.Type | undefined): Rvalue {
    switch (op) {
      case "SizeOf":
      case "AlignOf":
        if (ty === undefined) break;
        return { kind: "nullary", op: { kind: op, ty: resolveTy(this.scope, ty) } };
      case "UbChecks":
      case "ContractChecks":
        return { kind: "nullary", op: { kind: op } };
      default:
    }
    throw unsupportedIn(this.scope, `\`${op}\``);
  }

  private use({ operand, prefix }: Extract<text.Rvalue, { kind: "use" }>, target: Ty): Rvalue {
    if (operand.kind === "runtimeChecks") return this.nullary(operand.name, undefined);
    if (operand.kind === "const") {
      const made = this.constant(operand, target);
      if (made !== undefined) return made;
    }
    const made = this.operand(operand, target);
    return prefix === "" ? { kind: "use", operand: made } : { kind: "use", operand: made, spelling: "no_retag" };
  }

  /** A constant with parts is the aggregate that makes it; a unit without `const` too. */
  private constant({ value, keyword }: Extract<text.Operand, { kind: "const" }>, target: Ty): Rvalue | undefined {
    const { scope } = this;
    if (!keyword && value.kind === "path") {
      const variant = resolveVariant(scope, value.path);
      if (variant === undefined || (target.kind !== "adt" && findFn(scope, value.path) !== undefined)) return undefined;
      const { ctor, fields } = variant.ty.def.variants[variant.variant]!;
      if (ctor === "tuple" && fields.length > 0 && target.kind === "fndef") return undefined;
      return this.aggregate(value.path, variant, []);
    }
    if (value.kind === "fnPtr") {
      const found = resolveFn(scope, value.path);
      return {
        kind: "cast",
        castKind: "ReifyFnPointer",
        operand: { kind: "const", value: { kind: "fn", ...found } },
        ty: target,
      };
    }
    const made = resolveConst(scope, value, target);
    return made.kind === "aggregate" && !isUninit(made)
      ? constAggregate(made)
      : { kind: "use", operand: { kind: "const", value: made } };
  }

  private cast({ operand, ty: written, cast }: Extract<text.Rvalue, { kind: "cast" }>): Rvalue {
    const { scope } = this;
    const ty = resolveTy(scope, written);
    const made = this.operand(operand, undefined);
    if (cast.kind !== "PointerCoercion" && cast.kind !== "Pointer") {
      const castKind = CASTS.get(cast.kind);
      if (castKind === undefined) throw unsupportedIn(scope, `the cast \`${cast.kind}\``);
      return { kind: "cast", castKind, operand: made, ty };
    }
    const castKind = COERCIONS.get(cast.coercion);
    if (castKind === undefined) throw unsupportedIn(scope, `the coercion \`${cast.coercion}\``);
    if (cast.safety !== "" && ty.kind === "fnptr" && ty.unsafe !== (cast.safety === "Unsafe")) {
      throw errorIn(scope, `\`${cast.safety}\` does not fit the type \`${ty.text}\``);
    }
    return { kind: "cast", castKind, operand: made, ty, ...(cast.source === "AsCast" ? { asCast: true } : {}) };
  }

  private binary({ op, left, right }: Extract<text.Rvalue, { kind: "binary" }>): Rvalue {
    const a = this.operand(left, undefined);
    const b = this.operand(right, undefined);
    return { kind: "binary", op: OLD_BINARY.get(op) ?? (op as BinOp), left: a, right: b };
  }

  private variant(path: text.Path): VariantRef {
    const found = resolveVariant(this.scope, path);
    if (found === undefined) {
      const name = pathName(path);
      if (findFn(this.scope, path) !== undefined) throw errorIn(this.scope, `a call of \`${name}\` without \`->\``);
      throw errorIn(
        this.scope,
        `unknown function \`${name}\``,
        "declare it with `fn`, or the type with `struct` or `enum`",
      );
    }
    return found;
  }

  private tupleStruct(path: text.Path, elements: readonly text.Operand[]): Rvalue {
    const found = this.variant(path);
    const tys = fieldTysOf(found.ty, found.variant, this.scope.world.tcx);
    const { ctor, fields } = found.ty.def.variants[found.variant]!;
    if (elements.length !== fields.length) {
      throw errorIn(this.scope, `\`${pathName(path)}\` has ${fields.length} fields, not ${elements.length}`);
    }
    if (ctor !== "tuple") {
      throw errorIn(
        this.scope,
        `\`${pathName(path)}\` is not written like this`,
        `it is declared as a ${ctor} constructor`,
      );
    }
    return this.aggregate(path, found, this.operands(elements, tys));
  }

  private struct(path: text.Path, inits: readonly text.FieldInit[]): Rvalue {
    const { scope } = this;
    const found = this.variant(path);
    const tys = fieldTysOf(found.ty, found.variant, scope.world.tcx);
    const { fields } = found.ty.def.variants[found.variant]!;
    const operands: (Operand | undefined)[] = new Array(fields.length).fill(undefined);
    let active = 0;
    for (const { name, value } of inits) {
      const index = fields.findIndex((f) => f.name === name);
      if (index < 0) throw errorIn(scope, `\`${pathName(path)}\` has no field \`${name}\``);
      if (operands[index] !== undefined) throw errorIn(scope, `the field \`${name}\` is given twice`);
      operands[index] = this.operand(value, tys?.[index]);
      active = index;
    }
    if (found.ty.def.adtKind === "union") {
      if (inits.length !== 1) throw errorIn(scope, "one field of a union is written at a time");
      const aggregate: AggregateKind = {
        kind: "adt",
        ty: found.ty,
        def: found.ty.def,
        variant: 0,
        activeField: active,
      };
      return { kind: "aggregate", aggregate, operands: [operands[active]!] };
    }
    const missing = operands.indexOf(undefined);
    if (missing >= 0) throw errorIn(scope, `the field \`${fields[missing]!.name}\` is not given`);
    return this.aggregate(path, found, operands as Operand[]);
  }

  private aggregate(path: text.Path, { ty, variant }: VariantRef, operands: readonly Operand[]): Rvalue {
    const { fields } = ty.def.variants[variant]!;
    if (operands.length !== fields.length) {
      throw errorIn(this.scope, `\`${pathText(path)}\` has ${fields.length} fields, not ${operands.length}`);
    }
    return { kind: "aggregate", aggregate: { kind: "adt", ty, def: ty.def, variant }, operands };
  }

  /** The one that makes a closure tells what it captures. */
  private closure({ ty: written, fields }: Extract<text.Rvalue, { kind: "closure" }>): Rvalue {
    const ty = resolveTy(this.scope, written) as TyOf<"closure">;
    const { def } = ty;
    const operands = fields.map(({ value }) => this.operand(value, undefined));
    if (fields.length > 0 && !exactUpvars.has(def)) {
      const { tcx } = this.scope.world;
      const tys = operands.map((operand) => operandTy(this, operand, tcx));
      if (isOwn(ty)) setExactUpvars(def, fields, tys);
      else for (let i = 0; i < tys.length; i++) learnUpvar(tcx, ty, i, tys[i]!);
    }
    return { kind: "aggregate", aggregate: { kind: "closure", ty, def }, operands };
  }

  // ---- terminators

  private terminator(terminator: text.Terminator, span: Span): Terminator {
    const { scope } = this;
    switch (terminator.kind) {
      case "goto":
        return { kind: "goto", target: this.target(terminator.target), span };
      case "switchInt":
        return this.switchInt(terminator, span);
      case "return":
      case "unreachable":
        return { kind: terminator.kind, span };
      case "resume":
        return { kind: "unwindResume", span };
      case "terminate":
        return { kind: "unwindTerminate", reason: terminator.reason, span };
      case "call":
        return this.call(terminator, span);
      case "tailCall": {
        const func = this.callee(terminator.func);
        const params = calleeSig(this, func, scope.world.tcx)?.params;
        return { kind: "tailCall", func, args: this.operands(terminator.args, params), span };
      }
      case "drop": {
        if (terminator.future !== undefined) throw unsupportedIn(scope, "`async drop`");
        const place = this.place(terminator.place);
        const { target, unwind } = this.successors(terminator.target, terminator.unwind);
        if (target === undefined) throw errorIn(scope, "a drop goes on somewhere");
        return { kind: "drop", place, target, unwind, span };
      }
      case "assert":
        return this.assertion(terminator, span);
      case "falseEdge":
        return { kind: "goto", target: this.target(terminator.real), span };
      case "falseUnwind":
        return { kind: "goto", target: this.target(terminator.real), span };
      case "yield":
      case "coroutineDrop":
        throw unsupportedIn(scope, "coroutines");
      case "asm":
        throw unsupportedIn(scope, "inline assembly");
    }
  }

  private switchInt(terminator: Extract<text.Terminator, { kind: "switchInt" }>, span: Span): Terminator {
    const { scope } = this;
    const discr = this.operand(terminator.discr, undefined);
    if (terminator.values.length === 0 && terminator.otherwise < 0)
      throw errorIn(scope, "this `switchInt` goes nowhere");
    const values = terminator.values.map((value) => switchValue(scope, value));
    const targets = terminator.targets.map((target) => this.target(target));
    const otherwise = terminator.otherwise < 0 ? undefined : this.target(terminator.otherwise);
    return { kind: "switchInt", discr, values, targets, otherwise, span };
  }

  private call(terminator: Extract<text.Terminator, { kind: "call" }>, span: Span): Terminator {
    const { place: destination, ty } = this.typedPlace(terminator.destination);
    const func = this.callee(terminator.func);
    const params = calleeSig(this, func, this.scope.world.tcx)?.params;
    const args = this.operands(terminator.args, params);
    let { target, unwind } = this.successors(terminator.target, terminator.unwind);
    // Before 1.72 `-> bb1` was where a call returns.
    if (target === undefined && unwind.kind === "cleanup" && ty.kind !== "never" && !this.isCleanup(unwind.block)) {
      target = unwind.block;
      unwind = { kind: "continue" };
    }
    return { kind: "call", func, args, destination, target, unwind, span };
  }

  private callee(func: text.Operand): Operand {
    if (func.kind !== "const" || func.value.kind !== "path") return this.operand(func, undefined);
    return { kind: "const", value: { kind: "fn", ...resolveFn(this.scope, func.value.path) } };
  }

  private isCleanup(block: BasicBlock): boolean {
    return this.text.blocks.some(({ index, cleanup }) => index === block && cleanup);
  }

  private successors(
    target: number,
    unwind: text.UnwindAction,
  ): { target: BasicBlock | undefined; unwind: UnwindAction } {
    return { target: target < 0 ? undefined : this.target(target), unwind: this.unwind(unwind) };
  }

  private unwind(unwind: text.UnwindAction): UnwindAction {
    switch (unwind.kind) {
      case "none":
      case "continue":
        return { kind: "continue" };
      case "unreachable":
        return { kind: "unreachable" };
      case "terminate":
        return { kind: "terminate", reason: unwind.reason };
      case "cleanup":
        return { kind: "cleanup", block: this.target(unwind.block) };
    }
  }

  private assertion(terminator: Extract<text.Terminator, { kind: "assert" }>, span: Span): Terminator {
    const cond = this.operand(terminator.cond, undefined);
    const args = this.operands(terminator.args, undefined);
    const message: AssertKind | undefined = assertKind(terminator.message, args);
    if (message === undefined) throw unsupportedIn(this.scope, `an assertion with the message ${terminator.message}`);
    const { target, unwind } = this.successors(terminator.target, terminator.unwind);
    if (target === undefined) throw errorIn(this.scope, "an assertion goes on somewhere");
    return { kind: "assert", cond, expected: terminator.expected, message, target, unwind, span };
  }
}

/** Closures of which their own function makes one, or an attribute tells: that says what all of their fields are. */
const exactUpvars = new WeakSet<ClosureDef>();

/** Says what a closure captures, in terms of its own parameters. What bodies show does not change it. */
export function setExactUpvars(
  def: ClosureDef,
  fields: readonly { readonly name: string }[],
  tys: readonly Ty[],
): void {
  exactUpvars.add(def);
  def.upvars = tys;
  def.upvarNames = fields.map(({ name }) => name);
}

/** Whether a closure's arguments are its parameters, as in the function that it stands in; not so where that was inlined. */
function isOwn({ def, args }: TyOf<"closure">): boolean {
  return args.every((arg, i) => arg.kind === "param" && arg.index === i && arg.name === def.generics[i]);
}

/** A closure whose own function does not make one has at least the fields that bodies look at. */
function learnUpvar(tcx: TyCtxt, closure: TyOf<"closure">, index: number, ty: Ty): void {
  const { def } = closure;
  if (exactUpvars.has(def) || (index < def.upvars.length && def.upvars[index] !== TY_UNIT)) return;
  const upvars = [...def.upvars];
  while (upvars.length <= index) upvars.push(TY_UNIT);
  upvars[index] = isOwn(closure) ? ty : generalized(tcx, closure, ty);
  def.upvars = upvars;
  def.upvarNames = upvars.map((_, i) => def.upvarNames[i] ?? String(i));
}

/** `ty`, of a closure with these arguments, in terms of the closure's parameters: each argument in it becomes the parameter. */
function generalized(tcx: TyCtxt, { def, args }: TyOf<"closure">, ty: Ty): Ty {
  const go = (part: Ty): Ty => {
    const index = args.indexOf(part);
    return index >= 0 ? tcx.param(index, def.generics[index]!) : foldParts(tcx, part, go);
  };
  return go(ty);
}

function inOrder(locals: readonly Local[]): boolean {
  return locals.every((local, i) => i === 0 || locals[i - 1]! < local);
}

function firstMissing(blocks: readonly text.BasicBlock[]): number {
  const there = new Set(blocks.map((block) => block.index));
  let missing = 0;
  while (there.has(missing)) missing++;
  return missing;
}

/** An unsigned number; older dumps give its type behind it. */
function switchValue(scope: Scope, value: string): bigint {
  const match = /^(\d{1,39})(?:_?[iu](?:8|16|32|64|128|size))?$/.exec(value);
  if (match === null) throw errorIn(scope, `expected a value or \`otherwise\`, found \`${value}\``);
  return BigInt(match[1]!);
}

/** A constant with parts as the aggregate that makes it; parts that have parts stay constants. */
function constAggregate(value: Extract<Const, { kind: "aggregate" }>): Rvalue {
  const operands = value.fields.map((field): Operand => ({ kind: "const", value: field }));
  const { ty } = value;
  let aggregate: AggregateKind;
  if (ty.kind === "adt") aggregate = { kind: "adt", ty, def: ty.def, variant: value.variant };
  else if (ty.kind === "array") aggregate = { kind: "array", element: ty.element };
  else aggregate = { kind: "tuple" };
  return { kind: "aggregate", aggregate, operands, asConst: true };
}

function isUninit({ ty, fields }: Extract<Const, { kind: "aggregate" }>): boolean {
  return ty.kind === "adt" && ty.def.adtKind === "union" && fields.length === 0;
}

function inlinedText(inlined: text.SourceScope["inlined"]): string {
  if (inlined === undefined) return "";
  return `(inlined ${inlined.trackCaller ? "#[track_caller] " : ""}${instanceText(inlined.callee)})`;
}

/** `debug name => value`, the two as text. */
function debugInfo({ name, fragment, value }: text.VarDebugInfo): { name: string; value: string } {
  const whole =
    fragment === undefined
      ? name
      : placeText({ local: 0, projection: fragment.projection }).replace("_0", `(${name}: ${typeText(fragment.ty)})`);
  return { name: whole, value: value.kind === "place" ? placeText(value.place) : `const ${constText(value.value)}` };
}
