/**
 * Entering types and paths that were parsed under their exact text: equal text gives the same object.
 */

import type { Path, PathSegment, Type } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { hashBytes } from "./interner.ts";

/** The type that reaches from `start` to what was consumed last. */
export function internType(c: Cursor, start: number, ty: Type): Type {
  const { types } = c.tables;
  const end = c.prevEnd;
  const hash = hashBytes(c.bytes, start, end);
  const entry = types.find(c.bytes, start, end, hash);
  if (entry >= 0) return types.value(entry);
  types.add(c.bytes, start, end, hash, ty, end - start);
  return ty;
}

/** The path of `segments`, from `start` to what was consumed last. */
export function internPath(c: Cursor, start: number, segments: readonly PathSegment[], promoted: number): Path {
  const { paths } = c.tables;
  const end = c.prevEnd;
  const hash = hashBytes(c.bytes, start, end);
  const entry = paths.find(c.bytes, start, end, hash);
  if (entry >= 0) return paths.value(entry);
  const path: Path = { segments, promoted, text: "" };
  paths.add(c.bytes, start, end, hash, path, end - start);
  return path;
}
