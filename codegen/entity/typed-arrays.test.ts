import fc from "fast-check";
import { expect, test } from "vitest";
import { ensure, extend } from "./typed-arrays.ts";

const arrays = fc.oneof(
  fc.int32Array({ maxLength: 200 }),
  fc.uint8Array({ maxLength: 200 }),
  fc.uint16Array({ maxLength: 200 }),
);

test("an array that is long enough stays the same, another one comes of the same kind", () => {
  fc.assert(
    fc.property(arrays, fc.nat(500), (array, length) => {
      for (const grown of [ensure(array, length), extend(array, length)]) {
        expect(grown.constructor).toBe(array.constructor);
        expect(grown.length).toBeGreaterThanOrEqual(length);
        expect(grown === array).toBe(array.length >= length);
      }
    }),
  );
});

test("what extends keeps its contents, with zeros behind them, and is twice as long", () => {
  fc.assert(
    fc.property(arrays, fc.integer({ min: 1, max: 100 }), (array, more) => {
      const grown = extend(array, array.length + more);
      expect([...grown.subarray(0, array.length)]).toEqual([...array]);
      expect(grown.subarray(array.length).every((x) => x === 0)).toBe(true);
      expect(grown.length).toBeGreaterThanOrEqual(array.length * 2);
    }),
  );
});
