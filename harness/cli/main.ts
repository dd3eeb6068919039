/**
 * The `mirwatch` command: one file per subcommand, this one joins them and turns errors into exit statuses.
 *
 * Exit status: 0 nothing found, 1 a finding, 2 usage or environment, 130 interrupted with the state saved. Results go to stdout,
 * progress and diagnostics to stderr.
 */

import { Command, CommanderError } from "commander";
import { Diagnostic, renderDiagnostic, VERSION } from "../../codegen/index.ts";
import { checkCommand } from "./check.ts";
import { doctorCommand } from "./doctor.ts";
import { findingsCommand } from "./findings.ts";
import { genCommand } from "./gen.ts";
import { huntCommand } from "./hunt.ts";
import { importCommand } from "./import.ts";
import { reduceCommand } from "./reduce.ts";
import { reportCommand } from "./report.ts";
import { runCommand } from "./run.ts";
import { selftestCommand } from "./selftest.ts";

/** Runs the command line `argv` (without the program's name) and returns the exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  let status = 0;
  const done = (code: number): void => {
    status = code;
  };
  const program = new Command("mirwatch")
    .description("Watches Rust MIR code generation: hunts miscompilations, reduces and explains them.")
    .version(VERSION)
    .exitOverride();
  for (const make of [
    doctorCommand,
    genCommand,
    importCommand,
    runCommand,
    checkCommand,
    huntCommand,
    reduceCommand,
    findingsCommand,
    reportCommand,
    selftestCommand,
  ]) {
    program.addCommand(make(done).exitOverride());
  }
  try {
    await program.parseAsync([...argv], { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof Diagnostic) {
      process.stderr.write(`${renderDiagnostic(error)}\n`);
      return 2;
    }
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return 2;
  }
}
