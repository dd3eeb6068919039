/**
 * What rustc prints with `-Zdump-mir=all`: the bodies of a crate before and after each pass of every phase.
 *
 * rustc writes a file for each body and pass; most of them hold what the one before did, under another first line. Here they become one text, in which
 * each body stands once.
 */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The programs that are dumped: each has what the others lack. */
export const PASS_PROGRAMS: string = join(import.meta.dirname, "rust");

/** A rustc: a command with its first arguments, and what it needs in its environment. */
export interface RustcCommand {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export type PassDumps =
  /** `files` is how many were printed, of which `bodies` were not equal to one before. */
  | { readonly kind: "dumped"; readonly files: number; readonly bodies: number; readonly text: string }
  /** The program is not one of this rustc's: `message` is its first error. */
  | { readonly kind: "refused"; readonly message: string };

/** Compiles the library `source` with `flags`; its passes' dumps. */
export function dumpPasses(rustc: RustcCommand, source: string, flags: readonly string[]): PassDumps {
  const folder = mkdtempSync(join(tmpdir(), "mir-passes-"));
  try {
    const dumps = ["-Zdump-mir=all", "-Zdump-mir-dir=passes", "--emit=mir=passes/last.mir"];
    const args = [...rustc.command.slice(1), "--crate-type", "lib", "-Awarnings", ...dumps, ...flags, source];
    const { status, stderr, error } = spawnSync(rustc.command[0]!, args, {
      cwd: folder,
      env: { ...process.env, ...rustc.env, RUSTC_BOOTSTRAP: "1" },
      encoding: "utf8",
      stdio: ["ignore", "ignore", "pipe"],
    });
    if (status !== 0) return { kind: "refused", message: error?.message ?? firstError(stderr) };
    return joined(join(folder, "passes"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function firstError(stderr: string): string {
  return stderr.split("\n").find((line) => line.startsWith("error")) ?? stderr.trim();
}

/** The texts of `folder`, each of them once. */
function joined(folder: string): PassDumps {
  const seen = new Set<string>();
  const texts: string[] = [];
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".mir"))
    .sort();
  for (const name of files) {
    const text = readFileSync(join(folder, name), "utf8");
    const key = createHash("sha1")
      .update(text.slice(text.indexOf("\n")))
      .digest("base64");
    if (seen.has(key)) continue;
    seen.add(key);
    texts.push(text);
  }
  return { kind: "dumped", files: files.length, bodies: texts.length, text: texts.join("\n") };
}
