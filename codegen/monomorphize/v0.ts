/**
 * rustc's symbol mangling, version 0: `_RINvC3mir1flEB2_` is `mir::f::<i32>`.
 *
 * As rustc_symbol_mangling/src/v0.rs and RFC 2603; the demanglers of binutils and LLVM read the result. A program has no crates of its
 * own: paths that begin with `core`, `alloc` or `std` are in those, all others in the crate `mir`. Lifetimes are erased. What occurs
 * again is written as the position of its first occurrence (a *back reference*). Behind the path of what any crate may make for itself (generic
 * functions, closures, shims) stands the crate that made it (*instantiating crate*).
 *
 * rustc's symbols also have numbers where names are not enough: of crates of one name, and of a module's impls.
 */

import { bug } from "../entity/entity.ts";
import { substitute, substituteAll } from "../mir/fold.ts";
import type { DynPredicates, ImplDef, TraitRef } from "../mir/items.ts";
import type { FnItem } from "../mir/syntax.ts";
import { TY_USIZE, type Ty, type TyCtxt, type TyOf } from "../mir/ty.ts";

/** The crate of what is in no crate that is known by name. */
const LOCAL_CRATE = "mir";
const CRATES: ReadonlySet<string> = new Set(["core", "alloc", "std"]);

/** Modules of `std` that are no re-exports from `core`, by the crate that they are in. */
const STD_MODULES: ReadonlyMap<string, string> = new Map([
  ...["alloc", "borrow", "boxed", "collections", "rc", "string", "vec"].map((name) => [name, "alloc"] as const),
  ...["env", "fs", "io", "net", "os", "path", "process", "thread"].map((name) => [name, "std"] as const),
]);

/** The crate that a path is in, and the path within it. */
function splitCrate(segments: readonly string[]): readonly [crate: string, path: readonly string[]] {
  const [first, second] = segments;
  if (first === undefined || second === undefined || !CRATES.has(first)) return [LOCAL_CRATE, segments];
  return [first === "std" ? (STD_MODULES.get(second) ?? "core") : first, segments.slice(1)];
}

const BASIC_TYPES: ReadonlyMap<string, string> = new Map([
  ["bool", "b"],
  ["char", "c"],
  ["str", "e"],
  ["()", "u"],
  ["i8", "a"],
  ["i16", "s"],
  ["i32", "l"],
  ["i64", "x"],
  ["i128", "n"],
  ["isize", "i"],
  ["u8", "h"],
  ["u16", "t"],
  ["u32", "m"],
  ["u64", "y"],
  ["u128", "o"],
  ["usize", "j"],
  ["f32", "f"],
  ["f64", "d"],
  ["f16", "C3f16"],
  ["f128", "C4f128"],
  ["!", "z"],
]);

const BASIC_KINDS: ReadonlySet<Ty["kind"]> = new Set(["bool", "char", "str", "int", "uint", "float", "never"]);

/** What the symbol of a shim is made of: a path, and what marks it as a shim of that path. */
export type SymbolPath =
  | { readonly kind: "item"; readonly item: FnItem; readonly args: readonly Ty[]; readonly shim?: string }
  /** `<self as trait>::name`; `trait` includes `Self`. */
  | { readonly kind: "method"; readonly ref: TraitRef; readonly name: string; readonly shim?: string }
  | { readonly kind: "path"; readonly path: string; readonly args: readonly Ty[]; readonly shim?: string }
  /** A closure as a function. */
  | { readonly kind: "closure"; readonly ty: TyOf<"closure">; readonly shim: string }
  /** The constructor of a tuple struct or variant. */
  | { readonly kind: "ctor"; readonly ty: TyOf<"adt">; readonly variant: number };

/** The symbol of `path`. `tcx` is needed for items of generic impls. */
export function mangleV0(path: SymbolPath, tcx?: TyCtxt): string {
  const mangler = new Mangler(tcx);
  mangler.symbol(path);
  return mangler.out;
}

/** The parts of a path, split at the `::` that are outside of all brackets. */
export function pathSegments(path: string): string[] {
  const segments: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < path.length; i++) {
    const c = path[i];
    if (c === "<" || c === "{" || c === "[" || c === "(") depth++;
    else if ((c === ">" && path[i - 1] !== "-") || c === "}" || c === "]" || c === ")") depth--;
    else if (c === ":" && path[i + 1] === ":" && depth === 0) {
      segments.push(path.slice(start, i));
      start = i + 2;
      i++;
    }
  }
  segments.push(path.slice(start));
  return segments;
}

class Mangler {
  out = "_R";
  private readonly tcx: TyCtxt | undefined;
  /** Where what was first written: paths, types and constants, by their own mangling without back references. */
  private readonly seen = new Map<string, number>();
  private readonly seenTys = new Map<Ty, number>();

  constructor(tcx: TyCtxt | undefined) {
    this.tcx = tcx;
  }

  symbol(path: SymbolPath): void {
    const shim = "shim" in path ? path.shim : undefined;
    if (shim !== undefined) this.out += "NS";
    switch (path.kind) {
      case "item":
        this.item(path.item, path.args);
        break;
      case "method":
        this.out += "NvY";
        this.ty(path.ref.args[0] ?? missing());
        this.path(path.ref.trait.name, path.ref.args.slice(1), "t");
        this.identifier(path.name);
        break;
      case "path":
        this.path(path.path, path.args, "v");
        break;
      case "closure":
        this.ty(path.ty);
        break;
      case "ctor":
        this.ctor(path.ty, path.variant);
    }
    if (shim !== undefined) this.identifier(shim);
    if (isMadeAnywhere(path)) this.crate(LOCAL_CRATE);
  }

  private ctor({ def, args }: TyOf<"adt">, variant: number): void {
    this.out += def.adtKind === "enum" ? "NcNt" : "Nc";
    this.path(def.name, args, "t");
    if (def.adtKind === "enum") this.identifier(def.variants[variant]!.name);
    this.identifier("");
  }

  private item(item: FnItem, args: readonly Ty[]): void {
    const { parent } = item;
    const name = item.assocName ?? pathSegments(item.name).at(-1)!;
    if (parent === undefined) {
      this.path(item.name, args, "v");
      return;
    }
    const own = args.slice(parent.generics.length);
    if (own.length > 0) this.out += "I";
    this.out += "Nv";
    if (parent.kind === "impl") {
      this.impl(parent, args);
    } else {
      this.out += "Y";
      this.ty(args[0] ?? missing());
      this.path(parent.name, args.slice(1, parent.generics.length), "t");
    }
    this.identifier(name);
    if (own.length > 0) this.genericArgs(own);
  }

  /** `<impl Trait for Self>`: where it stands is not known, so it stands in the crate's root. */
  private impl(impl: ImplDef, args: readonly Ty[]): void {
    this.out += impl.trait === undefined ? "M" : "X";
    this.crate(LOCAL_CRATE);
    this.ty(this.fill(impl.selfTy, args));
    if (impl.trait === undefined) return;
    const rest = impl.trait.args.slice(1);
    const filled = this.tcx === undefined ? rest : substituteAll(this.tcx, rest, args);
    this.path(impl.trait.trait.name, filled, "t");
  }

  private fill(ty: Ty, args: readonly Ty[]): Ty {
    return this.tcx === undefined ? ty : substitute(this.tcx, ty, args);
  }

  /** `a::b::<args>`; the last segment is in `namespace` (`t` for types, `v` for values). */
  private path(path: string, args: readonly Ty[], namespace: string): void {
    if (args.length > 0 && isClosurePath(path)) {
      this.closurePath(path, args);
      return;
    }
    const key = `${namespace}${path}<${args.map((a) => a.text).join(",")}>`;
    if (args.length > 0) {
      if (this.backReference(this.seen.get(key))) return;
      const start = this.out.length;
      this.out += "I";
      this.path(path, [], namespace);
      this.genericArgs(args);
      this.seen.set(key, start);
      return;
    }
    const [crate, segments] = splitCrate(pathSegments(path));
    this.segments(crate, segments, namespace);
  }

  /** The closure `path`; `args` are those of the function that it stands in. */
  private closurePath(path: string, args: readonly Ty[]): void {
    const key = `closure ${path}<${args.map((a) => a.text).join(",")}>`;
    if (this.backReference(this.seen.get(key))) return;
    const start = this.out.length;
    const at = path.lastIndexOf("::");
    this.out += "NC";
    this.path(path.slice(0, Math.max(0, at)), args, "v");
    this.lastSegment(path.slice(at + 2));
    this.seen.set(key, start);
  }

  private lastSegment(segment: string): void {
    const number = closureNumber(segment);
    if (number === undefined) {
      this.identifier(segment);
      return;
    }
    this.optional62("s", number);
    this.identifier("");
  }

  private segments(crate: string, segments: readonly string[], namespace: string): void {
    if (segments.length === 0) {
      this.crate(crate);
      return;
    }
    const key = `${namespace} ${crate}::${segments.join("::")}`;
    if (this.backReference(this.seen.get(key))) return;
    const start = this.out.length;
    const last = segments.at(-1)!;
    const isClosure = closureNumber(last) !== undefined;
    this.out += `N${isClosure ? "C" : namespace}`;
    const inFn = isClosure || closureNumber(segments.at(-2) ?? "") !== undefined;
    this.segments(crate, segments.slice(0, -1), inFn ? "v" : "t");
    this.lastSegment(last);
    this.seen.set(key, start);
  }

  private crate(name: string): void {
    const key = `crate ${name}`;
    if (this.backReference(this.seen.get(key))) return;
    const start = this.out.length;
    this.out += "C";
    this.identifier(name);
    this.seen.set(key, start);
  }

  private genericArgs(args: readonly Ty[]): void {
    for (const arg of args) {
      if (arg.kind === "constArg") {
        this.out += "K";
        this.constant(arg.ty, arg.bits);
      } else {
        this.ty(arg);
      }
    }
    this.out += "E";
  }

  /** A const argument or a length: its type and its value in hexadecimal. */
  private constant(ty: Ty, bits: bigint): void {
    const key = `const ${ty.text} ${bits}`;
    if (this.backReference(this.seen.get(key))) return;
    this.seen.set(key, this.out.length);
    this.ty(ty);
    let value = bits;
    if (ty.kind === "int") {
      const width = ty.width === "size" ? 64 : ty.width;
      value = BigInt.asIntN(width, bits);
      if (value < 0n) {
        this.out += "n";
        value = -value;
      }
    }
    this.out += `${value.toString(16)}_`;
  }

  private ty(ty: Ty): void {
    const basic = BASIC_KINDS.has(ty.kind) || ty.text === "()" ? BASIC_TYPES.get(ty.text) : undefined;
    if (basic !== undefined) {
      this.out += basic;
      return;
    }
    if (ty.kind === "param" || ty.kind === "alias" || ty.kind === "anonConst") {
      this.out += "p";
      return;
    }
    if (this.backReference(this.seenTys.get(ty))) return;
    const start = this.out.length;
    this.compound(ty);
    this.seenTys.set(ty, start);
  }

  private compound(ty: Ty): void {
    switch (ty.kind) {
      case "ref":
      case "ptr":
        this.out += ty.kind === "ref" ? (ty.mutability === "mut" ? "Q" : "R") : ty.mutability === "mut" ? "O" : "P";
        this.ty(ty.pointee);
        return;
      case "array":
        this.out += "A";
        this.ty(ty.element);
        this.constant(TY_USIZE, BigInt(ty.length));
        return;
      case "slice":
        this.out += "S";
        this.ty(ty.element);
        return;
      case "tuple":
        this.out += "T";
        for (const field of ty.fields) this.ty(field);
        this.out += "E";
        return;
      case "adt":
        this.path(ty.def.name, ty.args, "t");
        return;
      case "foreign":
        this.path(ty.name, [], "t");
        return;
      case "fndef":
        this.item(ty.item, ty.args);
        return;
      case "closure":
        this.path(ty.def.body?.name ?? ty.def.name, ty.args, "v");
        return;
      case "fnptr":
        this.fnPtr(ty);
        return;
      case "dynamic":
        this.dyn(ty.predicates);
        return;
      default:
        throw bug(`a symbol of ${ty.text}`);
    }
  }

  private fnPtr(ty: TyOf<"fnptr">): void {
    this.out += "F";
    if (ty.unsafe) this.out += "U";
    if (ty.abi === "C") {
      this.out += "KC";
    } else if (ty.abi !== "Rust") {
      this.out += "K";
      this.identifier(ty.abi.replaceAll("-", "_"));
    }
    for (const param of ty.params) this.ty(param);
    this.out += ty.variadic ? "vE" : "E";
    this.ty(ty.ret);
  }

  private dyn({ principal, projections, autos }: DynPredicates): void {
    this.out += "D";
    if (principal !== undefined) this.path(principal.trait.name, principal.args, "t");
    for (const { name, ty } of projections) {
      this.out += "p";
      this.identifier(name);
      this.ty(ty);
    }
    for (const trait of autos) this.path(trait.name, [], "t");
    // The erased lifetime of the object.
    this.out += "EL_";
  }

  /** Refers back to `position`; false when there is none. */
  private backReference(position: number | undefined): boolean {
    if (position === undefined) return false;
    this.out += "B";
    this.integer62(BigInt(position - 2));
    return true;
  }

  /** `x` in base 62, less one, ended by `_`; zero is `_` alone. */
  private integer62(x: bigint): void {
    if (x > 0n) this.out += base62(x - 1n);
    this.out += "_";
  }

  private optional62(tag: string, x: bigint): void {
    if (x === 0n) return;
    this.out += tag;
    this.integer62(x - 1n);
  }

  private identifier(name: string): void {
    const plain = name.replace(/[^A-Za-z0-9_]/g, (c) => `_${(c.codePointAt(0) ?? 0).toString(16)}_`);
    this.out += `${plain.length}${/^[_0-9]/.test(plain) ? "_" : ""}${plain}`;
  }
}

function missing(): Ty {
  throw bug("a trait's method without `Self`");
}

/** The number in `{closure#N}`. */
function closureNumber(segment: string): bigint | undefined {
  const number = /^\{closure#(\d+)\}$/.exec(segment)?.[1];
  return number === undefined ? undefined : BigInt(number);
}

function isClosurePath(path: string): boolean {
  return path.endsWith("}") && closureNumber(path.slice(path.lastIndexOf("::") + 2)) !== undefined;
}

/** Whether several crates may make the function, each its own. */
function isMadeAnywhere(path: SymbolPath): boolean {
  switch (path.kind) {
    case "item":
      return path.args.length > 0 || path.shim !== undefined || path.item.closure !== undefined;
    case "path":
      return path.args.length > 0 || path.shim !== undefined;
    case "ctor":
      return path.ty.args.length > 0;
    default:
      return true;
  }
}

const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

function base62(x: bigint): string {
  let digits = "";
  let rest = x;
  do {
    digits = DIGITS[Number(rest % 62n)]! + digits;
    rest /= 62n;
  } while (rest > 0n);
  return digits;
}
