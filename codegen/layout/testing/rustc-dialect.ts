/**
 * What a rustc calls the things that the comparison of layouts needs: they are internal to it, and their names change between releases. They are
 * found out by compiling a few lines; only the layout policy, which is what the comparison is to confirm, goes by the release.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LayoutPolicy, layoutPolicyOf } from "../policy.ts";

/** How a scalar with invalid patterns is written: by attributes of its struct, or as a pattern type, which replaced them. */
export type RangeSyntax = "attributes" | "patterns";
/** What dumps say of an enum's variants: a whole layout, or only what can differ between the variants of one type. */
export type VariantForm = "layouts" | "variantLayouts";

export interface RustcDialect {
  readonly rustc: string;
  /** All that `rustc --version` prints. */
  readonly version: string;
  readonly policy: LayoutPolicy;
  /** In front of an item: dump its layout. */
  readonly dumpAttribute: string;
  readonly ranges: RangeSyntax;
  readonly variants: VariantForm;
}

/** In front of an item: dump its layout. Some releases call it otherwise. */
export const DUMP_ATTRIBUTE = "#[rustc_layout(debug)] ";
const NEW_DUMP_ATTRIBUTE = "#[rustc_dump_layout(debug)] ";

const dialects = new Map<string, RustcDialect>();

/**
 * The dialect of the compiler at the path `rustc`.
 *
 * @throws Error when it does not run, or its dumps are not of a form that can be compared.
 */
export function rustcDialect(rustc: string): RustcDialect {
  let dialect = dialects.get(rustc);
  if (dialect === undefined) {
    dialect = probe(rustc);
    dialects.set(rustc, dialect);
  }
  return dialect;
}

function probe(rustc: string): RustcDialect {
  const version = spawnSync(rustc, ["--version"], { encoding: "utf8" });
  if (version.status !== 0) throw new Error(`cannot run ${rustc}`);
  const dump = messages(rustc, `${DUMP_ATTRIBUTE}pub enum E { A(u8), B(u8) }`);
  const isOld = dump.includes("layout_of(E)");
  const dumpAttribute = isOld ? DUMP_ATTRIBUTE : NEW_DUMP_ATTRIBUTE;
  const newest = isOld ? dump : messages(rustc, `${dumpAttribute}pub enum E { A(u8), B(u8) }`);
  if (!newest.includes("layout_of(E)")) throw new Error(`${rustc} dumps no layouts: ${newest}`);
  // Before 1.94 dumps give the order of fields otherwise, and from 1.99 on scalars.
  if (!newest.includes("in_memory_order") || !newest.includes("Initialized {"))
    throw new Error(`the layouts that ${rustc} dumps are not of a form that can be compared`);
  const range = messages(rustc, "#[rustc_layout_scalar_valid_range_start(1)] pub struct R(u8);");
  return {
    rustc,
    version: version.stdout.trim(),
    policy: layoutPolicyOf(version.stdout.trim()),
    dumpAttribute,
    ranges: range.includes("error") ? "patterns" : "attributes",
    variants: newest.includes("VariantLayout") ? "variantLayouts" : "layouts",
  };
}

/** What `rustc` says to `source`. */
function messages(rustc: string, source: string): string {
  // Not `-o /dev/null`: rustc puts its output in place by renaming, and root may replace a device.
  const folder = mkdtempSync(join(tmpdir(), "rustc-dialect-"));
  try {
    const args = ["--crate-type", "lib", "--emit", "metadata", "--out-dir", folder, "-"];
    const input = `#![feature(rustc_attrs)] #![allow(warnings)] ${source}`;
    const env = { ...process.env, RUSTC_BOOTSTRAP: "1" };
    return spawnSync(rustc, args, { env, encoding: "utf8", input }).stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The compilers of this machine whose layouts can be compared: of the path, of rustup's nightly, and the system's; each version once. */
export function findRustcs(): RustcDialect[] {
  const nightly = spawnSync("rustup", ["which", "--toolchain", "nightly", "rustc"], { encoding: "utf8" });
  const paths = ["rustc", "/usr/bin/rustc", ...(nightly.status === 0 ? [nightly.stdout.trim()] : [])];
  const found = new Map<string, RustcDialect>();
  for (const path of paths) {
    const dialect = comparable(path);
    if (dialect !== undefined && !found.has(dialect.version)) found.set(dialect.version, dialect);
  }
  return [...found.values()];
}

function comparable(rustc: string): RustcDialect | undefined {
  try {
    return rustcDialect(rustc);
  } catch {
    return undefined;
  }
}
