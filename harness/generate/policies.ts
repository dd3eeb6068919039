/**
 * Policies: what the generator does, how often, as data.
 *
 * An *action* adds one shape of code to a body (`actions.ts` binds the names to functions). A policy gives each action and each scalar type
 * a weight, and sets the chances and sizes of the rest. Every program draws its own subset of a policy (*swarm testing*: Groce et al.,
 * ISSTA 2012), since programs that lack some features exercise the others more deeply.
 */

import { SCALAR_TYPES } from "./constants.ts";
import { type Rng, type WeightTable, weightTable } from "./rng.ts";

export type ActionName =
  | "intBinary"
  | "shift"
  | "divRem"
  | "withOverflow"
  | "unchecked"
  | "compare"
  | "threeWay"
  | "unaryOp"
  | "boolLogic"
  | "floatBinary"
  | "cast"
  | "castChain"
  | "transmute"
  | "bitTrick"
  | "divConst"
  | "commonSubexpression"
  | "hashMix"
  | "pressure"
  | "deadStore"
  | "assume"
  | "makeAggregate"
  | "copyAggregate"
  | "indexRead"
  | "indexWrite"
  | "enumMatch"
  | "enumUpdate"
  | "overwrite"
  | "borrowShared"
  | "borrowMut"
  | "rawPointer"
  | "pointerOffset"
  | "punnedRead"
  | "pointerWalk"
  | "aliasedStores"
  | "redundantLoads"
  | "optionRef"
  | "pointerCompare"
  | "ifElse"
  | "select"
  | "switchDense"
  | "switchSparse"
  | "compareChain"
  | "countedLoop"
  | "exitLoop"
  | "earlyReturn"
  | "unreachableArm"
  | "guardedDivision"
  | "callDirect"
  | "callIndirect"
  | "observeNow";

export interface Policy {
  readonly name: string;
  readonly actions: Readonly<Record<ActionName, number>>;
  /** Weights of scalar types, by their text. */
  readonly scalars: Readonly<Record<string, number>>;
  /** Chances in percent. */
  readonly chances: {
    /** An action is left out of a program / is made four times as likely in it. */
    readonly swarmOff: number;
    readonly swarmBoost: number;
    /** A scalar operand is a constant. */
    readonly constant: number;
    /** A result is stored into an existing place instead of a new local. */
    readonly store: number;
    /** A new local has StorageLive and StorageDead. */
    readonly storage: number;
    /** An operand that dies here is moved. */
    readonly move: number;
    /** A guard is an assertion that can fail. */
    readonly assertion: number;
    readonly recursiveFn: number;
    readonly duplicateFn: number;
    readonly aggregateParam: number;
    readonly pointerParam: number;
  };
  /** Statements of a program, roughly. */
  readonly size: number;
  readonly inputs: readonly [low: number, high: number];
  /** Executed statements of one entry point, at most (estimated from trip counts). */
  readonly maxCost: number;
}

export const DEFAULT_POLICY: Policy = {
  name: "default",
  actions: {
    intBinary: 90,
    shift: 30,
    divRem: 26,
    withOverflow: 24,
    unchecked: 22,
    compare: 30,
    threeWay: 9,
    unaryOp: 20,
    boolLogic: 10,
    floatBinary: 26,
    cast: 44,
    castChain: 10,
    transmute: 18,
    bitTrick: 24,
    divConst: 12,
    commonSubexpression: 14,
    hashMix: 12,
    pressure: 5,
    deadStore: 6,
    assume: 3,
    makeAggregate: 34,
    copyAggregate: 10,
    indexRead: 18,
    indexWrite: 16,
    enumMatch: 22,
    enumUpdate: 8,
    overwrite: 16,
    borrowShared: 12,
    borrowMut: 12,
    rawPointer: 14,
    pointerOffset: 10,
    punnedRead: 7,
    pointerWalk: 7,
    aliasedStores: 12,
    redundantLoads: 9,
    optionRef: 9,
    pointerCompare: 5,
    ifElse: 20,
    select: 16,
    switchDense: 11,
    switchSparse: 8,
    compareChain: 6,
    countedLoop: 36,
    exitLoop: 8,
    earlyReturn: 2,
    unreachableArm: 4,
    guardedDivision: 8,
    callDirect: 26,
    callIndirect: 10,
    observeNow: 8,
  },
  scalars: {
    bool: 3,
    char: 3,
    i8: 6,
    i16: 6,
    i32: 9,
    i64: 9,
    i128: 6,
    isize: 4,
    u8: 7,
    u16: 6,
    u32: 9,
    u64: 9,
    u128: 6,
    usize: 5,
    f32: 5,
    f64: 6,
  },
  chances: {
    swarmOff: 22,
    swarmBoost: 12,
    constant: 14,
    store: 34,
    storage: 40,
    move: 45,
    assertion: 4,
    recursiveFn: 28,
    duplicateFn: 18,
    aggregateParam: 30,
    pointerParam: 25,
  },
  size: 50,
  inputs: [2, 4],
  maxCost: 2500,
};

/** A policy as one program uses it. */
export interface DrawnPolicy {
  readonly policy: Policy;
  readonly actions: WeightTable;
  /** The scalar types of this program's variables, some more than once. */
  readonly scalars: WeightTable;
}

export const ACTION_NAMES: readonly ActionName[] = Object.keys(DEFAULT_POLICY.actions) as ActionName[];

/** The actions that no program may lack: without them code has no depth. */
const ESSENTIAL: ReadonlySet<ActionName> = new Set<ActionName>(["intBinary", "cast", "compare"]);

/** One program's subset of `policy`. */
export function drawPolicy(policy: Policy, rng: Rng): DrawnPolicy {
  const { swarmOff, swarmBoost } = policy.chances;
  const actions = ACTION_NAMES.map((name) => {
    const roll = rng.below(100);
    if (roll < swarmOff && !ESSENTIAL.has(name)) return 0;
    return policy.actions[name] * (roll >= 100 - swarmBoost ? 4 : 1);
  });
  return { policy, actions: weightTable(actions), scalars: drawScalars(policy, rng) };
}

function drawScalars(policy: Policy, rng: Rng): WeightTable {
  const all = weightTable(SCALAR_TYPES.map((ty) => policy.scalars[ty.text] ?? 0));
  const drawn: number[] = SCALAR_TYPES.map(() => 0);
  const count = rng.between(3, 7);
  for (let i = 0; i < count; i++) {
    const at = rng.weighted(all);
    if (at >= 0) drawn[at]! += 1;
  }
  // One integer at least, so that arithmetic always has a type to work on.
  if (!drawn.some((n, i) => n > 0 && isInteger(i))) drawn[rng.pick([4, 5, 10, 11])]! += 2;
  return weightTable(drawn);
}

function isInteger(scalar: number): boolean {
  const { kind } = SCALAR_TYPES[scalar]!;
  return kind === "int" || kind === "uint";
}
