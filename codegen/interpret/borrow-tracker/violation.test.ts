/** What the reports of violations say. */

import { describe, expect, it } from "vitest";
import { ALLOCATION, Program, violationOf } from "./testing/program.ts";
import { BorrowTrap, FIRST_TAG, NO_TAG, type Tag } from "./violation.ts";

describe("a report of Tree Borrows", () => {
  it("names the accessed tag, where it was created, and the write that disabled it", () => {
    const p = new Program("tree");
    const x = p.mut(p.root);
    const y = p.mut(x);
    p.write(x);
    expect(violationOf(() => p.read(y, 0))).toMatchObject({
      model: "tree",
      kind: "forbidden",
      cause: "read",
      access: "read",
      allocation: ALLOCATION,
      offset: 0,
      size: 4,
      accessed: { tag: y, createdAt: 2, permission: "Disabled" },
      conflicting: { tag: y },
      relation: "self",
      events: [
        { kind: "created", tag: y, position: 2 },
        { kind: "disabled", tag: y, by: x, position: 3 },
      ],
    });
  });

  it("names the ancestor that is in the way, and the read that froze it", () => {
    const p = new Program("tree");
    const raw = p.mutRaw(p.root);
    const m = p.mut(raw);
    p.write(m);
    p.read(raw);
    const frozenAt = p.tracker.position;
    const child = p.mut(m, { size: 0 });
    expect(violationOf(() => p.write(child))).toMatchObject({
      accessed: { tag: child, permission: "Reserved" },
      conflicting: { tag: m, permission: "Frozen" },
      relation: "ancestor",
      events: [{ kind: "created" }, { kind: "activated", by: m }, { kind: "frozen", by: NO_TAG, position: frozenAt }],
    });
  });

  it("names the protector and its call", () => {
    const p = new Program("tree");
    const raw = p.mutRaw(p.root);
    const argument = p.mut(raw, { call: 6 });
    expect(violationOf(() => p.write(raw))).toMatchObject({
      kind: "protected",
      conflicting: { tag: argument, permission: "Reserved" },
      relation: "foreign",
      protector: { call: 6, kind: "strong" },
    });
    const q = new Program("tree");
    q.box(q.root, { call: 3 });
    expect(violationOf(() => q.write(q.root))?.protector).toEqual({ call: 3, kind: "weak" });
  });

  it("says that a retag, a deallocation or a function's exit is the cause", () => {
    const p = new Program("tree");
    const x = p.mut(p.root);
    p.write(p.root);
    expect(violationOf(() => p.shr(x))?.cause).toBe("reborrow");
    expect(violationOf(() => p.free(x))?.cause).toBe("dealloc");
  });

  it("names the first byte where it is not allowed", () => {
    const p = new Program("tree");
    const x = p.mut(p.root, { size: 8 });
    p.write(p.root, 5, 1);
    expect(violationOf(() => p.read(x, 2, 6))).toMatchObject({ offset: 2, size: 6, at: 5 });
  });
});

describe("a report of Stacked Borrows", () => {
  it("names the tag, and the access that took it from the stack", () => {
    const p = new Program("stacked");
    const x = p.mut(p.root);
    const y = p.mut(x);
    p.write(x);
    expect(violationOf(() => p.read(y))).toMatchObject({
      model: "stacked",
      kind: "forbidden",
      accessed: { tag: y, createdAt: 2, permission: "(not in the stack)" },
      events: [
        { kind: "created", position: 2 },
        { kind: "invalidated", by: x, position: 3 },
      ],
    });
  });

  it("names the protector and its call", () => {
    const p = new Program("stacked");
    const raw = p.mutRaw(p.root);
    const argument = p.mut(raw, { call: 6 });
    expect(violationOf(() => p.read(raw))).toMatchObject({
      kind: "protected",
      conflicting: { tag: argument, permission: "Unique" },
      protector: { call: 6, kind: "strong" },
    });
  });
});

describe("the message", () => {
  it("is one line that names kind, tags and place", () => {
    const p = new Program("tree");
    const y = p.mut(p.root);
    p.write(p.root);
    let message = "";
    try {
      p.read(y);
    } catch (e) {
      if (e instanceof BorrowTrap) message = e.message;
    }
    expect(message).toBe(
      `read access through tag <${y - FIRST_TAG}> at offset 0 of allocation ${ALLOCATION} is forbidden: the tag has the state Disabled`,
    );
  });
});

describe("tags", () => {
  for (const model of ["tree", "stacked"] as const) {
    it(`of ${model} belong to their allocation, and allocations are tracked from the first retag until they are freed`, () => {
      const p = new Program(model);
      expect(p.tracker.tracked[ALLOCATION]).not.toBe(1);
      const x = p.mut(p.root);
      expect(x).toBeGreaterThanOrEqual(FIRST_TAG);
      expect(p.tracker.tagAllocation[x - FIRST_TAG]).toBe(ALLOCATION);
      expect(p.tracker.tracked[ALLOCATION]).toBe(1);
      p.free(p.root);
      expect(p.tracker.tracked[ALLOCATION]).toBe(0);
    });

    it(`of ${model} that are dead are given out again, and dangling ones are not`, () => {
      const p = new Program(model);
      const dead = p.mut(p.root, { size: 8 });
      const live = p.mut(dead, { size: 8 });
      p.free(live);
      const isLive = new Uint8Array(p.tracker.tagCount());
      isLive[live - FIRST_TAG] = 1;
      p.tracker.retainTags(isLive);
      const again = p.tracker.retag(
        9,
        9 as Tag,
        0,
        4,
        { pointer: "mutable", twoPhase: false, freeze: true, unpin: true, cells: [] },
        -1,
      );
      expect(again).toBe(dead);
      expect(p.tracker.tagAllocation[live - FIRST_TAG]).toBe(ALLOCATION);
    });

    it(`of ${model}: a new run begins with none`, () => {
      const p = new Program(model);
      p.mut(p.root, { call: 1 });
      p.tracker.reset();
      expect(p.tracker.hasProtectors(1)).toBe(false);
      expect(p.tracker.tracked[ALLOCATION]).toBe(0);
      p.write(p.root);
      expect(p.mut(p.root)).toBe(FIRST_TAG + 1);
    });
  }
});
