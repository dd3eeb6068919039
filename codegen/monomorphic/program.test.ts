import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { interpretEntry, prepareProgram } from "../interpret/interpret.ts";
import { UnsupportedError } from "../mir/custom-mir/support.ts";
import { parseProgram } from "../mir/parser.ts";
import { entryPoints, type Program } from "../mir/program.ts";
import type { FnItem } from "../mir/syntax.ts";
import type { AdtDef, Ty } from "../mir/ty.ts";
import { newLayoutCx } from "../monomorphize/layouts.ts";
import { HOST_TARGET } from "../target/spec.ts";
import { type MonomorphicProgram, monomorphicProgram } from "./program.ts";

const CORPUS = join(import.meta.dirname, "../../corpora/rust");

function corpusProgram(name: string): Program {
  return parseProgram(readFileSync(join(CORPUS, `${name}.mir`), "utf8"), { file: `${name}.mir` });
}

function monomorphic(program: Program): MonomorphicProgram {
  return monomorphicProgram(program, entryPoints(program), HOST_TARGET.dataLayout);
}

/** How a run ends, and what it observes. */
function meaning(program: Program, entry: FnItem): { outcome: string; events: Uint8Array } {
  const prepared = prepareProgram(program, newLayoutCx(program, HOST_TARGET.dataLayout), { alignment: "address" });
  const { outcome, events } = interpretEntry(prepared, entry, { fuel: 5_000_000 });
  return { outcome: outcome.kind, events: events.slice() };
}

/** The sizes, alignments and niches of the types of `program`'s locals, in order. */
function localLayouts(program: Program, body: FnItem["body"]): unknown[] {
  const cx = newLayoutCx(program, HOST_TARGET.dataLayout);
  return (body?.locals ?? []).map(({ ty }) => {
    const { size, align, largestNiche, backendRepr } = cx.layoutOf(ty).layout;
    return { size, align, niche: largestNiche, repr: backendRepr.kind };
  });
}

function body(locals: string, statements: string): string {
  return `${locals.trimEnd()}

    bb0: {
${statements.trimEnd()}
    }
`;
}

/** Structs whose tail may have no size, and a destructor of one. */
const TAILS = `struct Tail<T> where T: std::marker::MetaSized {
    flag: u8,
    rest: T,
}

fn main() -> () {
${body(
  `    let mut _0: ();
    let mut _1: Tail<[u16; 3]>;
    let mut _2: &Tail<[u16; 3]>;
    let mut _3: &Tail<[u16]>;
    let mut _4: u16;`,
  `        _1 = Tail::<[u16; 3]> { flag: const 7_u8, rest: const [1_u16, 2_u16, 3_u16] };
        _2 = &_1;
        _3 = copy _2 as &Tail<[u16]> (PointerCoercion(Unsize, Implicit));
        _4 = copy ((*_3).1: [u16])[2 of 3];
        _0 = observe::<u16>(const 0_u32, copy _4) -> [return: bb1, unwind continue];
    }

    bb1: {
        return;`,
)}}
`;

describe("monomorphicProgram", () => {
  it.each([
    "drop_order",
    "dyn_supertraits",
    "alloc_slab_lists",
    "graph_bellman_grid",
    "niche_enums",
    "parse_json",
  ])("keeps the meaning of %s", (name) => {
    const program = corpusProgram(name);
    const own = monomorphic(program);
    const expected = meaning(program, entryPoints(program)[0]!);
    expect(expected.outcome).toBe("return");
    expect(meaning(own.program, own.entries[0]!)).toEqual(expected);
  });

  it("leaves no parameters but those of tails, and no traits but those of objects", () => {
    const { program } = monomorphic(corpusProgram("drop_order"));
    const generic = (item: { readonly generics: readonly string[] }): boolean => item.generics.length > 0;
    expect(program.functions.filter((item) => generic(item) && item.assocName !== "drop")).toEqual([]);
    expect(program.consts?.filter(generic)).toEqual([]);
    const isTail = (def: AdtDef): boolean => def.generics.join() === "Tail";
    expect(program.adts?.filter((def) => generic(def) && !isTail(def))).toEqual([]);
    expect(program.traits?.filter(({ lang, prelude }) => lang !== undefined && !prelude)).toEqual([]);
  });

  it("keeps every local's layout", () => {
    const program = corpusProgram("niche_enums");
    const own = monomorphic(program).program;
    const plain = program.functions.filter((item) => item.body !== undefined && item.generics.length === 0);
    let compared = 0;
    for (const item of plain) {
      const found = own.functions.filter(({ name }) => name === item.name);
      if (item.parent !== undefined || item.closure !== undefined || found.length !== 1) continue;
      expect(localLayouts(own, found[0]!.body)).toEqual(localLayouts(program, item.body));
      compared += item.body!.locals.length;
    }
    expect(compared).toBeGreaterThan(300);
  });

  it("keeps a struct generic in its tail, which may have no size", () => {
    const program = parseProgram(TAILS);
    const own = monomorphic(program);
    const [def] = own.program.adts!.filter(({ name }) => name === "Tail");
    expect(def?.generics).toEqual(["Tail"]);
    expect(def?.variants[0]?.fields.map(({ ty }: { readonly ty: Ty }) => ty.text)).toEqual(["u8", "Tail"]);
    expect(meaning(own.program, own.entries[0]!)).toEqual(meaning(program, entryPoints(program)[0]!));
  });

  it("says what has no monomorphic form", () => {
    const program = parseProgram(
      `trait Any {\n}\n\nfn main() -> () {\n${body("    let mut _0: ();\n    let _1: &dyn Send;", "        return;")}}\n`,
    );
    expect(() => monomorphic(program)).toThrow(UnsupportedError);
  });
});
