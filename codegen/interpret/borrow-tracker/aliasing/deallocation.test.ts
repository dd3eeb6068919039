/** Freeing memory, and the references that forbid it. */

import { judge, PAIR } from "../testing/judge.ts";

judge("through the raw pointer, while a protected mutable reference lives", "protected", "protected", (p) => {
  const raw = p.mutRaw(p.root, { size: 8 });
  p.mut(raw, { size: 8, call: 1 });
  p.free(raw);
});

judge("through the protected reference itself", "protectedDealloc", "protectedDealloc", (p) =>
  p.free(p.mut(p.root, { size: 8, call: 1 })),
);

judge("through the protected reference, after the call", "ok", "ok", (p) => {
  const x = p.mut(p.root, { size: 8, call: 1 });
  p.end(1);
  p.free(x);
});

judge("through a protected box", "ok", "ok", (p) => p.free(p.box(p.root, { size: 8, call: 1 })));

judge("through what a protected box was derived from", "protected", "protected", (p) => {
  const raw = p.mutRaw(p.root, { size: 8 });
  p.box(raw, { size: 8, call: 1 });
  p.free(raw);
});

judge("a call ends whose box is gone", "ok", "ok", (p) => {
  p.free(p.box(p.root, { size: 8, call: 1 }));
  p.end(1);
});

judge("through a protected shared reference to a cell", "ok", "ok", (p) =>
  p.free(p.shr(p.root, { cell: true, size: 8, call: 1 })),
);

judge("while a protected shared reference to a pair with a cell lives", "protected", "protected", (p) => {
  p.shr(p.root, { shape: PAIR, size: 8, call: 1 });
  p.free(p.root);
});

judge("while a protected empty slice lives", "ok", "ok", (p) => {
  p.mut(p.root, { size: 0, call: 1 });
  p.free(p.root);
  p.end(1);
});

judge("through a pointer that a later borrow killed", "ok", "forbidden", (p) => {
  const first = p.mutRaw(p.root, { size: 8 });
  p.mutRaw(p.root, { size: 8 });
  p.free(first);
});

judge("through a shared reference", "forbidden", "forbidden", (p) => p.free(p.shr(p.root, { size: 8 })));
