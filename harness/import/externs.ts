/**
 * What stands for functions that the library declares and does not define.
 *
 * `alloc` declares those of the allocator (`__rust_alloc` …), which the compiler makes of the `#[global_allocator]`: in the expanded source of the program's crate
 * they stand in a constant without a name. Others only make sure that something is linked, or hint at what the processor may do.
 */

import type { BasicBlock, Body, FnItem, Local, Operand, Statement, Ty } from "../../codegen/index.ts";
import type { LinkedCrate } from "./crates.ts";

/** Functions that do nothing that a program could observe. */
const NOTHING: ReadonlySet<string> = new Set([
  "alloc::__rust_no_alloc_shim_is_unstable",
  "alloc::__rust_no_alloc_shim_is_unstable_v2",
  "core_arch::x86::sse2::pause",
  "core_arch::x86::sse2::lfence",
  "core_arch::x86::sse2::mfence",
  "core_arch::x86::sse::sfence",
]);

/** What ends a run. */
const ABORTS: ReadonlySet<string> = new Set(["alloc::__rust_alloc_error_handler"]);

/** How the function known as `key` in its library is provided: by the program's function of that path, by nothing, by an end. */
export type Provided =
  | { readonly kind: "function"; readonly path: string }
  | { readonly kind: "nothing" }
  | { readonly kind: "abort" };

/** What stands for the function `key` of the library in a program of `crate`, if anything does. */
export function providedFor(key: string, crate: LinkedCrate): Provided | undefined {
  if (NOTHING.has(key)) return { kind: "nothing" };
  if (ABORTS.has(key)) return { kind: "abort" };
  const name = key.slice(key.lastIndexOf(":") + 1);
  for (const path of crate.tree.values.keys()) if (path.endsWith(`_::${name}`)) return { kind: "function", path };
  return undefined;
}

/** A body that returns at once. */
export function emptyBody(item: FnItem): Body {
  return {
    locals: locals(item, []),
    argCount: item.params.length,
    blocks: [{ statements: [], terminator: { kind: "return", span: item.span }, isCleanup: false }],
  };
}

/** A body that calls `target`, whose parameters may be other types of the same bits. */
export function forwardingBody(item: FnItem, target: FnItem): Body {
  const { span, params } = item;
  const statements: Statement[] = [];
  const extra: Ty[] = [];
  const place = (index: number) => ({ local: index as Local, projection: [] });
  const args = params.map((param, i): Operand => {
    const wanted = target.params[i]!;
    const given: Operand = { kind: "copy", place: place(i + 1) };
    if (wanted === param) return given;
    extra.push(wanted);
    const made = place(params.length + extra.length);
    const rvalue = { kind: "cast", castKind: "Transmute", operand: given, ty: wanted } as const;
    statements.push({ kind: "assign", place: made, rvalue, span });
    return { kind: "copy", place: made };
  });
  return {
    locals: locals(item, extra),
    argCount: params.length,
    blocks: [
      {
        statements,
        terminator: {
          kind: "call",
          func: { kind: "const", value: { kind: "fn", item: target, args: [] } },
          args,
          destination: place(0),
          target: 1 as BasicBlock,
          unwind: { kind: "continue" },
          span,
        },
        isCleanup: false,
      },
      { statements: [], terminator: { kind: "return", span }, isCleanup: false },
    ],
  };
}

function locals({ ret, params }: FnItem, extra: readonly Ty[]): Body["locals"] {
  return [
    { ty: ret, mutability: "mut" },
    ...params.map((ty) => ({ ty, mutability: "not" as const })),
    ...extra.map((ty) => ({ ty, mutability: "mut" as const })),
  ];
}
