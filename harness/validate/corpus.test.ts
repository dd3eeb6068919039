import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  HOST_TARGET,
  type MirOptLevel,
  newLayoutCx,
  newTyCtxt,
  parseProgram,
  replaceBodies,
  runMirPasses,
} from "../../codegen/index.ts";
import { checksumOf, expectedChecksum } from "../import/checksum.ts";

const FOLDER = join(import.meta.dirname, "../../corpora/rust");
/** Every other program, at one level each, in turn; `scripts/validate-passes.ts --corpus` has all programs and levels, and each pass alone. */
const PROGRAMS = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".mir"))
  .filter((_, i) => i % 2 === 0)
  .map((file, i) => ({ file, level: (4 - (i % 4)) as MirOptLevel }));

test.for(PROGRAMS)("$file gives rustc's value at mir-opt-level $level", ({ file, level }) => {
  const program = parseProgram(readFileSync(join(FOLDER, file), "utf8"), { file, tcx: newTyCtxt() });
  const source = readFileSync(join(FOLDER, file.replace(/\.mir$/, ".rs")), "utf8");
  const bodies = runMirPasses(program, newLayoutCx(program, HOST_TARGET.dataLayout), { mirOptLevel: level });
  if (level > 1) expect(bodies.size).toBeGreaterThan(0);
  replaceBodies(bodies);
  expect(checksumOf(program)).toBe(expectedChecksum(source));
});
