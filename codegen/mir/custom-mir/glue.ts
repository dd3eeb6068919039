/**
 * `observe` as plain Rust functions: one per observed type, each of which writes the records of `codegen/runtime/events.ts`.
 *
 * Glue takes composite values by reference, as they need not be `Copy`. The glue of a type that mentions no definition of a program
 * belongs to the crate; the rest belongs to the program's module.
 */

import { EventKind } from "../../runtime/events.ts";
import type { Ty, TyCtxt, TyOf } from "../ty.ts";
import { adtPath, fieldName, isShared, rustIdent, rustTy } from "./rust-names.ts";
import { UnsupportedError } from "./support.ts";

const INT_KINDS: Readonly<Record<string, number>> = {
  i8: EventKind.I8,
  i16: EventKind.I16,
  i32: EventKind.I32,
  i64: EventKind.I64,
  i128: EventKind.I128,
  isize: EventKind.ISIZE,
  u8: EventKind.U8,
  u16: EventKind.U16,
  u32: EventKind.U32,
  u64: EventKind.U64,
  u128: EventKind.U128,
  usize: EventKind.USIZE,
};

/** A set of glue functions that stand in one module. */
export class Glue {
  /** Source of the functions, in the order in which they were asked for. */
  readonly functions: string[] = [];
  private readonly names = new Map<string, string>();
  private readonly shared: Glue | undefined;
  private readonly prefix: string;

  /** `shared` holds what can be shared with other modules; without it everything is kept here. */
  constructor(prefix: string, shared?: Glue) {
    this.prefix = prefix;
    this.shared = shared;
  }

  /** The path of a function `fn(tag: u32, value: T)` that observes by value. */
  byValue(ty: Ty, tcx: TyCtxt): string {
    if (isScalar(ty)) return this.scalar(ty);
    return this.named(
      ty,
      "v",
      (name) => `pub fn ${name}(tag: u32, v: ${rustTy(ty)}) { ${this.byRef(ty, tcx)}(tag, &v) }`,
    );
  }

  private home(ty: Ty): Glue {
    return this.shared !== undefined && isShared(ty) ? this.shared : this;
  }

  private named(ty: Ty, form: string, write: (name: string) => string): string {
    const home = this.home(ty);
    const key = `${form} ${rustTy(ty)}`;
    const found = home.names.get(key);
    if (found !== undefined) return found;
    const name = `observe_${form}${home.names.size}`;
    const path = `${home.prefix}${name}`;
    home.names.set(key, path);
    home.functions.push(`${write(name)}\n`);
    return path;
  }

  private scalar(ty: Ty): string {
    return this.named(
      ty,
      "s",
      (name) => `#[inline(never)] pub fn ${name}(tag: u32, v: ${rustTy(ty)}) { ${scalarBody(ty)} }`,
    );
  }

  /** The path of a function `fn(tag: u32, value: &T)`. */
  private byRef(ty: Ty, tcx: TyCtxt): string {
    return this.named(ty, "r", (name) => `pub fn ${name}(tag: u32, v: &${rustTy(ty)}) { ${this.composite(ty, tcx)} }`);
  }

  /** A statement that observes the place `place`, which is no reference itself. */
  private part(ty: Ty, place: string, tcx: TyCtxt, packed = false): string {
    if (isScalar(ty)) return `${this.scalar(ty)}(tag, ${place});`;
    return packed
      ? `{ let part = ${place}; ${this.byRef(ty, tcx)}(tag, &part); }`
      : `${this.byRef(ty, tcx)}(tag, &${place});`;
  }

  private composite(ty: Ty, tcx: TyCtxt): string {
    switch (ty.kind) {
      case "tuple":
        return ty.fields.map((f, i) => this.part(f, `v.${i}`, tcx)).join(" ");
      case "array":
        return `let mut i = 0usize; while i < ${ty.length} { ${this.part(ty.element, "v[i]", tcx)} i += 1; }`;
      case "ref":
        return this.part(ty.pointee, "(**v)", tcx);
      case "adt":
        return ty.def.adtKind === "struct" ? this.struct(ty, tcx) : this.enumeration(ty, tcx);
      case "never":
        return "";
      default:
        throw new UnsupportedError(`${ty.text} is not observed`);
    }
  }

  private struct(ty: TyOf<"adt">, tcx: TyCtxt): string {
    const packed = ty.def.repr.packed !== undefined;
    const fields = tcx.fieldTys(ty, 0);
    if (packed && fields.some((f) => !isCopy(f)))
      throw new UnsupportedError("a packed struct with fields that are not Copy is observed");
    return fields.map((f, i) => this.part(f, `v.${fieldName(ty, 0, i)}`, tcx, packed)).join(" ");
  }

  private enumeration(ty: TyOf<"adt">, tcx: TyCtxt): string {
    const arms = ty.def.variants.map((variant, v) => {
      const fields = tcx.fieldTys(ty, v);
      const binds = fields.map((_, i) => `${fieldName(ty, v, i)}: b${i}`).join(", ");
      const pattern = `${adtPath(ty.def)}::${rustIdent(variant.name)} { ${binds} }`;
      const parts = fields.map((f, i) => this.part(f, `(*b${i})`, tcx)).join(" ");
      return `${pattern} => { crate::glue::scalar(${EventKind.VARIANT}, tag, ${v}, 0); ${parts} }`;
    });
    return arms.length === 0 ? "" : `match v { ${arms.join(" ")} }`;
  }
}

function isScalar(ty: Ty): boolean {
  return (
    ty.kind === "bool" ||
    ty.kind === "char" ||
    ty.kind === "int" ||
    ty.kind === "uint" ||
    ty.kind === "float" ||
    ty.kind === "ptr" ||
    ty.kind === "fnptr"
  );
}

/** Whether Rust knows the type to be `Copy`: definitions are written without that. */
export function isCopy(ty: Ty): boolean {
  switch (ty.kind) {
    case "tuple":
      return ty.fields.every(isCopy);
    case "array":
      return isCopy(ty.element);
    case "ref":
      return ty.mutability === "not";
    case "adt":
      return ty.def.prelude && ty.args.every(isCopy);
    default:
      return true;
  }
}

function scalarBody(ty: Ty): string {
  const record = (kind: number, low: string, high = "0"): string =>
    `crate::glue::scalar(${kind}, tag, ${low}, ${high});`;
  switch (ty.kind) {
    case "bool":
      return record(EventKind.BOOL, "v as u64");
    case "char":
      return record(EventKind.CHAR, "v as u32 as u64");
    case "int":
    case "uint": {
      const unsigned = `u${ty.text.slice(1)}`;
      if (ty.width === 128) return record(INT_KINDS[ty.text]!, "v as u128 as u64", "((v as u128) >> 64) as u64");
      return record(INT_KINDS[ty.text]!, `v as ${unsigned} as u64`);
    }
    case "float":
      // Every NaN is written as the canonical one.
      return ty.width === 32
        ? record(EventKind.F32, "if v != v { 0x7fc00000 } else { v.to_bits() as u64 }")
        : record(EventKind.F64, "if v != v { 0x7ff8000000000000 } else { v.to_bits() }");
    case "ptr":
      return record(EventKind.POINTER, "!v.is_null() as u64");
    default:
      return record(EventKind.POINTER, "1");
  }
}
