import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findRustcs } from "../testing/rustc-sources.ts";
import { parseItems } from "./parse.ts";
import { printItem } from "./print.ts";
import { firstDifference } from "./same-text.ts";
import { dumpPasses, PASS_PROGRAMS, type PassDumps } from "./testing/pass-dumps.ts";

/** What some pass prints of a program with these flags: a rustc that prints none of it shows nothing. */
interface Case {
  readonly program: string;
  readonly flags: readonly string[];
  readonly prints: readonly string[];
}

const VERBOSE = ["-Zverbose-internals", "-Zidentify-regions", "-Zmir-include-spans=on"];
const COVERAGE = ["-Cinstrument-coverage", "-Cpanic=abort", "-Zmir-include-spans=off"];

const CASES: readonly Case[] = [
  { program: "async_drop", flags: ["-O"], prints: ["yields ", "async drop(", "/* coroutine_layout"] },
  { program: "gen_blocks", flags: ["-O"], prints: ["gen block@", " = yield("] },
  {
    program: "patterns",
    flags: ["-Copt-level=0"],
    prints: ["falseEdge ->", "FakeRead(", "AscribeUserType(", "PlaceMention("],
  },
  { program: "tail_calls", flags: ["-O"], prints: ["tailcall "] },
  { program: "const_args", flags: VERBOSE, prints: ["ValTree(Branch(", "/#0", "| Free Region Mapping"] },
  { program: "closures", flags: VERBOSE, prints: ["ConstValue(ZeroSized: ", " upvar_tys=(", "for<Region(BrAnon)>"] },
  { program: "unsafe_binders", flags: VERBOSE, prints: ["wrap_binder!", "unwrap_binder!(", "unsafe<"] },
  {
    program: "inline_asm",
    flags: COVERAGE,
    prints: ["Coverage::VirtualCounter(", "    coverage Code ", "sym_static "],
  },
];

const rustcs = findRustcs();

/** The dumps of the first rustc that takes the program; each case starts at another one. */
function dumpWithAny({ program, flags }: Case, start: number): PassDumps {
  let dumps: PassDumps = { kind: "refused", message: "no rustc" };
  for (let i = 0; i < rustcs.length; i++) {
    const { command } = rustcs[(start + i) % rustcs.length]!;
    dumps = dumpPasses({ command }, join(PASS_PROGRAMS, `${program}.rs`), ["--edition", "2024", ...flags]);
    if (dumps.kind === "dumped") break;
  }
  return dumps;
}

describe.skipIf(rustcs.length === 0)("rustc's dumps of all passes", () => {
  CASES.forEach((subject, index) => {
    test(`${subject.program} with \`${subject.flags.join(" ")}\` print back`, () => {
      const dumps = dumpWithAny(subject, index);
      if (dumps.kind === "refused") expect.fail(dumps.message);
      const items = parseItems<never>(dumps.text, { file: `${subject.program}.mir` });
      const printed = items.map((item) => (item.kind === "rust" ? "" : printItem(item))).join("");
      expect(firstDifference(dumps.text, printed)).toBeUndefined();
      expect(dumps.files).toBeGreaterThan(100);
      expect(subject.prints.filter((text) => !dumps.text.includes(text))).toEqual([]);
    });
  });
});
