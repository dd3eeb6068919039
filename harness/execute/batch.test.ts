import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EventKind, HOST_TARGET, MAX_EVENTS_PER_CASE, RECORD_SIZE } from "../../codegen/index.ts";
import { type BatchRequest, type BatchRun, runBatch } from "./batch.ts";

let directory = "";
let serial = 0;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "mirwatch-batch-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function record(kind: number, number: number, high = 0): Buffer {
  const bytes = Buffer.alloc(RECORD_SIZE);
  bytes.writeUInt32LE(kind, 0);
  bytes.writeUInt32LE(number, 8);
  bytes.writeUInt32LE(high, 16);
  return bytes;
}

function whole(number: number, value: number): Buffer {
  return Buffer.concat([
    record(EventKind.CASE_START, number),
    record(EventKind.I32, value),
    record(EventKind.CASE_END, number),
  ]);
}

function file(bytes: Buffer): string {
  const path = join(directory, `stream-${serial++}`);
  writeFileSync(path, bytes);
  return path;
}

/** A fake batch executable: `all` is what it does for all cases, `alone` for one (`$1`). */
function fake(all: string, alone = "exit 0"): string {
  const path = join(directory, `fake-${serial++}`);
  writeFileSync(path, `#!/bin/sh\nPATH=/usr/bin:/bin\nif [ "$1" = - ]; then\n${all}\nelse\n${alone}\nfi\n`);
  chmodSync(path, 0o755);
  return path;
}

function run(executable: string, caseCount: number, extra: Partial<BatchRequest> = {}): Promise<BatchRun> {
  return runBatch({ executable, target: HOST_TARGET.triple, caseCount, caseMilliseconds: 300, ...extra });
}

const ends = (batch: BatchRun): string[] => batch.cases.map((c) => c.end);

describe("a batch", () => {
  test("that is well-formed needs one process", async () => {
    const stream = Buffer.concat([
      whole(0, 5),
      Buffer.concat([record(EventKind.CASE_START, 1), record(EventKind.PANIC, 3)]),
      whole(2, 6),
    ]);
    const batch = await run(fake(`cat ${file(stream)}`), 3);
    expect(ends(batch)).toEqual(["returned", "panicked", "returned"]);
    expect(batch.reruns).toBe(0);
    expect(batch.cases[0]!.events).toEqual(record(EventKind.I32, 5));
    expect(batch.cases[1]!.events).toEqual(record(EventKind.PANIC, 3));
  });

  test("gets the case and the limit as arguments", async () => {
    const seen = join(directory, "seen");
    await run(fake(`echo "$*" >> ${seen}`, `echo "$*" >> ${seen}; cat ${file(whole(1, 1))}`), 2, {
      caseMilliseconds: 1234,
    });
    await run(fake("exit 0", `echo "$*" >> ${seen}`), 2, { only: 1, caseMilliseconds: 7 });
    const { readFileSync } = await import("node:fs");
    expect(readFileSync(seen, "utf8")).toBe("- 1234\n0 1234\n1 1234\n1 7\n");
  });

  test("that crashes half-way is finished case by case", async () => {
    const zero = file(whole(0, 1));
    const two = file(whole(2, 3));
    const batch = await run(
      fake(`cat ${zero}; kill -SEGV $$`, `if [ $1 = 1 ]; then kill -SEGV $$; else cat ${two}; fi`),
      3,
    );
    expect(ends(batch)).toEqual(["returned", "died", "returned"]);
    expect(batch.cases[1]!.signal).toBe(11);
    expect(batch.reruns).toBe(2);
  });

  test("that exits early with a status", async () => {
    const batch = await run(fake("exit 3", "exit 3"), 1);
    expect(batch.cases[0]).toMatchObject({ end: "died", exitStatus: 3 });
  });

  test("that writes garbage", async () => {
    const noise = file(Buffer.alloc(10_000, 0xa5));
    const batch = await run(fake(`cat ${file(whole(0, 1))} ${noise} ${file(whole(2, 1))}`, `cat ${noise}`), 3);
    expect(ends(batch)).toEqual(["returned", "garbage", "returned"]);
    expect(batch.reruns).toBe(1);
  });

  test("whose stream is cut inside a record", async () => {
    const stream = Buffer.concat([whole(0, 1), whole(1, 2)]);
    const batch = await run(fake(`cat ${file(stream.subarray(0, stream.length - 30))}`, `cat ${file(whole(1, 2))}`), 2);
    expect(ends(batch)).toEqual(["returned", "returned"]);
    expect(batch.reruns).toBe(1);
  });

  test("that hangs, or spins, is stopped; so is each case", async () => {
    for (const script of ["sleep 1000 & wait", "while :; do :; done"]) {
      const batch = await run(fake(`cat ${file(whole(0, 1))}; ${script}`, script), 2, {
        limits: { timeLimit: 800 },
        caseMilliseconds: 100,
      });
      expect(ends(batch)).toEqual(["returned", "missing"]);
      expect(batch.seconds).toBeLessThan(15);
    }
  });

  test("that prints without end is cut", async () => {
    const batch = await run(fake(`cat ${file(whole(0, 1))}; cat /dev/zero`, "cat /dev/zero"), 2, {
      limits: { outputLimit: 1 << 20 },
    });
    expect(ends(batch)).toEqual(["returned", "flood"]);
  });

  test("of which one case floods with records", async () => {
    const flood = Buffer.concat([
      record(EventKind.CASE_START, 0),
      ...Array.from({ length: MAX_EVENTS_PER_CASE + 10 }, () => record(EventKind.U8, 1)),
    ]);
    const batch = await run(fake(`cat ${file(flood)}`, `cat ${file(flood)}`), 1);
    expect(ends(batch)).toEqual(["flood"]);
    expect(batch.cases[0]!.events.length).toBeLessThanOrEqual((MAX_EVENTS_PER_CASE + 4) * RECORD_SIZE);
  });

  test("that allocates without end is stopped", async () => {
    const grow = "x=0123456789abcdef; while :; do x=$x$x; done";
    const batch = await run(fake(grow, grow), 1, { limits: { memoryLimit: 64 << 20 } });
    expect(batch.cases[0]!.end).toBe("died");
  });

  test("that is no executable is a death, not an exception", async () => {
    const path = join(directory, "text");
    writeFileSync(path, "\x7fELF nothing");
    chmodSync(path, 0o755);
    expect(ends(await run(path, 2))).toEqual(["died", "died"]);
    expect(ends(await run(join(directory, "absent"), 1))).toEqual(["died"]);
  });

  test("tells of one case only when only one is asked for", async () => {
    const batch = await run(fake("exit 1", `cat ${file(whole(1, 4))}`), 3, { only: 1 });
    expect(ends(batch)).toEqual(["missing", "returned", "missing"]);
  });
});
