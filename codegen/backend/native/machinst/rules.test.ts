/**
 * Rule tables: overriding rows, and what a table refuses.
 */

import { describe, expect, test } from "vitest";
import { Op, Type } from "../ir/opcodes.ts";
import { any, overrideRules, type Rule, RuleSet } from "./rules.ts";

const noop = (): void => {};

describe("rule tables", () => {
  const rules: readonly Rule[] = [
    { name: "a", op: Op.iadd, types: [Type.I32], match: [any, any], emit: noop },
    { name: "b", op: Op.iadd, emit: noop, priority: -1 },
  ];

  test("an override replaces the fields that it gives, and only there", () => {
    const emit = (): number => 7;
    const [a, b] = overrideRules(rules, { a: { emit } });
    expect(a).toEqual({ ...rules[0], emit });
    expect(b).toEqual(rules[1]);
  });

  test("an override of no row is a fault of ours", () => {
    expect(() => overrideRules(rules, { c: {} })).toThrow("no lowering rule is named c");
  });

  test("commuting an opcode that does not is a fault of ours", () => {
    const rule: Rule = { name: "x", op: Op.isub, match: [any, any], commute: true, emit: noop };
    expect(() => new RuleSet("test", [rule])).toThrow("commutes what does not");
  });

  test("rows say which opcodes and types they take", () => {
    const set = new RuleSet("test", rules.slice(0, 1));
    expect(set.handles(Op.iadd, Type.I32)).toBe(true);
    expect(set.handles(Op.iadd, Type.I64)).toBe(false);
  });
});
