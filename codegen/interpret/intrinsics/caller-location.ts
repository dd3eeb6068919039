/**
 * Where a function was called from: the span of the nearest call on the stack that stands in a function without `#[track_caller]`.
 *
 * As `find_closest_untracked_caller_location` (rustc_const_eval/src/util/caller_location.rs). Spans are those of the MIR text.
 */

import { fieldOffset } from "../../layout/layout.ts";
import type { AllocItem } from "../../mir/items.ts";
import { derefTy } from "../../mir/place-ty.ts";
import type { FnItem } from "../../mir/syntax.ts";
import type { Span } from "../../session/diagnostic.ts";
import type { PreparedProgram } from "../compile.ts";
import { Unsupported } from "../ub.ts";
import type { Intrinsic, IntrinsicCall } from "./intrinsic.ts";

/** The file of all locations: a program does not know its own. */
const FILE: AllocItem = {
  name: "caller_location_file",
  align: 1,
  mutability: "not",
  bytes: new TextEncoder().encode("<mir>"),
  relocations: [],
};

function isTracked(item: FnItem): boolean {
  return item.attributes?.includes("track_caller") === true;
}

function callerSpan(call: IntrinsicCall): Span {
  const frames = call.vm.frames();
  const found = frames.find(({ fn }) => !isTracked(fn.item)) ?? frames[frames.length - 1]!;
  return found.fn.positionOf(found.pc).span;
}

/** By line and column: the allocations of a program's locations, which are made once. */
const locations = new WeakMap<PreparedProgram, Map<string, AllocItem>>();

function locationAt(call: IntrinsicCall, { line, column }: Span): AllocItem {
  const { prepared } = call.vm;
  let known = locations.get(prepared);
  if (known === undefined) {
    known = new Map();
    locations.set(prepared, known);
  }
  const key = `${line}:${column}`;
  let made = known.get(key);
  if (made === undefined) {
    made = makeLocation(call, [line, column]);
    known.set(key, made);
  }
  return made;
}

/** A `core::panic::Location`: whatever its fields are called, its integers are line and column, and its wide pointer is the file. */
function makeLocation(call: IntrinsicCall, integers: number[]): AllocItem {
  const { table } = call.vm.prepared;
  const pointee = derefTy(call.site.ret.ty);
  if (pointee?.kind !== "adt") throw new Unsupported(`caller_location as ${call.site.ret.ty.text}`);
  const { size, align, layout } = table.of(pointee);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let file = 0;
  table.fieldTysOf(pointee).forEach((ty, i) => {
    const at = fieldOffset(layout, i);
    if (ty.kind === "uint") view.setUint32(at, integers.shift() ?? 0, true);
    else if (table.of(ty).leaves.length === 2) file = at;
  });
  view.setBigUint64(file + 8, BigInt(FILE.bytes.length), true);
  const relocations = [{ offset: file, target: { kind: "alloc", alloc: FILE }, addend: 0 }] as const;
  return { name: "caller_location", align, mutability: "not", bytes, relocations };
}

export const CALLER_LOCATION: readonly Intrinsic[] = [
  {
    name: "caller_location",
    signature: "const fn caller_location() -> &'static Location<'static>",
    run: (call) => {
      const alloc = locationAt(call, callerSpan(call));
      const { prepared, globals } = call.vm;
      const id = globals.allocation(prepared.globals.add({ kind: "alloc", alloc }));
      call.setPointer(call.memory.base[id]!, 0, id);
    },
  },
];
