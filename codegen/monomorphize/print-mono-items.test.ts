/** `-Z print-mono-items` by the command. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compile } from "../driver/compile.ts";
import { parseArguments } from "../driver/options.ts";

const PROGRAM = `
fn id<T>(_1: T) -> T { bb0: { _0 = move _1; return; } }
fn dead() -> () { bb0: { return; } }
fn main() -> () {
    let mut _1: i32;
    bb0: { _1 = id::<i32>(const 3_i32) -> [return: bb1, unwind continue]; }
    bb1: { return; }
}
`;

async function printed(...options: readonly string[]): Promise<string[]> {
  const dir = mkdtempSync(join(tmpdir(), "mirwatch-mono-"));
  try {
    const file = join(dir, "a.mir");
    writeFileSync(file, PROGRAM);
    let out = "";
    const streams = {
      out: (text: string): void => {
        out += text;
      },
      err: (): void => {},
    };
    await compile(parseArguments([...options, file, "--emit=obj", "-o", join(dir, "a.o")]), streams);
    return out.trimEnd().split("\n");
  } finally {
    rmSync(dir, { recursive: true });
  }
}

describe("-Z print-mono-items", () => {
  it("prints what is generated, in rustc's format", async () => {
    expect(await printed("-Zprint-mono-items")).toEqual([
      "MONO_ITEM fn id::<i32> @@ cgu.0[Internal]",
      "MONO_ITEM fn main @@ cgu.0[Internal]",
      "MONO_ITEM fn mirwatch_case_count @@ cgu.0[External]",
      "MONO_ITEM fn mirwatch_run_case @@ cgu.0[External]",
    ]);
  });

  it("prints what could be generated when eager, with the units asked for", async () => {
    const lines = await printed("-Zprint-mono-items=eager", "-Ccodegen-units=2");
    expect(lines.map((line) => line.replace(/ @@.*/, ""))).toEqual([
      "MONO_ITEM fn dead",
      "MONO_ITEM fn id::<i32>",
      "MONO_ITEM fn main",
    ]);
    expect(new Set(lines.map((line) => line.replace(/.*@@ (cgu\.\d).*/, "$1"))).size).toBe(2);
  });

  it("refuses another mode", () => {
    expect(() => parseArguments(["-Zprint-mono-items=all", "a.mir"])).toThrow("is no value of `print-mono-items`");
  });
});
