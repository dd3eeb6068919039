/**
 * How fast MIR text is parsed and printed, by the CPU's time: `node codegen/mir/text/parse.bench.ts FILE.mir [RUNS]`.
 */

import { closeSync, openSync, readFileSync, statSync } from "node:fs";
import { parseItems, readItems } from "./parse.ts";
import { printItem } from "./print.ts";

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function report(what: string, bytes: number, seconds: number): void {
  const rss = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(
    `${what.padEnd(22)} ${(bytes / 1e6 / seconds).toFixed(1).padStart(7)} MB/s  ${seconds.toFixed(2)} s  peak RSS ${rss} MB`,
  );
}

/** Items one after another, none kept: what `check-dumps` and the collector of large dumps do. */
function benchStreaming(file: string): void {
  const bytes = statSync(file).size;
  let printed = 0;
  for (const print of [false, true]) {
    const descriptor = openSync(file, "r");
    const start = cpuSeconds();
    readItems<never>(descriptor, { file }, (item) => {
      if (print && item.kind !== "rust") printed += printItem(item).length;
    });
    report(print ? "parse + print, streaming" : "parse, streaming", bytes, cpuSeconds() - start);
    closeSync(descriptor);
  }
  if (printed === 0) throw new Error("nothing was printed");
}

/** The whole tree at once. */
function benchWhole(file: string): void {
  const text = readFileSync(file);
  const start = cpuSeconds();
  const items = parseItems(text, { file });
  report(`parse, ${items.length} items kept`, text.length, cpuSeconds() - start);
}

const file = process.argv[2];
if (file === undefined) {
  console.error("usage: node codegen/mir/text/parse.bench.ts FILE.mir [RUNS]");
  process.exitCode = 2;
} else {
  for (let run = 0; run < Number(process.argv[3] ?? 2); run++) benchStreaming(file);
  benchWhole(file);
}
