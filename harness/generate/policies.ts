/**
 * Policies: what the generator does, how often, as data.
 *
 * An *action* adds one shape of code to a body (`actions.ts` binds the names to functions). A policy gives each action and each scalar type
 * a weight, and sets the chances and sizes of the rest. Every program draws its own subset of a policy (*swarm testing*: Groce et al.,
 * ISSTA 2012), since programs that lack some features exercise the others more deeply.
 */

import { SCALAR_TYPES } from "./constants.ts";
import { FEATURES, type Feature } from "./features.ts";
import { type Rng, type WeightTable, weightTable } from "./rng.ts";

export type CoreAction =
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

/** Actions of features. */
export type FeatureAction =
  | "sliceIndex"
  | "slicePattern"
  | "sliceLoop"
  | "sliceMut"
  | "rawSlice"
  | "strBytes"
  | "strFromBytes"
  | "dynCall"
  | "dynUpcast"
  | "dynTable"
  | "dynLayout"
  | "dynDrop"
  | "closureFn"
  | "closureMut"
  | "closureOnce"
  | "closureDyn"
  | "closurePointer"
  | "fnItemValue"
  | "fnPointerTable"
  | "neverCall"
  | "genericCall"
  | "genericStruct"
  | "constGeneric"
  | "associatedItems"
  | "ownedScope"
  | "dropFlag"
  | "dropMoveField"
  | "dropReplace"
  | "dropContainer"
  | "catchPanic"
  | "catchAssertion"
  | "unwindingScope"
  | "guardedUnwind"
  | "tailCallLoop"
  | "mutualRecursion"
  | "staticRead"
  | "staticMut"
  | "staticPointer"
  | "threadLocal"
  | "constItem"
  | "promoted"
  | "allocConstant"
  | "aggregateConstant"
  | "volatileAccess"
  | "memoryCopy"
  | "memorySet"
  | "memorySwap"
  | "pointerDistance"
  | "memoryCompare"
  | "pointerParts"
  | "exposedPointer"
  | "heapBox"
  | "heapArray"
  | "bitIntrinsic"
  | "guardedIntrinsic"
  | "wideningIntrinsic"
  | "floatIntrinsic"
  | "oddFloat"
  | "typeSize"
  | "typeIdentity"
  | "hint"
  | "unionPun"
  | "unionVariant"
  | "simdArithmetic"
  | "simdCompare"
  | "simdLanes"
  | "simdReduce"
  | "simdMemory"
  | "atomicAccess"
  | "atomicUpdate"
  | "atomicFence"
  | "threadJoin"
  | "threadCounter"
  | "threadMessage"
  | "listWalk"
  | "treeFold"
  | "zeroSizedFlow"
  | "twoPhaseBorrow"
  | "reborrowCall"
  | "rawAlternation"
  | "cellUpdate"
  | "looseFloat"
  | "libraryFloat"
  | "looseVector"
  | "tightLoop"
  | "constParams"
  | "tailCallState"
  | "tailCallRefs"
  | "passValues"
  | "passToC"
  | "nicheEnum"
  | "packedFields"
  | "nestedUnion"
  | "referenceFields"
  | "taggedBytes"
  | "sliceTail"
  | "objectTail"
  | "slicesOfSlices"
  | "irreducibleLoop"
  | "stateMachine"
  | "labelledLoops";

/** The actions of each feature. */
const FEATURE_ACTIONS: Readonly<Record<Feature, readonly FeatureAction[]>> = {
  slices: ["sliceIndex", "slicePattern", "sliceLoop", "sliceMut", "rawSlice"],
  str: ["strBytes", "strFromBytes"],
  traitObjects: ["dynCall", "dynUpcast", "dynTable", "dynLayout", "dynDrop"],
  closures: ["closureFn", "closureMut", "closureOnce", "closureDyn", "closurePointer"],
  fnValues: ["fnItemValue", "fnPointerTable", "neverCall"],
  generics: ["genericCall", "genericStruct", "constGeneric", "associatedItems", "constParams"],
  drops: ["ownedScope", "dropFlag", "dropMoveField", "dropReplace", "dropContainer"],
  unwinding: ["catchPanic", "catchAssertion", "unwindingScope", "guardedUnwind"],
  tailCalls: ["tailCallLoop", "mutualRecursion", "tailCallState", "tailCallRefs"],
  statics: ["staticRead", "staticMut", "staticPointer", "threadLocal"],
  constants: ["constItem", "promoted", "allocConstant", "aggregateConstant"],
  memory: [
    "volatileAccess",
    "memoryCopy",
    "memorySet",
    "memorySwap",
    "pointerDistance",
    "memoryCompare",
    "pointerParts",
    "exposedPointer",
  ],
  heap: ["heapBox", "heapArray"],
  bits: ["bitIntrinsic", "guardedIntrinsic", "wideningIntrinsic"],
  floats: ["floatIntrinsic", "oddFloat", "looseFloat", "libraryFloat", "looseVector"],
  typeInfo: ["typeSize", "typeIdentity", "hint"],
  unions: ["unionPun", "unionVariant"],
  simd: ["simdArithmetic", "simdCompare", "simdLanes", "simdReduce", "simdMemory"],
  atomics: ["atomicAccess", "atomicUpdate", "atomicFence"],
  threads: ["threadJoin", "threadCounter", "threadMessage"],
  recursive: ["listWalk", "treeFold"],
  zeroSized: ["zeroSizedFlow"],
  borrows: ["twoPhaseBorrow", "reborrowCall", "rawAlternation", "cellUpdate"],
  signatures: ["passValues", "passToC"],
  layouts: ["nicheEnum", "packedFields", "nestedUnion", "referenceFields", "taggedBytes"],
  unsizedTails: ["sliceTail", "objectTail", "slicesOfSlices"],
  flow: ["irreducibleLoop", "stateMachine", "labelledLoops", "tightLoop"],
};

/** Features whose code is all where it is used: functions that are made on demand use no others, or they could call themselves without end. */
const INLINE_FEATURES: ReadonlySet<Feature> = new Set<Feature>([
  "slices",
  "str",
  "statics",
  "constants",
  "memory",
  "bits",
  "floats",
  "typeInfo",
  "unions",
  "simd",
  "atomics",
  "flow",
]);

export type ActionName = CoreAction | FeatureAction;

export interface Policy {
  readonly name: string;
  readonly actions: Readonly<Record<CoreAction, number>>;
  /** The weight of each action of a feature that a program has. */
  readonly features: Readonly<Record<Feature, number>>;
  /** Weights of scalar types, by their text. */
  readonly scalars: Readonly<Record<string, number>>;
  /** Chances in percent. */
  readonly chances: {
    /** An action is left out of a program / is made four times as likely in it. */
    readonly swarmOff: number;
    readonly swarmBoost: number;
    /** A feature is left out of a program. */
    readonly featureOff: number;
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
  /** The model that its programs keep to; those that keep to Stacked Borrows keep to Tree Borrows too. */
  readonly aliasing: "tree" | "stacked";
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
  features: {
    slices: 14,
    str: 12,
    traitObjects: 14,
    closures: 14,
    fnValues: 14,
    generics: 16,
    drops: 16,
    unwinding: 14,
    tailCalls: 12,
    statics: 14,
    constants: 14,
    memory: 14,
    heap: 16,
    bits: 24,
    floats: 22,
    typeInfo: 12,
    unions: 16,
    simd: 18,
    atomics: 18,
    threads: 8,
    recursive: 14,
    zeroSized: 12,
    borrows: 16,
    signatures: 18,
    layouts: 16,
    unsizedTails: 12,
    flow: 12,
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
    featureOff: 55,
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
  aliasing: "tree",
  size: 50,
  inputs: [2, 4],
  maxCost: 2500,
};

/** The default policy, for compilers whose rules for references are those of Stacked Borrows. */
export const STACKED_POLICY: Policy = { ...DEFAULT_POLICY, name: "stacked", aliasing: "stacked" };

/** A policy as one program uses it. */
export interface DrawnPolicy {
  readonly policy: Policy;
  readonly actions: WeightTable;
  /** The scalar types of this program's variables, some more than once. */
  readonly scalars: WeightTable;
}

/** The actions of core. */
const CORE_ACTIONS: readonly CoreAction[] = Object.keys(DEFAULT_POLICY.actions) as CoreAction[];

/** Every action, core's first; tables of weights have this order. */
export const ACTION_NAMES: readonly ActionName[] = [
  ...CORE_ACTIONS,
  ...FEATURES.flatMap((feature) => FEATURE_ACTIONS[feature]),
];

/** By action: whether a function that is made on demand may have it. */
export const IS_INLINE_ACTION: readonly boolean[] = [
  ...CORE_ACTIONS.map(() => true),
  ...FEATURES.flatMap((feature) => FEATURE_ACTIONS[feature].map(() => INLINE_FEATURES.has(feature))),
];

/** The actions that no program may lack: without them code has no depth. */
const ESSENTIAL: ReadonlySet<ActionName> = new Set<ActionName>(["intBinary", "cast", "compare"]);

/** One program's subset of `policy`, with those features. */
export function drawPolicy(policy: Policy, features: ReadonlySet<Feature>, rng: Rng): DrawnPolicy {
  const { swarmOff, swarmBoost } = policy.chances;
  const draw = (name: ActionName, weight: number): number => {
    const roll = rng.below(100);
    if (roll < swarmOff && !ESSENTIAL.has(name)) return 0;
    return weight * (roll >= 100 - swarmBoost ? 4 : 1);
  };
  const actions = CORE_ACTIONS.map((name) => draw(name, policy.actions[name]));
  if (features.size > 0) actions.push(...drawFeatures(policy, features, rng, draw));
  return { policy, actions: weightTable(actions), scalars: drawScalars(policy, rng) };
}

/** The weights of the actions of features. A set of one feature is always drawn, and so is one of any other set. */
function drawFeatures(
  policy: Policy,
  features: ReadonlySet<Feature>,
  rng: Rng,
  draw: (name: ActionName, weight: number) => number,
): number[] {
  const wanted = FEATURES.filter((feature) => features.has(feature));
  const sure = rng.pick(wanted);
  return FEATURES.flatMap((feature) => {
    const off = !features.has(feature) || (feature !== sure && rng.chance(policy.chances.featureOff));
    const weight = policy.features[feature] * (feature === sure ? 3 : 1);
    return FEATURE_ACTIONS[feature].map((name) => (off ? 0 : draw(name, weight)));
  });
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
