/**
 * Checks layouts against rustc's: random types over everything that layout knows, each one's whole layout (size, alignment, field offsets of
 * every variant, niches, tags with the bytes that mean each variant, how it travels), and that of `Option` of it. Every compiler is compared with
 * the layout policy of its release. Prints a row per compiler and target and the first differences; ends with status 1 when there is any, 2 when
 * rustc is not there or rejects a type.
 *
 *   node scripts/check-layouts.ts [--types N] [--seed S] [--targets TRIPLE,…] [--rustc PATH]… [--batch N]
 *
 * Without `--rustc`: the compiler of the path, the system's, and rustup's nightly.
 */

import { parseArgs } from "node:util";
import { layoutOf } from "../codegen/layout/layout.ts";
import { dumpLayout } from "../codegen/layout/testing/dump-layout.ts";
import { randomLayoutSample } from "../codegen/layout/testing/random-layouts.ts";
import { findRustcs, type RustcDialect, rustcDialect } from "../codegen/layout/testing/rustc-dialect.ts";
import { rustcLayouts } from "../codegen/layout/testing/rustc-layouts.ts";
import { DATA_LAYOUTS } from "../codegen/target/spec.ts";

const SHOWN_DIFFERENCES = 5;
const TRIPLES = ["x86_64-unknown-linux-gnu", "i686-unknown-linux-gnu", "aarch64-unknown-linux-gnu"];

interface Tally {
  types: number;
  layouts: number;
  /** Of them, those that hide a tag in a niche. */
  niches: number;
  equal: number;
  readonly differences: string[];
}

/** Compares one batch; every batch is a crate of its own. */
function compareBatch(dialect: RustcDialect, triple: string, seed: number, count: number, tally: Tally): void {
  const dataLayout = DATA_LAYOUTS.get(triple);
  if (dataLayout === undefined) throw new Error(`unknown target ${triple}`);
  const sample = randomLayoutSample(seed, count, dataLayout, dialect);
  const theirs = rustcLayouts(dialect.rustc, triple, sample.lines);
  sample.dumped.forEach((ty, i) => {
    if (ty === undefined) return;
    const { layout } = layoutOf(sample.cx, ty);
    const ours = dumpLayout(dataLayout, layout, dialect.variants);
    tally.layouts++;
    if (layout.variants.kind === "multiple" && layout.variants.encoding.kind === "niche") tally.niches++;
    if (ours === theirs[i]) tally.equal++;
    else if (tally.differences.length < SHOWN_DIFFERENCES)
      tally.differences.push(
        `seed ${seed}: ${sample.lines[i]}\n  ours:  ${ours}\n  rustc: ${theirs[i] ?? "no layout"}`,
      );
  });
  tally.types += count;
}

function checkTarget(dialect: RustcDialect, triple: string, types: number, seed: number, batch: number): Tally {
  const tally: Tally = { types: 0, layouts: 0, niches: 0, equal: 0, differences: [] };
  for (let i = 0; tally.types < types; i++)
    compareBatch(dialect, triple, seed + i, Math.min(batch, types - tally.types), tally);
  return tally;
}

function main(): number {
  const { values } = parseArgs({
    options: {
      types: { type: "string", default: "20000" },
      seed: { type: "string", default: "1" },
      targets: { type: "string", default: TRIPLES.join(",") },
      rustc: { type: "string", multiple: true },
      batch: { type: "string", default: "1000" },
    },
  });
  const dialects = values.rustc?.map(rustcDialect) ?? findRustcs();
  if (dialects.length === 0) throw new Error("no rustc found: install one, or name it with --rustc");
  let different = 0;
  for (const dialect of dialects) {
    console.log(dialect.version);
    for (const triple of values.targets.split(",")) {
      const start = process.hrtime.bigint();
      const tally = checkTarget(dialect, triple, Number(values.types), Number(values.seed), Number(values.batch));
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      different += tally.layouts - tally.equal;
      console.log(
        `${triple.padEnd(28)} ${tally.types} types, ${tally.layouts} layouts (${tally.niches} by niche), ${tally.equal} equal, ` +
          `${tally.layouts - tally.equal} different (${seconds.toFixed(1)} s)`,
      );
      for (const difference of tally.differences) console.log(difference);
    }
  }
  return different === 0 ? 0 : 1;
}

try {
  process.exitCode = main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
