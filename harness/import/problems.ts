/** What a user may have got wrong, told before the import stumbles over it. */

import { readFileSync, statSync } from "node:fs";
import { Diagnostic } from "../../codegen/index.ts";
import type { LinkedCrate } from "./crates.ts";

/** The oldest rustc whose MIR and library the import is tried with. */
const OLDEST: readonly [number, number] = [1, 95];

/** Checks that `version`, as `rustc --version` prints it, is not too old. */
export function checkVersion(version: string, rustc: string): void {
  const found = /^rustc (\d+)\.(\d+)/.exec(version);
  if (found === null)
    throw new Diagnostic(`\`${rustc}\` is no rustc: its version is \`${version}\``, {
      file: "import",
      help: "name one with --rustc",
    });
  const [major, minor] = [Number(found[1]), Number(found[2])];
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  throw new Diagnostic(`${version} is too old to import with`, {
    file: "import",
    help: `install ${OLDEST.join(".")} or later, or name one with --rustc`,
  });
}

/** Checks that `file` is one that can be read. */
export function checkFile(file: string): void {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) throw new Diagnostic("there is no such file", { file, help: "name a Rust source file" });
  if (!stat.isFile())
    throw new Diagnostic("this is not a file", { file, help: "name the crate's root file, such as `src/lib.rs`" });
  if (readFileSync(file).includes(0))
    throw new Diagnostic("this is no text", { file, help: "name a Rust source file" });
}

/** Checks that the crate with the expanded text `source` uses nothing but `core` and `alloc`. */
export function checkCrates(file: string, source: string): void {
  for (const [, name] of source.matchAll(/^\s*(?:pub )?extern crate (\w+)/gm)) {
    if (name === "core" || name === "alloc" || name === "self") continue;
    throw new Diagnostic(`the crate uses \`${name}\`; only \`core\` and \`alloc\` can be imported`, {
      file,
      help:
        name === "std"
          ? "write `#![no_std]` at the top, and name what you need by `core::` (or `alloc::`, behind `extern crate alloc;` and with a `#[global_allocator]`)"
          : "put its sources into modules of this one",
    });
  }
}

/** Checks that `entry` is a function of `crate` that can be the entry. */
export function checkEntry(crate: LinkedCrate, entry: string): void {
  const item = crate.tree.values.get(entry);
  const file = crate.name;
  if (item?.kind !== "fn") {
    const others = [...crate.tree.values.values()].flatMap((each) =>
      each.kind === "fn" && each.params.length === 0 && each.generics.params.length === 0 && !each.name.includes("{")
        ? [`\`${each.name}\``]
        : [],
    );
    throw new Diagnostic(`the crate has no function \`${entry}\``, {
      file,
      help:
        others.length === 0
          ? `write \`pub fn ${entry}() -> u64\`: what it returns is observed`
          : `name another with --entry: ${others.slice(0, 8).join(", ")}`,
    });
  }
  const help = "it is called once, and what it returns is observed: wrap it in a function without parameters";
  if (item.generics.params.some((param) => param.kind !== "lifetime"))
    throw new Diagnostic(`the entry \`${entry}\` is generic`, { file, help });
  if (item.params.length > 0) throw new Diagnostic(`the entry \`${entry}\` has parameters`, { file, help });
}
