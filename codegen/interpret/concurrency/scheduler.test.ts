import { describe, expect, it } from "vitest";
import { Scheduler } from "./scheduler.ts";

/** The threads that run at each of `points` points, with three threads that are always ready. */
function schedule(seed: number, preemption: number, points: number): number[] {
  const s = new Scheduler({ seed, preemption });
  s.spawn();
  s.spawn();
  const ran: number[] = [];
  for (let n = 0; n < points; n++) {
    ran.push(s.current);
    if (--s.budget === 0) s.preempt();
  }
  return ran;
}

describe("a scheduler", () => {
  it("makes the same choices for the same seed, and others for another", () => {
    expect(schedule(3, 0.2, 200)).toEqual(schedule(3, 0.2, 200));
    expect(schedule(3, 0.2, 200)).not.toEqual(schedule(4, 0.2, 200));
  });

  it("switches about as often as asked: two of three picks are another thread", () => {
    const ran = schedule(1, 0.1, 20_000);
    const switches = ran.filter((t, n) => n > 0 && t !== ran[n - 1]).length;
    expect(switches / 20_000).toBeGreaterThan(0.055);
    expect(switches / 20_000).toBeLessThan(0.08);
    expect(new Set(ran).size).toBe(3);
  });

  it("never preempts with probability 0, and at every point with 1", () => {
    expect(new Set(schedule(1, 0, 1000))).toEqual(new Set([0]));
    const s = new Scheduler({ seed: 1, preemption: 1 });
    expect(s.budget).toBe(1);
  });

  it("runs another ready thread on a yield, and the same when there is none", () => {
    const s = new Scheduler({ seed: 1, preemption: 0 });
    expect(s.yield()).toBe(0);
    const other = s.spawn();
    expect(s.yield()).toBe(other);
    expect(s.yield()).toBe(0);
  });

  it("skips blocked and ended threads, and reports a deadlock", () => {
    const s = new Scheduler({ seed: 1, preemption: 0 });
    const a = s.spawn();
    const b = s.spawn();
    s.block(0);
    s.end(a);
    expect(s.next()).toBe(b);
    s.block(b);
    expect(s.next()).toBe(-1);
    s.unblock(0);
    expect(s.next()).toBe(0);
    expect(s.liveCount()).toBe(2);
    s.unblock(a);
    expect(s.isEnded(a)).toBe(true);
  });
});
