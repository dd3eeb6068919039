import { expect, it } from "vitest";
import { programSeed } from "../campaign/batch.ts";
import { generateChecked } from "./generate.ts";
import { Campaign, zeroRows } from "./stats.ts";

/** A night makes a hundred times as many. */
const PROGRAMS = 10_000;

it("a campaign of all features has every construct, runs it, and discards next to nothing", () => {
  const campaign = new Campaign();
  for (let i = 0; i < PROGRAMS; i++) {
    const made = generateChecked(programSeed("0", i), { features: "full", coverage: true });
    campaign.add(made.program, made.ran);
    campaign.discard(made.discarded, made.rejections);
  }
  expect(zeroRows(campaign.coverage())).toEqual([]);
  expect(campaign.discards().discarded).toBeLessThan(PROGRAMS / 1000);
}, 600_000);
