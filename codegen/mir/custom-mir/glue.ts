/**
 * `observe` as plain Rust functions: one per observed type, each of which writes the records of `codegen/runtime/events.ts`.
 *
 * Glue takes composite values by reference, as they need not be `Copy`. The glue of a type that mentions no definition of a program
 * belongs to the crate; the rest belongs to the program's module.
 */

import { EventKind } from "../../runtime/events.ts";
import { type AdtDef, TY_U8, type Ty, type TyOf } from "../ty.ts";
import { GLUE_FUNCTIONS } from "./glue-functions.ts";
import type { ModuleCx } from "./module-cx.ts";
import { isShared, memberIdent } from "./rust-names.ts";
import { UnsupportedError } from "./support.ts";
import { hasPatternField } from "./valid-range.ts";

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
  private readonly paths = new Map<string, string>();
  private readonly shared: Glue | undefined;
  private readonly prefix: string;

  /** `shared` holds what can be shared with other modules; without it everything is kept here. */
  constructor(prefix: string, shared?: Glue) {
    this.prefix = prefix;
    this.shared = shared;
  }

  /** The path of a function `fn(tag: u32, value: T)` that observes by value. */
  byValue(ty: Ty, cx: ModuleCx): string {
    if (isScalar(ty)) return this.scalar(ty, cx);
    // Observing does not drop.
    const keep = isCopy(ty) || !hasDropImpls(cx) ? "" : " core::mem::forget(v);";
    return this.named(
      ty,
      "v",
      cx,
      (name) => `pub fn ${name}(tag: u32, v: ${cx.names.ty(ty)}) { ${this.byRef(ty, cx)}(tag, &v);${keep} }`,
    );
  }

  /** The path of a function of `GLUE_FUNCTIONS`. */
  helper(name: string): string {
    if (this.shared !== undefined) return this.shared.helper(name);
    if (!this.paths.has(name)) {
      this.paths.set(name, name);
      this.functions.push(GLUE_FUNCTIONS[name]!);
    }
    return this.prefix + name;
  }

  private home(ty: Ty): Glue {
    return this.shared !== undefined && isShared(ty) ? this.shared : this;
  }

  private named(ty: Ty, form: string, cx: ModuleCx, write: (name: string) => string): string {
    const home = this.home(ty);
    const key = `${form} ${cx.names.ty(ty)}`;
    const found = home.paths.get(key);
    if (found !== undefined) return found;
    const name = `observe_${form}${home.paths.size}`;
    const path = `${home.prefix}${name}`;
    home.paths.set(key, path);
    home.functions.push(`${write(name)}\n`);
    return path;
  }

  private scalar(ty: Ty, cx: ModuleCx): string {
    return this.named(
      ty,
      "s",
      cx,
      (name) => `#[inline(never)] pub fn ${name}(tag: u32, v: ${cx.names.ty(ty)}) { ${scalarBody(ty)} }`,
    );
  }

  /** The path of a function `fn(tag: u32, value: &T)`. */
  private byRef(ty: Ty, cx: ModuleCx): string {
    return this.named(
      ty,
      "r",
      cx,
      (name) => `pub fn ${name}(tag: u32, v: &${cx.names.ty(ty)}) { ${this.composite(ty, cx)} }`,
    );
  }

  /** A statement that observes the place `place`, which is no reference itself. */
  private part(ty: Ty, place: string, cx: ModuleCx, packed = false): string {
    if (isScalar(ty)) return `${this.scalar(ty, cx)}(tag, ${place});`;
    return packed
      ? `{ let part = ${place}; ${this.byRef(ty, cx)}(tag, &part); }`
      : `${this.byRef(ty, cx)}(tag, &${place});`;
  }

  private composite(ty: Ty, cx: ModuleCx): string {
    switch (ty.kind) {
      case "tuple":
        return ty.fields.map((f, i) => this.part(f, `v.${i}`, cx)).join(" ");
      case "array":
        return `let mut i = 0usize; while i < ${ty.length} { ${this.part(ty.element, "v[i]", cx)} i += 1; }`;
      case "ref":
        return this.reference(ty, cx);
      case "closure":
        return ty.def.upvars.map((upvar, i) => this.part(cx.tcx.substitute(upvar, ty.args), `v.c${i}`, cx)).join(" ");
      case "adt":
        if (ty.def.adtKind === "union" || ty.def.repr.simd === true) break;
        return ty.def.adtKind === "struct" ? this.struct(ty, cx) : this.enumeration(ty, cx);
      case "never":
      case "fndef":
        return "";
      default:
    }
    throw new UnsupportedError(`${ty.text} is not observed`);
  }

  /** What it points to; the elements of a slice. */
  private reference({ pointee }: TyOf<"ref">, cx: ModuleCx): string {
    if (pointee.kind === "dynamic") return `crate::glue::scalar(${EventKind.POINTER}, tag, 1, 0);`;
    if (pointee.kind !== "slice" && pointee.kind !== "str") return this.part(pointee, "(**v)", cx);
    const [element, elements] = pointee.kind === "slice" ? [pointee.element, "v"] : [TY_U8, "v.as_bytes()"];
    return `let s = ${elements}; let mut i = 0usize; while i < s.len() { ${this.part(element, "s[i]", cx)} i += 1; }`;
  }

  private struct(ty: TyOf<"adt">, cx: ModuleCx): string {
    const packed = ty.def.repr.packed !== undefined;
    const fields = cx.tcx.fieldTys(ty, 0);
    if (hasPatternField(cx, ty.def)) {
      const [field] = fields;
      return `{ let part: ${cx.names.ty(field!)} = unsafe { core::mem::transmute_copy(v) }; ${this.part(field!, "part", cx)} }`;
    }
    if (packed && fields.some((f) => !isCopy(f)))
      throw new UnsupportedError("a packed struct with fields that are not Copy is observed");
    return fields.map((f, i) => this.part(f, `v.${cx.names.field(ty, 0, i)}`, cx, packed)).join(" ");
  }

  private enumeration(ty: TyOf<"adt">, cx: ModuleCx): string {
    const arms = ty.def.variants.map((variant, v) => {
      const fields = cx.tcx.fieldTys(ty, v);
      const binds = fields.map((_, i) => `${cx.names.field(ty, v, i)}: b${i}`).join(", ");
      const pattern = `${cx.names.adt(ty.def)}::${memberIdent(variant.name)} { ${binds} }`;
      const parts = fields.map((f, i) => this.part(f, `(*b${i})`, cx)).join(" ");
      return `${pattern} => { crate::glue::scalar(${EventKind.VARIANT}, tag, ${v}, 0); ${parts} }`;
    });
    return arms.length === 0 ? "" : `match v { ${arms.join(" ")} }`;
  }
}

function hasDropImpls(cx: ModuleCx): boolean {
  return cx.program.impls?.some((impl) => impl.trait?.trait.lang === "drop") ?? false;
}

/** Whether Rust takes a shared static of this type. Definitions with parameters or pointers in them may be refused and count as not. */
export function isSync(cx: ModuleCx, ty: Ty, within: ReadonlySet<AdtDef> = new Set()): boolean {
  switch (ty.kind) {
    case "tuple":
      return ty.fields.every((field) => isSync(cx, field, within));
    case "array":
    case "slice":
      return isSync(cx, ty.element, within);
    case "ref":
      return isSync(cx, ty.pointee, within);
    case "adt": {
      const { def } = ty;
      if (def.lang !== undefined || (def.prelude && def.adtKind !== "enum")) return false;
      if (within.has(def)) return true;
      const inside = new Set([...within, def]);
      return def.variants.every((_, v) => cx.tcx.fieldTys(ty, v).every((field) => isSync(cx, field, inside)));
    }
    case "ptr":
    case "closure":
    case "dynamic":
    case "foreign":
    case "param":
    case "alias":
    case "genericArray":
      return false;
    default:
      return true;
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
    case "closure":
    case "param":
    case "alias":
    case "dynamic":
      return false;
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
      if (ty.width === 16) return record(EventKind.U16, "v.to_bits() as u64");
      if (ty.width === 128) return record(EventKind.U128, "v.to_bits() as u64", "(v.to_bits() >> 64) as u64");
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
