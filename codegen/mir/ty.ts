/**
 * Types of MIR, interned.
 *
 * Primitive types are module constants (`TY_I32` …). Composite types are made by a `TyCtxt` and interned in it, so within one
 * `TyCtxt` two types are equal exactly when they are the same object. Programs that share a batch share a `TyCtxt`.
 *
 * Names follow rustc's `TyKind` (rustc_type_ir/src/ty_kind.rs).
 */

import { bug } from "../entity/entity.ts";

export type Mutability = "not" | "mut";
export type IntWidth = 8 | 16 | 32 | 64 | 128 | "size";
export type FloatWidth = 32 | 64;

export type Ty =
  | { readonly kind: "bool"; readonly text: string }
  | { readonly kind: "char"; readonly text: string }
  | { readonly kind: "never"; readonly text: string }
  | { readonly kind: "int"; readonly width: IntWidth; readonly text: string }
  | { readonly kind: "uint"; readonly width: IntWidth; readonly text: string }
  | { readonly kind: "float"; readonly width: FloatWidth; readonly text: string }
  | { readonly kind: "tuple"; readonly fields: readonly Ty[]; readonly text: string }
  | { readonly kind: "array"; readonly element: Ty; readonly length: number; readonly text: string }
  | { readonly kind: "ref"; readonly mutability: Mutability; readonly pointee: Ty; readonly text: string }
  | { readonly kind: "ptr"; readonly mutability: Mutability; readonly pointee: Ty; readonly text: string }
  | { readonly kind: "adt"; readonly def: AdtDef; readonly args: readonly Ty[]; readonly text: string }
  | {
      readonly kind: "fnptr";
      readonly params: readonly Ty[];
      readonly ret: Ty;
      readonly unsafe: boolean;
      readonly abi: string;
      readonly text: string;
    }
  | { readonly kind: "param"; readonly index: number; readonly name: string; readonly text: string };

export type TyOf<K extends Ty["kind"]> = Extract<Ty, { kind: K }>;

/** `repr` hints of a type; the default is Rust's own, which may reorder fields. */
export interface ReprOptions {
  readonly c: boolean;
  readonly transparent: boolean;
  /** `packed(n)`: the greatest field alignment, in bytes. */
  readonly packed?: number;
  /** `align(n)`: the least alignment, in bytes. */
  readonly align?: number;
  /** `repr(u8)` …: the discriminant's type. */
  readonly int?: Ty;
}

export const DEFAULT_REPR: ReprOptions = { c: false, transparent: false };

export interface FieldDef {
  /** The name, or the index as text for tuple structs and tuple variants. */
  readonly name: string;
  readonly ty: Ty;
}

export interface VariantDef {
  readonly name: string;
  /** How it is written: `V`, `V(a)`, `V { f: a }`. */
  readonly ctor: "unit" | "tuple" | "named";
  readonly fields: readonly FieldDef[];
  /** The discriminant's value (sign-extended, as written or counted up from the one before). */
  readonly discriminant: bigint;
}

/** A struct (one variant) or an enum. Mutable only while it is being declared, so that types can be recursive. */
export interface AdtDef {
  /** Its path, as MIR text writes it (`Option` is `std::option::Option`). */
  name: string;
  readonly adtKind: "struct" | "enum";
  readonly generics: readonly string[];
  variants: readonly VariantDef[];
  repr: ReprOptions;
  /** Explicit discriminants were written (the printer repeats them). */
  explicitDiscriminants: boolean;
  /** Part of the prelude: known to every program, not printed. */
  readonly prelude: boolean;
}

function primitive<T extends Ty>(ty: T): T {
  return ty;
}

export const TY_BOOL: Ty = primitive({ kind: "bool", text: "bool" });
export const TY_CHAR: Ty = primitive({ kind: "char", text: "char" });
export const TY_NEVER: Ty = primitive({ kind: "never", text: "!" });
export const TY_I8: Ty = primitive({ kind: "int", width: 8, text: "i8" });
export const TY_I16: Ty = primitive({ kind: "int", width: 16, text: "i16" });
export const TY_I32: Ty = primitive({ kind: "int", width: 32, text: "i32" });
export const TY_I64: Ty = primitive({ kind: "int", width: 64, text: "i64" });
export const TY_I128: Ty = primitive({ kind: "int", width: 128, text: "i128" });
export const TY_ISIZE: Ty = primitive({ kind: "int", width: "size", text: "isize" });
export const TY_U8: Ty = primitive({ kind: "uint", width: 8, text: "u8" });
export const TY_U16: Ty = primitive({ kind: "uint", width: 16, text: "u16" });
export const TY_U32: Ty = primitive({ kind: "uint", width: 32, text: "u32" });
export const TY_U64: Ty = primitive({ kind: "uint", width: 64, text: "u64" });
export const TY_U128: Ty = primitive({ kind: "uint", width: 128, text: "u128" });
export const TY_USIZE: Ty = primitive({ kind: "uint", width: "size", text: "usize" });
export const TY_F32: Ty = primitive({ kind: "float", width: 32, text: "f32" });
export const TY_F64: Ty = primitive({ kind: "float", width: 64, text: "f64" });
export const TY_UNIT: Ty = primitive({ kind: "tuple", fields: [], text: "()" });

export const SIGNED_INTS: readonly Ty[] = [TY_I8, TY_I16, TY_I32, TY_I64, TY_I128, TY_ISIZE];
export const UNSIGNED_INTS: readonly Ty[] = [TY_U8, TY_U16, TY_U32, TY_U64, TY_U128, TY_USIZE];
export const FLOATS: readonly Ty[] = [TY_F32, TY_F64];

/** Every type that is written as one word. */
export const PRIMITIVE_TYPES: ReadonlyMap<string, Ty> = new Map(
  [TY_BOOL, TY_CHAR, ...SIGNED_INTS, ...UNSIGNED_INTS, ...FLOATS].map((ty) => [ty.text, ty]),
);

/** Interns composite types and knows the program's type definitions by path. */
export class TyCtxt {
  readonly adts: Map<string, AdtDef> = new Map();
  private readonly interned = new Map<string, Ty>();
  /** Two definitions may print alike (programs of one batch before renaming), so identity is by number. */
  private readonly adtIds = new Map<AdtDef, number>();
  private readonly keys = new Map<Ty, string>();

  tuple(fields: readonly Ty[]): Ty {
    if (fields.length === 0) return TY_UNIT;
    return this.intern(`(${fields.map((f) => this.key(f)).join(",")})`, () => ({
      kind: "tuple",
      fields,
      text: fields.length === 1 ? `(${fields[0]!.text},)` : `(${fields.map((f) => f.text).join(", ")})`,
    }));
  }

  array(element: Ty, length: number): Ty {
    return this.intern(`[${this.key(element)};${length}]`, () => ({
      kind: "array",
      element,
      length,
      text: `[${element.text}; ${length}]`,
    }));
  }

  ref(mutability: Mutability, pointee: Ty): Ty {
    const prefix = mutability === "mut" ? "&mut " : "&";
    return this.intern(prefix + this.key(pointee), () => ({
      kind: "ref",
      mutability,
      pointee,
      text: prefix + pointee.text,
    }));
  }

  ptr(mutability: Mutability, pointee: Ty): Ty {
    const prefix = mutability === "mut" ? "*mut " : "*const ";
    return this.intern(prefix + this.key(pointee), () => ({
      kind: "ptr",
      mutability,
      pointee,
      text: prefix + pointee.text,
    }));
  }

  adt(def: AdtDef, args: readonly Ty[] = []): Ty {
    let id = this.adtIds.get(def);
    if (id === undefined) {
      id = this.adtIds.size;
      this.adtIds.set(def, id);
    }
    const text = args.length === 0 ? def.name : `${def.name}<${args.map((a) => a.text).join(", ")}>`;
    return this.intern(`#${id}<${args.map((a) => this.key(a)).join(",")}>`, () => ({ kind: "adt", def, args, text }));
  }

  fnPtr(params: readonly Ty[], ret: Ty, options: { unsafe?: boolean; abi?: string } = {}): Ty {
    const unsafe = options.unsafe ?? false;
    const abi = options.abi ?? "Rust";
    const head = `${unsafe ? "unsafe " : ""}${abi === "Rust" ? "" : `extern "${abi}" `}fn(`;
    const render = (text: (ty: Ty) => string): string => {
      const arrow = ret === TY_UNIT ? "" : ` -> ${text(ret)}`;
      return `${head}${params.map(text).join(", ")})${arrow}`;
    };
    return this.intern(
      render((ty) => this.key(ty)),
      () => ({ kind: "fnptr", params, ret, unsafe, abi, text: render((ty) => ty.text) }),
    );
  }

  param(index: number, name: string): Ty {
    return this.intern(`$${index}${name}`, () => ({ kind: "param", index, name, text: name }));
  }

  /** `ty` with the parameters of its definition replaced by `args`. */
  substitute(ty: Ty, args: readonly Ty[]): Ty {
    if (args.length === 0) return ty;
    const go = (t: Ty): Ty => this.substitute(t, args);
    switch (ty.kind) {
      case "param": {
        const arg = args[ty.index];
        if (arg === undefined) throw bug(`no argument for type parameter ${ty.name}`);
        return arg;
      }
      case "tuple":
        return this.tuple(ty.fields.map(go));
      case "array":
        return this.array(go(ty.element), ty.length);
      case "ref":
        return this.ref(ty.mutability, go(ty.pointee));
      case "ptr":
        return this.ptr(ty.mutability, go(ty.pointee));
      case "adt":
        return this.adt(ty.def, ty.args.map(go));
      case "fnptr":
        return this.fnPtr(ty.params.map(go), go(ty.ret), ty);
      default:
        return ty;
    }
  }

  /** The types of the fields of `variant` (0 for structs) of an instantiated `ty`. */
  fieldTys(ty: TyOf<"adt">, variant: number): readonly Ty[] {
    const def = ty.def.variants[variant];
    if (def === undefined) throw bug(`${ty.text} has no variant ${variant}`);
    return def.fields.map((f) => this.substitute(f.ty, ty.args));
  }

  private intern(key: string, make: () => Ty): Ty {
    const found = this.interned.get(key);
    if (found !== undefined) return found;
    const made = make();
    this.interned.set(key, made);
    this.keys.set(made, key);
    return made;
  }

  private key(ty: Ty): string {
    return this.keys.get(ty) ?? ty.text;
  }
}

export function isIntegral(ty: Ty): ty is TyOf<"int"> | TyOf<"uint"> {
  return ty.kind === "int" || ty.kind === "uint";
}

export function isPointer(ty: Ty): ty is TyOf<"ref"> | TyOf<"ptr"> {
  return ty.kind === "ref" || ty.kind === "ptr";
}
