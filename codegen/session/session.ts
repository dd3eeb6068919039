/**
 * A compile session: the options of one compilation, as rustc's `-C` and `-Z`, resolved and typed, and what is measured along the way.
 */

import type { Target } from "../target/spec.ts";

export type OptLevel = "0" | "1" | "2" | "3" | "s" | "z";
export type Lto = "no" | "thin" | "fat";

export const OPT_LEVELS: readonly OptLevel[] = ["0", "1", "2", "3", "s", "z"];
export const LTO_MODES: readonly Lto[] = ["no", "thin", "fat"];

export interface Options {
  readonly optLevel: OptLevel;
  readonly codegenUnits: number;
  readonly lto: Lto;
  /** `-Z inline-in-all-cgus`: whether each unit has its own copy of what is to be inlined; when absent, as rustc: from opt-level 1 on. */
  readonly inlineInAllCgus?: boolean;
  /** `-Z verify`: run every IR's verifier after every pass, and the register allocator's checker. */
  readonly verify: boolean;
  /** `-Z opt-bisect-limit=N`: run only the first N bisectable pass executions; -1 runs all. */
  readonly optBisectLimit: number;
  /** `-Z dump=PASS,…`: passes after which the IR is printed; `all` for every one. */
  readonly dump: readonly string[];
  /** `-Z time-passes`. */
  readonly timePasses: boolean;
  /** `-Z disable-passes=PASS,…`. */
  readonly disabledPasses: readonly string[];
}

export const DEFAULT_OPTIONS: Options = {
  optLevel: "0",
  codegenUnits: 1,
  lto: "no",
  verify: false,
  optBisectLimit: -1,
  dump: [],
  timePasses: false,
  disabledPasses: [],
};

/** Whether code generation makes use of where the lifetimes of locals begin and end; at opt-level 0, MIR passes may drop that (rustc's `emit_lifetime_markers`). */
export function emitsLifetimes(optLevel: OptLevel): boolean {
  return optLevel !== "0";
}

/** One execution of a bisectable pass: its number (from 1), the pass, the function or module. */
export interface BisectRecord {
  readonly index: number;
  readonly pass: string;
  readonly unit: string;
  readonly ran: boolean;
}

/**
 * Mutable companion of one compilation. Backends may keep what they resolved from the options in `backendState`, keyed by
 * backend name, so that policies and tables are chosen once.
 */
export class Session {
  readonly options: Options;
  readonly target: Target;
  /** Milliseconds by pass or stage, when `timePasses` asks for it. */
  readonly timings: Map<string, number> = new Map();
  /** Every bisectable execution when `optBisectLimit` is set to 0 or more. */
  readonly bisectLog: BisectRecord[] = [];
  private bisectCount = 0;
  /** Where dumps go. */
  readonly emitDump: (title: string, text: string) => void;
  /** Planted faults that are switched on, by name; see the native backend's catalogue. Empty outside of self-tests. */
  readonly faults: readonly string[];

  constructor(
    options: Options,
    target: Target,
    extra: { emitDump?: (title: string, text: string) => void; faults?: readonly string[] } = {},
  ) {
    this.options = options;
    this.target = target;
    this.emitDump = extra.emitDump ?? ((): void => {});
    this.faults = extra.faults ?? [];
  }

  /** Whether the next bisectable execution may run; counts it. */
  shouldRun(pass: string, unit: string): boolean {
    if (this.options.optBisectLimit < 0) return true;
    const index = ++this.bisectCount;
    const ran = index <= this.options.optBisectLimit;
    this.bisectLog.push({ index, pass, unit, ran });
    return ran;
  }

  addTime(name: string, milliseconds: number): void {
    this.timings.set(name, (this.timings.get(name) ?? 0) + milliseconds);
  }
}
