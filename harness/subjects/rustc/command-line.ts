/** The command lines of rustc as a subject: from a configuration's options to arguments. */

import type { ConfigOptions } from "../subject.ts";
import type { CoreLibrary } from "./cross.ts";

export interface RustcCommand {
  readonly rustc: string;
  readonly source: string;
  readonly executable: string;
  readonly target: string;
  readonly host: string;
  readonly linker: string;
  readonly core: CoreLibrary;
  readonly options: ConfigOptions;
  /** Panics unwind, and the crate links std. */
  readonly unwinds: boolean;
  /** How many passes may run, of those on MIR and of LLVM's; both are logged on standard error. -1 lets all of LLVM's run. */
  readonly bisect?: { readonly mir?: number; readonly llvm?: number };
}

/** `lto` of the matrix in rustc's words. */
const LTO: Readonly<Record<string, string>> = { no: "off", thin: "thin", fat: "fat" };

/** The whole command line. It needs `RUSTC_BOOTSTRAP=1` in the environment. */
export function rustcCommand(command: RustcCommand): string[] {
  const { options, target, core } = command;
  const option = (name: string, fallback: string): string => options[name] ?? fallback;
  const args = [
    command.rustc,
    command.source,
    "--crate-name=batch",
    "--crate-type=bin",
    "--edition=2021",
    `--target=${target}`,
    `-Cpanic=${command.unwinds ? "unwind" : "abort"}`,
    "-Cdebug-assertions=off",
    "-Coverflow-checks=off",
    `-Copt-level=${option("opt-level", "0")}`,
    `-Ccodegen-units=${option("codegen-units", "1")}`,
    `-Clto=${LTO[option("lto", "no")] ?? "off"}`,
    `-Zmir-opt-level=${option("mir-opt-level", "1")}`,
    "--cap-lints=allow",
    `-Clinker=${command.linker}`,
  ];
  if (core.kind === "built") args.push(`-L${core.directory}`);
  const { mir, llvm } = command.bisect ?? {};
  if (mir !== undefined) args.push(`-Zmir-opt-bisect-limit=${mir}`);
  // LLVM counts over all codegen units, which must come in a fixed order.
  if (llvm !== undefined) args.push(`-Cllvm-args=-opt-bisect-limit=${llvm}`, "-Zno-parallel-backend");
  args.push(...linkArgs(command), "-o", command.executable);
  return args;
}

/** Executables of the host use its shared C library; those of other targets are static, as the emulator has no libraries for them. */
function linkArgs({ target, host }: RustcCommand): string[] {
  if (target === host) return ["-Clink-args=-lc -lm"];
  return [
    "-Ctarget-feature=+crt-static",
    "-Crelocation-model=static",
    "-Clink-args=-Wl,-Bstatic,--start-group -lc -lm -lgcc -lgcc_eh -Wl,--end-group",
  ];
}

/** A command line as a shell takes it. */
export function shellLine(argv: readonly string[]): string {
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}
