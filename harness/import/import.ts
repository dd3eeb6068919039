/** Real Rust as a program: compile to MIR, link with what it needs of the library, add an entry that observes the result. */

import {
  type BasicBlock,
  Cursor,
  DEFAULT_LAYOUT_POLICY,
  type FnItem,
  INTRINSICS,
  type Local,
  layoutPolicyOf,
  type Program,
  SourceText,
  TY_U32,
  TY_UNIT,
} from "../../codegen/index.ts";
import type { LinkedCrate } from "./crates.ts";
import { checkDropImpls, droppedTypes } from "./drop-impls.ts";
import { DumpIndex } from "./dump-index.ts";
import { Libraries, Library } from "./library.ts";
import { link, linkWhole } from "./linker.ts";
import { withoutPatternTypes, withoutTraitAliases } from "./pattern-types.ts";
import { checkCrates, checkEntry, checkFile } from "./problems.ts";
import { pruned } from "./prune.ts";
import { readSourceTree } from "./source-tree.ts";
import { type CrateTexts, crateTexts, type LibraryName, libraryTexts, type Toolchain } from "./toolchain.ts";

export interface ImportOptions {
  /** The function whose result the program observes. */
  readonly entry: string;
  /** Whether rustc inlines the library into the program. */
  readonly inline: boolean;
}

/** Imports programs with one rustc, whose library is read once. */
export class Importer {
  private readonly toolchain: Toolchain;
  private readonly libraries = new Map<LibraryName, Library>();
  /** The types of each crate of the library that have destructors. */
  private readonly dropped = new Map<Library, ReadonlySet<string>>();

  constructor(toolchain: Toolchain) {
    this.toolchain = toolchain;
  }

  /**
   * The program of the Rust source `file`.
   *
   * @throws Diagnostic for what rustc rejects, and for what is not supported.
   */
  program(file: string, options: ImportOptions): Program {
    return this.programOf(this.crate(file, options), options.entry);
  }

  /** The crate of the Rust source `file`, of which `programOf` makes any number of programs. */
  crate(file: string, options: Pick<ImportOptions, "inline">): LinkedCrate {
    checkFile(file);
    const texts = crateTexts(this.toolchain, file, options);
    checkCrates(file, texts.source);
    const alloc = /^\s*extern crate alloc\b/m.test(texts.source) ? this.library("alloc") : undefined;
    return linkedCrate(file, texts, "", this.library("core").crate, alloc?.crate);
  }

  /** The program that observes what the function `entry` of `crate` returns. */
  programOf(crate: LinkedCrate, name: string): Program {
    checkEntry(crate, name);
    const libraries = this.librariesOf(crate);
    const { program, entry, isStub, skipped } = link(crate, libraries, name);
    const whole = withMain(program, entry);
    const needed = pruned(whole, whole.functions[0]!, isStub);
    const dropped = [...libraries.all.map((library) => this.droppedOf(library)), droppedTypes(crate)];
    checkDropImpls(needed, new Set(dropped.flatMap((names) => [...names])), skipped);
    return needed;
  }

  /** All functions of `crate`, those of the library without bodies: for what looks at functions one by one. */
  whole(crate: LinkedCrate): ReturnType<typeof linkWhole> {
    return linkWhole(crate, this.librariesOf(crate));
  }

  private librariesOf(crate: LinkedCrate): Libraries {
    const alloc = crate.alloc === undefined ? undefined : this.library("alloc");
    return new Libraries(this.library("core"), alloc, releaseOf(this.toolchain));
  }

  private library(name: LibraryName): Library {
    let library = this.libraries.get(name);
    if (library === undefined) {
      const core = name === "core" ? undefined : this.library("core").crate;
      library = new Library(linkedCrate(name, libraryTexts(this.toolchain, name), PREFIXES[name], core, undefined));
      this.libraries.set(name, library);
    }
    return library;
  }

  private droppedOf(library: Library): ReadonlySet<string> {
    let dropped = this.dropped.get(library);
    if (dropped === undefined) {
      dropped = droppedTypes(library.crate);
      this.dropped.set(library, dropped);
    }
    return dropped;
  }
}

/** The release that a program of this compiler says; none where layouts are the default ones. */
function releaseOf({ version }: Toolchain): string | undefined {
  return layoutPolicyOf(version) === DEFAULT_LAYOUT_POLICY ? undefined : version.split(" ")[1];
}

/** What the names of the library's items begin with in a program. */
const PREFIXES: Readonly<Record<LibraryName, string>> = { core: "rustlib::", alloc: "rustlib::liballoc::" };

function linkedCrate(
  name: string,
  { source, dump, plainDump }: CrateTexts,
  prefix: string,
  library: LinkedCrate | undefined,
  alloc: LinkedCrate | undefined,
): LinkedCrate {
  // `::core::clone::Clone`, as derives write it, is a path like any other.
  const usual = source.replace(/(^|[^\w>:])::(core|std|alloc)::/g, "$1$2::");
  const tree = readSourceTree(
    new Cursor(SourceText.fromString(`${name}, expanded`, withoutPatternTypes(withoutTraitAliases(usual)))),
  );
  let plain: DumpIndex | undefined;
  const makePlain = (): DumpIndex => {
    plain ??= new DumpIndex(`${name}, MIR before optimisation`, plainDump(), tree);
    return plain;
  };
  return { name, tree, dump: new DumpIndex(`${name}, MIR`, dump, tree), plain: makePlain, prefix, library, alloc };
}

/** `fn main() { observe(0, entry()) }`. */
function withMain(program: Program, entry: FnItem): Program {
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
