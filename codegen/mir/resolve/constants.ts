/**
 * Constants of MIR text: from syntax to `Const`.
 *
 * Most tell their type; `[]`, byte strings of slices and the parts of tuples take it from where they stand, the *expected* type.
 */

import type { ConstItem } from "../items.ts";
import { fieldlessTagBits, parseStr, scalarBits } from "../literal.ts";
import { fieldTysOf } from "../place-ty.ts";
import type { Const } from "../syntax.ts";
import type * as text from "../text/ast.ts";
import { pathText } from "../text/print-type.ts";
import { PRIMITIVE_TYPES, TY_STR, TY_U8, TY_UNIT, type Ty } from "../ty.ts";
import { findConst } from "./const-paths.ts";
import { resolvePointer } from "./const-pointers.ts";
import { resolveVariant, type VariantRef } from "./constructors.ts";
import { coreConst } from "./core-consts.ts";
import { scalarLiteral } from "./literals.ts";
import { argsOf, pathName } from "./path-names.ts";
import { findFn, itemName, resolveFn } from "./paths.ts";
import { resolveArgs, resolveTy } from "./types.ts";
import { errorIn, type Scope, unsupportedIn } from "./world.ts";

/** Literals with a type of their own mean the same everywhere: equal text is one object. */
const literals = new WeakMap<text.Const, Const>();

export function resolveConst(scope: Scope, value: text.Const, expected: Ty | undefined): Const {
  switch (value.kind) {
    case "literal":
      return literals.get(value) ?? resolveLiteral(scope, value, expected);
    case "path":
      return resolvePathConst(scope, value.path, expected);
    case "tuple":
      return resolveTuple(scope, value.elements, expected);
    case "array":
      return resolveArray(scope, value.elements, expected);
    case "tupleStruct":
      return resolveVariantConst(scope, value.path, expected, value.elements.length, (index, ty) =>
        resolveConst(scope, value.elements[index]!, ty),
      );
    case "struct":
      return resolveVariantConst(scope, value.path, expected, value.fields.length, (index, ty, name) => {
        const same = value.fields[index]!;
        const field = same.name === name ? same : (value.fields.find((f) => f.name === name) ?? same);
        return resolveConst(scope, field.value, ty);
      });
    case "alloc":
      return resolvePointer(scope, value.pointer, resolveTy(scope, value.ty));
    case "address": {
      const ty = resolveTy(scope, value.ty);
      if (ty.kind !== "ptr") throw unsupportedIn(scope, `a constant of type \`${ty.text}\``);
      return { kind: "scalar", ty, bits: fitting(scope, hex(scope, value.text), 64) };
    }
    case "fnPtr": {
      const found = resolveFn(scope, value.path);
      return { kind: "fn", ...found };
    }
    case "transmute":
      return resolveTransmute(scope, value, expected);
    case "scalar":
      return resolveScalar(scope, value);
    case "zeroSized":
      return { kind: "zst", ty: resolveTy(scope, value.ty) };
    case "pattern":
      return resolveConst(scope, value.value, expected);
    case "marker":
      if (value.text === "<uninit>")
        return uninitConst(scope, value.ty === undefined ? expected : resolveTy(scope, value.ty));
      throw unsupportedIn(scope, `the constant \`${value.text}\``);
    default:
      throw unsupportedIn(scope, "this constant");
  }
}

/** A union of which no field is written, and arrays of those. */
function uninitConst(scope: Scope, ty: Ty | undefined): Const {
  if (ty?.kind === "adt" && ty.def.adtKind === "union") return { kind: "aggregate", ty, variant: 0, fields: [] };
  if (ty?.kind === "array" && ty.length <= MAX_UNINIT) {
    const element = uninitConst(scope, ty.element);
    return { kind: "aggregate", ty, variant: 0, fields: new Array<Const>(ty.length).fill(element) };
  }
  throw unsupportedIn(scope, "a constant that is not initialised");
}

const MAX_UNINIT = 4096;

function resolveLiteral(
  scope: Scope,
  value: Extract<text.Const, { kind: "literal" }>,
  expected: Ty | undefined,
): Const {
  const scalar = scalarLiteral(value.literal, value.text, undefined);
  if (scalar !== undefined) {
    if ("error" in scalar) throw errorIn(scope, scalar.error, scalar.help);
    const made: Const = { kind: "scalar", ty: scalar.ty, bits: scalar.bits };
    literals.set(value, made);
    return made;
  }
  const bytes = parseStr(value.text);
  if (bytes === undefined) throw errorIn(scope, `${value.text} is no string`);
  const { tcx } = scope.world;
  if (value.literal === "str") return { kind: "bytes", ty: tcx.ref("not", TY_STR), bytes };
  if (value.literal !== "byteStr") throw unsupportedIn(scope, "this kind of string");
  const slice = expected?.kind === "ref" && expected.pointee.kind === "slice";
  return { kind: "bytes", ty: slice ? expected : tcx.ref("not", tcx.array(TY_U8, bytes.length)), bytes };
}

function resolveTuple(scope: Scope, elements: readonly text.Const[], expected: Ty | undefined): Const {
  if (elements.length === 0) return { kind: "zst", ty: TY_UNIT };
  const tys = expected?.kind === "tuple" ? expected.fields : undefined;
  const fields = elements.map((element, i) => resolveConst(scope, element, tys?.[i]));
  const ty = tys === undefined ? scope.world.tcx.tuple(fields.map((f) => constTyOf(scope, f))) : expected!;
  return { kind: "aggregate", ty, variant: 0, fields };
}

function constTyOf(scope: Scope, value: Const): Ty {
  return value.kind === "fn" ? scope.world.tcx.fnDef(value.item, value.args) : value.ty;
}

function resolveArray(scope: Scope, elements: readonly text.Const[], expected: Ty | undefined): Const {
  const { tcx } = scope.world;
  const element = expected?.kind === "array" ? expected.element : undefined;
  if (elements.length === 0) {
    if (expected?.kind === "array" && expected.length === 0) return { kind: "zst", ty: expected };
    throw errorIn(scope, "the type of `const []` is not known here", "write `const {transmute(()): [T; 0]}`");
  }
  const fields = elements.map((value) => resolveConst(scope, value, element));
  const ty =
    element === undefined ? tcx.array(constTyOf(scope, fields[0]!), fields.length) : tcx.array(element, fields.length);
  return { kind: "aggregate", ty, variant: 0, fields };
}

// ---- paths

function resolvePathConst(scope: Scope, path: text.Path, expected: Ty | undefined): Const {
  const { segments } = path;
  const first = segments[0]!;
  const known = first.kind === "name" ? wordConst(scope, path, first.name) : undefined;
  if (known !== undefined) return known;
  const bare = expectedVariant(path, expected);
  if (bare !== undefined && bare.ty.def.variants[bare.variant]!.fields.length === 0)
    return unitConst(scope, path, bare);
  const inImpl = segments.some((segment) => segment.kind === "impl")
    ? scope.world.consts.get(itemName(scope.world, path))
    : undefined;
  if (inImpl !== undefined && path.promoted < 0)
    return unevaluated(scope, inImpl, resolveArgs(scope, argsOf(path), inImpl.constParams));
  const fn = path.promoted < 0 ? findFn(scope, path) : undefined;
  if (fn !== undefined) return { kind: "fn", ...resolveFn(scope, path) };
  const variant = path.promoted < 0 ? resolveVariant(scope, path) : undefined;
  if (variant !== undefined) {
    const { ctor } = variant.ty.def.variants[variant.variant]!;
    if (ctor === "tuple" && expected?.kind !== "adt") return { kind: "fn", ...resolveFn(scope, path) };
    return unitConst(scope, path, variant);
  }
  const found = findConst(scope, path);
  if (found !== undefined) return unevaluated(scope, found.item, found.args);
  const core = coreConst(path);
  if (core !== undefined) return { kind: "scalar", ...core };
  throw unsupportedIn(scope, `the constant \`${pathText(path)}\``);
}

function unevaluated(scope: Scope, item: ConstItem, args: readonly Ty[]): Const {
  return { kind: "unevaluated", item, args, ty: scope.world.tcx.substitute(item.ty, args) };
}

/** A variant by its name alone, as parts of constants have it: `Some(Equal)`. */
function expectedVariant(path: text.Path, expected: Ty | undefined): VariantRef | undefined {
  const [first] = path.segments;
  if (path.segments.length !== 1 || first?.kind !== "name" || first.args !== undefined) return undefined;
  if (expected?.kind !== "adt" || expected.def.adtKind !== "enum") return undefined;
  const variant = expected.def.variants.findIndex((v) => v.name === first.name);
  return variant < 0 ? undefined : { ty: expected, variant };
}

/** A const parameter, or a constant of a primitive type: `i32::MAX`. */
function wordConst(scope: Scope, path: text.Path, word: string): Const | undefined {
  if (path.segments.length === 1) {
    const index = scope.generics.indexOf(word);
    const ty = index < 0 ? undefined : scope.constParams?.[index];
    return ty === undefined ? undefined : { kind: "param", ty, index, name: word };
  }
  const core = path.segments.length === 2 && PRIMITIVE_TYPES.has(word) ? coreConst(path) : undefined;
  return core === undefined ? undefined : { kind: "scalar", ...core };
}

/** A unit struct, or a variant without fields. */
export function unitConst(scope: Scope, path: text.Path, { ty, variant }: VariantRef): Const {
  const def = ty.def.variants[variant]!;
  if (def.fields.length > 0) throw unsupportedIn(scope, `a constant of type \`${ty.text}\``);
  if (ty.def.adtKind !== "enum") return { kind: "zst", ty };
  const width = fieldlessTagBits(ty);
  if (width === undefined) return { kind: "aggregate", ty, variant, fields: [] };
  if (def.ctor !== "unit") throw unsupportedIn(scope, `the constant \`${pathText(path)}\``);
  if (width === 0) return { kind: "zst", ty };
  return { kind: "scalar", ty, bits: BigInt.asUintN(width, def.discriminant) };
}

function resolveVariantConst(
  scope: Scope,
  path: text.Path,
  expected: Ty | undefined,
  count: number,
  field: (index: number, ty: Ty, name: string) => Const,
): Const {
  const found = expectedVariant(path, expected) ?? resolveVariant(scope, path);
  if (found === undefined) throw errorIn(scope, `\`${pathName(path)}\` is no known struct or variant`, "declare it");
  const { ty, variant } = found;
  const tys = fieldTysOf(ty, variant, scope.world.tcx) ?? [];
  const { fields } = ty.def.variants[variant]!;
  if (tys.length !== count) throw errorIn(scope, `\`${pathName(path)}\` has ${tys.length} fields, not ${count}`);
  return { kind: "aggregate", ty, variant, fields: tys.map((t, i) => field(i, t, fields[i]!.name)) };
}

// ---- bits

function resolveTransmute(
  scope: Scope,
  value: Extract<text.Const, { kind: "transmute" }>,
  expected: Ty | undefined,
): Const {
  const ty = value.ty === undefined ? expected : resolveTy(scope, value.ty);
  if (ty === undefined) throw errorIn(scope, "the type of this constant is not known here");
  if (value.text === "()" || value.text === "") return { kind: "zst", ty };
  return bitsConst(scope, ty, hex(scope, value.text));
}

function bitsConst(scope: Scope, ty: Ty, bits: bigint): Const {
  const width = scalarBits(ty) ?? fieldlessTagBits(ty);
  if (width === undefined || width === 0 || ty.kind === "ref" || ty.kind === "fnptr")
    return { kind: "transmuted", ty, bits };
  return { kind: "scalar", ty, bits: fitting(scope, bits, width) };
}

function resolveScalar(scope: Scope, value: Extract<text.Const, { kind: "scalar" }>): Const {
  const ty = resolveTy(scope, value.ty);
  const pointer = /^alloc(\d+)(<imm>)?(?:\+(0x[\da-f]+))?$/.exec(value.text);
  if (pointer === null) return bitsConst(scope, ty, hex(scope, value.text));
  return resolvePointer(scope, { alloc: Number(pointer[1]), flags: pointer[2] ?? "", offset: pointer[3] ?? "" }, ty);
}

function hex(scope: Scope, digits: string): bigint {
  if (!/^0x[\da-fA-F]{1,32}$/.test(digits)) throw errorIn(scope, `\`${digits}\` is no hexadecimal number`);
  return BigInt(digits);
}

function fitting(scope: Scope, bits: bigint, width: number): bigint {
  if (BigInt.asUintN(width, bits) !== bits) throw errorIn(scope, `this number has more than ${width} bits`);
  return bits;
}
