/**
 * Small programs and the verdict of both models on each; the ideas are those of Miri's tests of Tree Borrows, Stacked Borrows and both. A
 * program that is allowed stands beside one that differs in little and is not.
 */

import { describe, expect, it } from "vitest";
import type { RetagShape } from "./retag.ts";
import { Program, violationOf } from "./testing/program.ts";
import type { ViolationKind } from "./violation.ts";

type Verdict = "ok" | ViolationKind;

/** Name, verdict of Tree Borrows, verdict of Stacked Borrows, program. The allocation is a local of 8 bytes; accesses are of the first 4. */
type Case = readonly [name: string, tree: Verdict, stacked: Verdict, run: (p: Program) => void];

/** `&(i32, Cell<i32>)` */
const PAIR: RetagShape = {
  pointer: "shared",
  twoPhase: false,
  freeze: false,
  unpin: true,
  cells: [{ start: 4, end: 8 }],
};

const WRITES: readonly Case[] = [
  [
    "a reference is used before its parent writes",
    "ok",
    "ok",
    (p) => {
      const x = p.mut(p.root);
      p.write(x);
      p.write(p.root);
    },
  ],
  [
    "a reference is used after its parent wrote",
    "forbidden",
    "forbidden",
    (p) => {
      const x = p.mut(p.root);
      const y = p.mut(x);
      p.write(x);
      p.read(y);
    },
  ],
  [
    "a shared reference is read after a write of the local",
    "forbidden",
    "forbidden",
    (p) => {
      const y = p.rawConst(p.shr(p.root));
      p.write(p.root);
      p.read(y);
    },
  ],
  [
    "a shared reference is read after a read of the local",
    "ok",
    "ok",
    (p) => {
      const y = p.rawConst(p.shr(p.root));
      p.read(p.root);
      p.read(y);
    },
  ],
  ["a write through a shared reference", "forbidden", "forbidden", (p) => p.write(p.shr(p.root))],
  [
    "a write through a raw pointer made from a shared reference",
    "forbidden",
    "forbidden",
    (p) => {
      p.write(p.raw(p.shr(p.root)));
    },
  ],
  [
    "a write through a pointer that a callee kept from a shared reborrow",
    "forbidden",
    "forbidden",
    (p) => {
      const our = p.mut(p.root);
      p.write(our);
      const leak = p.rawConst(p.shr(our));
      p.write(leak);
    },
  ],
  [
    "two mutable references, and the first writes",
    "ok",
    "forbidden",
    (p) => {
      const raw = p.mutRaw(p.root);
      const a = p.mut(raw);
      p.mut(raw);
      p.write(a);
    },
  ],
  [
    "two mutable references, the first writes, then the second",
    "forbidden",
    "forbidden",
    (p) => {
      const raw = p.mutRaw(p.root);
      const a = p.mut(raw);
      const b = p.mut(raw);
      p.write(a);
      p.write(b);
    },
  ],
  [
    "two mutable references, and the second writes",
    "ok",
    "ok",
    (p) => {
      const raw = p.mutRaw(p.root);
      p.mut(raw);
      p.write(p.mut(raw));
    },
  ],
  [
    "two raw pointers from two borrows, and the first writes",
    "ok",
    "forbidden",
    (p) => {
      const a = p.mutRaw(p.root);
      p.mutRaw(p.root);
      p.write(a);
    },
  ],
  [
    "two copies of one raw pointer write in turn",
    "ok",
    "ok",
    (p) => {
      const raw = p.mutRaw(p.root);
      for (const copy of [p.raw(raw), p.raw(raw), p.raw(raw)]) p.write(copy);
      p.write(raw);
    },
  ],
  [
    "a mutable reference, then a shared one, both read",
    "ok",
    "forbidden",
    (p) => {
      const m = p.mut(p.root);
      p.shr(p.root);
      p.read(m);
    },
  ],
  [
    "a written mutable reference is read after its parent was read",
    "ok",
    "forbidden",
    (p) => {
      const raw = p.mutRaw(p.root);
      const m = p.mut(raw);
      p.write(m);
      p.read(raw);
      p.read(m);
    },
  ],
  [
    "a written mutable reference writes after its parent was read",
    "forbidden",
    "forbidden",
    (p) => {
      const raw = p.mutRaw(p.root);
      const m = p.mut(raw);
      p.write(m);
      p.read(raw);
      p.write(m);
    },
  ],
  [
    "a mutable reference that was not written yet writes after its parent was read",
    "ok",
    "forbidden",
    (p) => {
      const raw = p.mutRaw(p.root);
      const m = p.mut(raw);
      p.read(raw);
      p.write(m);
    },
  ],
  [
    "a written raw pointer writes again after its parent was read",
    "forbidden",
    "ok",
    (p) => {
      const x = p.mut(p.root);
      const y = p.mutRaw(x);
      p.write(y);
      p.read(x);
      p.write(y);
    },
  ],
  [
    "the local is read between two writes through a raw pointer",
    "forbidden",
    "ok",
    (p) => {
      const y = p.mutRaw(p.root);
      p.write(y);
      p.read(p.root);
      p.write(y);
    },
  ],
  [
    "raw, then shared of the same reference: read the one, write the other",
    "ok",
    "ok",
    (p) => {
      const x = p.mut(p.root);
      const raw = p.mutRaw(x);
      const shared = p.shr(x);
      p.read(shared);
      p.write(raw);
    },
  ],
  [
    "shared is read after raw of the same reference wrote",
    "forbidden",
    "forbidden",
    (p) => {
      const x = p.mut(p.root);
      const shared = p.shr(x);
      const raw = p.mutRaw(x);
      p.write(raw);
      p.read(shared);
    },
  ],
  [
    "what is above a reference that a read disabled does not join what is below",
    "forbidden",
    "forbidden",
    (p) => {
      const base = p.mutRaw(p.root);
      const kept = p.mutRaw(base);
      p.read(base);
      p.write(base);
      p.read(kept);
    },
  ],
  [
    "a reborrow of a reference whose parent wrote",
    "forbidden",
    "forbidden",
    (p) => {
      const raw = p.mutRaw(p.root);
      const shared = p.shr(raw);
      p.write(raw);
      p.shr(shared);
    },
  ],
  [
    "a mutable reborrow of a reference whose parent was read",
    "ok",
    "forbidden",
    (p) => {
      const raw = p.mutRaw(p.root);
      const m = p.mut(raw);
      p.read(raw);
      p.mut(m);
    },
  ],
  [
    "a mutable reborrow of a reference whose parent wrote",
    "forbidden",
    "forbidden",
    (p) => {
      const raw = p.mutRaw(p.root);
      const m = p.mut(raw);
      p.write(raw);
      p.mut(m);
    },
  ],
  [
    "a mutable borrow beside a shared one, which is read",
    "ok",
    "forbidden",
    (p) => {
      const raw = p.mutRaw(p.root);
      const shared = p.shr(raw);
      p.mut(raw);
      p.read(shared);
    },
  ],
  [
    "a pointer that was smuggled out of a call, used after the caller wrote",
    "forbidden",
    "forbidden",
    (p) => {
      const x = p.mut(p.root);
      const smuggled = p.mutRaw(x);
      p.write(x);
      p.read(smuggled);
    },
  ],
  [
    "a !Unpin reference and its parent write in turn",
    "ok",
    "ok",
    (p) => {
      const raw = p.mutRaw(p.root);
      const a = p.pinned(raw);
      p.write(a);
      p.write(raw);
      p.write(a);
    },
  ],
  [
    "an Unpin reference and its parent write in turn",
    "forbidden",
    "forbidden",
    (p) => {
      const raw = p.mutRaw(p.root);
      const a = p.mut(raw);
      p.write(a);
      p.write(raw);
      p.write(a);
    },
  ],
];

const RANGES: readonly Case[] = [
  [
    "the halves of a split write in turn",
    "ok",
    "ok",
    (p) => {
      const all = p.mutRaw(p.root, { size: 8 });
      const left = p.mut(all, { size: 4 });
      const right = p.mut(all, { at: 4, size: 4 });
      p.write(left);
      p.write(right, 4);
      p.write(left);
    },
  ],
  [
    "the halves of a wrong split, which overlap, write in turn",
    "forbidden",
    "forbidden",
    (p) => {
      const all = p.mutRaw(p.root, { size: 8 });
      const left = p.mut(all, { size: 8 });
      const right = p.mut(all, { size: 8 });
      p.write(left, 4);
      p.write(right, 4);
    },
  ],
  [
    "a part of a reborrow survives a write of the other part",
    "ok",
    "ok",
    (p) => {
      const data = p.mut(p.root, { size: 8 });
      const all = p.mut(data, { size: 8 });
      const part = p.mut(all, { at: 4 });
      p.write(data, 0);
      p.write(part, 4);
    },
  ],
  [
    "a part of a reborrow does not survive a write of all",
    "forbidden",
    "forbidden",
    (p) => {
      const data = p.mut(p.root, { size: 8 });
      const part = p.mut(p.mut(data, { size: 8 }), { at: 4 });
      p.write(data, 0, 8);
      p.write(part, 4);
    },
  ],
  [
    "a read outside of the pointee of a mutable reference",
    "ok",
    "forbidden",
    (p) => p.read(p.mut(p.root, { size: 1 }), 4),
  ],
  [
    "a write outside of the pointee of a mutable reference",
    "ok",
    "forbidden",
    (p) => p.write(p.mut(p.root, { size: 1 }), 4),
  ],
  [
    "a write outside of the pointee of a shared reference",
    "forbidden",
    "forbidden",
    (p) => p.write(p.shr(p.root, { size: 0 })),
  ],
  [
    "a read through the pointer of an empty slice",
    "ok",
    "forbidden",
    (p) => p.read(p.rawConst(p.shr(p.root, { size: 0 }), { size: 0 })),
  ],
  [
    "a read outside of the pointee after somebody else wrote there",
    "forbidden",
    "forbidden",
    (p) => {
      const raw = p.mutRaw(p.root, { size: 8 });
      const y = p.mut(raw, { size: 1, call: 1 });
      p.write(raw, 4);
      p.read(y, 4);
    },
  ],
  [
    "somebody else writes outside of the pointee of a protected reference",
    "ok",
    "ok",
    (p) => {
      const raw = p.mutRaw(p.root, { size: 8 });
      const y = p.mut(raw, { size: 1, call: 1 });
      p.write(raw, 4);
      p.read(y, 0, 1);
      p.end(1);
    },
  ],
];

const PROTECTORS: readonly Case[] = [
  [
    "two protected mutable references to the same",
    "forbidden",
    "protected",
    (p) => {
      const raw = p.mutRaw(p.root);
      const a = p.mut(raw, { call: 1 });
      p.mut(raw, { call: 1 });
      p.write(a);
    },
  ],
  [
    "two protected mutable references to different bytes, used and returned from",
    "ok",
    "ok",
    (p) => {
      const a = p.mut(p.root, { at: 0, call: 1 });
      const b = p.mut(p.root, { at: 4, call: 1 });
      p.write(a, 0);
      p.write(b, 4);
      p.end(1);
      p.write(p.root, 0, 8);
    },
  ],
  [
    "a protected shared, then a protected mutable reference that writes",
    "protected",
    "protected",
    (p) => {
      const raw = p.mutRaw(p.root);
      p.shr(raw, { call: 1 });
      p.write(p.mut(raw, { call: 1 }));
    },
  ],
  [
    "a protected mutable, then a shared reference, and the first writes",
    "forbidden",
    "protected",
    (p) => {
      const raw = p.mutRaw(p.root);
      const a = p.mut(raw, { call: 1 });
      p.shr(raw, { call: 1 });
      p.write(a);
    },
  ],
  [
    "a protected mutable, then a shared reference, and both only read",
    "ok",
    "protected",
    (p) => {
      const raw = p.mutRaw(p.root);
      const a = p.mut(raw, { call: 1 });
      p.read(p.shr(raw, { call: 1 }));
      p.read(a);
      p.end(1);
    },
  ],
  [
    "a protected mutable reference that conflicted writes after the call",
    "ok",
    "protected",
    (p) => {
      const raw = p.mutRaw(p.root);
      const a = p.mut(raw, { call: 1 });
      p.read(raw);
      p.end(1);
      p.write(a);
    },
  ],
  [
    "a protected shared, and a mutable reference to a cell that writes",
    "protected",
    "protected",
    (p) => {
      const raw = p.mutRaw(p.root);
      p.shr(raw, { call: 1 });
      p.write(p.mut(raw, { call: 1, cell: true }));
    },
  ],
  [
    "the raw pointer under a protected reference that wrote is written",
    "protected",
    "protected",
    (p) => {
      const raw = p.mutRaw(p.root);
      p.write(p.mut(raw, { call: 1 }));
      p.write(raw);
    },
  ],
  [
    "the raw pointer under a protected reference that wrote is read",
    "protected",
    "protected",
    (p) => {
      const raw = p.mutRaw(p.root);
      p.write(p.mut(raw, { call: 1 }));
      p.read(raw);
    },
  ],
  [
    "the same after the call",
    "ok",
    "ok",
    (p) => {
      const raw = p.mutRaw(p.root);
      p.write(p.mut(raw, { call: 1 }));
      p.end(1);
      p.write(raw);
    },
  ],
  [
    "a write of what a protected shared reference points to",
    "protected",
    "protected",
    (p) => {
      const raw = p.mutRaw(p.root);
      p.shr(raw, { call: 1 });
      p.write(raw);
    },
  ],
  [
    "a read of what a protected shared reference points to",
    "ok",
    "ok",
    (p) => {
      const raw = p.mutRaw(p.root);
      p.shr(raw, { call: 1 });
      p.read(raw);
      p.end(1);
    },
  ],
  [
    "a write of the cell that a protected shared reference points to",
    "ok",
    "ok",
    (p) => {
      const raw = p.mutRaw(p.root);
      p.shr(raw, { call: 1, cell: true });
      p.write(raw);
      p.end(1);
    },
  ],
  [
    "a write of the cell that a protected mutable reference points to",
    "protected",
    "protected",
    (p) => {
      const raw = p.mutRaw(p.root);
      p.mut(raw, { call: 1, cell: true });
      p.write(raw);
    },
  ],
  [
    "an argument is dead already when the function is called",
    "forbidden",
    "forbidden",
    (p) => {
      const raw = p.mutRaw(p.root);
      const shared = p.shr(raw);
      p.write(raw);
      p.shr(shared, { call: 1 });
    },
  ],
  [
    "a call whose argument is a reborrow kills a sibling",
    "ok",
    "forbidden",
    (p) => {
      const x = p.mut(p.root);
      const kept = p.mutRaw(x);
      p.mut(x, { call: 1 });
      p.end(1);
      p.read(kept);
    },
  ],
  [
    "a call whose argument is written kills a sibling",
    "forbidden",
    "forbidden",
    (p) => {
      const x = p.mut(p.root);
      const kept = p.mutRaw(x);
      p.write(p.mut(x, { call: 1 }));
      p.end(1);
      p.read(kept);
    },
  ],
  [
    "a function returns a reference derived from its argument",
    "ok",
    "ok",
    (p) => {
      const x = p.mut(p.root);
      const argument = p.mut(x, { call: 1 });
      const returned = p.mut(argument);
      p.write(returned);
      p.end(1);
      p.write(returned);
    },
  ],
  [
    "a function returns a reference that it disabled",
    "forbidden",
    "forbidden",
    (p) => {
      const x = p.mut(p.root);
      const argument = p.mut(x, { call: 1 });
      const returned = p.mut(argument);
      p.write(argument);
      p.end(1);
      p.write(p.mut(returned));
    },
  ],
  [
    "the end of a protector writes what was written outside of the pointee",
    "forbidden",
    "forbidden",
    (p) => {
      const a = p.mutRaw(p.root, { size: 8 });
      const b = p.mut(a, { size: 1, call: 1 });
      p.write(b, 4);
      const sibling = p.mut(a, { size: 1 });
      p.end(1);
      p.read(sibling, 4);
    },
  ],
  [
    "the same where the sibling is looked at before the end",
    "protected",
    "forbidden",
    (p) => {
      const a = p.mutRaw(p.root, { size: 8 });
      const b = p.mut(a, { size: 1, call: 1 });
      p.write(b, 4);
      p.read(p.mut(a, { size: 1 }), 4);
    },
  ],
  [
    "a conflict outside of the pointee forbids writes there during the call",
    "forbidden",
    "forbidden",
    (p) => {
      const raw = p.mutRaw(p.root, { size: 8 });
      const y = p.mut(raw, { size: 1, call: 1 });
      p.read(raw, 4);
      p.read(raw, 4);
      p.write(y, 4);
    },
  ],
  [
    "a place that is protected for a call is read by the caller's pointer",
    "protected",
    "protected",
    (p) => {
      p.tracker.protectPlace(7, p.root, 0, 4, 1);
      p.read(p.root);
    },
  ],
  [
    "a place that is protected for a call is written by the caller's pointer",
    "protected",
    "protected",
    (p) => {
      p.tracker.protectPlace(7, p.root, 0, 4, 1);
      p.write(p.root);
    },
  ],
  [
    "a protector of an inner call does not outlive it",
    "protected",
    "protected",
    (p) => {
      const outer = p.mut(p.root, { call: 1 });
      const inner = p.mut(outer, { call: 2 });
      p.write(inner);
      p.end(2);
      p.write(outer);
      p.write(p.root);
    },
  ],
];

const CELLS: readonly Case[] = [
  [
    "two shared references to a cell write in turn",
    "ok",
    "ok",
    (p) => {
      const x = p.shr(p.root, { cell: true });
      const y = p.shr(p.root, { cell: true });
      for (const tag of [x, y, x, y]) p.write(tag);
    },
  ],
  [
    "a shared reference to a cell is read after its parent wrote",
    "ok",
    "forbidden",
    (p) => {
      const x = p.mut(p.root, { cell: true });
      const y = p.shr(x, { cell: true });
      p.write(x);
      p.read(y);
    },
  ],
  [
    "what is derived from the contents of a cell, after the cell was written",
    "forbidden",
    "forbidden",
    (p) => {
      const cell = p.shr(p.root, { cell: true });
      const inner = p.shr(p.mut(cell));
      p.write(cell);
      p.read(inner);
    },
  ],
  [
    "the cell of a pair is written through a shared reference",
    "ok",
    "ok",
    (p) => p.write(p.shr(p.root, { shape: PAIR, size: 8 }), 4),
  ],
  ["the rest of the pair is", "forbidden", "forbidden", (p) => p.write(p.shr(p.root, { shape: PAIR, size: 8 }), 0)],
  [
    "a mutable reference to a cell survives a write before it was used",
    "ok",
    "forbidden",
    (p) => {
      const raw = p.mutRaw(p.root, { cell: true });
      const x = p.mut(raw, { cell: true });
      p.write(raw);
      p.write(x);
    },
  ],
  [
    "but not after it was written",
    "forbidden",
    "forbidden",
    (p) => {
      const raw = p.mutRaw(p.root, { cell: true });
      const x = p.mut(raw, { cell: true });
      p.write(x);
      p.write(raw);
      p.read(x);
    },
  ],
  [
    "a write outside of the pointee of a shared reference to a cell",
    "ok",
    "forbidden",
    (p) => p.write(p.shr(p.root, { cell: true, size: 0 })),
  ],
];

const TWO_PHASE: readonly Case[] = [
  [
    "vec.push(vec.len()): a read between reservation and activation",
    "ok",
    "ok",
    (p) => {
      const self = p.twoPhase(p.root);
      p.read(p.shr(p.root));
      p.write(p.mut(self, { call: 1 }));
      p.end(1);
    },
  ],
  [
    "a write between reservation and activation",
    "forbidden",
    "forbidden",
    (p) => {
      const self = p.twoPhase(p.root);
      p.write(p.root);
      p.write(p.mut(self));
    },
  ],
  [
    "a shared reference that existed before activation is read after it",
    "forbidden",
    "forbidden",
    (p) => {
      const shared = p.shr(p.root);
      const self = p.twoPhase(p.root);
      p.write(p.mut(self));
      p.read(shared);
    },
  ],
];

const DEALLOCATION: readonly Case[] = [
  [
    "through the raw pointer, while a protected mutable reference lives",
    "protected",
    "protected",
    (p) => {
      const raw = p.mutRaw(p.root, { size: 8 });
      p.mut(raw, { size: 8, call: 1 });
      p.free(raw);
    },
  ],
  [
    "through the protected reference itself",
    "protectedDealloc",
    "protectedDealloc",
    (p) => p.free(p.mut(p.root, { size: 8, call: 1 })),
  ],
  [
    "through the protected reference, after the call",
    "ok",
    "ok",
    (p) => {
      const x = p.mut(p.root, { size: 8, call: 1 });
      p.end(1);
      p.free(x);
    },
  ],
  ["through a protected box", "ok", "ok", (p) => p.free(p.box(p.root, { size: 8, call: 1 }))],
  [
    "through what a protected box was derived from",
    "protected",
    "protected",
    (p) => {
      const raw = p.mutRaw(p.root, { size: 8 });
      p.box(raw, { size: 8, call: 1 });
      p.free(raw);
    },
  ],
  [
    "a call ends whose box is gone",
    "ok",
    "ok",
    (p) => {
      p.free(p.box(p.root, { size: 8, call: 1 }));
      p.end(1);
    },
  ],
  [
    "through a protected shared reference to a cell",
    "ok",
    "ok",
    (p) => p.free(p.shr(p.root, { cell: true, size: 8, call: 1 })),
  ],
  [
    "while a protected shared reference to a pair with a cell lives",
    "protected",
    "protected",
    (p) => {
      p.shr(p.root, { shape: PAIR, size: 8, call: 1 });
      p.free(p.root);
    },
  ],
  [
    "while a protected empty slice lives",
    "ok",
    "ok",
    (p) => {
      p.mut(p.root, { size: 0, call: 1 });
      p.free(p.root);
      p.end(1);
    },
  ],
  [
    "through a pointer that a later borrow killed",
    "ok",
    "forbidden",
    (p) => {
      const first = p.mutRaw(p.root, { size: 8 });
      p.mutRaw(p.root, { size: 8 });
      p.free(first);
    },
  ],
  ["through a shared reference", "forbidden", "forbidden", (p) => p.free(p.shr(p.root, { size: 8 }))],
];

const EXPOSED: readonly Case[] = [
  [
    "a pointer goes through an address and back",
    "ok",
    "ok",
    (p) => {
      const x = p.mutRaw(p.root);
      p.expose(x);
      p.write(p.wildcard);
      p.read(x);
    },
  ],
  [
    "no tag was exposed that still allows it",
    "noExposedTag",
    "noExposedTag",
    (p) => {
      const x = p.mutRaw(p.root);
      p.expose(x);
      p.write(p.root);
      p.read(p.wildcard);
    },
  ],
  [
    "a write where only a shared reference was exposed",
    "noExposedTag",
    "noExposedTag",
    (p) => {
      p.expose(p.shr(p.root));
      p.write(p.wildcard);
    },
  ],
  [
    "a read where only a shared reference was exposed",
    "ok",
    "ok",
    (p) => {
      p.expose(p.shr(p.root));
      p.read(p.wildcard);
    },
  ],
  [
    "a reference derived from the exposed one is read after a write through the address",
    "forbidden",
    "forbidden",
    (p) => {
      const x = p.mutRaw(p.root);
      p.expose(x);
      const y = p.mut(x);
      p.write(p.wildcard);
      p.read(y);
    },
  ],
  // Stacked Borrows forgets the stack at such a write, and with it that the older reference was not in it.
  [
    "an older reference beside the exposed one is read after a write through the address",
    "forbidden",
    "ok",
    (p) => {
      const b = p.mut(p.root);
      p.expose(p.mutRaw(p.root));
      p.write(p.wildcard);
      p.read(b);
    },
  ],
  [
    "either of two exposed pointers may be meant: the one that still can",
    "ok",
    "ok",
    (p) => {
      const a = p.mutRaw(p.root);
      const b = p.mutRaw(a);
      p.expose(a);
      p.expose(b);
      p.write(p.wildcard);
      p.write(b);
      p.write(p.wildcard);
    },
  ],
  [
    "a reborrow of an exposed address",
    "ok",
    "ok",
    (p) => {
      p.expose(p.mutRaw(p.root));
      const w = p.mut(p.wildcard);
      p.write(w);
      p.read(w);
    },
  ],
  [
    "a reborrow of an exposed address is read after the exposed pointer wrote",
    "forbidden",
    "forbidden",
    (p) => {
      const x = p.mutRaw(p.root);
      p.expose(x);
      const w = p.mut(p.wildcard);
      p.write(w);
      p.write(x);
      p.read(w);
    },
  ],
  [
    "a write through the address under a protected reference that was not exposed",
    "protected",
    "protected",
    (p) => {
      const x = p.mutRaw(p.root);
      p.expose(x);
      p.mut(x, { call: 1 });
      p.write(p.wildcard);
    },
  ],
];

const GROUPS: Readonly<Record<string, readonly Case[]>> = {
  writes: WRITES,
  ranges: RANGES,
  protectors: PROTECTORS,
  cells: CELLS,
  "two-phase borrows": TWO_PHASE,
  deallocation: DEALLOCATION,
  "exposed addresses": EXPOSED,
};

for (const [group, cases] of Object.entries(GROUPS)) {
  describe(group, () => {
    for (const [name, tree, stacked, run] of cases) {
      it(`${name}: ${tree} for Tree Borrows, ${stacked} for Stacked Borrows`, () => {
        const verdict = (model: "tree" | "stacked"): Verdict =>
          violationOf(() => run(new Program(model)))?.kind ?? "ok";
        expect([verdict("tree"), verdict("stacked")]).toEqual([tree, stacked]);
      });
    }
  });
}
