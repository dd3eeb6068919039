/** `mirwatch import`: a Rust source as a program of MIR text. */

import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { printProgram } from "../../codegen/index.ts";
import { Importer } from "../import/import.ts";
import { findToolchain } from "../import/toolchain.ts";

interface ImportCommandOptions {
  readonly output?: string;
  readonly entry: string;
  readonly rustc?: string;
  readonly inline: boolean;
}

export function importCommand(): Command {
  return new Command("import")
    .description("Make a program of a Rust source: rustc's MIR, linked with what it needs of core.")
    .argument("<file>", "a `#![no_std]` crate with a function without parameters whose result is observed")
    .option("-o, --output <file>", "where the program goes; standard output when absent")
    .option("--entry <name>", "the function that is run", "run")
    .option("--rustc <path>", "the rustc to compile with; one with library sources")
    .option("--no-inline", "leave the calls of core as they are")
    .action((file: string, { output, entry, rustc, inline }: ImportCommandOptions) => {
      const program = new Importer(findToolchain(rustc)).program(file, { entry, inline });
      const text = printProgram(program);
      if (output === undefined) process.stdout.write(text);
      else writeFileSync(output, text);
    });
}
