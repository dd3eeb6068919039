/** The table against the sources of core that are installed: every intrinsic that core declares is known, and takes as many arguments. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mainOf, runText } from "../testing/run-text.ts";
import { refusalOf } from "./refused.ts";
import { intrinsicOf } from "./table.ts";

/** The roots of all installed sources of core: rustup's and Debian's. */
function coreSources(): string[] {
  const inFolder = (folder: string, ...rest: string[]): string[] =>
    existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name, ...rest)) : [];
  const rustup = process.env.RUSTUP_HOME ?? join(homedir(), ".rustup");
  const roots = [
    ...inFolder(join(rustup, "toolchains"), "lib", "rustlib", "src", "rust"),
    ...inFolder("/usr/src").filter((path) => /\/rustc-[\d.]+$/.test(path)),
  ];
  return roots.map((root) => join(root, "library", "core", "src")).filter((path) => existsSync(path));
}

function rustFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".rs"))
    .map((name) => join(folder, name));
}

interface Declared {
  readonly name: string;
  readonly arity: number;
}

/** Behind an intrinsic's attribute: others, qualifiers, its name, its generics, which may have parentheses of their own. */
const DECLARATION =
  /#\[rustc_intrinsic\]\s*(?:#\[(?:[^\][]|\[[^\]]*\])*\]\s*)*(?:pub(?:\([^)]*\))?\s+)?(?:const\s+)?(?:unsafe\s+)?(?:extern "[^"]*"\s+)?fn\s+(\w+)/g;

function declarationsIn(file: string): Declared[] {
  const text = readFileSync(file, "utf8").replace(/\/\/.*$/gm, "");
  const found = [...text.matchAll(DECLARATION)].map((m) => ({ name: m[1]!, at: m.index + m[0].length }));
  // 1.85 has blocks of them still.
  for (const block of text.matchAll(/extern "rust-intrinsic" \{([\s\S]*?)\n\s*\}/g))
    for (const m of block[1]!.matchAll(/fn\s+(\w+)/g))
      found.push({ name: m[1]!, at: block.index + block[0].indexOf(block[1]!) + m.index + m[0].length });
  return found.map(({ name, at }) => ({ name, arity: arityOf(text, at) }));
}

/** How many parameters are in the parentheses behind the generics at `from`. */
function arityOf(text: string, from: number): number {
  let at = from;
  for (let angles = 0; angles > 0 || text[at] !== "("; at++) {
    if (text[at] === "<") angles++;
    if (text[at] === ">" && text[at - 1] !== "-") angles--;
  }
  let [depth, count, isEmpty] = [0, 0, true];
  for (at++; depth > 0 || text[at] !== ")"; at++) {
    if ("([<".includes(text[at]!)) depth++;
    if (")]>".includes(text[at]!) && text[at - 1] !== "-") depth--;
    if (text[at] === "," && depth === 0) {
      count++;
      isEmpty = true;
    } else if (text[at]!.trim() !== "") isEmpty = false;
  }
  return isEmpty ? count : count + 1;
}

/** Those that `compile-intrinsic.ts` makes code of. */
const OF_THEIR_OWN = ["catch_unwind", "const_eval_select"];

describe.each(coreSources())("the intrinsics of %s", (root) => {
  const declared = rustFiles(root).flatMap(declarationsIn);

  it("are in the table, or are refused by name", () => {
    expect(declared.length).toBeGreaterThan(250);
    const isKnown = (name: string): boolean => intrinsicOf(name) !== undefined || OF_THEIR_OWN.includes(name);
    expect(declared.filter(({ name }) => !isKnown(name) && refusalOf(name) === undefined)).toEqual([]);
    expect(declared.filter(({ name }) => isKnown(name) && refusalOf(name) !== undefined)).toEqual([]);
  });

  it("have as many parameters in the table", () => {
    const wrong = declared.filter(({ name, arity }) => {
      // Older releases take the locality, which means nothing here, as an argument.
      if (name.startsWith("prefetch_") && arity === 2) return false;
      const signature = intrinsicOf(name)?.signature;
      return signature?.includes("(") === true && arityOf(signature, signature.search(/\bfn \w/) + 3) !== arity;
    });
    expect(wrong).toEqual([]);
  });
});

describe("a refused intrinsic", () => {
  it("ends a run with its name and the reason, when it is called", () => {
    const text = `#[rustc_intrinsic] fn std::intrinsics::return_address() -> *const (); ${mainOf("let mut _1: *const ();", "_1 = std::intrinsics::return_address() -> [return: bb1, unwind continue];", "")}`;
    expect(runText(text).outcome).toEqual({
      kind: "unsupported",
      what: "the intrinsic `std::intrinsics::return_address`: it is an arbitrary address",
    });
  });
});
