/**
 * Items as text, as rustc prints them: with the text that was read, blank lines and comments aside.
 */

import type { ConstItem, FnItem, Item } from "./ast.ts";
import { allocDetailText } from "./print-alloc.ts";
import { bodyText } from "./print-body.ts";
import { constText, pathText, typeText } from "./print-type.ts";

/** One item, with a newline behind it. */
export function printItem(item: Item): string {
  return item.annotations.map((line) => `${line}\n`).join("") + itemText(item);
}

function itemText(item: Item): string {
  switch (item.kind) {
    case "alloc":
      return `alloc${item.alloc} ${allocDetailText(item.detail)}\n`;
    case "fn":
      return fnText(item);
    default:
      return constItemText(item);
  }
}

function fnText(item: FnItem): string {
  const params = item.params.map(({ local, ty }) => `_${local}: ${typeText(ty)}`).join(", ");
  const yields = item.yields === undefined ? "" : `\nyields ${typeText(item.yields)}\n`;
  const layout = item.coroutineLayout === undefined ? "" : `/* coroutine_layout = ${item.coroutineLayout} */\n`;
  const lead = layout + (item.ctfe ? "// MIR FOR CTFE\n" : "");
  return `${lead}fn ${pathText(item.name)}(${params}) -> ${typeText(item.ret)}${yields} ${bodyText(item.body)}\n`;
}

function constItemText(item: ConstItem): string {
  const head = `${keyword(item)}${pathText(item.name)}: ${typeText(item.ty)} =`;
  if (item.value !== undefined) return `${head} const ${constText(item.value)};\n`;
  const yields = item.yields === undefined ? "" : `\nyields ${typeText(item.yields)}\n`;
  return `${head}${yields} ${item.body === undefined ? "" : bodyText(item.body)}\n`;
}

function keyword(item: ConstItem): string {
  switch (item.kind) {
    case "static":
      return item.mutable ? "static mut " : "static ";
    case "anonConst":
      return "";
    default:
      return "const ";
  }
}
