/**
 * Expressions of integers, as sources have them in lengths, discriminants and constants.
 *
 * They are evaluated as numbers of no type: what exceeds 128 bits on the way, divides by zero or shifts too far has no value, nor has what has anything else in it.
 */

import { intFromValue, parseChar, parseInteger } from "../literal.ts";
import { isIntegral, PRIMITIVE_TYPES, type TyOf } from "../ty.ts";

const INTEGER = /^(\d\w*?)(?:_?([iu](?:8|16|32|64|128|size)))?$/;
const TOKEN = /b'(?:\\.[^']*|[^'\\])'|\d\w*|[A-Za-z_]\w*|<<|>>|\S/g;

/** The value of an expression of integers: `1 << 3`, `-1`, `0x10 | 2`; `undefined` when it has none, or anything else in it. */
export function exprValue(expr: string): bigint | undefined {
  return new ExprReader(expr.match(TOKEN) ?? []).whole();
}

/** By precedence, weakest first. */
const LEVELS: readonly (readonly string[])[] = [["|"], ["^"], ["&"], ["<<", ">>"], ["+", "-"], ["*", "/", "%"]];
/** Brackets and signs are followed by calls. */
const MAX_DEPTH = 200;
const LIMIT = 1n << 128n;

class ExprReader {
  private readonly tokens: readonly string[];
  private at = 0;
  private depth = 0;

  constructor(tokens: readonly string[]) {
    this.tokens = tokens;
  }

  whole(): bigint | undefined {
    const value = this.level(0);
    return this.at === this.tokens.length ? value : undefined;
  }

  private level(level: number): bigint | undefined {
    const operators = LEVELS[level];
    if (operators === undefined) return this.cast();
    let left = this.level(level + 1);
    for (let op = this.tokens[this.at]; op !== undefined && operators.includes(op); op = this.tokens[this.at]) {
      this.at++;
      const right = this.level(level + 1);
      left = left === undefined || right === undefined ? undefined : apply(op, left, right);
    }
    return left;
  }

  /** `x as u8`, which binds weaker than a sign. */
  private cast(): bigint | undefined {
    let value = this.signed();
    while (this.tokens[this.at] === "as") {
      const ty = PRIMITIVE_TYPES.get(this.tokens[this.at + 1] ?? "");
      this.at += 2;
      value = value === undefined || ty === undefined || !isIntegral(ty) ? undefined : wrapped(ty, value);
    }
    return value;
  }

  private signed(): bigint | undefined {
    let negative = false;
    for (; this.tokens[this.at] === "-"; this.at++) negative = !negative;
    const value = this.atom();
    return value !== undefined && negative ? -value : value;
  }

  private atom(): bigint | undefined {
    const token = this.tokens[this.at++] ?? "";
    if (token === "(") {
      if (++this.depth > MAX_DEPTH) return undefined;
      const value = this.level(0);
      this.depth--;
      return this.tokens[this.at++] === ")" ? value : undefined;
    }
    if (token.startsWith("b'")) {
      const byte = parseChar(token.slice(1));
      return byte === undefined || byte > 255 ? undefined : BigInt(byte);
    }
    const match = INTEGER.exec(token);
    if (match === null) return undefined;
    const value = parseInteger(match[1]!);
    const ty = match[2] === undefined ? undefined : PRIMITIVE_TYPES.get(match[2]);
    if (value === undefined || ty === undefined || !isIntegral(ty)) return value;
    return intFromValue(ty, value) === undefined ? undefined : value;
  }
}

/** What `value as ty` keeps of it. */
function wrapped(ty: TyOf<"int"> | TyOf<"uint">, value: bigint): bigint {
  const width = ty.width === "size" ? 64 : ty.width;
  return ty.kind === "int" ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
}

function apply(op: string, left: bigint, right: bigint): bigint | undefined {
  const value = result(op, left, right);
  return value === undefined || value >= LIMIT || value <= -LIMIT ? undefined : value;
}

function result(op: string, left: bigint, right: bigint): bigint | undefined {
  switch (op) {
    case "|":
      return left | right;
    case "^":
      return left ^ right;
    case "&":
      return left & right;
    case "<<":
      return right >= 0n && right < 128n ? left << right : undefined;
    case ">>":
      return right >= 0n && right < 128n ? left >> right : undefined;
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return right === 0n ? undefined : left / right;
    case "%":
      return right === 0n ? undefined : left % right;
    default:
      return undefined;
  }
}
