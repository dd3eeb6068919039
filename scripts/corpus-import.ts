/**
 * Makes `corpora/rust/NAME.mir` of each `corpora/rust/NAME.rs`: `node scripts/corpus-import.ts [NAME…]`.
 *
 * What is written is what `mirwatch import` prints. A program is written when its text interprets to the value that its source expects; one that
 * does not is said on stderr and makes the exit code 1.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Diagnostic, newTyCtxt, parseProgram, printProgram, renderDiagnostic } from "../codegen/index.ts";
import { checksumOf, expectedChecksum } from "../harness/import/checksum.ts";
import { Importer } from "../harness/import/import.ts";
import { findToolchain } from "../harness/import/toolchain.ts";

const FOLDER = join(import.meta.dirname, "../corpora/rust");

const importer = new Importer(findToolchain(process.env.RUSTC));
const chosen = process.argv.slice(2);
const names =
  chosen.length > 0
    ? chosen
    : readdirSync(FOLDER)
        .filter((file) => file.endsWith(".rs"))
        .map((file) => basename(file, ".rs"))
        .sort();

for (const name of names) {
  const source = join("corpora/rust", `${name}.rs`);
  const output = join(FOLDER, `${name}.mir`);
  try {
    const text = printProgram(importer.program(join(FOLDER, `${name}.rs`), { entry: "run", inline: true }));
    const found = checksumOf(parseProgram(text, { file: `${name}.mir`, tcx: newTyCtxt() }));
    if (found !== expectedChecksum(readFileSync(join(FOLDER, `${name}.rs`), "utf8")))
      throw new Diagnostic(`interprets to ${found}`, { file: source });
    writeFileSync(output, text);
    console.log(`${name}\t${text.length}`);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(`${name}: ${error instanceof Diagnostic ? renderDiagnostic(error) : error.stack}`);
    process.exitCode = 1;
  }
}
