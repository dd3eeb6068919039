/** References to different bytes of an allocation. */

import { judge } from "../testing/judge.ts";

judge("the halves of a split write in turn", "ok", "ok", (p) => {
  const all = p.mutRaw(p.root, { size: 8 });
  const left = p.mut(all, { size: 4 });
  const right = p.mut(all, { at: 4, size: 4 });
  p.write(left);
  p.write(right, 4);
  p.write(left);
});

judge("the halves of a wrong split, which overlap, write in turn", "forbidden", "forbidden", (p) => {
  const all = p.mutRaw(p.root, { size: 8 });
  const left = p.mut(all, { size: 8 });
  const right = p.mut(all, { size: 8 });
  p.write(left, 4);
  p.write(right, 4);
});

judge("a part of a reborrow survives a write of the other part", "ok", "ok", (p) => {
  const data = p.mut(p.root, { size: 8 });
  const all = p.mut(data, { size: 8 });
  const part = p.mut(all, { at: 4 });
  p.write(data, 0);
  p.write(part, 4);
});

judge("a part of a reborrow does not survive a write of all", "forbidden", "forbidden", (p) => {
  const data = p.mut(p.root, { size: 8 });
  const part = p.mut(p.mut(data, { size: 8 }), { at: 4 });
  p.write(data, 0, 8);
  p.write(part, 4);
});

judge("a read outside of the pointee of a mutable reference", "ok", "forbidden", (p) =>
  p.read(p.mut(p.root, { size: 1 }), 4),
);

judge("a write outside of the pointee of a mutable reference", "ok", "forbidden", (p) =>
  p.write(p.mut(p.root, { size: 1 }), 4),
);

judge("a write outside of the pointee of a shared reference", "forbidden", "forbidden", (p) =>
  p.write(p.shr(p.root, { size: 0 })),
);

judge("a read through the pointer of an empty slice", "ok", "forbidden", (p) =>
  p.read(p.rawConst(p.shr(p.root, { size: 0 }), { size: 0 })),
);

judge("a read outside of the pointee after somebody else wrote there", "forbidden", "forbidden", (p) => {
  const raw = p.mutRaw(p.root, { size: 8 });
  const y = p.mut(raw, { size: 1, call: 1 });
  p.write(raw, 4);
  p.read(y, 4);
});

judge("somebody else writes outside of the pointee of a protected reference", "ok", "ok", (p) => {
  const raw = p.mutRaw(p.root, { size: 8 });
  const y = p.mut(raw, { size: 1, call: 1 });
  p.write(raw, 4);
  p.read(y, 0, 1);
  p.end(1);
});
