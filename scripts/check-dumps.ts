/**
 * Reads every MIR dump below a folder, as `mir-dumps.ts` makes them, prints it back and compares: `node scripts/check-dumps.ts DIR [--only WORD]`.
 *
 * One line a file: items, those that differ, size, how fast it was parsed and printed by the CPU's time, and the greatest memory so far. What differs, and
 * what could not be parsed, is said below it, and makes the exit code 1.
 */
import { closeSync, openSync, readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import type { Item } from "../codegen/mir/text/ast.ts";
import { readItems } from "../codegen/mir/text/parse.ts";
import { printItem } from "../codegen/mir/text/print.ts";
import { firstDifference } from "../codegen/mir/text/same-text.ts";
import { Diagnostic, renderDiagnostic } from "../codegen/session/diagnostic.ts";

const MAX_SHOWN = 3;

interface Result {
  items: number;
  failed: number;
  parseSeconds: number;
  printSeconds: number;
  readonly problems: string[];
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Calls `onItem` with the items of `file`; a text that is no MIR is the last problem. */
function forEachItem(file: string, result: Result, onItem: (item: Item) => void): void {
  const descriptor = openSync(file, "r");
  try {
    readItems<never>(descriptor, { file }, (item) => {
      if (item.kind !== "rust") onItem(item);
    });
  } catch (error) {
    if (!(error instanceof Diagnostic)) throw error;
    result.failed++;
    result.problems.push(renderDiagnostic(error));
  } finally {
    closeSync(descriptor);
  }
}

function checkItem(item: Item, result: Result): void {
  const start = cpuSeconds();
  const printed = printItem(item);
  result.printSeconds += cpuSeconds() - start;
  const annotated = item.annotations.map((line) => `${line}\n`).join("");
  const difference = firstDifference(annotated + item.source.slice(item.at, item.end), printed);
  if (difference === undefined) return;
  result.failed++;
  if (result.problems.length >= MAX_SHOWN) return;
  const { line } = item.source.span(item.at);
  result.problems.push(
    `item at line ${line}, line ${difference.line}:\n  read    ${difference.expected}\n  printed ${difference.found}`,
  );
}

function checkFile(file: string): Result {
  const result: Result = { items: 0, failed: 0, parseSeconds: 0, printSeconds: 0, problems: [] };
  const start = cpuSeconds();
  forEachItem(file, result, () => {
    result.items++;
  });
  result.parseSeconds = cpuSeconds() - start;
  if (result.failed === 0) forEachItem(file, result, (item) => checkItem(item, result));
  return result;
}

function mirFiles(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".mir"));
  return names.sort().map((name) => join(folder, name));
}

function rate(bytes: number, seconds: number): string {
  return seconds < 0.005 ? "-" : (bytes / 1e6 / seconds).toFixed(0);
}

function row(cells: readonly (string | number)[]): string {
  return `${cells
    .slice(0, -1)
    .map((cell) => String(cell).padStart(8))
    .join(" ")}  ${cells[cells.length - 1]}`;
}

function main(): void {
  const folder = process.argv[2];
  const only = process.argv.indexOf("--only");
  const word = only < 0 ? "" : (process.argv[only + 1] ?? "");
  if (folder === undefined) {
    console.error("usage: node scripts/check-dumps.ts DIR [--only WORD]");
    process.exitCode = 2;
    return;
  }
  const totals = { items: 0, failed: 0, bytes: 0, parse: 0, print: 0, files: 0 };
  console.log(
    row(["items", "failed", "MB", "parse/s", "print/s", "RSS MB", "file (parse, print: MB a second of CPU)"]),
  );
  for (const file of mirFiles(folder)) {
    if (!file.includes(word)) continue;
    const bytes = statSync(file).size;
    const { items, failed, parseSeconds, printSeconds, problems } = checkFile(file);
    totals.items += items;
    totals.failed += failed;
    totals.bytes += bytes;
    totals.parse += parseSeconds;
    totals.print += printSeconds;
    totals.files++;
    const rss = Math.round(process.resourceUsage().maxRSS / 1024);
    const megabytes = (bytes / 1e6).toFixed(1);
    console.log(
      row([
        items,
        failed,
        megabytes,
        rate(bytes, parseSeconds),
        rate(bytes, printSeconds),
        rss,
        relative(folder, file),
      ]),
    );
    for (const problem of problems) console.log(problem);
  }
  const rss = Math.round(process.resourceUsage().maxRSS / 1024);
  const { items, failed, bytes, parse, print, files } = totals;
  console.log(
    row([items, failed, (bytes / 1e6).toFixed(1), rate(bytes, parse), rate(bytes, print), rss, `${files} files`]),
  );
  if (failed > 0 || files === 0) process.exitCode = 1;
}

main();
