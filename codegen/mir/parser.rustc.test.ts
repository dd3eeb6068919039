import { describe, expect, test } from "vitest";
import { namesOf } from "./names.ts";
import { parseProgram, parseProgramWithSkips } from "./parser.ts";
import { printFn, printProgram } from "./printer.ts";
import { emitMir, findRustcs, ITEMS, SOURCES } from "./testing/rustc-sources.ts";
import { renderVerifyError, verifyProgram } from "./verifier.ts";

const rustcs = findRustcs();
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  debug: ["-C", "opt-level=0"],
  optimised: ["-C", "opt-level=3"],
  unchecked: ["-C", "opt-level=1", "-C", "overflow-checks=off", "-C", "debuginfo=2"],
};

/** Functions of `source` by name. */
function declared(source: string): string[] {
  return [...source.matchAll(/\bfn (\w+)(?:<'a>)?\(/g)].map((match) => match[1]!);
}

/** A dump without comments. */
function withoutComments(dump: string): string {
  return dump.replace(/^ *\/\/.*\n/gm, "");
}

describe.skipIf(rustcs.length === 0)("MIR of rustc", () => {
  for (const rustc of rustcs) {
    for (const [level, options] of Object.entries(OPTIONS)) {
      test(`${rustc.name}, ${level}: is read whole, verifies, and prints back byte for byte`, () => {
        for (const [subject, source] of Object.entries(SOURCES)) {
          const dump = withoutComments(emitMir(rustc, source, options));
          const { program, skipped } = parseProgramWithSkips(ITEMS + dump, { onUnsupported: "skip" });
          const wanted = declared(source);
          const reasons = skipped.filter((s) => wanted.includes(s.name)).map((s) => `${s.name}: ${s.reason.message}`);
          expect(reasons, subject).toEqual([]);
          expect(verifyProgram(program).map(renderVerifyError), subject).toEqual([]);
          const names = namesOf(program);
          const read = program.functions.filter((item) => wanted.includes(item.name));
          expect(read.map((item) => item.name).sort()).toEqual([...wanted].sort());
          for (const item of program.functions) {
            // The dump has neither attributes nor the ABI, nor parameters.
            const text = printFn({ ...item, inline: "none", abi: "Rust", generics: [] }, names);
            expect(dump.includes(`\n${text}`) || dump.startsWith(text), `${subject}:\n${text}`).toBe(true);
          }
          const printed = printProgram(program);
          expect(printProgram(parseProgram(printed))).toBe(printed);
        }
      });
    }
  }
});
