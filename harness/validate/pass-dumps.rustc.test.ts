import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dumpPasses } from "./pass-dumps.ts";

const SOURCE = "pub fn f(x: u32) -> u32 { let y = x + 1; if y > 3 { y } else { 0 } }\npub const C: u32 = 7;\n";

describe("dumps of rustc's passes", () => {
  it("have each function before and after each pass, and the constants", ({ skip }) => {
    if (spawnSync("rustc", ["--version"]).status !== 0) return skip("no rustc");
    const folder = mkdtempSync(join(tmpdir(), "mirwatch-pass-dumps-"));
    try {
      const file = join(folder, "a.rs");
      writeFileSync(file, SOURCE);
      const { passes, text } = dumpPasses("rustc", file, 2);
      expect(passes.indexOf("GVN")).toBeGreaterThan(passes.indexOf("InstSimplify-before-inline"));
      expect(passes).not.toContain("MultipleReturnTerminators-final");
      const before = text("CopyProp", "before");
      expect(before.match(/^fn f\(/gm)).toHaveLength(1);
      expect(before).toMatch(/^const C: u32/m);
      expect(text("no such pass", "after")).toBe("");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("say what rustc says of a source that it rejects", ({ skip }) => {
    if (spawnSync("rustc", ["--version"]).status !== 0) return skip("no rustc");
    expect(() => dumpPasses("rustc", "/nonexistent/a.rs", 2)).toThrow(/does not compile/);
  });
});
