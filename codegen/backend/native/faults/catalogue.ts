/**
 * The catalogue of planted faults: plausible mistakes that can be switched on, one by one, to measure what a hunt finds.
 *
 * A fault replaces entries of a `NativePolicy`: a predicate, a table row, a rule. Nothing in the compiler asks whether a fault is on. The
 * runtime, the verifiers and the register allocator's checker are never touched, so that what they catch counts as found by them.
 */

import { DEFAULT_LAYOUT_POLICY } from "../../../layout/policy.ts";
import { Diagnostic } from "../../../session/diagnostic.ts";
import { DEFAULT_SSA_POLICY } from "../../../ssa/context.ts";
import { EFFECTS, Effect, IntCC, Op } from "../ir/opcodes.ts";
import { loweringFaults } from "../isa/lookup.ts";
import { DEFAULT_FOLDS, type Fold } from "../opts/fold.ts";
import { DEFAULT_MAGIC } from "../opts/magic.ts";
import { DEFAULT_POLICY, type OptPolicy } from "../opts/policy.ts";
import { type NativePolicy, SOUND_NATIVE_POLICY } from "../policy.ts";
import { SOUND_POLICY } from "../regalloc/function.ts";

export interface Fault {
  /** What `-Z plant-fault` takes. */
  readonly name: string;
  /** The part of the compiler that is at fault. */
  readonly part: "layout" | "codegen" | "optimiser" | "lowering" | "register allocator";
  /** The mistake, in a sentence. */
  readonly description: string;
  readonly plant: (policy: NativePolicy) => NativePolicy;
}

/** A copy of a table by opcode with some entries replaced. */
function withEntry(table: Uint8Array, opcodes: readonly number[], value: number): Uint8Array {
  const copy = Uint8Array.from(table);
  for (const opcode of opcodes) copy[opcode] = value;
  return copy;
}

function withFold(opcode: number, fold: Fold | undefined): OptPolicy["fold"] {
  return DEFAULT_FOLDS.map((right, i) => (i === opcode ? fold : right));
}

function optimiser(name: string, description: string, change: Partial<OptPolicy>): Fault {
  return {
    name,
    part: "optimiser",
    description,
    plant: (policy) => ({ ...policy, opts: { ...policy.opts, ...change } }),
  };
}

const DIVISIONS: readonly number[] = [Op.udiv, Op.sdiv, Op.urem, Op.srem];

const SIGNED_AS_UNSIGNED: ReadonlyMap<number, number> = new Map([
  [IntCC.slt, IntCC.ult],
  [IntCC.sge, IntCC.uge],
  [IntCC.sgt, IntCC.ugt],
  [IntCC.sle, IntCC.ule],
]);

const foldCompareUnsigned: Fold = (type, from, aLo, aHi, bLo, bHi, out, aux) =>
  DEFAULT_FOLDS[Op.icmp]!(type, from, aLo, aHi, bLo, bHi, out, SIGNED_AS_UNSIGNED.get(aux) ?? aux);

const OPTIMISER_FAULTS: readonly Fault[] = [
  optimiser(
    "alias-never",
    "no two different addresses are taken to alias: a load is forwarded past a store to the same place",
    {
      mayAlias: (_aa, a, offsetA, sizeA, b, offsetB, sizeB) => a === b && offsetA === offsetB && sizeA === sizeB,
    },
  ),
  optimiser("call-writes-nothing", "a call is taken to leave memory alone", { reachableByCalls: () => false }),
  optimiser("escape-by-call-missed", "a slot whose address is given to a call is taken not to escape", {
    escapesThrough: withEntry(DEFAULT_POLICY.escapesThrough, [Op.call, Op.callIndirect], 0),
  }),
  optimiser("licm-hoists-division", "a division is hoisted out of a loop that guards it", {
    mayHoist: (fn, inst, always, writes) =>
      DIVISIONS.includes(fn.opcode[inst]!) || DEFAULT_POLICY.mayHoist(fn, inst, always, writes),
  }),
  optimiser("licm-ignores-stores", "a load is hoisted out of a loop that stores to its address", {
    mayHoist: (fn, inst, always, writes) =>
      DEFAULT_POLICY.mayHoist(fn, inst, always, (EFFECTS[fn.opcode[inst]!]! & Effect.READ) !== 0 ? false : writes),
  }),
  optimiser("speculates-division", "a branch around a division becomes a select, so that the division always runs", {
    maySpeculate: (fn, inst) => DIVISIONS.includes(fn.opcode[inst]!) || DEFAULT_POLICY.maySpeculate(fn, inst),
  }),
  optimiser("gvn-commutes-subtraction", "value numbering takes a - b and b - a for the same", {
    commutative: withEntry(DEFAULT_POLICY.commutative, [Op.isub], 1),
  }),
  optimiser("dce-drops-calls", "a call whose result is unused is removed with its effects", {
    removable: withEntry(DEFAULT_POLICY.removable, [Op.call, Op.callIndirect], 1),
  }),
  optimiser("fold-shift-signedness", "constant folding shifts right logically where the shift is arithmetic", {
    fold: withFold(Op.sshr, DEFAULT_FOLDS[Op.ushr]),
  }),
  optimiser("fold-compare-signedness", "constant folding compares signed numbers as unsigned", {
    fold: withFold(Op.icmp, foldCompareUnsigned),
  }),
  optimiser("magic-shift-off-by-one", "division by a constant shifts the product one bit too few", {
    magic: {
      unsigned: (bits, d) => {
        const right = DEFAULT_MAGIC.unsigned(bits, d);
        return { ...right, shift: Math.max(0, right.shift - 1) };
      },
      signed: DEFAULT_MAGIC.signed,
    },
  }),
  optimiser("invert-less-than", "the inverse of a signed less-than is taken to be greater-than", {
    invertCond: (cc) => (cc === IntCC.slt ? IntCC.sgt : DEFAULT_POLICY.invertCond(cc)),
  }),
  optimiser("swap-keeps-condition", "the operands of a comparison are swapped, its condition is not", {
    swapCond: (cc) => cc,
  }),
];

const CODEGEN_FAULTS: readonly Fault[] = [
  {
    name: "shift-mask",
    part: "codegen",
    description: "shift amounts of narrow types are masked as the hardware does, to 31",
    plant: (policy) => ({
      ...policy,
      ssa: { ...DEFAULT_SSA_POLICY, shiftMask: (bits) => BigInt(bits < 32 ? 31 : bits - 1) },
    }),
  },
  {
    name: "wide-shift-mask",
    part: "codegen",
    description: "shift amounts of 128-bit types are masked to 63",
    plant: (policy) => ({
      ...policy,
      ssa: { ...DEFAULT_SSA_POLICY, shiftMask: (bits) => BigInt(Math.min(bits, 64) - 1) },
    }),
  },
  {
    name: "cast-never-sign-extends",
    part: "codegen",
    description: "a widening cast of a signed integer extends with zeros",
    plant: (policy) => ({ ...policy, ssa: { ...DEFAULT_SSA_POLICY, signExtends: () => false } }),
  },
];

const LAYOUT_FAULTS: readonly Fault[] = [
  {
    name: "niche-overlaps-values",
    part: "layout",
    description: "the niche of an enum begins one pattern early, at a valid value of its payload",
    plant: (policy) => ({
      ...policy,
      layout: {
        ...DEFAULT_LAYOUT_POLICY,
        reserveNiche: (dl, niche, count) => {
          const right = DEFAULT_LAYOUT_POLICY.reserveNiche(dl, niche, count);
          return right === undefined || right.start === 0n ? right : { ...right, start: right.start - 1n };
        },
      },
    }),
  },
  {
    name: "niche-variant-too-large",
    part: "layout",
    description: "a variant may reach eight bytes into the niche that tells it from the others",
    plant: (policy) => ({
      ...policy,
      layout: { ...DEFAULT_LAYOUT_POLICY, fitsBeforeNiche: (size, offset) => size <= offset + 8 },
    }),
  },
  {
    name: "tag-truncated",
    part: "layout",
    description: "the tag of an enum stores only the low two bits of the discriminant",
    plant: (policy) => ({
      ...policy,
      layout: { ...DEFAULT_LAYOUT_POLICY, tagValue: (discriminant) => BigInt.asUintN(2, discriminant) },
    }),
  },
];

const REGALLOC_FAULTS: readonly Fault[] = [
  {
    name: "lost-spill",
    part: "register allocator",
    description: "one spilled register in eight is never stored to its slot",
    plant: (policy) => ({ ...policy, regalloc: { ...SOUND_POLICY, storesSpill: (vreg) => vreg % 8 !== 3 } }),
  },
  {
    name: "clobber-ignored",
    part: "register allocator",
    description: "r8 to r11 are taken to survive a call",
    plant: (policy) => ({ ...policy, regalloc: { ...SOUND_POLICY, clobberFilter: [~0xf00, -1] } }),
  },
  {
    name: "move-cycle",
    part: "register allocator",
    description: "a cycle of parallel moves is broken without saving a register first",
    plant: (policy) => ({ ...policy, regalloc: { ...SOUND_POLICY, savesCycle: () => false } }),
  },
];

const LOWERING: readonly Fault[] = loweringFaults("x86_64").map(({ name, description, overrides }) => ({
  name,
  part: "lowering",
  description,
  plant: (policy) => ({ ...policy, lowering: overrides }),
}));

/** Every fault that can be planted. */
export const FAULTS: readonly Fault[] = [
  ...LAYOUT_FAULTS,
  ...CODEGEN_FAULTS,
  ...OPTIMISER_FAULTS,
  ...LOWERING,
  ...REGALLOC_FAULTS,
];

/**
 * The sound policy with the named faults planted.
 *
 * @throws Diagnostic when a name is no fault's.
 */
export function policyWith(names: readonly string[]): NativePolicy {
  let policy = SOUND_NATIVE_POLICY;
  for (const name of names) {
    const fault = FAULTS.find((candidate) => candidate.name === name);
    if (fault === undefined)
      throw new Diagnostic(`there is no planted fault \`${name}\``, {
        help: `one of ${FAULTS.map((f) => f.name).join(", ")}`,
      });
    policy = fault.plant(policy);
  }
  return policy;
}
