/**
 * Loop depth of each block, an estimate that only the quality of the allocation rests on.
 *
 * A back edge goes to a block at or before its source in layout order. The loop of a header is taken to be the layout range from the
 * header to its last back edge's source: exact for natural loops laid out in one piece, as reverse postorder mostly does.
 */

import type { RegallocFunction } from "./function.ts";

/** Fills `depth[0..numBlocks)`. */
export function loopDepths(fn: RegallocFunction, depth: Int32Array): void {
  const n = fn.numBlocks;
  depth.fill(0, 0, n);
  // First as differences: one more from the header on, one less after the last back edge's source.
  for (let header = 0; header < n; header++) {
    let last = -1;
    for (let e = fn.predStart[header]!; e < fn.predStart[header + 1]!; e++) {
      const pred = fn.preds[e]!;
      if (pred >= header && pred > last) last = pred;
    }
    if (last < 0) continue;
    depth[header]!++;
    if (last + 1 < n) depth[last + 1]!--;
  }
  for (let b = 1; b < n; b++) depth[b]! += depth[b - 1]!;
}
