/**
 * Places, constants, operands and rvalues as MIR text.
 *
 * `names` trims the paths of types where rustc does; without it they are written in full.
 */

import { fieldlessTagBits, printChar, printFloat, printInt } from "./literal.ts";
import type { Names } from "./names.ts";
import type { AggregateKind, CastKind, Const, Operand, Place, PlaceElem, Rvalue } from "./syntax.ts";
import type { AdtDef, Ty } from "./ty.ts";

/** The text of a place: `((*_1).0: u32)`. */
export function printPlace(place: Place): string {
  let out = `_${place.local}`;
  for (const elem of place.projection) out = printElem(out, elem);
  return out;
}

function printElem(base: string, elem: PlaceElem): string {
  switch (elem.kind) {
    case "deref":
      return `(*${base})`;
    case "field":
      return `(${base}.${elem.index}: ${elem.ty.text})`;
    case "index":
      return `${base}[_${elem.local}]`;
    case "constantIndex":
      return `${base}[${elem.fromEnd ? "-" : ""}${elem.offset} of ${elem.minLength}]`;
    case "downcast":
      return `(${base} as ${elem.name})`;
  }
}

/** The text of an operand. `typed` says that its place in the program tells its type. */
export function printOperand(operand: Operand, names?: Names, typed = false): string {
  switch (operand.kind) {
    case "copy":
      return `copy ${printPlace(operand.place)}`;
    case "move":
      return `move ${printPlace(operand.place)}`;
    case "const":
      return operand.value.kind === "fn"
        ? printConst(operand.value, names)
        : `const ${printConst(operand.value, names, typed)}`;
  }
}

/** The text of a constant, as it stands behind `const`. */
export function printConst(value: Const, names?: Names, typed = false): string {
  switch (value.kind) {
    case "scalar":
      return printScalar(value.ty, value.bits, names);
    case "fn":
      return `${value.item.name}${printArgs(value.args, names)}`;
    case "zst":
      return printZst(value.ty, names, typed);
  }
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
      const width = fieldlessTagBits(ty) ?? 0;
      const variant = ty.def.variants.find((v) => BigInt.asUintN(width, v.discriminant) === bits);
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

function trimmed(ty: Ty, names: Names | undefined): string {
  return names === undefined ? ty.text : names.trimmedTy(ty);
}

function printArgs(args: readonly Ty[], names: Names | undefined): string {
  return args.length === 0 ? "" : `::<${args.map((arg) => trimmed(arg, names)).join(", ")}>`;
}

function printVariantPath(def: AdtDef, args: readonly Ty[], variant: string, names: Names | undefined): string {
  const path = (names === undefined ? def.name : names.trimmedAdt(def)) + printArgs(args, names);
  return def.adtKind === "struct" ? path : `${path}::${variant}`;
}

/** The text of an rvalue. */
export function printRvalue(rvalue: Rvalue, names?: Names): string {
  switch (rvalue.kind) {
    case "use":
      return printUse(rvalue, names);
    case "repeat":
      return `[${printOperand(rvalue.operand, names, true)}; ${rvalue.count}]`;
    case "ref":
      return `&${rvalue.mutability === "mut" ? "mut " : ""}${printPlace(rvalue.place)}`;
    case "rawPtr":
      return `&raw ${rvalue.mutability === "mut" ? "mut" : "const"} ${printPlace(rvalue.place)}`;
    case "cast": {
      const kind = printCastKind(rvalue.castKind, rvalue.ty, rvalue.asCast === true);
      return `${printOperand(rvalue.operand, names)} as ${rvalue.ty.text} (${kind})`;
    }
    case "binary":
      return `${rvalue.op}(${printOperand(rvalue.left, names)}, ${printOperand(rvalue.right, names)})`;
    case "unary":
      return `${rvalue.op}(${printOperand(rvalue.operand, names)})`;
    case "discriminant":
      return `discriminant(${printPlace(rvalue.place)})`;
    case "aggregate":
      return printAggregate(rvalue, names);
  }
}

function printUse(rvalue: Extract<Rvalue, { kind: "use" }>, names: Names | undefined): string {
  const text = printOperand(rvalue.operand, names, true);
  if (rvalue.spelling === undefined) return text;
  // The place of `deref_copy` stands without `copy`.
  return rvalue.spelling === "no_retag" ? `no_retag ${text}` : `deref_copy ${text.slice(text.indexOf(" ") + 1)}`;
}

function printCastKind(kind: CastKind, ty: Ty, asCast: boolean): string {
  const origin = asCast ? "AsCast" : "Implicit";
  switch (kind) {
    case "ReifyFnPointer":
      return `PointerCoercion(ReifyFnPointer(${ty.kind === "fnptr" && ty.unsafe ? "Unsafe" : "Safe"}), ${origin})`;
    case "UnsafeFnPointer":
    case "MutToConstPointer":
    case "ArrayToPointer":
      return `PointerCoercion(${kind}, ${origin})`;
    default:
      return kind;
  }
}

function printAggregate(rvalue: Extract<Rvalue, { kind: "aggregate" }>, names: Names | undefined): string {
  const asConst = rvalue.asConst === true;
  const operands = rvalue.operands.map((operand) => {
    if (asConst && operand.kind === "const") return printConst(operand.value, names, true);
    return printOperand(operand, names, true);
  });
  const text = printParts(rvalue.aggregate, operands, names, asConst);
  return asConst ? `const ${text}` : text;
}

function printParts(
  aggregate: AggregateKind,
  operands: readonly string[],
  names: Names | undefined,
  asConst: boolean,
): string {
  switch (aggregate.kind) {
    case "array":
      return `[${operands.join(", ")}]`;
    case "tuple":
      return operands.length === 1 ? `(${operands[0]},)` : `(${operands.join(", ")})`;
    case "adt": {
      const args = aggregate.ty.kind === "adt" ? aggregate.ty.args : [];
      const variant = aggregate.def.variants[aggregate.variant]!;
      const path = printVariantPath(aggregate.def, args, variant.name, names);
      if (operands.length === 0) return path;
      if (variant.ctor === "tuple") return `${path}(${operands.join(", ")})`;
      const fields = operands.map((text, i) => `${variant.fields[i]!.name}: ${text}`).join(", ");
      return asConst ? `${path} {{ ${fields} }}` : `${path} { ${fields} }`;
    }
  }
}
