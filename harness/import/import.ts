/** Real Rust as a program: compile to MIR, link with what it needs of the library, add an entry that observes the result. */

import {
  type BasicBlock,
  Cursor,
  Diagnostic,
  type FnItem,
  INTRINSICS,
  type Local,
  type Program,
  SourceText,
  TY_U32,
  TY_UNIT,
} from "../../codegen/index.ts";
import type { LinkedCrate } from "./crates.ts";
import { checkDropImpls, droppedTypes } from "./drop-impls.ts";
import { DumpIndex } from "./dump-index.ts";
import { Library } from "./library.ts";
import { link } from "./linker.ts";
import { withoutPatternTypes, withoutTraitAliases } from "./pattern-types.ts";
import { pruned } from "./prune.ts";
import { readSourceTree } from "./source-tree.ts";
import { type CrateTexts, crateTexts, libraryTexts, type Toolchain } from "./toolchain.ts";

export interface ImportOptions {
  /** The function whose result the program observes. */
  readonly entry: string;
  /** Whether rustc inlines the library into the program. */
  readonly inline: boolean;
}

/** Imports programs with one rustc, whose library is read once. */
export class Importer {
  private readonly toolchain: Toolchain;
  private library: Library | undefined;
  /** The library's types with destructors. */
  private dropped: ReadonlySet<string> | undefined;

  constructor(toolchain: Toolchain) {
    this.toolchain = toolchain;
  }

  /**
   * The program of the Rust source `file`.
   *
   * @throws Diagnostic for what rustc rejects, and for what is not supported.
   */
  program(file: string, options: ImportOptions): Program {
    this.library ??= new Library(linkedCrate("core", libraryTexts(this.toolchain), "rustlib::", undefined));
    const crate = linkedCrate(file, crateTexts(this.toolchain, file, options), "", this.library.crate);
    const { program, entry, isStub, skipped } = link(crate, this.library, options.entry);
    const whole = withMain(program, entry, file);
    const needed = pruned(whole, whole.functions[0]!, isStub);
    this.dropped ??= droppedTypes(this.library.crate);
    checkDropImpls(needed, new Set([...this.dropped, ...droppedTypes(crate)]), skipped);
    return needed;
  }
}

function linkedCrate(
  name: string,
  { source, dump, plainDump }: CrateTexts,
  prefix: string,
  library: LinkedCrate | undefined,
): LinkedCrate {
  // `::core::clone::Clone`, as derives write it, is a path like any other.
  const usual = source.replace(/(^|[^\w>:])::(core|std)::/g, "$1$2::");
  const tree = readSourceTree(
    new Cursor(SourceText.fromString(`${name}, expanded`, withoutPatternTypes(withoutTraitAliases(usual)))),
  );
  let plain: DumpIndex | undefined;
  const makePlain = (): DumpIndex => {
    plain ??= new DumpIndex(`${name}, MIR before optimisation`, plainDump(), tree);
    return plain;
  };
  return { tree, dump: new DumpIndex(`${name}, MIR`, dump, tree), plain: makePlain, prefix, library };
}

/** `fn main() { observe(0, entry()) }`. */
function withMain(program: Program, entry: FnItem, file: string): Program {
  if (entry.params.length > 0 || entry.generics.length > 0)
    throw new Diagnostic(`the entry \`${entry.name}\` has parameters`, { file });
  const { span } = entry;
  const local = (index: number) => ({ local: index as Local, projection: [] });
  const target = (index: number): BasicBlock => index as BasicBlock;
  const unwind = { kind: "continue" } as const;
  const call = (item: FnItem, args: FnItem["params"]) =>
    ({ kind: "const", value: { kind: "fn", item, args } }) as const;
  const main: FnItem = {
    name: "main",
    kind: "fn",
    generics: [],
    params: [],
    ret: TY_UNIT,
    inline: "none",
    abi: "Rust",
    span,
    body: {
      argCount: 0,
      locals: [
        { ty: TY_UNIT, mutability: "mut" },
        { ty: entry.ret, mutability: "mut" },
      ],
      blocks: [
        {
          statements: [],
          terminator: {
            kind: "call",
            func: call(entry, []),
            args: [],
            destination: local(1),
            target: target(1),
            unwind,
            span,
          },
          isCleanup: false,
        },
        {
          statements: [],
          terminator: {
            kind: "call",
            func: call(INTRINSICS.observe, [entry.ret]),
            args: [
              { kind: "const", value: { kind: "scalar", ty: TY_U32, bits: 0n } },
              { kind: "move", place: local(1) },
            ],
            destination: local(0),
            target: target(2),
            unwind,
            span,
          },
          isCleanup: false,
        },
        { statements: [], terminator: { kind: "return", span }, isCleanup: false },
      ],
    },
  };
  return { ...program, functions: [main, ...program.functions] };
}
