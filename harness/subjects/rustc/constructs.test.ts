import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { entryPoints, newTyCtxt, parseProgram, printCustomMirBatch, runCommand } from "../../../codegen/index.ts";
import { environment } from "./cross.ts";
import { probeRustc } from "./probe.ts";
import { CONSTRUCT_CASES } from "./testing/constructs.ts";
import { findRustcs, type Rustc } from "./toolchains.ts";

const scratch = mkdtempSync(join(tmpdir(), "custom-mir-constructs-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const rustcs = await findRustcs();

/** rustc's own MIR of all cases, as it is built: one crate, a module for each. */
async function dump(rustc: Rustc): Promise<{ readonly mir: string; readonly skipped: ReadonlyMap<number, string> }> {
  const support = await probeRustc(rustc, join(scratch, "cache"));
  expect(support).toBeDefined();
  const parts = CONSTRUCT_CASES.map(({ text }, i) => {
    const program = parseProgram(text, { tcx: newTyCtxt() });
    return { program, entries: entryPoints(program), firstCase: i };
  });
  const written = printCustomMirBatch(parts, { unwinding: true, ...(support === undefined ? {} : { support }) });
  const source = join(scratch, `${rustc.release}.rs`);
  writeFileSync(source, `${written.source}\n#[panic_handler] fn panic(_: &core::panic::PanicInfo) -> ! { loop {} }\n`);
  const args = [source, "--crate-name=m", "--crate-type=lib", "--edition=2021", "--cap-lints=allow"];
  const result = await runCommand({
    program: rustc.path,
    args: [...args, "-Cpanic=unwind", "-Zmir-opt-level=0", "-Zvalidate-mir", "-Zunpretty=mir"],
    env: { ...environment(), RUSTC_BOOTSTRAP: "1" },
    timeLimit: 100_000,
    outputLimit: 8 << 20,
    errorLimit: 1 << 20,
  });
  expect(result.stderr.toString("utf8")).toBe("");
  return { mir: result.stdout.toString("utf8"), skipped: written.skipped };
}

/** What stands in the dump of the module of case `i`. */
function moduleOf(mir: string, i: number): string {
  const items = mir.split(/\n(?=(?:const |static )?(?:fn|static|const) )/);
  return items.filter((item) => item.includes(`p${i}::`) && !item.startsWith("static CASES")).join("\n");
}

describe.each(rustcs)("rustc $release", (rustc) => {
  let dumped: Awaited<ReturnType<typeof dump>>;
  beforeAll(async () => {
    dumped = await dump(rustc);
  }, 200_000);

  it.each(CONSTRUCT_CASES.map((each, i) => ({ ...each, i })))("has $name in its MIR", ({ finds, i }) => {
    expect(dumped.skipped.get(i)).toBeUndefined();
    const mir = moduleOf(dumped.mir, i);
    for (const found of finds) expect(mir).toMatch(found);
  });
});
