/**
 * Coverage of a campaign: construct × type class, how often it stands in a program, and how often where it stands was run. A zero is a
 * promise that the generator does not keep.
 */

import type { Program } from "../../codegen/index.ts";
import { SCALAR_TYPES } from "./constants.ts";
import { CONSTRUCTS, exemption, type Group } from "./constructs.ts";
import { type Cell, Counter, type Ran, type Table } from "./count.ts";

export interface CoverageRow {
  readonly group: Group;
  readonly construct: string;
  readonly count: number;
  readonly ran: number;
  /** By type class, the most frequent first. */
  readonly types: Readonly<Record<string, Cell>>;
  /** Why it is absent, or never run. */
  readonly exempt?: string;
}

export interface Coverage {
  readonly programs: number;
  readonly statements: number;
  readonly functions: number;
  readonly rows: readonly CoverageRow[];
}

/** What a campaign made and threw away. */
export interface Discards {
  /** Candidates that were thrown away. */
  readonly discarded: number;
  /** How often each reason was given, numbers aside; for whole candidates and for single entry points. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** Counts one program after another, so that none has to be kept. */
export class Campaign {
  private readonly counter = new Counter();
  private discarded = 0;
  private readonly reasons = new Map<string, number>();

  add(program: Program, ran?: Ran): void {
    this.counter.add(program, ran);
  }

  discard(candidates: number, rejections: readonly string[]): void {
    this.discarded += candidates;
    for (const text of rejections) {
      const reason = text.replace(/\d+/g, "N");
      this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
    }
  }

  coverage(): Coverage {
    const { table, programs, statements, functions } = this.counter;
    return { programs, statements, functions, rows: rowsOf(table) };
  }

  discards(): Discards {
    const sorted = [...this.reasons].sort((a, b) => b[1] - a[1]);
    return { discarded: this.discarded, reasons: Object.fromEntries(sorted) };
  }
}

/** Counts what `programs` are made of; all of it counts as run. */
export function coverageOf(programs: readonly Program[]): Coverage {
  const campaign = new Campaign();
  for (const program of programs) campaign.add(program);
  return campaign.coverage();
}

/** The rows of every construct there is, zeros among them, by group and then by frequency. */
function rowsOf(table: Table): CoverageRow[] {
  return (Object.keys(CONSTRUCTS) as Group[]).flatMap((group) => {
    const found = [...table.keys()]
      .filter((key) => key.startsWith(`${group}.`))
      .map((key) => key.slice(group.length + 1));
    const rows = [...new Set([...CONSTRUCTS[group], ...found])].map((construct) => rowOf(table, group, construct));
    return rows.sort((a, b) => b.count - a.count || (a.construct < b.construct ? -1 : 1));
  });
}

function rowOf(table: Table, group: Group, construct: string): CoverageRow {
  const cells = [...(table.get(`${group}.${construct}`) ?? [])].sort((a, b) => b[1].count - a[1].count);
  let [count, ran] = [0, 0];
  for (const [, cell] of cells) {
    count += cell.count;
    ran += cell.ran;
  }
  const exempt = exemption(`${group}.${construct}`);
  return {
    group,
    construct,
    count,
    ran,
    types: Object.fromEntries(cells),
    ...(exempt === undefined ? {} : { exempt: exempt.reason }),
  };
}

/** Types that a campaign of all features has in these rows, beside the scalars that every one of them has. */
const CLASSES: Readonly<Record<string, readonly string[]>> = {
  "signature.param": [
    ...["f16", "f128", "tuple", "array", "struct", "enum", "union", "simd", "ref", "ptr", "fnptr"],
    ...["ref slice", "ref dyn", "closure", "generic"],
  ],
  "signature.return": [
    ...["f16", "f128", "tuple", "array", "struct", "enum", "union", "simd", "ref", "ptr", "fnptr"],
    ...["ref slice", "ref dyn", "never", "generic"],
  ],
  "signature.extern C param": ["f16", "f128", "tuple", "array", "struct", "enum", "union", "ref", "ptr", "ref slice"],
  "signature.extern C return": ["f16", "f128", "tuple", "array", "struct", "enum", "union", "ref", "ptr", "ref slice"],
  "item.const param": ["usize", "bool", "char", "i16"],
  "terminator.tailCall": ["u64", "i32", "tuple", "struct", "ref"],
  "item.closure": ["fn", "fnMut", "fnOnce"],
};

/** The rows that are zero and should not be: `group.construct`, with ` (never run)` where only its running is missing, and with a type that it lacks. */
export function zeroRows(coverage: Coverage): string[] {
  return [...emptyRows(coverage), ...lackingTypes(coverage)];
}

function lackingTypes(coverage: Coverage): string[] {
  const rows = new Map(coverage.rows.map((row) => [`${row.group}.${row.construct}`, row.types]));
  return Object.entries(CLASSES).flatMap(([row, types]) =>
    types.filter((type) => rows.get(row)?.[type] === undefined).map((type) => `${row} of ${type}`),
  );
}

function emptyRows(coverage: Coverage): string[] {
  return coverage.rows.flatMap(({ group, construct, count, ran }) => {
    const row = `${group}.${construct}`;
    const exempt = exemption(row)?.what;
    if (count === 0) return exempt === "absent" ? [] : [row];
    return ran > 0 || exempt === "never run" ? [] : [`${row} (never run)`];
  });
}

const INTS: readonly string[] = SCALAR_TYPES.filter((ty) => ty.kind === "int" || ty.kind === "uint").map(
  (ty) => ty.text,
);
const SIGNED: readonly string[] = INTS.filter((name) => name.startsWith("i"));
const FLOATS: readonly string[] = ["f32", "f64"];
const SCALARS: readonly string[] = SCALAR_TYPES.map((ty) => ty.text);

/** What any campaign fills, of core alone too: these rows with each of these types. */
export const PROMISED: Readonly<Record<string, readonly string[]>> = {
  ...promise("operator", ["Add", "Sub", "Mul", "Div", "Rem"], [...INTS, ...FLOATS]),
  ...promise("operator", ["BitXor", "BitAnd", "BitOr"], [...INTS, "bool"]),
  ...promise("operator", ["Shl", "Shr", "ShlUnchecked", "ShrUnchecked"], INTS),
  ...promise("operator", ["AddUnchecked", "SubUnchecked", "MulUnchecked"], INTS),
  ...promise("operator", ["AddWithOverflow", "SubWithOverflow", "MulWithOverflow"], INTS),
  ...promise("operator", ["Eq", "Lt", "Le", "Ne", "Ge", "Gt"], SCALARS),
  "operator.Cmp": [...INTS, "char"],
  "operator.Offset": ["ptr"],
  "operator.Not": [...INTS, "bool"],
  "operator.Neg": [...SIGNED, ...FLOATS],
  "cast.IntToInt": [...INTS, "bool", "char"],
  "cast.IntToFloat": INTS,
  "cast.FloatToInt": FLOATS,
  "cast.FloatToFloat": FLOATS,
  "cast.PtrToPtr": ["ptr"],
  "cast.Transmute": [...INTS, "bool", "char", "f32", "f64", "array", "enum"],
  "cast.ReifyFnPointer": ["fndef"],
  "rvalue.use": [...SCALARS, "tuple", "array", "struct", "enum", "ref", "fnptr"],
  "rvalue.discriminant": ["enum"],
  ...promise("aggregate", ["tuple", "array", "struct", "enum"], INTS),
  ...promise("place", ["deref"], ["ref", "ptr"]),
  ...promise("place", ["field"], ["tuple", "struct", "enum"]),
  ...promise("place", ["index", "constantIndex"], ["array"]),
  "place.downcast": ["enum"],
  "terminator.switchInt": ["bool", "char", ...INTS],
  "intrinsic.observe": [...SCALARS, "tuple", "array", "struct", "enum"],
  ...promise("statement", ["setDiscriminant"], ["enum"]),
  ...promise("statement", ["assign", "storageLive", "storageDead"], SCALARS),
};

/** Rows of core without regard to types. */
const PROMISED_ROWS: readonly string[] = [
  "statement.assume",
  "rvalue.repeat",
  "rvalue.ref",
  "rvalue.rawPtr",
  ...["goto", "return", "unreachable", "call", "assert"].map((name) => `terminator.${name}`),
  ...["direct", "indirect", "self", "intrinsic"].map((name) => `call.${name}`),
  ...["boundsCheck", "overflow", "divisionByZero", "remainderByZero"].map((name) => `assert.${name}`),
  ...["repr(C)", "repr(packed)", "repr(align)", "repr(transparent)", "repr(int)"].map((name) => `layout.${name}`),
  ...["Option<&T>", "Option<bool>", "nested Option"].map((name) => `layout.${name}`),
];

function promise(
  group: Group,
  constructs: readonly string[],
  types: readonly string[],
): Record<string, readonly string[]> {
  return Object.fromEntries(constructs.map((construct) => [`${group}.${construct}`, types]));
}

/** What is promised of every campaign and `coverage` lacks, as `operator.Add:i8`. */
export function missingRows(coverage: Coverage): string[] {
  const rows = new Map(coverage.rows.map((row) => [`${row.group}.${row.construct}`, row]));
  const pairs = Object.entries(PROMISED).flatMap(([row, types]) =>
    types.filter((type) => (rows.get(row)?.types[type]?.count ?? 0) === 0).map((type) => `${row}:${type}`),
  );
  return [...pairs, ...PROMISED_ROWS.filter((row) => (rows.get(row)?.count ?? 0) === 0)];
}

/** Type classes that one line shows. */
const SHOWN = 14;

/** The table as text: a line per construct, its occurrences, those that ran, and the types it occurs with. */
export function printCoverage(coverage: Coverage, discards?: Discards): string {
  const { programs, functions, statements } = coverage;
  const lines = [`${programs} programs, ${functions} functions, ${statements} statements`];
  let group: Group | undefined;
  for (const row of coverage.rows) {
    if (row.group !== group) {
      group = row.group;
      lines.push("", `${group.padEnd(34)} ${"count".padStart(9)} ${"ran".padStart(9)}  by type`);
    }
    lines.push(printRow(row));
  }
  const zeros = zeroRows(coverage);
  lines.push("", zeros.length === 0 ? "no row is zero" : `zero: ${zeros.join(", ")}`);
  if (discards !== undefined) {
    const share = (100 * discards.discarded) / Math.max(1, programs + discards.discarded);
    lines.push(`${discards.discarded} candidates discarded (${share.toFixed(2)} %)`);
    for (const [reason, count] of Object.entries(discards.reasons))
      lines.push(`  ${String(count).padStart(7)} × ${reason}`);
  }
  return `${lines.join("\n")}\n`;
}

function printRow({ construct, count, ran, types, exempt }: CoverageRow): string {
  const cells = Object.entries(types);
  const shown = cells.slice(0, SHOWN).map(([type, cell]) => `${type} ${cell.count}`);
  if (cells.length > SHOWN) shown.push(`and ${cells.length - SHOWN} more`);
  const why = exempt !== undefined && ran === 0 ? `[${exempt}]` : "";
  return `  ${construct.padEnd(32)} ${String(count).padStart(9)} ${String(ran).padStart(9)}  ${[...shown, why].join("  ")}`.trimEnd();
}
