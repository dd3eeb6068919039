/**
 * The collector: finds every instance that code must be generated for.
 *
 * As rustc_monomorphize/src/collector.rs: starting at the *roots*, each instance's body is searched for what it *uses*, which is then
 * searched in turn. The order is that of a depth-first walk, mentions in the order of the body, so it depends on the program only.
 * `uses.ts` says what a body uses. A function of a program without traits, which most generated programs are, is searched without ever
 * asking one.
 *
 * What is only *mentioned* (`uses.ts`) is searched too, after all that is used: no code is made for it, but its constants are evaluated. So a
 * program whose constants fail does not compile, whether or not optimisation finds that nobody needs them.
 *
 * Generic functions may need themselves at ever larger types. A chain of more than `RECURSION_LIMIT` instances of one function is an error (types
 * that grow faster are one before).
 */

import type { StaticItem } from "../mir/items.ts";
import { entryPoints, type Program } from "../mir/program.ts";
import type { Body, FnItem } from "../mir/syntax.ts";
import type { TyCtxt } from "../mir/ty.ts";
import { Diagnostic } from "../session/diagnostic.ts";
import type { ResolvedConst } from "../traits/normalize.ts";
import { RECURSION_LIMIT } from "../traits/trait-cx.ts";
import type { Instance } from "./instance.ts";
import { instanceText } from "./instance-text.ts";
import { type MonoCx, monoCxOf, plainMonoCx } from "./mono-cx.ts";
import type { MonoItem, StaticMonoItem } from "./mono-item.ts";
import { itemInstance } from "./resolve.ts";
import { staticSymbol } from "./shims.ts";
import { instanceOf } from "./symbol-names.ts";
import { type UseCx, usesOf, usesOfStatic } from "./uses.ts";

/** What code is generated for, in the order in which it was found. */
export interface Collection {
  readonly items: readonly MonoItem[];
  readonly statics: readonly StaticMonoItem[];
  /** What resolved the mentions; absent when none needed it. */
  readonly mono: MonoCx | undefined;
}

/** Every function that `roots` need, roots first in their own order, each before what it alone mentions. */
export function collect(tcx: TyCtxt, roots: readonly Instance[], program?: Program): readonly MonoItem[] {
  return new Collector(tcx, program).run(roots, []).items;
}

/** Every function and static that `roots` and `statics` need. */
export function collectCrate(
  program: Program,
  roots: readonly Instance[],
  statics: readonly StaticItem[] = [],
): Collection {
  return new Collector(program.tcx, program).run(roots, statics);
}

/**
 * How many roots there are (rustc's `-Z print-mono-items=lazy|eager`). *Lazy*: entry points and functions with C names. *Eager*: every
 * function that can be a root. Generic functions are none, whatever the mode, and what is to be inlined is none but when it is eager.
 */
export type CollectionMode = "lazy" | "eager";

/** The roots of `program`, in source order. */
export function rootsFor(program: Program, mode: CollectionMode): readonly Instance[] {
  const entries = new Set(entryPoints(program));
  const roots = new Set<FnItem>();
  for (const item of program.functions) {
    if (item.body === undefined || item.generics.length > 0 || item.closure !== undefined) continue;
    if (mode === "eager" || entries.has(item) || item.abi === "C") roots.add(item);
  }
  if (mode === "eager") {
    for (const { fns, generics } of program.impls ?? []) {
      if (generics.length > 0) continue;
      for (const fn of fns) if (fn.body !== undefined && fn.generics.length === 0) roots.add(fn);
    }
  }
  if (roots.size === 0) return [];
  return [...roots].map((item) =>
    item.parent === undefined ? instanceOf(item) : itemInstance(monoCxOf(program), item, []),
  );
}

/** An instance that is yet to be searched, and what needed it. */
interface Pending {
  readonly instance: Instance;
  readonly from: Pending | undefined;
}

class Collector implements UseCx {
  readonly tcx: TyCtxt;
  readonly normalizes: boolean;
  private readonly program: Program | undefined;
  private made: MonoCx | undefined;
  private readonly items: MonoItem[] = [];
  private readonly statics: StaticMonoItem[] = [];
  private readonly seen = new Set<string>();
  private readonly seenStatics = new Set<StaticItem>();
  private readonly stack: (Pending | StaticItem)[] = [];
  private readonly mentioned: Pending[] = [];

  constructor(tcx: TyCtxt, program: Program | undefined) {
    this.tcx = tcx;
    this.program = program;
    this.normalizes = (program?.traits?.length ?? 0) + (program?.consts?.length ?? 0) > 0;
  }

  /** Made when the first question comes up that needs it. */
  get mono(): MonoCx {
    this.made ??= this.program === undefined ? plainMonoCx(this.tcx) : monoCxOf(this.program);
    return this.made;
  }

  run(roots: readonly Instance[], statics: readonly StaticItem[]): Collection {
    for (let i = statics.length - 1; i >= 0; i--) this.pushStatic(statics[i]!);
    for (let i = roots.length - 1; i >= 0; i--) this.push(roots[i]!, undefined);
    for (let next = this.stack.pop(); next !== undefined; next = this.stack.pop()) {
      if ("instance" in next) this.visitFn(next);
      else this.visitStatic(next);
    }
    for (let next = this.mentioned.pop(); next !== undefined; next = this.mentioned.pop()) this.visitMentioned(next);
    return { items: this.items, statics: this.statics, mono: this.made };
  }

  private push(instance: Instance, from: Pending | undefined): void {
    if (this.seen.has(instance.symbol)) return;
    this.seen.add(instance.symbol);
    const pending: Pending = { instance, from };
    if (instance.args.length > 0) this.checkGrowth(pending);
    this.stack.push(pending);
  }

  private pushStatic(item: StaticItem): void {
    if (item.body === undefined || this.seenStatics.has(item)) return;
    this.seenStatics.add(item);
    this.stack.push(item);
  }

  /** @throws Diagnostic when instances of one function go on and on. */
  private checkGrowth({ instance, from }: Pending): void {
    const { item } = instance;
    let depth = 0;
    for (let at = from; at !== undefined; at = at.from) if (at.instance.item === item) depth++;
    if (depth <= RECURSION_LIMIT) return;
    const text = instanceText(instance, this.tcx);
    const shown = text.length > 100 ? `${text.slice(0, 48)}…${text.slice(-48)}` : text;
    throw new Diagnostic(`reached the recursion limit while instantiating \`${shown}\``, { span: item.span });
  }

  private visitFn(pending: Pending): void {
    const { instance } = pending;
    const { body } = instance.item;
    if (body === undefined) return;
    const item = monoItemOf(this, instance, body);
    this.items.push(item);
    this.follow(item, pending);
  }

  private visitStatic(item: StaticItem): void {
    const { uses, statics, consts } = usesOfStatic(this, item);
    this.evaluate(consts);
    const own = { item, symbol: staticSymbol(item), sizeEstimate: 1, uses, ...(statics.length > 0 ? { statics } : {}) };
    this.statics.push(own);
    this.follow(own, undefined);
  }

  private follow({ uses, statics, mentions, consts }: Followed, from: Pending | undefined): void {
    if (consts !== undefined) this.evaluate(consts);
    if (mentions !== undefined) for (const instance of mentions) this.mentioned.push({ instance, from });
    if (statics !== undefined) for (let i = statics.length - 1; i >= 0; i--) this.pushStatic(statics[i]!);
    for (let i = uses.length - 1; i >= 0; i--) this.push(uses[i]!, from);
  }

  /** Everything that a mentioned instance needs is mentioned. */
  private visitMentioned(pending: Pending): void {
    const { instance } = pending;
    const { body } = instance.item;
    if (body === undefined || this.seen.has(instance.symbol)) return;
    this.seen.add(instance.symbol);
    if (instance.args.length > 0) this.checkGrowth(pending);
    const { uses, mentions, consts } = usesOf(this, instance, body);
    this.evaluate(consts);
    for (const use of [...uses, ...mentions]) this.mentioned.push({ instance: use, from: pending });
  }

  private evaluate(consts: readonly ResolvedConst[]): void {
    for (const { item, args } of consts) if (item.body !== undefined) this.mono.constBits(item, args);
  }
}

type Followed = Pick<MonoItem, "uses" | "statics" | "mentions" | "consts">;

/** What was found of plain functions: a program is compiled many times, in many ways. */
const knownItems = new WeakMap<Body, MonoItem>();

function monoItemOf(cx: UseCx, instance: Instance, body: Body): MonoItem {
  const known = knownItems.get(body);
  if (known !== undefined && known.instance === instance && isCurrentItem(known)) return known;
  const { uses, statics, mentions, consts, plain } = usesOf(cx, instance, body);
  const item: MonoItem = {
    instance,
    sizeEstimate: sizeEstimateOf(body),
    uses,
    ...(statics.length === 0 ? {} : { statics }),
    ...(mentions.length === 0 ? {} : { mentions }),
    ...(consts.length === 0 ? {} : { consts }),
  };
  if (plain && instance.args.length === 0) knownItems.set(body, item);
  return item;
}

function isCurrentItem({ uses, mentions }: MonoItem): boolean {
  return uses.every(isCurrent) && (mentions === undefined || mentions.every(isCurrent));
}

/** Whether the function still has the name that it had when its instance was made. */
function isCurrent(use: Instance): boolean {
  return use.args.length > 0 || instanceOf(use.item) === use;
}

/** As rustc's `size_estimate`: statements and terminators. */
export function sizeEstimateOf(body: Body): number {
  let size = 0;
  for (const block of body.blocks) size += block.statements.length + 1;
  return size;
}
