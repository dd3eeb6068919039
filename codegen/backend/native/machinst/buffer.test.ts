/**
 * MachBuffer's branch shortening as a law: with random branches and padding, every branch reaches its label, a short one only where it fits, and a
 * long one only where a short one would not.
 */

import fc from "fast-check";
import { expect, test } from "vitest";
import { type BranchShape, MachBuffer } from "./buffer.ts";

const LONG = 0xe9;
const SHORT = 0xeb;
const PADDING = 0x90;

/** `E9 rel32` and `EB rel8`, as x86's jumps. */
const SHAPE: BranchShape = {
  longSize: () => 5,
  shortSize: 2,
  shortMin: -128,
  shortMax: 127,
  shorten(bytes, at, displacement): void {
    bytes[at] = SHORT;
    bytes[at + 1] = displacement;
  },
  patchLong(bytes, at, displacement): void {
    for (let i = 0; i < 4; i++) bytes[at + 1 + i] = displacement >> (8 * i);
  },
};

interface Piece {
  /** Bytes before the branch. */
  readonly padding: number;
  /** Which label the branch goes to: a share of all. */
  readonly target: number;
}

/** A label before each piece and one at the end, whose places are found by walking the result. */
function build(pieces: readonly Piece[]): {
  code: Uint8Array;
  offsets: number[];
  targets: number[];
  fixupTarget: number;
} {
  const buffer = new MachBuffer(SHAPE);
  const first = buffer.newLabels(pieces.length + 1);
  const targets = pieces.map((piece) => first + Math.floor(piece.target * (pieces.length + 1)));
  pieces.forEach((piece, i) => {
    buffer.bind(first + i);
    for (let n = 0; n < piece.padding; n++) buffer.put1(PADDING);
    buffer.noteBranch(targets[i]!);
    buffer.put1(LONG);
    buffer.put4(0);
  });
  buffer.bind(first + pieces.length);
  buffer.putLabel4(first, 0);
  buffer.putSymbol4("symbol", -4);
  const code = buffer.finish();
  expect(buffer.relocs).toEqual([{ offset: code.length - 4, symbol: "symbol", addend: -4, isCall: false }]);
  const offsets = Array.from({ length: pieces.length + 1 }, (_, i) => buffer.labelOffset(first + i));
  const fixupTarget = new DataView(code.buffer).getInt32(code.length - 8, true) + code.length - 4;
  return { code, offsets, targets, fixupTarget };
}

test("every branch reaches its label in the shortest form", () => {
  const pieces = fc.array(
    fc.record({ padding: fc.integer({ min: 0, max: 60 }), target: fc.double({ min: 0, max: 0.999, noNaN: true }) }),
    { minLength: 1, maxLength: 40 },
  );
  fc.assert(
    fc.property(pieces, (list) => {
      const { code, offsets, targets, fixupTarget } = build(list);
      const view = new DataView(code.buffer);
      let at = 0;
      list.forEach((piece, i) => {
        expect(offsets[i]).toBe(at);
        for (let n = 0; n < piece.padding; n++) expect(code[at++]).toBe(PADDING);
        const target = offsets[targets[i]!]!;
        const isShort = code[at] === SHORT;
        const end = at + (isShort ? 2 : 5);
        expect(end + (isShort ? view.getInt8(at + 1) : view.getInt32(at + 1, true))).toBe(target);
        // From the end of a short branch here, with what comes after it moved up when the target does.
        const wouldBe = target > at ? target - end : target - (at + 2);
        if (!isShort) expect(wouldBe < -128 || wouldBe > 127).toBe(true);
        at = end;
      });
      expect(offsets[list.length]).toBe(at);
      expect(fixupTarget).toBe(0);
      expect(code.length).toBe(at + 8);
    }),
    { numRuns: 300 },
  );
});
