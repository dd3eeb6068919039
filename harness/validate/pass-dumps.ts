/**
 * What rustc's own MIR passes do to a crate: bodies before and after each pass, from `-Zdump-mir=all`.
 *
 * rustc writes a file per function, pass and side (`crate.f.3-2-017.GVN.before.mir`). Here they become texts of the whole crate again, one per pass and
 * side, in the order of `--emit=mir` and with its constants and statics, so that they are read as any dump is.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type Side = "before" | "after";

export interface PassDumps {
  /** The passes in the order in which they ran, by rustc's names. */
  readonly passes: readonly string[];
  /** The crate on one side of a pass: functions that it did not run on are left out. */
  text(pass: string, side: Side): string;
}

const FLAGS: readonly string[] = [
  ...["--edition=2021", "--crate-type=lib", "--cap-lints=allow", "-O", "-Zub-checks=no"],
  ...["-Ztrim-diagnostic-paths=no", "-Zspan-free-formats", "-Zdump-mir=all", "-Zmir-enable-passes=+JumpThreading"],
];

/**
 * Compiles the Rust source `file` with `rustc` at a `mir-opt-level` and reads its dumps.
 *
 * @throws an error with rustc's words when it does not compile.
 */
export function dumpPasses(rustc: string, file: string, mirOptLevel: number): PassDumps {
  const folder = mkdtempSync(join(tmpdir(), "mirwatch-passes-"));
  try {
    const whole = join(folder, "crate.mir");
    const flags = [...FLAGS, `-Zmir-opt-level=${mirOptLevel}`, `-Zdump-mir-dir=${folder}/dump`, `--emit=mir=${whole}`];
    const { status, stderr } = spawnSync(rustc, [...flags, file], {
      encoding: "utf8",
      env: { ...process.env, RUSTC_BOOTSTRAP: "1" },
      maxBuffer: 1 << 28,
    });
    if (status !== 0) throw new Error(`rustc does not compile ${file}:\n${stderr}`);
    return readDumps(itemsOf(readFileSync(whole, "utf8")), join(folder, "dump"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An item of a dump; `fn`: its head up to the parameters, when it is a function that runs. */
interface DumpedItem {
  readonly fn: string | undefined;
  readonly text: string;
}

interface PassTexts {
  readonly number: string;
  /** By head of a function. */
  readonly fns: Record<Side, Map<string, string>>;
  /** Allocations, which a dump repeats behind each function that mentions them. */
  readonly allocs: Record<Side, Set<string>>;
}

function readDumps(whole: readonly DumpedItem[], folder: string): PassDumps {
  const passes = new Map<string, PassTexts>();
  for (const name of readdirSync(folder)) {
    const [, number, pass, side] = /\.(3-[12]-\d+)\.([\w-]+)\.(before|after)\.mir$/.exec(name) ?? [];
    if (number === undefined || pass === undefined) continue;
    let texts = passes.get(pass);
    if (texts === undefined) {
      const fns = { before: new Map<string, string>(), after: new Map<string, string>() };
      texts = { number, fns, allocs: { before: new Set(), after: new Set() } };
      passes.set(pass, texts);
    }
    for (const { fn, text } of itemsOf(readFileSync(join(folder, name), "utf8"))) {
      if (fn === undefined) texts.allocs[side as Side].add(text);
      // Functions with one head are the expansions of one macro: they cannot be told apart.
      else if (!texts.fns[side as Side].has(fn)) texts.fns[side as Side].set(fn, text);
    }
  }
  const text = (pass: string, side: Side): string => {
    const texts = passes.get(pass);
    if (texts === undefined) return "";
    const items = whole.flatMap((item) => (item.fn === undefined ? item.text : (texts.fns[side].get(item.fn) ?? [])));
    return `${[...items, ...texts.allocs[side]].join("\n\n")}\n`;
  };
  const order = [...passes].sort(([, a], [, b]) => (a.number < b.number ? -1 : 1));
  return { passes: order.map(([name]) => name), text };
}

/** The items of a dump, without those that only constant evaluation runs. */
function itemsOf(dump: string): DumpedItem[] {
  const items: DumpedItem[] = [];
  let lines: string[] = [];
  let fn: string | undefined;
  let ctfe = false;
  let isCtfe = false;
  const close = (): void => {
    if (lines.length > 0 && !isCtfe) items.push({ fn, text: lines.join("\n") });
    lines = [];
  };
  for (const line of dump.split("\n")) {
    if (line.startsWith("//")) {
      if (line === "// MIR FOR CTFE") ctfe = true;
      continue;
    }
    if (/^[^\s}]/.test(line)) {
      close();
      isCtfe = ctfe;
      ctfe = false;
      fn = line.startsWith("fn ") ? line.slice(0, line.indexOf("(")) : undefined;
    }
    lines.push(line);
  }
  close();
  return items;
}
