/**
 * `repro.sh`: shows a finding again with nothing but the compiler involved (and an emulator for foreign targets).
 *
 * The script builds the executable from the sources beside it, runs it, and compares its event records with the expected ones byte by byte. Exit status:
 * 0 the fault shows, 1 it does not, 2 something that the script needs is missing.
 */

import { expectedStream } from "../execute/expected.ts";
import { qemuFor } from "../execute/qemu.ts";
import type { CompileRequest, Subject } from "../subjects/subject.ts";
import type { FindingRecord } from "./messages.ts";

export interface Repro {
  readonly files: ReadonlyMap<string, string>;
  readonly script: string;
}

export async function reproScript(subject: Subject, request: CompileRequest, record: FindingRecord): Promise<Repro> {
  const { files, commands } = await subject.repro(request, "repro");
  const emulator = qemuFor(record.target);
  const run = emulator === undefined ? "./repro" : `${emulator} ./repro`;
  const expected = expectedStream(request.batch.programs.flatMap((program) => program.runs.map((r) => r.expected)));
  const compileVerdict =
    record.verdict === "compile-error" ||
    ((record.verdict === "crash" || record.verdict === "hang") && record.event === undefined);
  const lines = [
    "#!/bin/sh",
    `# ${record.verdict}: ${record.configuration}`,
    `# ${record.version}; seed ${record.seed}, program ${record.program}, features ${record.features}`,
    ...(record.culprit === undefined ? [] : [`# culprit: ${record.culprit}`]),
    `# expected ${record.expected ?? "a successful compilation"}`,
    `# actual   ${record.actual ?? "unknown"}`,
    "# Exit status: 0 the fault shows, 1 it does not, 2 a tool is missing.",
    'cd "$(dirname "$0")" || exit 2',
    ...(subject.info.kind === "native"
      ? // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell expands it.
        [': "${MIRC:=mirc}"', 'command -v "$MIRC" >/dev/null || { echo "set MIRC to the mirc command" >&2; exit 2; }']
      : []),
    ...(compileVerdict ? compileLines(commands) : runLines(commands, run)),
    "",
  ];
  const all = new Map(files);
  if (!compileVerdict) all.set("expected.hex", hexLines(expected));
  return { files: all, script: lines.join("\n") };
}

function compileLines(commands: readonly string[]): string[] {
  return [
    "set -x",
    ...commands.map((command) => `timeout 120 ${command} || { echo "the fault shows: the compiler failed"; exit 0; }`),
    'echo "the compiler succeeded"',
    "exit 1",
  ];
}

function runLines(commands: readonly string[], run: string): string[] {
  return [
    ...commands.map((command) => `${command} || exit 2`),
    `timeout 60 ${run} | od -An -v -tx1 -w24 > actual.hex`,
    "if diff expected.hex actual.hex; then",
    '  echo "no difference: the fault does not show"',
    "  exit 1",
    "fi",
    'echo "the fault shows: < expected, > actual (kind tag low high, little-endian)"',
    "exit 0",
  ];
}

/** As `od -An -v -tx1 -w24` prints. */
function hexLines(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 24) {
    for (let i = at; i < Math.min(at + 24, bytes.length); i++) text += ` ${bytes[i]!.toString(16).padStart(2, "0")}`;
    text += "\n";
  }
  return text;
}
