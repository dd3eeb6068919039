/**
 * Checks layouts against rustc's: random types over everything that layout knows, each one's whole layout (size, alignment, field offsets of
 * every variant, niches, tags, how it travels), and that of `Option` of it. Prints a row per target and the first differences; ends with
 * status 1 when there is any, 2 when rustc is not there or rejects a type.
 *
 *   node scripts/check-layouts.ts [--types N] [--seed S] [--targets TRIPLE,…] [--rustc PATH] [--batch N]
 */

import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { layoutOf } from "../codegen/layout/layout.ts";
import { dumpLayout } from "../codegen/layout/testing/dump-layout.ts";
import { randomLayoutSample } from "../codegen/layout/testing/random-layouts.ts";
import { rustcLayouts } from "../codegen/layout/testing/rustc-layouts.ts";
import { DATA_LAYOUTS } from "../codegen/target/spec.ts";

const SHOWN_DIFFERENCES = 5;
const TRIPLES = ["x86_64-unknown-linux-gnu", "i686-unknown-linux-gnu", "aarch64-unknown-linux-gnu"];

interface Tally {
  types: number;
  layouts: number;
  equal: number;
  readonly differences: string[];
}

/** Compares one batch; every batch is a crate of its own. */
function compareBatch(rustc: string, triple: string, seed: number, count: number, tally: Tally): void {
  const dataLayout = DATA_LAYOUTS.get(triple);
  if (dataLayout === undefined) throw new Error(`unknown target ${triple}`);
  const sample = randomLayoutSample(seed, count, dataLayout);
  const theirs = rustcLayouts(rustc, triple, sample.lines);
  sample.dumped.forEach((ty, i) => {
    if (ty === undefined) return;
    const ours = dumpLayout(dataLayout, layoutOf(sample.cx, ty).layout);
    tally.layouts++;
    if (ours === theirs[i]) tally.equal++;
    else if (tally.differences.length < SHOWN_DIFFERENCES)
      tally.differences.push(
        `seed ${seed}: ${sample.lines[i]}\n  ours:  ${ours}\n  rustc: ${theirs[i] ?? "no layout"}`,
      );
  });
  tally.types += count;
}

function checkTarget(rustc: string, triple: string, types: number, seed: number, batch: number): Tally {
  const tally: Tally = { types: 0, layouts: 0, equal: 0, differences: [] };
  for (let i = 0; tally.types < types; i++)
    compareBatch(rustc, triple, seed + i, Math.min(batch, types - tally.types), tally);
  return tally;
}

function main(): number {
  const { values } = parseArgs({
    options: {
      types: { type: "string", default: "20000" },
      seed: { type: "string", default: "1" },
      targets: { type: "string", default: TRIPLES.join(",") },
      rustc: { type: "string", default: "rustc" },
      batch: { type: "string", default: "1000" },
    },
  });
  const version = spawnSync(values.rustc, ["--version"], { encoding: "utf8" });
  if (version.status !== 0) {
    console.error(`cannot run ${values.rustc}`);
    return 2;
  }
  console.log(version.stdout.trim());
  let different = 0;
  for (const triple of values.targets.split(",")) {
    const start = process.hrtime.bigint();
    const tally = checkTarget(values.rustc, triple, Number(values.types), Number(values.seed), Number(values.batch));
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    different += tally.layouts - tally.equal;
    console.log(
      `${triple.padEnd(28)} ${tally.types} types, ${tally.layouts} layouts, ${tally.equal} equal, ` +
        `${tally.layouts - tally.equal} different (${seconds.toFixed(1)} s)`,
    );
    for (const difference of tally.differences) console.log(difference);
  }
  return different === 0 ? 0 : 1;
}

try {
  process.exitCode = main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
