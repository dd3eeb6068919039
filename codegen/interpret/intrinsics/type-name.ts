/**
 * What `type_name` says: a type with the paths of definitions as rustc prints them (`TypeNamePrinter`, rustc_const_eval/src/util/type_name.rs),
 * such as `core::option::Option<i32>`, not the paths by which MIR text names them.
 *
 * Where MIR text no longer says what the name depends on there is none: the crate that a program's own types are in, lifetimes (rustc
 * writes `Iter<'_, u8>`), bound ones (`fn(&'_ u8)` and `fn(&u8)` are different types), the modules of what is not listed here.
 */

import type { AdtDef, Ty } from "../../mir/ty.ts";
import { Unsupported } from "../ub.ts";

/** By module in which MIR text finds them: the module that defines them, and the types without lifetimes in it. */
const DEFINITIONS: readonly (readonly [shown: string, defined: string, names: string])[] = [
  ["option", "core::option", "Option"],
  ["result", "core::result", "Result"],
  ["cmp", "core::cmp", "Ordering Reverse"],
  ["ops", "core::ops::range", "Range RangeFrom RangeFull RangeInclusive RangeTo RangeToInclusive Bound"],
  ["ops", "core::ops::control_flow", "ControlFlow"],
  ["cell", "core::cell", "BorrowError BorrowMutError Cell RefCell SyncUnsafeCell UnsafeCell"],
  ["cell", "core::cell::once", "OnceCell"],
  ["mem", "core::mem::manually_drop", "ManuallyDrop"],
  ["mem", "core::mem::maybe_uninit", "MaybeUninit"],
  ["mem", "core::mem", "Discriminant"],
  ["num", "core::num::nonzero", "NonZero"],
  ["num", "core::num::wrapping", "Wrapping"],
  ["num", "core::num::saturating", "Saturating"],
  ["num", "core::num::error", "IntErrorKind ParseIntError TryFromIntError"],
  ["num", "core::num", "FpCategory"],
  ["ptr", "core::ptr::non_null", "NonNull"],
  ["ptr", "core::ptr::unique", "Unique"],
  ["marker", "core::marker", "PhantomData PhantomPinned"],
  ["convert", "core::convert", "Infallible"],
  ["any", "core::any", "TypeId"],
  ["pin", "core::pin", "Pin"],
  ["task", "core::task::poll", "Poll"],
  ["time", "core::time", "Duration"],
  ["fmt", "core::fmt", "Error"],
  ["alloc", "core::alloc::layout", "Layout LayoutError"],
  ["alloc", "alloc::alloc", "Global"],
  ["boxed", "alloc::boxed", "Box"],
  ["vec", "alloc::vec", "Vec"],
  ["string", "alloc::string", "String"],
  [
    "sync::atomic",
    "core::sync::atomic",
    "AtomicBool AtomicI8 AtomicI16 AtomicI32 AtomicI64 AtomicIsize AtomicU8 AtomicU16 AtomicU32 AtomicU64 AtomicUsize Ordering",
  ],
];

const PATHS: ReadonlyMap<string, string> = new Map(
  DEFINITIONS.flatMap(([shown, defined, names]) =>
    names.split(" ").map((name) => [`std::${shown}::${name}`, `${defined}::${name}`]),
  ),
);

/** The name that `type_name::<ty>()` gives. @throws Unsupported where the text of the program does not say */
export function typeName(ty: Ty): string {
  switch (ty.kind) {
    case "bool":
    case "char":
    case "never":
    case "int":
    case "uint":
    case "float":
    case "str":
      return ty.text;
    case "constArg":
      // A character or text is quoted as in source, a number is plain.
      return ty.ty.kind === "int" || ty.ty.kind === "uint" ? valueText(ty.ty, ty.bits) : ty.text;
    case "tuple":
      return ty.fields.length === 1 ? `(${typeName(ty.fields[0]!)},)` : `(${namesOf(ty.fields)})`;
    case "array":
      return `[${typeName(ty.element)}; ${ty.length}]`;
    case "slice":
      return `[${typeName(ty.element)}]`;
    case "ref":
      return `&${ty.mutability === "mut" ? "mut " : ""}${typeName(ty.pointee)}`;
    case "ptr":
      return `*${ty.mutability === "mut" ? "mut" : "const"} ${typeName(ty.pointee)}`;
    case "fnptr": {
      if (mayBindLifetimes(ty)) throw unnamed(ty, "its lifetimes may be bound");
      const abi = ty.abi === "Rust" ? "" : `extern "${ty.abi}" `;
      const ret = ty.ret.kind === "tuple" && ty.ret.fields.length === 0 ? "" : ` -> ${typeName(ty.ret)}`;
      return `${ty.unsafe ? "unsafe " : ""}${abi}fn(${namesOf(ty.params)})${ret}`;
    }
    case "adt":
      return adtName(ty, ty.def, ty.args);
    default:
      throw unnamed(ty, "the crates and modules of what it names are not known");
  }
}

function namesOf(tys: readonly Ty[]): string {
  return tys.map(typeName).join(", ");
}

function adtName(ty: Ty, def: AdtDef, args: readonly Ty[]): string {
  const path = PATHS.get(def.name) ?? PATHS.get(def.name.replace(/^(core|alloc)::/, "std::"));
  if (path === undefined) throw unnamed(ty, "its crate and module are not known");
  // Defaults are left out at the end, as in rustc.
  let count = args.length;
  while (count > 0 && def.defaults?.[count - 1] === args[count - 1]) count--;
  return count === 0 ? path : `${path}<${namesOf(args.slice(0, count))}>`;
}

function valueText(ty: Ty, bits: bigint): string {
  const width = ty.kind === "int" || ty.kind === "uint" ? (ty.width === "size" ? 64 : ty.width) : 0;
  return String(ty.kind === "int" ? BigInt.asIntN(width, bits) : bits);
}

function unnamed(ty: Ty, why: string): Unsupported {
  return new Unsupported(`the name of the type ${ty.text}: ${why}`);
}

/**
 * Whether a function pointer, or a closure trait's object, has references where its lifetimes may be its own: `for<'a> fn(&'a u8)` is
 * another type than `fn(&'static u8)`, which the text of a type, without lifetimes, does not say.
 */
export function mayBindLifetimes(ty: Ty): boolean {
  switch (ty.kind) {
    case "fnptr":
      return [...ty.params, ty.ret].some((part) => hasReference(part) || mayBindLifetimes(part));
    case "dynamic": {
      const { principal, projections } = ty.predicates;
      const parts = [...(principal?.args ?? []), ...projections.map((p) => p.ty)];
      return parts.some((part) => hasReference(part) || mayBindLifetimes(part));
    }
    default:
      return partsOf(ty).some(mayBindLifetimes);
  }
}

function hasReference(ty: Ty): boolean {
  return ty.kind === "ref" || partsOf(ty).some(hasReference);
}

function partsOf(ty: Ty): readonly Ty[] {
  switch (ty.kind) {
    case "tuple":
      return ty.fields;
    case "array":
    case "slice":
      return [ty.element];
    case "ref":
    case "ptr":
      return [ty.pointee];
    case "adt":
    case "closure":
    case "fndef":
      return ty.args;
    default:
      return [];
  }
}
