/**
 * Asks a rustc what it takes of custom MIR (`codegen/mir/custom-mir/probes.ts`).
 *
 * All probes are modules of one crate. rustc names the lines of its errors; the modules on them are out, and the rest is compiled again until
 * nothing is said. A compilation that ends otherwise than by errors with lines (it crashes, hangs, or is killed) is cut in halves, so that only the
 * probe that does it is lost. What was found is kept by the compiler's path, version and time of change.
 */

import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Construct,
  FEATURES,
  INTRINSIC_PROBES,
  LANGUAGE_PROBES,
  PROBE_HEAD,
  type Probe,
  type RustcSupport,
  runCommand,
} from "../../../codegen/index.ts";
import { environment } from "./cross.ts";
import type { Rustc } from "./toolchains.ts";

const MILLISECONDS_PER_COMPILATION = 15_000;
const OUTPUT_LIMIT = 16 << 20;
const MEMORY_LIMIT = 4 * 2 ** 30;

/**
 * What `rustc` takes; asked once, and then read from `cache`. `undefined` when it cannot be asked, as it does not even compile a crate without
 * items: what is wrong with it is for its compilations to show.
 */
export async function probeRustc(rustc: Rustc, cache: string): Promise<RustcSupport | undefined> {
  const file = join(cache, "custom-mir", `${cacheKey(rustc)}.json`);
  const known = readCache(file);
  if (known !== undefined) return known;
  const directory = mkdtempSync(join(tmpdir(), "mirwatch-probe-"));
  try {
    const support = await new Prober(rustc, directory).run();
    if (support !== undefined) writeCache(file, support);
    return support;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Changes with the compiler and with the probes. */
function cacheKey({ path, release, commit }: Rustc): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([path, release, commit, modified(path), PROBE_HEAD, FEATURES]));
  hash.update(JSON.stringify([LANGUAGE_PROBES, INTRINSIC_PROBES]));
  return `${release}-${hash.digest("hex").slice(0, 16)}`;
}

function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function readCache(file: string): RustcSupport | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(file, "utf8"));
    return Array.isArray(found) ? new Set(found as Construct[]) : undefined;
  } catch {
    // It is not there, or was cut off: the compiler is asked again.
    return undefined;
  }
}

function writeCache(file: string, support: RustcSupport): void {
  mkdirSync(join(file, ".."), { recursive: true });
  const partial = `${file}.${process.pid}.partial`;
  writeFileSync(partial, JSON.stringify([...support].sort()));
  renameSync(partial, file);
}

/** What one compilation of probes said. */
type Answer =
  | { readonly kind: "ok" }
  /** Probes, by position, that errors point into. */
  | { readonly kind: "errors"; readonly failed: ReadonlySet<number>; readonly features: readonly string[] }
  | { readonly kind: "died" };

class Prober {
  private readonly rustc: Rustc;
  private readonly directory: string;
  private features: readonly string[] = FEATURES;
  private serial = 0;

  constructor(rustc: Rustc, directory: string) {
    this.rustc = rustc;
    this.directory = directory;
  }

  async run(): Promise<RustcSupport | undefined> {
    if (!(await this.findFeatures())) return undefined;
    // Apart, as an error of one kind hides those that later phases of the compiler would find.
    const taken = [...(await this.taken(INTRINSIC_PROBES)), ...(await this.taken(LANGUAGE_PROBES))];
    return new Set<Construct>([
      ...this.features.map((name): Construct => `feature ${name}`),
      ...taken.map(({ construct }) => construct),
    ]);
  }

  /** Leaves the features that the compiler knows; false when there is no telling. */
  private async findFeatures(): Promise<boolean> {
    const answer = await this.compile([]);
    if (answer.kind === "ok") return true;
    if (answer.kind === "died" || answer.features.length === 0) return false;
    this.features = this.features.filter((name) => !answer.features.includes(name));
    return (await this.compile([])).kind === "ok";
  }

  /** Those of `probes` that compile. */
  private async taken(probes: readonly Probe[]): Promise<readonly Probe[]> {
    let rest = probes;
    while (rest.length > 0) {
      const answer = await this.compile(rest);
      if (answer.kind === "ok") return rest;
      if (answer.kind !== "died" && answer.failed.size > 0) {
        rest = rest.filter((_, i) => !answer.failed.has(i));
        continue;
      }
      if (rest.length === 1) return [];
      const middle = rest.length >> 1;
      return [...(await this.taken(rest.slice(0, middle))), ...(await this.taken(rest.slice(middle)))];
    }
    return rest;
  }

  private async compile(probes: readonly Probe[]): Promise<Answer> {
    const head = this.features.map((name) => `#![feature(${name})]`);
    const modules = probes.map(
      ({ source }, i) => `pub mod probe${i} { use core::intrinsics::mir::*; ${source.replaceAll("\n", " ")} }`,
    );
    const text = [...head, ...PROBE_HEAD.trimEnd().split("\n"), ...modules];
    const firstModule = text.length - modules.length;
    const name = `probe${this.serial++}`;
    const file = join(this.directory, `${name}.rs`);
    writeFileSync(file, `${text.join("\n")}\n`);
    const result = await runCommand({
      program: this.rustc.path,
      args: [
        file,
        `--crate-name=${name}`,
        "--crate-type=lib",
        "--edition=2021",
        "--emit=obj",
        "-Cpanic=unwind",
        "-Copt-level=0",
        "-Ccodegen-units=1",
        "-Clink-dead-code=yes",
        "-Zvalidate-mir",
        "--cap-lints=allow",
        "--error-format=json",
        "-o",
        join(this.directory, `${name}.o`),
      ],
      cwd: this.directory,
      env: { ...environment(), RUSTC_BOOTSTRAP: "1" },
      timeLimit: MILLISECONDS_PER_COMPILATION,
      outputLimit: OUTPUT_LIMIT,
      errorLimit: OUTPUT_LIMIT,
      memoryLimit: MEMORY_LIMIT,
    });
    if (result.status === 0 && !result.timedOut) return { kind: "ok" };
    const answer = readErrors(result.stderr.toString("utf8"), firstModule, modules.length, this.features);
    const said = answer.kind === "errors" && answer.failed.size + answer.features.length > 0;
    // A compiler that crashes often says at which line: that is as good as an error.
    return said && !result.timedOut ? answer : result.status === 1 ? answer : { kind: "died" };
  }
}

/** The parts of rustc's JSON diagnostics that are read. */
interface Diagnostic {
  readonly level?: string;
  readonly spans?: readonly { readonly line_start: number; readonly is_primary: boolean; readonly file_name: string }[];
}

function readErrors(text: string, firstModule: number, modules: number, features: readonly string[]): Answer {
  const failed = new Set<number>();
  const unknown: string[] = [];
  for (const line of text.split("\n")) {
    if (!line.startsWith("{")) continue;
    let diagnostic: Diagnostic;
    try {
      diagnostic = JSON.parse(line) as Diagnostic;
    } catch {
      // What a dying compiler writes may be cut off.
      continue;
    }
    if (diagnostic.level?.startsWith("error") !== true) continue;
    for (const { line_start: at, file_name: file } of diagnostic.spans ?? []) {
      if (!file.includes("probe")) continue;
      if (at <= features.length) unknown.push(features[at - 1]!);
      else if (at > firstModule && at <= firstModule + modules) failed.add(at - 1 - firstModule);
    }
  }
  return { kind: "errors", failed, features: unknown };
}
