/**
 * Items of sources with full names, as the program declares them.
 */

import { intrinsicOf, type rust, type text } from "../../codegen/index.ts";
import { constantValue } from "./constant-values.ts";
import { placeOf } from "./crates.ts";
import { PANICS } from "./cut.ts";
import type { Crate } from "./find-path.ts";
import { type Place, Renamer } from "./rename.ts";
import type { NamedItem, SourceImpl } from "./source-tree.ts";
import { opaqueKey } from "./text-paths.ts";

/** Makes items of a crate. `keepsRelaxed`: `?Sized` becomes the bound that it stands for, which the library then has. */
export class SourceItems {
  private readonly crate: Crate;
  private readonly keepsRelaxed: boolean;
  private readonly isLibrary: boolean;
  private readonly isCore: boolean;

  constructor(crate: Crate, core: Crate) {
    this.crate = crate;
    this.keepsRelaxed = core.tree.types.has("marker::MetaSized");
    this.isLibrary = crate.prefix !== "";
    this.isCore = crate === core;
  }

  item(item: NamedItem): rust.RustItem {
    const name = this.crate.prefix + item.name;
    const isAdt = item.kind === "struct" || item.kind === "enum" || item.kind === "union";
    const place = {
      ...placeOf(this.crate, item.module, item.generics),
      relaxed: isAdt && this.keepsRelaxed,
      self: lastName(item.name),
    };
    if (item.kind === "trait") {
      const head = this.renamer(place).tree({ generics: item.generics, supertraits: item.supertraits });
      const items = item.items.map((member) => this.member(member, item.module, [item.generics]));
      return { ...item, ...head, attributes: knownLang(item.attributes), name, module: "", items };
    }
    if (item.kind === "fn") return { ...this.member(item, item.module, []), name, module: "" } as rust.RustItem;
    const made = {
      ...(this.renamer(place).tree({ ...item, source: undefined }) as object),
      source: item.source,
      attributes: knownLang(item.attributes),
      name,
      module: "",
    };
    return made as rust.RustItem;
  }

  impl({ item, module }: SourceImpl): rust.ImplItem {
    // Which of two impls of a trait is more special may depend on what is `?Sized`.
    const relaxed = item.trait !== undefined && this.keepsRelaxed;
    const { generics, trait, self } = item;
    const head = this.renamer({ ...placeOf(this.crate, module, generics), relaxed }).tree({ generics, trait, self });
    const last = self.kind === "path" ? self.path.segments.at(-1) : undefined;
    const selfName = last?.kind === "name" ? last.name : undefined;
    const items = item.items.map((member) => this.member(member, module, [generics], selfName));
    return { ...item, ...head, module: "", items };
  }

  private renamer(place: Place): Renamer {
    const value = (expr: string): bigint | undefined => constantValue(this.crate, expr, place.module);
    return new Renamer(place, { value, knowsParams: true });
  }

  private member<T extends rust.AssocItem | rust.RustFn>(
    member: T,
    module: string,
    outer: readonly rust.Generics[],
    self?: string,
  ): T {
    const opaque = new Map<string, string>();
    let { generics } = member;
    if (member.kind === "fn") {
      const found: rust.GenericParam[] = [];
      for (const ty of member.params) collectOpaque(ty, opaque, found);
      if (found.length > 0) generics = { ...generics, params: [...generics.params, ...found] };
    }
    const place = {
      ...placeOf(this.crate, module, ...outer, generics),
      opaque,
      ...(self === undefined ? {} : { self }),
    };
    const made = {
      ...(this.renamer(place).tree({ ...member, generics, source: undefined }) as object),
      source: member.source,
      module: "",
    } as unknown as T;
    return member.kind === "fn" ? (this.withBodyKind(made as rust.RustFn) as T) : made;
  }

  /** Intrinsics have no body, but for those that the interpreter does not know. */
  private withBodyKind(fn: rust.RustFn): rust.RustFn {
    if (!this.isLibrary) return fn;
    const intrinsic = fn.attributes.some((a) => a.name === "rustc_intrinsic");
    const attributes = fn.attributes.filter((a) => a.name !== "rustc_intrinsic" && a.name !== "lang");
    if (!intrinsic && !(this.isCore && PANICS.has(lastName(fn.name)))) return { ...fn, attributes };
    if (intrinsicOf(fn.name) === undefined && fn.body === "rust") return { ...fn, attributes };
    const attribute = { at: fn.at, name: "rustc_intrinsic", value: "", text: "rustc_intrinsic" };
    return { ...fn, body: "none", attributes: [...attributes, attribute] };
  }
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf(":") + 1);
}

// ---- lang items

/** Core's names of lang items that are called otherwise here, or the same; others mean nothing. */
const LANG: ReadonlyMap<string, string> = new Map([
  ["tuple_trait", "tuple"],
  ["fn_ptr_trait", "fn_ptr"],
  ["pointee_trait", "pointee"],
  ...["sized", "meta_sized", "pointee_sized", "copy", "clone", "drop", "fn", "fn_mut", "fn_once"].map(same),
  ...["unsize", "coerce_unsized", "discriminant_kind", "destruct", "freeze", "unpin", "sync"].map(same),
  ...["owned_box", "unsafe_cell", "unsafe_pinned", "phantom_data", "manually_drop", "maybe_uninit"].map(same),
]);

function same(name: string): [string, string] {
  return [name, name];
}

function knownLang(attributes: readonly rust.Attribute[]): readonly rust.Attribute[] {
  return attributes.flatMap((attribute) => {
    if (attribute.name !== "lang") return [attribute];
    const value = LANG.get(attribute.value);
    return value === undefined ? [] : [{ ...attribute, value, text: `lang = "${value}"` }];
  });
}

// ---- opaque parameters

/** `impl Trait` in a parameter's type becomes a parameter of its own. */
function collectOpaque(ty: text.Type, opaque: Map<string, string>, found: rust.GenericParam[]): void {
  if (ty.kind === "impl") {
    const key = opaqueKey(ty);
    const count = found.filter((param) => param.name.replace(COUNT, "") === key).length;
    const name = count === 0 ? key : `${key}__${count}`;
    if (!opaque.has(key)) opaque.set(key, name);
    found.push({ kind: "type", name, bounds: ty.bounds, default: undefined });
    return;
  }
  if (ty.kind === "ref" || ty.kind === "ptr") collectOpaque(ty.pointee, opaque, found);
  else if (ty.kind === "paren") collectOpaque(ty.ty, opaque, found);
}

/** What tells opaque parameters of the same text apart. */
const COUNT = /__\d+$/;

/** What stands for the `impl Trait`s of a function with these parameters, by their text. */
export function opaqueOf(generics: readonly string[]): ReadonlyMap<string, string> {
  const names = generics.filter((name) => name.startsWith("Impl_"));
  return new Map(names.map((name) => [name.replace(COUNT, ""), name]));
}
