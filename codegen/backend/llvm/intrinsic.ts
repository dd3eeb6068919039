/**
 * The LLVM intrinsics that the builder calls: their names and declarations. A module declares each that it uses once.
 *
 * As rustc_codegen_llvm/src/intrinsic.rs; the meaning of each is in LLVM's language reference.
 */

import { BackendType, type OverflowOp } from "../../ssa/traits/types.ts";
import { type TypeTexts, typeTexts } from "./type-of.ts";
import type { LlvmDialect } from "./versions.ts";

export interface Intrinsic {
  /** With its `@`. */
  readonly name: string;
  readonly declaration: string;
}

function intrinsic(name: string, ret: string, params: string): Intrinsic {
  return { name: `@${name}`, declaration: `declare ${ret} @${name}(${params})\n` };
}

/** The intrinsics of one dialect, each made on first use. */
export class Intrinsics {
  readonly memcpy: Intrinsic;
  readonly memset: Intrinsic;
  readonly assume: Intrinsic = intrinsic("llvm.assume", "void", "i1");
  readonly lifetimeStart: Intrinsic;
  readonly lifetimeEnd: Intrinsic;
  private readonly types: TypeTexts;
  /** By operation, then by type. */
  private readonly overflow: Readonly<Record<OverflowOp, Intrinsic[]>> = {
    sadd: [],
    uadd: [],
    ssub: [],
    usub: [],
    smul: [],
    umul: [],
  };
  /** By from × to × signedness. */
  private readonly floatToInt: Intrinsic[] = [];

  constructor(dialect: LlvmDialect) {
    this.types = typeTexts(dialect);
    const ptr = this.types[BackendType.Ptr]!;
    const suffix = dialect.opaquePointers ? "p0" : "p0i8";
    this.memcpy = intrinsic(`llvm.memcpy.${suffix}.${suffix}.i64`, "void", `${ptr}, ${ptr}, i64, i1`);
    this.memset = intrinsic(`llvm.memset.${suffix}.i64`, "void", `${ptr}, i8, i64, i1`);
    const params = dialect.lifetimeSize ? `i64, ${ptr}` : ptr;
    this.lifetimeStart = intrinsic(`llvm.lifetime.start.${suffix}`, "void", params);
    this.lifetimeEnd = intrinsic(`llvm.lifetime.end.${suffix}`, "void", params);
  }

  /** `llvm.sadd.with.overflow.i32` and its kin. */
  withOverflow(op: OverflowOp, ty: BackendType): Intrinsic {
    const row = this.overflow[op];
    let found = row[ty];
    if (found === undefined) {
      const text = this.types[ty]!;
      found = intrinsic(`llvm.${op}.with.overflow.${text}`, `{ ${text}, i1 }`, `${text}, ${text}`);
      row[ty] = found;
    }
    return found;
  }

  /** `llvm.fptosi.sat.i32.f64` and its kin. */
  fptoiSat(signed: boolean, from: BackendType, to: BackendType): Intrinsic {
    const key = (from << 5) | (to << 1) | (signed ? 1 : 0);
    let found = this.floatToInt[key];
    if (found === undefined) {
      const suffix = from === BackendType.F32 ? "f32" : "f64";
      const name = `llvm.fpto${signed ? "s" : "u"}i.sat.${this.types[to]!}.${suffix}`;
      found = intrinsic(name, this.types[to]!, this.types[from]!);
      this.floatToInt[key] = found;
    }
    return found;
  }
}
