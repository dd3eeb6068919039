/**
 * What is known while a body is read, and what its statements and terminators are made of: places, operands, blocks.
 */

import type { Span } from "../../session/diagnostic.ts";
import { projectTy } from "../place-ty.ts";
import type { BasicBlock, Local, LocalDecl, Operand, Place, PlaceElem } from "../syntax.ts";
import type * as text from "../text/ast.ts";
import type { Ty } from "../ty.ts";
import { learnUpvar } from "./closures.ts";
import { resolveConst } from "./constants.ts";
import { LineReader } from "./lines.ts";
import { resolveTy } from "./types.ts";
import { errorIn, type Scope, unsupportedIn } from "./world.ts";

/** No closure captures more. */
const MAX_UPVARS = 1 << 12;
const NO_PROJECTION: readonly PlaceElem[] = [];

export class BodyCx {
  readonly scope: Scope;
  readonly text: text.Body;
  readonly locals: LocalDecl[] = [];
  /** Blocks that are entered by unwinding. */
  readonly cleanup: ReadonlySet<number>;
  private readonly lines: LineReader;
  /** The type of the place that was resolved last. */
  private placeTy!: Ty;

  constructor(scope: Scope, body: text.Body) {
    this.scope = scope;
    this.text = body;
    this.cleanup = new Set(body.blocks.filter((block) => block.cleanup).map((block) => block.index));
    this.lines = new LineReader(scope.source);
  }

  /** Where the scope is at. */
  span(): Span {
    return this.lines.span(this.scope.at);
  }

  target(block: number): BasicBlock {
    if (block < 0 || block >= this.text.blocks.length) throw errorIn(this.scope, `there is no block \`bb${block}\``);
    return block as BasicBlock;
  }

  // ---- places

  place(place: text.Place): Place {
    const { tcx } = this.scope.world;
    const decl = this.locals[place.local];
    if (decl === undefined) throw errorIn(this.scope, `the local \`_${place.local}\` is not declared`);
    const local = place.local as Local;
    if (place.projection.length === 0) {
      this.placeTy = decl.ty;
      return { local, projection: NO_PROJECTION };
    }
    const projection: PlaceElem[] = [];
    let ty = decl.ty;
    for (const elem of place.projection) {
      // Casts that change no bits.
      if (elem.kind === "subtype" || elem.kind === "opaqueCast" || elem.kind === "unwrapBinder") {
        ty = resolveTy(this.scope, elem.ty);
        continue;
      }
      const made = this.elem(elem, ty);
      projection.push(made);
      const next = projectTy({ ty }, made, tcx);
      if (next === undefined) {
        const what = elem.kind === "deref" ? "dereferenced" : "indexed";
        throw errorIn(this.scope, `a place of type \`${ty.text}\` cannot be ${what}`);
      }
      ty = next.ty;
    }
    this.placeTy = ty;
    return { local, projection };
  }

  private elem(elem: Exclude<text.PlaceElem, { kind: "subtype" | "opaqueCast" | "unwrapBinder" }>, ty: Ty): PlaceElem {
    switch (elem.kind) {
      case "deref":
        return elem;
      case "field": {
        const fieldTy = resolveTy(this.scope, elem.ty);
        if (ty.kind === "closure" && elem.index >= MAX_UPVARS)
          throw errorIn(this.scope, `\`${ty.text}\` has no field ${elem.index}`);
        if (ty.kind === "closure") learnUpvar(ty, elem.index, fieldTy);
        return { kind: "field", index: elem.index, ty: fieldTy };
      }
      case "index":
        if (elem.local >= this.locals.length) throw errorIn(this.scope, `the local \`_${elem.local}\` is not declared`);
        return { kind: "index", local: elem.local as Local };
      case "downcast":
        return this.downcast(elem.name, elem.index, ty);
      default:
        return elem;
    }
  }

  private downcast(name: string, index: number, ty: Ty): PlaceElem {
    if (ty.kind !== "adt" || ty.def.adtKind !== "enum") throw errorIn(this.scope, `\`${ty.text}\` is no enum`);
    const variant = index >= 0 ? index : ty.def.variants.findIndex((v) => v.name === name);
    const def = ty.def.variants[variant];
    if (def === undefined) throw errorIn(this.scope, `\`${ty.text}\` has no variant \`${index >= 0 ? index : name}\``);
    return { kind: "downcast", variant, name: def.name };
  }

  typedPlace(place: text.Place): { readonly place: Place; readonly ty: Ty } {
    const made = this.place(place);
    return { place: made, ty: this.placeTy };
  }

  // ---- operands

  operand(operand: text.Operand, expected: Ty | undefined): Operand {
    switch (operand.kind) {
      case "copy":
        return { kind: "copy", place: this.place(operand.place) };
      case "move":
        return { kind: "move", place: this.place(operand.place) };
      case "const":
        return { kind: "const", value: resolveConst(this.scope, operand.value, expected) };
      case "runtimeChecks":
        throw unsupportedIn(this.scope, `\`${operand.name}\` as an operand`);
    }
  }

  operands(operands: readonly text.Operand[], expected: readonly Ty[] | undefined): Operand[] {
    const out: Operand[] = new Array(operands.length);
    for (let i = 0; i < operands.length; i++) out[i] = this.operand(operands[i]!, expected?.[i]);
    return out;
  }
}
