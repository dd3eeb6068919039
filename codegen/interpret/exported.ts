/**
 * What one program declares as `extern` and defines itself: functions and statics found by their symbols, as a linker would find them.
 */

import type { StaticItem } from "../mir/items.ts";
import type { Program } from "../mir/program.ts";
import type { FnItem } from "../mir/syntax.ts";
import { Unsupported } from "./ub.ts";

interface Exports {
  readonly functions: ReadonlyMap<string, FnItem | "several">;
  readonly statics: ReadonlyMap<string, StaticItem | "several">;
}

const known = new WeakMap<Program, Exports>();

/** The function that a declaration without a body is linked to. @throws Unsupported when there are several */
export function exportedFn(program: Program, declaration: FnItem): FnItem | undefined {
  return linked(exportsOf(program).functions, declaration);
}

/** The same of a static. */
export function exportedStatic(program: Program, declaration: StaticItem): StaticItem | undefined {
  return linked(exportsOf(program).statics, declaration);
}

interface Linkable {
  readonly name: string;
  readonly attributes?: readonly string[];
}

function linked<T>(exported: ReadonlyMap<string, T | "several">, declaration: Linkable): T | undefined {
  const symbol = attributeValue(declaration, "link_name") ?? lastSegment(declaration.name);
  const found = exported.get(symbol);
  if (found === "several") throw new Unsupported(`the symbol \`${symbol}\`, which is defined more than once`);
  return found as T | undefined;
}

function exportsOf(program: Program): Exports {
  let made = known.get(program);
  if (made === undefined) {
    made = { functions: bySymbol(program.functions), statics: bySymbol(program.statics ?? []) };
    known.set(program, made);
  }
  return made;
}

function bySymbol<T extends Linkable & { readonly body?: unknown }>(items: readonly T[]): Map<string, T | "several"> {
  const found = new Map<string, T | "several">();
  for (const item of items) {
    const symbol = item.body === undefined ? undefined : symbolOf(item);
    if (symbol !== undefined) found.set(symbol, found.has(symbol) ? "several" : item);
  }
  return found;
}

/** The symbol that an item asks to be exported by. */
function symbolOf(item: Linkable): string | undefined {
  const named = attributeValue(item, "export_name");
  if (named !== undefined) return named;
  const isExported = item.attributes?.some((text) => /^(unsafe\()?no_mangle\b/.test(text)) === true;
  return isExported ? lastSegment(item.name) : undefined;
}

/** `x` of the attribute `name = "x"`. */
function attributeValue({ attributes }: Linkable, name: string): string | undefined {
  for (const text of attributes ?? []) {
    const value = /^(?:unsafe\()?(\w+)\s*=\s*"([^"]*)"/.exec(text);
    if (value !== null && value[1] === name) return value[2];
  }
  return undefined;
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf(":") + 1);
}
