import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { UB_KINDS } from "../interpret/ub.ts";
import { blessFiletest, listFiletests, runFiletest } from "./runner.ts";

const folder = import.meta.dirname;
const paths = ["ir", "mir"].flatMap((language) => listFiletests(join(folder, language)));

describe("filetests", () => {
  test.each(paths.map((path) => [relative(folder, path), path] as const))("%s", (_, path) => {
    const { expected, actual } = runFiletest(path);
    expect(actual.trimEnd()).toBe(expected.trimEnd());
  });
});

describe("the filetests of undefined behaviour", () => {
  const ub = listFiletests(join(folder, "mir", "ub")).map(
    (path) => [relative(folder, path), readFileSync(path, "utf8")] as const,
  );
  /** What is expected of the runs of the entry points whose names match. */
  const runs = (text: string, entry: RegExp): string[] =>
    text
      .slice(text.indexOf("// expected:"))
      .split(/^\/\/ (?=\w+(?:, \w+ borrows)?: )/m)
      .filter((run) => entry.test(run));
  const isUb = (run: string): boolean => run.includes("undefined behaviour");

  test("have every kind", () => {
    const seen = new Set(ub.flatMap(([, text]) => [...text.matchAll(/^\/\/ {3}(\w+): /gm)].map((match) => match[1])));
    expect(UB_KINDS.filter((kind) => !seen.has(kind))).toEqual([]);
  });

  test.each(ub)("%s is undefined in `main`, and its neighbours are legal", (_, text) => {
    const [undefinedRuns, legalRuns] = [runs(text, /^main\b/), runs(text, /^input_/)];
    // The two models of aliasing may differ: then it is so under one of them.
    expect(undefinedRuns.some(isUb)).toBe(true);
    expect(legalRuns.some((run) => !isUb(run))).toBe(true);
    expect(legalRuns.filter((run) => run.includes("unsupported"))).toEqual([]);
  });
});

describe("the runner", () => {
  const inFile = (text: string, check: (path: string) => void): void => {
    const directory = mkdtempSync(join(tmpdir(), "filetest-"));
    try {
      const path = join(directory, "case.ir");
      writeFileSync(path, text);
      check(path);
    } finally {
      rmSync(directory, { recursive: true });
    }
  };
  const body = "function %f(i32) -> i32 {\nblock0(v0: i32):\n  v1 = bnot.i32 v0\n  v2 = bnot.i32 v1\n  return v2\n}\n";

  test("blesses, once", () => {
    inFile(`test opt simplify dce\n${body}`, (path) => {
      const first = runFiletest(path);
      expect(first.expected).toBe("");
      expect(blessFiletest(first)).toBe(true);
      const second = runFiletest(path);
      expect(second.expected).toBe(second.actual);
      expect(blessFiletest(second)).toBe(false);
      expect(readFileSync(path, "utf8")).toContain(
        "; expected:\n; function %f(i32) -> i32 {\n; block0(v0: i32):\n;   return v0\n",
      );
    });
  });

  test("notices a wrong expectation", () => {
    inFile(`test eval f(3)\n${body}\n; expected:\n; f(3): returns 4\n`, (path) => {
      expect(runFiletest(path)).toMatchObject({ actual: "f(3): returns 3\n", expected: "f(3): returns 4\n" });
    });
  });

  test("says what is wrong with a file that is no test", () => {
    inFile(body, (path) => expect(() => runFiletest(path)).toThrow("the first line must be `test` and a command"));
    inFile(`test opt frob\n${body}`, (path) => expect(() => runFiletest(path)).toThrow("no pass `frob`"));
    inFile("test print\nfunction %f() {\n  oops\n}\n", (path) =>
      expect(() => runFiletest(path)).toThrow(expect.objectContaining({ span: { line: 3, column: 3 } })),
    );
  });
});
