/**
 * Values as generic arguments and as lengths of arrays.
 */

import { intBits, intFromValue } from "../literal.ts";
import type * as text from "../text/ast.ts";
import { pathText } from "../text/print-type.ts";
import { isIntegral, PRIMITIVE_TYPES, TY_USIZE, type Ty, type TyCtxt } from "../ty.ts";
import { exprValue } from "./expr-value.ts";
import { limitBits, literalBits } from "./literals.ts";
import { pathName } from "./path-names.ts";
import { errorIn, type Scope, unsupportedIn } from "./world.ts";

/** A value as a generic argument or an array's length: `constArg`, `param` or `anonConst`. */
export function resolveConstArg(scope: Scope, value: text.Const, expected: Ty): Ty {
  const { tcx } = scope.world;
  switch (value.kind) {
    case "literal": {
      const bits = literalBits(value.literal, value.text, expected);
      if (bits === undefined) break;
      return isIntegral(expected) ? intArg(tcx, expected, bits) : tcx.constArg(expected, bits, value.text);
    }
    case "path": {
      const bits = sourceValue(scope, pathName(value.path), expected);
      if (bits !== undefined) return intArg(tcx, expected, bits);
      const limit = limitOf(value.path, expected);
      if (limit !== undefined) return intArg(tcx, expected, limit);
      const found = unitVariantTy(scope, value.path, expected) ?? constPathTy(scope, value.path);
      if (found !== undefined) return found;
      break;
    }
    case "expr": {
      const bits = sourceValue(scope, value.text.replace(/^\{|\}$/g, "").trim(), expected);
      if (bits !== undefined) return intArg(tcx, expected, bits);
      const word = value.text.replace(/[{}\s]/g, "");
      const param = scope.generics.indexOf(word);
      if (param >= 0) return tcx.param(param, word);
      break;
    }
    default:
  }
  throw unsupportedIn(scope, "this constant in a type");
}

/** `u128::MAX`, `i8::MIN`. */
function limitOf({ segments }: text.Path, expected: Ty): bigint | undefined {
  const [ty, word] = segments;
  if (segments.length !== 2 || ty?.kind !== "name" || word?.kind !== "name") return undefined;
  if (PRIMITIVE_TYPES.get(ty.name) !== expected || (word.name !== "MIN" && word.name !== "MAX")) return undefined;
  return limitBits(expected, word.name === "MAX");
}

/** An integer as an argument, in its shortest spelling. */
function intArg(tcx: TyCtxt, ty: Ty, bits: bigint): Ty {
  const value = ty.kind === "int" ? BigInt.asIntN(intBits(ty), bits) : bits;
  return tcx.constArg(ty, bits, String(value));
}

/** An array's length: as above, but no array has as many elements as cannot be counted. */
export function resolveLength(scope: Scope, length: text.Const): Ty {
  const made = resolveConstArg(scope, length, TY_USIZE);
  if (made.kind !== "constArg" || made.bits <= MAX_LENGTH) return made;
  throw errorIn(scope, `an array of ${made.bits} elements is too large`);
}

const MAX_LENGTH = BigInt(Number.MAX_SAFE_INTEGER);

/** The count of a repetition: a number, or what depends on parameters. */
export function resolveCount(scope: Scope, count: text.Const): number | Ty {
  const made = resolveLength(scope, count);
  return made.kind === "constArg" ? Number(made.bits) : made;
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
  const found = scope.values.constant(scope, path);
  return found === undefined ? undefined : world.tcx.anonConst(found.item, found.args, pathText(path));
}

// ---- expressions

/** The value of an expression of integers and constants of the source. */
function sourceValue(scope: Scope, expr: string, expected: Ty): bigint | undefined {
  if (!isIntegral(expected) || scope.generics.includes(expr)) return undefined;
  const value = exprValue(withConstants(scope, expr, 0));
  return value === undefined ? undefined : intFromValue(expected, value);
}

const MAX_CONST_DEPTH = 8;
/** Constants that are made of others may stand for a text that is much longer than all of them. */
const MAX_EXPANDED = 1 << 14;
const KEYWORDS: ReadonlySet<string> = new Set(["as", ...PRIMITIVE_TYPES.keys()]);

/** `expr` with the names of constants replaced by what they are initialised with, as far as that is no more than can be read. */
function withConstants(scope: Scope, expr: string, depth: number): string {
  if (depth > MAX_CONST_DEPTH || expr.length > MAX_EXPANDED) return expr;
  let length = expr.length;
  return expr.replace(/\b[A-Za-z_]\w*(?:::\w+)*/g, (name) => {
    if (KEYWORDS.has(name) || length > MAX_EXPANDED) return name;
    const text = scope.world.constTexts.find(name, scope.module);
    if (text === undefined || text === "several") return name;
    const value = `(${withConstants(scope, text, depth + 1)})`;
    length += value.length;
    return value;
  });
}
