/**
 * Types of MIR, interned.
 *
 * Primitive types are module constants (`TY_I32` …). Composite types are made by a `TyCtxt` and interned in it, so within one
 * `TyCtxt` two types are equal exactly when they are the same object. Programs that share a batch share a `TyCtxt`.
 *
 * Names follow rustc's `TyKind` (rustc_type_ir/src/ty_kind.rs).
 */

import { bug } from "../entity/entity.ts";
import { Diagnostic } from "../session/diagnostic.ts";
import type { ClosureDef, ConstItem, DynPredicates, Predicate, TraitDef } from "./items.ts";
import type { FnItem } from "./syntax.ts";

export type Mutability = "not" | "mut";
export type IntWidth = 8 | 16 | 32 | 64 | 128 | "size";
export type FloatWidth = 16 | 32 | 64 | 128;

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
      /** Calls may have more arguments than `params`, as C's `printf` has. */
      readonly variadic: boolean;
      readonly text: string;
    }
  | { readonly kind: "str"; readonly text: string }
  | { readonly kind: "slice"; readonly element: Ty; readonly text: string }
  /** The zero-sized type of one function: `fn(i32) -> i32 {f}`. */
  | { readonly kind: "fndef"; readonly item: FnItem; readonly args: readonly Ty[]; readonly text: string }
  /** `args` are those of the item that the closure stands in. */
  | { readonly kind: "closure"; readonly def: ClosureDef; readonly args: readonly Ty[]; readonly text: string }
  | { readonly kind: "dynamic"; readonly predicates: DynPredicates; readonly text: string }
  /** `<args[0] as Trait<args[1..]>>::Name<…>`: becomes another type once `args` are known. */
  | {
      readonly kind: "alias";
      readonly trait: TraitDef;
      readonly name: string;
      readonly args: readonly Ty[];
      readonly text: string;
    }
  /** An array whose length depends on parameters; `substitute` makes it an `array`. `length` is a `param` or an `anonConst`. */
  | { readonly kind: "genericArray"; readonly element: Ty; readonly length: Ty; readonly text: string }
  /** Not a type: a value as a generic argument. */
  | { readonly kind: "constArg"; readonly ty: Ty; readonly bits: bigint; readonly text: string }
  /** Not a type: a constant item as a generic argument or an array's length, such as `Self::N`; evaluated when `args` are known. */
  | { readonly kind: "anonConst"; readonly item: ConstItem; readonly args: readonly Ty[]; readonly text: string }
  /** `extern { type T; }` */
  | { readonly kind: "foreign"; readonly name: string; readonly text: string }
  /** A type or const parameter; `index` counts the parameters of the item, its parent's first (`Self` of a trait is 0). */
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
  /** `repr(simd)`: one field, an array: a vector. */
  readonly simd?: boolean;
  /** The values that the one scalar inside may have, inclusive, wrapping (`rustc_layout_scalar_valid_range_*`): a niche. */
  readonly validRange?: { readonly start: bigint; readonly end: bigint };
}

/** Types that the language treats apart (rustc's lang items). */
export type AdtLang = "owned_box" | "unsafe_cell" | "unsafe_pinned" | "phantom_data" | "manually_drop" | "maybe_uninit";

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
  readonly adtKind: "struct" | "enum" | "union";
  /** Names of the type and const parameters; lifetimes are erased. */
  readonly generics: readonly string[];
  /** By parameter: the type of a const parameter, `undefined` for a type parameter. Absent when all are types. */
  readonly constParams?: readonly (Ty | undefined)[];
  /** By parameter: what it is when it is not written (`Box<T>` is `Box<T, Global>`); types leave such arguments out of their text. */
  defaults?: readonly (Ty | undefined)[];
  predicates?: readonly Predicate[];
  readonly lang?: AdtLang;
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
export const TY_F16: Ty = primitive({ kind: "float", width: 16, text: "f16" });
export const TY_F128: Ty = primitive({ kind: "float", width: 128, text: "f128" });
export const TY_STR: Ty = primitive({ kind: "str", text: "str" });
export const TY_UNIT: Ty = primitive({ kind: "tuple", fields: [], text: "()" });

export const SIGNED_INTS: readonly Ty[] = [TY_I8, TY_I16, TY_I32, TY_I64, TY_I128, TY_ISIZE];
export const UNSIGNED_INTS: readonly Ty[] = [TY_U8, TY_U16, TY_U32, TY_U64, TY_U128, TY_USIZE];
export const FLOATS: readonly Ty[] = [TY_F32, TY_F64];
/** With the formats that few targets have in hardware. */
export const ALL_FLOATS: readonly Ty[] = [TY_F16, TY_F32, TY_F64, TY_F128];

/** Every type that is written as one word. */
export const PRIMITIVE_TYPES: ReadonlyMap<string, Ty> = new Map(
  [TY_BOOL, TY_CHAR, TY_STR, ...SIGNED_INTS, ...UNSIGNED_INTS, ...ALL_FLOATS].map((ty) => [ty.text, ty]),
);

/** A closure that is named by the path of its function has that function's arguments in its text: `{closure@f<T>::{closure#0}}`. */
function closureText(name: string, args: readonly Ty[]): string {
  const inner = args.length === 0 ? -1 : name.indexOf("::{closure#");
  // One whose body no text has is called as it is written, with what it was seen with.
  if (inner < 0 || name[inner - 1] === ">") return name;
  return `${name.slice(0, inner)}<${texts(args)}>${name.slice(inner)}`;
}

/** Longer types are no program's: those that definitions double again and again, as `type A<T> = (T, T)` does. rustc has a `type_length_limit`. */
const MAX_TEXT = 1 << 16;
/** Types are read and walked over by calls. A path counts twice, as for the reader. */
const MAX_DEPTH = 220;

/** The texts of `tys`, of which no type may be made when they are too long together. */
function texts(tys: readonly Ty[]): string {
  let length = 0;
  for (const ty of tys) length += ty.text.length;
  if (length > MAX_TEXT) throw new Diagnostic("a type of this program is too long");
  let text = "";
  for (let i = 0; i < tys.length; i++) text += i === 0 ? tys[i]!.text : `, ${tys[i]!.text}`;
  return text;
}

/** Interns composite types and knows the program's type definitions by path. */
export class TyCtxt {
  /** The release of rustc whose layouts the types have, as in `1.97.0-nightly`; `undefined`: that of the releases up to 1.96. */
  readonly rustcRelease: string | undefined;
  readonly adts: Map<string, AdtDef> = new Map();
  /** The prelude's traits and impls that programs of this context share, by their heads. */
  readonly preludeItems: Map<string, object> = new Map();
  private readonly interned = new Map<string, Ty>();
  /** Two definitions may print alike (programs of one batch before renaming), so identity is by number. */
  private readonly ids = new Map<object, number>();
  /** Short names of composite types, for the keys of those that are made of them. */
  private readonly keys = new Map<Ty, string>();
  private readonly depths = new Map<Ty, number>();

  constructor(rustcRelease?: string) {
    this.rustcRelease = rustcRelease;
  }

  tuple(fields: readonly Ty[]): Ty {
    if (fields.length === 0) return TY_UNIT;
    return this.intern(`(${this.keysOf(fields)})`, fields, () => ({
      kind: "tuple",
      fields,
      text: fields.length === 1 ? `(${fields[0]!.text},)` : `(${texts(fields)})`,
    }));
  }

  array(element: Ty, length: number): Ty {
    return this.intern(`[${this.key(element)};${length}]`, [element], () => ({
      kind: "array",
      element,
      length,
      text: `[${element.text}; ${length}]`,
    }));
  }

  slice(element: Ty): Ty {
    return this.intern(`[${this.key(element)}]`, [element], () => ({
      kind: "slice",
      element,
      text: `[${element.text}]`,
    }));
  }

  /** An array by its length as a generic argument: an `array` when that is a value. */
  arrayOf(element: Ty, length: Ty): Ty {
    if (length.kind === "constArg") return this.array(element, Number(length.bits));
    return this.intern(`[${this.key(element)};${this.key(length)}]`, [element, length], () => ({
      kind: "genericArray",
      element,
      length,
      text: `[${element.text}; ${length.text}]`,
    }));
  }

  /** A value as a generic argument; `bits` as in `Const`. */
  constArg(ty: Ty, bits: bigint, text: string): Ty {
    return this.intern(`=${this.key(ty)}:${bits}`, [], () => ({ kind: "constArg", ty, bits, text }));
  }

  anonConst(item: ConstItem, args: readonly Ty[], text: string): Ty {
    return this.intern(`=#${this.idOf(item)}${this.argsKey(args)}`, args, () => ({
      kind: "anonConst",
      item,
      args,
      text,
    }));
  }

  fnDef(item: FnItem, args: readonly Ty[]): Ty {
    const key = `fn#${this.idOf(item)}${this.argsKey(args)}`;
    const known = this.interned.get(key);
    if (known !== undefined) return known;
    const params = item.params.map((ty) => this.substitute(ty, args));
    const ret = this.substitute(item.ret, args);
    return this.intern(key, [...params, ret, ...args], () => {
      const path = args.length === 0 ? item.name : `${item.name}::<${texts(args)}>`;
      const text = `fn(${texts(params)})${ret === TY_UNIT ? "" : ` -> ${ret.text}`} {${path}}`;
      return { kind: "fndef", item, args, text };
    });
  }

  closure(def: ClosureDef, args: readonly Ty[]): Ty {
    return this.intern(`closure#${this.idOf(def)}${this.argsKey(args)}`, args, () => ({
      kind: "closure",
      def,
      args,
      text: closureText(def.name, args),
    }));
  }

  dynamic(predicates: DynPredicates): Ty {
    const { principal, projections, autos } = predicates;
    const key = [
      principal === undefined ? "" : `#${this.idOf(principal.trait)}${this.argsKey(principal.args)}`,
      ...projections.map((p) => `#${this.idOf(p.trait)}${this.argsKey(p.args)}.${p.name}=${this.key(p.ty)}`),
      ...autos.map((t) => `#${this.idOf(t)}`),
    ];
    const parts = [...(principal?.args ?? []), ...projections.map((p) => p.ty)];
    return this.intern(`dyn ${key.join("+")}`, parts, () => ({
      kind: "dynamic",
      predicates,
      text: dynText(predicates),
    }));
  }

  alias(trait: TraitDef, name: string, args: readonly Ty[]): Ty {
    return this.intern(`<#${this.idOf(trait)}${this.argsKey(args)}>::${name}`, args, () => {
      const rest = this.writtenArgs(trait.defaults, args.slice(0, trait.generics.length)).slice(1);
      const traitText = rest.length === 0 ? trait.name : `${trait.name}<${texts(rest)}>`;
      const own = args.slice(trait.generics.length);
      const ownText = own.length === 0 ? "" : `<${texts(own)}>`;
      return { kind: "alias", trait, name, args, text: `<${args[0]!.text} as ${traitText}>::${name}${ownText}` };
    });
  }

  foreign(name: string): Ty {
    return this.intern(`extern ${name}`, [], () => ({ kind: "foreign", name, text: name }));
  }

  ref(mutability: Mutability, pointee: Ty): Ty {
    const prefix = mutability === "mut" ? "&mut " : "&";
    return this.intern(prefix + this.key(pointee), [pointee], () => ({
      kind: "ref",
      mutability,
      pointee,
      text: prefix + pointee.text,
    }));
  }

  ptr(mutability: Mutability, pointee: Ty): Ty {
    const prefix = mutability === "mut" ? "*mut " : "*const ";
    return this.intern(prefix + this.key(pointee), [pointee], () => ({
      kind: "ptr",
      mutability,
      pointee,
      text: prefix + pointee.text,
    }));
  }

  adt(def: AdtDef, args: readonly Ty[] = []): Ty {
    return this.intern(`#${this.idOf(def)}${this.argsKey(args)}`, args, () => {
      const written = this.writtenArgs(def.defaults, args);
      const text = written.length === 0 ? def.name : `${def.name}<${texts(written)}>`;
      return { kind: "adt", def, args, text };
    });
  }

  /** `args` without those at the end that are the defaults. */
  writtenArgs(defaults: readonly (Ty | undefined)[] | undefined, args: readonly Ty[]): readonly Ty[] {
    if (defaults === undefined) return args;
    let count = args.length;
    for (; count > 0; count--) {
      const ty = defaults[count - 1];
      if (ty === undefined || this.substitute(ty, args) !== args[count - 1]) break;
    }
    return count === args.length ? args : args.slice(0, count);
  }

  fnPtr(params: readonly Ty[], ret: Ty, options: { unsafe?: boolean; abi?: string; variadic?: boolean } = {}): Ty {
    const { unsafe = false, abi = "Rust", variadic = false } = options;
    const dots = variadic ? (params.length === 0 ? "..." : ", ...") : "";
    const head = `${unsafe ? "unsafe " : ""}${abi === "Rust" ? "" : `extern "${abi}" `}fn(`;
    return this.intern(`${head}${this.keysOf(params)}${dots})${this.key(ret)}`, [...params, ret], () => {
      const arrow = ret === TY_UNIT ? "" : ` -> ${ret.text}`;
      return { kind: "fnptr", params, ret, unsafe, abi, variadic, text: `${head}${texts(params)}${dots})${arrow}` };
    });
  }

  param(index: number, name: string): Ty {
    return this.intern(`$${index}${name}`, [], () => ({ kind: "param", index, name, text: name }));
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
      case "slice":
        return this.slice(go(ty.element));
      case "genericArray":
        return this.arrayOf(go(ty.element), go(ty.length));
      case "fndef":
        return this.fnDef(ty.item, ty.args.map(go));
      case "closure":
        return this.closure(ty.def, ty.args.map(go));
      case "alias":
        return this.alias(ty.trait, ty.name, ty.args.map(go));
      case "anonConst":
        return this.anonConst(ty.item, ty.args.map(go), ty.text);
      case "dynamic":
        return this.dynamic(substituteDyn(ty.predicates, go));
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

  private idOf(def: object): number {
    let id = this.ids.get(def);
    if (id === undefined) {
      id = this.ids.size;
      this.ids.set(def, id);
    }
    return id;
  }

  private argsKey(args: readonly Ty[]): string {
    return args.length === 0 ? "<>" : `<${this.keysOf(args)}>`;
  }

  private keysOf(tys: readonly Ty[]): string {
    let keys = "";
    for (let i = 0; i < tys.length; i++) keys += i === 0 ? this.key(tys[i]!) : `,${this.key(tys[i]!)}`;
    return keys;
  }

  /** The type with this key; `parts` are the types that its text has in it. */
  private intern(key: string, parts: readonly Ty[], make: () => Ty): Ty {
    const found = this.interned.get(key);
    if (found !== undefined) return found;
    let depth = 0;
    for (const part of parts) depth = Math.max(depth, this.depths.get(part) ?? 0);
    const made = make();
    depth += made.kind === "adt" || made.kind === "alias" || made.kind === "dynamic" || made.kind === "fndef" ? 2 : 1;
    if (depth > MAX_DEPTH) throw new Diagnostic("a type of this program nests too deeply");
    if (made.text.length > MAX_TEXT) throw new Diagnostic("a type of this program is too long");
    this.interned.set(key, made);
    this.keys.set(made, `@${this.keys.size}`);
    this.depths.set(made, depth);
    return made;
  }

  private key(ty: Ty): string {
    return this.keys.get(ty) ?? ty.text;
  }
}

function substituteDyn(predicates: DynPredicates, go: (ty: Ty) => Ty): DynPredicates {
  const { principal, projections, autos } = predicates;
  return {
    principal: principal && { trait: principal.trait, args: principal.args.map(go) },
    projections: projections.map((p) => ({ ...p, args: p.args.map(go), ty: go(p.ty) })),
    autos,
  };
}

/** `dyn Iterator<Item = u8> + Send`, as rustc writes it. The principal's own arguments leave `Self` out. */
function dynText({ principal, projections, autos }: DynPredicates): string {
  const bounds: string[] = [];
  if (principal !== undefined) {
    const args = principal.args.length === 0 ? [] : [texts(principal.args)];
    for (const { name, ty } of projections) args.push(`${name} = ${ty.text}`);
    bounds.push(args.length === 0 ? principal.trait.name : `${principal.trait.name}<${args.join(", ")}>`);
  }
  for (const auto of autos) bounds.push(auto.name);
  return `dyn ${bounds.join(" + ")}`;
}

export function isIntegral(ty: Ty): ty is TyOf<"int"> | TyOf<"uint"> {
  return ty.kind === "int" || ty.kind === "uint";
}

export function isPointer(ty: Ty): ty is TyOf<"ref"> | TyOf<"ptr"> {
  return ty.kind === "ref" || ty.kind === "ptr";
}
