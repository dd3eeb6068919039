/**
 * How many memory accesses and retags per second of CPU time the trackers take, on the access patterns of usual programs.
 * Run: `node codegen/interpret/borrow-tracker/borrow-tracker.bench.ts [part of a name]`.
 */

import { type BorrowTracker, createBorrowTracker } from "./borrow-tracker.ts";
import { uniformShape } from "./retag.ts";
import { FIRST_TAG, type Tag } from "./violation.ts";

const MUT = uniformShape("mutable");
const SHARED = uniformShape("shared");
const TWO_PHASE = uniformShape("mutable", { twoPhase: true });
const LENGTH = 1000;
const NO_CALL = -1;

interface Bench {
  readonly name: string;
  /** Does accesses and retags, and says how many of both. */
  run(tracker: BorrowTracker, collect: (live: readonly Tag[]) => void): number;
}

let nextAllocation = 1;

const BENCHES: readonly Bench[] = [
  {
    name: "v[i] += 1 over a &mut [u32], no retag in the loop",
    run(tracker) {
      const alloc = nextAllocation++;
      const v = tracker.retag(alloc, alloc as Tag, 0, LENGTH * 4, MUT, 0);
      for (let round = 0; round < 300; round++) {
        for (let i = 0; i < LENGTH; i++) {
          tracker.read(alloc, v, i * 4, 4);
          tracker.write(alloc, v, i * 4, 4);
        }
      }
      tracker.protectorEnd(0);
      tracker.dealloc(alloc, alloc as Tag);
      return 600 * LENGTH;
    },
  },
  {
    name: "for x in v.iter_mut() { *x += 1 }: a retag per element",
    run(tracker, collect) {
      const alloc = nextAllocation++;
      const v = tracker.retag(alloc, alloc as Tag, 0, LENGTH * 4, MUT, 0);
      for (let round = 0; round < 100; round++) {
        const slice = tracker.retag(alloc, v, 0, LENGTH * 4, MUT, NO_CALL);
        for (let i = 0; i < LENGTH; i++) {
          const x = tracker.retag(alloc, slice, i * 4, 4, MUT, NO_CALL);
          tracker.read(alloc, x, i * 4, 4);
          tracker.write(alloc, x, i * 4, 4);
        }
        collect([v]);
      }
      tracker.protectorEnd(0);
      tracker.dealloc(alloc, alloc as Tag);
      return 300 * LENGTH;
    },
  },
  {
    name: "sum of a &[u32] by a call per element: get(&self, i) -> &u32",
    run(tracker, collect) {
      const alloc = nextAllocation++;
      const v = tracker.retag(alloc, alloc as Tag, 0, LENGTH * 4, SHARED, 0);
      for (let round = 0; round < 100; round++) {
        for (let i = 0; i < LENGTH; i++) {
          const self = tracker.retag(alloc, v, 0, LENGTH * 4, SHARED, 1);
          const element = tracker.retag(alloc, self, i * 4, 4, SHARED, NO_CALL);
          tracker.protectorEnd(1);
          tracker.read(alloc, element, i * 4, 4);
          collect([v]);
        }
      }
      tracker.protectorEnd(0);
      tracker.dealloc(alloc, alloc as Tag);
      return 400 * LENGTH;
    },
  },
  {
    name: "self.count += 1 by a method: two-phase borrow, protected &mut self",
    run(tracker, collect) {
      const alloc = nextAllocation++;
      for (let i = 0; i < 60_000; i++) {
        const borrowed = tracker.retag(alloc, alloc as Tag, 0, 24, TWO_PHASE, NO_CALL);
        const self = tracker.retag(alloc, borrowed, 0, 24, MUT, 1);
        tracker.read(alloc, self, 8, 8);
        tracker.write(alloc, self, 8, 8);
        tracker.protectorEnd(1);
        collect([]);
      }
      tracker.dealloc(alloc, alloc as Tag);
      return 60_000 * 4;
    },
  },
  {
    name: "quicksort of 1000 by split_at_mut",
    run(tracker, collect) {
      const alloc = nextAllocation++;
      let done = 0;
      const sort = (parent: Tag, from: number, to: number, depth: number): void => {
        const v = tracker.retag(alloc, parent, from * 4, (to - from) * 4, MUT, depth);
        done++;
        if (to - from > 1) {
          for (let i = from; i < to; i++) {
            tracker.read(alloc, v, i * 4, 4);
            tracker.write(alloc, v, i * 4, 4);
            done += 2;
          }
          const middle = (from + to) >> 1;
          const left = tracker.retag(alloc, v, from * 4, (middle - from) * 4, MUT, NO_CALL);
          const right = tracker.retag(alloc, v, middle * 4, (to - middle) * 4, MUT, NO_CALL);
          sort(left, from, middle, depth + 1);
          sort(right, middle, to, depth + 1);
        }
        tracker.protectorEnd(depth);
      };
      for (let round = 0; round < 10; round++) {
        sort(alloc as Tag, 0, LENGTH, 0);
        collect([]);
      }
      tracker.dealloc(alloc, alloc as Tag);
      return done;
    },
  },
  {
    name: "a local per call: let mut x; f(&mut x)",
    run(tracker, collect) {
      for (let i = 0; i < 60_000; i++) {
        const alloc = nextAllocation++;
        const x = tracker.retag(alloc, alloc as Tag, 0, 8, MUT, NO_CALL);
        const arg = tracker.retag(alloc, x, 0, 8, MUT, 1);
        tracker.write(alloc, arg, 0, 8);
        tracker.protectorEnd(1);
        tracker.read(alloc, alloc as Tag, 0, 8);
        tracker.dealloc(alloc, alloc as Tag);
        collect([]);
      }
      return 60_000 * 5;
    },
  },
  {
    name: "random v[i] ^= v[j] through alternating &mut reborrows",
    run(tracker, collect) {
      const alloc = nextAllocation++;
      const v = tracker.retag(alloc, alloc as Tag, 0, LENGTH * 4, MUT, 0);
      let seed = 1;
      for (let n = 0; n < 100_000; n++) {
        seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
        const i = seed % LENGTH;
        const j = (seed >> 8) % LENGTH;
        const x = tracker.retag(alloc, v, i * 4, 4, MUT, NO_CALL);
        tracker.read(alloc, v, j * 4, 4);
        if (j !== i) tracker.write(alloc, x, i * 4, 4);
        if (n % LENGTH === 0) collect([v]);
      }
      tracker.protectorEnd(0);
      tracker.dealloc(alloc, alloc as Tag);
      return 300_000;
    },
  },
];

function collector(tracker: BorrowTracker): (live: readonly Tag[]) => void {
  return (live) => {
    if (!tracker.collectionDue) return;
    const isLive = new Uint8Array(tracker.tagCount());
    for (const tag of live) isLive[tag - FIRST_TAG] = 1;
    tracker.retainTags(isLive);
  };
}

function measure(bench: Bench, model: "tree" | "stacked"): number {
  const tracker = createBorrowTracker(model, { sizeOf: () => LENGTH * 4, isLocal: () => false });
  const collect = collector(tracker);
  bench.run(tracker, collect);
  const start = process.cpuUsage();
  let operations = 0;
  let used = 0;
  while (used < 700_000) {
    operations += bench.run(tracker, collect);
    const { user, system } = process.cpuUsage(start);
    used = user + system;
  }
  return operations / used;
}

const only = process.argv[2] ?? "";

for (const bench of BENCHES.filter((b) => b.name.includes(only))) {
  const tree = measure(bench, "tree").toFixed(1).padStart(6);
  const stacked = measure(bench, "stacked").toFixed(1).padStart(6);
  console.log(`tree ${tree} M/s   stacked ${stacked} M/s   ${bench.name}`);
}
