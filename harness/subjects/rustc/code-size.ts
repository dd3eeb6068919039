/** Bytes of machine code in an ELF executable: the sizes of its executable sections (the ELF specification, "Sections"). */

import { readFileSync } from "node:fs";

const SHF_EXECINSTR = 4n;

/** 0 for what is no 64-bit little-endian ELF file. */
export function codeSize(path: string): number {
  const file = readFileSync(path);
  if (file.length < 64 || file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2 || file[5] !== 1) return 0;
  const table = Number(file.readBigUInt64LE(0x28));
  const entrySize = file.readUInt16LE(0x3a);
  const count = file.readUInt16LE(0x3c);
  if (table + entrySize * count > file.length) return 0;
  let size = 0;
  for (let i = 0; i < count; i++) {
    const at = table + i * entrySize;
    if ((file.readBigUInt64LE(at + 8) & SHF_EXECINSTR) !== 0n) size += Number(file.readBigUInt64LE(at + 32));
  }
  return size;
}
