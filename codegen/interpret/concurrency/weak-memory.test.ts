/** Which values loads may see: the litmus tests of the C++20 memory model, over many seeds. */

import { describe, expect, it } from "vitest";
import type { DataRaceDetector, Ordering } from "./data-race.ts";
import { createDataRaceDetector } from "./detector.ts";

const X = 1;
const Y = 2;

/** Atomic variables that begin with 0, over a detector; the memory is the last store. */
class Program {
  readonly d: DataRaceDetector<number>;
  private readonly memory = new Map<number, number>();

  constructor(seed: number, threads: number) {
    this.d = createDataRaceDetector<number>({ seed });
    for (let t = 1; t <= threads; t++) this.d.threadCreated(0, t);
  }

  load(thread: number, place: number, ordering: Ordering): number {
    const seen = this.d.atomicLoad(thread, place, 0, 4, ordering);
    return seen === undefined ? (this.memory.get(place) ?? 0) : (seen.value ?? Number.NaN);
  }

  store(thread: number, place: number, ordering: Ordering, value: number): void {
    this.d.atomicStore(thread, place, 0, 4, ordering, value, this.memory.get(place) ?? 0);
    this.memory.set(place, value);
  }

  add(thread: number, place: number, ordering: Ordering): number {
    const old = this.memory.get(place) ?? 0;
    this.d.atomicRmw(thread, place, 0, 4, ordering, old + 1, old);
    this.memory.set(place, old + 1);
    return old;
  }
}

/** The outcomes that some seed shows. */
function outcomes(threads: number, run: (p: Program) => readonly number[]): Set<string> {
  const seen = new Set<string>();
  for (let seed = 0; seed < 300; seed++) seen.add(run(new Program(seed, threads)).join(" "));
  return seen;
}

describe("a relaxed load", () => {
  it("may see an older store or the initial value", () => {
    const seen = outcomes(2, (p) => {
      p.store(1, X, "relaxed", 1);
      p.store(1, X, "relaxed", 2);
      return [p.load(2, X, "relaxed")];
    });
    expect([...seen].sort()).toEqual(["0", "1", "2"]);
  });

  it("of the storing thread sees its own last store", () => {
    const seen = outcomes(1, (p) => {
      p.store(1, X, "relaxed", 1);
      p.store(1, X, "relaxed", 2);
      return [p.load(1, X, "relaxed")];
    });
    expect([...seen]).toEqual(["2"]);
  });

  it("never goes back behind what the thread saw before", () => {
    const seen = outcomes(2, (p) => {
      for (let n = 1; n <= 3; n++) p.store(1, X, "relaxed", n);
      return [p.load(2, X, "relaxed"), p.load(2, X, "relaxed")];
    });
    for (const outcome of seen) {
      const [first = 0, second = 0] = outcome.split(" ").map(Number);
      expect(first).toBeLessThanOrEqual(second);
    }
    expect(seen.has("0 3")).toBe(true);
  });

  it("sees nothing older than what was stored before its thread began", () => {
    const seen = outcomes(1, (p) => {
      p.store(0, X, "relaxed", 1);
      p.d.threadCreated(0, 2);
      p.store(0, X, "relaxed", 2);
      return [p.load(2, X, "relaxed")];
    });
    expect([...seen].sort()).toEqual(["1", "2"]);
  });

  it("sees the last store after a non-atomic write", () => {
    const seen = outcomes(2, (p) => {
      p.store(1, X, "relaxed", 1);
      p.d.acquireClock(2, p.d.releaseClock(1));
      p.d.write(2, X, 0, 4);
      return [p.load(2, X, "relaxed")];
    });
    expect([...seen]).toEqual(["1"]);
  });
});

describe("message passing", () => {
  const run = (store: Ordering, load: Ordering): Set<string> =>
    outcomes(2, (p) => {
      p.store(1, X, "relaxed", 1);
      p.store(1, Y, store, 1);
      const flag = p.load(2, Y, load);
      return [flag, p.load(2, X, "relaxed")];
    });

  it("with release and acquire never shows the flag without the data", () => {
    expect([...run("release", "acquire")].sort()).toEqual(["0 0", "0 1", "1 1"]);
    expect(run("seqcst", "seqcst").has("1 0")).toBe(false);
  });

  it("with either of them relaxed does", () => {
    expect(run("relaxed", "acquire").has("1 0")).toBe(true);
    expect(run("release", "relaxed").has("1 0")).toBe(true);
  });

  it("with fences never does", () => {
    const seen = outcomes(2, (p) => {
      p.store(1, X, "relaxed", 1);
      p.d.fence(1, "release");
      p.store(1, Y, "relaxed", 1);
      const flag = p.load(2, Y, "relaxed");
      p.d.fence(2, "acquire");
      return [flag, p.load(2, X, "relaxed")];
    });
    expect(seen.has("1 0")).toBe(false);
    expect(seen.has("1 1")).toBe(true);
  });
});

describe("store buffering", () => {
  const run = (ordering: { store: Ordering; load: Ordering }, fence?: Ordering): Set<string> =>
    outcomes(2, (p) => {
      p.store(1, X, ordering.store, 1);
      if (fence !== undefined) p.d.fence(1, fence);
      p.store(2, Y, ordering.store, 1);
      if (fence !== undefined) p.d.fence(2, fence);
      return [p.load(1, Y, ordering.load), p.load(2, X, ordering.load)];
    });

  it("shows two zeros with relaxed, or release and acquire", () => {
    expect(run({ store: "relaxed", load: "relaxed" }).has("0 0")).toBe(true);
    expect(run({ store: "release", load: "acquire" }).has("0 0")).toBe(true);
    expect(run({ store: "relaxed", load: "relaxed" }, "acqrel").has("0 0")).toBe(true);
  });

  it("never does when all is sequentially consistent, or a fence is between", () => {
    expect(run({ store: "seqcst", load: "seqcst" }).has("0 0")).toBe(false);
    expect(run({ store: "relaxed", load: "relaxed" }, "seqcst").has("0 0")).toBe(false);
  });
});

describe("a sequentially consistent fence before a relaxed load", () => {
  const run = (store: Ordering, fences: boolean): string[] => {
    const seen = outcomes(2, (p) => {
      p.store(1, X, store, 1);
      if (fences) p.d.fence(2, "seqcst");
      return [p.load(2, X, "relaxed")];
    });
    return [...seen].sort();
  };

  it("hides what is older than a sequentially consistent store", () => {
    expect(run("seqcst", true)).toEqual(["1"]);
    expect(run("seqcst", false)).toEqual(["0", "1"]);
    expect(run("release", true)).toEqual(["0", "1"]);
  });
});

describe("a sequentially consistent load", () => {
  it("sees nothing older than another such load saw, whatever the store was", () => {
    const run = (load: Ordering): Set<string> =>
      outcomes(3, (p) => {
        p.store(1, X, "relaxed", 1);
        return [p.load(2, X, load), p.load(3, X, load)];
      });
    expect([...run("seqcst")].sort()).toEqual(["0 0", "0 1", "1 1"]);
    expect(run("acquire").has("1 0")).toBe(true);
  });

  it("after a fence of another thread sees nothing older than what was stored before that", () => {
    const run = (load: Ordering): string[] => {
      const seen = outcomes(2, (p) => {
        p.store(1, X, "relaxed", 1);
        p.d.fence(1, "seqcst");
        return [p.load(2, X, load)];
      });
      return [...seen].sort();
    };
    expect(run("seqcst")).toEqual(["1"]);
    expect(run("acquire")).toEqual(["0", "1"]);
  });
});

describe("read-modify-writes", () => {
  it("always see the last store, so no increment is lost", () => {
    const seen = outcomes(2, (p) => {
      for (let n = 0; n < 6; n++) p.add(1 + (n % 2), X, "relaxed");
      return [p.add(1, X, "relaxed")];
    });
    expect([...seen]).toEqual(["6"]);
  });

  it("that fail to exchange see the last store too, and later loads nothing older", () => {
    const seen = outcomes(2, (p) => {
      p.store(1, X, "relaxed", 1);
      p.store(1, X, "relaxed", 2);
      p.d.atomicFailedExchange(2, X, 0, 4, "relaxed");
      return [p.load(2, X, "relaxed")];
    });
    expect([...seen]).toEqual(["2"]);
  });
});

describe("independent reads of independent writes", () => {
  const run = (ordering: { store: Ordering; load: Ordering }): Set<string> =>
    outcomes(4, (p) => {
      p.store(1, X, ordering.store, 1);
      p.store(2, Y, ordering.store, 1);
      const a = [p.load(3, X, ordering.load), p.load(3, Y, ordering.load)];
      return [...a, p.load(4, Y, ordering.load), p.load(4, X, ordering.load)];
    });

  it("may be seen in different orders with acquire, never when sequentially consistent", () => {
    expect(run({ store: "release", load: "acquire" }).has("1 0 1 0")).toBe(true);
    expect(run({ store: "seqcst", load: "seqcst" }).has("1 0 1 0")).toBe(false);
  });
});

it("the same seed sees the same values, and without weak memory all see the last", () => {
  const run = (seed: number): string => {
    const p = new Program(seed, 2);
    const seen: number[] = [];
    for (let n = 1; n < 20; n++) {
      p.store(1, X, "relaxed", n);
      seen.push(p.load(2, X, "relaxed"));
    }
    return seen.join(" ");
  };
  expect(run(5)).toBe(run(5));
  expect(run(5)).not.toBe(run(6));
  const d = createDataRaceDetector<number>({ seed: 5, weakMemory: false });
  d.threadCreated(0, 1);
  d.atomicStore(0, X, 0, 4, "relaxed", 1, 0);
  expect(d.atomicLoad(1, X, 0, 4, "relaxed")).toBe(undefined);
});
