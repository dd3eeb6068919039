/**
 * Runs drop and clone glue on values that are trees, to see what is dropped, in which order, and where an unwinding ends.
 *
 * This is a walk over bodies of the few forms that shims are made of. It shares nothing with the builders of these bodies but MIR's meaning:
 * a `drop` terminator runs the glue of the place's type, a call of `Drop::drop` is an event, and an event may panic.
 */

import { bug } from "../../../entity/entity.ts";
import { placeTy } from "../../../mir/place-ty.ts";
import type { Body, Operand, Place, Rvalue, UnwindAction } from "../../../mir/syntax.ts";
import type { Ty, TyCtxt } from "../../../mir/ty.ts";

/** A value: what it is made of, a pointer to one, or an integer. `id` tells values apart that have a `Drop` impl. */
export type Value =
  | { readonly kind: "tree"; readonly id: number; readonly variant: number; parts: (Value | undefined)[] }
  | { readonly kind: "pointer"; readonly to: Cell }
  | { readonly kind: "int"; readonly bits: bigint };

/** Where a value is. */
export interface Cell {
  value: Value | undefined;
}

export interface GlueWorld {
  readonly tcx: TyCtxt;
  /** The drop glue of a type; `undefined` when it has none. */
  readonly glueOf: (ty: Ty) => Body | undefined;
  /** Called when the function is called; answers its result, and throws `Unwinding` for a panic. */
  readonly call: (args: readonly Value[], func: Operand) => Value | undefined;
}

/** A panic on its way up. */
export class Unwinding extends Error {}
/** A panic in a cleanup. */
export class Terminated extends Error {}

/** Runs `body` with `args`. Throws `Unwinding` when it unwinds. */
export function runBody(world: GlueWorld, body: Body, args: readonly Value[]): Value | undefined {
  const locals: Cell[] = body.locals.map((_, i) => ({ value: i > 0 && i <= body.argCount ? args[i - 1] : undefined }));
  const frame = new Frame(world, body, locals);
  let block = 0;
  for (let steps = 0; steps < 10_000; steps++) {
    const data = body.blocks[block];
    if (data === undefined) throw bug(`no block ${block}`);
    for (const statement of data.statements) {
      if (statement.kind === "assign") frame.store(statement.place, frame.rvalue(statement.rvalue));
    }
    const { terminator } = data;
    switch (terminator.kind) {
      case "goto":
        block = terminator.target;
        break;
      case "return":
        return locals[0]!.value;
      case "unwindResume":
        throw new Unwinding();
      case "switchInt": {
        const bits = intOf(frame.operand(terminator.discr));
        const at = terminator.values.indexOf(bits);
        block = at < 0 ? (terminator.otherwise ?? -1) : terminator.targets[at]!;
        break;
      }
      case "drop":
        block = frame.guarded(terminator.unwind, terminator.target, () => frame.drop(terminator.place));
        break;
      case "call": {
        const operands = terminator.args.map((arg) => frame.operand(arg));
        block = frame.guarded(terminator.unwind, terminator.target ?? -1, () => {
          frame.store(terminator.destination, world.call(operands, terminator.func));
        });
        break;
      }
      default:
        throw bug(`a terminator ${terminator.kind}`);
    }
  }
  throw new Error("the glue does not end");
}

function intOf(value: Value): bigint {
  if (value.kind !== "int") throw bug("an integer was expected");
  return value.bits;
}

class Frame {
  private readonly world: GlueWorld;
  private readonly body: Body;
  private readonly locals: readonly Cell[];

  constructor(world: GlueWorld, body: Body, locals: readonly Cell[]) {
    this.world = world;
    this.body = body;
    this.locals = locals;
  }

  /** Where `place` is: a local, or a part of a tree. */
  private cell({ local, projection }: Place): Cell {
    let cell: Cell = this.locals[local]!;
    for (const elem of projection) {
      const { value } = cell;
      if (elem.kind === "downcast") continue;
      if (elem.kind === "deref") {
        if (value?.kind !== "pointer") throw bug("a pointer was expected");
        cell = value.to;
        continue;
      }
      const index = elem.kind === "field" ? elem.index : Number(this.index(elem));
      cell = partOf(cell, index);
    }
    return cell;
  }

  private index(elem: Place["projection"][number]): bigint {
    if (elem.kind !== "index") throw bug(`a projection ${elem.kind}`);
    return intOf(this.locals[elem.local]!.value ?? bug0());
  }

  store(place: Place, value: Value | undefined): void {
    this.cell(place).value = value;
  }

  operand(operand: Operand): Value {
    if (operand.kind === "const") {
      if (operand.value.kind !== "scalar") throw bug(`a constant ${operand.value.kind}`);
      return { kind: "int", bits: operand.value.bits };
    }
    const cell = this.cell(operand.place);
    const { value } = cell;
    if (value === undefined) throw new Error("a value that is not there is read");
    if (operand.kind === "move") cell.value = undefined;
    return value;
  }

  rvalue(rvalue: Rvalue): Value {
    switch (rvalue.kind) {
      case "use":
      case "cast":
        return this.operand(rvalue.operand);
      case "ref":
      case "rawPtr":
        return { kind: "pointer", to: this.cell(rvalue.place) };
      case "discriminant": {
        const { value } = this.cell(rvalue.place);
        if (value?.kind !== "tree") throw bug("a discriminant of no tree");
        return { kind: "int", bits: BigInt(value.variant) };
      }
      case "unary": {
        const pointer = this.operand(rvalue.operand);
        if (pointer.kind !== "pointer" || pointer.to.value?.kind !== "tree") throw bug("the length of no slice");
        return { kind: "int", bits: BigInt(pointer.to.value.parts.length) };
      }
      case "binary": {
        const [left, right] = [intOf(this.operand(rvalue.left)), intOf(this.operand(rvalue.right))];
        return { kind: "int", bits: rvalue.op === "Add" ? left + right : left === right ? 1n : 0n };
      }
      default:
        throw bug(`an rvalue ${rvalue.kind}`);
    }
  }

  drop(place: Place): void {
    const cell = this.cell(place);
    if (cell.value === undefined) throw new Error("a value that is not there is dropped");
    const glue = this.world.glueOf(placeTy(this.body, place, this.world.tcx).ty);
    if (glue !== undefined) runBody(this.world, glue, [{ kind: "pointer", to: cell }]);
  }

  /** Does `work` and answers where control goes on. */
  guarded(unwind: UnwindAction, target: number, work: () => void): number {
    try {
      work();
      return target;
    } catch (error) {
      if (!(error instanceof Unwinding)) throw error;
      if (unwind.kind === "cleanup") return unwind.block;
      if (unwind.kind === "terminate") throw new Terminated();
      throw error;
    }
  }
}

function bug0(): never {
  throw bug("an index that is not there");
}

const cells = new WeakMap<object, Cell[]>();

/** The cell of part `index` of the tree in `cell`, the same each time; a tree comes to be when its first part is asked for. */
function partOf(cell: Cell, index: number): Cell {
  cell.value ??= { kind: "tree", id: -1, variant: 0, parts: [] };
  const { value } = cell;
  if (value.kind !== "tree") throw bug("a part of no tree");
  let own = cells.get(value);
  if (own === undefined) {
    own = [];
    cells.set(value, own);
  }
  own[index] ??= {
    get value() {
      return value.parts[index];
    },
    set value(next: Value | undefined) {
      value.parts[index] = next;
    },
  };
  return own[index];
}
