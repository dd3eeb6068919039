/** Every transition of the state machine of Tree Borrows: state × (child or foreign) × (read or write) × protector. */

import { describe, expect, it } from "vitest";
import { Program, violationOf } from "../testing/program.ts";
import type { Tag } from "../violation.ts";

const UB = "UB";
/** Outside of the pointee: the bytes that the tag has not accessed when it is made. */
const OUTSIDE = 4;
const CALL = 1;

interface Row {
  readonly state: string;
  readonly isProtected: boolean;
  readonly accessed: boolean;
  /** Brings a tag derived from `base` into the state at `at`. */
  make(p: Program, base: Tag, at: number, call: number): Tag;
  /** After a child read, child write, foreign read and foreign write. */
  readonly after: readonly [string, string, string, string];
}

type Make = Row["make"];

const cell: Make = (p, base, _, call) => p.shr(base, { cell: true, call });
const reserved: Make = (p, base, _, call) => p.mut(base, { call });
const conflicted: Make = (p, base, at, call) => {
  const tag = p.mut(base, { call });
  p.read(base, at);
  return tag;
};
const interiorMutable: Make = (p, base) => p.mut(base, { cell: true });
const unique: Make = (p, base, at, call) => {
  const tag = p.mut(base, { call });
  p.write(tag, at);
  return tag;
};
const frozen: Make = (p, base, _, call) => p.shr(base, { call });
const frozenLater: Make = (p, base, at) => {
  const tag = p.mut(base);
  p.write(tag, at);
  p.read(base, at);
  return tag;
};
const disabled: Make = (p, base, at, call) => {
  const tag = p.mut(base, { call });
  p.write(base, at);
  return tag;
};
const disabledShared: Make = (p, base, at, call) => {
  const tag = p.shr(base, { call });
  p.write(base, at);
  return tag;
};
const disabledInteriorMutable: Make = (p, base, at) => {
  const tag = p.mut(base, { cell: true });
  p.write(tag, at);
  p.write(base, at);
  return tag;
};

const IM = "Reserved (interior mutable)";
const CONFLICTED = "Reserved (conflicted)";

function row(state: string, mode: "" | "protected" | "protected, not accessed", make: Make, after: Row["after"]): Row {
  return { state, isProtected: mode !== "", accessed: mode !== "protected, not accessed", make, after };
}

const TABLE: readonly Row[] = [
  row("Cell", "", cell, ["Cell", "Cell", "Cell", "Cell"]),
  row("Reserved", "", reserved, ["Reserved", "Unique", "Reserved", "Disabled"]),
  row(IM, "", interiorMutable, [IM, "Unique", IM, IM]),
  row("Unique", "", unique, ["Unique", "Unique", "Frozen", "Disabled"]),
  row("Frozen", "", frozen, ["Frozen", UB, "Frozen", "Disabled"]),
  row("Frozen", "", frozenLater, ["Frozen", UB, "Frozen", "Disabled"]),
  row("Disabled", "", disabled, [UB, UB, "Disabled", "Disabled"]),
  row("Disabled", "", disabledShared, [UB, UB, "Disabled", "Disabled"]),
  row("Disabled", "", disabledInteriorMutable, [UB, UB, "Disabled", "Disabled"]),
  row("Cell", "protected", cell, ["Cell", "Cell", "Cell", "Cell"]),
  row("Reserved", "protected", reserved, ["Reserved", "Unique", CONFLICTED, UB]),
  row(CONFLICTED, "protected", conflicted, [CONFLICTED, UB, CONFLICTED, UB]),
  row("Unique", "protected", unique, ["Unique", "Unique", UB, UB]),
  row("Frozen", "protected", frozen, ["Frozen", UB, "Frozen", UB]),
  row("Cell", "protected, not accessed", cell, ["Cell", "Cell", "Cell", "Cell"]),
  row("Reserved", "protected, not accessed", reserved, ["Reserved", "Unique", CONFLICTED, "Disabled"]),
  row(CONFLICTED, "protected, not accessed", conflicted, [CONFLICTED, UB, CONFLICTED, "Disabled"]),
  row("Frozen", "protected, not accessed", frozen, ["Frozen", UB, "Frozen", "Disabled"]),
  row("Disabled", "protected, not accessed", disabled, [UB, UB, "Disabled", "Disabled"]),
  row("Disabled", "protected, not accessed", disabledShared, [UB, UB, "Disabled", "Disabled"]),
];

interface Access {
  readonly name: string;
  /** Its column in the table. */
  readonly column: number;
  readonly isWrite: boolean;
  /** The tag that it goes through: made without an access. */
  through(p: Program, base: Tag, tag: Tag): Tag;
}

const EMPTY = { size: 0 };

const ACCESSES: readonly Access[] = [
  { name: "a read through it", column: 0, isWrite: false, through: (_p, _base, tag) => tag },
  {
    name: "a read through what is derived from it",
    column: 0,
    isWrite: false,
    through: (p, _, tag) => p.mut(tag, EMPTY),
  },
  { name: "a write through it", column: 1, isWrite: true, through: (_p, _base, tag) => tag },
  {
    name: "a write through what is derived from it",
    column: 1,
    isWrite: true,
    through: (p, _, tag) => p.mut(tag, EMPTY),
  },
  { name: "a read through its parent", column: 2, isWrite: false, through: (_, base) => base },
  { name: "a read through a sibling", column: 2, isWrite: false, through: (p, base) => p.shr(base, EMPTY) },
  { name: "a write through its parent", column: 3, isWrite: true, through: (_, base) => base },
  { name: "a write through a sibling", column: 3, isWrite: true, through: (p, base) => p.mut(base, EMPTY) },
];

/** The state that follows, or `UB`. */
function follow(r: Row, access: Access, repeat: number): string {
  const p = new Program("tree");
  const at = r.accessed ? 0 : OUTSIDE;
  const base = p.mut(p.root, { size: 8 });
  const tag = r.make(p, base, at, r.isProtected ? CALL : -1);
  expect(p.state(tag, at)).toBe(r.state);
  const through = access.through(p, base, tag);
  const violation = violationOf(() => {
    for (let n = 0; n < repeat; n++) {
      if (access.isWrite) p.write(through, at);
      else p.read(through, at);
    }
  });
  return violation === undefined ? p.state(tag, at) : UB;
}

describe("the transitions of Tree Borrows", () => {
  for (const r of TABLE) {
    const mode = r.isProtected ? (r.accessed ? ", protected" : ", protected but not accessed") : "";
    for (const access of ACCESSES) {
      const expected = r.after[access.column]!;
      it(`${r.state}${mode} (${r.make.name}): ${access.name} leads to ${expected}`, () => {
        expect(follow(r, access, 1)).toBe(expected);
      });
    }
  }

  it("are idempotent: the same access again changes nothing", () => {
    for (const r of TABLE) {
      for (const access of ACCESSES) expect(follow(r, access, 3)).toBe(r.after[access.column]);
    }
  });
});

describe("the end of a protector", () => {
  it("is a write of what was written, which its siblings see and its children do not", () => {
    const p = new Program("tree");
    const base = p.mut(p.root, { size: 8 });
    const argument = p.mut(base, { size: 1, call: CALL });
    p.write(argument, OUTSIDE);
    const child = p.mut(argument, EMPTY);
    const sibling = p.mut(base, EMPTY);
    p.end(CALL);
    expect([p.state(sibling, OUTSIDE), p.state(child, OUTSIDE), p.state(argument, OUTSIDE)]).toEqual([
      "Disabled",
      "Reserved",
      "Unique",
    ]);
  });

  it("is a read of what was read, which freezes what siblings wrote", () => {
    const p = new Program("tree");
    const base = p.mut(p.root, { size: 8 });
    const argument = p.shr(base, { size: 1, call: CALL });
    const cell = p.shr(base, { size: 1, cell: true });
    p.read(argument, OUTSIDE);
    p.end(CALL);
    expect([p.state(argument, OUTSIDE), p.state(cell, OUTSIDE)]).toEqual(["Frozen", "Cell"]);
  });

  it("takes the conflict away", () => {
    const p = new Program("tree");
    const base = p.mut(p.root, { size: 8 });
    const argument = p.mut(base, { call: CALL });
    p.read(base);
    expect(p.state(argument)).toBe("Reserved (conflicted)");
    p.end(CALL);
    expect(p.state(argument)).toBe("Reserved");
  });
});

describe("implicit writes", () => {
  it("activate protected mutable references and boxes at once, in their pointee only", () => {
    const p = new Program("tree", { implicitWrites: true });
    const base = p.mut(p.root, { size: 8 });
    const argument = p.mut(base, { call: CALL });
    expect([p.state(argument), p.state(argument, OUTSIDE)]).toEqual(["Unique", "Reserved"]);
    p.end(CALL);
    expect(p.state(p.box(argument, { call: CALL }))).toBe("Unique");
    p.end(CALL);
    expect(p.state(p.mut(base))).toBe("Reserved");
  });

  it("forbid the read that is allowed without them", () => {
    const run = (implicitWrites: boolean): unknown => {
      const p = new Program("tree", { implicitWrites });
      const base = p.mut(p.root);
      p.mut(base, { call: CALL });
      return violationOf(() => p.read(base))?.kind;
    };
    expect([run(false), run(true)]).toEqual([undefined, "protected"]);
  });
});
