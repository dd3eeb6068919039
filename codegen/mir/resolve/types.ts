/**
 * Types and generic arguments of MIR text and Rust items: from syntax to `Ty`. Lifetimes are erased.
 */

import type { ClosureDef, DynPredicates, Predicate, TraitDef, TraitRef } from "../items.ts";
import { intFromValue } from "../literal.ts";
import type * as text from "../text/ast.ts";
import { pathText, typeText } from "../text/print-type.ts";
import { type AdtDef, isIntegral, PRIMITIVE_TYPES, TY_NEVER, TY_UNIT, TY_USIZE, type Ty } from "../ty.ts";
import { literalBits } from "./literals.ts";
import { matchTys } from "./unify.ts";
import { type AliasDef, errorIn, type Scope, unsupportedIn } from "./world.ts";

export function resolveTy(scope: Scope, ty: text.Type): Ty {
  const known = scope.tys.get(ty);
  if (known !== undefined) return known;
  const made = resolveTyHere(scope, ty);
  scope.tys.set(ty, made);
  return made;
}

function resolveTyHere(scope: Scope, ty: text.Type): Ty {
  const { tcx } = scope.world;
  switch (ty.kind) {
    case "path":
      return resolvePathTy(scope, ty.path);
    case "never":
      return TY_NEVER;
    case "ref":
      return tcx.ref(ty.mutable ? "mut" : "not", resolveTy(scope, ty.pointee));
    case "ptr":
      return tcx.ptr(ty.mutable ? "mut" : "not", resolveTy(scope, ty.pointee));
    case "tuple":
      return tcx.tuple(ty.fields.map((field) => resolveTy(scope, field)));
    case "array":
      return tcx.arrayOf(resolveTy(scope, ty.element), resolveLength(scope, ty.length));
    case "slice":
      return tcx.slice(resolveTy(scope, ty.element));
    case "fnPtr": {
      const { params, ret, safety, abi } = ty.sig;
      if (ty.sig.variadic) throw unsupportedIn(scope, "a pointer to a function with variable arguments");
      return tcx.fnPtr(
        params.map((param) => resolveTy(scope, param)),
        ret === undefined ? TY_UNIT : resolveTy(scope, ret),
        { unsafe: safety === "unsafe", abi: abiName(abi) },
      );
    }
    case "fnDef": {
      const found = fnDefResolver(scope, ty.path);
      return tcx.fnDef(found.item, found.args);
    }
    case "dyn":
      return tcx.dynamic(resolveDyn(scope, ty.bounds));
    case "impl":
      return resolveImplTy(scope, ty);
    case "paren":
      return resolveTy(scope, ty.ty);
    case "closure":
      return resolveClosureTy(scope, ty);
    case "pattern":
      return resolveTy(scope, ty.base);
    default:
      throw unsupportedIn(scope, `the type \`${typeText(ty)}\``);
  }
}

/** Function items in types need path resolution, which needs types: it is handed in by `paths.ts`. */
let fnDefResolver: (
  scope: Scope,
  path: text.Path,
) => { readonly item: Parameters<Scope["world"]["tcx"]["fnDef"]>[0]; readonly args: readonly Ty[] };

export function setFnDefResolver(resolver: typeof fnDefResolver): void {
  fnDefResolver = resolver;
}

export function abiName(abi: string | undefined): string {
  if (abi === undefined) return "Rust";
  return abi === "" ? "C" : abi.replaceAll('"', "");
}

// ---- paths

/** The names of a path, without arguments. */
export function pathName(path: text.Path): string {
  const { segments } = path;
  if (segments.length === 1 && segments[0]!.kind === "name") return segments[0].name;
  return segments.map((segment) => (segment.kind === "name" ? segment.name : pathText(path))).join("::");
}

/** The generic arguments behind the segments of a path up to `end`, in order. */
export function argsOf(path: text.Path, from = 0, end: number = path.segments.length): readonly text.GenericArg[] {
  let found: readonly text.GenericArg[] = [];
  for (let i = from; i < end; i++) {
    const { args } = path.segments[i]!;
    if (args?.kind === "angle" && args.args.length > 0)
      found = found.length === 0 ? args.args : [...found, ...args.args];
  }
  return found;
}

function resolvePathTy(scope: Scope, path: text.Path): Ty {
  const { segments } = path;
  const first = segments[0]!;
  if (first.kind === "qself") return resolveProjection(scope, path);
  if (first.kind === "name" && first.args === undefined) {
    const simple = segments.length === 1 ? simpleTy(scope, first.name) : undefined;
    if (simple !== undefined) return simple;
    if (segments.length === 2) {
      const base = paramOrSelf(scope, first.name);
      if (base !== undefined) return resolveAssoc(scope, base, first.name, segments[1]!);
    }
  }
  const name = pathName(path);
  const { world } = scope;
  const def = world.lookup(world.adts, name, scope.module);
  if (def === "several") throw errorIn(scope, `several types are named \`${name}\``, "write its full path");
  if (def !== undefined) return adtTy(scope, def, argsOf(path));
  const alias = world.lookup(world.aliases, name, scope.module);
  if (alias !== undefined && alias !== "several") return aliasTy(scope, alias, argsOf(path));
  const foreign = world.foreignTys.find(name, scope.module);
  if (foreign !== undefined && foreign !== "several") return foreign;
  throw errorIn(scope, `unknown type \`${name}\``, "declare it with `struct` or `enum`");
}

function simpleTy(scope: Scope, word: string): Ty | undefined {
  return paramOrSelf(scope, word) ?? PRIMITIVE_TYPES.get(word);
}

function paramOrSelf(scope: Scope, word: string): Ty | undefined {
  const index = scope.generics.indexOf(word);
  if (index >= 0) return scope.world.tcx.param(index, word);
  return word === "Self" ? scope.self : undefined;
}

/** `def` with written arguments: defaults fill what is left out. */
export function adtTy(scope: Scope, def: AdtDef, args: readonly text.GenericArg[]): Ty {
  if (def.generics.length === 0 && args.length === 0) return scope.world.tcx.adt(def);
  return scope.world.tcx.adt(def, fillArgs(scope, def, resolveArgs(scope, args, def.constParams)));
}

interface Generic {
  readonly name: string;
  readonly generics: readonly string[];
  readonly constParams?: readonly (Ty | undefined)[];
  readonly defaults?: readonly (Ty | undefined)[];
}

/** `args` with the defaults of those that are not written; `skip`: parameters at the front that no text gives. */
export function fillArgs(scope: Scope, def: Generic, args: readonly Ty[], skip = 0): readonly Ty[] {
  const wanted = def.generics.length;
  if (args.length === wanted) return args;
  const filled = [...args];
  while (filled.length < wanted) {
    const value = def.defaults?.[filled.length];
    if (value === undefined) break;
    filled.push(scope.world.tcx.substitute(value, filled));
  }
  if (filled.length !== wanted) {
    throw errorIn(scope, `\`${def.name}\` has ${wanted - skip} type parameters, not ${args.length - skip}`);
  }
  return filled;
}

/** Written arguments without lifetimes and bindings; `constParams` by position of what is kept. */
export function resolveArgs(
  scope: Scope,
  args: readonly text.GenericArg[],
  constParams: readonly (Ty | undefined)[] | undefined,
  offset = 0,
): Ty[] {
  const out: Ty[] = [];
  for (const arg of args) {
    if (arg.kind !== "type" && arg.kind !== "const") continue;
    const constTy = constParams?.[offset + out.length];
    if (arg.kind === "type")
      out.push(constTy === undefined ? resolveTy(scope, arg.ty) : constArgOfTy(scope, arg.ty, constTy));
    else out.push(resolveConstArg(scope, arg.value, constTy ?? TY_USIZE));
  }
  return out;
}

/** A path where a const parameter wants a value: a parameter, or a constant. */
function constArgOfTy(scope: Scope, ty: text.Type, expected: Ty): Ty {
  if (ty.kind === "path") return resolveConstArg(scope, { kind: "path", path: ty.path }, expected);
  throw errorIn(scope, `\`${typeText(ty)}\` is no value`);
}

/** A value as a generic argument or an array's length: `constArg`, `param` or `anonConst`. */
export function resolveConstArg(scope: Scope, value: text.Const, expected: Ty): Ty {
  const { tcx } = scope.world;
  switch (value.kind) {
    case "literal": {
      const bits = literalBits(value.literal, value.text, expected);
      if (bits === undefined) break;
      return tcx.constArg(expected, bits, value.text);
    }
    case "path": {
      const bits = sourceValue(scope, pathName(value.path), expected);
      if (bits !== undefined) return tcx.constArg(expected, bits, String(bits));
      const found = unitVariantTy(scope, value.path, expected) ?? constPathTy(scope, value.path);
      if (found !== undefined) return found;
      break;
    }
    case "expr": {
      const bits = sourceValue(scope, value.text.replace(/^\{|\}$/g, "").trim(), expected);
      if (bits !== undefined) return tcx.constArg(expected, bits, String(bits));
      const word = value.text.replace(/[{}\s]/g, "");
      const param = scope.generics.indexOf(word);
      if (param >= 0) return tcx.param(param, word);
      break;
    }
    default:
  }
  throw unsupportedIn(scope, "this constant in a type");
}

/** A variant without fields as an argument: `f::<Ordering::Less>`. */
function unitVariantTy({ world }: Scope, path: text.Path, expected: Ty): Ty | undefined {
  const last = path.segments.at(-1);
  if (expected.kind !== "adt" || expected.def.adtKind !== "enum" || path.segments.length < 2 || last?.kind !== "name")
    return undefined;
  const variant = expected.def.variants.find((v) => v.name === last.name && v.fields.length === 0);
  return variant === undefined ? undefined : world.tcx.constArg(expected, variant.discriminant, pathText(path));
}

/** A const parameter or item as an argument. */
function constPathTy(scope: Scope, path: text.Path): Ty | undefined {
  const { world } = scope;
  const name = pathName(path);
  const index = scope.generics.indexOf(name);
  if (index >= 0) return world.tcx.param(index, name);
  const found = constItemResolver(scope, path);
  return found === undefined ? undefined : world.tcx.anonConst(found.item, found.args, pathText(path));
}

let constItemResolver: (
  scope: Scope,
  path: text.Path,
) => { readonly item: Parameters<Scope["world"]["tcx"]["anonConst"]>[0]; readonly args: readonly Ty[] } | undefined;

export function setConstItemResolver(resolver: typeof constItemResolver): void {
  constItemResolver = resolver;
}

/** The value of an expression of integers and constants of the source. */
function sourceValue(scope: Scope, expr: string, expected: Ty): bigint | undefined {
  if (!isIntegral(expected) || scope.generics.includes(expr)) return undefined;
  const value = exprValue(withConstants(scope, expr, 0));
  return value === undefined ? undefined : intFromValue(expected, value);
}

const MAX_CONST_DEPTH = 8;
const KEYWORDS: ReadonlySet<string> = new Set(["as", ...PRIMITIVE_TYPES.keys()]);

/** `expr` with the names of constants replaced by what they are initialised with. */
function withConstants(scope: Scope, expr: string, depth: number): string {
  if (depth > MAX_CONST_DEPTH) return expr;
  return expr.replace(/\b[A-Za-z_]\w*(?:::\w+)*/g, (name) => {
    if (KEYWORDS.has(name)) return name;
    const text = scope.world.constTexts.find(name, scope.module);
    return text === undefined || text === "several" ? name : `(${withConstants(scope, text, depth + 1)})`;
  });
}

function resolveLength(scope: Scope, length: text.Const): Ty {
  return resolveConstArg(scope, length, TY_USIZE);
}

/** The value of an expression of integers: `1 << 3`, `-1`, `0x10 | 2`; `undefined` when it has anything else. */
export function exprValue(expr: string): bigint | undefined {
  const tokens =
    expr.match(/0[xob][\da-fA-F_]+|\d[\d_]*|<<|>>|[-+*/%|&^!()]|[iu](?:8|16|32|64|128|size)\b|as\b|\s+|./g) ?? [];
  return new ExprReader(tokens.filter((token) => token.trim() !== "")).whole();
}

/** By precedence, weakest first. */
const LEVELS: readonly (readonly string[])[] = [["|"], ["^"], ["&"], ["<<", ">>"], ["+", "-"], ["*", "/", "%"]];

class ExprReader {
  private readonly tokens: readonly string[];
  private at = 0;

  constructor(tokens: readonly string[]) {
    this.tokens = tokens;
  }

  whole(): bigint | undefined {
    const value = this.level(0);
    return this.at === this.tokens.length ? value : undefined;
  }

  private level(level: number): bigint | undefined {
    const operators = LEVELS[level];
    if (operators === undefined) return this.atom();
    let left = this.level(level + 1);
    for (let op = this.tokens[this.at]; op !== undefined && operators.includes(op); op = this.tokens[this.at]) {
      this.at++;
      left = apply(op, left, this.level(level + 1));
    }
    return left;
  }

  private atom(): bigint | undefined {
    const token = this.tokens[this.at++] ?? "";
    let value: bigint | undefined;
    if (token === "-") {
      const inner = this.atom();
      return inner === undefined ? undefined : -inner;
    }
    if (token === "(") {
      value = this.level(0);
      if (this.tokens[this.at++] !== ")") return undefined;
    } else if (/^\d/.test(token)) {
      value = BigInt(token.replaceAll("_", ""));
      if (/^[iu](?:8|16|32|64|128|size)$/.test(this.tokens[this.at] ?? "")) this.at++;
    }
    while (this.tokens[this.at] === "as") this.at += 2;
    return value;
  }
}

function apply(op: string, left: bigint | undefined, right: bigint | undefined): bigint | undefined {
  if (left === undefined || right === undefined) return undefined;
  switch (op) {
    case "|":
      return left | right;
    case "^":
      return left ^ right;
    case "&":
      return left & right;
    case "<<":
      return right < 256n ? left << right : undefined;
    case ">>":
      return right < 256n ? left >> right : undefined;
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    default:
      if (right === 0n) return undefined;
      return op === "/" ? left / right : left % right;
  }
}

function aliasTy(scope: Scope, alias: AliasDef, written: readonly text.GenericArg[]): Ty {
  alias.ty ??= alias.fill();
  const args = resolveArgs(scope, written, alias.constParams);
  if (args.length !== alias.generics.length) {
    throw errorIn(scope, `\`${alias.name}\` has ${alias.generics.length} type parameters, not ${args.length}`);
  }
  return scope.world.tcx.substitute(alias.ty, args);
}

// ---- traits

/** The trait that `path` names. */
export function resolveTrait(scope: Scope, path: text.Path): TraitDef {
  const { world } = scope;
  const name = pathName(path);
  const trait = world.lookup(world.traits, name, scope.module);
  if (trait === "several") throw errorIn(scope, `several traits are named \`${name}\``, "write its full path");
  if (trait === undefined) throw errorIn(scope, `unknown trait \`${name}\``, "declare it with `trait`");
  return trait;
}

/** `self: Path<…>`; `Fn(A, B) -> C` is `Fn<(A, B)>`. */
export function resolveTraitRef(scope: Scope, path: text.Path, self: Ty): TraitRef {
  const trait = resolveTrait(scope, path);
  return { trait, args: fillArgs(scope, trait, [self, ...traitArgs(scope, trait, path)], 1) };
}

function traitArgs(scope: Scope, trait: TraitDef, path: text.Path): readonly Ty[] {
  const { args } = path.segments.at(-1)!;
  if (args?.kind === "paren") return [scope.world.tcx.tuple(args.inputs.map((input) => resolveTy(scope, input)))];
  return resolveArgs(scope, argsOf(path), trait.constParams, 1);
}

/** The predicates that bounds of `self` stand for: lifetimes say nothing here, and `?Sized` is `relaxedBounds`. */
export function resolveBounds(scope: Scope, self: Ty, bounds: readonly text.Bound[]): Predicate[] {
  const out: Predicate[] = [];
  for (const bound of bounds) {
    if (bound.kind !== "trait" || bound.modifier === "?" || bound.modifier === "!") continue;
    const ref = resolveTraitRef(scope, bound.path, self);
    out.push({ kind: "trait", ref });
    const { args } = bound.path.segments.at(-1)!;
    if (args?.kind === "paren") {
      const output = args.output === undefined ? TY_UNIT : resolveTy(scope, args.output);
      out.push({ kind: "projection", ref: outputRef(scope, ref), name: "Output", ty: output });
    } else if (args?.kind === "angle") {
      for (const arg of args.args) {
        if (arg.kind === "binding" && arg.value.kind === "type") {
          const owner = assocOwner(ref, arg.name) ?? ref;
          out.push({ kind: "projection", ref: owner, name: arg.name, ty: resolveTy(scope, arg.value.ty) });
        } else if (arg.kind === "bound") {
          const owner = assocOwner(ref, arg.name) ?? ref;
          const assoc = scope.world.tcx.alias(owner.trait, arg.name, owner.args);
          out.push(...resolveBounds(scope, assoc, arg.bounds));
        }
      }
    }
  }
  return out;
}

/** `Output` is `FnOnce`'s, which `FnMut` and `Fn` have above them. */
function outputRef(scope: Scope, ref: TraitRef): TraitRef {
  return (
    assocOwner(ref, "Output") ??
    (ref.trait.generics.length > 1 ? { ...ref } : { trait: scope.trait ?? ref.trait, args: ref.args })
  );
}

/** The trait at or above `ref` that declares the type `name`, with its arguments. */
export function assocOwner(ref: TraitRef, name: string, depth = 0): TraitRef | undefined {
  if (ref.trait.assocTypes.some((assoc) => assoc.name === name)) return ref;
  if (depth > 16) return undefined;
  for (const above of ref.trait.supertraits) {
    const owner = assocOwner(
      { trait: above.trait, args: above.args.map((arg) => substituteSelf(arg, ref)) },
      name,
      depth + 1,
    );
    if (owner !== undefined) return owner;
  }
  return undefined;
}

/** A supertrait's argument, of which only parameters of the trait below are looked at. */
function substituteSelf(arg: Ty, ref: TraitRef): Ty {
  return arg.kind === "param" ? (ref.args[arg.index] ?? arg) : arg;
}

function resolveDyn(scope: Scope, bounds: readonly text.Bound[]): DynPredicates {
  let principal: TraitRef | undefined;
  const projections: { trait: TraitDef; args: readonly Ty[]; name: string; ty: Ty }[] = [];
  const autos: TraitDef[] = [];
  // Stands for the `Self` that a `dyn` type leaves out, so that defaults can be filled.
  const self = scope.world.tcx.param(0, "dyn Self");
  for (const bound of bounds) {
    if (bound.kind !== "trait") continue;
    const trait = resolveTrait(scope, bound.path);
    if (isAuto(trait)) {
      autos.push(trait);
      continue;
    }
    if (principal !== undefined) throw errorIn(scope, "a `dyn` type has one trait beside auto traits");
    const ref = resolveTraitRef(scope, bound.path, self);
    principal = { trait, args: ref.args.slice(1) };
    for (const predicate of resolveBounds(scope, self, [bound])) {
      if (predicate.kind !== "projection") continue;
      const owner = predicate.ref;
      projections.push({ trait: owner.trait, args: owner.args.slice(1), name: predicate.name, ty: predicate.ty });
    }
  }
  return { principal, projections, autos };
}

function isAuto(trait: TraitDef): boolean {
  return trait.lang === "auto" || trait.lang === "send" || trait.lang === "sync" || trait.lang === "unpin";
}

// ---- associated types

/** `<T as Trait<A>>::Name<B>`. */
function resolveProjection(scope: Scope, path: text.Path): Ty {
  const first = path.segments[0]!;
  const last = path.segments[1];
  if (first.kind !== "qself" || last?.kind !== "name" || path.segments.length !== 2) {
    throw unsupportedIn(scope, `the type \`${pathText(path)}\``);
  }
  const self = resolveTy(scope, first.ty);
  if (first.trait === undefined) return resolveAssoc(scope, self, self.text, last);
  const ref = resolveTraitRef(scope, first.trait, self);
  const owner = assocOwner(ref, last.name);
  if (owner === undefined) throw errorIn(scope, `\`${ref.trait.name}\` has no type \`${last.name}\``);
  return project(scope, owner, last.name, resolveArgs(scope, argsOf(path, 1), undefined));
}

/** `T::Name`: what `T` is known to implement says which trait's. */
function resolveAssoc(scope: Scope, base: Ty, text: string, segment: text.PathSegment): Ty {
  if (segment.kind !== "name") throw unsupportedIn(scope, "this path in a type");
  const own = segment.args?.kind === "angle" ? resolveArgs(scope, segment.args.args, undefined) : [];
  const { impl, trait } = scope;
  if (impl !== undefined && base === scope.self) {
    const found = impl.assocTypes.find((assoc) => assoc.name === segment.name);
    if (found !== undefined && found.generics.length === 0) return found.ty;
    if (impl.trait !== undefined) {
      const owner = assocOwner(impl.trait, segment.name);
      if (owner !== undefined) return project(scope, owner, segment.name, own);
    }
  }
  if (trait !== undefined && base.kind === "param" && base.index === 0) {
    const identity = trait.generics.map((name, i) => scope.world.tcx.param(i, name));
    const owner = assocOwner({ trait, args: identity }, segment.name);
    if (owner !== undefined) return project(scope, owner, segment.name, own);
  }
  for (const predicate of scope.predicates) {
    if (predicate.kind !== "trait" || predicate.ref.args[0] !== base) continue;
    const owner = assocOwner(predicate.ref, segment.name);
    if (owner !== undefined) return project(scope, owner, segment.name, own);
  }
  throw errorIn(scope, `nothing says what \`${text}::${segment.name}\` is`);
}

/** An associated type: what a bound or an impl gives for it, when that is known already; else the projection itself. */
function project(scope: Scope, ref: TraitRef, name: string, own: readonly Ty[]): Ty {
  const { tcx } = scope.world;
  for (const predicate of scope.predicates) {
    if (predicate.kind !== "projection" || predicate.name !== name || predicate.ref.trait !== ref.trait) continue;
    if (own.length === 0 && matchTys(tcx, predicate.ref.args, ref.args, [])) {
      if (predicate.ref.args.every((arg, i) => arg === ref.args[i])) return predicate.ty;
    }
  }
  const found = ref.args[0]!.kind === "param" ? undefined : scope.world.implFor(ref.trait, ref.args);
  const given = found?.impl.assocTypes.find((assoc) => assoc.name === name);
  if (found !== undefined && given !== undefined) return tcx.substitute(given.ty, [...found.args, ...own]);
  return tcx.alias(ref.trait, name, [...ref.args, ...own]);
}

// ---- opaque types and closures

/** `impl Trait` of a parameter: a parameter of its own, named by its text. */
function resolveImplTy(scope: Scope, ty: Extract<text.Type, { kind: "impl" }>): Ty {
  const name = typeText(ty);
  const exact = scope.generics.indexOf(name);
  if (exact >= 0) return scope.world.tcx.param(exact, name);
  const opaque = scope.generics.filter((generic) => generic.startsWith("impl "));
  if (opaque.length === 1) return scope.world.tcx.param(scope.generics.indexOf(opaque[0]!), opaque[0]!);
  throw unsupportedIn(scope, `the type \`${name}\``);
}

/** A closure's location without the folders of its file. */
export function closureKey(location: string): string {
  return location.slice(location.lastIndexOf("/") + 1);
}

/** What a closure is known by whose type has the arguments of its function: the path without them. */
export function closurePathKey({ path }: Extract<text.Type, { kind: "closure" }>): string | undefined {
  if (path === undefined || argsOf(path).length === 0) return undefined;
  const names = path.segments.map((segment) => (segment.kind === "name" ? segment.name : undefined));
  return names.includes(undefined) ? undefined : names.join("::");
}

function resolveClosureTy(scope: Scope, ty: Extract<text.Type, { kind: "closure" }>): Ty {
  if (ty.what !== "closure") throw unsupportedIn(scope, `the type \`${typeText(ty)}\``);
  const def = scope.world.closures.get(closurePathKey(ty) ?? "") ?? closureDef(scope, ty);
  const written = ty.path === undefined ? [] : argsOf(ty.path);
  if (written.length > 0 && written.length === def.generics.length) {
    return scope.world.tcx.closure(def, resolveArgs(scope, written, undefined));
  }
  // The text does not say with which arguments its parent was instantiated: inside of the parent they are the parameters themselves.
  const args = def.generics.map((name, i) => {
    if (scope.generics[i] !== name)
      throw unsupportedIn(scope, `the closure \`${def.name}\` outside of its generic function`);
    return scope.world.tcx.param(i, name);
  });
  return scope.world.tcx.closure(def, args);
}

function closureDef(scope: Scope, ty: Extract<text.Type, { kind: "closure" }>): ClosureDef {
  const { closures } = scope.world;
  const key = closureKey(ty.location);
  const known = closures.get(key);
  if (known !== undefined) return known;
  // A closure of another crate, or one whose body the text does not have.
  const made: ClosureDef = {
    kind: "closure",
    name: `{closure@${ty.location}}`,
    generics: [],
    upvars: [],
    upvarNames: [],
    closureKind: "fn",
    body: undefined,
  };
  closures.set(key, made);
  return made;
}
