/** `mirwatch doctor`: what was found, what each thing unlocks, and the exact install line for what is missing. */

import { Command } from "commander";
import { type CustomMirTaken, countTaken } from "../../codegen/index.ts";
import { findSubjects } from "../subjects/find.ts";
import { type MissingTool, missingTools } from "../subjects/missing.ts";
import { RustcSubject } from "../subjects/rustc/rustc-subject.ts";
import type { Subject, SubjectInfo } from "../subjects/subject.ts";
import { addOutOption, outOf } from "./out-option.ts";

interface DoctorOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly out: string;
}

/** A subject, and for a rustc how much it takes of the form that programs are given to it in. */
type Examined = SubjectInfo & { readonly customMir?: CustomMirTaken };

export function doctorCommand(): Command {
  return addOutOption(new Command("doctor"))
    .description("List the compilers and tools found, what each unlocks, and how to install the rest.")
    .option("--verbose", "name the constructs of custom MIR that each rustc rejects")
    .option("--json", "one JSON document")
    .action(async (options: DoctorOptions) => {
      const subjects: Examined[] = [];
      for (const subject of await findSubjects({ names: [], faults: [], out: outOf(options) }))
        subjects.push(await examine(subject));
      const missing = await missingTools(subjects);
      if (options.json === true) process.stdout.write(`${JSON.stringify({ subjects, missing })}\n`);
      else print(subjects, missing, options.verbose === true);
    });
}

async function examine(subject: Subject): Promise<Examined> {
  const { info } = subject;
  if (!(subject instanceof RustcSubject)) return info;
  const support = await subject.customMir();
  return support === undefined ? info : { ...info, customMir: countTaken(support) };
}

function print(subjects: readonly Examined[], missing: readonly MissingTool[], verbose: boolean): void {
  process.stdout.write("Subjects\n");
  for (const { name, version, path, targets, customMir } of subjects) {
    process.stdout.write(
      `  ${name.padEnd(22)} ${version}${path === "" ? "" : `  ${path}`}\n    targets: ${targets.join(", ")}\n`,
    );
    if (customMir === undefined) continue;
    const { taken, of, rejected } = customMir;
    process.stdout.write(`    custom MIR: ${taken} of ${of} constructs\n`);
    if (verbose) for (const construct of rejected) process.stdout.write(`      rejects ${construct}\n`);
  }
  if (missing.length === 0) {
    process.stdout.write("Nothing is missing.\n");
    return;
  }
  process.stdout.write("Missing\n");
  for (const { name, unlocks, install } of missing) process.stdout.write(`  ${name}: ${unlocks}\n    ${install}\n`);
}
