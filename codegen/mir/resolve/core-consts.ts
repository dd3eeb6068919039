/**
 * The constants that core gives its primitive types, which dumps of unoptimised code name instead of their values: `core::num::<impl u64>::MAX`,
 * `core::f32::<impl f32>::EPSILON`, `std::f64::consts::PI`. Limits of floats follow from their formats (IEEE 754, table 3.5).
 */

import { canonicalNan, intBits, parseFloatText } from "../literal.ts";
import type * as text from "../text/ast.ts";
import { type FloatWidth, isIntegral, PRIMITIVE_TYPES, TY_CHAR, TY_I32, TY_U32, TY_USIZE, type Ty } from "../ty.ts";
import { limitBits, type ScalarLiteral } from "./literals.ts";

/** The value of a constant of core's primitive types; `undefined` when `path` names none. */
export function coreConst(path: text.Path): ScalarLiteral | undefined {
  const last = path.segments.at(-1)!;
  if (path.promoted >= 0 || last.kind !== "name") return undefined;
  const named = path.segments.slice(0, -1);
  const modules = named.map((segment) => (segment.kind === "name" ? segment.name : ""));
  if (modules.at(-1) === "consts") return mathConst(PRIMITIVE_TYPES.get(modules.at(-2) ?? ""), last.name);
  const owner = named.at(-1);
  const word = owner?.kind === "impl" && owner.trait === undefined ? primitiveName(owner.ty) : moduleTy(modules);
  const ty = PRIMITIVE_TYPES.get(word ?? "");
  if (ty === undefined) return undefined;
  if (isIntegral(ty)) return intConst(ty, last.name);
  if (ty.kind === "float") return floatConst(ty, ty.width, last.name);
  return ty.kind === "char" ? charConst(last.name) : undefined;
}

function primitiveName(ty: text.Type): string | undefined {
  const [only] = ty.kind === "path" && ty.path.segments.length === 1 ? ty.path.segments : [];
  return only?.kind === "name" ? only.name : undefined;
}

/** `u8::MAX` is the type's; `std::u8::MAX` the old module's. */
function moduleTy(modules: readonly string[]): string | undefined {
  if (modules.length === 1) return modules[0];
  return modules.length === 2 && (modules[0] === "std" || modules[0] === "core") ? modules[1] : undefined;
}

function intConst(ty: Ty, name: string): ScalarLiteral | undefined {
  if (name === "BITS" && isIntegral(ty)) return { ty: TY_U32, bits: BigInt(intBits(ty)) };
  const bits = name === "MAX" || name === "MIN" ? limitBits(ty, name === "MAX") : undefined;
  return bits === undefined ? undefined : { ty, bits };
}

function charConst(name: string): ScalarLiteral | undefined {
  switch (name) {
    case "MIN":
      return { ty: TY_CHAR, bits: 0n };
    case "MAX":
      return { ty: TY_CHAR, bits: 0x10ffffn };
    case "REPLACEMENT_CHARACTER":
      return { ty: TY_CHAR, bits: 0xfffdn };
    case "MAX_LEN_UTF8":
      return { ty: TY_USIZE, bits: 4n };
    case "MAX_LEN_UTF16":
      return { ty: TY_USIZE, bits: 2n };
    default:
      return undefined;
  }
}

interface FloatFormat {
  /** Bits of the significand, the hidden one included. */
  readonly precision: number;
  /** `MAX_EXP`: the least power of two that is too large. */
  readonly maxExp: number;
  readonly digits: number;
  readonly min10Exp: number;
  readonly max10Exp: number;
}

const FORMATS: Readonly<Record<FloatWidth, FloatFormat>> = {
  16: { precision: 11, maxExp: 16, digits: 3, min10Exp: -4, max10Exp: 4 },
  32: { precision: 24, maxExp: 128, digits: 6, min10Exp: -37, max10Exp: 38 },
  64: { precision: 53, maxExp: 1024, digits: 15, min10Exp: -307, max10Exp: 308 },
  128: { precision: 113, maxExp: 16384, digits: 33, min10Exp: -4931, max10Exp: 4932 },
};

function floatConst(ty: Ty, width: FloatWidth, name: string): ScalarLiteral | undefined {
  const bits = floatBits(width, name);
  if (bits !== undefined) return { ty, bits };
  const { precision, maxExp, digits, min10Exp, max10Exp } = FORMATS[width];
  switch (name) {
    case "RADIX":
      return { ty: TY_U32, bits: 2n };
    case "MANTISSA_DIGITS":
      return { ty: TY_U32, bits: BigInt(precision) };
    case "DIGITS":
      return { ty: TY_U32, bits: BigInt(digits) };
    case "MIN_EXP":
      return signed(3 - maxExp);
    case "MAX_EXP":
      return signed(maxExp);
    case "MIN_10_EXP":
      return signed(min10Exp);
    case "MAX_10_EXP":
      return signed(max10Exp);
    default:
      return undefined;
  }
}

function floatBits(width: FloatWidth, name: string): bigint | undefined {
  const { precision, maxExp } = FORMATS[width];
  const fraction = BigInt(precision - 1);
  const sign = 1n << BigInt(width - 1);
  const infinity = BigInt(2 * maxExp - 1) << fraction;
  switch (name) {
    case "INFINITY":
      return infinity;
    case "NEG_INFINITY":
      return infinity | sign;
    case "NAN":
      return canonicalNan(width);
    case "MAX":
      return infinity - 1n;
    case "MIN":
      return (infinity - 1n) | sign;
    case "MIN_POSITIVE":
      return 1n << fraction;
    case "EPSILON":
      return BigInt(maxExp - precision) << fraction;
    default:
      return undefined;
  }
}

function signed(value: number): ScalarLiteral {
  return { ty: TY_I32, bits: BigInt.asUintN(32, BigInt(value)) };
}

/** More digits than any format has. */
const MATH: Readonly<Record<string, string>> = {
  PI: "3.14159265358979323846264338327950288419716939937510582097494",
  TAU: "6.28318530717958647692528676655900576839433879875021164194989",
  FRAC_PI_2: "1.57079632679489661923132169163975144209858469968755291048747",
  FRAC_PI_3: "1.04719755119659774615421446109316762806572313312503527365831",
  FRAC_PI_4: "0.785398163397448309615660845819875721049292349843776455243736",
  FRAC_PI_6: "0.523598775598298873077107230546583814032861566562517636829157",
  FRAC_PI_8: "0.392699081698724154807830422909937860524646174921888227621868",
  FRAC_1_PI: "0.318309886183790671537767526745028724068919291480912897495335",
  FRAC_2_PI: "0.636619772367581343075535053490057448137838582961825794990669",
  FRAC_2_SQRT_PI: "1.12837916709551257389615890312154517168810125865799771368817",
  SQRT_2: "1.41421356237309504880168872420969807856967187537694807317668",
  FRAC_1_SQRT_2: "0.707106781186547524400844362104849039284835937688474036588340",
  E: "2.71828182845904523536028747135266249775724709369995957496697",
  LOG2_10: "3.32192809488736234787031942948939017586483139302458061205476",
  LOG2_E: "1.44269504088896340735992468100189213742664595415298593413545",
  LOG10_2: "0.301029995663981195213738894724493026768189881462108541310427",
  LOG10_E: "0.434294481903251827651128918916605082294397005803666566114454",
  LN_2: "0.693147180559945309417232121458176568075500134360255254120680",
  LN_10: "2.30258509299404568401799145468436420760110148862877297603333",
};

function mathConst(ty: Ty | undefined, name: string): ScalarLiteral | undefined {
  const digits = Object.hasOwn(MATH, name) ? MATH[name] : undefined;
  if (ty?.kind !== "float" || digits === undefined) return undefined;
  const bits = parseFloatText(ty.width, digits);
  return bits === undefined ? undefined : { ty, bits };
}
