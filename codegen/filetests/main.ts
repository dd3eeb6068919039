/**
 * Runs the filetests given as arguments, or all: `node codegen/filetests/main.ts [--bless] [FILE…]`.
 * Exit status: 0 all pass, 1 one fails, 2 a file is no test.
 */

import { join } from "node:path";
import { Diagnostic, renderDiagnostic } from "../session/diagnostic.ts";
import { blessFiletest, listFiletests, runFiletest } from "./runner.ts";

const args = process.argv.slice(2);
const bless = args.includes("--bless");
const files = args.filter((arg) => arg !== "--bless");
const paths =
  files.length > 0 ? files : ["ir", "mir"].flatMap((folder) => listFiletests(join(import.meta.dirname, folder)));

let failed = 0;
for (const path of paths) {
  try {
    const result = runFiletest(path);
    if (result.actual.trimEnd() === result.expected.trimEnd()) continue;
    if (bless) {
      if (blessFiletest(result)) console.log(`blessed ${path}`);
    } else {
      failed++;
      console.error(`${path}: expected\n${result.expected}\nbut it gives\n${result.actual}`);
    }
  } catch (error) {
    if (!(error instanceof Diagnostic)) throw error;
    console.error(renderDiagnostic(error));
    process.exit(2);
  }
}
console.log(`${paths.length - failed} of ${paths.length} filetests pass`);
process.exitCode = failed > 0 ? 1 : 0;
