/** Pointers that went through an integer. */

import { judge } from "../testing/judge.ts";

judge("a pointer goes through an address and back", "ok", "ok", (p) => {
  const x = p.mutRaw(p.root);
  p.expose(x);
  p.write(p.wildcard);
  p.read(x);
});

judge("no tag was exposed that still allows it", "noExposedTag", "noExposedTag", (p) => {
  const x = p.mutRaw(p.root);
  p.expose(x);
  p.write(p.root);
  p.read(p.wildcard);
});

judge("a write where only a shared reference was exposed", "noExposedTag", "noExposedTag", (p) => {
  p.expose(p.shr(p.root));
  p.write(p.wildcard);
});

judge("a read where only a shared reference was exposed", "ok", "ok", (p) => {
  p.expose(p.shr(p.root));
  p.read(p.wildcard);
});

judge(
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
);

// Stacked Borrows forgets the stack at such a write, and with it that the older reference was not in it.
judge("an older reference beside the exposed one is read after a write through the address", "forbidden", "ok", (p) => {
  const b = p.mut(p.root);
  p.expose(p.mutRaw(p.root));
  p.write(p.wildcard);
  p.read(b);
});

judge("either of two exposed pointers may be meant: the one that still can", "ok", "ok", (p) => {
  const a = p.mutRaw(p.root);
  const b = p.mutRaw(a);
  p.expose(a);
  p.expose(b);
  p.write(p.wildcard);
  p.write(b);
  p.write(p.wildcard);
});

judge("a reborrow of an exposed address", "ok", "ok", (p) => {
  p.expose(p.mutRaw(p.root));
  const w = p.written(p.wildcard);
  p.read(w);
});

judge("a reborrow of an exposed address is read after the exposed pointer wrote", "forbidden", "forbidden", (p) => {
  const x = p.mutRaw(p.root);
  p.expose(x);
  const w = p.written(p.wildcard);
  p.write(x);
  p.read(w);
});

judge("a write through the address under a protected reference that was not exposed", "protected", "protected", (p) => {
  const x = p.mutRaw(p.root);
  p.expose(x);
  p.mut(x, { call: 1 });
  p.write(p.wildcard);
});
