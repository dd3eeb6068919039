/**
 * The matrix: which configurations a campaign covers, and the pairwise sample of them.
 *
 * A *covering sample* of strength two contains, for every two axes and every two of their values that occur together, at least one
 * configuration with both. It is chosen greedily (each time the configuration that covers the most pairs still uncovered, the first of
 * equals), which is deterministic and close to the smallest.
 */

import {
  type ConfigOptions,
  type Configuration,
  configurationId,
  type Matrix,
  type SubjectInfo,
} from "../subjects/subject.ts";

/** `-Z mir-opt-level`s of subjects that optimise MIR: none, rustc's default for optimised code, and what it does not yet trust itself. */
export const MIR_OPT_LEVELS: readonly string[] = ["0", "2", "4"];

/** The product of `axes`, in the order in which they are written; the last axis changes fastest. */
export function product(axes: Readonly<Record<string, readonly string[]>>): ConfigOptions[] {
  let rows: ConfigOptions[] = [{}];
  for (const [name, values] of Object.entries(axes))
    rows = rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value })));
  return rows;
}

/** The configurations of `subject` over the matrix' axes and the subject's own `extra` ones. */
export function crossConfigurations(
  subject: SubjectInfo,
  matrix: Matrix,
  extra: Readonly<Record<string, readonly string[]>> = {},
): Configuration[] {
  const axes = {
    "opt-level": matrix.optLevels,
    "codegen-units": matrix.codegenUnits.map(String),
    lto: matrix.lto,
    ...extra,
  };
  const options = product(axes);
  return matrix.targets
    .filter((target) => subject.targets.includes(target))
    .flatMap((target) =>
      options.map((row) => ({
        subject: subject.name,
        kind: subject.kind,
        target,
        options: row,
        id: configurationId(subject.name, target, row),
      })),
    );
}

/** The pairwise covering sample of `configurations`, which are of one subject. */
export function pairwiseSample(configurations: readonly Configuration[]): Configuration[] {
  const pairsOf = configurations.map(pairs);
  const uncovered = new Set(pairsOf.flat());
  const chosen: number[] = [];
  while (uncovered.size > 0) {
    let best = -1;
    let bestCount = 0;
    for (let i = 0; i < pairsOf.length; i++) {
      const count = pairsOf[i]!.reduce((n, pair) => n + (uncovered.has(pair) ? 1 : 0), 0);
      if (count > bestCount) {
        best = i;
        bestCount = count;
      }
    }
    chosen.push(best);
    for (const pair of pairsOf[best]!) uncovered.delete(pair);
  }
  return chosen.sort((a, b) => a - b).map((i) => configurations[i]!);
}

function pairs(configuration: Configuration): string[] {
  const values = [
    `target=${configuration.target}`,
    ...Object.entries(configuration.options).map(([k, v]) => `${k}=${v}`),
  ];
  const result: string[] = [];
  for (let i = 0; i < values.length; i++)
    for (let j = i + 1; j < values.length; j++) result.push(`${values[i]} ${values[j]}`);
  return result;
}
