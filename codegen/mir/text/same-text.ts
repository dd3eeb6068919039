/**
 * Whether two pieces of MIR text are equal, blank lines and comments aside.
 */

/** A line of an allocation's bytes: its address, a byte or a pointer comes first. */
const HEX_DUMP = /^ {4}(?:0x|[0-9a-f]{2} |__ |[╾─])/;

/** The first difference: line numbers count what is compared. Undefined when there is none. */
export interface Difference {
  readonly line: number;
  readonly expected: string;
  readonly found: string;
}

/** Compares what was printed with the text that was read. */
export function firstDifference(expected: string, found: string): Difference | undefined {
  if (expected.trimEnd() === found.trimEnd()) return undefined;
  const a = significantLines(expected);
  const b = significantLines(found);
  const count = Math.max(a.length, b.length);
  for (let i = 0; i < count; i++) {
    const left = a[i] ?? "";
    const right = b[i] ?? "";
    if (left !== right && stripComment(left) !== stripComment(right) && !isCommented(left, right))
      return { line: i + 1, expected: left, found: right };
  }
  return undefined;
}

function significantLines(text: string): string[] {
  return text
    .replaceAll(/\/\* coroutine_layout =[\s\S]*?\*\//g, "")
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "" && !line.trimStart().startsWith("//"));
}

/** What rustc says behind a statement about its place in the source. */
const PLACE_COMMENT = /^ *\/\/ (?:bb\d+\[\d+\]: )?(?:in )?scope \d+ at [^"]*$/;

/** `line` is `text` with a comment: the last line of a template of `asm!`, whose string starts lines before. */
function isCommented(line: string, text: string): boolean {
  return line.startsWith(text) && PLACE_COMMENT.test(line.slice(text.length));
}

/** `line` without the comment behind its statement; a `//` in a string or in a column of characters is none. */
function stripComment(line: string): string {
  if (HEX_DUMP.test(line)) return line;
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const c = line[i];
    if (c === "\\" && quoted) i++;
    else if (c === '"') quoted = !quoted;
    else if (!quoted && c === " " && line.startsWith("//", i + 1)) return line.slice(0, i).trimEnd();
  }
  return line;
}
