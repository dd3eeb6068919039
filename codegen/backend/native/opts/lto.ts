/**
 * Link-time optimisation: fat, which makes one module of all, and thin, which lets modules inline from each other by summary.
 *
 * - *Fat*: all functions move into one module. Only the exported ones stay external. Internal functions of the same name get names of their own.
 * - *Thin*: each module is summarised; from the summaries alone it is decided which bodies each module imports (`planImports`). An imported
 *   body is *available externally*: others may inline it, it is never emitted. Internal functions that it names become external under a
 *   name of their own (*promotion*), unless data names them too: then the body is not imported. As LLVM's ThinLTO (Johnson, Amini, Li, 2017).
 *
 * Both are deterministic: modules and functions keep their order.
 */

import { bug, NONE } from "../../../entity/entity.ts";
import type { OptLevel } from "../../../session/session.ts";
import { cloneFunction } from "../ir/clone.ts";
import type { InlineAttr, IrFunction, IrModule, Linkage } from "../ir/function.ts";
import { Op } from "../ir/opcodes.ts";
import type { InlineCosts } from "./inline-cost.ts";
import { DEFAULT_INLINE_COSTS } from "./inline-cost.ts";

// --- Fat -------------------------------------------------------------------------------------------------------------

export interface MergedModules {
  readonly module: IrModule;
  /** By input module: the new names of its internal functions that were renamed. Static data that names them must follow. */
  readonly renames: readonly ReadonlyMap<string, string>[];
}

/** One module of all. Takes the functions over. `exported` lists the symbols that stay external. */
export function mergeModules(
  modules: readonly IrModule[],
  exported: ReadonlySet<string>,
  name: string = "lto",
): MergedModules {
  const taken = new Set<string>();
  for (const module of modules) for (const fn of module.functions) if (fn.linkage === "external") taken.add(fn.symbol);
  const functions: IrFunction[] = [];
  const roots = new Set<string>();
  const renames = modules.map((module, index) => {
    const renamed = uniqueNames(module, index, taken);
    renameSymbols(module, renamed);
    for (const root of module.roots ?? []) roots.add(renamed.get(root) ?? root);
    return renamed;
  });
  const defined = new Set<string>();
  for (const module of modules) {
    for (const fn of module.functions) {
      if (fn.linkage === "availableExternally") continue;
      if (defined.has(fn.symbol)) throw bug(`${fn.symbol} is defined in two modules`);
      defined.add(fn.symbol);
      if (!exported.has(fn.symbol)) fn.linkage = "internal";
      functions.push(fn);
    }
  }
  return { module: { name, functions, roots }, renames };
}

/** New names for the internal functions of `module` whose names are taken; takes all of its names. */
function uniqueNames(module: IrModule, index: number, taken: Set<string>): Map<string, string> {
  const renamed = new Map<string, string>();
  for (const fn of module.functions) {
    if (fn.linkage !== "internal") continue;
    if (taken.has(fn.symbol)) {
      let suffix = index;
      while (taken.has(`${fn.symbol}.lto.${suffix}`)) suffix++;
      renamed.set(fn.symbol, `${fn.symbol}.lto.${suffix}`);
    }
    taken.add(renamed.get(fn.symbol) ?? fn.symbol);
  }
  return renamed;
}

/** Renames functions of `module`, and all that names them in it. */
function renameSymbols(module: IrModule, renamed: ReadonlyMap<string, string>): void {
  if (renamed.size === 0) return;
  for (const fn of module.functions) {
    fn.symbol = renamed.get(fn.symbol) ?? fn.symbol;
    renameReferences(fn, renamed);
  }
}

function renameReferences(fn: IrFunction, renamed: ReadonlyMap<string, string>): void {
  for (let i = 0; i < fn.functions.length; i++) {
    const callee = fn.functions[i]!;
    const symbol = renamed.get(callee.symbol);
    if (symbol !== undefined) fn.functions[i] = { symbol, signature: callee.signature };
  }
}

// --- Thin ------------------------------------------------------------------------------------------------------------

export interface FunctionSummary {
  readonly symbol: string;
  /** Instructions. */
  readonly size: number;
  readonly linkage: Linkage;
  readonly inline: InlineAttr;
  /** Whom it calls and how often, in order of appearance. */
  readonly callees: readonly { readonly symbol: string; readonly calls: number }[];
  /** Whose address it takes. */
  readonly references: readonly string[];
}

/** All that the import decision needs to know of a module; plain data. */
export interface ModuleSummary {
  readonly name: string;
  readonly functions: readonly FunctionSummary[];
  /** Functions that static data names. */
  readonly roots: readonly string[];
}

/** Summarises `module`. */
export function summarize(module: IrModule): ModuleSummary {
  return {
    name: module.name,
    functions: module.functions.filter((fn) => fn.linkage !== "availableExternally").map(summarizeFunction),
    roots: [...(module.roots ?? [])],
  };
}

function summarizeFunction(fn: IrFunction): FunctionSummary {
  const calls = new Map<string, number>();
  const references = new Set<string>();
  let size = 0;
  for (const block of fn.layout) {
    for (let inst = fn.firstInst[block]!; inst !== NONE; inst = fn.next[inst]!) {
      size++;
      const opcode = fn.opcode[inst]!;
      if (opcode !== Op.call && opcode !== Op.funcAddr) continue;
      const { symbol } = fn.functions[fn.immLo[inst]!]!;
      if (opcode === Op.call) calls.set(symbol, (calls.get(symbol) ?? 0) + 1);
      else references.add(symbol);
    }
  }
  return {
    symbol: fn.symbol,
    size,
    linkage: fn.linkage,
    inline: fn.inline,
    callees: [...calls].map(([symbol, count]) => ({ symbol, calls: count })),
    references: [...references],
  };
}

export interface ImportOptions {
  readonly optLevel: OptLevel;
  readonly costs?: InlineCosts;
  /** By module: symbols of data that only that module can name. Bodies that name one are not imported. */
  readonly localData?: readonly ReadonlySet<string>[];
}

/** What one module imports, and what it must promote because others import bodies that name it. */
export interface ImportPlan {
  readonly imports: readonly { readonly module: number; readonly symbol: string }[];
  /** Internal functions that become external, with their new names. */
  readonly promotions: ReadonlyMap<string, string>;
}

/** Decides from the summaries what each module imports and promotes. */
export function planImports(summaries: readonly ModuleSummary[], options: ImportOptions): readonly ImportPlan[] {
  const costs = options.costs ?? DEFAULT_INLINE_COSTS;
  const promotions = summaries.map(() => new Map<string, string>());
  const index = new SummaryIndex(summaries, options.localData ?? []);
  const imports = summaries.map((summary, importer) => {
    const found = new Map<FunctionSummary, number>();
    for (const fn of summary.functions)
      follow(index, importer, fn, importer, costs.importLimit[options.optLevel], costs, found);
    return [...found].map(([fn, module]) => {
      for (const local of index.localNames(fn, module))
        promotions[module]!.set(local, promotedName(local, summaries[module]!));
      return { module, symbol: fn.symbol };
    });
  });
  return imports.map((list, i) => ({ imports: list, promotions: promotions[i]! }));
}

/** Names of internal functions are made unique by their module's. */
function promotedName(symbol: string, summary: ModuleSummary): string {
  return `${symbol}.thin.${summary.name}`;
}

class SummaryIndex {
  private readonly external = new Map<string, { readonly fn: FunctionSummary; readonly module: number }>();
  private readonly own: ReadonlyMap<string, FunctionSummary>[];
  private readonly roots: ReadonlySet<string>[];
  private readonly localData: readonly ReadonlySet<string>[];

  constructor(summaries: readonly ModuleSummary[], localData: readonly ReadonlySet<string>[]) {
    this.own = summaries.map((summary) => new Map(summary.functions.map((fn) => [fn.symbol, fn])));
    this.roots = summaries.map((summary) => new Set(summary.roots));
    this.localData = localData;
    summaries.forEach((summary, module) => {
      for (const fn of summary.functions) if (fn.linkage === "external") this.external.set(fn.symbol, { fn, module });
    });
  }

  /** The function that `symbol` means in a body of module `module`. */
  find(symbol: string, module: number): { readonly fn: FunctionSummary; readonly module: number } | undefined {
    const fn = this.own[module]!.get(symbol);
    return fn === undefined ? this.external.get(symbol) : { fn, module };
  }

  /** The internal functions of `module` that the body of `fn` names. */
  localNames(fn: FunctionSummary, module: number): string[] {
    const names = [...fn.callees.map((callee) => callee.symbol), ...fn.references];
    return [...new Set(names)].filter((symbol) => this.own[module]!.get(symbol)?.linkage === "internal");
  }

  /** Whether the body, of module `module`, can stand in module `importer`. */
  importable(fn: FunctionSummary, module: number, importer: number): boolean {
    if (fn.inline === "never") return false;
    // A name that means an internal function of the importer would mean another function there.
    const shadowed = (symbol: string): boolean =>
      !this.own[module]!.has(symbol) && this.own[importer]!.get(symbol)?.linkage === "internal";
    if (fn.callees.some((callee) => shadowed(callee.symbol)) || fn.references.some(shadowed)) return false;
    const data = this.localData[module];
    if (data !== undefined && fn.references.some((symbol) => data.has(symbol))) return false;
    return this.localNames(fn, module).every((symbol) => !this.roots[module]!.has(symbol));
  }
}

/** Adds to `found` what `importer` imports for the calls in the body of `fn`, of module `home`. */
function follow(
  index: SummaryIndex,
  importer: number,
  fn: FunctionSummary,
  home: number,
  limit: number,
  costs: InlineCosts,
  found: Map<FunctionSummary, number>,
): void {
  for (const { symbol } of fn.callees) {
    const callee = index.find(symbol, home);
    if (callee === undefined || callee.module === importer || found.has(callee.fn)) continue;
    if (callee.fn.size > limit && callee.fn.inline !== "always") continue;
    if (!index.importable(callee.fn, callee.module, importer)) continue;
    found.set(callee.fn, callee.module);
    follow(index, importer, callee.fn, callee.module, limit * costs.importDecay, costs, found);
  }
}

/**
 * Thin LTO's import step on modules in one place: promotes, then copies bodies between them, in place. Afterwards each module can be
 * optimised alone.
 */
export function importFunctions(
  modules: readonly IrModule[],
  summaries: readonly ModuleSummary[],
  options: ImportOptions,
): readonly ImportPlan[] {
  const plans = planImports(summaries, options);
  modules.forEach((module, i) => {
    promote(module, plans[i]!);
  });
  const bodies = plans.map((plan) =>
    plan.imports.map((item) => importedBody(modules[item.module]!, plans[item.module]!, item.symbol)),
  );
  modules.forEach((module, i) => {
    module.functions.push(...bodies[i]!);
  });
  return plans;
}

/** Makes the functions that other modules will name external, under their new names. */
export function promote(module: IrModule, plan: ImportPlan): void {
  for (const fn of module.functions) if (plan.promotions.has(fn.symbol)) fn.linkage = "external";
  renameSymbols(module, plan.promotions);
}

/** A copy of a body of `module`, which has been promoted by `plan`, for another module to inline. */
export function importedBody(module: IrModule, plan: ImportPlan, symbol: string): IrFunction {
  const name = plan.promotions.get(symbol) ?? symbol;
  const fn = module.functions.find((candidate) => candidate.symbol === name);
  if (fn === undefined) throw bug(`${module.name} does not define ${name}`);
  const copy = cloneFunction(fn);
  copy.linkage = "availableExternally";
  return copy;
}
