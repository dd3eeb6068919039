/**
 * How fast the MIR passes are: all of `-Z mir-opt-level=4` over the programs of `corpora/rust`, in CPU milliseconds per pass and megabytes of MIR
 * text per second, and over one huge function, at two sizes: what does not grow with the size alone shows there. Run it with
 * `node codegen/transform/transform.bench.ts`.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LayoutCx } from "../layout/layout.ts";
import { parseProgram } from "../mir/parser.ts";
import type { Program } from "../mir/program.ts";
import { newLayoutCx } from "../monomorphize/layouts.ts";
import { HOST_TARGET } from "../target/spec.ts";
import { MIR_PASSES } from "./pass-table.ts";
import { runMirPasses } from "./run-passes.ts";

const CORPUS = join(import.meta.dirname, "../../corpora/rust");
const HUGE_BLOCKS = 20_000;

function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}

/** CPU milliseconds by pass, of all passes over `program`. */
function addTimes(program: Program, layouts: LayoutCx, times: Map<string, number>): void {
  let last = cpuMilliseconds();
  runMirPasses(program, layouts, {
    mirOptLevel: 4,
    onPass: ({ pass }) => {
      const now = cpuMilliseconds();
      times.set(pass, (times.get(pass) ?? 0) + now - last);
      last = now;
    },
  });
}

function printTimes(title: string, bytes: number, times: ReadonlyMap<string, number>): void {
  const total = [...times.values()].reduce((sum, ms) => sum + ms, 0);
  const rate = bytes / 1e6 / (total / 1e3);
  console.log(`${title}: ${(bytes / 1e6).toFixed(2)} MB in ${total.toFixed(0)} ms, ${rate.toFixed(2)} MB/s`);
  for (const [pass, ms] of [...times].sort(([, a], [, b]) => b - a).slice(0, 8))
    console.log(`  ${pass.padEnd(46)}${ms.toFixed(1).padStart(9)} ms`);
}

function benchCorpus(): void {
  const times = new Map<string, number>();
  let bytes = 0;
  for (const file of readdirSync(CORPUS).filter((name) => name.endsWith(".mir"))) {
    const text = readFileSync(join(CORPUS, file), "utf8");
    bytes += text.length;
    const program = parseProgram(text, { file });
    addTimes(program, newLayoutCx(program, HOST_TARGET.dataLayout), times);
  }
  printTimes("corpora/rust", bytes, times);
}

/** Diamonds in a row: each compares, goes one of two ways, and stores what the next looks at. */
function hugeFunction(blocks: number): string {
  const locals: string[] = [];
  const lines: string[] = ["    bb0: { _2 = copy _1; goto -> bb1; }"];
  for (let at = 1, l = 3; at < blocks; at += 4, l += 6) {
    const value = l === 3 ? 2 : l - 2;
    const types = ["bool", "u32", "&u32", "(u32, bool)", "u32", "u32"];
    locals.push(...types.map((ty, i) => `    let mut _${l + i}: ${ty};`));
    const [condition, constant, pointer, pair, next, other] = [l, l + 1, l + 2, l + 3, l + 4, l + 5];
    lines.push(
      `    bb${at}: { _${condition} = Eq(copy _${value}, const ${at}_u32); switchInt(move _${condition}) -> [0: bb${at + 2}, otherwise: bb${at + 1}]; }`,
      `    bb${at + 1}: { StorageLive(_${constant}); _${constant} = const ${at}_u32; _${pointer} = &_${value};`,
      `        _${other} = Add(copy (*_${pointer}), copy _${constant}); StorageDead(_${constant}); _${next} = move _${other}; goto -> bb${at + 3}; }`,
      `    bb${at + 2}: { _${pair} = AddWithOverflow(copy _${value}, const 1_u32); _${next} = copy (_${pair}.0: u32); goto -> bb${at + 3}; }`,
      `    bb${at + 3}: { _0 = copy _${next}; goto -> bb${at + 4}; }`,
    );
  }
  lines.push(`    bb${blocks - ((blocks - 1) % 4)}: { return; }`);
  return `fn f(_1: u32) -> u32 {\n    let mut _0: u32;\n    let mut _2: u32;\n${locals.join("\n")}\n\n${lines.join("\n")}\n}\n`;
}

function benchHuge(): void {
  for (const blocks of [HUGE_BLOCKS / 4 + 1, HUGE_BLOCKS + 1]) {
    const text = hugeFunction(blocks);
    const program = parseProgram(text, { file: "huge.mir" });
    const layouts = new LayoutCx(program.tcx, HOST_TARGET.dataLayout);
    const times = new Map<string, number>();
    addTimes(program, layouts, times);
    printTimes(`${blocks} blocks`, text.length, times);
    // Each alone, on what the others have not cleared away.
    const alone = new Map<string, number>();
    for (const { name } of MIR_PASSES) {
      const start = cpuMilliseconds();
      runMirPasses(program, layouts, { mirOptLevel: 4, pipeline: [name] });
      alone.set(name, cpuMilliseconds() - start);
    }
    printTimes(`${blocks} blocks, each pass alone`, text.length, alone);
  }
}

benchCorpus();
benchHuge();
