/** Two-phase borrows: reserved first, activated by the first write. */

import { judge } from "../testing/judge.ts";

judge("vec.push(vec.len()): a read between reservation and activation", "ok", "ok", (p) => {
  const self = p.twoPhase(p.root);
  p.read(p.shr(p.root));
  p.write(p.mut(self, { call: 1 }));
  p.end(1);
});

judge("a write between reservation and activation", "forbidden", "forbidden", (p) => {
  const self = p.twoPhase(p.root);
  p.write(p.root);
  p.write(p.mut(self));
});

judge("a shared reference that existed before activation is read after it", "forbidden", "forbidden", (p) => {
  const shared = p.shr(p.root);
  const self = p.twoPhase(p.root);
  p.write(p.mut(self));
  p.read(shared);
});
