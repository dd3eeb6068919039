/** The audit of Miri's test suite, `mir/miri-suite.md`: a table that says which filetest has the idea of each of Miri's tests. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { listFiletests } from "./runner.ts";

const folder = join(import.meta.dirname, "mir");
const audit = readFileSync(join(folder, "miri-suite.md"), "utf8");

/** The rows of the table whose first column is titled `title`, without its head. */
function rowsOf(title: string): string[][] {
  const lines = audit.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`| ${title} |`)) + 2;
  const end = lines.findIndex((line, at) => at >= start && !line.startsWith("|"));
  return lines.slice(start, end).map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

const tests = rowsOf("Miri").map(([path = "", here = ""]) => ({
  path,
  files: [...here.matchAll(/`([^`]+)`/g)].map((match) => match[1]!),
  reason: /^\*(\w+)\*$/.exec(here)?.[1],
}));

describe("the audit of Miri's tests", () => {
  test("names each of them once, in order", () => {
    const paths = tests.map(({ path }) => path);
    expect(paths).toEqual([...new Set(paths)].sort());
    expect(audit).toContain(`\n${paths.length} of them.`);
  });

  test("names a filetest that exists, or a reason that is explained", () => {
    const reasons = new Map(rowsOf("reason").map(([name = "", count]) => [name.replaceAll("*", ""), Number(count)]));
    const used = new Map<string, number>();
    for (const { path, files, reason } of tests) {
      if (reason === undefined) expect(files, path).not.toEqual([]);
      else used.set(reason, (used.get(reason) ?? 0) + 1);
      for (const file of files) expect(existsSync(join(folder, file)), `${path}: ${file}`).toBe(true);
    }
    expect(used).toEqual(reasons);
    expect(audit).toContain(`: ${tests.filter(({ files }) => files.length > 0).length} have one.`);
  });
});

describe("the legal filetests", () => {
  const legal = listFiletests(join(folder, "legal")).map((path) => [path.slice(folder.length + 1), path] as const);

  test.each(legal)("%s is defined in all its entry points", (_, path) => {
    const text = readFileSync(path, "utf8");
    const runs = [...text.slice(text.indexOf("// expected:")).matchAll(/^\/\/ \w+(?:, \w+ borrows)?: (.*)$/gm)];
    expect(runs.length).toBeGreaterThan(0);
    for (const [run, outcome] of runs) expect(outcome, run).toMatch(/(^|\s)returns$/);
  });
});
