/**
 * Which type definitions a program needs, in the order in which its functions first mention them.
 */

import type { Program } from "./program.ts";
import type { Body, Operand, Place } from "./syntax.ts";
import type { AdtDef, Ty, TyOf } from "./ty.ts";

/** The definitions that `program` declares or mentions, those of the prelude among them; fields' types come before their holders. */
export function collectAdts(program: Program): AdtDef[] {
  const collector = new Collector();
  for (const def of program.adts ?? []) collector.add(def);
  for (const item of program.functions) {
    for (const ty of item.params) collector.ty(ty);
    collector.ty(item.ret);
    if (item.body !== undefined) collector.body(item.body);
  }
  return collector.found;
}

class Collector {
  readonly found: AdtDef[] = [];
  private readonly seenTys = new Set<Ty>();
  private readonly seen = new Set<AdtDef>();

  /** Adds `def` before anything that it mentions: a program's own order is kept. */
  add(def: AdtDef): void {
    if (this.seen.has(def)) return;
    this.seen.add(def);
    this.found.push(def);
  }

  ty(ty: Ty): void {
    if (ty.kind !== "adt" && !isComposite(ty)) return;
    if (this.seenTys.has(ty)) return;
    this.seenTys.add(ty);
    switch (ty.kind) {
      case "tuple":
        for (const field of ty.fields) this.ty(field);
        break;
      case "array":
        this.ty(ty.element);
        break;
      case "fnptr":
        for (const param of ty.params) this.ty(param);
        this.ty(ty.ret);
        break;
      case "adt":
        for (const arg of ty.args) this.ty(arg);
        this.adt(ty.def);
        break;
      default:
        this.ty(ty.pointee);
    }
  }

  private adt(def: AdtDef): void {
    if (this.seen.has(def)) return;
    this.seen.add(def);
    for (const variant of def.variants) for (const field of variant.fields) this.ty(field.ty);
    this.found.push(def);
  }

  body(body: Body): void {
    for (const local of body.locals) this.ty(local.ty);
    for (const block of body.blocks) {
      for (const statement of block.statements) {
        if (statement.kind === "assign") {
          this.place(statement.place);
          const { rvalue } = statement;
          if (rvalue.kind === "cast") this.ty(rvalue.ty);
          else if (rvalue.kind === "aggregate" && rvalue.aggregate.kind === "adt") this.ty(rvalue.aggregate.ty);
          if ("place" in rvalue) this.place(rvalue.place);
          if ("operand" in rvalue) this.operand(rvalue.operand);
          if ("operands" in rvalue) for (const operand of rvalue.operands) this.operand(operand);
          if (rvalue.kind === "binary") {
            this.operand(rvalue.left);
            this.operand(rvalue.right);
          }
        }
      }
      const { terminator } = block;
      if (terminator.kind === "call") {
        this.operand(terminator.func);
        for (const arg of terminator.args) this.operand(arg);
      }
    }
  }

  private place(place: Place): void {
    for (const elem of place.projection) if (elem.kind === "field") this.ty(elem.ty);
  }

  private operand(operand: Operand): void {
    if (operand.kind !== "const") this.place(operand.place);
    else if (operand.value.kind === "fn") for (const arg of operand.value.args) this.ty(arg);
    else this.ty(operand.value.ty);
  }
}

function isComposite(ty: Ty): ty is TyOf<"tuple" | "array" | "ref" | "ptr" | "fnptr"> {
  return ty.kind === "tuple" || ty.kind === "array" || ty.kind === "ref" || ty.kind === "ptr" || ty.kind === "fnptr";
}
