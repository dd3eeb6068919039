/**
 * Declaring items: those of the crate at once, those of the library when they are first mentioned. An impl of the library is declared when all types and traits in its
 * head are.
 */

import {
  type ConstItem,
  Declarer,
  Diagnostic,
  type FnItem,
  type ImplDef,
  type PreludeSource,
  type rust,
  type StaticItem,
  type World,
} from "../../codegen/index.ts";
import { type LinkedCrate, NO_OPAQUE, withoutPrefix } from "./crates.ts";
import type { LinkCx } from "./link-cx.ts";
import { opaqueOf, SourceItems } from "./source-items.ts";
import type { SourceImpl } from "./source-tree.ts";

/** A library impl that waits for what its head mentions. */
interface PendingImpl {
  readonly crate: LinkedCrate;
  readonly source: SourceImpl;
  missing: number;
}

/** Traits that the language itself asks for, though no text names them: glue runs the impls of `Drop`, and what is `Copy` is not moved. */
const IMPLICIT: readonly string[] = ["ops::drop::Drop", "marker::Copy"];

export class Declarations implements PreludeSource {
  private readonly cx: LinkCx;
  private readonly declared = new Set<string>();
  private readonly pendingBy = new Map<string, PendingImpl[]>();
  private readonly queue: PendingImpl[] = [];
  /** Members of inherent impls that are declared. */
  private readonly members = new Set<string>();
  private readonly unfinished: Declarer[] = [];
  private depth = 0;
  /** Constants whose values are not read yet. */
  readonly waiting: (ConstItem | StaticItem)[] = [];
  private readonly sources = new Map<LinkedCrate, SourceItems>();

  constructor(cx: LinkCx) {
    this.cx = cx;
    const { core, all } = cx.libraries;
    for (const crate of [cx.crate, ...all.map((library) => library.crate)])
      this.sources.set(crate, new SourceItems(crate, core.crate));
    for (const { crate, heads } of all) {
      for (const { source, needs } of heads) {
        const pending: PendingImpl = { crate, source, missing: needs.size };
        for (const name of needs) {
          const list = this.pendingBy.get(name);
          if (list === undefined) this.pendingBy.set(name, [pending]);
          else list.push(pending);
        }
      }
    }
  }

  /** Declares all of the crate. */
  declareCrate(): void {
    const { world, crate, libraries } = this.cx;
    const { tree } = crate;
    this.depth++;
    for (const item of [...tree.types.values(), ...tree.values.values()]) this.declare(world, item.name);
    for (const source of [...tree.impls.values()].flat())
      this.declareItem(crate, this.source(crate).impl(source), source.key);
    this.depth--;
    this.finish();
    for (const path of IMPLICIT) this.declare(world, libraries.core.crate.prefix + path);
    this.declareReady();
  }

  declare(_world: World, path: string): boolean {
    const crate = this.cx.libraries.withItem(path)?.crate ?? this.cx.crate;
    if (this.declared.has(path)) return false;
    this.declared.add(path);
    const inner = withoutPrefix(crate, path);
    let any = false;
    for (const item of [crate.tree.types.get(inner), crate.tree.values.get(inner)]) {
      if (item === undefined) continue;
      any = true;
      this.declareItem(crate, this.source(crate).item(item), inner);
    }
    if (any) this.ready(path);
    return any;
  }

  private source(crate: LinkedCrate): SourceItems {
    return this.sources.get(crate)!;
  }

  /** `path` is declared: impls may have waited for it. */
  ready(path: string): void {
    for (const pending of this.pendingBy.get(path) ?? []) {
      pending.missing--;
      if (pending.missing === 0) this.queue.push(pending);
    }
    this.pendingBy.delete(path);
  }

  declareReady(): void {
    for (let pending = this.queue.shift(); pending !== undefined; pending = this.queue.shift()) {
      const { crate, source } = pending;
      this.declareItem(crate, this.source(crate).impl(source), source.key);
    }
  }

  /** Each member is declared as an impl of its own. */
  needInherent(head: string, name: string): void {
    for (const library of this.cx.libraries.all) {
      const { crate } = library;
      for (const source of library.inherent.get(name) ?? []) {
        const id = `${crate.prefix}${source.key}::${name}`;
        if (this.members.has(id) || library.headKey(source) !== head) continue;
        this.members.add(id);
        const { item } = source;
        const only = item.items.filter((member) => member.name === name);
        this.declareItem(crate, this.source(crate).impl({ ...source, item: { ...item, items: only } }), source.key);
      }
    }
  }

  /** Declares `item`, which is known as `key` in its crate. */
  private declareItem(crate: LinkedCrate, item: rust.RustItem, key: string): void {
    const { cx } = this;
    const attempt = (name: string, step: () => void): boolean => {
      try {
        step();
        return true;
      } catch (error) {
        if (!(error instanceof Diagnostic) || crate === cx.crate) throw error;
        cx.skipped.set(name === "" ? key : name, error);
        return false;
      }
    };
    const declarer = new Declarer(cx.world, attempt, false);
    this.depth++;
    declarer.run([item]);
    this.depth--;
    this.unfinished.push(declarer);
    this.addDeclared(crate, declarer.declared, key);
    this.finish();
  }

  private addDeclared(crate: LinkedCrate, declared: Declarer["declared"], key: string): void {
    const { items, origins, world } = this.cx;
    items.traits.push(...declared.traits);
    items.impls.push(...declared.impls);
    items.adts.push(...declared.adts.map(({ def }) => def));
    for (const { def } of declared.adts) if (!world.tcx.adts.has(def.name)) world.tcx.adts.set(def.name, def);
    // An impl is told by its number in its module, a trait by its name.
    const keyOf = (item: FnItem | ConstItem | StaticItem, parent: ImplDef | object | undefined): string =>
      parent === undefined ? withoutPrefix(crate, item.name) : `${key}::${(item as FnItem).assocName}`;
    for (const { item, scope } of declared.fns) {
      const itemKey = keyOf(item, item.parent);
      origins.set(item, { crate, key: itemKey, scope, opaque: opaqueOf(item.generics) });
      if (item.kind === "fn" && crate.dump.has(itemKey)) this.cx.stub(item);
      if (item.parent === undefined) items.functions.push(item);
    }
    for (const { item, scope } of declared.globals) {
      const itemKey = keyOf(item, item.kind === "const" ? item.parent : undefined);
      origins.set(item, { crate, key: itemKey, scope, opaque: NO_OPAQUE });
      if (item.kind === "static") items.statics.push(item);
      else items.consts.push(item);
      this.waiting.push(item);
    }
  }

  /** Signatures come when everything around them is declared. */
  private finish(): void {
    if (this.depth > 0) return;
    this.depth++;
    for (let declarer = this.unfinished.shift(); declarer !== undefined; declarer = this.unfinished.shift())
      declarer.finish();
    this.depth--;
  }
}
