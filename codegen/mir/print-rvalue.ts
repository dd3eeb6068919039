/**
 * Places, constants, operands and rvalues as MIR text.
 *
 * `names` trims the paths of types where rustc does; without it they are written in full.
 */

import type { Names } from "./names.ts";
import { printAdtConst, printConst, printVariantPath } from "./print-const.ts";
import type { AggregateKind, CastKind, NullOp, Operand, Place, PlaceElem, Rvalue } from "./syntax.ts";
import type { Ty } from "./ty.ts";

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
    case "subslice": {
      if (!elem.fromEnd) return `${base}[${elem.from}..${elem.to}]`;
      if (elem.to === 0) return `${base}[${elem.from}:]`;
      return `${base}[${elem.from === 0 ? "" : elem.from}:-${elem.to}]`;
    }
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

/** The text of an rvalue. */
export function printRvalue(rvalue: Rvalue, names?: Names): string {
  switch (rvalue.kind) {
    case "use":
      return printUse(rvalue, names);
    case "repeat":
      return `[${printOperand(rvalue.operand, names, true)}; ${rvalue.genericCount?.text ?? rvalue.count}]`;
    case "ref":
      return `&${rvalue.twoPhase === true ? "two_phase " : ""}${rvalue.mutability === "mut" ? "mut " : ""}${printPlace(rvalue.place)}`;
    case "rawPtr":
      return `&raw ${rvalue.mutability === "mut" ? "mut" : rvalue.fake === true ? "const (fake)" : "const"} ${printPlace(rvalue.place)}`;
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
    case "len":
      return `Len(${printPlace(rvalue.place)})`;
    case "nullary":
      return printNullOp(rvalue.op);
    case "threadLocalRef":
      return `&/*tls*/ ${rvalue.item.mutability === "mut" ? "mut " : ""}${rvalue.item.name}`;
    case "shallowInitBox":
      return `ShallowInitBox(${printOperand(rvalue.operand, names)}, ${rvalue.ty.text})`;
    case "aggregate":
      return printAggregate(rvalue, names);
  }
}

function printNullOp(op: NullOp): string {
  switch (op.kind) {
    case "SizeOf":
    case "AlignOf":
      return `${op.kind}(${op.ty.text})`;
    case "OffsetOf":
      return `OffsetOf(${op.ty.text}, [${op.path.map(([variant, field]) => `(${variant}, ${field})`).join(", ")}])`;
    default:
      return `${op.kind}()`;
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
    case "ClosureFnPointer":
      return `PointerCoercion(${kind}(${ty.kind === "fnptr" && ty.unsafe ? "Unsafe" : "Safe"}), ${origin})`;
    case "Unsize":
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
    case "rawPtr":
      return `${aggregate.ty.text} from (${operands.join(", ")})`;
    case "closure": {
      const fields = operands.map((text, i) => `${aggregate.def.upvarNames[i] ?? i}: ${text}`).join(", ");
      return operands.length === 0 ? aggregate.ty.text : `${aggregate.ty.text} { ${fields} }`;
    }
    case "adt": {
      const { def, variant, activeField } = aggregate;
      const args = aggregate.ty.kind === "adt" ? aggregate.ty.args : [];
      const { name, ctor, fields } = def.variants[variant]!;
      if (asConst) return printAdtConst(def, args, variant, operands, names, ctor !== "tuple");
      const path = printVariantPath(def, args, name, names);
      if (operands.length === 0) return path;
      if (ctor === "tuple") return `${path}(${operands.join(", ")})`;
      const first = activeField ?? 0;
      return `${path} { ${operands.map((text, i) => `${fields[first + i]!.name}: ${text}`).join(", ")} }`;
    }
  }
}
