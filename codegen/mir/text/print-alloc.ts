/**
 * Allocations as text: the hex dump of `write_allocation_bytes` in rustc_middle/src/mir/pretty.rs.
 */

import type { AllocDetail, Memory, Relocation } from "./ast.ts";
import { BYTES_PER_LINE } from "./parse-alloc.ts";
import { instanceText } from "./print-body.ts";
import { boundsText, pathText, pointerText, typeText } from "./print-type.ts";

/** What stands behind `alloc7 `. */
export function allocDetailText(detail: AllocDetail): string {
  switch (detail.kind) {
    case "memory":
      return `(${memoryText(detail.memory)}`;
    case "static":
      return `(static: ${pathText(detail.path)}${detail.error ? ", error during initializer evaluation)" : staticMemoryText(detail.memory)}`;
    case "externStatic":
      return `(extern static: ${pathText(detail.path)})`;
    case "fn":
      return `(fn: ${instanceText(detail.instance)})`;
    case "vtable":
      return `(vtable: impl ${detail.trivial ? "<trivial>" : boundsText(detail.bounds)} for ${typeText(detail.ty)})`;
    case "typeId":
      return `(typeid for ${typeText(detail.ty)})`;
    case "deallocated":
      return "(deallocated)";
  }
}

function staticMemoryText(memory: Memory | undefined): string {
  return memory === undefined ? ")" : `, ${memoryText(memory)}`;
}

function memoryText(memory: Memory): string {
  const head = `size: ${memory.size}, align: ${memory.align})`;
  if (memory.bytes === undefined) return `${head} { .. }`;
  if (memory.size === 0) return `${head} {}`;
  const dump = new HexDump(memory, memory.bytes);
  return `${head} {\n${dump.text()}}`;
}

/** The lines of one allocation. */
class HexDump {
  private readonly memory: Memory;
  private readonly bytes: Uint8Array;
  private readonly addressWidth: number;
  private out = "";
  private ascii = "";
  /** How many characters `ascii` has: one a byte. */
  private column = 0;
  private lineStart = 0;

  constructor(memory: Memory, bytes: Uint8Array) {
    this.memory = memory;
    this.bytes = bytes;
    this.addressWidth = memory.size.toString(16).length;
  }

  text(): string {
    const { memory } = this;
    const { size, relocations } = memory;
    this.out = size > BYTES_PER_LINE ? this.address() : "    ";
    let next = 0;
    for (let i = 0; i < size; ) {
      if (i !== this.lineStart) this.out += " ";
      const relocation = relocations[next];
      if (relocation !== undefined && relocation.offset === i) {
        this.relocation(relocation);
        i += relocation.size;
        next++;
      } else {
        this.byte(i);
        i++;
      }
      if (i === this.lineStart + BYTES_PER_LINE && i !== size) this.newLine();
    }
    this.endLine();
    return this.out;
  }

  private address(): string {
    return `    0x${this.lineStart.toString(16).padStart(this.addressWidth, "0")} │ `;
  }

  private endLine(): void {
    this.out += `${"   ".repeat(BYTES_PER_LINE - this.column)} │ ${this.ascii}\n`;
    this.ascii = "";
    this.column = 0;
  }

  private newLine(): void {
    this.endLine();
    this.lineStart += BYTES_PER_LINE;
    this.out += this.address();
  }

  private byte(i: number): void {
    const b = this.bytes[i]!;
    this.column++;
    if (this.memory.initialised !== undefined && this.memory.initialised[i] === 0) {
      this.out += "__";
      this.ascii += "░";
      return;
    }
    this.out += b.toString(16).padStart(2, "0");
    this.ascii += b < 0x20 || b >= 0x7f ? "." : String.fromCharCode(b);
  }

  private relocation(relocation: Relocation): void {
    const { size, fragment, offset, pointer } = relocation;
    let name = pointerText(pointer);
    if (fragment !== undefined || name.length > (size - 1) * 3) name = `a${name.slice("alloc".length)}`;
    if (fragment !== undefined) {
      this.out += `╾${fragment.value.toString(16).padStart(2, "0")}${name} (ptr fragment ${fragment.index})╼`;
      this.ascii += "━";
      this.column++;
    } else if (offset - this.lineStart + size > BYTES_PER_LINE) {
      this.splitPointer(name, size, BYTES_PER_LINE - (offset - this.lineStart));
    } else {
      this.out += `╾${centered(oversized(name, (size - 1) * 3, size), (size - 1) * 3)}╼`;
      this.ascii += `╾${"─".repeat(size - 2)}╼`;
      this.column += size;
    }
  }

  /** A pointer of which `remainder` bytes are in this line. */
  private splitPointer(name: string, size: number, remainder: number): void {
    const overflow = size - remainder;
    const remainderWidth = remainder * 3 - 2;
    const overflowWidth = (overflow - 1) * 3 + 1;
    const below = overflowWidth > remainderWidth && overflowWidth >= name.length;
    this.out += `╾${below ? "─".repeat(remainderWidth) : centered(oversized(name, remainderWidth, size), remainderWidth)}`;
    this.ascii += `╾${"─".repeat(remainder - 1)}`;
    this.column += remainder;
    this.newLine();
    this.out += `${below ? centered(name, overflowWidth) : "─".repeat(overflowWidth)}╼`;
    this.ascii += `${"─".repeat(overflow - 1)}╼`;
    this.column += overflow;
  }
}

/** The name of a pointer that is too wide for its bytes says how many they are. */
function oversized(name: string, width: number, size: number): string {
  return name.length > width ? `${name} (${size} ptr bytes)` : name;
}

function centered(text: string, width: number): string {
  const pad = Math.max(0, width - text.length);
  const left = pad >> 1;
  return "─".repeat(left) + text + "─".repeat(pad - left);
}
