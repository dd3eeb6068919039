/** Bytes inside of `UnsafeCell`, and beside them. */

import { judge, PAIR } from "../testing/judge.ts";

judge("two shared references to a cell write in turn", "ok", "ok", (p) => {
  const x = p.shr(p.root, { cell: true });
  const y = p.shr(p.root, { cell: true });
  for (const tag of [x, y, x, y]) p.write(tag);
});

judge("a shared reference to a cell is read after its parent wrote", "ok", "forbidden", (p) => {
  const x = p.mut(p.root, { cell: true });
  const y = p.shr(x, { cell: true });
  p.write(x);
  p.read(y);
});

judge("what is derived from the contents of a cell, after the cell was written", "forbidden", "forbidden", (p) => {
  const cell = p.shr(p.root, { cell: true });
  const inner = p.shr(p.mut(cell));
  p.write(cell);
  p.read(inner);
});

judge("the cell of a pair is written through a shared reference", "ok", "ok", (p) =>
  p.write(p.shr(p.root, { shape: PAIR, size: 8 }), 4),
);

judge("the rest of the pair is", "forbidden", "forbidden", (p) => p.write(p.shr(p.root, { shape: PAIR, size: 8 }), 0));

judge("a mutable reference to a cell survives a write before it was used", "ok", "forbidden", (p) => {
  const raw = p.mutRaw(p.root, { cell: true });
  const x = p.mut(raw, { cell: true });
  p.write(raw);
  p.write(x);
});

judge("but not after it was written", "forbidden", "forbidden", (p) => {
  const raw = p.mutRaw(p.root, { cell: true });
  const x = p.written(raw, { cell: true });
  p.write(raw);
  p.read(x);
});

judge("a write outside of the pointee of a shared reference to a cell", "ok", "forbidden", (p) =>
  p.write(p.shr(p.root, { cell: true, size: 0 })),
);
