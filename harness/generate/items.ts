/**
 * The items of one program beside its functions and plain types: traits, impls, closures, statics, constants, allocations.
 *
 * Actions add items when they need them and use again what is there: an item is registered under a key of its family. Names are counted up,
 * and the spans that dumps name closures and impls by are positions in a file that does not exist.
 */

import {
  type AllocItem,
  type AssocTypeDecl,
  type Body,
  type ClosureDef,
  type ConstItem,
  DUMMY_SP,
  type FnItem,
  type ImplDef,
  type InlineAttr,
  type Mutability,
  type Predicate,
  type Program,
  type StaticItem,
  type TraitDef,
  type Ty,
} from "../../codegen/index.ts";
import type { Feature } from "./features.ts";

/** Lists of a program, while it grows. */
export class ProgramItems {
  readonly features: ReadonlySet<Feature>;
  readonly functions: FnItem[] = [];
  readonly statics: StaticItem[] = [];
  readonly consts: ConstItem[] = [];
  readonly traits: TraitDef[] = [];
  readonly impls: ImplDef[] = [];
  readonly closures: ClosureDef[] = [];
  readonly allocs: AllocItem[] = [];
  /** How deep the function under generation is within others: what is made on demand ends. */
  depth = 0;
  private readonly counters = new Map<string, number>();
  private readonly shared = new Map<string, unknown[]>();

  constructor(features: ReadonlySet<Feature>) {
    this.features = features;
  }

  has(feature: Feature): boolean {
    return this.features.has(feature);
  }

  /** `prefix0`, `prefix1` … */
  name(prefix: string): string {
    const n = this.counters.get(prefix) ?? 0;
    this.counters.set(prefix, n + 1);
    return `${prefix}${n}`;
  }

  /** What earlier actions registered under `key`, to be used again. */
  known<T>(key: string): T[] {
    let list = this.shared.get(key);
    if (list === undefined) {
      list = [];
      this.shared.set(key, list);
    }
    return list as T[];
  }

  /** The lists that are not empty, as a `Program` has them. */
  lists(): Partial<Program> {
    const { statics, consts, traits, impls, closures, allocs } = this;
    const filled = Object.entries({ statics, consts, traits, impls, closures, allocs }).filter(
      ([, list]) => list.length > 0,
    );
    return Object.fromEntries(filled);
  }
}

export interface FnOptions {
  readonly generics?: readonly string[];
  readonly constParams?: readonly (Ty | undefined)[];
  readonly predicates?: readonly Predicate[];
  readonly parent?: ImplDef | TraitDef;
  readonly assocName?: string;
  readonly closure?: ClosureDef;
  readonly inline?: InlineAttr;
  readonly abi?: string;
  readonly unsafe?: boolean;
}

/** A function of the program, its body yet to be set. */
export function newFn(
  items: ProgramItems,
  name: string,
  params: readonly Ty[],
  ret: Ty,
  options: FnOptions = {},
): FnItem {
  const { generics = [], inline = "none", abi = "Rust", ...rest } = options;
  const item: FnItem = {
    name,
    kind: "fn",
    generics,
    params,
    ret,
    inline,
    abi,
    body: undefined,
    span: DUMMY_SP,
    ...rest,
  };
  items.functions.push(item);
  return item;
}

/** A trait without items; `generics` are those behind `Self`. */
export function newTrait(items: ProgramItems, name: string, generics: readonly string[] = []): TraitDef {
  const trait: TraitDef = {
    kind: "trait",
    name,
    generics: ["Self", ...generics],
    predicates: [],
    supertraits: [],
    fns: [],
    assocTypes: [],
    assocConsts: [],
    prelude: false,
    span: DUMMY_SP,
  };
  items.traits.push(trait);
  return trait;
}

/** An impl without items. `args` are the trait's, `Self` first. */
export function newImpl(
  items: ProgramItems,
  trait: TraitDef,
  args: readonly Ty[],
  options: {
    readonly generics?: readonly string[];
    readonly constParams?: readonly (Ty | undefined)[];
    readonly predicates?: readonly Predicate[];
  } = {},
): ImplDef {
  const { generics = [], predicates = [], constParams } = options;
  const impl: ImplDef = {
    kind: "impl",
    generics,
    ...(constParams === undefined ? {} : { constParams }),
    trait: { trait, args },
    selfTy: args[0]!,
    predicates,
    negative: false,
    fns: [],
    assocTypes: [],
    assocConsts: [],
    prelude: false,
    span: DUMMY_SP,
  };
  items.impls.push(impl);
  return impl;
}

/** Where `impl`'s items are named by: `<impl at g.rs:7:1: 7:2>`. */
export function implPath(items: ProgramItems): string {
  const line = items.known<null>("impl path").push(null);
  return `<impl at g.rs:${line}:1: ${line}:2>`;
}

export function assocType(name: string, predicates: readonly Predicate[] = []): AssocTypeDecl {
  return { name, generics: [], predicates, default: undefined };
}

/** A closure in a function without generics; its body is a function that is set afterwards. */
export function newClosure(
  items: ProgramItems,
  upvars: readonly Ty[],
  closureKind: ClosureDef["closureKind"],
): ClosureDef {
  const line = items.closures.length + 1;
  const def: ClosureDef = {
    kind: "closure",
    name: `{closure@g.rs:${line}:1: ${line}:9}`,
    generics: [],
    upvars,
    upvarNames: upvars.map((_, i) => `c${i}`),
    closureKind,
    body: undefined,
  };
  items.closures.push(def);
  return def;
}

export function newStatic(
  items: ProgramItems,
  name: string,
  ty: Ty,
  body: Body,
  options: { readonly mutability?: Mutability; readonly threadLocal?: boolean } = {},
): StaticItem {
  const { mutability = "not", threadLocal = false } = options;
  const item: StaticItem = {
    kind: "static",
    name,
    ty,
    mutability,
    threadLocal,
    body,
    span: DUMMY_SP,
  };
  items.statics.push(item);
  return item;
}

export function newConst(
  items: ProgramItems,
  name: string,
  ty: Ty,
  body: Body | undefined,
  options: {
    readonly generics?: readonly string[];
    readonly parent?: ImplDef | TraitDef;
    readonly assocName?: string;
  } = {},
): ConstItem {
  const { generics = [], parent, assocName } = options;
  const item: ConstItem = {
    kind: "const",
    name,
    generics,
    ...(parent === undefined ? {} : { parent }),
    ...(assocName === undefined ? {} : { assocName }),
    ty,
    body,
    span: DUMMY_SP,
  };
  items.consts.push(item);
  return item;
}

export function newAlloc(
  items: ProgramItems,
  align: number,
  bytes: Uint8Array,
  options: Partial<AllocItem> = {},
): AllocItem {
  const item: AllocItem = {
    name: `alloc${items.allocs.length + 1}`,
    align,
    mutability: "not",
    bytes,
    relocations: [],
    ...options,
  };
  items.allocs.push(item);
  return item;
}
