/**
 * How fast programs are collected, partitioned and instantiated, by the CPU's time: `node codegen/monomorphize/monomorphize.bench.ts [FUNCTIONS]`.
 *
 * The program is a tower of generic functions over generic structs with a trait method at each level, instantiated at several types.
 */

import { parseProgram } from "../mir/parser.ts";
import { collectCrate, rootsFor } from "./collector.ts";
import { instanceBody } from "./instantiate.ts";
import { partition } from "./partitioning.ts";

const count = Number(process.argv[2] ?? 400);

function level(i: number): string {
  const next = i + 1 < count ? `f${i + 1}::<T>(copy _1)` : "<T as Step>::step(copy _1)";
  return `fn f${i}<T: Step + Copy>(_1: T) -> T {
    let mut _0: T;
    let mut _2: (T, u32);
    let mut _3: T;

    bb0: {
        _2 = (copy _1, const ${i}_u32);
        _3 = <T as Step>::step(copy (_2.0: T)) -> [return: bb1, unwind continue];
    }

    bb1: {
        _0 = ${next} -> [return: bb2, unwind continue];
    }

    bb2: {
        return;
    }
}
`;
}

const TYPES = ["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64"];

function stepImpl(ty: string): string {
  return `impl Step for ${ty} {
    fn step(_1: ${ty}) -> ${ty} {
        let mut _0: ${ty};

        bb0: {
            _0 = Add(copy _1, const 1_${ty});
            return;
        }
    }
}
`;
}

function mainOf(): string {
  const locals = TYPES.map((ty, i) => `    let mut _${i + 1}: ${ty};\n`).join("");
  const blocks = TYPES.map(
    (ty, i) => `    bb${i}: {
        _${i + 1} = f0::<${ty}>(const 1_${ty}) -> [return: bb${i + 1}, unwind continue];
    }

`,
  ).join("");
  return `fn main() -> () {\n    let mut _0: ();\n${locals}\n${blocks}    bb${TYPES.length}: {\n        return;\n    }\n}\n`;
}

const text = [
  "trait Step {\n    fn step(_1: Self) -> Self;\n}\n",
  ...TYPES.map(stepImpl),
  ...Array.from({ length: count }, (_, i) => level(i)),
  mainOf(),
].join("\n");

for (let round = 0; round < 4; round++) {
  const program = parseProgram(text);
  const start = process.cpuUsage();
  const { items, statics, mono } = collectCrate(program, rootsFor(program, "lazy"));
  const units = partition(items, 4, new Set(), { statics, mono });
  if (mono !== undefined) for (const unit of units) for (const item of unit.items) instanceBody(mono, item.instance);
  const { user, system } = process.cpuUsage(start);
  const seconds = (user + system) / 1e6;
  console.log(`${items.length} mono items in ${seconds.toFixed(3)} s: ${Math.round(items.length / seconds)} items/s`);
}
