/** What the callee of a function may not see happen to its arguments, and the return place. */

import { judge } from "../testing/judge.ts";

judge("two protected mutable references to the same", "forbidden", "protected", (p) => {
  const raw = p.mutRaw(p.root);
  const a = p.mut(raw, { call: 1 });
  p.mut(raw, { call: 1 });
  p.write(a);
});

judge("two protected mutable references to different bytes, used and returned from", "ok", "ok", (p) => {
  const a = p.mut(p.root, { at: 0, call: 1 });
  const b = p.mut(p.root, { at: 4, call: 1 });
  p.write(a, 0);
  p.write(b, 4);
  p.end(1);
  p.write(p.root, 0, 8);
});

judge("a protected shared, then a protected mutable reference that writes", "protected", "protected", (p) => {
  const raw = p.mutRaw(p.root);
  p.shr(raw, { call: 1 });
  p.write(p.mut(raw, { call: 1 }));
});

judge("a protected mutable, then a shared reference, and the first writes", "forbidden", "protected", (p) => {
  const raw = p.mutRaw(p.root);
  const a = p.mut(raw, { call: 1 });
  p.shr(raw, { call: 1 });
  p.write(a);
});

judge("a protected mutable, then a shared reference, and both only read", "ok", "protected", (p) => {
  const raw = p.mutRaw(p.root);
  const a = p.mut(raw, { call: 1 });
  p.read(p.shr(raw, { call: 1 }));
  p.read(a);
  p.end(1);
});

judge("a protected mutable reference that conflicted writes after the call", "ok", "protected", (p) => {
  const raw = p.mutRaw(p.root);
  const a = p.mut(raw, { call: 1 });
  p.read(raw);
  p.end(1);
  p.write(a);
});

judge("a protected shared, and a mutable reference to a cell that writes", "protected", "protected", (p) => {
  const raw = p.mutRaw(p.root);
  p.shr(raw, { call: 1 });
  p.write(p.mut(raw, { call: 1, cell: true }));
});

judge("the raw pointer under a protected reference that wrote is written", "protected", "protected", (p) => {
  const raw = p.mutRaw(p.root);
  p.write(p.mut(raw, { call: 1 }));
  p.write(raw);
});

judge("the raw pointer under a protected reference that wrote is read", "protected", "protected", (p) => {
  const raw = p.mutRaw(p.root);
  p.write(p.mut(raw, { call: 1 }));
  p.read(raw);
});

judge("the same after the call", "ok", "ok", (p) => {
  const raw = p.mutRaw(p.root);
  p.write(p.mut(raw, { call: 1 }));
  p.end(1);
  p.write(raw);
});

judge("a write of what a protected shared reference points to", "protected", "protected", (p) => {
  const raw = p.mutRaw(p.root);
  p.shr(raw, { call: 1 });
  p.write(raw);
});

judge("a read of what a protected shared reference points to", "ok", "ok", (p) => {
  const raw = p.mutRaw(p.root);
  p.shr(raw, { call: 1 });
  p.read(raw);
  p.end(1);
});

judge("a write of the cell that a protected shared reference points to", "ok", "ok", (p) => {
  const raw = p.mutRaw(p.root);
  p.shr(raw, { call: 1, cell: true });
  p.write(raw);
  p.end(1);
});

judge("a write of the cell that a protected mutable reference points to", "protected", "protected", (p) => {
  const raw = p.mutRaw(p.root);
  p.mut(raw, { call: 1, cell: true });
  p.write(raw);
});

judge("an argument is dead already when the function is called", "forbidden", "forbidden", (p) => {
  const raw = p.mutRaw(p.root);
  const shared = p.shr(raw);
  p.write(raw);
  p.shr(shared, { call: 1 });
});

judge("a call whose argument is a reborrow kills a sibling", "ok", "forbidden", (p) => {
  const x = p.mut(p.root);
  const kept = p.mutRaw(x);
  p.mut(x, { call: 1 });
  p.end(1);
  p.read(kept);
});

judge("a call whose argument is written kills a sibling", "forbidden", "forbidden", (p) => {
  const x = p.mut(p.root);
  const kept = p.mutRaw(x);
  p.write(p.mut(x, { call: 1 }));
  p.end(1);
  p.read(kept);
});

judge("a function returns a reference derived from its argument", "ok", "ok", (p) => {
  const x = p.mut(p.root);
  const argument = p.mut(x, { call: 1 });
  const returned = p.written(argument);
  p.end(1);
  p.write(returned);
});

judge("a function returns a reference that it disabled", "forbidden", "forbidden", (p) => {
  const x = p.mut(p.root);
  const argument = p.mut(x, { call: 1 });
  const returned = p.mut(argument);
  p.write(argument);
  p.end(1);
  p.write(p.mut(returned));
});

judge("the end of a protector writes what was written outside of the pointee", "forbidden", "forbidden", (p) => {
  const a = p.mutRaw(p.root, { size: 8 });
  const b = p.mut(a, { size: 1, call: 1 });
  p.write(b, 4);
  const sibling = p.mut(a, { size: 1 });
  p.end(1);
  p.read(sibling, 4);
});

judge("the same where the sibling is looked at before the end", "protected", "forbidden", (p) => {
  const a = p.mutRaw(p.root, { size: 8 });
  const b = p.mut(a, { size: 1, call: 1 });
  p.write(b, 4);
  p.read(p.mut(a, { size: 1 }), 4);
});

judge("a conflict outside of the pointee forbids writes there during the call", "forbidden", "forbidden", (p) => {
  const raw = p.mutRaw(p.root, { size: 8 });
  const y = p.mut(raw, { size: 1, call: 1 });
  p.read(raw, 4);
  p.read(raw, 4);
  p.write(y, 4);
});

judge("a place that is protected for a call is read by the caller's pointer", "protected", "protected", (p) => {
  p.tracker.protectPlace(7, p.root, 0, 4, 1);
  p.read(p.root);
});

judge("a place that is protected for a call is written by the caller's pointer", "protected", "protected", (p) => {
  p.tracker.protectPlace(7, p.root, 0, 4, 1);
  p.write(p.root);
});

judge("a protector of an inner call does not outlive it", "protected", "protected", (p) => {
  const outer = p.mut(p.root, { call: 1 });
  p.written(outer, { call: 2 });
  p.end(2);
  p.write(outer);
  p.write(p.root);
});
