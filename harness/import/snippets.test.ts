/** Uses of `core` and `alloc` as whole programs: what an import interprets to is what rustc's own binary prints. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseProgram, printProgram, renderVerifyError, verifyProgram } from "../../codegen/index.ts";
import { checksumOf } from "./checksum.ts";
import { Importer } from "./import.ts";
import { findToolchain, type Toolchain } from "./toolchain.ts";

const FILE = join(import.meta.dirname, "testing/snippets.rs");
const NAMES = [...readFileSync(FILE, "utf8").matchAll(/^pub fn (t_\w+)\(\)/gm)].map((match) => match[1]!);

function toolchain(): Toolchain | undefined {
  try {
    return findToolchain(process.env.RUSTC);
  } catch {
    return undefined;
  }
}

/** What each function returns in a binary of rustc's. */
function valuesOf(rustc: string): Map<string, string> {
  const folder = mkdtempSync(join(tmpdir(), "snippets-test-"));
  try {
    const run = (command: string, args: readonly string[]): string => {
      const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
      if (status !== 0) throw new Error(stderr);
      return stdout;
    };
    const calls = NAMES.map((name) => `println!("${name} {:#018x}", program::${name}());`).join(" ");
    writeFileSync(join(folder, "main.rs"), `fn main() { ${calls} }`);
    const library = join(folder, "libprogram.rlib");
    const flags = ["--edition=2021", "--cap-lints=allow"];
    run(rustc, [...flags, "--crate-name=program", "--crate-type=rlib", "-o", library, FILE]);
    run(rustc, [...flags, `--extern=program=${library}`, "-o", join(folder, "main"), join(folder, "main.rs")]);
    const lines = run(join(folder, "main"), []).trim().split("\n");
    return new Map(lines.map((line) => line.split(" ") as [string, string]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const found = toolchain();

test.skipIf(found === undefined)(
  "formatting, collections, strings, shared ownership and closures of the library mean what rustc says",
  { timeout: 600_000 },
  () => {
    const values = valuesOf(found!.rustc);
    expect([...values.keys()]).toEqual(NAMES);
    const importer = new Importer(found!);
    const crate = importer.crate(FILE, { inline: true });
    for (const name of NAMES) {
      const program = parseProgram(printProgram(importer.programOf(crate, name)), { file: name });
      expect(verifyProgram(program).map(renderVerifyError)).toEqual([]);
      expect(`${name} ${checksumOf(program)}`).toBe(`${name} ${values.get(name)}`);
    }
  },
);
