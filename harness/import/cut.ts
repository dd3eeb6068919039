/**
 * Where the import stops: functions of the library that end a run, and drop glue. Panics are the interpreter's, which records them; how their messages are
 * formatted is nobody's concern, so in a program that formats nothing else what formats aborts instead. Glue is the compiler's: the library has only its name.
 */

import { type BasicBlock, type Body, bug, type FnItem, type Local } from "../../codegen/index.ts";

/** Functions of core that panic; each is an intrinsic here. */
export const PANICS: ReadonlySet<string> = new Set([
  ...[
    "panic",
    "panic_fmt",
    "panic_nounwind",
    "panic_nounwind_fmt",
    "panic_nounwind_nobacktrace",
    "panic_str_literal",
    "panic_str_2015",
    "panic_display",
  ],
  ...[
    "panic_explicit",
    "unreachable_display",
    "panic_bounds_check",
    "panic_misaligned_pointer_dereference",
    "panic_null_pointer_dereference",
  ],
  ...["panic_cannot_unwind", "panic_in_cleanup", "const_panic_fmt", "assert_failed_inner"],
]);

/** What is called instead of formatting. */
export const ABORTING: readonly string[] = ["rustlib", "intrinsics", "abort"];

/** Formats what is not of a panic. */
export const FORMATTER_OF_ARGUMENTS: ReadonlySet<string> = new Set(["fmt::write", "fmt::format"]);
/** So does a body with this text, into which that was inlined. */
export const MAKES_FORMATTER = "fmt::Formatter {";

const KEPT =
  /^fmt::(?:rt::|Write::|\{impl#\d+\}::(?:new|new_const|new_v1|from_str|from_str_nonconst|as_str|as_statically_known_str|estimated_capacity)\b)/;
const FORMATTING_TRAITS: ReadonlySet<string> = new Set(
  ["Debug", "Display", "LowerHex", "UpperHex", "Octal", "Binary", "LowerExp", "UpperExp", "Pointer"].map(
    (name) => `rustlib::fmt::${name}`,
  ),
);

/** Whether the library function `item`, known as `key`, only ever formats. */
export function isAborting(key: string, item: FnItem): boolean {
  if (key.startsWith("fmt::") && !KEPT.test(key))
    return item.params.some(({ text }) => text.includes("rustlib::fmt::"));
  return (
    item.parent?.kind === "impl" &&
    item.parent.trait !== undefined &&
    FORMATTING_TRAITS.has(item.parent.trait.trait.name)
  );
}

/** A body that does nothing but call `abort`. */
export function abortingBody(item: FnItem, abort: FnItem): Body {
  const { span } = item;
  return {
    locals: [
      { ty: item.ret, mutability: "mut" },
      ...item.params.map((ty) => ({ ty, mutability: "not" as const })),
      { ty: abort.ret, mutability: "not" },
    ],
    argCount: item.params.length,
    blocks: [
      {
        statements: [],
        terminator: {
          kind: "call",
          func: { kind: "const", value: { kind: "fn", item: abort, args: [] } },
          args: [],
          destination: { local: (item.params.length + 1) as Local, projection: [] },
          target: undefined as BasicBlock | undefined,
          unwind: { kind: "unreachable" },
          span,
        },
        isCleanup: false,
      },
    ],
  };
}

/** The function of the library for which compilers put drop glue, whatever its body is: the former until 1.96, the latter since. */
export const DROP_GLUE: ReadonlySet<string> = new Set(["ptr::drop_in_place", "ptr::drop_glue"]);

/** A body that drops what the argument points to. */
export function dropGlueBody({ params, ret, span }: FnItem): Body {
  const [pointer] = params;
  if (pointer?.kind !== "ptr" && pointer?.kind !== "ref") throw bug("drop glue takes a pointer");
  return {
    locals: [
      { ty: ret, mutability: "mut" },
      { ty: pointer, mutability: "not" },
    ],
    argCount: 1,
    blocks: [
      {
        statements: [],
        terminator: {
          kind: "drop",
          place: { local: 1 as Local, projection: [{ kind: "deref" }] },
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
