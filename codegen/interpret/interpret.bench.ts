/**
 * How fast the interpreter is: statements a second on an integer loop, a loop over memory and calls, and what a small program costs
 * from its tree to its result. Times are the process's own CPU time, so that a busy machine does not blur them. Run it with `node codegen/interpret/interpret.bench.ts`.
 */

import { LayoutCx } from "../layout/layout.ts";
import { parseProgram } from "../mir/parser.ts";
import { entryPoints, type Program } from "../mir/program.ts";
import { HOST_TARGET } from "../target/spec.ts";
import { interpretEntry, prepareProgram } from "./interpret.ts";

const INTEGER_LOOP = `
fn main() -> () {
    let mut _1: u32; let mut _2: i32; let mut _3: (i32, bool); let mut _4: bool; let mut _5: u64; let mut _6: u64; let mut _7: ();
    bb0: { _1 = const 0_u32; _2 = const 1_i32; _5 = const 1_u64; goto -> bb1; }
    bb1: { _4 = Lt(copy _1, const 1000000_u32); switchInt(move _4) -> [0: bb4, otherwise: bb2]; }
    bb2: {
        _2 = BitXor(copy _2, const 1234567_i32);
        _2 = BitAnd(copy _2, const 16777215_i32);
        _3 = AddWithOverflow(copy _2, const 3_i32);
        assert(!move (_3.1: bool), "attempt to compute \`{} + {}\`, which would overflow", copy _2, const 3_i32) -> [success: bb3, unwind continue];
    }
    bb3: {
        _2 = move (_3.0: i32);
        _6 = copy _2 as u64 (IntToInt);
        _5 = Add(copy _5, copy _6);
        _5 = Mul(copy _5, const 6364136223846793005_u64);
        _1 = Add(copy _1, const 1_u32);
        goto -> bb1;
    }
    bb4: { _7 = observe::<u64>(const 0_u32, copy _5) -> [return: bb5, unwind continue]; }
    bb5: { return; }
}`;

const MEMORY_LOOP = `
fn main() -> () {
    let mut _1: usize; let mut _2: [u32; 64]; let mut _3: u32; let mut _4: bool; let mut _5: usize; let mut _6: &mut [u32; 64];
    let mut _7: (); let mut _8: std::option::Option<u32>; let mut _9: isize;
    bb0: { _2 = [const 7_u32; 64]; _6 = &mut _2; _1 = const 0_usize; goto -> bb1; }
    bb1: { _4 = Lt(copy _1, const 1000000_usize); switchInt(move _4) -> [0: bb4, otherwise: bb2]; }
    bb2: {
        _5 = BitAnd(copy _1, const 63_usize);
        _3 = copy (*_6)[_5];
        _3 = Add(copy _3, const 13_u32);
        (*_6)[_5] = copy _3;
        _8 = std::option::Option::<u32>::Some(copy _3);
        _9 = discriminant(_8);
        switchInt(move _9) -> [1: bb3, otherwise: bb5];
    }
    bb3: {
        _3 = copy ((_8 as Some).0: u32);
        (*_6)[_5] = Mul(copy _3, const 3_u32);
        _1 = Add(copy _1, const 1_usize);
        goto -> bb1;
    }
    bb4: { _7 = observe::<u32>(const 0_u32, copy _2[0 of 64]) -> [return: bb5, unwind continue]; }
    bb5: { return; }
}`;

const CALLS = `
fn fib(_1: u32) -> u64 {
    let mut _2: bool; let mut _3: u32; let mut _4: u64; let mut _5: u64;
    bb0: { _2 = Lt(copy _1, const 2_u32); switchInt(move _2) -> [0: bb2, otherwise: bb1]; }
    bb1: { _0 = copy _1 as u64 (IntToInt); return; }
    bb2: { _3 = Sub(copy _1, const 1_u32); _4 = fib(move _3) -> [return: bb3, unwind continue]; }
    bb3: { _3 = Sub(copy _1, const 2_u32); _5 = fib(move _3) -> [return: bb4, unwind continue]; }
    bb4: { _0 = Add(copy _4, copy _5); return; }
}
fn main() -> () {
    let mut _1: u64; let mut _2: ();
    bb0: { _1 = fib(const 24_u32) -> [return: bb1, unwind continue]; }
    bb1: { _2 = observe::<u64>(const 0_u32, copy _1) -> [return: bb2, unwind continue]; }
    bb2: { return; }
}`;

/** Reborrows and copies of references in a loop: what the aliasing model costs most. */
const REBORROWS = `
fn bump(_1: &mut [u32; 64], _2: usize) -> u32 {
    let mut _3: &mut u32; let mut _4: &u32; let mut _5: usize;
    bb0: {
        _5 = BitAnd(copy _2, const 63_usize);
        _3 = &mut (*_1)[_5];
        (*_3) = Add(copy (*_3), const 1_u32);
        _4 = &(*_3);
        _0 = copy (*_4);
        return;
    }
}
fn main() -> () {
    let mut _1: usize; let mut _2: [u32; 64]; let mut _3: u32; let mut _4: bool; let mut _5: (); let mut _6: &mut [u32; 64]; let mut _7: ();
    let mut _8: &mut [u32; 64];
    bb0: { _2 = [const 7_u32; 64]; _6 = &mut _2; _1 = const 0_usize; goto -> bb1; }
    bb1: { _4 = Lt(copy _1, const 300000_usize); switchInt(move _4) -> [0: bb4, otherwise: bb2]; }
    bb2: { _8 = &mut (*_6); _3 = bump(move _8, copy _1) -> [return: bb3, unwind continue]; }
    bb3: { _1 = Add(copy _1, const 1_usize); goto -> bb1; }
    bb4: { _7 = observe::<u32>(const 0_u32, copy (*_6)[0 of 64]) -> [return: bb5, unwind continue]; }
    bb5: { return; }
}`;

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

function run(program: Program, aliasing: "tree" | "stacked" | "none"): number {
  const prepared = prepareProgram(program, new LayoutCx(program.tcx, HOST_TARGET.dataLayout), { aliasing });
  const result = interpretEntry(prepared, entryPoints(program)[0]!, { fuel: 1e9 });
  if (result.outcome.kind !== "return") throw new Error(JSON.stringify(result.outcome));
  return result.steps;
}

for (const [name, text] of Object.entries({ INTEGER_LOOP, MEMORY_LOOP, REBORROWS, CALLS })) {
  const program = parseProgram(text);
  for (const aliasing of ["none", "tree", "stacked"] as const) {
    for (let round = 0; round < 3; round++) {
      const start = process.cpuUsage();
      const steps = run(program, aliasing);
      const seconds = process.cpuUsage(start).user / 1e6;
      const rate = (steps / seconds / 1e6).toFixed(1);
      if (round === 2)
        console.log(`${name}, aliasing ${aliasing}: ${rate} M statements/s (${steps} in ${seconds.toFixed(3)} s)`);
    }
  }
}

const programs = Array.from({ length: 400 }, (_, i) => parseProgram(smallProgram(i)));
for (const program of programs) run(program, "tree");
const start = process.cpuUsage();
let steps = 0;
for (const program of programs) steps += run(program, "tree");
const each = process.cpuUsage(start).user / 1000 / programs.length;
console.log(
  `small programs: ${each.toFixed(3)} ms each, ${steps / programs.length} steps each, layouts and compiling included`,
);
