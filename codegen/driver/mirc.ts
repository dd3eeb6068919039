/**
 * The `mirc` command: MIR text in, machine code out, with rustc's option names.
 *
 * Exit status: 0 done, 1 a compiler or tool failed, 2 a mistake in the input or on the command line.
 */

import { ToolError } from "../backend/llvm/write.ts";
import { Diagnostic, renderDiagnostic } from "../session/diagnostic.ts";
import { VERSION } from "../session/version.ts";
import { HOST_TARGET, TARGETS } from "../target/spec.ts";
import { BACKEND_NAMES } from "./backends.ts";
import { compile, type Streams } from "./compile.ts";
import { EMIT_KINDS, type MircOptions, optionHelp, PRINT_KINDS, type PrintKind, parseArguments } from "./options.ts";

const USAGE = `Usage: mirc [options] FILE.mir…

Compiles MIR to an executable that runs the program's entry points (\`main\`, \`input_N\`) as a batch.

Options:
    --target TRIPLE      what to compile for (default: ${HOST_TARGET.triple})
    -C OPTION[=VALUE]    a codegen option; \`-C help\` lists them
    -Z OPTION[=VALUE]    an internal option; \`-Z help\` lists them
    -O                   the same as -C opt-level=3
    --emit KIND[=FILE],… what to make: ${EMIT_KINDS.join(", ")} (default: link)
    -o FILE              where to write it; \`-\` is standard output, for text
    --print INFO         ${PRINT_KINDS.join(", ")}
    -v, --verbose        say what is done
    -V, --version        the version
    -h, --help           this text
`;

/** Runs mirc with `argv`, the arguments after the command's name; gives the exit status. */
export async function main(argv: readonly string[], streams: Streams): Promise<number> {
  try {
    const options = parseArguments(argv);
    const text = answer(options);
    if (text !== undefined) streams.out(text);
    else await compile(options, streams);
    return 0;
  } catch (error) {
    return reportError(error, streams);
  }
}

/** Says what went wrong; gives the exit status. */
function reportError(error: unknown, streams: Streams): number {
  if (error instanceof Diagnostic) {
    streams.err(`${renderDiagnostic(error)}\n`);
    return 2;
  }
  if (error instanceof ToolError) {
    streams.err(`error: ${error.message}\n = note: the command was ${error.commandLine}\n`);
    return 1;
  }
  if (error instanceof Error && "syscall" in error) {
    // The machine refuses: no such directory, no permission, a full disk.
    streams.err(`error: ${error.message}\n`);
    return 2;
  }
  streams.err(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
}

/** What a command line that only asks something is answered; undefined when it is about compiling. */
function answer(options: MircOptions): string | undefined {
  switch (options.help) {
    case "usage":
      return USAGE;
    case "version":
      return `mirc ${VERSION}\n${options.verbose ? `host: ${HOST_TARGET.triple}\nnode: ${process.version}\n` : ""}`;
    case "C":
    case "Z":
      return optionHelp(options.help);
    case undefined:
      return options.print === undefined ? undefined : printed(options.print, options);
  }
}

function printed(kind: PrintKind, { target }: MircOptions): string {
  switch (kind) {
    case "target-list":
      return TARGETS.map((t) => `${t.triple}\n`).join("");
    case "target-cpus":
      return `${target.defaultCpu}\n`;
    case "codegen-backends":
      return BACKEND_NAMES.map((name) => `${name}\n`).join("");
    case "host-tuple":
      return `${HOST_TARGET.triple}\n`;
    case "cfg": {
      const { pointerSize, endian } = target.dataLayout;
      const pairs = [
        ["panic", "abort"],
        ["target_arch", target.arch],
        ["target_endian", endian],
        ["target_os", target.os],
        ["target_pointer_width", String(pointerSize * 8)],
      ];
      return pairs.map(([name, value]) => `${name}="${value}"\n`).join("");
    }
  }
}
