/**
 * Reading the ELF files that the tools write: enough to know that one is whole, and how much machine code it holds.
 *
 * Offsets are those of the 64-bit little-endian ELF header and section header (System V ABI, chapter 4).
 */

const SECTION_HEADER_SIZE = 64;
const SHT_NOBITS = 8;
const SHF_EXECINSTR = 4n;

export type ElfSummary =
  | { readonly kind: "whole"; readonly textSize: number }
  | { readonly kind: "damaged"; readonly reason: string };

/** Bytes in the executable sections of the ELF file `bytes`, when its section table and all sections lie within it. */
export function readElf(bytes: Buffer): ElfSummary {
  if (bytes.length < 64) return damaged(`only ${bytes.length} bytes`);
  if (bytes.readUInt32BE(0) !== 0x7f454c46) return damaged("not an ELF file");
  if (bytes[4] !== 2 || bytes[5] !== 1) return damaged("not a 64-bit little-endian ELF file");
  const table = Number(bytes.readBigUInt64LE(0x28));
  const entrySize = bytes.readUInt16LE(0x3a);
  if (entrySize !== SECTION_HEADER_SIZE) return damaged(`section headers of ${entrySize} bytes`);
  if (table + SECTION_HEADER_SIZE > bytes.length) return damaged("the section table lies beyond the end");
  // More than 65279 sections: the count is in the first header's size.
  const count = bytes.readUInt16LE(0x3c) || Number(bytes.readBigUInt64LE(table + 0x20));
  if (count === 0 || table + count * SECTION_HEADER_SIZE > bytes.length)
    return damaged("the section table lies beyond the end");
  let textSize = 0;
  for (let i = 1; i < count; i++) {
    const header = table + i * SECTION_HEADER_SIZE;
    const offset = Number(bytes.readBigUInt64LE(header + 0x18));
    const size = Number(bytes.readBigUInt64LE(header + 0x20));
    if (bytes.readUInt32LE(header + 4) !== SHT_NOBITS && offset + size > bytes.length)
      return damaged(`section ${i} lies beyond the end`);
    if ((bytes.readBigUInt64LE(header + 8) & SHF_EXECINSTR) !== 0n) textSize += size;
  }
  return { kind: "whole", textSize };
}

function damaged(reason: string): ElfSummary {
  return { kind: "damaged", reason };
}
