/**
 * The rustc of an import: finding one whose library sources are installed, and what it prints of a crate, as MIR and as expanded source.
 *
 * The library's own texts are made once per rustc and kept in the cache folder of the user.
 */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { Diagnostic } from "../../codegen/index.ts";
import { closuresByFile, shortClosures, withNames } from "./captures.ts";
import { checkVersion } from "./problems.ts";

export interface Toolchain {
  readonly rustc: string;
  /** `rustc 1.96.0 (ac68faa20 2026-05-25)`. */
  readonly version: string;
  /** The folder that `core/src/lib.rs` is in. */
  readonly library: string;
}

/** What a crate is linked from. */
export interface CrateTexts {
  readonly source: string;
  readonly dump: Uint8Array;
  /** The same MIR before it is optimised, which still has every expression of the source. Made when it is asked for. */
  readonly plainDump: () => Uint8Array;
}

/**
 * Names in full and closures by path, so that a dump says what its items are. Two passes are off that give unions the wrong value
 * (https://github.com/rust-lang/rust/issues/161898).
 */
const DUMP_FLAGS: readonly string[] = [
  ...["-Ztrim-diagnostic-paths=no", "-Zub-checks=no"],
  ...["-Zmir-enable-passes=-DataflowConstProp,-JumpThreading", "--cap-lints=allow", "--crate-type=lib"],
];

/** Closures by path rather than by place. */
const BY_PATH = "-Zspan-free-formats";

/** Everything is inlined that can be, so that little is left of the library. */
const INLINE_FLAGS: readonly string[] = [
  ...[
    "-Zmir-opt-level=4",
    "-Zinline-mir-threshold=100000",
    "-Zinline-mir-hint-threshold=100000",
    "-Zcross-crate-inline-threshold=always",
  ],
];

/** Nothing is optimised. */
const PLAIN_FLAGS: readonly string[] = ["-Zmir-opt-level=0", "-Zinline-mir=no"];

/** The crates of the library that a program may be linked with. */
export type LibraryName = "core" | "alloc";

const LIBRARY_FLAGS: readonly string[] = ["--edition=2024", "-Zforce-unstable-if-unmarked", "-O"];

/**
 * The rustc to import with: `wanted`, or the first one found that has its library's sources.
 *
 * @throws Diagnostic when there is none.
 */
export function findToolchain(wanted: string | undefined): Toolchain {
  const candidates = wanted === undefined ? ["rustc", "/usr/bin/rustc", "/usr/local/bin/rustc"] : [wanted];
  let version: string | undefined;
  for (const rustc of candidates) {
    const found = spawnSync(rustc, ["--version"], { encoding: "utf8" });
    if (found.status !== 0) continue;
    version ??= found.stdout.trim();
    if (wanted !== undefined) checkVersion(version, rustc);
    const sysroot = spawnSync(rustc, ["--print=sysroot"], { encoding: "utf8" }).stdout.trim();
    const library = join(sysroot, "lib/rustlib/src/rust/library");
    if (existsSync(join(library, "core/src/lib.rs"))) {
      checkVersion(found.stdout.trim(), rustc);
      return { rustc, version: found.stdout.trim(), library };
    }
  }
  if (version === undefined)
    throw new Diagnostic(wanted === undefined ? "no rustc found" : `\`${wanted}\` cannot be run as a rustc`, {
      file: "import",
      help: "install one, or name it with --rustc",
    });
  throw new Diagnostic(`${version} has no library sources`, {
    file: "import",
    help: "install them (`rustup component add rust-src`, or Debian's `rust-web-src`), or name another rustc with --rustc",
  });
}

/** The texts of the program in `file`. `inline: false` leaves calls of the library as they are. */
export function crateTexts({ rustc }: Toolchain, file: string, options: { readonly inline: boolean }): CrateTexts {
  const flags = ["--edition=2021", ...DUMP_FLAGS, ...(options.inline ? INLINE_FLAGS : ["-Zinline-mir=no"])];
  const made = texts(rustc, file, flags, process.cwd());
  const short = shortClosures(`${file}, MIR`, made.dump);
  const text = readFileSync(file, "utf8");
  if (short.length === 0)
    return { ...made, plainDump: () => inFolder((folder) => plainDump(rustc, file, text, folder)) };
  return inFolder((folder) => {
    const located = dumpOf(rustc, file, flags, process.cwd(), folder);
    const named = withNames(file, text, short, located.toString("utf8"));
    writeFileSync(join(folder, basename(file)), named);
    const whole = texts(rustc, basename(file), flags, folder);
    const [still] = shortClosures(`${file}, MIR`, whole.dump);
    if (still !== undefined)
      throw new Diagnostic(`rustc does not say all that the closure \`${still.name}\` captures`, { file });
    return { ...whole, plainDump: () => inFolder((other) => plainDump(rustc, file, named, other)) };
  });
}

/** The MIR of `text`, which stands for the file `file`, as it is before optimisations. */
function plainDump(rustc: string, file: string, text: string, folder: string): Uint8Array {
  writeFileSync(join(folder, basename(file)), text);
  return dumpOf(rustc, basename(file), ["--edition=2021", ...DUMP_FLAGS, BY_PATH, ...PLAIN_FLAGS], folder, folder);
}

/** The texts of the library's crate `name`, from the cache when they are there. */
export function libraryTexts(toolchain: Toolchain, name: LibraryName, cache: string = cacheFolder()): CrateTexts {
  const { rustc, version, library } = toolchain;
  const flags = [`--crate-name=${name}`, ...LIBRARY_FLAGS, ...DUMP_FLAGS];
  const key = createHash("sha256")
    .update([version, library, ...flags, "closures are whole"].join("\n"))
    .digest("hex")
    .slice(0, 16);
  const folder = join(cache, "import", key);
  const [source, dump, plain] = [join(folder, "source.rs"), join(folder, "crate.mir"), join(folder, "plain.mir")];
  const changed = join(folder, "changed");
  if (!existsSync(dump)) {
    mkdirSync(dirname(folder), { recursive: true });
    const partial = mkdtempSync(`${folder}.`);
    try {
      const made = wholeLibrary(toolchain, name, flags, join(partial, "changed"));
      writeFileSync(join(partial, "source.rs"), made.source);
      writeFileSync(join(partial, "crate.mir"), made.dump);
      if (!existsSync(folder)) renameSync(partial, folder);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  }
  const makePlain = (): Uint8Array => {
    if (!existsSync(plain)) {
      const made = inLibrary(library, name, changed, (root, remapped) =>
        inFolder((other) =>
          dumpOf(rustc, root, [...flags, ...remapped, BY_PATH, ...PLAIN_FLAGS], dirname(root), other),
        ),
      );
      writeFileSync(`${plain}.${process.pid}`, made);
      renameSync(`${plain}.${process.pid}`, plain);
    }
    return readFileSync(plain);
  };
  return { source: readFileSync(source, "utf8"), dump: readFileSync(dump), plainDump: makePlain };
}

/** The library's texts with all captures of its closures; the sources that had to be changed for that are put into the folder `changed`. */
function wholeLibrary(
  { rustc, library }: Toolchain,
  name: LibraryName,
  flags: readonly string[],
  changed: string,
): Omit<CrateTexts, "plainDump"> {
  const root = join(library, name, "src/lib.rs");
  const dump = inFolder((folder) => dumpOf(rustc, root, flags, library, folder));
  const short = shortClosures(`${name}, MIR`, dump);
  const located = dump.toString("utf8");
  mkdirSync(changed, { recursive: true });
  for (const [file, closures] of closuresByFile(short, located)) {
    const to = join(changed, relative(join(library, name, "src"), file));
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, withNames(file, readFileSync(file, "utf8"), closures, located));
  }
  return inLibrary(library, name, changed, (file, remapped) =>
    texts(rustc, file, [...flags, ...remapped], dirname(file)),
  );
}

/** What `work` does with the root file of the library's crate `name` in which files are replaced by those in `changed`, under the options for rustc to call it as it was. */
function inLibrary<T>(
  library: string,
  name: LibraryName,
  changed: string,
  work: (root: string, remapped: readonly string[]) => T,
): T {
  return inFolder((folder) => {
    const around = readdirSync(library).filter((entry) => entry !== name);
    for (const entry of around) symlinkSync(join(library, entry), join(folder, entry));
    cpSync(join(library, name, "src"), join(folder, name, "src"), { recursive: true });
    cpSync(changed, join(folder, name, "src"), { recursive: true });
    return work(join(folder, name, "src/lib.rs"), [`--remap-path-prefix=${folder}=${library}`]);
  });
}

function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "mirwatch");
}

function texts(rustc: string, file: string, flags: readonly string[], cwd: string): Omit<CrateTexts, "plainDump"> {
  const dump = inFolder((folder) => dumpOf(rustc, file, [...flags, BY_PATH], cwd, folder));
  return { source: run(rustc, [...flags, "-Zunpretty=expanded", file], file, cwd), dump };
}

/** What `work` does in a folder that is gone afterwards. */
function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "mirwatch-import-"));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The MIR of the crate `file`, made in `folder`. */
function dumpOf(rustc: string, file: string, flags: readonly string[], cwd: string, folder: string): Buffer {
  const dump = join(folder, "crate.mir");
  run(rustc, [...flags, `--emit=mir=${dump}`, file], file, cwd);
  return readFileSync(dump);
}

function run(rustc: string, args: readonly string[], file: string, cwd: string): string {
  const result = spawnSync(rustc, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, RUSTC_BOOTSTRAP: "1" },
    maxBuffer: 1 << 28,
  });
  if (result.status === 0) return result.stdout;
  const reason = result.error === undefined ? result.stderr.trim() : result.error.message;
  throw new Diagnostic(`rustc does not compile this:\n${reason}`, {
    file,
    help: "it is compiled as a library of the edition 2021, with unstable features allowed",
  });
}
