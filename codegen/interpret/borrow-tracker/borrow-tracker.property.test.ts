/** The trackers against references that follow the rules byte by byte, on random sequences of operations. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BorrowTracker, createBorrowTracker } from "./borrow-tracker.ts";
import type { RetagPointer, RetagShape } from "./retag.ts";
import { NaiveStacks } from "./testing/naive-stacked.ts";
import { NaiveTree, Violation } from "./testing/naive-tree.ts";
import { BorrowTrap, FIRST_TAG, type Tag, WILDCARD_TAG } from "./violation.ts";

const SIZE = 8;
const ALLOCATION = 5;

interface Operation {
  readonly kind: "retag" | "read" | "write" | "endCall" | "expose" | "collect" | "dealloc";
  /** Picks one of the tags that exist; a wildcard, where there may be one, when 0. When negative, the tag in that slot. */
  readonly who: number;
  /** The slot that a retag puts its tag in. */
  readonly to?: number;
  readonly offset: number;
  readonly size: number;
  readonly shape: RetagShape;
  readonly call: number;
  readonly live: number;
  /** Whether to do it even when it is forbidden, which ends the sequence. */
  readonly risky: boolean;
}

const CELLS: readonly Pick<RetagShape, "freeze" | "cells" | "tail">[] = [
  { freeze: true, cells: [] },
  { freeze: true, cells: [] },
  { freeze: false, cells: [{ start: 0, end: SIZE }] },
  { freeze: false, cells: [{ start: 1, end: 3 }] },
  { freeze: false, cells: [], tail: { start: 0, stride: 2, cells: [{ start: 0, end: 1 }] } },
];

const shapes: fc.Arbitrary<RetagShape> = fc
  .record({
    pointer: fc.constantFrom<RetagPointer>(
      "shared",
      "shared",
      "mutable",
      "mutable",
      "mutable",
      "box",
      "raw mut",
      "raw const",
    ),
    twoPhase: fc.boolean(),
    cells: fc.constantFrom(...CELLS),
    pinned: fc.nat(9),
  })
  .map(({ pointer, twoPhase, cells, pinned }) => {
    return { pointer, twoPhase: twoPhase && pointer === "mutable", unpin: pinned !== 0, ...cells };
  });

function operations(kinds: readonly Operation["kind"][]): fc.Arbitrary<Operation[]> {
  const operation = fc
    .record({
      kind: fc.constantFrom(...kinds),
      who: fc.nat(1000),
      offset: fc.nat(SIZE - 1),
      size: fc.constantFrom(0, 1, 1, 2, 4, 8, 8),
      shape: shapes,
      call: fc.constantFrom(-1, -1, 0, 1, 2),
      live: fc.nat(0xffff),
      risky: fc.nat(7).map((n) => n === 0),
    })
    .map((o) => ({ ...o, size: Math.min(o.size, SIZE - o.offset) }));
  return fc.array(operation, { minLength: 3, maxLength: 32, size: "max" });
}

/** An array of so many elements of so many bytes. */
const ELEMENTS = 8;
const ELEMENT = 2;
const SLOTS = 5;
/** In loops, permissions are compared after each so many operations. */
const LOOP_CHECKS = 4;

/** Which bytes an operation of a loop is about, in its i-th iteration. */
const REGIONS: readonly ((i: number) => readonly [number, number])[] = [
  () => [0, ELEMENTS * ELEMENT],
  () => [0, ELEMENTS * ELEMENT],
  (i) => [(i % ELEMENTS) * ELEMENT, ELEMENT],
  (i) => [(i % ELEMENTS) * ELEMENT, ELEMENT],
  (i) => [((i * 5 + 3) % ELEMENTS) * ELEMENT, ELEMENT],
  (i) => [(i % ELEMENTS) * ELEMENT, ELEMENT / 2],
  () => [0, (ELEMENTS / 2) * ELEMENT],
  () => [3, 7],
];

/**
 * Loops over an array that hand references on from iteration to iteration, by slots; what comes after them looks at what became of the
 * tags. These are what makes ranges fall apart and join.
 */
const loops: fc.Arbitrary<Operation[]> = fc
  .record({
    iterations: fc.integer({ min: 3, max: 10 }),
    before: operations(["retag", "retag", "read", "write"]),
    body: fc.array(
      fc.record({
        kind: fc.constantFrom<Operation["kind"]>(
          "retag",
          "retag",
          "retag",
          "read",
          "write",
          "write",
          "endCall",
          "collect",
        ),
        from: fc.nat(SLOTS - 1),
        to: fc.nat(SLOTS - 1),
        region: fc.constantFrom(...REGIONS),
        shape: shapes,
        call: fc.constantFrom(-1, -1, -1, 0, 1),
        live: fc.nat(0xffff),
      }),
      { minLength: 2, maxLength: 7, size: "max" },
    ),
    after: operations(["retag", "read", "write", "read", "write", "endCall", "collect", "dealloc"]),
  })
  .map(({ iterations, before, body, after }) => {
    const iteration = (_: unknown, i: number): Operation[] =>
      body.map(({ from, to, region, ...op }) => {
        const [offset, size] = region(i);
        return { ...op, who: -1 - from, to, offset, size, risky: false };
      });
    return [...before.slice(0, 4), ...Array.from({ length: iterations }, iteration).flat(), ...after];
  });

interface Reference {
  retag(parent: number, offset: number, size: number, shape: RetagShape, call: number): number;
  access(node: number, offset: number, size: number, isWrite: boolean): void;
  endCall(call: number): void;
  dealloc(node: number): void;
  stateName(node: number, at: number): string;
  clone(): Reference;
  expose(node: number): void;
}

/** Runs both; how many operations were allowed. Throws when they differ. */
function compare(
  tracker: BorrowTracker,
  reference: Reference,
  ops: readonly Operation[],
  wildcards: boolean,
  allocationSize = SIZE,
): number {
  const slots = Array.from({ length: SLOTS }, () => 0);
  const tags = new Map<number, Tag>([[0, ALLOCATION as Tag]]);
  let allowed = 0;
  for (const op of ops) {
    const known = [...tags.keys()];
    const inSlot = op.who < 0 ? slots[-1 - op.who]! : 0;
    const picked = op.who >= 0 ? known[op.who % known.length]! : tags.has(inSlot) ? inSlot : 0;
    const wild = wildcards && op.who % 5 === 0 && tracker.tracked[ALLOCATION] === 1;
    const who = wild && op.kind !== "expose" ? -1 : picked;
    const tag = who === -1 ? WILDCARD_TAG : tags.get(who)!;
    const call = op.shape.twoPhase ? -1 : op.call;
    let made = -1;
    const act = (on: Reference): void => {
      if (op.kind === "retag") made = on.retag(who, op.offset, op.size, op.shape, call);
      else if (op.kind === "endCall") on.endCall(Math.max(0, op.call));
      else if (op.kind === "expose") on.expose(who);
      else if (op.kind === "dealloc") on.dealloc(who);
      else if (op.kind !== "collect") on.access(who, op.offset, op.size, op.kind === "write");
    };
    if (!op.risky && !outcome(() => act(reference.clone()))) continue;
    const expected = outcome(() => act(reference));
    const actual = outcome(() => {
      if (op.kind === "retag") {
        const fresh = tracker.retag(ALLOCATION, tag, op.offset, op.size, op.shape, call);
        if (made !== who && made >= 0) tags.set(made, fresh);
        else if (expected) expect(fresh).toBe(tag);
        if (op.to !== undefined && made >= 0) slots[op.to] = made;
      } else if (op.kind === "endCall") tracker.protectorEnd(Math.max(0, op.call));
      else if (op.kind === "expose") tracker.expose(ALLOCATION, tag);
      else if (op.kind === "dealloc") tracker.dealloc(ALLOCATION, tag);
      else if (op.kind === "collect") collect(tracker, tags, op.live);
      else if (op.kind === "write") tracker.write(ALLOCATION, tag, op.offset, op.size);
      else tracker.read(ALLOCATION, tag, op.offset, op.size);
    });
    expect(actual).toBe(expected);
    if (!expected || op.kind === "dealloc") return allowed;
    allowed++;
    if (op.who < 0 && allowed % LOOP_CHECKS !== 0) continue;
    for (const [node, t] of tags) {
      for (let at = 0; at < allocationSize && tracker.tracked[ALLOCATION] === 1; at++) {
        const actual = permission(tracker.permissionAt(ALLOCATION, t, at));
        expect(`${node}@${at} ${actual}`).toBe(`${node}@${at} ${permission(reference.stateName(node, at))}`);
      }
    }
  }
  return allowed;
}

/** A collection may remove what is disabled: no item allows as little. */
function permission(name: string): string {
  return name === "(not in the stack)" ? "Disabled" : name;
}

/** Some tags are not used any more: the tracker may forget them; the reference keeps all. */
function collect(tracker: BorrowTracker, tags: Map<number, Tag>, live: number): void {
  const isLive = new Uint8Array(tracker.tagCount());
  for (const [node, tag] of tags) {
    if (node === 0) continue;
    if (((live >> (node % 16)) & 1) === 0) tags.delete(node);
    else isLive[tag - FIRST_TAG] = 1;
  }
  tracker.retainTags(isLive);
}

/** Whether an operation is allowed. */
function outcome(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (e) {
    if (e instanceof Violation || e instanceof BorrowTrap) return false;
    throw e;
  }
}

function treeReference(tree: NaiveTree = new NaiveTree(SIZE)): Reference {
  return Object.assign(tree, {
    clone: () => treeReference(tree.copy()),
    expose: (node: number) => {
      tree.nodes[node]!.exposed = true;
    },
  });
}

function stackReference(stacks: NaiveStacks): Reference {
  return Object.assign(stacks, {
    clone: () => stackReference(stacks.copy()),
    expose: (node: number) => void stacks.exposed.add(node),
  });
}

const PLAIN: readonly Operation["kind"][] = [
  "retag",
  "retag",
  "retag",
  "read",
  "read",
  "write",
  "write",
  "write",
  "endCall",
  "collect",
];
const ARRAY = ELEMENTS * ELEMENT;
const RUNS = Number(process.env.BORROW_RUNS ?? 1500);

describe("against the rules byte by byte", () => {
  const source = (isLocal: boolean): { sizeOf: () => number; isLocal: () => boolean } => ({
    sizeOf: () => SIZE,
    isLocal: () => isLocal,
  });

  it("Tree Borrows allows and forbids the same, and has the same permissions", () => {
    let allowed = 0;
    fc.assert(
      fc.property(operations([...PLAIN, "dealloc"]), (ops) => {
        allowed += compare(createBorrowTracker("tree", source(false)), treeReference(), ops, false);
      }),
      { numRuns: RUNS },
    );
    expect(allowed).toBeGreaterThan(RUNS * 6);
  });

  it("Tree Borrows with exposed tags does", () => {
    let allowed = 0;
    fc.assert(
      fc.property(operations([...PLAIN, "expose", "expose"]), (ops) => {
        allowed += compare(createBorrowTracker("tree", source(false)), treeReference(), ops, true);
      }),
      { numRuns: RUNS },
    );
    expect(allowed).toBeGreaterThan(RUNS * 5);
  });

  it("Tree Borrows does in loops over an array", () => {
    let allowed = 0;
    const array = { sizeOf: () => ARRAY, isLocal: () => false };
    fc.assert(
      fc.property(loops, (ops) => {
        allowed += compare(createBorrowTracker("tree", array), treeReference(new NaiveTree(ARRAY)), ops, false, ARRAY);
      }),
      { numRuns: Math.ceil(RUNS / 15) },
    );
    expect(allowed).toBeGreaterThan(RUNS / 2);
  });

  it("Stacked Borrows does in loops over an array", () => {
    let allowed = 0;
    const array = { sizeOf: () => ARRAY, isLocal: () => false };
    fc.assert(
      fc.property(loops, (ops) => {
        const reference = stackReference(new NaiveStacks(ARRAY, false));
        allowed += compare(createBorrowTracker("stacked", array), reference, ops, false, ARRAY);
      }),
      { numRuns: Math.ceil(RUNS / 15) },
    );
    expect(allowed).toBeGreaterThan(RUNS / 2);
  });

  it("Stacked Borrows does", () => {
    let allowed = 0;
    fc.assert(
      fc.property(operations([...PLAIN, "collect", "dealloc"]), fc.boolean(), (ops, isLocal) => {
        const tracker = createBorrowTracker("stacked", source(isLocal));
        allowed += compare(tracker, stackReference(new NaiveStacks(SIZE, isLocal)), ops, false);
      }),
      { numRuns: RUNS },
    );
    expect(allowed).toBeGreaterThan(RUNS * 5);
  });

  // Without collections: these would let the tracker know more of a stack that a wildcard made it forget.
  it("Stacked Borrows does, with exposed tags", () => {
    let allowed = 0;
    fc.assert(
      fc.property(operations([...PLAIN.slice(0, -1), "expose", "dealloc"]), fc.boolean(), (ops, isLocal) => {
        allowed += compare(
          createBorrowTracker("stacked", source(isLocal)),
          stackReference(new NaiveStacks(SIZE, isLocal)),
          ops,
          true,
        );
      }),
      { numRuns: RUNS },
    );
    expect(allowed).toBeGreaterThan(RUNS * 5);
  });
});
