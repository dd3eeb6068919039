/** `mirwatch doctor`: what was found, what each thing unlocks, and the exact install line for what is missing. */

import { Command } from "commander";
import { findSubjects } from "../subjects/find.ts";
import { type MissingTool, missingTools } from "../subjects/missing.ts";
import type { SubjectInfo } from "../subjects/subject.ts";
import { addOutOption, outOf } from "./out-option.ts";

interface DoctorOptions {
  readonly json?: boolean;
  readonly out: string;
}

export function doctorCommand(): Command {
  return addOutOption(new Command("doctor"))
    .description("List the compilers and tools found, what each unlocks, and how to install the rest.")
    .option("--json", "one JSON document")
    .action(async (options: DoctorOptions) => {
      const subjects = (await findSubjects({ names: [], faults: [], out: outOf(options) })).map(
        (subject) => subject.info,
      );
      const missing = await missingTools(subjects);
      if (options.json === true) process.stdout.write(`${JSON.stringify({ subjects, missing })}\n`);
      else print(subjects, missing);
    });
}

function print(subjects: readonly SubjectInfo[], missing: readonly MissingTool[]): void {
  process.stdout.write("Subjects\n");
  for (const { name, version, path, targets } of subjects) {
    process.stdout.write(
      `  ${name.padEnd(22)} ${version}${path === "" ? "" : `  ${path}`}\n    targets: ${targets.join(", ")}\n`,
    );
  }
  if (missing.length === 0) {
    process.stdout.write("Nothing is missing.\n");
    return;
  }
  process.stdout.write("Missing\n");
  for (const { name, unlocks, install } of missing) process.stdout.write(`  ${name}: ${unlocks}\n    ${install}\n`);
}
