/**
 * How fast the interpreter is: statements a second on loops, over integers and over memory, on programs of `corpora/rust`, and what a small program
 * costs from its tree to its result. Times are the process's own CPU time, so that a busy machine does not blur them. Run it with
 * `node codegen/interpret/interpret.bench.ts [part of a name]`.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LayoutCx } from "../layout/layout.ts";
import { parseProgram } from "../mir/parser.ts";
import { entryPoints, type Program } from "../mir/program.ts";
import { HOST_TARGET } from "../target/spec.ts";
import * as programs from "./bench-programs.ts";
import type { PreparedProgram } from "./compile.ts";
import { interpretEntry, prepareProgram } from "./interpret.ts";

const CORPUS = join(import.meta.dirname, "../../corpora/rust");
const CORPUS_PROGRAMS = ["graph_max_flow", "regex_backtrack", "sort_quick"];

/** CPU seconds that a program is run for. */
const ENOUGH = 1;

/** About 150 statements of straight code, a few hundred steps: what random programs are like. */
function smallProgram(seed: number): string {
  const functions = Array.from({ length: 5 }, (_, f) => {
    const lines: string[] = [];
    for (let i = 0; i < 28; i++) {
      const ops = [
        `_${3 + (i % 4)} = Add(copy _${1 + (i % 2)}, const ${seed + i}_i32);`,
        `_${7 + (i % 2)} = copy _${3 + (i % 4)} as i64 (IntToInt);`,
        `_9 = (copy _${3 + (i % 4)}, copy _${7 + (i % 2)});`,
        `_10[${i % 8} of 8] = BitXor(copy _1, const ${i * 77}_i32);`,
      ];
      lines.push(i < 4 ? `_${3 + (i % 4)} = copy _1; _${7 + (i % 2)} = const 5_i64;` : ops[(i + f) % 4]!);
    }
    return `fn f${f}(_1: i32, _2: i32) -> i32 {
    let mut _3: i32; let mut _4: i32; let mut _5: i32; let mut _6: i32; let mut _7: i64; let mut _8: i64; let mut _9: (i32, i64); let mut _10: [i32; 8];
    bb0: { _10 = [const 0_i32; 8]; ${lines.join(" ")} _0 = Add(copy _3, copy _10[3 of 8]); return; }
}`;
  });
  const calls = functions.map(
    (_, f) => `bb${2 * f}: { _1 = f${f}(copy _1, const ${f}_i32) -> [return: bb${2 * f + 1}, unwind continue]; }
    bb${2 * f + 1}: { _2 = observe::<i32>(const ${f}_u32, copy _1) -> [return: bb${2 * f + 2}, unwind continue]; }`,
  );
  return `${functions.join("\n")}
fn main() -> () {
    let mut _1: i32; let mut _2: ();
    bb0: { _1 = const ${seed}_i32; goto -> bb1; }
    ${calls.join("\n    ").replace(/bb(\d+)/g, (_, n: string) => `bb${Number(n) + 1}`)}
    bb${2 * functions.length + 1}: { return; }
}`;
}

function prepare(program: Program, aliasing: "tree" | "stacked" | "none"): PreparedProgram {
  return prepareProgram(program, new LayoutCx(program.tcx, HOST_TARGET.dataLayout), { aliasing });
}

/** How many statements a run takes. */
function run(program: Program, prepared: PreparedProgram): number {
  const result = interpretEntry(prepared, entryPoints(program)[0]!, { fuel: 1e9 });
  if (result.outcome.kind !== "return") throw new Error(JSON.stringify(result.outcome));
  return result.steps;
}

function measure(name: string, text: string): void {
  const rates = (["none", "tree", "stacked"] as const).map((aliasing) => {
    const program = parseProgram(text);
    const prepared = prepare(program, aliasing);
    run(program, prepared);
    let steps = 0;
    let seconds = 0;
    for (const start = process.cpuUsage(); seconds < ENOUGH; seconds = process.cpuUsage(start).user / 1e6)
      steps += run(program, prepared);
    return `${aliasing} ${(steps / seconds / 1e6).toFixed(1)}`;
  });
  console.log(`${name}: M statements/s with aliasing ${rates.join(", ")}`);
}

const chosen = process.argv[2] ?? "";
for (const [name, text] of Object.entries(programs)) if (name.includes(chosen)) measure(name, text);
for (const name of CORPUS_PROGRAMS)
  if (name.includes(chosen)) measure(name, readFileSync(join(CORPUS, `${name}.mir`), "utf8"));

if ("small".includes(chosen)) {
  const small = Array.from({ length: 400 }, (_, i) => parseProgram(smallProgram(i)));
  for (const program of small) run(program, prepare(program, "tree"));
  const start = process.cpuUsage();
  let steps = 0;
  for (const program of small) steps += run(program, prepare(program, "tree"));
  const each = process.cpuUsage(start).user / 1000 / small.length;
  console.log(
    `small programs: ${each.toFixed(3)} ms each, ${steps / small.length} steps each, layouts and compiling included`,
  );
}
