/**
 * IR functions for control flow and memory: switches, critical edges, loops, frames, address modes, blocks of memory.
 */

import { constText, INT_TYPES, intEdges, type SuiteBuilder, widthOf } from "./ir-cases.ts";

/** A switch over `values`; each arm returns its number from 1, the default 0. */
function switchCase(s: SuiteBuilder, type: string, values: readonly bigint[], probes: readonly bigint[]): void {
  const unsigned = values.map((value) => BigInt.asUintN(widthOf(type), value));
  const arms = unsigned.map((value, i) => `${value}: block${i + 2}`).join(", ");
  const blocks = unsigned
    .map((_, i) => `block${i + 2}:\n  v${i + 2} = iconst.i32 ${i + 1}\n  return v${i + 2}`)
    .join("\n");
  s.add(
    `(${type}) -> i32 {\nblock0(v0: ${type}):\n  switch v0, block1, [${arms}]\nblock1:\n  v1 = iconst.i32 0\n  return v1\n${blocks}\n}`,
    [...new Set(probes.map((value) => BigInt.asUintN(widthOf(type), value)))].map((value) => [value]),
  );
}

function around(values: readonly bigint[]): readonly bigint[] {
  return values.flatMap((value) => [value - 1n, value, value + 1n]);
}

function switches(s: SuiteBuilder): void {
  for (const type of INT_TYPES) {
    const dense = [0n, 1n, 2n, 3n, 5n, 6n];
    const high = [100n, 101n, 103n, 104n, 107n];
    const negative = [-5n, -4n, -3n, -2n, -1n];
    const single = [7n];
    const spread = intEdges(type);
    for (const values of [dense, high, negative, single, spread])
      switchCase(s, type, values, [...around(values), ...intEdges(type)]);
  }
  // More than fits in an immediate, and dense.
  const far = [0n, 1n, 2n, 3n].map((k) => 0x1234_5678_9abcn + k);
  switchCase(s, "i64", far, around(far));
  switchCase(s, "i128", [1n << 64n, (1n << 64n) + 1n, 1n, 0n, -1n], around([1n << 64n, 0n, 1n, (1n << 64n) + 1n, -1n]));
  s.add(`(i8) -> i8 {\nblock0(v0: i8):\n  switch v0, block1, []\nblock1:\n  return v0\n}`, [[3n]]);
}

/** Both edges of a branch to one block, with different arguments; the entry as a loop's head; an endless empty loop that is not entered. */
function edges(s: SuiteBuilder): void {
  s.add(
    `(i32, i64, i64) -> i64 {\nblock0(v0: i32, v1: i64, v2: i64):\n  v3 = iconst.i32 5\n  v4 = icmp.i32 slt v0, v3\n  brif v4, block1(v1), block1(v2)\nblock1(v5: i64):\n  return v5\n}`,
    [
      [1n, 10n, 20n],
      [9n, 10n, 20n],
    ],
  );
  s.add(
    `(i64, i64) -> i64 {\nblock0(v0: i64, v1: i64):\n  v2 = iconst.i64 0\n  v3 = icmp.i64 eq v0, v2\n  brif v3, block1, block2\nblock1:\n  return v1\nblock2:\n  v4 = iconst.i64 1\n  v5 = isub.i64 v0, v4\n  v6 = iadd.i64 v1, v0\n  jump block0(v5, v6)\n}`,
    [
      [10n, 0n],
      [0n, 7n],
    ],
  );
  s.add(
    `(i8) -> i8 {\nblock0(v0: i8):\n  brif v0, block1, block2\nblock1:\n  jump block3\nblock3:\n  jump block1\nblock2:\n  return v0\n}`,
    [[0n]],
  );
  // Parallel moves: a rotation of loop variables.
  s.add(
    `(i64, i64, i64, i64) -> i64, i64, i64 {\nblock0(v0: i64, v1: i64, v2: i64, v3: i64):\n  jump block1(v0, v1, v2, v3)\nblock1(v4: i64, v5: i64, v6: i64, v7: i64):\n  v8 = iconst.i64 0\n  v9 = icmp.i64 eq v4, v8\n  brif v9, block2, block3\nblock3:\n  v10 = iconst.i64 1\n  v11 = isub.i64 v4, v10\n  jump block1(v11, v6, v7, v5)\nblock2:\n  return v5, v6, v7\n}`,
    [0n, 1n, 2n, 5n].map((n) => [n, 11n, 22n, 33n]),
  );
}

/** More live values than registers, of both classes, across a branch. */
function pressure(s: SuiteBuilder): void {
  const n = 40;
  const ints = Array.from(
    { length: n },
    (_, i) => `  v${i + 10} = ${constText("i64", BigInt(i * i + 1))}\n  v${i + 100} = imul.i64 v0, v${i + 10}`,
  );
  const sums = Array.from({ length: n }, (_, i) => `  v${i + 200} = bxor.i64 v${i === 0 ? 0 : i + 199}, v${i + 100}`);
  s.add(`(i64) -> i64 {\nblock0(v0: i64):\n${ints.join("\n")}\n${sums.join("\n")}\n  return v${n + 199}\n}`, [
    [3n],
    [0xffff_ffff_ffff_fff1n],
  ]);
  const floats = Array.from(
    { length: n },
    (_, i) =>
      `  v${i + 10} = fconst.f64 0x${(0x3ff0000000000000n + BigInt(i)).toString(16)}\n  v${i + 100} = fmul.f64 v0, v${i + 10}`,
  );
  const adds = Array.from({ length: n }, (_, i) => `  v${i + 200} = fsub.f64 v${i === 0 ? 0 : i + 199}, v${i + 100}`);
  s.add(`(f64) -> f64 {\nblock0(v0: f64):\n${floats.join("\n")}\n${adds.join("\n")}\n  return v${n + 199}\n}`, [
    [0x4000000000000000n],
  ]);
}

export function controlCases(s: SuiteBuilder): void {
  switches(s);
  edges(s);
  pressure(s);
}

const BLOCK_SIZES = [
  0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 15, 16, 17, 22, 31, 32, 33, 47, 48, 49, 63, 100, 128, 129, 200, 1000,
];

/** Copies or fills a block with bytes before and after it, then folds all bytes into one number. */
function blocks(s: SuiteBuilder): void {
  for (const size of BLOCK_SIZES)
    for (const op of ["memcpy", "memset"])
      for (const byte of op === "memset" ? [0, 255, 0x5a] : [0]) {
        const total = size + 32;
        const work = op === "memcpy" ? `memcpy v4, v3, ${size}` : `memset v4, ${byte}, ${size}`;
        s.add(
          `(i64) -> i64 {
  ss0 = size ${total}, align 16
  ss1 = size ${total}, align 16
block0(v0: i64):
  v1 = stack_addr.i64 ss0
  v2 = stack_addr.i64 ss1
  memset v1, 17, ${total}
  memset v2, 34, ${total}
  v20 = iconst.i64 0
  jump block3(v20)
block3(v21: i64):
  v22 = iadd.i64 v1, v21
  v23 = ireduce.i8 v21
  store.i8 v22, v23
  v24 = iconst.i64 1
  v25 = iadd.i64 v21, v24
  v26 = iconst.i64 ${total}
  v27 = icmp.i64 ult v25, v26
  brif v27, block3(v25), block4
block4:
  v3 = stack_addr.i64 ss0+16
  v4 = iadd.i64 v2, v0
  ${work}
  jump block1(v20, v20)
block1(v5: i64, v6: i64):
  v7 = iadd.i64 v2, v5
  v8 = load.i8 v7
  v9 = uextend.i64 v8
  v10 = iconst.i64 31
  v11 = imul.i64 v6, v10
  v12 = iadd.i64 v11, v9
  v13 = iadd.i64 v5, v24
  v15 = icmp.i64 ult v13, v26
  brif v15, block1(v13, v12), block2
block2:
  return v12
}`,
          [[16n], [7n]],
        );
      }
}

/** Slots aligned beyond the stack's own alignment, and stores that a load must not move across. */
function slots(s: SuiteBuilder): void {
  for (const align of [16, 32, 64, 256])
    s.add(
      `(i64) -> i64, i64 {\n  ss0 = size 24, align ${align}\n  ss1 = size 8, align 8\nblock0(v0: i64):\n  v1 = stack_addr.i64 ss0\n  v9 = stack_addr.i64 ss1\n  store.i64 v1+16, v0\n  store.i64 v9, v0\n  v3 = iconst.i64 ${align - 1}\n  v4 = band.i64 v1, v3\n  v5 = stack_addr.i64 ss0+16\n  v6 = load.i64 v5\n  return v4, v6\n}`,
      [[0x1122_3344_5566_7788n]],
    );
  s.add(
    `(i64, i64) -> i64 {\n  ss0 = size 8, align 8\nblock0(v0: i64, v1: i64):\n  v2 = stack_addr.i64 ss0\n  store.i64 v2, v0\n  v3 = load.i64 v2\n  store.i64 v2, v1\n  v4 = iadd.i64 v1, v3\n  return v4\n}`,
    [[5n, 100n]],
  );
  // A load used twice, once by a comparison that two consumers take.
  s.add(
    `(i64, i64) -> i64, i8 {\n  ss0 = size 8, align 8\nblock0(v0: i64, v1: i64):\n  v2 = stack_addr.i64 ss0\n  store.i64 v2, v0\n  v3 = load.i64 v2\n  v4 = icmp.i64 ult v3, v1\n  v5 = select.i64 v4, v0, v1\n  return v5, v4\n}`,
    [
      [5n, 100n],
      [100n, 5n],
    ],
  );
  // A frame whose displacements take 32 bits.
  s.add(
    `(i64) -> i64 {\n  ss0 = size 5000, align 8\n  ss1 = size 5000, align 8\nblock0(v0: i64):\n  v1 = stack_addr.i64 ss0+4992\n  v2 = stack_addr.i64 ss1+4992\n  store.i64 v1, v0\n  v3 = bnot.i64 v0\n  store.i64 v2, v3\n  v4 = load.i64 v1\n  v5 = load.i64 v2\n  v6 = iadd.i64 v4, v5\n  return v6\n}`,
    [[12345n]],
  );
}

export function memoryCases(s: SuiteBuilder): void {
  blocks(s);
  slots(s);
}
