/** Every regression is a valid program with one meaning, and the own backend runs it so in every configuration. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { HOST_TARGET, LTO_MODES, OPT_LEVELS, parseProgram, verifyProgram } from "../codegen/index.ts";
import { Prober } from "./campaign/investigate.ts";
import { DEFAULT_LIMITS } from "./campaign/task.ts";
import { proveProgram } from "./oracle/prove.ts";
import { NativeSubject } from "./subjects/native/native.ts";

const REGRESSIONS = join(dirname(dirname(fileURLToPath(import.meta.url))), "corpora", "regressions");
const files = readdirSync(REGRESSIONS).filter((name) => name.endsWith(".mir"));

describe("regressions", () => {
  test("there are some, and the list names each", () => {
    const list = readFileSync(join(dirname(REGRESSIONS), "README.md"), "utf8");
    expect(files.length).toBeGreaterThan(0);
    for (const name of files) expect(list).toContain(`\`${name}\``);
  });

  test.each(files)("%s", async (name) => {
    const program = parseProgram(readFileSync(join(REGRESSIONS, name), "utf8"), { file: name });
    expect(verifyProgram(program)).toEqual([]);
    const proof = proveProgram(program);
    if (proof.kind === "rejected") throw new Error(proof.reason);
    const subject = new NativeSubject();
    const directory = mkdtempSync(join(tmpdir(), "mirwatch-regressions-"));
    try {
      for (const configuration of subject.configurations({
        targets: [HOST_TARGET.triple],
        optLevels: OPT_LEVELS,
        codegenUnits: [1, 4],
        lto: LTO_MODES,
      })) {
        const seen = await new Prober(subject, configuration, directory, DEFAULT_LIMITS).observe(proof.checked);
        expect(seen, configuration.id).toMatchObject({ verdict: "agree" });
      }
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
