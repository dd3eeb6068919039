/**
 * The test backend's memory: sparse pages of bytes, little-endian, with every access checked for alignment and for pages that nobody mapped.
 */

import { bug } from "../../entity/entity.ts";

const PAGE_SIZE = 4096;

/** What fresh stack memory holds: something that a program which reads it before writing it will notice. */
export const JUNK = 0xa5;

export class Memory {
  /** Pages are made when they are first touched. */
  private readonly pages = new Map<number, Uint8Array>();
  private readonly ranges: { readonly start: number; readonly end: number }[] = [];

  /** Makes `size` bytes at `address` accessible, as zeros. */
  map(address: number, size: number): void {
    this.ranges.push({ start: address, end: address + size });
  }

  readByte(address: number): number {
    return this.page(address)[address % PAGE_SIZE]!;
  }

  writeByte(address: number, byte: number): void {
    this.page(address)[address % PAGE_SIZE] = byte;
  }

  read(address: number, size: number): bigint {
    let bits = 0n;
    for (let i = size - 1; i >= 0; i--) bits = (bits << 8n) | BigInt(this.readByte(address + i));
    return bits;
  }

  write(address: number, size: number, bits: bigint): void {
    let rest = bits;
    for (let i = 0; i < size; i++, rest >>= 8n) this.writeByte(address + i, Number(rest & 0xffn));
  }

  fill(address: number, size: number, byte: number): void {
    for (let i = 0; i < size; i++) this.writeByte(address + i, byte);
  }

  copy(to: number, from: number, size: number): void {
    const bytes = Array.from({ length: size }, (_, i) => this.readByte(from + i));
    bytes.forEach((byte, i) => {
      this.writeByte(to + i, byte);
    });
  }

  private page(address: number): Uint8Array {
    const number = Math.floor(address / PAGE_SIZE);
    let page = this.pages.get(number);
    if (page === undefined) {
      if (!this.ranges.some(({ start, end }) => address >= start && address < end)) {
        throw bug(`access to unmapped memory at 0x${address.toString(16)}`);
      }
      page = new Uint8Array(PAGE_SIZE);
      this.pages.set(number, page);
    }
    return page;
  }
}

/** Throws unless `address` is a multiple of `align`. */
export function checkAligned(address: number, align: number): void {
  if (address % align !== 0) throw bug(`access at 0x${address.toString(16)} is not aligned to ${align}`);
}
