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
  bug,
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
import type { Libraries } from "./library.ts";
import type { BodyScope, LinkCx, LinkedItems } from "./link-cx.ts";
import { NestedItems } from "./nested-items.ts";
import { Promoteds } from "./promoteds.ts";
import { Reach, snapshot } from "./reach.ts";

export interface LinkResult {
  readonly program: Program;
  readonly entry: FnItem;
  /** Whether a body only stands for one that was never needed. */
  readonly isStub: (body: Body) => boolean;
  /** Items that could not be declared, with why: whatever needs them fails. */
  readonly skipped: ReadonlyMap<string, Diagnostic>;
}

/** Links the program of `crate` whose entry is the function `entry`. */
export function link(crate: LinkedCrate, libraries: Libraries, entry: string): LinkResult {
  const made = new Linker(crate, libraries, false).run(entry);
  return made === undefined ? new Linker(crate, libraries, true).run(entry)! : made;
}

/**
 * The program of all functions of `crate`, generic ones included; those of the library have no bodies of their own. What cannot be read is listed in `failed`.
 */
export function linkWhole(
  crate: LinkedCrate,
  libraries: Libraries,
): { readonly program: Program; readonly failed: ReadonlyMap<string, Diagnostic> } {
  return new Linker(crate, libraries, false).whole();
}

class Linker implements LinkCx {
  readonly crate: LinkedCrate;
  readonly libraries: Libraries;
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

  /** `formats`: what formats is linked too; else it aborts. */
  constructor(crate: LinkedCrate, libraries: Libraries, formats: boolean) {
    this.crate = crate;
    this.libraries = libraries;
    this.nested = new NestedItems(crate);
    this.declarations = new Declarations(this);
    this.world = new World(newTyCtxt(libraries.release), this.declarations);
    this.bodies = new Bodies(this, formats);
    this.closures = new Closures(this);
    this.promoteds = new Promoteds(this);
  }

  /** The program of what `entry` reaches; undefined when it formats and that was not linked. */
  run(entry: string): LinkResult | undefined {
    const { world } = this;
    this.declareAll();
    const main = world.fns.get(entry);
    if (main === undefined) throw bug(`no function ${entry}`);
    const program = new Reach(this, this.bodies).program(main);
    if (program === undefined) return undefined;
    return { program, entry: main, isStub: (body) => this.bodies.isStub(body), skipped: this.skipped };
  }

  whole(): ReturnType<typeof linkWhole> {
    this.declareAll();
    const failed = new Map<string, Diagnostic>();
    for (const [item, { crate }] of this.origins) {
      if (crate !== this.crate || item.kind === "const" || item.kind === "static") continue;
      try {
        this.bodies.need(item);
      } catch (error) {
        if (!(error instanceof Diagnostic)) throw error;
        failed.set(item.name, error);
      }
    }
    this.settle();
    return { program: snapshot(this), failed };
  }

  private declareAll(): void {
    const { world } = this;
    for (const item of INTRINSICS_BY_NAME.values()) world.fns.add(item.name, item);
    for (const def of world.tcx.adts.values()) {
      world.adts.add(def.name, def);
      this.declarations.ready(def.name);
    }
    this.declarations.declareCrate();
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
