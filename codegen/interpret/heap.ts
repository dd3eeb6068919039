/**
 * Addresses of memory above the stack: blocks in powers of two, with a list of free ones for each.
 *
 * Only addresses are used again, never numbers of allocations, so a stale pointer is found out all the same.
 */

/** The smallest block, 16 bytes. */
const LEAST_CLASS = 4;
/** Larger blocks are aligned to this only, and to what is asked for. */
const PAGE = 4096;

export class Heap {
  private readonly base: number;
  private top: number;
  private readonly freeBlocks: number[][] = Array.from({ length: 32 }, () => []);

  constructor(base: number) {
    this.base = base;
    this.top = base;
  }

  reset(): void {
    this.top = this.base;
    for (const list of this.freeBlocks) list.length = 0;
  }

  /** Where the next block that is not a used one begins. */
  end(): number {
    return this.top;
  }

  allocate(size: number, align: number): number {
    const list = this.freeBlocks[classOf(size, align)]!;
    const used = align <= PAGE ? list.pop() : undefined;
    if (used !== undefined) return used;
    const block = 2 ** classOf(size, align);
    const step = Math.max(align, Math.min(block, PAGE));
    const at = Math.ceil(this.top / step) * step;
    this.top = at + block;
    return at;
  }

  free(at: number, size: number, align: number): void {
    if (align <= PAGE) this.freeBlocks[classOf(size, align)]!.push(at);
  }
}

function classOf(size: number, align: number): number {
  const least = Math.max(size, align, 1);
  return Math.max(LEAST_CLASS, 32 - Math.clz32(least - 1));
}
