/**
 * Seasoning: rewrites of a program that change nothing that it observes, and give passes something to do that generated programs seldom have.
 *
 * A generated program has no drops of what needs none, no landing pads that do nothing, no unreachable blocks, and reads a value where
 * it is. A *detour* is one such thing put into a body at random: a longer way to the same. The interpreter checks a seasoned program as it
 * checks one after passes, against what the program did as it was generated.
 */

import {
  type BasicBlock,
  type BasicBlockData,
  type Body,
  DUMMY_SP,
  type FnItem,
  type Local,
  type LocalDecl,
  type Operand,
  type Place,
  type Program,
  type Rvalue,
  type Statement,
  type Terminator,
  TY_BOOL,
  TY_ISIZE,
  TY_U8,
  type Ty,
  type TyCtxt,
} from "../../codegen/index.ts";
import { Rng } from "../generate/rng.ts";
import { type DetourCx, matchTwo, measureSlice, moveWide } from "./season-detours.ts";
import { assign, constBool, constU8, goto, switchOn } from "./season-nodes.ts";

/** Of 100 places where a detour fits, how many get it. */
const SHARE = 25;
const SEASON_STREAM = 2_000;

/** Bodies of `program`'s functions with detours in them; functions that got none are not listed. */
export function seasonProgram(program: Program, seed: number): ReadonlyMap<FnItem, Body> {
  const bodies = new Map<FnItem, Body>();
  const rng = new Rng(seed, SEASON_STREAM);
  for (const item of program.functions) {
    if (item.body === undefined) continue;
    const body = new Seasoner(item.body, program.tcx, rng).run();
    if (body !== item.body) bodies.set(item, body);
  }
  return bodies;
}

interface OpenBlock {
  statements: Statement[];
  terminator: Terminator;
  isCleanup: boolean;
}

class Seasoner implements DetourCx {
  private readonly old: Body;
  readonly tcx: TyCtxt;
  readonly rng: Rng;
  private readonly locals: LocalDecl[];
  private readonly blocks: OpenBlock[];
  private changed = false;

  constructor(body: Body, tcx: TyCtxt, rng: Rng) {
    this.old = body;
    this.tcx = tcx;
    this.rng = rng;
    this.locals = [...body.locals];
    this.blocks = body.blocks.map((block) => ({ ...block, statements: [...block.statements] }));
  }

  run(): Body {
    const { length } = this.blocks;
    for (let at = 0; at < length; at++) {
      const block = this.blocks[at]!;
      block.statements = block.statements.flatMap((statement) => this.statement(statement));
      this.terminator(block);
    }
    // A local that nothing mentions.
    if (this.here()) this.local(TY_U8);
    if (!this.changed) return this.old;
    return { locals: this.locals, argCount: this.old.argCount, blocks: this.blocks as readonly BasicBlockData[] };
  }

  private here(): boolean {
    const yes = this.rng.chance(SHARE);
    if (yes) this.changed = true;
    return yes;
  }

  local(ty: Ty): Local {
    this.locals.push({ ty, mutability: "mut" });
    return (this.locals.length - 1) as Local;
  }

  block(statements: Statement[], terminator: Terminator, isCleanup = false): BasicBlock {
    this.blocks.push({ statements, terminator, isCleanup });
    return (this.blocks.length - 1) as BasicBlock;
  }

  /** A scalar is read through a pointer, or by way of another local. */
  private statement(statement: Statement): Statement[] {
    if (statement.kind !== "assign" || statement.rvalue.kind !== "use") return [statement];
    const { operand } = statement.rvalue;
    if (operand.kind !== "copy" || operand.place.projection.length > 0) return [statement];
    const { ty } = this.locals[operand.place.local]!;
    if (!isScalar(ty) || !this.here()) return [statement];
    const read = this.rng.chance(50) ? this.throughPointer(operand.place, ty) : this.throughCopy(operand, ty);
    return [...read.before, { ...statement, rvalue: { kind: "use", operand: read.operand } }];
  }

  private throughPointer(place: Place, ty: Ty): { before: Statement[]; operand: Operand } {
    const raw = this.rng.chance(50);
    const pointer = this.local(raw ? this.tcx.ptr("not", ty) : this.tcx.ref("not", ty));
    const made: Rvalue = { kind: raw ? "rawPtr" : "ref", mutability: "not", place };
    return {
      before: [assign(pointer, made)],
      operand: { kind: "copy", place: { local: pointer, projection: [{ kind: "deref" }] } },
    };
  }

  private throughCopy(operand: Operand, ty: Ty): { before: Statement[]; operand: Operand } {
    const between = this.local(ty);
    const before = [assign(between, { kind: "use", operand })];
    if (this.rng.chance(50)) before.unshift({ kind: "nop", span: DUMMY_SP });
    return {
      before,
      operand: { kind: this.rng.chance(50) ? "move" : "copy", place: { local: between, projection: [] } },
    };
  }

  private terminator(block: OpenBlock): void {
    const { terminator } = block;
    if (terminator.kind === "goto") {
      if (this.here()) this.detour(block, terminator.target);
    } else if (terminator.kind === "switchInt") {
      if (!this.here()) return;
      const last = block.statements.at(-1);
      const ofEnum = last?.kind === "assign" && last.rvalue.kind === "discriminant";
      if (!ofEnum && this.rng.chance(50)) this.switchTwice(block, terminator);
      else this.deadOtherwise(block, terminator);
    } else if ("unwind" in terminator && terminator.unwind.kind === "continue" && !block.isCleanup && this.here()) {
      const pad = this.block([], { kind: "unwindResume", span: DUMMY_SP }, true);
      block.terminator = { ...terminator, unwind: { kind: "cleanup", block: pad } };
    }
  }

  /** A jump that takes a longer way. */
  private detour(block: OpenBlock, target: BasicBlock): void {
    const { isCleanup } = block;
    switch (this.rng.below(8)) {
      case 0:
        block.terminator = goto(this.block([], goto(target), isCleanup));
        break;
      case 1:
        this.dropNothing(block, target);
        break;
      case 2: {
        const dead = this.block([], { kind: "unreachable", span: DUMMY_SP }, isCleanup);
        const known = this.local(TY_U8);
        const value = this.rng.below(2);
        block.statements.push(assign(known, { kind: "use", operand: constU8(value) }));
        block.terminator = switchOn(
          known,
          BigInt(value),
          target,
          this.rng.chance(50) ? dead : this.block([], goto(dead), isCleanup),
        );
        break;
      }
      case 3:
        this.diamond(block, target);
        break;
      case 4:
        this.matchSome(block, target);
        break;
      case 5:
        moveWide(this, { block, target });
        break;
      case 6:
        measureSlice(this, { block, target });
        break;
      default:
        matchTwo(this, { block, target });
    }
  }

  private dropNothing(block: OpenBlock, target: BasicBlock): void {
    const place = { local: this.local(TY_U8), projection: [] };
    block.statements.push(assign(place.local, { kind: "use", operand: constU8(7) }));
    const unwind = block.isCleanup
      ? ({ kind: "terminate", reason: "cleanup" } as const)
      : ({ kind: "continue" } as const);
    block.terminator = { kind: "drop", place, target, unwind, span: DUMMY_SP };
  }

  /** An `Option` that is `Some` is asked what it is. */
  private matchSome(block: OpenBlock, target: BasicBlock): void {
    const { tcx } = this;
    const def = tcx.adts.get("std::option::Option")!;
    const ty = tcx.adt(def, [TY_U8]);
    const [option, discr] = [this.local(ty), this.local(TY_ISIZE)];
    const some: Rvalue = {
      kind: "aggregate",
      aggregate: { kind: "adt", ty, def, variant: 1 },
      operands: [constU8(this.rng.below(256))],
    };
    const place = { local: option, projection: [] };
    block.statements.push(assign(option, some), assign(discr, { kind: "discriminant", place }));
    const never = this.block([], goto(target), block.isCleanup);
    const operand: Operand = { kind: "move", place: { local: discr, projection: [] } };
    const targets = [never, target];
    block.terminator = {
      kind: "switchInt",
      discr: operand,
      values: [0n, 1n],
      targets,
      otherwise: never,
      span: DUMMY_SP,
    };
  }

  /** Two ways store a `bool` each, and behind where they meet it is looked at once more. */
  private diamond(block: OpenBlock, target: BasicBlock): void {
    const { isCleanup } = block;
    const [first, second] = [this.local(TY_U8), this.local(TY_BOOL)];
    block.statements.push(assign(first, { kind: "use", operand: constU8(this.rng.below(3)) }));
    const meet = this.block([], goto(target), isCleanup);
    if (this.rng.chance(60)) {
      const other = this.block([], goto(target), isCleanup);
      this.blocks[meet]!.terminator = switchOn(second, 0n, other, target);
    }
    const way = (value: boolean): BasicBlock =>
      this.block([assign(second, { kind: "use", operand: constBool(value) })], goto(meet), isCleanup);
    block.terminator = switchOn(first, BigInt(this.rng.below(3)), way(true), way(false));
  }

  /** What no value leads to leads somewhere. */
  private deadOtherwise(block: OpenBlock, terminator: Extract<Terminator, { kind: "switchInt" }>): void {
    const { otherwise, targets } = terminator;
    if (otherwise === undefined || targets.length === 0) return;
    if (this.blocks[otherwise]!.terminator.kind === "unreachable")
      block.terminator = { ...terminator, otherwise: this.rng.pick(targets) };
  }

  /** In one arm of a switch, the value is looked at again. */
  private switchTwice(block: OpenBlock, terminator: Extract<Terminator, { kind: "switchInt" }>): void {
    const { discr, values, targets, otherwise } = terminator;
    if (discr.kind === "const" || values.length === 0 || otherwise === undefined) return;
    const { place } = discr;
    const ty = place.projection.length === 0 ? this.locals[place.local]!.ty : undefined;
    if (ty === undefined) return;
    const kept = this.local(ty);
    block.statements.push(assign(kept, { kind: "use", operand: discr }));
    const at = this.rng.below(values.length);
    const again = this.block([], switchOn(kept, values[at]!, targets[at]!, otherwise), block.isCleanup);
    const operand: Operand = { kind: "copy", place: { local: kept, projection: [] } };
    block.terminator = { ...terminator, discr: operand, targets: targets.map((t, i) => (i === at ? again : t)) };
  }
}

function isScalar(ty: Ty): boolean {
  return ty.kind === "int" || ty.kind === "uint" || ty.kind === "bool" || ty.kind === "char" || ty.kind === "float";
}
