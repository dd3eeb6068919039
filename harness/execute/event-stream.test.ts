import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EventKind, MAX_EVENTS_PER_CASE, RECORD_SIZE } from "../../codegen/index.ts";
import { type CaseResult, decodeWaitStatus, readEventStream } from "./event-stream.ts";

function record(kind: number, tag = 0, low = 0n, high = 0n): Buffer {
  const bytes = Buffer.alloc(RECORD_SIZE);
  bytes.writeUInt32LE(kind, 0);
  bytes.writeUInt32LE(tag, 4);
  bytes.writeBigUInt64LE(low, 8);
  bytes.writeBigUInt64LE(high, 16);
  return bytes;
}

const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const eventArbitrary = fc
  .tuple(fc.integer({ min: EventKind.BOOL, max: EventKind.POINTER }), fc.nat(1000), u64, u64)
  .map(([kind, tag, low, high]) => record(kind, tag, low, high));

interface Model {
  readonly bytes: Buffer;
  readonly result: CaseResult;
}

/** One case as a correct runtime frames it, and what is to be read of it. */
function model(
  number: number,
  events: readonly Buffer[],
  end: "returned" | "panicked" | "died" | "flood",
  status: number,
): Model {
  const n = BigInt(number);
  const body = [...events];
  if (end === "panicked") body.push(record(EventKind.PANIC, 0, 2n));
  const frames = {
    returned: [record(EventKind.CASE_END, 0, n)],
    panicked: [],
    died: [record(EventKind.CASE_DIED, 0, n, BigInt(status))],
    flood: [record(EventKind.CASE_FLOOD, 0, n)],
  };
  return {
    bytes: Buffer.concat([record(EventKind.CASE_START, 0, n), ...body, ...frames[end]]),
    result: { end, events: Buffer.concat(body), ...(end === "died" ? decodeWaitStatus(status) : {}) },
  };
}

const casesArbitrary = fc
  .array(
    fc.tuple(
      fc.array(eventArbitrary, { maxLength: 5 }),
      fc.constantFrom("returned", "panicked", "died", "flood"),
      fc.constantFrom(9, 11, 14, 139, 256, 0x7f00),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((cases) => cases.map(([events, end, status], i) => model(i, events, end, status)));

describe("readEventStream", () => {
  test("reads what a runtime writes", () => {
    fc.assert(
      fc.property(casesArbitrary, (cases) => {
        const results = readEventStream(Buffer.concat(cases.map((c) => c.bytes)), cases.length);
        expect(results.size).toBe(cases.length);
        for (const [i, c] of cases.entries()) expect(results.get(i)).toEqual(c.result);
      }),
    );
  });

  test("a stream that is cut gives exactly the cases that are whole", () => {
    fc.assert(
      fc.property(casesArbitrary, fc.nat(), (cases, at) => {
        const stream = Buffer.concat(cases.map((c) => c.bytes));
        const cut = stream.subarray(0, at % (stream.length + 1));
        const results = readEventStream(cut, cases.length);
        let end = 0;
        for (const [i, c] of cases.entries()) {
          end += c.bytes.length;
          if (end <= cut.length) expect(results.get(i)).toEqual(c.result);
          else expect(results.has(i)).toBe(false);
        }
      }),
    );
  });

  test("garbage spoils the case that it stands in, and no other", () => {
    // Garbage that holds no record of ours: bytes of 0xff.
    fc.assert(
      fc.property(casesArbitrary, fc.nat(), fc.integer({ min: 1, max: 100 }), (cases, at, length) => {
        const spoiled = at % cases.length;
        const garbage = Buffer.alloc(length, 0xff);
        const parts = cases.map((c, i) => {
          if (i !== spoiled) return c.bytes;
          const inside =
            RECORD_SIZE * (1 + (at % (c.bytes.length / RECORD_SIZE - (c.result.end === "panicked" ? 1 : 0))));
          return Buffer.concat([
            c.bytes.subarray(0, Math.min(inside, c.bytes.length - RECORD_SIZE)),
            garbage,
            c.bytes.subarray(Math.min(inside, c.bytes.length - RECORD_SIZE)),
          ]);
        });
        const results = readEventStream(Buffer.concat(parts), cases.length);
        for (const [i, c] of cases.entries()) {
          if (i === spoiled) expect(results.has(i)).toBe(false);
          else expect(results.get(i)).toEqual(c.result);
        }
      }),
    );
  });

  test("no bytes make it throw, or tell of cases that there are none of", () => {
    const chunk = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((b) => Buffer.from(b)),
      fc
        .tuple(fc.constantFrom(1, 19, 32, 33, 34, 35, 99), fc.nat(3), fc.bigInt({ min: 0n, max: 6n }))
        .map(([k, t, l]) => record(k, t, l)),
    );
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 30 }), fc.nat(5), (chunks, count) => {
        const results = readEventStream(Buffer.concat(chunks), count);
        for (const [number, result] of results) {
          expect(number).toBeLessThan(count);
          expect(result.events.length % RECORD_SIZE).toBe(0);
        }
      }),
    );
  });

  test("a death is told even when the start was never written", () => {
    const stream = Buffer.concat([
      model(0, [], "returned", 0).bytes,
      record(EventKind.CASE_DIED, 0, 1n, 11n),
      model(2, [], "returned", 0).bytes,
    ]);
    const results = readEventStream(stream, 3);
    expect(results.get(1)).toEqual({ end: "died", events: Buffer.alloc(0), signal: 11 });
    expect(results.get(2)?.end).toBe("returned");
  });

  test("a case cannot come twice, nor out of order", () => {
    const two = Buffer.concat([
      model(1, [], "returned", 0).bytes,
      model(0, [record(EventKind.I32)], "returned", 0).bytes,
      model(1, [record(EventKind.I32)], "returned", 0).bytes,
    ]);
    expect([...readEventStream(two, 2)].map(([n, r]) => [n, r.events.length])).toEqual([[1, 0]]);
  });

  test("more events than a case may have are no case", () => {
    const many = Array.from({ length: MAX_EVENTS_PER_CASE + 1 }, () => record(EventKind.U8));
    const stream = Buffer.concat([model(0, many, "returned", 0).bytes, model(1, [], "returned", 0).bytes]);
    expect([...readEventStream(stream, 2).keys()]).toEqual([1]);
  });
});

test("the status of wait is a signal or an exit status", () => {
  expect(decodeWaitStatus(11)).toEqual({ signal: 11 });
  expect(decodeWaitStatus(0x8b)).toEqual({ signal: 11 });
  expect(decodeWaitStatus(0x2a00)).toEqual({ exitStatus: 42 });
  expect(decodeWaitStatus(0)).toEqual({ exitStatus: 0 });
});
