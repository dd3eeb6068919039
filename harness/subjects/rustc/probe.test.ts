import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { LANGUAGE_PROBES } from "../../../codegen/index.ts";
import { probeRustc } from "./probe.ts";
import { findRustcs, type Rustc } from "./toolchains.ts";

const scratch = mkdtempSync(join(tmpdir(), "probe-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let serial = 0;

const newest = (await findRustcs()).at(-1);

/** A compiler that is a shell script; `$1` is the source. */
function scripted(lines: string): Rustc {
  const path = join(scratch, `rustc${serial++}`);
  writeFileSync(path, `#!/bin/sh\n${lines}\n`);
  chmodSync(path, 0o755);
  return { path, release: "1.99.0", minor: 99, commit: "0", host: "", sysroot: "/" };
}

describe.skipIf(newest === undefined)("probeRustc", () => {
  it("finds that the newest rustc takes the whole language, and remembers it", async () => {
    const cache = join(scratch, "cache");
    const support = await probeRustc(newest!, cache);
    const rejected = LANGUAGE_PROBES.filter(({ construct }) => support?.has(construct) !== true);
    // Pattern types came in the place of the attributes.
    expect(rejected.filter(({ construct }) => construct !== "validRange")).toEqual([]);
    // Each rustc has one of the two, and none has what is nobody's name.
    const atomics = ["intrinsic core::intrinsics::atomic_load_seqcst", "atomic_load::<_, { core"];
    expect(atomics.filter((name) => [...(support ?? [])].some((each) => each.includes(name)))).toHaveLength(1);
    expect(readdirSync(join(cache, "custom-mir"))).toHaveLength(1);
    const deaf = { ...newest!, sysroot: "/nowhere" };
    expect(await probeRustc(deaf, cache)).toEqual(support);
  });

  it("loses only the probe that a compiler crashes on", async () => {
    const broken = scripted(`if grep -q 'Drop(_1' "$1"; then kill -SEGV $$; fi; exec ${newest!.path} "$@"`);
    const support = await probeRustc(broken, join(scratch, "cache-crash"));
    const lost = LANGUAGE_PROBES.filter(({ construct }) => support?.has(construct) !== true);
    expect(lost.map(({ construct }) => construct).filter((construct) => construct !== "validRange")).toEqual(["drop"]);
  });

  it("does without the features that a compiler does not know", async () => {
    const old = scripted(
      `if grep -q 'feature(f16)' "$1"; then line=$(grep -n 'feature(f16)' "$1" | cut -d: -f1); ` +
        `echo '{"level":"error","spans":[{"line_start":'$line',"is_primary":true,"file_name":"'$1'"}]}' >&2; exit 1; fi; exec ${newest!.path} "$@"`,
    );
    const support = await probeRustc(old, join(scratch, "cache-old"));
    expect([support?.has("feature f16"), support?.has("f16"), support?.has("f128")]).toEqual([false, false, true]);
  });
});

describe("a compiler that cannot be asked", () => {
  it.each([
    "kill -SEGV $$",
    "echo 'error: no space left' >&2; exit 1",
  ])("has no answer when it does `%s`", async (lines) => {
    expect(await probeRustc(scripted(lines), join(scratch, "cache-none"))).toBeUndefined();
  });
});
