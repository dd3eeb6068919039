/**
 * Random types over all that layout knows: generics, unions, unsized tails, wide pointers, closures, SIMD, valid ranges, every `repr`, and
 * library types; with their Rust source, one item a line, so that rustc can be asked for each.
 *
 * Seeded: the same seed makes the same sample. A definition may use those before it. What rustc would reject is never made.
 */

import type { ClosureDef } from "../../mir/items.ts";
import type { FnItem } from "../../mir/syntax.ts";
import { type AdtDef, TY_UNIT, type Ty, type TyCtxt } from "../../mir/ty.ts";
import { DUMMY_SP } from "../../session/diagnostic.ts";
import { isUnsized, type LayoutCx } from "../layout.ts";
import { DEFAULT_LAYOUT_POLICY } from "../policy.ts";
import type { TargetDataLayout } from "../types.ts";
import {
  randomEnum,
  randomNichedEnum,
  randomRanged,
  randomSimd,
  randomStruct,
  randomUnion,
} from "./random-definitions.ts";
import { MOST_BYTES, NO_SCOPE, type SampleDialect, TypeSource } from "./random-language-types.ts";
import { rustAdt, rustTy } from "./random-types.ts";
import { type Range, rangePattern } from "./range-pattern.ts";
import { DUMP_ATTRIBUTE } from "./rustc-dialect.ts";

/** Types to lay out, and a Rust crate that dumps them: `lines[i]` dumps `dumped[i]`, where that is a type. */
export interface LayoutSample {
  readonly tcx: TyCtxt;
  readonly cx: LayoutCx;
  readonly lines: readonly string[];
  readonly dumped: readonly (Ty | undefined)[];
}

const OLDEST_DIALECT: SampleDialect = { policy: DEFAULT_LAYOUT_POLICY, ranges: "attributes" };

/** `count` different random types, as a compiler of `dialect` reads and lays them out; for each sized one, `Option` of it too, nested or not, beyond the count. */
export function randomLayoutSample(
  seed: number,
  count: number,
  dataLayout: TargetDataLayout,
  dialect: SampleDialect = OLDEST_DIALECT,
): LayoutSample {
  const generator = new Generator(seed, dataLayout, dialect);
  while (generator.made < count) generator.addItem();
  return generator;
}

class Generator implements LayoutSample {
  readonly tcx: TyCtxt;
  readonly cx: LayoutCx;
  readonly lines: string[] = [];
  readonly dumped: (Ty | undefined)[] = [];
  made = 0;
  private readonly source: TypeSource;
  private readonly known = new Set<Ty>();
  private readonly pattern: ((ty: Ty, range: Range) => string) | undefined;

  constructor(seed: number, dataLayout: TargetDataLayout, dialect: SampleDialect) {
    this.source = new TypeSource(seed, dataLayout, dialect);
    this.tcx = this.source.tcx;
    this.cx = this.source.cx;
    const pointerBits = dataLayout.pointerSize * 8;
    if (dialect.ranges === "patterns") this.pattern = (ty, range) => rangePattern(ty, range, pointerBits);
    this.line('unsafe extern "C" { pub type X0; }');
    for (const { name } of this.source.traits) this.line(`pub trait ${name} {}`);
    this.line(rustAdt(this.source.vector, ""));
  }

  addItem(): void {
    const kind = this.source.rng.below(100);
    if (kind < 45) this.addDefinition();
    else if (kind < 50) this.addOpaque();
    else if (kind < 58) this.addAlias(this.source.unsizedTy());
    else this.addAlias(this.source.ty(NO_SCOPE, 3));
  }

  private line(text: string, dumps?: Ty): void {
    this.lines.push(text);
    this.dumped.push(dumps);
  }

  /** Dumps `ty`, and `Option` of it, unless it was before. */
  private addAlias(ty: Ty): void {
    if (this.known.has(ty) || this.source.size(ty) > MOST_BYTES) return;
    this.dump(ty);
    this.made++;
    this.addOption(ty);
  }

  private dump(ty: Ty): void {
    this.known.add(ty);
    this.line(`${DUMP_ATTRIBUTE}pub type T${this.lines.length} = ${rustTy(ty)};`, ty);
  }

  /** Dumps `Option` of `ty`, and sometimes `Option` of that, and so on: each takes a pattern from the niche of the one inside. */
  private addOption(ty: Ty): void {
    if (isUnsized(this.cx, ty)) return;
    let option = ty;
    do {
      option = this.source.option(option);
      if (!this.known.has(option)) this.dump(option);
    } while (this.source.rng.chance(20));
  }

  private addDefinition(): void {
    const name = `D${this.lines.length}`;
    const def = this.definition(name);
    if (def.generics.length > 0) {
      const ty = this.source.instance(def);
      if (ty === undefined || this.source.size(ty) > MOST_BYTES) return;
      this.line(rustAdt(def, ""));
      this.source.defs.push(def);
      this.addAlias(ty);
      return;
    }
    const ty = this.tcx.adt(def);
    if (this.source.size(ty) > MOST_BYTES) return;
    this.known.add(ty);
    this.line(rustAdt(def, DUMP_ATTRIBUTE, this.pattern), ty);
    this.source.defs.push(def);
    this.made++;
    this.addOption(ty);
  }

  private definition(name: string): AdtDef {
    const kind = this.source.rng.below(100);
    if (kind < 40) return randomStruct(this.source, name);
    if (kind < 66) return randomEnum(this.source, name);
    if (kind < 82) return randomNichedEnum(this.source, name);
    if (kind < 92) return randomUnion(this.source, name);
    return kind < 96 ? randomRanged(this.source, name) : randomSimd(this.source, name);
  }

  /** A closure that captures, or a function's own type, behind an alias. */
  private addOpaque(): void {
    const name = `C${this.lines.length}`;
    if (this.source.rng.chance(15)) {
      const item: FnItem = {
        name,
        kind: "fn",
        generics: [],
        params: [],
        ret: TY_UNIT,
        inline: "none",
        abi: "Rust",
        body: undefined,
        span: DUMMY_SP,
      };
      this.line(`pub fn f${name}() {} pub type ${name} = impl Sized;`);
      this.line(`#[define_opaque(${name})] pub fn of${name}() -> ${name} { f${name} }`);
      this.addOpaqueTy(this.tcx.fnDef(item, []));
      return;
    }
    const upvars = Array.from({ length: this.source.rng.below(5) }, () =>
      this.source.ty(NO_SCOPE, 2, { inhabited: true }),
    );
    const def: ClosureDef = {
      kind: "closure",
      name,
      generics: [],
      upvars,
      upvarNames: upvars.map((_, i) => `a${i}`),
      closureKind: "fn",
      body: undefined,
    };
    const params = upvars.map((ty, i) => `a${i}: ${rustTy(ty)}`).join(", ");
    const uses = upvars.map((_, i) => `let _r${i} = &a${i};`).join(" ");
    this.line(`pub type ${name} = impl Sized;`);
    this.line(`#[define_opaque(${name})] pub fn of${name}(${params}) -> ${name} { move || { ${uses} } }`);
    this.addOpaqueTy(this.tcx.closure(def, []));
  }

  private addOpaqueTy(ty: Ty): void {
    this.source.opaque.push(ty);
    this.addAlias(ty);
  }
}
