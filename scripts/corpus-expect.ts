/**
 * Checks the `// expect:` line of the programs of `corpora/rust`, or writes it: `node scripts/corpus-expect.ts [--bless] [NAME ...]`.
 *
 * Each program is compiled as a library by every rustc found, optimised and not (the latter checks overflow), and linked with a main program that calls
 * `run` and prints what it returns. What they all say is the expectation; a disagreement is an error, and is never blessed.
 */
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const CORPUS = join(import.meta.dirname, "../corpora/rust");

/** Ways to start a rustc, those of rustup and Debian's. */
const RUSTCS: readonly (readonly [string, ...string[]])[] = [
  ["rustc", "+1.95.0"],
  ["rustc", "+nightly"],
  ["/usr/bin/rustc"],
];

/**
 * The last one is how programs are imported: every function of `core` that can be is inlined into the program's MIR. Two passes are off because they
 * forget that the fields of a union share their bytes (https://github.com/rust-lang/rust/issues/161898).
 */
const PROFILES: readonly { readonly name: string; readonly flags: readonly string[] }[] = [
  { name: "-O", flags: ["-O"] },
  { name: "debug", flags: [] },
  {
    name: "import",
    flags: [
      "-Zmir-opt-level=4",
      "-Zinline-mir-threshold=100000",
      "-Zinline-mir-hint-threshold=100000",
      "-Zcross-crate-inline-threshold=always",
      "-Zmir-enable-passes=-DataflowConstProp,-JumpThreading",
    ],
  },
];

const MAIN = 'fn main() { println!("{:#018x}", program::run()); }\n';
const EXPECT_LINE = /^\/\/ expect: (.*)\n/m;

interface Configuration {
  readonly name: string;
  readonly command: string;
  readonly flags: readonly string[];
}

function findConfigurations(): Configuration[] {
  return RUSTCS.flatMap(([command, ...toolchain]) => {
    const name = [command, ...toolchain].join(" ");
    try {
      execFileSync(command, [...toolchain, "--version"], { stdio: "ignore" });
    } catch {
      console.error(`no ${name}: skipped`);
      return [];
    }
    return PROFILES.map((profile) => ({
      name: `${name} ${profile.name}`,
      command,
      flags: [...toolchain, "--edition=2021", ...profile.flags],
    }));
  });
}

/** What the program's binary prints. */
async function resultOf(source: string, folder: string, { command, flags }: Configuration): Promise<string> {
  const env = { ...process.env, RUSTC_BOOTSTRAP: "1" };
  const library = join(folder, "libprogram.rlib");
  const main = join(folder, "main.rs");
  const executable = join(folder, "main");
  writeFileSync(main, MAIN);
  await run(command, [...flags, "--crate-name=program", "--crate-type=rlib", "-Dwarnings", "-o", library, source], {
    env,
  });
  await run(command, [...flags, `--extern=program=${library}`, "-o", executable, main], { env });
  const { stdout } = await run(executable, { timeout: 20_000 });
  return stdout.trim();
}

/** Writes the expectation below the leading comment. */
function withExpectation(text: string, value: string): string {
  const line = `// expect: ${value}\n`;
  if (EXPECT_LINE.test(text)) return text.replace(EXPECT_LINE, line);
  return text.replace(/^(\/\/!.*\n)+/, (header) => header + line);
}

/** Returns what is wrong with the program, nothing when all is well. */
async function checkProgram(file: string, configurations: readonly Configuration[], bless: boolean): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "corpus-expect-"));
  const results = new Map<string, string[]>();
  try {
    for (const configuration of configurations) {
      const value = await resultOf(file, folder, configuration);
      results.set(value, [...(results.get(value) ?? []), configuration.name]);
    }
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  } finally {
    rmSync(folder, { recursive: true });
  }
  if (results.size !== 1) return [...results].map(([value, names]) => `${value} by ${names.join(", ")}`);
  const [value] = [...results.keys()] as [string];
  const text = readFileSync(file, "utf8");
  const expected = EXPECT_LINE.exec(text)?.[1];
  if (expected === value) return [];
  if (!bless) return [`expected ${expected ?? "nothing yet"}, every rustc says ${value}`];
  writeFileSync(file, withExpectation(text, value));
  return [];
}

async function main(): Promise<void> {
  const words = process.argv.slice(2);
  const bless = words.includes("--bless");
  const names = words.filter((word) => word !== "--bless").map((word) => basename(word, ".rs"));
  const files = readdirSync(CORPUS).filter((file) => file.endsWith(".rs"));
  const chosen = files.filter((file) => names.length === 0 || names.includes(basename(file, ".rs"))).sort();
  const configurations = findConfigurations();
  if (configurations.length === 0 || chosen.length === 0) throw new Error("no rustc, or no such program");
  let failed = 0;
  const checkNext = async (): Promise<void> => {
    for (let file = chosen.shift(); file !== undefined; file = chosen.shift()) {
      const problems = await checkProgram(join(CORPUS, file), configurations, bless);
      console.log(problems.length === 0 ? `ok ${file}` : `FAILED ${file}\n  ${problems.join("\n  ")}`);
      if (problems.length > 0) failed++;
    }
  };
  await Promise.all([checkNext(), checkNext()]);
  if (failed > 0) process.exitCode = 1;
}

await main();
