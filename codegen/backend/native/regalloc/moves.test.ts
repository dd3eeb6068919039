import fc from "fast-check";
import { expect, test } from "vitest";
import { allocIsReg, allocIsStack, allocReg, allocStack, EDIT_STRIDE, preg } from "./function.ts";
import { MoveList, PHASE_INST } from "./moves.ts";

const SLOTS = 6;
const SCRATCH = [preg(0, 15), preg(1, 15)] as const;

/** Int locations: eight registers and the slots. */
const location: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 0, max: 7 }).map((r) => allocReg(r)),
  fc.integer({ min: 0, max: SLOTS - 1 }).map((s) => allocStack(s)),
);

function run(moves: readonly (readonly [number, number])[]): { edits: Int32Array; slots: number } {
  const list = new MoveList();
  list.reset(1, SCRATCH, () => true);
  for (const [from, to] of moves) list.add(0, PHASE_INST, from, to, 8 << 8);
  list.sequentialiseAll(SLOTS);
  return { edits: list.edits.slice(0, list.numEdits * EDIT_STRIDE), slots: list.numSlots };
}

test("a sequence of moves does what the moves do at once, and never moves from stack to stack", () => {
  const groups = fc.uniqueArray(fc.tuple(location, location), { selector: ([, to]) => to, maxLength: 14 });
  fc.assert(
    fc.property(groups, (moves) => {
      const { edits } = run(moves);
      const machine = new Map<number, number>();
      const read = (a: number) => machine.get(a) ?? a;
      for (let e = 0; e < edits.length; e += EDIT_STRIDE) {
        expect(allocIsStack(edits[e + 1]!) && allocIsStack(edits[e + 2]!)).toBe(false);
        machine.set(edits[e + 2]!, read(edits[e + 1]!));
      }
      const targets = new Set(moves.map(([, to]) => to));
      for (const [from, to] of moves) expect(read(to)).toBe(from);
      // Everything else but the scratch and the slot for cycles is as it was.
      for (const place of machine.keys()) {
        const isTemporary = place === allocReg(SCRATCH[0]) || (allocIsStack(place) && (place & 0xffff) >= SLOTS);
        if (!targets.has(place) && !isTemporary) expect(read(place)).toBe(place);
      }
    }),
    { numRuns: 3000, seed: 1 },
  );
});

test("a swap of registers takes three moves and no memory", () => {
  const { edits, slots } = run([
    [allocReg(0), allocReg(1)],
    [allocReg(1), allocReg(0)],
  ]);
  expect(edits.length / EDIT_STRIDE).toBe(3);
  expect([...edits].filter((_, i) => i % EDIT_STRIDE === 2).every(allocIsReg)).toBe(true);
  expect(slots).toBe(SLOTS);
});

test("two moves to one place from different ones are a fault", () => {
  expect(() =>
    run([
      [allocReg(0), allocReg(2)],
      [allocReg(1), allocReg(2)],
    ]),
  ).toThrow("two moves to location 2");
});
