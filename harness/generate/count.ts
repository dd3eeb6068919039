/**
 * Counting what programs are made of: each construct by the class of its type, where it stands and where it ran.
 */

import {
  type AdtDef,
  type Body,
  type ClosureDef,
  type Const,
  type ConstItem,
  type FnItem,
  type ImplDef,
  intrinsicOf,
  type Operand,
  operandTy,
  type Place,
  type Program,
  partsOf,
  placeTy,
  type Rvalue,
  type Statement,
  type Terminator,
  type TraitDef,
  type Ty,
  type TyCtxt,
  type TyOf,
} from "../../codegen/index.ts";
import type { Group } from "./constructs.ts";
import { flowShapes } from "./flow-shapes.ts";
import { layoutShapes } from "./layout-shapes.ts";

/** Occurrences, and those of them in blocks that ran. */
export interface Cell {
  count: number;
  ran: number;
}

/** By `group.construct`, then by type class. */
export type Table = Map<string, Map<string, Cell>>;

/** Which blocks of which functions ran. */
export type Ran = ReadonlyMap<FnItem, Uint8Array>;

const NO_TYPE = "-";

/** The class that a type is counted in: its text for primitive types; wide pointers apart from thin ones. */
export function classOf(ty: Ty): string {
  switch (ty.kind) {
    case "adt":
      if (ty.def.repr.simd === true) return "simd";
      return ty.def.adtKind;
    case "ref":
    case "ptr": {
      const { kind } = ty.pointee;
      if (kind === "slice" || kind === "str" || kind === "dynamic")
        return `${ty.kind} ${kind === "dynamic" ? "dyn" : kind}`;
      return ty.kind;
    }
    case "param":
    case "alias":
    case "genericArray":
    case "anonConst":
      return "generic";
    case "dynamic":
      return "dyn";
    case "bool":
    case "char":
    case "int":
    case "uint":
    case "float":
    case "str":
      return ty.text;
    default:
      return ty.kind;
  }
}

export class Counter {
  readonly table: Table = new Map();
  statements = 0;
  functions = 0;
  programs = 0;
  private readonly adts = new Set<AdtDef>();
  private readonly seenTys = new Set<Ty>();
  private tcx!: TyCtxt;
  private body!: Body;
  private fn: FnItem | undefined;
  private ran = 0;

  /** Counts `program`; without `ran`, all that stands there counts as run. */
  add(program: Program, ran?: Ran): void {
    this.programs++;
    this.tcx = program.tcx;
    this.ran = 1;
    this.items(program);
    for (const item of program.functions) {
      if (item.body === undefined) continue;
      this.functions++;
      this.fn = item;
      const covered = ran?.get(item);
      this.countBody(item.body, (block) => (ran === undefined ? 1 : (covered?.[block] ?? 0)));
    }
    this.fn = undefined;
    for (const item of [...(program.consts ?? []), ...(program.statics ?? [])]) {
      if (item.body !== undefined) this.countBody(item.body, () => 1);
    }
    this.adts.clear();
    this.seenTys.clear();
  }

  private countBody(body: Body, ran: (block: number) => number): void {
    this.body = body;
    this.ran = 1;
    for (const local of body.locals) this.type(local.ty);
    for (const { name, block } of flowShapes(body)) {
      this.ran = ran(block);
      this.count("flow", name);
    }
    body.blocks.forEach((block, i) => {
      this.ran = ran(i);
      if (block.isCleanup) this.cleanup(block.terminator);
      for (const statement of block.statements) this.statement(statement);
      this.terminator(block.terminator);
    });
  }

  /** What unwinding runs. */
  private cleanup(terminator: Terminator): void {
    const { kind } = terminator;
    if (kind === "drop" || kind === "call" || kind === "switchInt") this.count("flow", `${kind} in cleanup`);
  }

  private count(group: Group, name: string, column: string = NO_TYPE): void {
    const key = `${group}.${name}`;
    let row = this.table.get(key);
    if (row === undefined) {
      row = new Map();
      this.table.set(key, row);
    }
    const cell = row.get(column);
    if (cell === undefined) row.set(column, { count: 1, ran: this.ran });
    else {
      cell.count++;
      cell.ran += this.ran;
    }
  }

  // ---- items

  private items(program: Program): void {
    for (const item of program.functions) this.fnItem(item);
    for (const item of program.traits ?? []) if (!item.prelude) this.traitItem(item);
    for (const item of program.impls ?? []) this.implItem(item);
    for (const item of program.closures ?? []) this.closureItem(item);
    for (const item of program.consts ?? []) this.constItem(item);
    for (const item of program.statics ?? []) {
      this.type(item.ty);
      this.count(
        "item",
        item.threadLocal ? "thread_local" : item.mutability === "mut" ? "static mut" : "static",
        classOf(item.ty),
      );
    }
    for (const item of program.allocs ?? [])
      this.count("item", item.relocations.length > 0 ? "alloc with pointers" : "alloc");
  }

  private fnItem(item: FnItem): void {
    const column = classOf(item.ret);
    this.count("item", "fn", column);
    if (item.generics.length > 0 && item.parent === undefined) this.count("item", "generic fn", column);
    if (item.constParams?.some((ty) => ty !== undefined) === true) this.count("item", "const generic fn", column);
    if (item.abi === "C") this.count("item", "extern C fn", column);
    if (item.unsafe === true) this.count("item", "unsafe fn", column);
    if (item.parent?.kind === "trait" && item.body !== undefined) this.count("item", "default method", column);
    for (const ty of item.constParams ?? []) if (ty !== undefined) this.count("item", "const param", classOf(ty));
    for (const ty of [...item.params, item.ret]) this.type(ty);
    if (item.body === undefined) return;
    const c = item.abi === "C" ? "extern C " : "";
    for (const ty of item.params) this.count("signature", `${c}param`, classOf(ty));
    this.count("signature", `${c}return`, classOf(item.ret));
  }

  private traitItem(item: TraitDef): void {
    this.count("item", "trait");
    if (item.supertraits.length > 0) this.count("item", "supertrait");
    for (const _ of item.assocTypes) this.count("item", "associated type");
  }

  private implItem(item: ImplDef): void {
    const column = classOf(item.selfTy);
    this.count("item", "impl", column);
    if (item.generics.length > 0) this.count("item", "generic impl", column);
    if (item.trait?.trait.lang === "drop") this.count("item", "Drop impl", column);
  }

  private closureItem(item: ClosureDef): void {
    this.count("item", "closure", item.closureKind);
    for (const ty of item.upvars) this.type(ty);
  }

  private constItem(item: ConstItem): void {
    this.type(item.ty);
    const kind =
      item.parent !== undefined ? "associated const" : /::promoted\[\d+\]$/.test(item.name) ? "promoted" : "const";
    this.count("item", kind, classOf(item.ty));
  }

  // ---- types

  private type(ty: Ty): void {
    if (this.seenTys.has(ty)) return;
    this.seenTys.add(ty);
    const ran = this.ran;
    this.ran = 1;
    this.count("type", ty.kind === "adt" ? ty.def.adtKind : ty.kind, classOf(ty));
    for (const part of partsOf(ty)) if (part.kind !== "constArg") this.type(part);
    if (ty.kind === "adt") this.adt(ty, ty.def);
    this.ran = ran;
  }

  private adt(ty: TyOf<"adt">, def: AdtDef): void {
    const [arg] = ty.args;
    if (def.name === "std::option::Option") {
      if (arg?.kind === "ref") this.count("layout", "Option<&T>");
      if (arg?.kind === "bool") this.count("layout", "Option<bool>");
      if (arg?.kind === "adt" && arg.def === def) this.count("layout", "nested Option");
    }
    def.variants.forEach((_, v) => {
      for (const field of this.tcx.fieldTys(ty, v)) this.type(field);
    });
    if (!isGeneric(ty)) for (const shape of layoutShapes(this.tcx, ty)) this.count("layout", shape, def.adtKind);
    if (def.prelude || this.adts.has(def)) return;
    this.adts.add(def);
    const { repr } = def;
    if (repr.c) this.count("layout", "repr(C)", def.adtKind);
    if (repr.c && repr.int !== undefined) this.count("layout", "repr(C, int)", def.adtKind);
    if (repr.packed !== undefined) this.count("layout", "repr(packed)", def.adtKind);
    if (repr.align !== undefined) this.count("layout", "repr(align)", def.adtKind);
    if (repr.transparent) this.count("layout", "repr(transparent)", def.adtKind);
    if (repr.int !== undefined) this.count("layout", "repr(int)", def.adtKind);
    if (repr.simd === true) this.count("layout", "repr(simd)", def.adtKind);
    const fields = def.variants.flatMap((v) => v.fields);
    if (def.adtKind === "struct" && fields.length === 0) this.count("layout", "zero-sized", def.adtKind);
    if (fields.some((f) => mentions(f.ty, def))) this.count("layout", "recursive", def.adtKind);
    this.count("item", def.generics.length > 0 ? "generic struct" : def.adtKind, "-");
  }

  // ---- code

  private statement(statement: Statement): void {
    this.statements++;
    switch (statement.kind) {
      case "assign":
        this.count("statement", "assign", this.place(statement.place));
        this.rvalue(statement.rvalue);
        return;
      case "setDiscriminant":
      case "deinit":
      case "retag":
        this.count("statement", statement.kind, this.place(statement.place));
        return;
      case "storageLive":
      case "storageDead":
        this.count("statement", statement.kind, classOf(this.body.locals[statement.local]!.ty));
        return;
      case "assume":
        this.count("statement", statement.kind, this.operand(statement.operand));
        return;
      case "copyNonOverlapping":
        this.count("statement", statement.kind, this.operand(statement.src));
        this.operand(statement.dst);
        this.operand(statement.count);
        return;
      case "nop":
        this.count("statement", statement.kind);
    }
  }

  private rvalue(rvalue: Rvalue): void {
    switch (rvalue.kind) {
      case "use":
      case "repeat":
      case "shallowInitBox":
        this.count("rvalue", rvalue.kind, this.operand(rvalue.operand));
        return;
      case "ref":
        this.count(
          "rvalue",
          rvalue.twoPhase === true ? "two-phase ref" : "ref",
          `${rvalue.mutability === "mut" ? "&mut " : "&"}${this.place(rvalue.place)}`,
        );
        return;
      case "rawPtr":
        this.count(
          "rvalue",
          "rawPtr",
          `${rvalue.mutability === "mut" ? "*mut " : "*const "}${this.place(rvalue.place)}`,
        );
        return;
      case "cast": {
        const from = this.operand(rvalue.operand);
        this.type(rvalue.ty);
        this.count("rvalue", "cast", from);
        this.count("cast", rvalue.castKind, from);
        return;
      }
      case "binary": {
        const left = this.operand(rvalue.left);
        this.operand(rvalue.right);
        this.count("rvalue", "binary", left);
        this.count("operator", rvalue.op, left);
        return;
      }
      case "unary": {
        const of = this.operand(rvalue.operand);
        this.count("rvalue", "unary", of);
        this.count("operator", rvalue.op, of);
        return;
      }
      case "discriminant":
      case "len":
        this.count("rvalue", rvalue.kind, this.place(rvalue.place));
        return;
      case "nullary": {
        const column = "ty" in rvalue.op ? classOf(rvalue.op.ty) : NO_TYPE;
        this.count("rvalue", "nullary", column);
        this.count("nullary", rvalue.op.kind, column);
        return;
      }
      case "threadLocalRef":
        this.count("rvalue", rvalue.kind, classOf(rvalue.item.ty));
        return;
      case "aggregate":
        this.aggregate(rvalue);
    }
  }

  private aggregate({ aggregate, operands }: Extract<Rvalue, { kind: "aggregate" }>): void {
    const kind = aggregate.kind === "adt" ? aggregate.def.adtKind : aggregate.kind;
    this.count("rvalue", "aggregate", kind);
    if (operands.length === 0) this.count("aggregate", kind);
    for (const operand of operands) this.count("aggregate", kind, this.operand(operand));
  }

  private terminator(terminator: Terminator): void {
    const { kind } = terminator;
    if ("unwind" in terminator) this.count("unwind", terminator.unwind.kind, kind);
    switch (terminator.kind) {
      case "switchInt": {
        const column = this.operand(terminator.discr);
        this.count("terminator", kind, column);
        return;
      }
      case "assert":
        this.operand(terminator.cond);
        this.count("terminator", kind, terminator.message.kind);
        this.count("assert", terminator.message.kind, terminator.expected ? "true" : "false");
        return;
      case "drop":
        this.count("terminator", kind, this.place(terminator.place));
        return;
      case "call":
        this.count("terminator", kind, this.place(terminator.destination));
        this.call(terminator.func, terminator.args);
        if (terminator.target === undefined) this.count("call", "diverging");
        if (terminator.unwind.kind === "cleanup") this.count("call", "with cleanup");
        return;
      case "tailCall":
        this.count("terminator", kind, classOf(this.body.locals[0]!.ty));
        this.call(terminator.func, terminator.args);
        return;
      default:
        this.count("terminator", kind);
    }
  }

  private call(func: Operand, args: readonly Operand[]): void {
    const classes = args.map((arg) => this.operand(arg));
    const column = classes[0] ?? NO_TYPE;
    if (func.kind !== "const" || func.value.kind !== "fn") {
      this.count("call", "indirect", this.operand(func));
      return;
    }
    const { item, args: tyArgs } = func.value;
    const first = tyArgs[0];
    const known = item.body === undefined ? intrinsicOf(item.name) : undefined;
    if (item.kind === "intrinsic" || known !== undefined) {
      this.count("call", "intrinsic", column);
      this.count("intrinsic", known?.name ?? item.name, first === undefined ? column : classOf(first));
      return;
    }
    if (item.parent?.kind === "trait") this.count("call", first?.kind === "dynamic" ? "virtual" : "method", column);
    else this.count("call", item === this.fn ? "self" : "direct", column);
    if (item.abi === "C") this.count("call", "extern C", column);
  }

  /** Counts an operand; the class of its type. */
  private operand(operand: Operand): string {
    const column = classOf(operandTy(this.body, operand, this.tcx));
    this.count("operand", operand.kind, column);
    if (operand.kind === "const") this.constant(operand.value, column);
    else this.projections(operand.place);
    return column;
  }

  private constant(value: Const, column: string): void {
    this.count("constant", value.kind, column);
    if (value.kind !== "aggregate") return;
    for (const field of value.fields) this.constant(field, field.kind === "fn" ? "fndef" : classOf(field.ty));
  }

  /** Counts a place; the class of its type. */
  private place(place: Place): string {
    this.projections(place);
    return classOf(placeTy(this.body, place, this.tcx).ty);
  }

  private projections(place: Place): void {
    const { projection } = place;
    for (let i = 0; i < projection.length; i++) {
      const elem = projection[i]!;
      const fromEnd = (elem.kind === "constantIndex" || elem.kind === "subslice") && elem.fromEnd ? " from end" : "";
      const base =
        i === 0
          ? this.body.locals[place.local]!.ty
          : placeTy(this.body, { ...place, projection: projection.slice(0, i) }, this.tcx).ty;
      this.count("place", `${elem.kind}${fromEnd}`, classOf(base));
      if (elem.kind === "field" && base.kind === "adt" && base.def.repr.packed !== undefined)
        this.count("place", "field of packed", classOf(elem.ty));
    }
  }
}

/** Whether `ty` leads back to `def`, through pointers or arguments. */
function mentions(ty: Ty, def: AdtDef): boolean {
  return (ty.kind === "adt" && ty.def === def) || partsOf(ty).some((part) => mentions(part, def));
}

/** Whether parameters stand somewhere in `ty`, so that it has no layout. */
function isGeneric(ty: Ty): boolean {
  return ty.kind === "param" || ty.kind === "alias" || ty.kind === "anonConst" || partsOf(ty).some(isGeneric);
}
