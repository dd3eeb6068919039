/**
 * Allocations as MIR text: the bytes behind a body's pointers (`write_allocation_bytes` in rustc_middle/src/mir/pretty.rs).
 *
 * A byte is two digits, `__` when it is not initialised; a pointer is the name of what it points to, as wide as its bytes, between `╾` and `╼`.
 */

import type { AllocItem, Relocation } from "./items.ts";
import type { AllocRef, Names } from "./names.ts";
import { printArgs } from "./print-const.ts";

const BYTES_PER_LINE = 16;
const POINTER_BYTES = 8;

/** `alloc3 (size: 4, align: 4) { … }`. */
export function printAlloc(item: AllocItem, names: Names): string {
  const head = `${item.name} (size: ${item.bytes.length}, align: ${item.align})`;
  if (item.bytes.length === 0) return `${head} {}\n`;
  return `${head} {\n${printLines(item, names)}}\n`;
}

/** The items that say what the names in `names.allocRefs` stand for. */
export function printAllocRefs(names: Names): string[] {
  return names.allocRefs.map(({ name, target }) => `${name} (${describe(target, names)})\n`);
}

function describe(target: AllocRef, names: Names): string {
  switch (target.kind) {
    case "static":
      return `${target.item.body === undefined ? "extern static" : "static"}: ${target.item.name}`;
    case "fn":
      return `fn: ${target.item.name}${printArgs(target.args, names)}`;
    case "vtable":
      return `vtable: impl ${target.dyn.text.slice("dyn ".length)} for ${target.ty.text}`;
  }
}

function printLines(item: AllocItem, names: Names): string {
  const { bytes } = item;
  const width = Math.max(2, (bytes.length - 1).toString(16).length);
  let out = "";
  let at = 0;
  let next = 0;
  for (let line = 0; line < bytes.length; line += BYTES_PER_LINE) {
    const end = Math.min(line + BYTES_PER_LINE, bytes.length);
    let hex = "";
    let ascii = "";
    while (at < end) {
      const pointer = item.relocations[next];
      if (pointer !== undefined && pointer.offset === at) {
        hex += ` ${printPointer(pointer, names)}`;
        ascii += `╾${"─".repeat(POINTER_BYTES - 2)}╼`;
        at += POINTER_BYTES;
        next++;
        continue;
      }
      const known = item.initialised === undefined || item.initialised[at] === 1;
      const byte = bytes[at]!;
      hex += known ? ` ${byte.toString(16).padStart(2, "0")}` : " __";
      ascii += known ? (byte > 32 && byte < 127 ? String.fromCharCode(byte) : ".") : "░";
      at++;
    }
    const label = bytes.length <= BYTES_PER_LINE ? "   " : `    0x${line.toString(16).padStart(width, "0")} │`;
    out += `${label}${hex} │ ${ascii}\n`;
  }
  return out;
}

/** `╾─────alloc3+0x4──────╼`, as wide as the digits of its bytes. */
function printPointer({ target, addend }: Relocation, names: Names): string {
  const name = target.kind === "alloc" ? target.alloc.name : names.allocRef(target);
  const text = addend === 0 ? name : `${name}+0x${addend.toString(16)}`;
  const room = Math.max(0, POINTER_BYTES * 3 - 1 - 2 - text.length);
  const left = Math.floor(room / 2);
  return `╾${"─".repeat(left)}${text}${"─".repeat(room - left)}╼`;
}
