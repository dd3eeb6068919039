/**
 * Constants as MIR text, as they stand behind `const` (`pretty_print_const_value` in rustc_middle/src/ty/print/pretty.rs).
 *
 * Pointers to statics and allocations are written by the name of an allocation, `{alloc3: &T}`; what it is says an item of its own behind the
 * functions. `Names` numbers the statics.
 */

import { printBytes, printChar, printFloat, printInt, printStr, variantOfTag } from "./literal.ts";
import type { Names } from "./names.ts";
import type { Const } from "./syntax.ts";
import type { AdtDef, Ty } from "./ty.ts";

/** The text of a constant. `typed` says that its place in the program tells its type. */
export function printConst(value: Const, names?: Names, typed = false): string {
  switch (value.kind) {
    case "scalar":
      return printScalar(value.ty, value.bits, names);
    case "fn":
      return `${value.item.name}${printArgs(value.args, names)}`;
    case "zst":
      return printZst(value.ty, names, typed);
    case "bytes":
      return printByteConst(value, typed);
    case "unevaluated":
      return printUnevaluated(value, names);
    case "param":
      return value.name;
    case "static":
      return printPointer(names?.staticAlloc(value.item) ?? `&${value.item.name}`, value.offset, value.ty, names);
    case "alloc":
      return printPointer(value.alloc.name, value.offset, value.ty, names);
    case "aggregate":
      return printAggregateConst(value, names);
    case "transmuted":
      return `{transmute(0x${value.bits.toString(16)}): ${trimmed(value.ty, names)}}`;
  }
}

function printPointer(name: string, offset: number, ty: Ty, names: Names | undefined): string {
  const plus = offset === 0 ? "" : `+0x${offset.toString(16)}`;
  return `{${name}${plus}: ${trimmed(ty, names)}}`;
}

function printByteConst({ ty, bytes }: Extract<Const, { kind: "bytes" }>, typed: boolean): string {
  if (ty.kind === "ref" && ty.pointee.kind === "str") return printStr(bytes);
  const text = printBytes(bytes);
  // A slice's type is not told by its text.
  return typed || (ty.kind === "ref" && ty.pointee.kind === "array") ? text : `{${text} as ${ty.text}}`;
}

/** `N`, `f::<T>::promoted[0]`, `<T as Trait>::N`. */
function printUnevaluated(value: Extract<Const, { kind: "unevaluated" }>, names: Names | undefined): string {
  const { item, args } = value;
  const promoted = item.name.lastIndexOf("::promoted[");
  if (promoted >= 0) return `${item.name.slice(0, promoted)}${printArgs(args, names)}${item.name.slice(promoted)}`;
  if (item.parent?.kind === "trait" && item.assocName !== undefined) {
    const count = item.parent.generics.length;
    const own = args.slice(count);
    return `${printTraitQself(item.parent.name, args.slice(0, count), names)}::${item.assocName}${printArgs(own, names)}`;
  }
  return `${item.name}${printArgs(args, names)}`;
}

function printTraitQself(trait: string, args: readonly Ty[], names: Names | undefined): string {
  const rest = args.slice(1);
  const list = rest.length === 0 ? "" : `<${rest.map((a) => trimmed(a, names)).join(", ")}>`;
  return `<${trimmed(args[0]!, names)} as ${trait}${list}>`;
}

/** A tuple, array, struct or variant of constants. */
function printAggregateConst(value: Extract<Const, { kind: "aggregate" }>, names: Names | undefined): string {
  const fields = value.fields.map((field) => printConst(field, names, true));
  const { ty } = value;
  if (ty.kind === "array") return `[${fields.join(", ")}]`;
  if (ty.kind !== "adt") return fields.length === 1 ? `(${fields[0]},)` : `(${fields.join(", ")})`;
  if (ty.def.adtKind === "union") return "<uninit>";
  const variant = ty.def.variants[value.variant]!;
  return printAdtConst(ty.def, ty.args, value.variant, fields, names, variant.ctor !== "tuple");
}

/** `Some(1_u8)`, `S {{ a: 1_u8 }}`, `None`. */
export function printAdtConst(
  def: AdtDef,
  args: readonly Ty[],
  index: number,
  fields: readonly string[],
  names: Names | undefined,
  named: boolean,
): string {
  const variant = def.variants[index]!;
  const path = printVariantPath(def, args, variant.name, names);
  if (fields.length === 0) return path;
  if (!named) return `${path}(${fields.join(", ")})`;
  return `${path} {{ ${fields.map((text, i) => `${variant.fields[i]!.name}: ${text}`).join(", ")} }}`;
}

function printScalar(ty: Ty, bits: bigint, names: Names | undefined): string {
  switch (ty.kind) {
    case "bool":
      if (bits < 2n) return bits === 1n ? "true" : "false";
      break;
    case "int":
    case "uint":
      return printInt(ty, bits);
    case "float": {
      const text = printFloat(ty.width, bits);
      if (text !== undefined) return text;
      break;
    }
    case "char":
      if (bits <= 0x10ffffn && (bits < 0xd800n || bits > 0xdfffn)) return printChar(Number(bits));
      break;
    case "ptr":
      return `{0x${bits.toString(16)} as ${trimmed(ty, names)}}`;
    case "adt": {
      const variant = ty.def.adtKind === "enum" ? variantOfTag(ty.def, bits) : undefined;
      if (variant !== undefined && variant.ctor === "unit")
        return printVariantPath(ty.def, ty.args, variant.name, names);
      break;
    }
    default:
  }
  return `{transmute(0x${bits.toString(16)}): ${trimmed(ty, names)}}`;
}

function printZst(ty: Ty, names: Names | undefined, typed: boolean): string {
  if (ty.kind === "tuple" && ty.fields.length === 0) return "()";
  if (ty.kind === "array" && ty.length === 0 && typed) return "[]";
  if (ty.kind === "adt" && ty.def.variants.length === 1 && ty.def.variants[0]!.ctor === "unit") {
    return printVariantPath(ty.def, ty.args, ty.def.variants[0]!.name, names);
  }
  return `{transmute(()): ${trimmed(ty, names)}}`;
}

export function trimmed(ty: Ty, names: Names | undefined): string {
  return names === undefined ? ty.text : names.trimmedTy(ty);
}

/** `::<T, U>`, or nothing. */
export function printArgs(args: readonly Ty[], names: Names | undefined): string {
  return args.length === 0 ? "" : `::<${args.map((arg) => trimmed(arg, names)).join(", ")}>`;
}

/** `Option::<u8>::None`, `Pair`. */
export function printVariantPath(def: AdtDef, args: readonly Ty[], variant: string, names: Names | undefined): string {
  const written = names === undefined ? args : names.tcx.writtenArgs(def.defaults, args);
  const path = (names === undefined ? def.name : names.trimmedAdt(def)) + printArgs(written, names);
  return def.adtKind === "enum" ? `${path}::${variant}` : path;
}
