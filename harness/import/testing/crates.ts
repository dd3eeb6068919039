/** Crates of a few lines for tests: sources and MIR as text. */

import { Cursor, SourceText } from "../../../codegen/index.ts";
import type { LinkedCrate } from "../crates.ts";
import { DumpIndex } from "../dump-index.ts";
import { readSourceTree } from "../source-tree.ts";

/** A crate without a library. `plain` is its MIR before optimisation. */
export function crateOf(source: string, mir = "", plain: string = mir): LinkedCrate {
  const tree = readSourceTree(new Cursor(SourceText.fromString("t.rs", source)));
  const index = (name: string, dump: string): DumpIndex => new DumpIndex(name, Buffer.from(dump), tree);
  const before = index("t.plain.mir", plain);
  return {
    name: "t",
    tree,
    dump: index("t.mir", mir),
    plain: () => before,
    prefix: "",
    library: undefined,
    alloc: undefined,
  };
}
