/** When Stacked Borrows asks for a collection: soon where dead items make it slow, and seldom where collecting does not help. */

import { expect, it } from "vitest";
import { Program } from "../testing/program.ts";
import { FIRST_TAG, type Tag } from "../violation.ts";

/** Keeps these tags alone. */
function collect(p: Program, live: readonly Tag[]): void {
  const isLive = new Uint8Array(p.tracker.tagCount());
  for (const tag of live) if (tag >= FIRST_TAG) isLive[tag - FIRST_TAG] = 1;
  p.tracker.retainTags(isLive);
}

it("collects a chain of reborrows long before it has run out of tags", () => {
  const p = new Program("stacked");
  let whole = p.mut(p.root, { size: 8 });
  let collections = 0;
  for (let i = 0; i < 3000; i++) {
    whole = p.mut(whole, { size: 8 });
    p.write(p.mut(whole, { at: i & 7, size: 1 }), i & 7, 1);
    if (!p.tracker.collectionDue) continue;
    collections++;
    collect(p, [whole]);
  }
  expect(collections).toBeGreaterThan(20);
});

it("leaves long stacks alone that live tags need", () => {
  const p = new Program("stacked");
  const live = [p.mut(p.root)];
  for (let i = 0; i < 200; i++) live.push(p.mut(live[i]!));
  let collections = 0;
  for (let i = 0; i < 20_000; i++) {
    const last = live[live.length - 1]!;
    live[live.length - 1] = p.mut(live[live.length - 2]!);
    p.tracker.permissionAt(7, last, 0);
    if (!p.tracker.collectionDue) continue;
    collections++;
    collect(p, live);
  }
  expect(collections).toBeLessThan(20);
  expect(p.state(live[0]!)).toBe("Unique");
});
