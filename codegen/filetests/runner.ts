/**
 * Filetests: a test per file, in the manner of cranelift/filetests.
 *
 * The first line is the *command*, in a comment where the language has no other place for it: `test opt gvn`, `// test run`. Then comes
 * the text. The *expectation* is what follows the line `; expected:` (`// expected:`), each line behind a comment sign. A command makes
 * text of the file; the file passes when that text is the expectation. Blessing writes it there.
 *
 * The commands are listed in `commands/`, a file per language.
 */

import { lstatSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Diagnostic } from "../session/diagnostic.ts";
import { IR_LANGUAGE } from "./commands/ir.ts";
import { MIR_LANGUAGE } from "./commands/mir.ts";
import type { FiletestLanguage } from "./language.ts";

const LANGUAGES: readonly FiletestLanguage[] = [IR_LANGUAGE, MIR_LANGUAGE];

export interface FiletestResult {
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
}

function languageOf(path: string): FiletestLanguage {
  const language = LANGUAGES.find(({ ending }) => path.endsWith(ending));
  if (language === undefined) {
    const endings = LANGUAGES.map(({ ending }) => ending).join(", ");
    throw new Diagnostic("a filetest has another ending", { file: path, help: `one of ${endings}` });
  }
  return language;
}

function expectedLine({ comment }: FiletestLanguage): string {
  return `${comment} expected:`;
}

/** Runs the test at `path`. A file that is no test is a `Diagnostic`. */
export function runFiletest(path: string): FiletestResult {
  const language = languageOf(path);
  const { comment, commands } = language;
  const text = readFileSync(path, "utf8");
  const at = text.indexOf(expectedLine(language));
  const input = at < 0 ? text : text.slice(0, at);
  const newline = input.indexOf("\n");
  const first = input.slice(0, newline);
  const words = (first.startsWith(comment) ? first.slice(comment.length) : first).trim().split(/\s+(?![^(]*\))/);
  const command = commands.get(words[1] ?? "");
  if (words[0] !== "test" || command === undefined) {
    throw new Diagnostic("the first line must be `test` and a command", {
      file: path,
      span: { line: 1, column: 1 },
      sourceLine: first,
      help: `the commands are ${[...commands.keys()].join(", ")}`,
    });
  }
  // The command's line becomes a comment, so that positions stay right.
  const commented = first.startsWith(comment) ? input : comment + input.slice(comment.length);
  const actual = command(
    commented,
    path,
    words.slice(2).map((word) => word.replaceAll(/\s/g, "")),
  );
  return { path, expected: at < 0 ? "" : expectation(text.slice(at), comment), actual };
}

function expectation(text: string, comment: string): string {
  return text
    .split("\n")
    .slice(1)
    .filter((line) => line.startsWith(comment))
    .map((line) => `${line.slice(comment.length + 1)}\n`)
    .join("");
}

/** Writes what the test gives as its expectation; true when that changed the file. */
export function blessFiletest(result: FiletestResult): boolean {
  const language = languageOf(result.path);
  const text = readFileSync(result.path, "utf8");
  const at = text.indexOf(expectedLine(language));
  const input = (at < 0 ? text : text.slice(0, at)).trimEnd();
  const lines = result.actual.trimEnd().split("\n");
  const expected = lines.map((line) => `${language.comment} ${line}`.trimEnd()).join("\n");
  const blessed = `${input}\n\n${expectedLine(language)}\n${expected}\n`;
  if (blessed === text) return false;
  writeFileSync(result.path, blessed);
  return true;
}

/** All tests under `folder`, in order of their paths. */
export function listFiletests(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      if (lstatSync(path).isDirectory()) return listFiletests(path);
      return LANGUAGES.some(({ ending }) => name.endsWith(ending)) ? [path] : [];
    });
}
