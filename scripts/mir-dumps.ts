/**
 * Makes the MIR dumps that the parser and the printer are measured on: `node scripts/mir-dumps.ts [--passes [--only WORD]] [DIR]`, DIR being `mirwatch-out/dumps` when not given,
 * `mirwatch-out/pass-dumps` with `--passes`.
 *
 * A dump is everything that one rustc prints with `--emit=mir` for one crate. Each lies in DIR/RUSTC-PROFILE/, PROFILE being `opt` (`-O`) or `debug`:
 * - `core` and `alloc` by Debian's rustc-web, the version installed and the older one (unpacked below DIR, never installed), from their own sources;
 * - the crates of `mir-dumps-crates/Cargo.toml`, and what they depend on, by the toolchains of rustup, under Cargo's file names.
 *
 * With `--passes`, a dump is what one rustc prints with `-Zdump-mir=all` for one program: its bodies before and after each pass of every phase. Each lies in
 * DIR/RUSTC-PRINTING/, PRINTING being a name of `PRINTINGS`. The programs are those beside the parser's tests, which have one of each of Rust's constructs, in every
 * printing, and those of `corpora/rust` in one. A program that a rustc refuses is said, with its first error. `--only WORD` makes those in folders whose name has WORD.
 *
 * What is there already is not made again. A rustc that is missing is said on stderr, and makes the exit code 1.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { dumpPasses, PASS_PROGRAMS, type RustcCommand } from "../codegen/mir/text/testing/pass-dumps.ts";

/** The profiles, each with the flags of rustc and of Cargo that make it. */
const PROFILES = [
  { name: "opt", rustcFlags: ["-O"], cargoFlags: ["--release"], cargoFolder: "release" },
  { name: "debug", rustcFlags: [], cargoFlags: [], cargoFolder: "debug" },
] as const;

type Profile = (typeof PROFILES)[number];

/** Debian's rustc. `debianVersion` is there when the packages are to be downloaded and unpacked, and not when they are installed. */
interface DebianRustc {
  readonly version: string;
  readonly edition: string;
  readonly debianVersion?: string;
}

const DEBIAN_RUSTCS: readonly DebianRustc[] = [
  { version: "1.96", edition: "2024" },
  { version: "1.85", edition: "2021", debianVersion: "1.85.0+dfsg3-1~deb12u3" },
];

const RUSTUP_TOOLCHAINS = [
  { name: "nightly", toolchain: "nightly" },
  { name: "1.95", toolchain: "1.95.0" },
] as const;

const LIBRARY_TARGET = "x86_64-unknown-linux-gnu";
const CRATES_MANIFEST = join(import.meta.dirname, "mir-dumps-crates", "Cargo.toml");

/** Prints one dump: crate, rustc, profile, bytes. */
function printDump(file: string, rustc: string, profile: Profile): void {
  const crate = basename(file, ".mir").replace(/-[0-9a-f]{16}$/, "");
  console.log(`${crate}\t${rustc}\t${profile.name}\t${statSync(file).size}`);
}

/** Downloads Debian's packages of `version` and unpacks them into `root`. Its LLVM is taken from the system. */
function unpackDebianRustc(root: string, version: string): void {
  const partial = `${root}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const majorMinor = version.split(".").slice(0, 2).join(".");
  const packages = ["rustc-web", "libstd-rust-web-dev", `libstd-rust-web-${majorMinor}`, "rust-web-src"];
  execFileSync(
    "apt-get",
    ["-q", "-o", "APT::Sandbox::User=root", "download", ...packages.map((name) => `${name}=${version}`)],
    {
      cwd: partial,
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  for (const file of readdirSync(partial).filter((name) => name.endsWith(".deb"))) {
    execFileSync("dpkg-deb", ["-x", join(partial, file), partial]);
    rmSync(join(partial, file));
  }
  renameSync(partial, root);
}

/** Where the sources of the standard library lie below `root`; undefined when the rustc there is not of `version`. */
function findLibrary(root: string, version: string): string | undefined {
  const sources = join(root, "usr/src");
  if (!existsSync(sources)) return undefined;
  const folder = readdirSync(sources).find((name) => name.startsWith(`rustc-${version}.`));
  return folder === undefined ? undefined : join(sources, folder, "library");
}

function dumpLibraryCrates(outDir: string, rustc: DebianRustc): boolean {
  const root = rustc.debianVersion === undefined ? "/" : join(outDir, `debian-${rustc.version}`);
  if (rustc.debianVersion !== undefined && !existsSync(root)) unpackDebianRustc(root, rustc.debianVersion);
  const library = findLibrary(root, rustc.version);
  if (library === undefined) {
    console.error(`no rustc-web and rust-web-src ${rustc.version} in ${root}: skipped`);
    return false;
  }
  let complete = true;
  for (const profile of PROFILES) {
    for (const crate of ["core", "alloc"]) {
      complete = dumpLibraryCrate(outDir, root, library, rustc, profile, crate) && complete;
    }
  }
  return complete;
}

/** `alloc` is compiled against the `core` of the sysroot: its MIR is the same, and no second `core` with the same lang items is loaded. */
function dumpLibraryCrate(
  outDir: string,
  root: string,
  library: string,
  rustc: DebianRustc,
  profile: Profile,
  crate: string,
): boolean {
  const name = `debian-${rustc.version}`;
  const folder = join(outDir, `${name}-${profile.name}`);
  const file = join(folder, `${crate}.mir`);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    const flags = [
      "--edition",
      rustc.edition,
      "--crate-type",
      "lib",
      "--cap-lints",
      "allow",
      "-Z",
      "force-unstable-if-unmarked",
    ];
    const result = spawnSync(
      join(root, "usr/bin/rustc"),
      [
        "--crate-name",
        crate,
        ...flags,
        ...profile.rustcFlags,
        `--emit=mir=${file}.partial`,
        join(library, crate, "src/lib.rs"),
      ],
      {
        env: { ...process.env, RUSTC_BOOTSTRAP: "1", LD_LIBRARY_PATH: join(root, "usr/lib/x86_64-linux-gnu") },
        stdio: ["ignore", "inherit", "inherit"],
      },
    );
    if (result.status !== 0) return false;
    renameSync(`${file}.partial`, file);
  }
  printDump(file, name, profile);
  return true;
}

/** `cargo check` with an explicit target: no machine code is made, and build scripts and procedural macros are not dumped. */
function dumpCrates(outDir: string, name: string, toolchain: string, profile: Profile): boolean {
  const folder = join(outDir, `${name}-${profile.name}`);
  if (!existsSync(folder)) {
    const target = join(outDir, "cargo", name);
    const flags = [
      "--locked",
      "-j",
      "2",
      "--target",
      LIBRARY_TARGET,
      "--target-dir",
      target,
      "--manifest-path",
      CRATES_MANIFEST,
    ];
    const result = spawnSync("cargo", [`+${toolchain}`, "check", "--quiet", ...flags, ...profile.cargoFlags], {
      env: { ...process.env, RUSTFLAGS: "--emit=mir" },
      stdio: ["ignore", "inherit", "inherit"],
    });
    if (result.status !== 0) {
      console.error(`cargo +${toolchain} failed: skipped`);
      return false;
    }
    collectCrates(join(target, LIBRARY_TARGET, profile.cargoFolder, "deps"), folder);
  }
  for (const file of readdirSync(folder).sort()) printDump(join(folder, file), name, profile);
  return true;
}

function collectCrates(deps: string, folder: string): void {
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  for (const file of readdirSync(deps)) {
    const isDump = file.endsWith(".mir") && !file.startsWith("mir_dumps_crates-");
    if (isDump) renameSync(join(deps, file), join(partial, file));
  }
  renameSync(partial, folder);
  rmSync(resolve(deps, ".."), { recursive: true });
}

// ---- passes

/** Options that change what is printed, or which constructs there are to print. */
const PRINTINGS: readonly { readonly name: string; readonly flags: readonly string[] }[] = [
  { name: "opt", flags: ["-O"] },
  { name: "debug", flags: ["-Cdebuginfo=2", "-Cdebug-assertions=on", "-Coverflow-checks=on", "-Zmir-opt-level=0"] },
  { name: "inlined", flags: ["-Zmir-opt-level=4", "-Zinline-mir=yes", "-Zcross-crate-inline-threshold=always"] },
  { name: "verbose", flags: ["-O", "-Zverbose-internals", "-Zidentify-regions", "-Zmir-include-spans=on"] },
  { name: "coverage", flags: ["-Cinstrument-coverage", "-Zmir-include-spans=off"] },
  { name: "abort", flags: ["-Cpanic=abort", "-Zmir-opt-level=1", "-Zvalidate-mir"] },
];

const CORPUS = join(import.meta.dirname, "../corpora/rust");

/** Debian's rustc as a command, when it is there. */
function debianCommand(outDir: string, rustc: DebianRustc): RustcCommand | undefined {
  const root = rustc.debianVersion === undefined ? "/" : join(outDir, `debian-${rustc.version}`);
  if (rustc.debianVersion !== undefined && !existsSync(root)) unpackDebianRustc(root, rustc.debianVersion);
  if (findLibrary(root, rustc.version) === undefined) return undefined;
  return {
    command: [join(root, "usr/bin/rustc")],
    env: { LD_LIBRARY_PATH: join(root, "usr/lib/x86_64-linux-gnu") },
  };
}

/** The dumps of all passes for the programs of `sources`, in one printing; false when the rustc takes none of them. */
function dumpPrograms(
  folder: string,
  rustc: RustcCommand,
  flags: readonly string[],
  sources: readonly string[],
): boolean {
  mkdirSync(folder, { recursive: true });
  let made = 0;
  for (const source of sources) {
    const file = join(folder, `${basename(source, ".rs")}.mir`);
    if (!existsSync(file)) {
      const dumps = dumpPasses(rustc, source, flags);
      if (dumps.kind === "refused") {
        console.log(`${basename(folder)}\t${basename(source)}\trefused: ${dumps.message}`);
        continue;
      }
      writeFileSync(`${file}.partial`, dumps.text);
      renameSync(`${file}.partial`, file);
      console.log(`${basename(folder)}\t${basename(source)}\t${dumps.files} files\t${dumps.bodies} bodies`);
    }
    made++;
  }
  return made > 0;
}

function rustSources(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".rs"));
  return names.sort().map((name) => join(folder, name));
}

/** All programs by the rustc `name`, in the folders whose names have the word `only`. */
function dumpAllPasses(outDir: string, name: string, only: string, find: () => RustcCommand | undefined): boolean {
  const corpus = { name: "corpus", flags: ["-O"], edition: "2021", programs: CORPUS };
  const printings = PRINTINGS.map((printing) => ({ ...printing, edition: "2024", programs: PASS_PROGRAMS }));
  const wanted = [...printings, corpus].filter((printing) => `${name}-${printing.name}`.includes(only));
  if (wanted.length === 0) return true;
  const rustc = find();
  if (rustc === undefined) {
    console.error(`no rustc ${name}: skipped`);
    return false;
  }
  const made = wanted.map(({ name: printing, flags, edition, programs }) => {
    const folder = join(outDir, `${name}-${printing}`);
    return dumpPrograms(folder, rustc, ["--edition", edition, ...flags], rustSources(programs));
  });
  return made.every(Boolean);
}

function dumpPassesOfAll(outDir: string, only: string): boolean {
  const debian = DEBIAN_RUSTCS.map((rustc) =>
    dumpAllPasses(outDir, `debian-${rustc.version}`, only, () => debianCommand(outDir, rustc)),
  );
  const rustup = RUSTUP_TOOLCHAINS.map(({ name, toolchain }) =>
    dumpAllPasses(outDir, name, only, () => ({ command: ["rustup", "run", toolchain, "rustc"] })),
  );
  return [...debian, ...rustup].every(Boolean);
}

// ---- crates

function dumpLastPass(outDir: string): boolean {
  const libraries = DEBIAN_RUSTCS.map((rustc) => dumpLibraryCrates(outDir, rustc));
  const crates = RUSTUP_TOOLCHAINS.flatMap(({ name, toolchain }) =>
    PROFILES.map((profile) => dumpCrates(outDir, name, toolchain, profile)),
  );
  return [...libraries, ...crates].every(Boolean);
}

function main(): void {
  const { values, positionals } = parseArgs({
    options: { passes: { type: "boolean", default: false }, only: { type: "string", default: "" } },
    allowPositionals: true,
  });
  if (values.only !== "" && !values.passes) throw new Error("--only is for --passes");
  const outDir = resolve(positionals[0] ?? (values.passes ? "mirwatch-out/pass-dumps" : "mirwatch-out/dumps"));
  const complete = values.passes ? dumpPassesOfAll(outDir, values.only) : dumpLastPass(outDir);
  if (!complete) process.exitCode = 1;
}

main();
