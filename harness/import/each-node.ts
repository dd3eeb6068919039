/** All nodes of a syntax tree, whatever they are. */

/** Calls `visit` for `node` and all objects in it, outer ones first; sources and their bytes are none. */
export function eachNode(node: unknown, visit: (node: object) => void): void {
  if (typeof node !== "object" || node === null || node instanceof Uint8Array || "bytes" in node) return;
  if (Array.isArray(node)) {
    for (const child of node) eachNode(child, visit);
    return;
  }
  visit(node);
  for (const child of Object.values(node)) eachNode(child, visit);
}
