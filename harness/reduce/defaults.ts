/**
 * The simplest values of types: what takes the place of what reducers remove.
 */

import {
  build,
  type Local,
  type LocalDecl,
  type Operand,
  type Rvalue,
  type Statement,
  type Ty,
  type TyCtxt,
} from "../../codegen/index.ts";

/** The values that constants are reduced to; -1 is only for signed integers, whose sign is what many faults are about. */
export type SimpleValue = 0 | 1 | -1;

/** 1.0 of each floating-point width. */
const ONE: Readonly<Record<16 | 32 | 64 | 128, bigint>> = {
  16: 0x3c00n,
  32: 0x3f80_0000n,
  64: 0x3ff0_0000_0000_0000n,
  128: 0x3fffn << 112n,
};

/** A constant of `ty` with the value `value`, for scalars and `()`; `undefined` when the type has no such value. */
export function constantOf(ty: Ty, value: SimpleValue): Operand | undefined {
  if (value === -1) return ty.kind === "int" ? build.constInt(ty, -1) : undefined;
  switch (ty.kind) {
    case "bool":
      return build.constBool(value === 1);
    case "int":
    case "uint":
      return build.constInt(ty, value);
    case "char":
      return build.constChar(97 + value);
    case "float":
      return build.constBits(ty, value === 0 ? 0n : ONE[ty.width]);
    case "tuple":
      return ty.fields.length === 0 && value === 0 ? build.constUnit() : undefined;
    default:
      return undefined;
  }
}

/** Makes default values of any type out of new locals and statements. */
export class DefaultMaker {
  readonly statements: Statement[] = [];
  private readonly locals: LocalDecl[];
  private readonly tcx: TyCtxt;

  /** New locals are appended to `locals`. */
  constructor(locals: LocalDecl[], tcx: TyCtxt) {
    this.locals = locals;
    this.tcx = tcx;
  }

  /** A default of `ty`; `undefined` for unions, closures, pointers to functions, and what holds one, or is endless. */
  rvalue(ty: Ty, depth = 0): Rvalue | undefined {
    const constant = constantOf(ty, 0);
    if (constant !== undefined) return build.use(constant);
    if (depth > 4) return undefined;
    switch (ty.kind) {
      case "tuple": {
        const operands = this.operands(ty.fields, depth);
        return operands === undefined ? undefined : build.tupleOf(...operands);
      }
      case "array": {
        const element = this.operand(ty.element, depth);
        if (element === undefined) return undefined;
        return build.repeat(element.kind === "move" ? { ...element, kind: "copy" } : element, ty.length);
      }
      case "adt": {
        if (ty.def.adtKind === "union") return undefined;
        const variant = ty.def.variants.findIndex((v) => v.fields.length === 0);
        const chosen = Math.max(0, variant);
        if (ty.def.variants[chosen] === undefined) return undefined;
        const operands = this.operands(this.tcx.fieldTys(ty, chosen), depth);
        return operands === undefined ? undefined : build.adtOf(ty, chosen, operands);
      }
      case "ref":
      case "ptr": {
        const pointee = this.rvalue(ty.pointee, depth + 1);
        if (pointee === undefined) return undefined;
        const local = this.temp(ty.pointee, pointee);
        return ty.kind === "ref" ? build.refTo(ty.mutability, local) : build.rawPtrTo(ty.mutability, local);
      }
      default:
        return undefined;
    }
  }

  private operands(tys: readonly Ty[], depth: number): Operand[] | undefined {
    const operands: Operand[] = [];
    for (const ty of tys) {
      const operand = this.operand(ty, depth);
      if (operand === undefined) return undefined;
      operands.push(operand);
    }
    return operands;
  }

  private operand(ty: Ty, depth: number): Operand | undefined {
    const constant = constantOf(ty, 0);
    if (constant !== undefined) return constant;
    const rvalue = this.rvalue(ty, depth + 1);
    return rvalue === undefined ? undefined : build.move(this.temp(ty, rvalue));
  }

  private temp(ty: Ty, rvalue: Rvalue): Local {
    const local = (this.locals.push({ ty, mutability: "mut" }) - 1) as Local;
    this.statements.push(build.assign(local, rvalue));
    return local;
  }
}
