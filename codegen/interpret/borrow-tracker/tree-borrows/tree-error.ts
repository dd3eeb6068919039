/** Reports of Tree Borrows. */

import { bug } from "../../../entity/entity.ts";
import { tagOf } from "../tag-table.ts";
import {
  type BorrowEvent,
  BorrowTrap,
  NO_TAG,
  type TagReport,
  type ViolationKind,
  WILDCARD_TAG,
} from "../violation.ts";
import { READ_POSITION, SHIFT, WRITE_POSITION, WRITER } from "./locations.ts";
import {
  type Cx,
  DISABLED,
  FROZEN,
  type Protection,
  permissionName,
  permissionOf,
  STRONG,
  type Tree,
} from "./tree-state.ts";

/** The node of accesses through exposed addresses. */
export const WILDCARD_NODE = -1;

/** The error of an access through `node`, for `conflicting` is in the way. */
export function violation(
  cx: Cx,
  tree: Tree,
  range: number,
  node: number,
  access: "read" | "write",
  kind: ViolationKind,
  conflicting: number,
): BorrowTrap {
  const { tags } = cx;
  if (tree.locations.isVaried(range)) tree.locations.settle(range);
  const protection = tree.protections.find((p) => p.node === conflicting);
  const relation =
    conflicting === node ? "self" : node >= 0 && tags.isAncestorOrSelf(conflicting, node) ? "ancestor" : "foreign";
  return new BorrowTrap({
    model: "tree",
    kind,
    cause: cx.cause,
    access,
    allocation: tree.allocation,
    offset: cx.offset,
    size: cx.size,
    at: tree.locations.start(range),
    accessed: report(cx, tree, range, node),
    conflicting: report(cx, tree, range, conflicting),
    relation: node < 0 ? "unknown" : relation,
    ...(kind === "forbidden" || kind === "noExposedTag" ? {} : protectorOf(cx, protection)),
    events: conflicting < 0 ? [] : history(cx, tree, range, conflicting),
  });
}

function protectorOf(
  cx: Cx,
  protection: Protection | undefined,
): { protector: { call: number; kind: "strong" | "weak" } } {
  if (protection === undefined) throw bug("a protected tag without its protection");
  const strong = (cx.tags.flags[protection.node]! & STRONG) !== 0;
  return { protector: { call: protection.call, kind: strong ? "strong" : "weak" } };
}

function report(cx: Cx, tree: Tree, range: number, node: number): TagReport {
  if (node === WILDCARD_NODE) return { tag: WILDCARD_TAG, createdAt: -1, permission: "Disabled" };
  return {
    tag: tagOf(node, tree.allocation),
    createdAt: cx.tags.createdAt[node]!,
    permission: permissionName(cx, tree, range, node, tree.locations.start(range)),
  };
}

/** What happened to a node in a range: its creation, and the last access that took a permission away. */
function history(cx: Cx, tree: Tree, range: number, node: number): BorrowEvent[] {
  const { data, exceptions } = tree.locations;
  const at = range << SHIFT;
  const tag = tagOf(node, tree.allocation);
  const by = (other: number): BorrowEvent["by"] => (other < 0 ? WILDCARD_TAG : tagOf(other, tree.allocation));
  const events: BorrowEvent[] = [{ kind: "created", tag, by: tag, position: cx.tags.createdAt[node]! }];
  const permission = permissionOf(cx, tree, range, node);
  if (cx.tags.isAncestorOrSelf(node, data[at + WRITER]!)) {
    events.push({ kind: "activated", tag, by: by(data[at + WRITER]!), position: data[at + WRITE_POSITION]! });
    if (permission === FROZEN) events.push({ kind: "frozen", tag, by: NO_TAG, position: data[at + READ_POSITION]! });
  } else if (permission === DISABLED) {
    const exit = cx.tags.birth[node]! > 0 ? exceptions[range]?.exits.at(-1) : undefined;
    events.push({
      kind: "disabled",
      tag,
      by: by(exit?.node ?? data[at + WRITER]!),
      position: data[at + WRITE_POSITION]!,
    });
  } else if (permissionName(cx, tree, range, node, tree.locations.start(range)) === "Reserved (conflicted)") {
    events.push({ kind: "conflicted", tag, by: NO_TAG, position: data[at + READ_POSITION]! });
  }
  return events;
}
