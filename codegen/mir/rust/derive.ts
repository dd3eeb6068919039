/**
 * `#[derive(A, B)]` as impls: `impl<T: A> A for Ty<T>`, of which the functions come from a dump.
 *
 * A dump names their functions `<impl at FILE:line:column: line:column>::f` with the place of the trait's name in the attribute
 * (rustc_builtin_macros/src/deriving/generic/mod.rs).
 */

import type { Bound, GenericArg, Path, Type } from "../text/ast.ts";
import type { AdtItem, Attribute, GenericParam, ImplItem, RustFn } from "./ast.ts";

/** The traits that can be derived, with their functions; `H` is a parameter of the function. */
const DERIVED: ReadonlyMap<
  string,
  { readonly path: readonly string[]; readonly fns: readonly string[]; readonly generic?: string }
> = new Map([
  ["Clone", { path: ["std", "clone", "Clone"], fns: ["clone"] }],
  ["Copy", { path: ["std", "marker", "Copy"], fns: [] }],
  ["PartialEq", { path: ["std", "cmp", "PartialEq"], fns: ["eq"] }],
  ["Eq", { path: ["std", "cmp", "Eq"], fns: [] }],
  ["PartialOrd", { path: ["std", "cmp", "PartialOrd"], fns: ["partial_cmp"] }],
  ["Ord", { path: ["std", "cmp", "Ord"], fns: ["cmp"] }],
  ["Hash", { path: ["std", "hash", "Hash"], fns: ["hash"], generic: "__H" }],
  ["Default", { path: ["std", "default", "Default"], fns: ["default"] }],
  ["Debug", { path: ["std", "fmt", "Debug"], fns: ["fmt"] }],
]);

/** The impls that the attributes of `item` ask for. */
export function deriveImpls(item: AdtItem): ImplItem[] {
  return item.attributes.flatMap((attribute) => (attribute.name === "derive" ? derivesOf(item, attribute) : []));
}

function derivesOf(item: AdtItem, attribute: Attribute): ImplItem[] {
  const impls: ImplItem[] = [];
  const whole = item.source.slice(attribute.at, item.at);
  const open = whole.indexOf("(");
  const close = whole.indexOf(")", open);
  for (const match of whole.slice(open, close).matchAll(/[\w:]+/g)) {
    const word = match[0].slice(match[0].lastIndexOf(":") + 1);
    const derived = DERIVED.get(word);
    if (derived === undefined) continue;
    // Attributes are ASCII as far as a derive's names: bytes and characters count alike.
    const at = attribute.at + open + match.index;
    const trait = pathOf(derived.path);
    impls.push({
      kind: "impl",
      source: item.source,
      at,
      end: at + match[0].length,
      attributes: [],
      module: item.module,
      generics: { params: item.generics.params.map((param) => bounded(param, trait)), where: item.generics.where },
      negative: false,
      trait,
      self: selfTy(item),
      items: derived.fns.map((name) => derivedFn(item, at, name, derived.generic)),
    });
  }
  return impls;
}

function pathOf(names: readonly string[]): Path {
  return { segments: names.map((name) => ({ kind: "name", name, args: undefined })), promoted: -1, text: "" };
}

function bounded(param: GenericParam, path: Path): GenericParam {
  if (param.kind !== "type") return param.kind === "const" ? { ...param, default: undefined } : param;
  const bound: Bound = { kind: "trait", binder: [], modifier: "", path, paren: false };
  return { ...param, bounds: [...param.bounds, bound], default: undefined };
}

/** `Ty<T, N>` of an item's own parameters. */
function selfTy(item: AdtItem): Type {
  const args: GenericArg[] = item.generics.params.flatMap((param): GenericArg[] =>
    param.kind === "lifetime" ? [] : [{ kind: "type", ty: { kind: "path", path: pathOf([param.name]), text: "" } }],
  );
  const names = item.name.split("::");
  const last = names.pop()!;
  const segments: Path["segments"] = [
    ...pathOf(names).segments,
    { kind: "name", name: last, args: args.length === 0 ? undefined : { kind: "angle", turbofish: false, args } },
  ];
  return { kind: "path", path: { segments, promoted: -1, text: "" }, text: "" };
}

/** Its signature is the dump's. */
function derivedFn(item: AdtItem, at: number, name: string, generic: string | undefined): RustFn {
  const params: GenericParam[] =
    generic === undefined ? [] : [{ kind: "type", name: generic, bounds: [], default: undefined }];
  return {
    kind: "fn",
    path: undefined,
    source: item.source,
    at,
    end: at,
    attributes: [],
    module: item.module,
    name,
    nameAt: at,
    generics: { params, where: [] },
    params: [],
    variadic: false,
    ret: undefined,
    unsafe: false,
    abi: "Rust",
    body: "rust",
    foreign: false,
  };
}
