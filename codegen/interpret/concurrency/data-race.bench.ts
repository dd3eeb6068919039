/**
 * How many accesses per second of CPU time the data race detector takes while threads exist.
 * Run: `node codegen/interpret/concurrency/data-race.bench.ts`.
 */

import type { DataRaceDetector } from "./data-race.ts";
import { createDataRaceDetector } from "./detector.ts";

const LENGTH = 1000;

interface Bench {
  readonly name: string;
  /** How many operations it did. */
  run(detector: DataRaceDetector<number>): number;
}

const BENCHES: readonly Bench[] = [
  {
    name: "two threads read and write an array each",
    run(d) {
      for (let i = 0; i < LENGTH; i++) {
        for (const thread of [1, 2]) {
          d.read(thread, thread, i * 4, 4);
          d.write(thread, thread, i * 4, 4);
        }
      }
      return 4 * LENGTH;
    },
  },
  {
    name: "two threads read one array",
    run(d) {
      for (let i = 0; i < LENGTH; i++) {
        d.read(1, 3, i * 4, 4);
        d.read(2, 3, i * 4, 4);
      }
      return 2 * LENGTH;
    },
  },
  {
    name: "two threads increment an atomic counter",
    run(d) {
      for (let i = 0; i < LENGTH; i++) d.atomicRmw(1 + (i & 1), 4, 0, 8, "relaxed", i + 1, i);
      return LENGTH;
    },
  },
  {
    name: "a lock handed to and fro, and a write under it",
    run(d) {
      for (let i = 0; i < LENGTH; i++) {
        const thread = 1 + (i & 1);
        d.acquireClock(thread, d.releaseClock(3 - thread));
        d.read(thread, 5, 0, 8);
        d.write(thread, 5, 0, 8);
      }
      return 3 * LENGTH;
    },
  },
];

for (const bench of BENCHES) {
  const detector = createDataRaceDetector<number>({ seed: 1 });
  detector.threadCreated(0, 1);
  detector.threadCreated(0, 2);
  bench.run(detector);
  const start = process.cpuUsage();
  let operations = 0;
  let used = 0;
  while (used < 500_000) {
    operations += bench.run(detector);
    const { user, system } = process.cpuUsage(start);
    used = user + system;
  }
  console.log(`${(operations / used).toFixed(1).padStart(6)} M/s   ${bench.name}`);
}
