/** Litmus tests of the data race detector: each synchronisation that prevents a race, and its neighbour that does not. */

import { describe, expect, it } from "vitest";
import { type DataRaceDetector, type Ordering, RaceTrap } from "./data-race.ts";
import { createDataRaceDetector } from "./detector.ts";

const DATA = 1;
const FLAG = 2;

/** A detector in which threads 1 and 2 were made by thread 0. Loads see the last store, for the order of events is what is tested. */
function threads(count = 2): DataRaceDetector<number> {
  const d = createDataRaceDetector<number>({ seed: 0, weakMemory: false });
  for (let t = 1; t <= count; t++) d.threadCreated(0, t);
  return d;
}

function raceOf(act: () => void): RaceTrap["race"] | undefined {
  try {
    act();
  } catch (e) {
    if (e instanceof RaceTrap) return e.race;
    throw e;
  }
  return undefined;
}

const races = (act: () => void): boolean => raceOf(act) !== undefined;

describe("non-atomic accesses", () => {
  const kinds = ["read", "write"] as const;
  for (const first of kinds) {
    for (const second of kinds) {
      const expected = first === "write" || second === "write";
      it(`of two threads: ${first} then ${second} ${expected ? "race" : "do not"}`, () => {
        const d = threads();
        d[first](1, DATA, 0, 4);
        expect(races(() => d[second](2, DATA, 0, 4))).toBe(expected);
      });
      it(`of one thread: ${first} then ${second} do not`, () => {
        const d = threads();
        d[first](1, DATA, 0, 4);
        expect(races(() => d[second](1, DATA, 0, 4))).toBe(false);
      });
    }
  }

  it("of neighbouring bytes do not race, of overlapping ones do, at the first common byte", () => {
    const d = threads();
    d.write(1, DATA, 0, 4);
    expect(races(() => d.write(2, DATA, 4, 4))).toBe(false);
    expect(raceOf(() => d.write(2, DATA, 2, 4))?.at).toBe(2);
  });

  it("before a thread was created do not race with it, after they do", () => {
    const d = createDataRaceDetector<number>({ seed: 0 });
    d.threadCreated(0, 1);
    d.write(0, DATA, 0, 4);
    d.threadCreated(0, 2);
    expect(races(() => d.read(2, DATA, 0, 4))).toBe(false);
    expect(races(() => d.read(1, DATA, 0, 4))).toBe(true);
  });

  it("of a thread that was joined do not race, of one that merely ended do", () => {
    const run = (joins: boolean): boolean => {
      const d = threads();
      d.write(1, DATA, 0, 4);
      d.threadTerminated(1);
      if (joins) d.threadJoined(0, 1);
      return races(() => d.read(0, DATA, 0, 4));
    };
    expect(run(true)).toBe(false);
    expect(run(false)).toBe(true);
  });

  it("of two readers both count against a later write, even when one is ordered", () => {
    const d = threads(3);
    d.read(1, DATA, 0, 4);
    d.read(2, DATA, 0, 4);
    d.acquireClock(3, d.releaseClock(2));
    expect(raceOf(() => d.write(3, DATA, 0, 4))?.first.thread).toBe(1);
    const both = threads(3);
    both.read(1, DATA, 0, 4);
    both.read(2, DATA, 0, 4);
    both.acquireClock(3, both.releaseClock(2));
    both.acquireClock(3, both.releaseClock(1));
    expect(races(() => both.write(3, DATA, 0, 4))).toBe(false);
  });

  it("are ordered by a lock's clock, in the order of its holders only", () => {
    const d = threads();
    d.write(1, DATA, 0, 4);
    const lock = d.releaseClock(1);
    d.write(1, DATA, 8, 4);
    d.acquireClock(2, lock);
    expect(races(() => d.write(2, DATA, 0, 4))).toBe(false);
    expect(races(() => d.read(2, DATA, 8, 4))).toBe(true);
  });

  it("race with an allocation and a deallocation that are not ordered", () => {
    const d = threads();
    d.allocate(1, 9, 8);
    expect(raceOf(() => d.read(2, 9, 0, 1))?.first.access).toBe("allocation");
    const e = threads();
    e.read(1, DATA, 4, 1);
    expect(raceOf(() => e.deallocate(2, DATA, 8))?.second.access).toBe("deallocation");
    const f = threads();
    f.allocate(1, 9, 8);
    f.write(1, 9, 0, 8);
    expect(races(() => f.deallocate(1, 9, 8))).toBe(false);
  });

  it("of retags race like others and are named", () => {
    const d = threads();
    d.position = 11;
    d.write(1, DATA, 0, 4, true);
    d.position = 22;
    expect(raceOf(() => d.read(2, DATA, 0, 4, true))).toMatchObject({
      first: { access: "retag write", thread: 1, position: 11 },
      second: { access: "retag read", thread: 2, position: 22 },
    });
  });
});

describe("message passing", () => {
  const stores: readonly Ordering[] = ["relaxed", "release", "seqcst"];
  const loads: readonly Ordering[] = ["relaxed", "acquire", "seqcst"];
  for (const store of stores) {
    for (const load of loads) {
      const ordered = store !== "relaxed" && load !== "relaxed";
      it(`with a ${store} store and a ${load} load ${ordered ? "is ordered" : "races"}`, () => {
        const d = threads();
        d.write(1, DATA, 0, 4);
        d.atomicStore(1, FLAG, 0, 4, store, 1, 0);
        d.atomicLoad(2, FLAG, 0, 4, load);
        expect(races(() => d.read(2, DATA, 0, 4))).toBe(!ordered);
      });
    }
  }

  for (const release of ["acquire", "release", "acqrel", "seqcst"] as const) {
    for (const acquire of ["acquire", "release", "acqrel", "seqcst"] as const) {
      const ordered = release !== "acquire" && acquire !== "release";
      it(`with relaxed accesses, a ${release} fence before and a ${acquire} fence after, ${ordered ? "is ordered" : "races"}`, () => {
        const d = threads();
        d.write(1, DATA, 0, 4);
        d.fence(1, release);
        d.atomicStore(1, FLAG, 0, 4, "relaxed", 1, 0);
        d.atomicLoad(2, FLAG, 0, 4, "relaxed");
        d.fence(2, acquire);
        // Sequentially consistent fences are ordered among themselves whatever the flag says.
        expect(races(() => d.read(2, DATA, 0, 4))).toBe(!ordered);
      });
    }
  }

  it("with the fences on the wrong sides of the flag races", () => {
    const d = threads();
    d.write(1, DATA, 0, 4);
    d.atomicStore(1, FLAG, 0, 4, "relaxed", 1, 0);
    d.fence(1, "release");
    d.fence(2, "acquire");
    d.atomicLoad(2, FLAG, 0, 4, "relaxed");
    expect(races(() => d.read(2, DATA, 0, 4))).toBe(true);
  });

  it("does not order what comes after the store", () => {
    const d = threads();
    d.atomicStore(1, FLAG, 0, 4, "release", 1, 0);
    d.write(1, DATA, 0, 4);
    d.atomicLoad(2, FLAG, 0, 4, "acquire");
    expect(races(() => d.read(2, DATA, 0, 4))).toBe(true);
  });

  it("is handed on through a third thread", () => {
    const d = threads(3);
    d.write(1, DATA, 0, 4);
    d.atomicStore(1, FLAG, 0, 4, "release", 1, 0);
    d.atomicLoad(2, FLAG, 0, 4, "acquire");
    d.atomicStore(2, FLAG, 8, 4, "release", 1, 0);
    d.atomicLoad(3, FLAG, 8, 4, "acquire");
    expect(races(() => d.write(3, DATA, 0, 4))).toBe(false);
  });
});

describe("release sequences", () => {
  it("go on through a relaxed read-modify-write of another thread", () => {
    const d = threads(3);
    d.write(1, DATA, 0, 4);
    d.atomicStore(1, FLAG, 0, 4, "release", 1, 0);
    d.atomicRmw(2, FLAG, 0, 4, "relaxed", 2, 1);
    d.atomicLoad(3, FLAG, 0, 4, "acquire");
    expect(races(() => d.read(3, DATA, 0, 4))).toBe(false);
  });

  it("are ended by a relaxed store, of the same thread too (C++20)", () => {
    for (const thread of [1, 2]) {
      const d = threads(3);
      d.write(1, DATA, 0, 4);
      d.atomicStore(1, FLAG, 0, 4, "release", 1, 0);
      d.atomicStore(thread, FLAG, 0, 4, "relaxed", 2, 1);
      d.atomicLoad(3, FLAG, 0, 4, "acquire");
      expect(races(() => d.read(3, DATA, 0, 4))).toBe(true);
    }
  });

  it("do not make the middle thread know", () => {
    const d = threads(3);
    d.write(1, DATA, 0, 4);
    d.atomicStore(1, FLAG, 0, 4, "release", 1, 0);
    d.atomicRmw(2, FLAG, 0, 4, "relaxed", 2, 1);
    expect(races(() => d.read(2, DATA, 0, 4))).toBe(true);
  });
});

describe("increments", () => {
  it("that are not atomic race", () => {
    const d = threads();
    d.read(1, DATA, 0, 4);
    d.write(1, DATA, 0, 4);
    expect(races(() => d.read(2, DATA, 0, 4))).toBe(true);
  });

  it("that are atomic do not, even when relaxed", () => {
    const d = threads();
    for (let n = 0; n < 10; n++) d.atomicRmw(1 + (n % 2), DATA, 0, 4, "relaxed", n + 1, n);
    expect(races(() => d.atomicLoad(0, DATA, 0, 4, "relaxed"))).toBe(false);
  });

  it("that are atomic race with a plain read, and with a plain write", () => {
    for (const kind of ["read", "write"] as const) {
      const d = threads();
      d.atomicRmw(1, DATA, 0, 4, "seqcst", 1, 0);
      expect(raceOf(() => d[kind](2, DATA, 0, 4))?.first.access).toBe("atomic read-modify-write");
    }
  });
});

describe("atomic beside non-atomic accesses", () => {
  it("load and plain read do not race; load and plain write do, in both orders", () => {
    const d = threads();
    d.atomicLoad(1, DATA, 0, 4, "relaxed");
    expect(races(() => d.read(2, DATA, 0, 4))).toBe(false);
    expect(raceOf(() => d.write(2, DATA, 0, 4))?.first.access).toBe("atomic load");
    const e = threads();
    e.write(1, DATA, 0, 4);
    expect(races(() => e.atomicLoad(2, DATA, 0, 4, "seqcst"))).toBe(true);
  });

  it("store races with a plain read before and after", () => {
    const d = threads();
    d.read(1, DATA, 0, 4);
    expect(races(() => d.atomicStore(2, DATA, 0, 4, "seqcst", 1, 0))).toBe(true);
    const e = threads();
    e.atomicStore(1, DATA, 0, 4, "seqcst", 1, 0);
    expect(races(() => e.read(2, DATA, 0, 4))).toBe(true);
  });

  it("of one thread never race", () => {
    const d = threads();
    d.write(1, DATA, 0, 4);
    d.atomicStore(1, DATA, 0, 4, "relaxed", 1, 0);
    d.read(1, DATA, 0, 2);
    expect(races(() => d.atomicRmw(1, DATA, 0, 4, "relaxed", 2, 1))).toBe(false);
  });
});

describe("atomic accesses of different sizes", () => {
  it("race when one writes, and the race says the sizes", () => {
    const d = threads();
    d.atomicStore(1, DATA, 0, 4, "seqcst", 1, 0);
    const race = raceOf(() => d.atomicLoad(2, DATA, 0, 2, "seqcst"));
    expect(race).toMatchObject({ mixedSize: true, first: { size: 4 }, second: { size: 2, access: "atomic load" } });
  });

  it("do not race when both only read, until somebody writes", () => {
    const d = threads();
    d.atomicLoad(1, DATA, 0, 4, "relaxed");
    expect(races(() => d.atomicLoad(2, DATA, 0, 2, "relaxed"))).toBe(false);
    expect(raceOf(() => d.atomicStore(2, DATA, 0, 2, "relaxed", 1, 0))?.first).toMatchObject({
      access: "atomic load",
      size: 0,
    });
  });

  it("do not race when they are ordered", () => {
    const d = threads();
    d.atomicStore(1, DATA, 0, 4, "relaxed", 1, 0);
    d.acquireClock(2, d.releaseClock(1));
    expect(races(() => d.atomicStore(2, DATA, 0, 2, "relaxed", 1, 0))).toBe(false);
  });
});

describe("while there is but one thread", () => {
  it("the detector is not active, nor once all others were joined", () => {
    const d = createDataRaceDetector<number>({ seed: 0 });
    expect(d.active).toBe(false);
    d.threadCreated(0, 1);
    d.threadCreated(0, 2);
    expect(d.active).toBe(true);
    d.write(1, DATA, 0, 4);
    d.threadTerminated(1);
    d.threadJoined(0, 1);
    expect(d.active).toBe(true);
    d.threadTerminated(2);
    d.threadJoined(0, 2);
    expect(d.active).toBe(false);
    d.threadCreated(0, 3);
    expect(races(() => d.write(3, DATA, 0, 4))).toBe(false);
  });

  it("it stays active after a thread that ended unjoined", () => {
    const d = threads();
    d.write(1, DATA, 0, 4);
    d.threadTerminated(1);
    d.threadTerminated(2);
    d.threadJoined(0, 2);
    expect(d.active).toBe(true);
    expect(races(() => d.read(0, DATA, 0, 4))).toBe(true);
  });
});
