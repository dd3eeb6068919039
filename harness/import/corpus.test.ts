import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseProgram, renderVerifyError, verifyProgram } from "../../codegen/index.ts";
import { checksumOf, expectedChecksum } from "./checksum.ts";

const FOLDER = join(import.meta.dirname, "../../corpora/rust");
const PROGRAMS = readdirSync(FOLDER).filter((file) => file.endsWith(".mir"));

test("every program of the corpus is imported", () => {
  const sources = readdirSync(FOLDER).filter((file) => file.endsWith(".rs"));
  expect(PROGRAMS.map((file) => file.replace(/\.mir$/, ".rs"))).toEqual(sources);
  expect(sources.length).toBeGreaterThanOrEqual(40);
});

test.for(PROGRAMS)("%s is well-formed, and interprets to the value that rustc's own binary gives", (file) => {
  const program = parseProgram(readFileSync(join(FOLDER, file), "utf8"), { file });
  const source = readFileSync(join(FOLDER, file.replace(/\.mir$/, ".rs")), "utf8");
  expect(verifyProgram(program).map(renderVerifyError)).toEqual([]);
  expect(checksumOf(program)).toBe(expectedChecksum(source));
});
