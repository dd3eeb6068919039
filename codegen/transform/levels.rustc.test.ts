import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MIR_PASSES } from "./pass-table.ts";

const SOURCE = "pub fn f(x: u32, y: &[u32]) -> u32 { if x > 3 { y[0] } else { y.len() as u32 } }\n";

/** Optimisation passes of rustc that there is no row for: checks of debug builds, what code generation wants, and those not written. */
const NOT_HERE: ReadonlySet<string> = new Set(["ForceInline", "AddCallGuards", "PreCodegen"]);
/** Rows that rustc has not among these passes: it lowers intrinsics earlier, and no longer splits copies of enums at all. */
const ONLY_HERE: ReadonlySet<string> = new Set(["LowerIntrinsics", "EnumSizeOpt", "RemoveStorageMarkers"]);

/** The optimisation passes that rustc runs on `f`, in order; `undefined` without a rustc that can say. */
function rustcPasses(level: number): string[] | undefined {
  const directory = mkdtempSync(join(tmpdir(), "mirwatch-levels-"));
  try {
    const source = join(directory, "a.rs");
    writeFileSync(source, SOURCE);
    const dump = join(directory, "dump");
    const flags = [
      "--crate-type=lib",
      "-O",
      "--emit=mir",
      `-Zmir-opt-level=${level}`,
      "-Zdump-mir=f",
      `-Zdump-mir-dir=${dump}`,
    ];
    const { status } = spawnSync("rustc", [...flags, source, "-o", join(directory, "a.mir")], {
      env: { ...process.env, RUSTC_BOOTSTRAP: "1" },
    });
    if (status !== 0) return undefined;
    // `a.f.3-2-017.GVN.before.mir`: phase 3-2 is that of optimisation.
    return readdirSync(dump)
      .flatMap((name) => /^a\.f\.3-2-(\d+)\.([\w-]+)\.before\.mir$/.exec(name)?.slice(1, 3).join(" ") ?? [])
      .sort()
      .map((entry) => entry.split(" ")[1]!)
      .filter((name) => !NOT_HERE.has(name));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

describe("the pass table", () => {
  it.for([0, 1, 2, 3, 4])("has at mir-opt-level %i the passes of rustc, in its order", (level, { skip }) => {
    const theirs = rustcPasses(level);
    if (theirs === undefined) return skip("no rustc with -Z options");
    const ours = MIR_PASSES.filter((row) => row.level <= level && !ONLY_HERE.has(row.name)).map(({ name }) => name);
    // rustc runs this one twice under one name.
    const last = theirs.lastIndexOf("MultipleReturnTerminators");
    expect(ours).toEqual(
      theirs.filter((name, i) => !ONLY_HERE.has(name) && (name !== "MultipleReturnTerminators" || i === last)),
    );
  });
});
