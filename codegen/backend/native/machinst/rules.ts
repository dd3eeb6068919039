/**
 * Lowering by rule tables: a small rewrite system over trees of IR, in the spirit of Cranelift's ISLE.
 *
 * A *rule* says: an instruction of this opcode and these types, whose arguments look like this, is put out so. Rules of one opcode are tried in
 * order of priority, highest first, then in the order of the table. A *pattern* matches one argument; patterns nest. Each pattern
 * has a number, counted from 0 in the order of writing (a nested instruction counts before its own arguments), and what it matched is
 * in `cx.bind` under that number: the value of `any` and `constant`, the instruction of `load` and `inst`.
 *
 * `load` matches a load that may be *sunk* into the instruction being lowered: nobody else uses it and nothing is stored in between. The
 * rule then reads the memory itself (`cx.sinkLoad`).
 *
 * Tables are compiled once into arrays by opcode and type. A row is named; `overrideRules` replaces rows by name.
 */

import { bug, NONE } from "../../../entity/entity.ts";
import { EFFECTS, Effect, isInt, OPS, Op, Type } from "../ir/opcodes.ts";
import { type LowerContext, MAX_BINDINGS } from "./lower.ts";

/** Whether a constant fits; given its bits and its type. */
export type ConstantTest = (lo: number, hi: number, type: number) => boolean;

export type Pattern =
  | { readonly kind: "any" }
  | { readonly kind: "constant"; readonly test: ConstantTest }
  | { readonly kind: "load" }
  /** `types`: the instruction's types; `once`: nobody else uses its result. */
  | {
      readonly kind: "inst";
      readonly op: number;
      readonly args: readonly Pattern[];
      readonly types?: readonly number[];
      readonly once?: boolean;
    };

export const any: Pattern = { kind: "any" };
export const load: Pattern = { kind: "load" };

export function constant(test: ConstantTest): Pattern {
  return { kind: "constant", test };
}

export function inst(
  op: number,
  args: readonly Pattern[],
  extra: { types?: readonly number[]; once?: boolean } = {},
): Pattern {
  return { kind: "inst", op, args, ...extra };
}

export interface Rule {
  readonly name: string;
  readonly op: number;
  /** The instruction's types (its `type` column); absent: all. */
  readonly types?: readonly number[];
  /** One pattern for each leading argument; absent: anything. */
  readonly match?: readonly Pattern[];
  /** Of a commutative opcode: also try with the first two arguments swapped. Bindings stay with their patterns. */
  readonly commute?: boolean;
  readonly priority?: number;
  /** A further condition, asked when the patterns match. */
  readonly when?: (cx: LowerContext, inst: number) => boolean;
  /** Puts out the instruction; may return a number to its caller (a condition code, for rules that set flags). */
  readonly emit: (cx: LowerContext, inst: number) => unknown;
}

/** A row's replacement: given fields replace the row's. */
export type RuleOverride = Partial<Omit<Rule, "name">>;

/**
 * `rules` with the named rows changed.
 *
 * @throws bug when a name is no row's.
 */
export function overrideRules(
  rules: readonly Rule[],
  overrides: Readonly<Record<string, RuleOverride>>,
): readonly Rule[] {
  for (const name of Object.keys(overrides))
    if (!rules.some((rule) => rule.name === name)) throw bug(`no lowering rule is named ${name}`);
  return rules.map((rule) => ({ ...rule, ...overrides[rule.name] }));
}

// --- Compiled form ---------------------------------------------------------------------------------------------------

const ANY = 0;
const CONSTANT = 1;
const LOAD = 2;
const INST = 3;

/** All nodes have one shape, so that the matcher stays monomorphic. */
interface Node {
  readonly kind: number;
  readonly slot: number;
  readonly test: ConstantTest;
  readonly op: number;
  /** Bit set of types; -1: all. */
  readonly typeMask: number;
  readonly once: boolean;
  readonly args: readonly Node[];
}

interface CompiledRule {
  readonly name: string;
  readonly args: readonly Node[];
  readonly when: ((cx: LowerContext, inst: number) => boolean) | undefined;
  readonly emit: (cx: LowerContext, inst: number) => unknown;
}

const ALL_TYPES: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7];
const always: ConstantTest = () => true;

function compilePattern(pattern: Pattern, counter: { next: number }): Node {
  const slot = counter.next++;
  const base = { slot, test: always, op: 0, typeMask: NONE, once: false, args: [] as readonly Node[] };
  switch (pattern.kind) {
    case "any":
      return { kind: ANY, ...base };
    case "constant":
      return { kind: CONSTANT, ...base, test: pattern.test };
    case "load":
      return { kind: LOAD, ...base };
    case "inst": {
      const args = pattern.args.map((arg) => compilePattern(arg, counter));
      const typeMask = pattern.types === undefined ? NONE : pattern.types.reduce((mask, ty) => mask | (1 << ty), 0);
      return { kind: INST, ...base, op: pattern.op, typeMask, once: pattern.once ?? false, args };
    }
  }
}

export class RuleSet {
  readonly name: string;
  /** By `opcode * 8 + type`. */
  private readonly rows: readonly (readonly CompiledRule[])[];

  constructor(name: string, rules: readonly Rule[]) {
    this.name = name;
    const rows: CompiledRule[][] = Array.from({ length: OPS.length * 8 }, () => []);
    const ordered = [...rules].sort((a, b) => (b.priority ?? 0) - (a.priority ?? 0));
    for (const rule of ordered) {
      const variants = compileRule(rule);
      for (const type of rule.types ?? ALL_TYPES) rows[rule.op * 8 + type]!.push(...variants);
    }
    this.rows = rows;
  }

  /** Whether any rule could take `inst`. */
  handles(opcode: number, type: number): boolean {
    return this.rows[opcode * 8 + type]!.length !== 0;
  }

  /**
   * Puts out `inst` by the first rule that matches, and returns what the rule does.
   *
   * @param unique whether `inst` is put out here alone, so that loads may be sunk into it.
   */
  apply(cx: LowerContext, inst: number, unique: boolean): unknown {
    const fn = cx.fn;
    const rules = this.rows[fn.opcode[inst]! * 8 + fn.type[inst]!]!;
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i]!;
      if (!matchArgs(cx, rule.args, fn.argStart[inst]!, unique)) continue;
      if (rule.when === undefined || rule.when(cx, inst)) return rule.emit(cx, inst);
    }
    throw bug(`no ${this.name} rule for ${OPS[fn.opcode[inst]!]?.name} of type ${fn.type[inst]} in ${fn.symbol}`);
  }
}

function compileRule(rule: Rule): CompiledRule[] {
  const patterns = rule.match ?? [];
  const counter = { next: 0 };
  const args = patterns.map((pattern) => compilePattern(pattern, counter));
  if (counter.next > MAX_BINDINGS) throw bug(`too many patterns in lowering rule ${rule.name}`);
  const straight = { name: rule.name, args, when: rule.when, emit: rule.emit };
  if (rule.commute !== true) return [straight];
  if ((EFFECTS[rule.op]! & Effect.COMMUTATIVE) === 0) throw bug(`lowering rule ${rule.name} commutes what does not`);
  return [straight, { ...straight, args: [args[1]!, args[0]!, ...args.slice(2)] }];
}

function matchArgs(cx: LowerContext, nodes: readonly Node[], argStart: number, unique: boolean): boolean {
  const pool = cx.fn.argPool;
  for (let i = 0; i < nodes.length; i++) if (!matchValue(cx, nodes[i]!, pool[argStart + i]!, unique)) return false;
  return true;
}

function matchValue(cx: LowerContext, node: Node, value: number, unique: boolean): boolean {
  if (node.kind === ANY) {
    cx.bind[node.slot] = value;
    return true;
  }
  const fn = cx.fn;
  const def = fn.valueDef[value]!;
  if (def < 0) return false;
  if (node.kind === CONSTANT) {
    cx.bind[node.slot] = value;
    const type = fn.type[def]!;
    return (
      fn.opcode[def] === Op.iconst &&
      type !== Type.I128 &&
      isInt(type as Type) &&
      node.test(fn.immLo[def]!, fn.immHi[def]!, type)
    );
  }
  cx.bind[node.slot] = def;
  if (node.kind === LOAD) return unique && cx.canSinkLoad(def, value);
  if (fn.opcode[def] !== node.op || ((node.typeMask >> fn.type[def]!) & 1) === 0) return false;
  const once = cx.useCount[value] === 1;
  if (node.once && !once) return false;
  return matchArgs(cx, node.args, fn.argStart[def]!, unique && once);
}
