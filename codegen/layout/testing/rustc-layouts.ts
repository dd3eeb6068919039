/**
 * Asks rustc for layouts: a crate whose items have `#[rustc_layout(debug)]` makes rustc print them as errors, for any target and without
 * running anything.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DATA_LAYOUTS, HOST_TARGET } from "../../target/spec.ts";
import { normaliseRustcDump } from "./dump-layout.ts";
import { noCoreLibrary } from "./no-core-library.ts";
import { DUMP_ATTRIBUTE, type RustcDialect, rustcDialect } from "./rustc-dialect.ts";

export { DUMP_ATTRIBUTE };

const FEATURES = `#![feature(rustc_attrs, never_type, f16, f128, repr_simd, extern_types, type_alias_impl_trait, transparent_unions)]
#![allow(warnings)]
`;

const LIBRARY_PATTERNS = "#![feature(pattern_types, pattern_type_macro)] ";

/**
 * rustc's dumps of the items in `lines`, each line with at most one of them, by line; undefined for a line without. The library is rustc's
 * own for the host, and a replacement in which the types are defined alike for other targets, whose library may not be there.
 *
 * @throws Error when rustc rejects a line.
 */
export function rustcLayouts(rustc: string, triple: string, lines: readonly string[]): (string | undefined)[] {
  const dialect = rustcDialect(rustc);
  const header = headerFor(dialect, triple);
  const dir = mkdtempSync(join(tmpdir(), "mirwatch-layout-"));
  try {
    const file = join(dir, "lib.rs");
    writeFileSync(file, `${header}${lines.join("\n").replaceAll(DUMP_ATTRIBUTE, dialect.dumpAttribute)}\n`);
    const args = ["--edition", "2021", "--crate-type", "lib", "--crate-name", "layouts", "--emit", "metadata"];
    args.push("--target", triple, "--error-format", "short", "--out-dir", dir, file);
    const run = spawnSync(rustc, args, {
      env: { ...process.env, RUSTC_BOOTSTRAP: "1" },
      encoding: "utf8",
      maxBuffer: 2 ** 30,
    });
    if (run.error !== undefined) throw run.error;
    return parseDumps(run.stderr, file, header.split("\n").length - 1, lines);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** What stands before the items: features, and the library, or what replaces it. */
export function headerFor({ ranges }: RustcDialect, triple: string): string {
  if (triple === HOST_TARGET.triple) return (ranges === "patterns" ? LIBRARY_PATTERNS : "") + FEATURES;
  const dataLayout = DATA_LAYOUTS.get(triple);
  if (dataLayout === undefined) throw new Error(`unknown target ${triple}`);
  return FEATURES + noCoreLibrary(ranges, dataLayout);
}

function parseDumps(text: string, file: string, headerLines: number, lines: readonly string[]): (string | undefined)[] {
  const dumps = new Array<string | undefined>(lines.length).fill(undefined);
  for (const message of text.split(/\n(?=\S+: error|error: )/)) {
    const marker = message.indexOf(": error: layout_of(");
    if (marker >= 0 && message.startsWith(file)) {
      const line = Number(message.slice(file.length + 1).split(":", 1)[0]) - 1 - headerLines;
      const start = message.indexOf(") = Layout {\n");
      dumps[line] = normaliseRustcDump(message.slice(start + 4).trimEnd());
    } else if (message.includes("error") && !message.startsWith("error: aborting due to")) {
      const at = Number(/^[^:]*:(\d+):/.exec(message)?.[1]) - 1 - headerLines;
      throw new Error(`rustc: ${message.slice(0, 2000)}\n${lines[at] ?? ""}`);
    }
  }
  return dumps;
}
