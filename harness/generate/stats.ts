/**
 * Coverage of a campaign: how often each construct occurs with each type. A zero is a promise that the generator does not keep.
 */

import {
  type AdtDef,
  type Body,
  type Operand,
  operandTy,
  type Place,
  type Program,
  placeTy,
  type Rvalue,
  type Statement,
  type Terminator,
  type Ty,
  type TyCtxt,
} from "../../codegen/index.ts";
import { SCALAR_TYPES } from "./constants.ts";

export interface Coverage {
  readonly programs: number;
  readonly statements: number;
  readonly functions: number;
  /** Counts by construct, then by type (its text for scalars, else its kind). */
  readonly table: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Counts what `programs` are made of. */
export function coverageOf(programs: readonly Program[]): Coverage {
  const counter = new Counter();
  for (const program of programs) counter.program(program);
  const table = Object.fromEntries(
    [...counter.table].sort(byName).map(([construct, row]) => [construct, Object.fromEntries([...row].sort(byName))]),
  );
  return { programs: programs.length, statements: counter.statements, functions: counter.functions, table };
}

function byName(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : Number(a[0] > b[0]);
}

const INTS: readonly string[] = SCALAR_TYPES.filter((ty) => ty.kind === "int" || ty.kind === "uint").map(
  (ty) => ty.text,
);
const SIGNED: readonly string[] = INTS.filter((name) => name.startsWith("i"));
const FLOATS: readonly string[] = ["f32", "f64"];
const SCALARS: readonly string[] = SCALAR_TYPES.map((ty) => ty.text);

/** The rows that a campaign must fill: each construct with each of its types. */
export const PROMISED: Readonly<Record<string, readonly string[]>> = {
  ...rows(["Add", "Sub", "Mul", "Div", "Rem"], [...INTS, ...FLOATS]),
  ...rows(["BitXor", "BitAnd", "BitOr"], [...INTS, "bool"]),
  ...rows(["Shl", "Shr", "ShlUnchecked", "ShrUnchecked"], INTS),
  ...rows(
    ["AddUnchecked", "SubUnchecked", "MulUnchecked", "AddWithOverflow", "SubWithOverflow", "MulWithOverflow"],
    INTS,
  ),
  ...rows(["Eq", "Lt", "Le", "Ne", "Ge", "Gt"], SCALARS),
  Cmp: [...INTS, "char"],
  Offset: ["ptr"],
  Not: [...INTS, "bool"],
  Neg: [...SIGNED, ...FLOATS],
  IntToInt: [...INTS, "bool", "char"],
  IntToFloat: INTS,
  FloatToInt: FLOATS,
  FloatToFloat: FLOATS,
  PtrToPtr: ["ptr"],
  Transmute: [...INTS, "bool", "char", "f32", "f64", "array", "enum"],
  ReifyFnPointer: ["fn"],
  use: [...SCALARS, "tuple", "array", "struct", "enum", "ref", "fnptr"],
  repeat: ["array"],
  aggregate: ["tuple", "array", "struct", "enum"],
  ref: ["&", "&mut"],
  rawPtr: ["*const", "*mut"],
  discriminant: ["enum"],
  projection: ["deref", "field", "index", "constantIndex", "downcast"],
  statement: ["assign", "setDiscriminant", "storageLive", "storageDead", "assume"],
  terminator: ["goto", "switchInt", "return", "unreachable", "call", "assert"],
  switch: ["bool", "char", ...INTS],
  call: ["direct", "indirect", "self", "observe", "black_box"],
  assert: ["boundsCheck", "overflow", "divisionByZero", "remainderByZero"],
  observe: [...SCALARS, "tuple", "array", "struct", "enum"],
  type: [...SCALARS, "tuple", "array", "struct", "enum", "ref", "ptr", "fnptr"],
  layout: [
    "repr(C)",
    "repr(packed)",
    "repr(align)",
    "repr(transparent)",
    "repr(int)",
    "Option<&T>",
    "Option<bool>",
    "nested Option",
  ],
};

function rows(constructs: readonly string[], types: readonly string[]): Record<string, readonly string[]> {
  return Object.fromEntries(constructs.map((construct) => [construct, types]));
}

/** The promised pairs that `coverage` lacks, as `Add:i8`. */
export function missingRows(coverage: Coverage): string[] {
  return Object.entries(PROMISED).flatMap(([construct, types]) =>
    types.filter((type) => (coverage.table[construct]?.[type] ?? 0) === 0).map((type) => `${construct}:${type}`),
  );
}

/** The table as text: a line per construct. */
export function printCoverage(coverage: Coverage): string {
  const lines = [`${coverage.programs} programs, ${coverage.functions} functions, ${coverage.statements} statements`];
  for (const [construct, row] of Object.entries(coverage.table)) {
    const cells = Object.entries(row).sort((a, b) => b[1] - a[1]);
    lines.push(`${construct.padEnd(18)} ${cells.map(([type, count]) => `${type} ${count}`).join("  ")}`);
  }
  const missing = missingRows(coverage);
  lines.push(missing.length === 0 ? "nothing that is promised is missing" : `missing: ${missing.join(" ")}`);
  return `${lines.join("\n")}\n`;
}

/** The column that a type is counted in. */
function columnOf(ty: Ty): string {
  if (ty.kind === "adt") return ty.def.adtKind;
  return SCALARS.includes(ty.text) ? ty.text : ty.kind;
}

class Counter {
  readonly table = new Map<string, Map<string, number>>();
  statements = 0;
  functions = 0;
  private readonly adts = new Set<AdtDef>();

  program(program: Program): void {
    for (const item of program.functions) {
      if (item.body === undefined) continue;
      this.functions++;
      for (const local of item.body.locals) this.type(local.ty);
      for (const block of item.body.blocks) {
        for (const statement of block.statements) this.statement(statement, item.body, program.tcx);
        this.terminator(block.terminator, item.body, program.tcx, item.name);
      }
    }
  }

  private count(construct: string, type: string): void {
    let row = this.table.get(construct);
    if (row === undefined) {
      row = new Map();
      this.table.set(construct, row);
    }
    row.set(type, (row.get(type) ?? 0) + 1);
  }

  private type(ty: Ty): void {
    this.count("type", columnOf(ty));
    if (ty.kind !== "adt") return;
    const [arg] = ty.args;
    if (ty.def.name === "std::option::Option") {
      if (arg?.kind === "ref") this.count("layout", "Option<&T>");
      if (arg?.kind === "bool") this.count("layout", "Option<bool>");
      if (arg?.kind === "adt" && arg.def === ty.def) this.count("layout", "nested Option");
    }
    if (this.adts.has(ty.def)) return;
    this.adts.add(ty.def);
    const { repr } = ty.def;
    if (repr.c) this.count("layout", "repr(C)");
    if (repr.packed !== undefined) this.count("layout", "repr(packed)");
    if (repr.align !== undefined) this.count("layout", "repr(align)");
    if (repr.transparent) this.count("layout", "repr(transparent)");
    if (repr.int !== undefined) this.count("layout", "repr(int)");
  }

  private statement(statement: Statement, body: Body, tcx: TyCtxt): void {
    this.statements++;
    this.count("statement", statement.kind);
    if (statement.kind === "setDiscriminant") this.place(statement.place);
    if (statement.kind !== "assign") return;
    this.place(statement.place);
    this.rvalue(statement.rvalue, body, tcx);
  }

  private rvalue(rvalue: Rvalue, body: Body, tcx: TyCtxt): void {
    const tyOf = (operand: Operand): string => columnOf(operandTy(body, operand, tcx));
    switch (rvalue.kind) {
      case "use":
        this.operand(rvalue.operand);
        this.count("use", tyOf(rvalue.operand));
        break;
      case "repeat":
        this.count("repeat", "array");
        break;
      case "ref":
        this.place(rvalue.place);
        this.count("ref", rvalue.mutability === "mut" ? "&mut" : "&");
        break;
      case "rawPtr":
        this.place(rvalue.place);
        this.count("rawPtr", rvalue.mutability === "mut" ? "*mut" : "*const");
        break;
      case "cast":
        this.operand(rvalue.operand);
        this.count(rvalue.castKind, rvalue.castKind === "ReifyFnPointer" ? "fn" : tyOf(rvalue.operand));
        break;
      case "binary":
        this.operand(rvalue.left);
        this.operand(rvalue.right);
        this.count(rvalue.op, tyOf(rvalue.left));
        break;
      case "unary":
        this.operand(rvalue.operand);
        this.count(rvalue.op, tyOf(rvalue.operand));
        break;
      case "discriminant":
        this.count("discriminant", columnOf(placeTy(body, rvalue.place, tcx).ty));
        break;
      case "aggregate":
        for (const operand of rvalue.operands) this.operand(operand);
        this.count(
          "aggregate",
          rvalue.aggregate.kind === "adt" ? columnOf(rvalue.aggregate.ty) : rvalue.aggregate.kind,
        );
        break;
    }
  }

  private terminator(terminator: Terminator, body: Body, tcx: TyCtxt, name: string): void {
    this.count("terminator", terminator.kind);
    if (terminator.kind === "switchInt") this.count("switch", columnOf(operandTy(body, terminator.discr, tcx)));
    if (terminator.kind === "assert") this.count("assert", terminator.message.kind);
    if (terminator.kind !== "call") return;
    for (const arg of terminator.args) this.operand(arg);
    const { func } = terminator;
    if (func.kind !== "const" || func.value.kind !== "fn") {
      this.count("call", "indirect");
      return;
    }
    const { item, args } = func.value;
    this.count("call", item.kind === "intrinsic" ? item.name : item.name === name ? "self" : "direct");
    if (item.name === "observe" && args[0] !== undefined) this.count("observe", columnOf(args[0]));
  }

  private operand(operand: Operand): void {
    this.count("operand", operand.kind);
    if (operand.kind !== "const") this.place(operand.place);
  }

  private place(place: Place): void {
    for (const elem of place.projection) this.count("projection", elem.kind);
  }
}
