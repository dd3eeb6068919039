/**
 * Names: how a definition is written.
 *
 * rustc writes a type's path in full (`std::option::Option`) in declarations of locals, fields and casts, and *trimmed* to its last
 * segment (`Option`) in signatures and in aggregates, when no other type has that last segment (`trimmed_def_paths`). `Ordering` is
 * never trimmed, as `std::sync::atomic` has another.
 */

import { collectAdts } from "./collect-adts.ts";
import type { Relocation, StaticItem } from "./items.ts";
import { preludeTrims } from "./prelude/load.ts";
import { BUILT_IN_ADTS } from "./prelude.ts";
import type { Program } from "./program.ts";
import type { AdtDef, Ty, TyCtxt } from "./ty.ts";

/** The part of a path behind its last `::`. */
export function lastSegment(path: string): string {
  const at = path.lastIndexOf("::");
  return at < 0 ? path : path.slice(at + 2);
}

/** Types of the prelude that share their last segment with another type of the standard library. */
const NEVER_TRIMMED: ReadonlySet<string> = new Set(["std::cmp::Ordering"]);

/** What was imported of a library has the last segments of the prelude's own types. */
const IMPORTED = "rustlib::";

function isTrimmable({ name, prelude }: AdtDef): boolean {
  if (NEVER_TRIMMED.has(name) || name.startsWith(IMPORTED)) return false;
  return !prelude || BUILT_IN_ADTS.has(name) || preludeTrims(name);
}

/** The names of `program`, for printing it. */
export function namesOf(program: Program): Names {
  const names = new Names(program.tcx);
  for (const def of collectAdts(program)) names.addAdt(def);
  for (const { name } of program.allocs ?? []) names.reserveAlloc(name);
  return names;
}

/** What an allocation's name stands for beside bytes. */
export type AllocRef = Exclude<Relocation["target"], { kind: "alloc" }>;

/** The names that one program's text can mention. */
export class Names {
  readonly tcx: TyCtxt;
  private readonly adts = new Set<AdtDef>();
  /** By last segment; `null` when several definitions have it. */
  private readonly byLast = new Map<string, AdtDef | null>();
  private readonly trimmed = new Map<Ty, string>();
  private readonly trimmedAdts = new Map<AdtDef, string>();
  /** Names given to what pointers point to, in the order in which they were asked for. */
  readonly allocRefs: { readonly name: string; readonly target: AllocRef }[] = [];
  private readonly staticNames = new Map<StaticItem, string>();
  private nextAlloc = 1;

  /** Knows the prelude of `tcx`. */
  constructor(tcx: TyCtxt) {
    this.tcx = tcx;
    for (const def of tcx.adts.values()) if (def.prelude) this.addAdt(def);
  }

  addAdt(def: AdtDef): void {
    if (this.adts.has(def)) return;
    this.adts.add(def);
    this.trimmedAdts.clear();
    const last = lastSegment(def.name);
    this.byLast.set(last, this.byLast.has(last) ? null : def);
  }

  /** Every type definition, in the order in which they were added. */
  listAdts(): Iterable<AdtDef> {
    return this.adts;
  }

  /** `alloc7` is taken. */
  reserveAlloc(name: string): void {
    const number = Number(name.slice("alloc".length));
    if (number >= this.nextAlloc) this.nextAlloc = number + 1;
  }

  /** The name of an allocation that stands for `target`. */
  allocRef(target: AllocRef): string {
    const known = target.kind === "static" ? this.staticNames.get(target.item) : undefined;
    if (known !== undefined) return known;
    const name = `alloc${this.nextAlloc++}`;
    if (target.kind === "static") this.staticNames.set(target.item, name);
    this.allocRefs.push({ name, target });
    return name;
  }

  staticAlloc(item: StaticItem): string {
    return this.allocRef({ kind: "static", item });
  }

  /** `def` as signatures and aggregates write it. */
  trimmedAdt(def: AdtDef): string {
    if (!def.name.includes("::")) return def.name;
    let name = this.trimmedAdts.get(def);
    if (name === undefined) {
      const last = lastSegment(def.name);
      name = this.byLast.get(last) === def && isTrimmable(def) ? last : def.name;
      this.trimmedAdts.set(def, name);
    }
    return name;
  }

  /** `ty` as signatures write it: with trimmed paths. */
  trimmedTy(ty: Ty): string {
    if (!ty.text.includes("::")) return ty.text;
    let text = this.trimmed.get(ty);
    if (text === undefined) {
      text = this.renderTrimmed(ty);
      this.trimmed.set(ty, text);
    }
    return text;
  }

  private renderTrimmed(ty: Ty): string {
    const list = (tys: readonly Ty[]): string => tys.map((t) => this.trimmedTy(t)).join(", ");
    switch (ty.kind) {
      case "tuple":
        return ty.fields.length === 1 ? `(${list(ty.fields)},)` : `(${list(ty.fields)})`;
      case "array":
        return `[${this.trimmedTy(ty.element)}; ${ty.length}]`;
      case "slice":
        return `[${this.trimmedTy(ty.element)}]`;
      case "genericArray":
        return `[${this.trimmedTy(ty.element)}; ${ty.length.text}]`;
      case "ref":
        return `${ty.mutability === "mut" ? "&mut " : "&"}${this.trimmedTy(ty.pointee)}`;
      case "ptr":
        return `${ty.mutability === "mut" ? "*mut " : "*const "}${this.trimmedTy(ty.pointee)}`;
      case "adt": {
        const written = this.tcx.writtenArgs(ty.def.defaults, ty.args);
        return written.length === 0 ? this.trimmedAdt(ty.def) : `${this.trimmedAdt(ty.def)}<${list(written)}>`;
      }
      case "fnptr": {
        const head = ty.text.slice(0, ty.text.indexOf("fn(") + 3);
        const dots = ty.variadic ? (ty.params.length === 0 ? "..." : ", ...") : "";
        return `${head}${list(ty.params)}${dots})${ty.ret.text === "()" ? "" : ` -> ${this.trimmedTy(ty.ret)}`}`;
      }
      default:
        return ty.text;
    }
  }
}
