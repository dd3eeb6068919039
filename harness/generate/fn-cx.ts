/**
 * The state of one function while it is generated: its blocks, its variables and what may be done with each of them now.
 *
 * A *variable* is a local that is initialised from its definition to the end of its scope. An *entry* is a place inside a variable, or
 * behind a pointer variable, listed under its type in a pool, so that choosing an operand of a type costs one draw.
 *
 * How undefined behaviour is kept out:
 * - Code is structured, so that a variable's scope is dominated by its definition. Nothing in a pool is ever uninitialised.
 * - Borrows are lexical. While a `&` to a variable is in scope the variable is *frozen* (not written); while a `&mut` is, it is *locked*
 *   (not touched but through the reference). Raw pointers and their targets mix freely, as they share the target's provenance; where a
 *   policy keeps to Stacked Borrows, what raw pointers point to is written through them alone.
 * - A variable that holds pointers is assigned once, and its targets live in the same or an outer scope.
 * - What is moved from was defined in the innermost scope and never had its address taken, so that no loop comes back to it.
 */

import {
  type BasicBlock,
  type BasicBlockData,
  type Body,
  bug,
  DUMMY_SP,
  type FnItem,
  type Local,
  type LocalDecl,
  type Operand,
  type Place,
  type PlaceElem,
  type Rvalue,
  type Statement,
  type Terminator,
  type Ty,
  type UnwindAction,
} from "../../codegen/index.ts";
import type { ProgramItems } from "./items.ts";
import type { DrawnPolicy } from "./policies.ts";
import type { Rng } from "./rng.ts";
import type { TypeInfo, Universe } from "./types.ts";

export interface Var {
  readonly local: Local;
  readonly info: TypeInfo;
  /** The number of scopes around it. */
  readonly depth: number;
  /** Times read since it was last written. */
  uses: number;
  /** Random code may write it. */
  mutable: boolean;
  /** `&`s and `&mut`s to it that are in scope. */
  frozen: number;
  locked: number;
  /** Raw pointers to it that are in scope and that a write past them would end: Stacked Borrows alone counts them. */
  rawed: number;
  /** Moved from. */
  dead: boolean;
  /** Its address was taken. */
  addressed: boolean;
  /** What its pointers may point to; empty for what holds none, and for a parameter's. */
  readonly targets: readonly Var[];
  readonly isParam: boolean;
}

/** How an entry's place is reached: directly, or through a pointer of this kind. */
export type Access = "direct" | "sharedRef" | "mutRef" | "constPtr" | "mutPtr";

export interface Entry {
  readonly v: Var;
  readonly info: TypeInfo;
  readonly place: Place;
  readonly copy: Operand;
  readonly access: Access;
  readonly packed: boolean;
}

interface Scope {
  readonly vars: Var[];
  /** The pools that got an entry in this scope, in order. */
  readonly log: Entry[][];
  readonly frozen: Var[];
  readonly locked: Var[];
  readonly rawed: Var[];
  readonly storage: Local[];
  /** What is dropped at its end, and on every way out of it. */
  readonly drops: PendingDrop[];
}

/** A drop that is due; when it unwinds itself, it goes on in `unwind`. */
interface PendingDrop {
  readonly place: Place;
  readonly unwind: UnwindAction;
}

interface OpenBlock {
  readonly statements: Statement[];
  terminator: Terminator | undefined;
  readonly isCleanup: boolean;
}

/** The unwind action of code outside of all drop scopes. */
export const CONTINUE: UnwindAction = { kind: "continue" };

/** An enclosing loop, as far as code in its body may leave or go on with it. */
export interface LoopCx {
  readonly exit: BasicBlock;
  readonly latch: BasicBlock;
  /** Scopes that are open around its body. */
  readonly depth: number;
}

/** A function that was generated, as its callers see it. */
export interface GeneratedFn {
  readonly item: FnItem;
  /** Executed statements of one call, estimated. */
  readonly cost: number;
  /** It calls nothing, so that a pointer to it may be called from anywhere. */
  readonly isLeaf: boolean;
  /** Its first parameter counts its recursion down: callers pass less than this. */
  readonly fuelLimit: number | undefined;
}

/** The function under generation may call itself `left` times more, with less fuel. */
export interface RecursionCx {
  readonly item: FnItem;
  readonly fuel: Local;
  left: number;
}

/** What is shared by the functions of one program. */
export interface ProgramCx {
  readonly rng: Rng;
  readonly drawn: DrawnPolicy;
  readonly types: Universe;
  /** The tag of the next `observe`. */
  nextTag: number;
  /** What it has beside functions and types that variables are made of. */
  readonly items: ProgramItems;
  /** Runs `count` random actions. */
  readonly act: (cx: FnCx, count: number) => void;
}

export class FnCx {
  readonly rng: Rng;
  readonly drawn: DrawnPolicy;
  readonly types: Universe;
  /** Functions that may be called from here. */
  readonly callees: readonly GeneratedFn[];
  readonly locals: LocalDecl[] = [];
  readonly loops: LoopCx[] = [];
  /** Statements that are still to be made. */
  room = 0;
  /** How often the code that is being made runs, and what all of it costs, in executed statements. */
  multiplicity = 1;
  cost = 0;
  readonly maxCost: number;
  nesting = 0;
  recursion: RecursionCx | undefined;
  /** While positive, nothing is moved: an operand is held for later. */
  pinned = 0;
  /** A loop was made. */
  hasLoop = false;
  /** A call was made. */
  calls = false;
  /** Where calls and assertions unwind to. */
  unwind: UnwindAction = CONTINUE;
  /** New blocks are cleanup blocks. */
  inCleanup = false;
  readonly program: ProgramCx;
  readonly ret: TypeInfo;
  private readonly blocks: OpenBlock[] = [];
  private current: OpenBlock;
  private readonly scopes: Scope[] = [];
  private readonly pools: Entry[][] = [];
  private last: Entry | undefined;

  constructor(program: ProgramCx, callees: readonly GeneratedFn[], ret: Ty, maxCost: number) {
    this.program = program;
    this.rng = program.rng;
    this.drawn = program.drawn;
    this.types = program.types;
    this.callees = callees;
    this.maxCost = maxCost;
    this.ret = this.types.info(ret);
    this.locals.push({ ty: ret, mutability: "mut" });
    this.newBlock();
    this.current = this.blocks[0]!;
    this.openScope();
  }

  // ---- blocks

  newBlock(isCleanup: boolean = this.inCleanup): BasicBlock {
    return (this.blocks.push({ statements: [], terminator: undefined, isCleanup }) - 1) as BasicBlock;
  }

  /** Goes on in `block`. The block before must have its terminator. */
  enter(block: BasicBlock): void {
    if (this.current.terminator === undefined) throw bug("a block without terminator was left");
    this.current = this.blocks[block]!;
  }

  terminate(terminator: Terminator): void {
    if (this.current.terminator !== undefined) throw bug("a block with two terminators");
    this.current.terminator = terminator;
    this.cost += this.multiplicity;
  }

  goto(target: BasicBlock): void {
    this.terminate({ kind: "goto", target, span: DUMMY_SP });
  }

  /** Goes on in `target` after a jump there. */
  fallInto(target: BasicBlock): void {
    this.goto(target);
    this.enter(target);
  }

  assign(place: Place, rvalue: Rvalue): void {
    this.statement({ kind: "assign", place, rvalue, span: DUMMY_SP });
  }

  statement(statement: Statement): void {
    this.current.statements.push(statement);
    this.room--;
    this.cost += this.multiplicity;
  }

  finish(argCount: number): Body {
    const blocks: BasicBlockData[] = [];
    for (const block of this.blocks) {
      if (block.terminator === undefined) throw bug("a block was left open");
      blocks.push({ statements: block.statements, terminator: block.terminator, isCleanup: block.isCleanup });
    }
    return { locals: this.locals, argCount, blocks };
  }

  // ---- scopes

  get depth(): number {
    return this.scopes.length;
  }

  openScope(): void {
    this.scopes.push({ vars: [], log: [], frozen: [], locked: [], rawed: [], storage: [], drops: [] });
  }

  /** Ends the innermost scope: its variables leave the pools, its borrows end, its storage dies. */
  closeScope(): void {
    this.deadStorage(this.scopes.length - 1);
    const scope = this.scopes.pop()!;
    for (const pool of scope.log) pool.pop();
    for (const v of scope.frozen) v.frozen--;
    for (const v of scope.locked) v.locked--;
    for (const v of scope.rawed) v.rawed--;
  }

  /** Drops what is dropped at the end of the innermost scope, from now on. */
  dropAtEnd(place: Place, unwind: UnwindAction): void {
    this.scopes[this.scopes.length - 1]!.drops.push({ place, unwind });
  }

  /** All drops that are due, for a return from where they are. */
  dropAll(): void {
    for (let i = this.scopes.length - 1; i >= 0; i--) this.dropScope(this.scopes[i]!);
  }

  private dropScope({ drops }: Scope): void {
    for (let k = drops.length - 1; k >= 0; k--) this.drop(drops[k]!.place, drops[k]!.unwind);
  }

  /** A drop terminator; goes on behind it. */
  drop(place: Place, unwind: UnwindAction = this.unwind): void {
    const target = this.newBlock();
    this.terminate({ kind: "drop", place, target, unwind, span: DUMMY_SP });
    this.enter(target);
  }

  /** Drops, and ends the storage of, what the scopes from `depth` in hold: what a jump out of them needs. */
  deadStorage(depth: number): void {
    for (let i = this.scopes.length - 1; i >= depth; i--) {
      this.dropScope(this.scopes[i]!);
      const { storage } = this.scopes[i]!;
      for (let k = storage.length - 1; k >= 0; k--)
        this.statement({ kind: "storageDead", local: storage[k]!, span: DUMMY_SP });
    }
  }

  /** The variables of the innermost scope. */
  scopeVars(): readonly Var[] {
    return this.scopes[this.scopes.length - 1]!.vars;
  }

  freeze(v: Var): void {
    v.frozen++;
    this.scopes[this.scopes.length - 1]!.frozen.push(v);
  }

  lock(v: Var): void {
    v.locked++;
    this.scopes[this.scopes.length - 1]!.locked.push(v);
  }

  /** A raw pointer to `v` is made, for the rest of the scope. */
  pointAt(v: Var): void {
    if (this.drawn.policy.aliasing === "tree") return;
    v.rawed++;
    this.scopes[this.scopes.length - 1]!.rawed.push(v);
  }

  // ---- variables

  /** A local that is in no pool yet. */
  newLocal(ty: Ty): Local {
    return (this.locals.push({ ty, mutability: "mut" }) - 1) as Local;
  }

  /** A new local with StorageLive here and StorageDead at the end of the scope, sometimes. */
  newScopedLocal(ty: Ty): Local {
    const local = this.newLocal(ty);
    if (this.rng.chance(this.drawn.policy.chances.storage)) {
      this.statement({ kind: "storageLive", local, span: DUMMY_SP });
      this.scopes[this.scopes.length - 1]!.storage.push(local);
    }
    return local;
  }

  /** Puts an initialised local into the pools. */
  define(local: Local, ty: Ty, options: { mutable?: boolean; targets?: readonly Var[]; isParam?: boolean } = {}): Var {
    const info = this.types.info(ty);
    const { mutable = true, targets = NO_TARGETS, isParam = false } = options;
    const v: Var = {
      local,
      info,
      depth: this.scopes.length,
      uses: 0,
      mutable,
      frozen: 0,
      locked: 0,
      rawed: 0,
      dead: false,
      addressed: false,
      targets,
      isParam,
    };
    this.scopes[this.scopes.length - 1]!.vars.push(v);
    this.list(v, NO_PROJECTION, info, "direct", false);
    for (const leaf of info.leaves) this.list(v, leaf.projection, leaf.info, "direct", leaf.packed);
    if (ty.kind === "ref" || ty.kind === "ptr") this.listPointee(v, ty.pointee, accessOf(ty));
    return v;
  }

  private listPointee(v: Var, pointee: Ty, access: Access): void {
    const info = this.types.info(pointee);
    this.list(v, DEREF, info, access, false);
    for (const leaf of info.leaves) this.list(v, [DEREF[0]!, ...leaf.projection], leaf.info, access, leaf.packed);
  }

  /** Adds a place to the pools for the rest of the scope. */
  list(v: Var, projection: readonly PlaceElem[], info: TypeInfo, access: Access, packed: boolean): void {
    const place: Place = { local: v.local, projection };
    const pool = this.pool(info);
    pool.push({ v, info, place, copy: { kind: "copy", place }, access, packed });
    this.scopes[this.scopes.length - 1]!.log.push(pool);
  }

  /** The entries of a type, outermost scope first. */
  pool(info: TypeInfo): Entry[] {
    let pool = this.pools[info.index];
    if (pool === undefined) {
      pool = [];
      this.pools[info.index] = pool;
    }
    return pool;
  }

  /** A readable entry of this type, recent and little used ones first. */
  choose(info: TypeInfo, fits: (entry: Entry) => boolean = canRead): Entry | undefined {
    const pool = this.pools[info.index];
    if (pool === undefined || pool.length === 0) return undefined;
    let best: Entry | undefined;
    for (let tries = 0; tries < 4; tries++) {
      const r = this.rng.next() / 4294967296;
      const entry = pool[pool.length - 1 - Math.floor(pool.length * (tries === 3 ? r : r * r))]!;
      // The operand that was chosen last is left aside: `x - x` tells little.
      if (entry === this.last && tries < 3) continue;
      if (fits(entry) && (best === undefined || entry.v.uses < best.v.uses)) best = entry;
      if (best !== undefined && (best.v.uses === 0 || tries > 1)) break;
    }
    this.last = best;
    return best;
  }

  /** Makes up to `count` more actions. */
  act(count: number): void {
    this.program.act(this, count);
  }

  get exhausted(): boolean {
    return this.room <= 0 || this.cost > this.maxCost;
  }
}

const NO_TARGETS: readonly Var[] = [];
const NO_PROJECTION: readonly PlaceElem[] = [];
const DEREF: readonly PlaceElem[] = [{ kind: "deref" }];

function accessOf(ty: Extract<Ty, { kind: "ref" | "ptr" }>): Access {
  if (ty.kind === "ref") return ty.mutability === "mut" ? "mutRef" : "sharedRef";
  return ty.mutability === "mut" ? "mutPtr" : "constPtr";
}

/** Reading the place is sound now. */
export function canRead(entry: Entry): boolean {
  const { v } = entry;
  if (v.dead || v.locked > 0) return false;
  if (entry.access !== "mutPtr" && entry.access !== "constPtr") return true;
  for (const target of v.targets) if (target.locked > 0) return false;
  return true;
}

/** Writing the place is sound now, and random code may do so. */
export function canWrite(entry: Entry): boolean {
  const { v } = entry;
  if (v.dead || v.locked > 0 || v.frozen > 0 || entry.info.hasPointer) return false;
  switch (entry.access) {
    case "direct":
      return v.mutable && v.rawed === 0;
    case "mutRef":
      return true;
    case "mutPtr":
      for (const target of v.targets) if (target.locked > 0 || target.frozen > 0 || !target.mutable) return false;
      return true;
    default:
      return false;
  }
}

/** The variables whose borrow state guards the place: itself, or what a raw pointer points to. */
export function roots(entry: Entry): readonly Var[] {
  return entry.access === "mutPtr" || entry.access === "constPtr" ? entry.v.targets : [entry.v];
}
