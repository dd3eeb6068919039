/**
 * The linker: makes a program of a crate's dump and what it needs of the library's.
 *
 * Types, traits and impls are those of the crates' own sources (`declarations.ts`); functions have their bodies from the dumps (`bodies.ts`). Of the library a type or
 * trait is declared when it is first mentioned, an impl when all types and traits in its head are, and a function gets its body when
 * monomorphization reaches it (`reach.ts`). So the road is: declare the program, collect what its entry reaches, give bodies to what has none yet,
 * collect again, until nothing is new.
 */

import {
  type Body,
  Diagnostic,
  type FnItem,
  INTRINSICS_BY_NAME,
  newTyCtxt,
  type Program,
  type Scope,
  type Ty,
  type text,
  World,
} from "../../codegen/index.ts";
import { Bodies } from "./bodies.ts";
import { Closures } from "./closures.ts";
import type { BodyItem, LinkedCrate, Origin } from "./crates.ts";
import { Declarations } from "./declarations.ts";
import type { Library } from "./library.ts";
import type { BodyScope, LinkCx, LinkedItems } from "./link-cx.ts";
import { NestedItems } from "./nested-items.ts";
import { Promoteds } from "./promoteds.ts";
import { Reach } from "./reach.ts";

export interface LinkResult {
  readonly program: Program;
  readonly entry: FnItem;
  /** Whether a body only stands for one that was never needed. */
  readonly isStub: (body: Body) => boolean;
  /** Items that could not be declared, with why: whatever needs them fails. */
  readonly skipped: ReadonlyMap<string, Diagnostic>;
}

/** Links the program of `crate` whose entry is the function `entry`. */
export function link(crate: LinkedCrate, library: Library, entry: string): LinkResult {
  return new Linker(crate, library).run(entry);
}

class Linker implements LinkCx {
  readonly crate: LinkedCrate;
  readonly library: Library;
  readonly nested: NestedItems;
  readonly world: World;
  readonly items: LinkedItems = {
    functions: [],
    traits: [],
    impls: [],
    statics: [],
    consts: [],
    adts: [],
    closures: [],
  };
  readonly origins: Map<BodyItem, Origin> = new Map();
  readonly skipped: Map<string, Diagnostic> = new Map();
  private readonly declarations: Declarations;
  private readonly bodies: Bodies;
  private readonly closures: Closures;
  private readonly promoteds: Promoteds;

  constructor(crate: LinkedCrate, library: Library) {
    this.crate = crate;
    this.library = library;
    this.nested = new NestedItems(crate);
    this.declarations = new Declarations(this);
    this.world = new World(newTyCtxt(), this.declarations);
    this.bodies = new Bodies(this);
    this.closures = new Closures(this);
    this.promoteds = new Promoteds(this);
  }

  run(entry: string): LinkResult {
    const { world } = this;
    for (const item of INTRINSICS_BY_NAME.values()) world.fns.add(item.name, item);
    for (const def of world.tcx.adts.values()) {
      world.adts.add(def.name, def);
      this.declarations.ready(def.name);
    }
    this.declarations.declareCrate();
    const main = world.fns.get(entry);
    if (main === undefined)
      throw new Diagnostic(`the program has no function \`${entry}\``, { file: this.crate.dump.source.file });
    const program = new Reach(this, this.bodies).program(main);
    return { program, entry: main, isStub: (body) => this.bodies.isStub(body), skipped: this.skipped };
  }

  // ---- what the parts ask of each other

  declare(path: string): void {
    this.declarations.declare(this.world, path);
  }

  needInherent(head: string, name: string): void {
    this.declarations.needInherent(head, name);
  }

  declareReady(): void {
    this.declarations.declareReady();
  }

  settle(): void {
    this.declareReady();
    const { waiting } = this.declarations;
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      this.bodies.readValue(item);
      this.declareReady();
    }
  }

  stub(item: FnItem): void {
    this.bodies.stub(item);
  }

  readValue(item: Parameters<LinkCx["readValue"]>[0]): void {
    this.bodies.readValue(item);
  }

  bodyScope(origin: Origin, dumped: text.FnItem | text.ConstItem): BodyScope {
    return this.bodies.scopeOf(origin, dumped);
  }

  closureTy(scope: Scope, ty: Extract<text.Type, { kind: "closure" }>): Ty {
    return this.closures.ty(scope, ty);
  }

  promotedPath(scope: Scope, path: text.Path): text.Path {
    return this.promoteds.path(scope, path);
  }
}
