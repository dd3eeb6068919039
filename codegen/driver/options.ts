/**
 * mirc's options: rustc's names and meanings, as tables that the parser, `-C help` and `-Z help` read.
 */

import { layoutPolicyOf } from "../layout/policy.ts";
import type { CollectionMode } from "../monomorphize/collector.ts";
import { Diagnostic } from "../session/diagnostic.ts";
import { DEFAULT_OPTIONS, LTO_MODES, type Lto, OPT_LEVELS, type Options, type OptLevel } from "../session/session.ts";
import { HOST_TARGET, type Target, targetByTriple } from "../target/spec.ts";
import { MIR_PASSES, type MirOptLevel } from "../transform/pass-table.ts";

export type EmitKind = "mir" | "ir" | "llvm-ir" | "asm" | "obj" | "link";
export const EMIT_KINDS: readonly EmitKind[] = ["mir", "ir", "llvm-ir", "asm", "obj", "link"];

export type PrintKind = "target-list" | "target-cpus" | "cfg" | "codegen-backends" | "host-tuple";
export const PRINT_KINDS: readonly PrintKind[] = [
  "target-list",
  "target-cpus",
  "cfg",
  "codegen-backends",
  "host-tuple",
];

/** A command line that was understood. */
export interface MircOptions {
  session: { -readonly [K in keyof Options]: Options[K] };
  target: Target;
  files: string[];
  /** What to make, with the file for it where one was named; empty until the default is known. */
  emit: { kind: EmitKind; path: string | undefined }[];
  output: string | undefined;
  backend: string;
  /** `llvm` of this major version; the newest when absent. */
  llvmVersion: number | undefined;
  parseOnly: boolean;
  /** `-Z print-mono-items`: of which roots. */
  printMonoItems: CollectionMode | undefined;
  /** MIR passes; the level is rustc's default for the opt-level when it is not given. */
  mir: { level: MirOptLevel | undefined; override: Map<string, boolean>; bisectLimit: number | undefined };
  /** Print how the bytes of each type are used. */
  printTypeSizes: boolean;
  /** The release of rustc whose layouts the programs have; undefined: what they say themselves. */
  rustcRelease: string | undefined;
  faults: string[];
  /** Worker threads for codegen units; 1 compiles in this one. */
  threads: number;
  verbose: boolean;
  /** Something to print instead of compiling. */
  print: PrintKind | undefined;
  help: "usage" | "C" | "Z" | "version" | undefined;
}

/** A row of `-C help` or `-Z help`. */
export interface OptionRow {
  readonly name: string;
  /** How the value is written; empty for a switch. */
  readonly value: string;
  /** The value may be left out. */
  readonly optional?: boolean;
  readonly help: string;
  readonly apply: (options: MircOptions, value: string) => void;
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((a) => a === value);
  if (found === undefined)
    throw new Diagnostic(`\`${value}\` is no value of \`${name}\``, { help: `one of ${allowed.join(", ")}` });
  return found;
}

function numberOf(name: string, value: string, least: number): number {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= least && number <= 2 ** 31 - 1)) {
    throw new Diagnostic(`\`${value}\` is no value of \`${name}\``, { help: `a number, ${least} or more` });
  }
  return number;
}

/** A switch: `-Z verify`, `-Z verify=no`. */
function flagOf(name: string, value: string): boolean {
  return (
    value === "" ||
    oneOf(name, value, ["yes", "no", "on", "off", "y", "n", "true", "false"]).match(/^(y|on|t)/) !== null
  );
}

/** Accepts only the values that mean what mirc does anyway. */
function only(name: string, allowed: readonly string[]): OptionRow["apply"] {
  return (_, value) => {
    oneOf(name, value, allowed);
  };
}

const LTO_SYNONYMS: Readonly<Record<string, Lto>> = { "": "fat", yes: "fat", on: "fat", off: "no", n: "no", y: "fat" };

export const CODEGEN_OPTIONS: readonly OptionRow[] = [
  {
    name: "opt-level",
    value: "0|1|2|3|s|z",
    help: "how much to optimise (default: 0)",
    apply: (o, v) => {
      o.session.optLevel = oneOf<OptLevel>("opt-level", v, OPT_LEVELS);
    },
  },
  {
    name: "codegen-units",
    value: "N",
    help: "the number of units that are compiled on their own (default: 1)",
    apply: (o, v) => {
      o.session.codegenUnits = numberOf("codegen-units", v, 1);
    },
  },
  {
    name: "lto",
    value: "no|thin|fat",
    optional: true,
    help: "optimisation across units at link time (default: no)",
    apply: (o, v) => {
      o.session.lto = LTO_SYNONYMS[v] ?? oneOf<Lto>("lto", v, LTO_MODES);
    },
  },
  { name: "panic", value: "abort", help: "what a panic does: so far, it aborts", apply: only("panic", ["abort"]) },
  { name: "debuginfo", value: "0", help: "debug information: so far, none", apply: only("debuginfo", ["0", "none"]) },
  {
    name: "target-cpu",
    value: "NAME",
    help: "so far, the target's default; see `--print target-cpus`",
    apply: (o, v) => only("target-cpu", [o.target.defaultCpu])(o, v),
  },
  {
    name: "target-feature",
    value: "FEATURES",
    help: "so far, the target's default features only",
    apply: (o, v) => {
      for (const feature of v.split(","))
        oneOf("target-feature", feature, ["", ...o.target.defaultFeatures.split(",")]);
    },
  },
];

export const UNSTABLE_OPTIONS: readonly OptionRow[] = [
  {
    name: "codegen-backend",
    value: "NAME",
    help: "who generates code; see `--print codegen-backends` (default: native where it has the target, else llvm)",
    apply: (o, v) => {
      o.backend = v;
    },
  },
  {
    name: "llvm-version",
    value: "N",
    help: "the LLVM of the llvm backend, by its major version (default: the newest)",
    apply: (o, v) => {
      o.llvmVersion = numberOf("llvm-version", v, 1);
    },
  },
  {
    name: "parse-only",
    value: "",
    help: "parse and verify, then stop",
    apply: (o, v) => {
      o.parseOnly = flagOf("parse-only", v);
    },
  },
  {
    name: "print-mono-items",
    value: "lazy|eager",
    optional: true,
    help: "print what is generated, with its units: of all that is reached (default), or of all that could be",
    apply: (o, v) => {
      o.printMonoItems = oneOf<CollectionMode>("print-mono-items", v === "" ? "lazy" : v, ["lazy", "eager"]);
    },
  },
  {
    name: "verify",
    value: "",
    help: "verify the IR after every pass, and what the register allocator did",
    apply: (o, v) => {
      o.session.verify = flagOf("verify", v);
    },
  },
  {
    name: "inline-in-all-cgus",
    value: "yes|no",
    help: "copy what is to be inlined into each unit that reaches it (default: from opt-level 1 on)",
    apply: (o, v) => {
      o.session.inlineInAllCgus = flagOf("inline-in-all-cgus", v);
    },
  },
  {
    name: "mir-opt-level",
    value: "0|1|2|3|4",
    help: "how much to optimise MIR (default: 1, from opt-level 1 on 2)",
    apply: (o, v) => {
      o.mir.level = Number(oneOf("mir-opt-level", v, ["0", "1", "2", "3", "4"])) as MirOptLevel;
    },
  },
  {
    name: "mir-enable-passes",
    value: "+PASS,-PASS,…",
    help: "run these MIR passes, or leave them out, whatever the level says",
    apply: (o, v) => {
      for (const pass of v.split(",")) {
        const name = oneOf(
          "mir-enable-passes",
          pass.slice(1),
          MIR_PASSES.map((row) => row.name),
        );
        o.mir.override.set(name, oneOf("mir-enable-passes", pass.slice(0, 1), ["+", "-"]) === "+");
      }
    },
  },
  {
    name: "mir-opt-bisect-limit",
    value: "N",
    help: "run only the first N executions of MIR passes, and list all",
    apply: (o, v) => {
      o.mir.bisectLimit = numberOf("mir-opt-bisect-limit", v, 0);
    },
  },
  {
    name: "dump",
    value: "PASS,…",
    help: "print the IR after these passes, or after `all`",
    apply: (o, v) => {
      o.session.dump = [...o.session.dump, ...v.split(",")];
    },
  },
  {
    name: "time-passes",
    value: "",
    help: "print the time of each stage and pass",
    apply: (o, v) => {
      o.session.timePasses = flagOf("time-passes", v);
    },
  },
  {
    name: "print-type-sizes",
    value: "",
    help: "print the size of each type and of what is in it, as rustc does",
    apply: (o, v) => {
      o.printTypeSizes = flagOf("print-type-sizes", v);
    },
  },
  {
    name: "rustc-release",
    value: "1.N",
    help: "lay out types as this release of rustc does (default: 1.96, or what the program says)",
    apply: (o, v) => {
      // Not a release: a diagnostic.
      layoutPolicyOf(v);
      o.rustcRelease = v;
    },
  },
  {
    name: "opt-bisect-limit",
    value: "N",
    help: "run only the first N executions of optimisation passes, and list all",
    apply: (o, v) => {
      o.session.optBisectLimit = numberOf("opt-bisect-limit", v, 0);
    },
  },
  {
    name: "disable-passes",
    value: "PASS,…",
    help: "leave these passes out",
    apply: (o, v) => {
      o.session.disabledPasses = [...o.session.disabledPasses, ...v.split(",")];
    },
  },
  {
    name: "threads",
    value: "N",
    help: "worker threads for codegen units, native backend without LTO (default: 1)",
    apply: (o, v) => {
      o.threads = numberOf("threads", v, 1);
    },
  },
  {
    name: "plant-fault",
    value: "NAME",
    help: "switch on a bug of the native backend's catalogue, to test what finds it",
    apply: (o, v) => {
      o.faults.push(v);
    },
  },
];

/** The text of `-C help` or `-Z help`. */
export function optionHelp(flag: "C" | "Z"): string {
  const rows = flag === "C" ? CODEGEN_OPTIONS : UNSTABLE_OPTIONS;
  const heads = rows.map(({ name, value }) => `    -${flag} ${name}${value === "" ? "" : `=${value}`}`);
  const width = Math.max(...heads.map((head) => head.length)) + 2;
  return rows.map(({ help }, i) => `${heads[i]!.padEnd(width)}${help}\n`).join("");
}

function applyRow(options: MircOptions, flag: "C" | "Z", text: string): void {
  if (text === "help") {
    options.help = flag;
    return;
  }
  const [name = "", ...rest] = text.split("=");
  const key = name.replaceAll("_", "-");
  const row = (flag === "C" ? CODEGEN_OPTIONS : UNSTABLE_OPTIONS).find((r) => r.name === key);
  if (row === undefined)
    throw new Diagnostic(`unknown option \`-${flag} ${name}\``, { help: `see \`mirc -${flag} help\`` });
  if (rest.length === 0 && row.value !== "" && row.optional !== true) {
    throw new Diagnostic(`option \`-${flag} ${name}\` needs a value: ${row.value}`);
  }
  row.apply(options, rest.join("="));
}

function addEmits(options: MircOptions, value: string): void {
  for (const part of value.split(",")) {
    const [kind = "", ...path] = part.split("=");
    options.emit.push({
      kind: oneOf("--emit", kind, EMIT_KINDS),
      path: path.length === 0 ? undefined : path.join("="),
    });
  }
}

type LongOption = (options: MircOptions, value: string) => void;

/** Options with a value that is written `--name=value` or `--name value`. */
const VALUE_OPTIONS: Readonly<Record<string, LongOption>> = {
  "--target": (o, v) => {
    o.target = targetByTriple(v);
  },
  "--emit": addEmits,
  "--print": (o, v) => {
    o.print = oneOf("--print", v, PRINT_KINDS);
  },
  "--crate-type": only("--crate-type", ["bin"]),
  "-o": (o, v) => {
    o.output = v;
  },
  "-C": (o, v) => applyRow(o, "C", v),
  "-Z": (o, v) => applyRow(o, "Z", v),
};

const SWITCHES: Readonly<Record<string, (options: MircOptions) => void>> = {
  "-v": (o) => {
    o.verbose = true;
  },
  "--verbose": (o) => {
    o.verbose = true;
  },
  "-O": (o) => {
    o.session.optLevel = "3";
  },
  "-V": (o) => {
    o.help = "version";
  },
  "--version": (o) => {
    o.help = "version";
  },
  "-h": (o) => {
    o.help = "usage";
  },
  "--help": (o) => {
    o.help = "usage";
  },
};

/**
 * Reads a command line.
 *
 * @throws Diagnostic for what it does not understand.
 */
export function parseArguments(argv: readonly string[]): MircOptions {
  const options: MircOptions = {
    session: { ...DEFAULT_OPTIONS },
    target: HOST_TARGET,
    files: [],
    emit: [],
    output: undefined,
    backend: "",
    llvmVersion: undefined,
    parseOnly: false,
    printMonoItems: undefined,
    mir: { level: undefined, override: new Map(), bisectLimit: undefined },
    printTypeSizes: false,
    rustcRelease: undefined,
    faults: [],
    threads: 1,
    verbose: false,
    print: undefined,
    help: undefined,
  };
  // Options about the target's CPU need the target, wherever it is written.
  const late: (() => void)[] = [];
  const takeValue = (name: string, value: string): void => {
    if (name === "-C") late.push(() => VALUE_OPTIONS[name]?.(options, value));
    else VALUE_OPTIONS[name]?.(options, value);
  };
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!;
    const [name, attached] = splitOption(arg);
    if (SWITCHES[arg] !== undefined) SWITCHES[arg](options);
    else if (!arg.startsWith("-") || arg === "-") options.files.push(arg);
    else if (VALUE_OPTIONS[name] === undefined)
      throw new Diagnostic(`unknown option \`${arg}\``, { help: "see `mirc --help`" });
    else if (attached !== undefined) takeValue(name, attached);
    else if (i + 1 < argv.length) takeValue(name, argv[++i]!);
    else throw new Diagnostic(`option \`${arg}\` needs a value`);
  }
  for (const apply of late) apply();
  return options;
}

/** `--name=value` or `-Xvalue` taken apart. */
function splitOption(arg: string): readonly [name: string, attached: string | undefined] {
  if (arg.startsWith("--")) {
    const at = arg.indexOf("=");
    return at < 0 ? [arg, undefined] : [arg.slice(0, at), arg.slice(at + 1)];
  }
  return arg.length > 2 ? [arg.slice(0, 2), arg.slice(2)] : [arg, undefined];
}
