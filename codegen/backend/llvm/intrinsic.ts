/**
 * The LLVM intrinsics that the builder calls: their names and declarations. A module declares each that it uses once.
 *
 * As rustc_codegen_llvm/src/intrinsic.rs; the meaning of each is in LLVM's language reference.
 */

import type { BackendType, OverflowOp } from "../../ssa/traits/types.ts";
import { TYPE_TEXT } from "./type-of.ts";
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
  readonly memcpy: Intrinsic = intrinsic("llvm.memcpy.p0.p0.i64", "void", "ptr, ptr, i64, i1");
  readonly memset: Intrinsic = intrinsic("llvm.memset.p0.i64", "void", "ptr, i8, i64, i1");
  readonly assume: Intrinsic = intrinsic("llvm.assume", "void", "i1");
  readonly lifetimeStart: Intrinsic;
  readonly lifetimeEnd: Intrinsic;
  private readonly overflow = new Map<OverflowOp, Intrinsic[]>();
  /** By from × to × signedness. */
  private readonly floatToInt: Intrinsic[] = [];

  constructor(dialect: LlvmDialect) {
    const params = dialect.lifetimeSize ? "i64, ptr" : "ptr";
    this.lifetimeStart = intrinsic("llvm.lifetime.start.p0", "void", params);
    this.lifetimeEnd = intrinsic("llvm.lifetime.end.p0", "void", params);
  }

  /** `llvm.sadd.with.overflow.i32` and its kin. */
  withOverflow(op: OverflowOp, ty: BackendType): Intrinsic {
    let row = this.overflow.get(op);
    if (row === undefined) this.overflow.set(op, (row = []));
    const text = TYPE_TEXT[ty]!;
    return (row[ty] ??= intrinsic(`llvm.${op}.with.overflow.${text}`, `{ ${text}, i1 }`, `${text}, ${text}`));
  }

  /** `llvm.fptosi.sat.i32.f64` and its kin. */
  fptoiSat(signed: boolean, from: BackendType, to: BackendType): Intrinsic {
    const key = (from << 5) | (to << 1) | (signed ? 1 : 0);
    const suffix = TYPE_TEXT[from] === "float" ? "f32" : "f64";
    const name = `llvm.fpto${signed ? "s" : "u"}i.sat.${TYPE_TEXT[to]!}.${suffix}`;
    return (this.floatToInt[key] ??= intrinsic(name, TYPE_TEXT[to]!, TYPE_TEXT[from]!));
  }
}
