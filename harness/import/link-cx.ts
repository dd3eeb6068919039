/** What the parts of the linker share, and what they ask of each other. */

import type {
  AdtDef,
  ClosureDef,
  ConstItem,
  Diagnostic,
  FnItem,
  ImplDef,
  Scope,
  StaticItem,
  TraitDef,
  Ty,
  text,
  World,
} from "../../codegen/index.ts";
import type { BodyItem, LinkedCrate, Origin } from "./crates.ts";
import type { Libraries } from "./library.ts";
import type { NestedItems } from "./nested-items.ts";
import type { Renamer } from "./rename.ts";

/** The items that are declared so far. */
export interface LinkedItems {
  readonly functions: FnItem[];
  readonly traits: TraitDef[];
  readonly impls: ImplDef[];
  readonly statics: StaticItem[];
  readonly consts: ConstItem[];
  readonly adts: AdtDef[];
  readonly closures: ClosureDef[];
}

/** What the names in one dumped body mean; `finish` is to be called when all of it is renamed. */
export interface BodyScope {
  readonly scope: Scope;
  readonly renamer: Renamer;
  readonly finish: () => void;
}

export interface LinkCx {
  /** The crate that is imported. */
  readonly crate: LinkedCrate;
  readonly nested: NestedItems;
  readonly libraries: Libraries;
  readonly world: World;
  readonly items: LinkedItems;
  /** Where items have their bodies from. */
  readonly origins: Map<BodyItem, Origin>;
  /** Items of the library that could not be declared, by name: whatever needs one fails. */
  readonly skipped: Map<string, Diagnostic>;

  /** Declares the item with this full name, when nothing has. */
  declare(path: string): void;
  /** Declares the member `name` of the inherent impls of `head` (`headOf`). */
  needInherent(head: string, name: string): void;
  /** Declares the impls that wait for nothing more. */
  declareReady(): void;
  /** Reads the constants that wait for it, and declares the impls that become ready. */
  settle(): void;
  /** Gives `item` a body that stands for the one it will have when it is reached. */
  stub(item: FnItem): void;
  /** Reads the value of `item`. */
  readValue(item: ConstItem | StaticItem): void;
  bodyScope(origin: Origin, dumped: text.FnItem | text.ConstItem): BodyScope;
  closureTy(scope: Scope, ty: Extract<text.Type, { kind: "closure" }>): Ty;
  /** The path of a promoted, or of a constant without a name, as a constant of its own. */
  promotedPath(scope: Scope, path: text.Path): text.Path;
}
