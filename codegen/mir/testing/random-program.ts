/**
 * Random programs for testing the text, the verifier and whatever else works on any well-typed MIR.
 *
 * They are well typed and use every construct, but their behaviour is of no concern: they may well loop or have undefined behaviour.
 * All choices come from a *tape* of numbers, so that fast-check can shrink a program by shrinking its tape; behind its end every choice
 * is the first one.
 */

import fc from "fast-check";
import {
  adtOf,
  arrayOf,
  assertThat,
  assign,
  assume,
  BodyBuilder,
  binary,
  call,
  cast,
  constantIndex,
  constBits,
  constUnit,
  constZst,
  copy,
  deref,
  discriminantOf,
  downcast,
  field,
  fnRef,
  goto,
  indexBy,
  move,
  newFn,
  place,
  project,
  rawPtrTo,
  refTo,
  repeat,
  ret,
  setDiscriminant,
  storageDead,
  storageLive,
  switchInt,
  tupleOf,
  unary,
  unreachable,
  use,
} from "../builder.ts";
import { canonicalNan, fieldlessTagBits, scalarBits } from "../literal.ts";
import { discriminantTy } from "../place-ty.ts";
import { newTyCtxt, preludeAdt } from "../prelude.ts";
import type { Program } from "../program.ts";
import type { BinOp, CastKind, FnItem, Operand, Place, Rvalue, Terminator } from "../syntax.ts";
import {
  type AdtDef,
  DEFAULT_REPR,
  FLOATS,
  isIntegral,
  SIGNED_INTS,
  TY_BOOL,
  TY_CHAR,
  TY_I8,
  TY_I32,
  TY_U8,
  TY_U16,
  TY_U32,
  TY_U64,
  TY_UNIT,
  TY_USIZE,
  type Ty,
  type TyCtxt,
  UNSIGNED_INTS,
} from "../ty.ts";

/** Arbitrary tapes, for `randomProgram`. */
export function arbitraryTape(maxChoices = 400): fc.Arbitrary<number[]> {
  return fc.array(fc.nat(), { maxLength: maxChoices, size: "max" });
}

const INTS: readonly Ty[] = [...SIGNED_INTS, ...UNSIGNED_INTS];

/** The program that the choices in `tape` make. */
export function randomProgram(tape: readonly number[]): Program {
  return new ProgramMaker(tape).make();
}

class ProgramMaker {
  private readonly tape: readonly number[];
  private at = 0;
  private readonly tcx: TyCtxt = newTyCtxt();
  private readonly adts: AdtDef[] = [];
  private readonly functions: FnItem[] = [];
  private builder!: BodyBuilder;

  constructor(tape: readonly number[]) {
    this.tape = tape;
  }

  private pick(count: number): number {
    const choice = this.tape[this.at++] ?? 0;
    return choice % count;
  }

  private oneOf<T>(items: readonly T[]): T {
    return items[this.pick(items.length)]!;
  }

  make(): Program {
    this.makeAdts();
    const count = 1 + this.pick(3);
    for (let i = 0; i < count; i++) {
      const params = Array.from({ length: this.pick(3) }, () => this.ty(2));
      this.functions.push(
        newFn(`f${i}`, params, this.ty(2), { inline: this.oneOf(["none", "hint", "always", "never"]) }),
      );
    }
    this.functions.push({ ...newFn("external", [TY_U8], TY_I32, { abi: "C" }), kind: "extern" });
    for (const item of this.functions) if (item.kind === "fn") this.fill(item);
    return { tcx: this.tcx, functions: this.functions, adts: this.adts, file: "" };
  }

  private makeAdts(): void {
    const base = { generics: [], repr: DEFAULT_REPR, explicitDiscriminants: false, prelude: false } as const;
    const named = (tys: readonly Ty[]): { name: string; ty: Ty }[] => tys.map((ty, i) => ({ name: `f${i}`, ty }));
    const tuple = (tys: readonly Ty[]): { name: string; ty: Ty }[] => tys.map((ty, i) => ({ name: String(i), ty }));
    const unit = (name: string, discriminant: bigint): AdtDef["variants"][number] => ({
      name,
      ctor: "unit",
      fields: [],
      discriminant,
    });
    this.adts.push(
      { ...base, name: "Unit", adtKind: "struct", variants: [unit("Unit", 0n)] },
      {
        ...base,
        name: "Pair",
        adtKind: "struct",
        repr: { ...DEFAULT_REPR, c: true },
        variants: [{ ...unit("Pair", 0n), ctor: "tuple", fields: tuple([TY_U8, TY_I32]) }],
      },
      {
        ...base,
        name: "m::Named",
        adtKind: "struct",
        variants: [{ ...unit("Named", 0n), ctor: "named", fields: named([TY_U64, TY_BOOL, TY_CHAR]) }],
      },
      {
        ...base,
        name: "Small",
        adtKind: "enum",
        repr: { ...DEFAULT_REPR, int: TY_I8 },
        explicitDiscriminants: true,
        variants: [unit("A", -3n), unit("B", 0n), unit("C", 100n)],
      },
      { ...base, name: "m::n::One", adtKind: "enum", variants: [unit("Only", 0n)] },
    );
    const pair = this.tcx.adt(this.adts[1]!);
    const param = this.tcx.param(0, "T");
    this.adts.push(
      {
        ...base,
        name: "Generic",
        generics: ["T"],
        adtKind: "struct",
        variants: [{ ...unit("Generic", 0n), ctor: "named", fields: named([param, this.tcx.ref("not", param)]) }],
      },
      {
        ...base,
        name: "m::Mixed",
        generics: ["T"],
        adtKind: "enum",
        variants: [
          unit("Empty", 0n),
          { ...unit("Tup", 1n), ctor: "tuple", fields: tuple([param, pair]) },
          { ...unit("Nam", 2n), ctor: "named", fields: named([TY_U16]) },
        ],
      },
    );
  }

  private scalarTy(): Ty {
    return this.oneOf([...INTS, ...FLOATS, TY_BOOL, TY_CHAR]);
  }

  private ty(depth: number): Ty {
    const { tcx } = this;
    if (depth === 0) return this.scalarTy();
    const inner = (): Ty => this.ty(depth - 1);
    switch (this.pick(11)) {
      case 0:
      case 1:
        return this.scalarTy();
      case 2:
        return TY_UNIT;
      case 3:
        if (this.pick(3) === 0) return tcx.tuple([this.oneOf(INTS), TY_BOOL]);
        return tcx.tuple(Array.from({ length: 1 + this.pick(3) }, inner));
      case 4:
        return tcx.array(inner(), this.pick(4));
      case 5:
        return tcx.ref(this.oneOf(["not", "mut"]), inner());
      case 6:
        return tcx.ptr(this.oneOf(["not", "mut"]), inner());
      case 7: {
        const def = this.oneOf(this.adts);
        return tcx.adt(def, def.generics.map(inner));
      }
      case 8: {
        const def = preludeAdt(tcx, this.oneOf(["std::option::Option", "std::result::Result", "std::cmp::Ordering"]));
        return tcx.adt(def, def.generics.map(inner));
      }
      case 9:
        return tcx.fnPtr([inner()], inner(), { unsafe: this.pick(2) === 1, abi: this.oneOf(["Rust", "C"]) });
      default:
        return tcx.fnPtr([TY_U8], TY_I32, { abi: "C" });
    }
  }

  private fill(item: FnItem): void {
    const b = new BodyBuilder(this.tcx, item.params, item.ret);
    this.builder = b;
    const blocks = [b.block];
    for (let i = this.pick(4); i > 0; i--) blocks.push(b.newBlock());
    for (const block of blocks) {
      b.switchTo(block);
      for (let i = this.pick(6); i > 0; i--) this.statement();
      b.terminate(this.terminator(blocks.length));
    }
    item.body = b.finish();
  }

  private statement(): void {
    const b = this.builder;
    switch (this.pick(12)) {
      case 0: {
        const local = b.newLocal(this.ty(1));
        b.push(storageLive(local));
        b.push(storageDead(local));
        return;
      }
      case 1:
        b.push(assume(this.operand(TY_BOOL)));
        return;
      case 2: {
        const ty = this.tcx.adt(this.adts[3]!);
        b.push(setDiscriminant(this.place(ty), this.pick(3)));
        return;
      }
      default: {
        const ty = this.ty(3);
        // A fresh local on the left is never mentioned on the right.
        b.push(assign(this.projected(ty), this.rvalue(ty)));
      }
    }
  }

  private terminator(blocks: number): Terminator {
    const target = (): number => 1 + this.pick(blocks - 1);
    const kind = this.pick(blocks === 1 ? 2 : 7);
    switch (kind) {
      case 0:
        return ret();
      case 1:
        return unreachable();
      case 2:
        return goto(target());
      case 3: {
        const ty = this.oneOf([TY_BOOL, TY_CHAR, ...INTS]);
        const arms = Array.from({ length: this.pick(3) }, (_, i): [bigint, number] => [BigInt(i), target()]);
        return switchInt(this.operand(ty), ty === TY_BOOL ? arms.slice(0, 2) : arms, target());
      }
      case 4:
        return this.assertion(target());
      case 5: {
        const ty = this.tcx.fnPtr([TY_U8, this.ty(1)], this.ty(1));
        if (ty.kind !== "fnptr") return ret();
        return call(
          this.projected(ty.ret),
          copy(this.place(ty)),
          ty.params.map((p) => this.operand(p)),
          target(),
        );
      }
      default: {
        const item = this.oneOf(this.functions);
        const args = item.params.map((p) => this.operand(p, true));
        return call(this.projected(item.ret), fnRef(item), args, this.pick(4) === 0 ? undefined : target());
      }
    }
  }

  private assertion(target: number): Terminator {
    const cond = this.operand(TY_BOOL);
    const expected = this.pick(2) === 0;
    const ty = this.oneOf(INTS);
    const operand = this.operand(ty);
    switch (this.pick(5)) {
      case 0:
        return assertThat(
          cond,
          expected,
          { kind: "boundsCheck", length: this.operand(TY_USIZE), index: this.operand(TY_USIZE) },
          target,
        );
      case 1:
        return assertThat(cond, expected, { kind: "overflowNeg", operand }, target);
      case 2:
        return assertThat(cond, expected, { kind: this.oneOf(["divisionByZero", "remainderByZero"]), operand }, target);
      case 3:
        return assertThat(
          cond,
          expected,
          { kind: "overflow", op: this.oneOf(["Shl", "Shr"]), left: operand, right: operand },
          target,
        );
      default: {
        const op = this.oneOf<BinOp>(["Add", "Sub", "Mul", "Div", "Rem"]);
        return assertThat(cond, expected, { kind: "overflow", op, left: operand, right: this.operand(ty) }, target);
      }
    }
  }

  /** A place of type `ty`: a local, or a part of one. */
  private place(ty: Ty): Place {
    const b = this.builder;
    const known = b.argCount + 1;
    if (this.pick(3) === 0) for (let i = 0; i < known; i++) if (b.localTy(i) === ty) return place(i);
    return this.projected(ty);
  }

  /** A place of type `ty` in a new local. */
  private projected(ty: Ty): Place {
    const { tcx } = this;
    const b = this.builder;
    switch (this.pick(8)) {
      case 0:
        return place(b.newLocal(tcx.tuple([TY_U8, ty])), field(1, ty));
      case 1:
        return place(b.newLocal(tcx.ref("mut", ty)), deref());
      case 2:
        return place(b.newLocal(tcx.array(ty, 3)), indexBy(b.newLocal(TY_USIZE)));
      case 3: {
        const fromEnd = this.pick(2) === 0;
        return place(b.newLocal(tcx.array(ty, 3)), constantIndex(1 + this.pick(2), 3, fromEnd));
      }
      case 4: {
        const option = tcx.adt(preludeAdt(tcx, "std::option::Option"), [ty]);
        return place(b.newLocal(option), downcast(option, 1), field(0, ty));
      }
      case 5: {
        const inner = tcx.tuple([ty]);
        const base = place(b.newLocal(tcx.ptr("mut", tcx.array(inner, 2))), deref());
        return project(base, indexBy(b.newLocal(TY_USIZE)), field(0, ty));
      }
      default:
        return place(b.newLocal(ty, this.oneOf(["mut", "not"])));
    }
  }

  /** An operand; `fresh` keeps moved arguments of one call apart. */
  private operand(ty: Ty, fresh = false): Operand {
    const choice = this.pick(3);
    if (choice === 0) return copy(this.place(ty));
    if (choice === 1) return move(fresh ? this.projected(ty) : this.place(ty));
    return this.constant(ty) ?? copy(this.place(ty));
  }

  private constant(ty: Ty): Operand | undefined {
    if (ty === TY_UNIT) return constUnit();
    if (ty.kind === "array" && ty.length === 0) return constZst(ty);
    if (ty.kind === "adt" && ty.def.name === "Unit") return constZst(ty);
    const width = scalarBits(ty) ?? fieldlessTagBits(ty);
    if (width === undefined || ty.kind === "ref" || ty.kind === "fnptr") return undefined;
    if (width === 0) return constZst(ty);
    if (ty.kind === "adt") {
      const variant = this.oneOf(ty.def.variants);
      return constBits(ty, BigInt.asUintN(width, variant.discriminant));
    }
    if (ty === TY_BOOL) return constBits(ty, BigInt(this.pick(2)));
    if (ty === TY_CHAR)
      return constBits(ty, this.oneOf([0n, 9n, 39n, 92n, 97n, 0xe9n, 0x301n, 0x200bn, 0x1f600n, 0x10ffffn]));
    return constBits(ty, this.bits(ty, width));
  }

  private bits(ty: Ty, width: number): bigint {
    const max = (1n << BigInt(width)) - 1n;
    if (ty.kind === "float") {
      const special = [
        0n,
        1n << BigInt(width - 1),
        canonicalNan(ty.width),
        canonicalNan(ty.width) + 5n,
        ty.width === 32 ? 0x7f800000n : 0x7ff0000000000000n,
      ];
      if (this.pick(3) === 0) return this.oneOf(special);
    }
    switch (this.pick(4)) {
      case 0:
        return BigInt(this.pick(300)) & max;
      case 1:
        return max;
      case 2:
        return (1n << BigInt(width - 1)) - BigInt(this.pick(2));
      default:
        return (BigInt(this.pick(2 ** 31)) * 0x9e3779b97f4a7c15f39cc0605cedc835n) & max;
    }
  }

  private rvalue(ty: Ty): Rvalue {
    const general = this.pick(4);
    if (general === 0) return use(this.operand(ty));
    if (general === 1) {
      const made = this.castTo(ty);
      if (made !== undefined) return made;
    }
    switch (ty.kind) {
      case "tuple":
        return this.tupleRvalue(ty);
      case "array":
        if (this.pick(2) === 0) return repeat(this.operand(ty.element), ty.length);
        return arrayOf(
          ty.element,
          Array.from({ length: ty.length }, () => this.operand(ty.element)),
        );
      case "ref":
        return refTo(ty.mutability, this.projected(ty.pointee));
      case "ptr":
        if (this.pick(3) === 0) return binary("Offset", this.operand(ty), this.operand(TY_USIZE));
        return rawPtrTo(ty.mutability, this.projected(ty.pointee));
      case "adt": {
        if (ty.def.name === "std::cmp::Ordering" && this.pick(2) === 0) {
          return binary("Cmp", this.operand(TY_U16), this.operand(TY_U16));
        }
        const variant = this.pick(ty.def.variants.length);
        return adtOf(
          ty,
          variant,
          this.tcx.fieldTys(ty, variant).map((f) => this.operand(f)),
        );
      }
      case "bool": {
        if (this.pick(3) === 0) return unary("Not", this.operand(TY_BOOL));
        const of = this.oneOf([...INTS, ...FLOATS, TY_CHAR, TY_BOOL]);
        return binary(this.oneOf(["Eq", "Ne", "Lt", "Le", "Gt", "Ge"]), this.operand(of), this.operand(of));
      }
      case "int":
      case "uint":
      case "float":
        return this.arithmetic(ty);
      default:
        return use(this.operand(ty));
    }
  }

  private tupleRvalue(ty: Extract<Ty, { kind: "tuple" }>): Rvalue {
    const [first, second] = ty.fields;
    if (ty.fields.length === 2 && second === TY_BOOL && first !== undefined && isIntegral(first)) {
      const op = this.oneOf<BinOp>(["AddWithOverflow", "SubWithOverflow", "MulWithOverflow"]);
      return binary(op, this.operand(first), this.operand(first));
    }
    return tupleOf(...ty.fields.map((f) => this.operand(f)));
  }

  private arithmetic(ty: Ty): Rvalue {
    if (isIntegral(ty) && this.pick(5) === 0) {
      const adt = this.oneOf([
        this.tcx.adt(this.adts[3]!),
        this.tcx.adt(preludeAdt(this.tcx, "std::option::Option"), [TY_U8]),
      ]);
      if (discriminantTy(adt) === ty) return discriminantOf(this.place(adt));
      const op = this.oneOf<BinOp>(["Shl", "Shr", "ShlUnchecked", "ShrUnchecked"]);
      return binary(op, this.operand(ty), this.operand(this.oneOf(INTS)));
    }
    if (this.pick(5) === 0 && ty.kind !== "uint") return unary("Neg", this.operand(ty));
    const float: BinOp[] = ["Add", "Sub", "Mul", "Div", "Rem"];
    const int: BinOp[] = [...float, "BitXor", "BitAnd", "BitOr", "AddUnchecked", "SubUnchecked", "MulUnchecked"];
    return binary(this.oneOf(ty.kind === "float" ? float : int), this.operand(ty), this.operand(ty));
  }

  private castTo(ty: Ty): Rvalue | undefined {
    const of = (kind: CastKind, from: Ty): Rvalue => cast(kind, this.operand(from), ty);
    switch (ty.kind) {
      case "int":
      case "uint":
        switch (this.pick(4)) {
          case 0:
            return of("FloatToInt", this.oneOf(FLOATS));
          case 1:
            return of("PointerExposeProvenance", this.tcx.ptr("not", TY_U8));
          default:
            return of("IntToInt", this.oneOf([...INTS, TY_BOOL, TY_CHAR]));
        }
      case "float":
        return this.pick(2) === 0 ? of("IntToFloat", this.oneOf(INTS)) : of("FloatToFloat", this.oneOf(FLOATS));
      case "char":
        return this.pick(2) === 0 ? of("IntToInt", TY_U8) : of("Transmute", TY_U32);
      case "ptr":
        if (this.pick(3) === 0) return of("PointerWithExposedProvenance", TY_USIZE);
        if (ty.mutability === "not" && this.pick(2) === 0) {
          return { ...of("MutToConstPointer", this.tcx.ptr("mut", ty.pointee)), asCast: true } as Rvalue;
        }
        return of("PtrToPtr", this.tcx.ptr("mut", this.ty(1)));
      case "fnptr": {
        const external = this.functions[this.functions.length - 1]!;
        const fits = ty.abi === "C" && ty.ret === TY_I32 && ty.params.length === 1 && ty.params[0] === TY_U8;
        return fits ? cast("ReifyFnPointer", fnRef(external), ty) : undefined;
      }
      default:
        return undefined;
    }
  }
}
