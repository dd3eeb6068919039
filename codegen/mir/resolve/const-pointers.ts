/**
 * Pointers in constants: the allocations that a text lists, and what else an `allocN` stands for.
 *
 * An allocation is made when a constant first points to it, with those that it points to itself.
 */

import type { AllocItem, Relocation } from "../items.ts";
import { parseInteger } from "../literal.ts";
import type { Const } from "../syntax.ts";
import type * as text from "../text/ast.ts";
import type { Ty } from "../ty.ts";
import { ownedItem } from "./const-paths.ts";
import { itemName, resolveFn } from "./paths.ts";
import { resolveTraitRef, resolveTy } from "./types.ts";
import { errorIn, type Scope, unsupportedIn } from "./world.ts";

/** `{alloc1+0x4: &T}`: to bytes, a static, or a function. */
export function resolvePointer(scope: Scope, pointer: text.AllocPointer, ty: Ty): Const {
  const offset = offsetOf(scope, pointer);
  const target = allocTarget(scope, pointer.alloc);
  switch (target.kind) {
    case "alloc":
      return { kind: "alloc", alloc: target.alloc, offset, ty };
    case "static":
      return { kind: "static", item: target.item, offset, ty };
    case "fn":
      return { kind: "fn", item: target.item, args: target.args };
    case "vtable":
      throw unsupportedIn(scope, "a constant that points to a vtable");
  }
}

function offsetOf(scope: Scope, { offset }: text.AllocPointer): number {
  if (offset === "") return 0;
  const value = parseInteger(offset);
  if (value === undefined || value > BigInt(Number.MAX_SAFE_INTEGER))
    throw errorIn(scope, `\`${offset}\` is no offset`);
  return Number(value);
}

/** What an allocation's number stands for. */
function allocTarget(scope: Scope, number: number): Relocation["target"] {
  const made = scope.allocs.made.get(number);
  if (made !== undefined) return { kind: "alloc", alloc: made };
  const item = scope.allocs.items.get(number);
  if (item === undefined) throw errorIn(scope, `there is no \`alloc${number}\``);
  const { detail } = item;
  switch (detail.kind) {
    case "memory":
      return { kind: "alloc", alloc: makeAlloc(scope, item, detail.memory) };
    case "static":
    case "externStatic": {
      const { world } = scope;
      const name = itemName(world, detail.path);
      const owned = ownedItem(scope, detail.path)?.item;
      const found = world.statics.find(name, scope.module) ?? (owned?.kind === "static" ? owned : undefined);
      if (found === undefined || found === "several")
        throw errorIn(scope, `unknown static \`${name}\``, "declare it with `static`");
      return { kind: "static", item: found };
    }
    case "fn":
      return { kind: "fn", ...resolveFn(scope, detail.instance.path) };
    case "vtable":
      return { kind: "vtable", ty: resolveTy(scope, detail.ty), dyn: vtableDyn(scope, detail.bounds) };
    default:
      throw unsupportedIn(scope, `what \`alloc${number}\` is`);
  }
}

/** The `dyn` type that a vtable is of: its principal trait, or none. */
function vtableDyn(scope: Scope, bounds: readonly text.Bound[]): Ty {
  const { tcx } = scope.world;
  const [first] = bounds;
  if (first === undefined) return tcx.dynamic({ principal: undefined, projections: [], autos: [] });
  if (first.kind !== "trait") throw unsupportedIn(scope, "this vtable");
  const ref = resolveTraitRef(scope, first.path, tcx.param(0, "dyn Self"));
  return tcx.dynamic({ principal: { trait: ref.trait, args: ref.args.slice(1) }, projections: [], autos: [] });
}

/** Of a pointer in bytes: programs are of 64 bits. */
const POINTER_SIZE = 8;

function makeAlloc(scope: Scope, { alloc: number, source, at }: text.AllocItem, memory: text.Memory): AllocItem {
  if (memory.bytes === undefined) throw unsupportedIn(scope, `the bytes of \`alloc${number}\`, which are not listed`);
  const { align } = memory;
  if (align > 2 ** 29 || Math.log2(align) % 1 !== 0) throw scope.source.error("an alignment is a power of two", at);
  const alloc: AllocItem = {
    name: `alloc${number}`,
    align,
    mutability: "not",
    bytes: memory.bytes,
    ...(memory.initialised === undefined ? {} : { initialised: memory.initialised }),
    relocations: [],
  };
  // First known, then followed: allocations may point to each other in a circle.
  scope.allocs.made.set(number, alloc);
  scope.world.allocs.push(alloc);
  scope.world.allocPlaces.set(alloc, { source, at });
  alloc.relocations = memory.relocations.map((relocation) => {
    if (relocation.fragment !== undefined || relocation.size !== POINTER_SIZE)
      throw unsupportedIn(scope, "a part of a pointer in an allocation");
    return {
      offset: relocation.offset,
      target: allocTarget(scope, relocation.pointer.alloc),
      addend: offsetOf(scope, relocation.pointer),
    };
  });
  return alloc;
}
