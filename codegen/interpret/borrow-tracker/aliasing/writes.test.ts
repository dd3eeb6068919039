/** Reads and writes of one place through references that were derived from one another. */

import { judge } from "../testing/judge.ts";

judge("a reference is used before its parent writes", "ok", "ok", (p) => {
  p.written(p.root);
  p.write(p.root);
});

judge("a reference is used after its parent wrote", "forbidden", "forbidden", (p) => {
  const x = p.mut(p.root);
  const y = p.mut(x);
  p.write(x);
  p.read(y);
});

judge("a shared reference is read after a write of the local", "forbidden", "forbidden", (p) => {
  const y = p.rawConst(p.shr(p.root));
  p.write(p.root);
  p.read(y);
});

judge("a shared reference is read after a read of the local", "ok", "ok", (p) => {
  const y = p.rawConst(p.shr(p.root));
  p.read(p.root);
  p.read(y);
});

judge("a write through a shared reference", "forbidden", "forbidden", (p) => p.write(p.shr(p.root)));

judge("a write through a raw pointer made from a shared reference", "forbidden", "forbidden", (p) => {
  p.write(p.raw(p.shr(p.root)));
});

judge("a write through a pointer that a callee kept from a shared reborrow", "forbidden", "forbidden", (p) => {
  const our = p.written(p.root);
  const leak = p.rawConst(p.shr(our));
  p.write(leak);
});

judge("two mutable references, and the first writes", "ok", "forbidden", (p) => {
  const raw = p.mutRaw(p.root);
  const a = p.mut(raw);
  p.mut(raw);
  p.write(a);
});

judge("two mutable references, the first writes, then the second", "forbidden", "forbidden", (p) => {
  const raw = p.mutRaw(p.root);
  const a = p.mut(raw);
  const b = p.mut(raw);
  p.write(a);
  p.write(b);
});

judge("two mutable references, and the second writes", "ok", "ok", (p) => {
  const raw = p.mutRaw(p.root);
  p.mut(raw);
  p.write(p.mut(raw));
});

judge("two raw pointers from two borrows, and the first writes", "ok", "forbidden", (p) => {
  const a = p.mutRaw(p.root);
  p.mutRaw(p.root);
  p.write(a);
});

judge("two copies of one raw pointer write in turn", "ok", "ok", (p) => {
  const raw = p.mutRaw(p.root);
  for (const copy of [p.raw(raw), p.raw(raw), p.raw(raw)]) p.write(copy);
  p.write(raw);
});

judge("a mutable reference, then a shared one, both read", "ok", "forbidden", (p) => {
  const m = p.mut(p.root);
  p.shr(p.root);
  p.read(m);
});

judge("a written mutable reference is read after its parent was read", "ok", "forbidden", (p) => {
  const raw = p.mutRaw(p.root);
  const m = p.written(raw);
  p.read(raw);
  p.read(m);
});

judge("a written mutable reference writes after its parent was read", "forbidden", "forbidden", (p) => {
  const raw = p.mutRaw(p.root);
  const m = p.written(raw);
  p.read(raw);
  p.write(m);
});

judge("a mutable reference that was not written yet writes after its parent was read", "ok", "forbidden", (p) => {
  const raw = p.mutRaw(p.root);
  const m = p.mut(raw);
  p.read(raw);
  p.write(m);
});

judge("a written raw pointer writes again after its parent was read", "forbidden", "ok", (p) => {
  const x = p.mut(p.root);
  const y = p.mutRaw(x);
  p.write(y);
  p.read(x);
  p.write(y);
});

judge("the local is read between two writes through a raw pointer", "forbidden", "ok", (p) => {
  const y = p.mutRaw(p.root);
  p.write(y);
  p.read(p.root);
  p.write(y);
});

judge("raw, then shared of the same reference: read the one, write the other", "ok", "ok", (p) => {
  const x = p.mut(p.root);
  const raw = p.mutRaw(x);
  const shared = p.shr(x);
  p.read(shared);
  p.write(raw);
});

judge("shared is read after raw of the same reference wrote", "forbidden", "forbidden", (p) => {
  const x = p.mut(p.root);
  const shared = p.shr(x);
  const raw = p.mutRaw(x);
  p.write(raw);
  p.read(shared);
});

judge("what is above a reference that a read disabled does not join what is below", "forbidden", "forbidden", (p) => {
  const base = p.mutRaw(p.root);
  const kept = p.mutRaw(base);
  p.read(base);
  p.write(base);
  p.read(kept);
});

judge("a reborrow of a reference whose parent wrote", "forbidden", "forbidden", (p) => {
  const raw = p.mutRaw(p.root);
  const shared = p.shr(raw);
  p.write(raw);
  p.shr(shared);
});

judge("a mutable reborrow of a reference whose parent was read", "ok", "forbidden", (p) => {
  const raw = p.mutRaw(p.root);
  const m = p.mut(raw);
  p.read(raw);
  p.mut(m);
});

judge("a mutable reborrow of a reference whose parent wrote", "forbidden", "forbidden", (p) => {
  const raw = p.mutRaw(p.root);
  const m = p.mut(raw);
  p.write(raw);
  p.mut(m);
});

judge("a mutable borrow beside a shared one, which is read", "ok", "forbidden", (p) => {
  const raw = p.mutRaw(p.root);
  const shared = p.shr(raw);
  p.mut(raw);
  p.read(shared);
});

judge("a pointer that was smuggled out of a call, used after the caller wrote", "forbidden", "forbidden", (p) => {
  const x = p.mut(p.root);
  const smuggled = p.mutRaw(x);
  p.write(x);
  p.read(smuggled);
});

judge("a !Unpin reference and its parent write in turn", "ok", "ok", (p) => {
  const raw = p.mutRaw(p.root);
  const a = p.pinned(raw);
  p.write(a);
  p.write(raw);
  p.write(a);
});

judge("an Unpin reference and its parent write in turn", "forbidden", "forbidden", (p) => {
  const raw = p.mutRaw(p.root);
  const a = p.written(raw);
  p.write(raw);
  p.write(a);
});
