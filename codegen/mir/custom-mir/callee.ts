/** Paths of functions: the program's, those of traits, and the compiler's. */

import type { FnItem } from "../syntax.ts";
import type { Ty } from "../ty.ts";
import { GLUE_FUNCTIONS } from "./glue-functions.ts";
import { formConstruct, INTRINSIC_FORMS, SIMD_ALIGNS } from "./intrinsics.ts";
import type { ModuleCx } from "./module-cx.ts";
import { memberIdent } from "./rust-names.ts";
import { UnsupportedError } from "./support.ts";

/** The name behind the last `::` of a path. */
export function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf(":") + 1);
}

/** `item::<args>` as an operand or a callee. */
export function fnPath(cx: ModuleCx, item: FnItem, args: readonly Ty[]): string {
  if (item.kind === "intrinsic") return intrinsicPath(cx, lastSegment(item.name), args);
  // Also when the trait has a body for it: some impl may have another.
  if (item.parent?.kind === "trait") return methodPath(cx, item, args);
  if (item.kind === "extern" || item.body === undefined) return externPath(cx, item);
  return turbofish(cx, cx.names.of(item, item.name), args);
}

function turbofish(cx: ModuleCx, path: string, args: readonly Ty[]): string {
  return args.length === 0 ? path : `${path}::${cx.names.args(args)}`;
}

/** `<Self as Trait<…>>::f::<own>`. */
function methodPath(cx: ModuleCx, item: FnItem, args: readonly Ty[]): string {
  const { parent } = item;
  if (parent?.kind !== "trait") throw new UnsupportedError(`the function ${item.name} has no body`);
  const count = parent.generics.length;
  const trait = cx.names.traitRef({ trait: parent, args: args.slice(0, count) });
  const name = memberIdent(item.assocName ?? lastSegment(item.name));
  return turbofish(cx, `<${cx.names.ty(args[0]!)} as ${trait}>::${name}`, args.slice(count));
}

/** Functions of the C library, which every executable is linked with. */
const C_LIBRARY: ReadonlySet<string> = new Set(
  (
    "malloc calloc realloc free memcpy memmove memset memcmp strlen strcmp strncmp snprintf abort exit _exit write read abs labs " +
    "sin cos tan exp exp2 log log2 log10 pow sqrt floor ceil trunc round fabs fmod sinf cosf expf logf powf sqrtf floorf ceilf truncf roundf fabsf fmodf"
  ).split(" "),
);

function externPath(cx: ModuleCx, item: FnItem): string {
  const name = lastSegment(item.name);
  if (!C_LIBRARY.has(name)) throw new UnsupportedError(`the function ${item.name} is defined elsewhere`);
  cx.externs.add(item);
  return cx.names.of(item, name);
}

/** `core::intrinsics::…` as this rustc spells it. */
export function intrinsicPath(cx: ModuleCx, name: string, args: readonly Ty[]): string {
  if (name === "observe") return cx.glue.byValue(args[0]!, cx);
  if (name === "black_box") return "core::hint::black_box";
  if (name === "panic") return cx.unwinds ? "crate::glue::unwind" : "crate::glue::panic";
  if (name === "catch_unwind") return "core::intrinsics::catch_unwind";
  if (name in GLUE_FUNCTIONS) return turbofish(cx, cx.glue.helper(name), args);
  checkOperandTypes(name, args);
  if (name.startsWith("rotate_") && args[0]?.kind === "int") return `<${args[0].text}>::${name}`;
  const forms = INTRINSIC_FORMS.get(rowOf(name, args));
  if (forms === undefined) throw new UnsupportedError(`the function ${name} is not known to custom MIR`);
  const { support } = cx;
  const form = support === undefined ? forms[0] : forms.find((each) => support.has(formConstruct(each)));
  if (form === undefined) throw new UnsupportedError(`this rustc has no intrinsic ${name}`);
  if (form.generics === "inferred") return form.path;
  return form.generics === "given" ? turbofish(cx, form.path, args) : `${form.path}${form.generics}`;
}

/** The row of a call: some intrinsics have one for each of the forms that their type arguments say. */
function rowOf(name: string, args: readonly Ty[]): string {
  if (name.startsWith("simd_masked_")) return withAlign(name, args[3]);
  if (name.startsWith("atomic_")) return withOrderings(name, args);
  // Where there is not one function for all widths, there is one for each.
  return name === "fabs" && args[0]?.kind === "float" ? `fabs${args[0].text}` : name;
}

/** `core::intrinsics::AtomicOrdering`, by discriminant. */
const ORDERINGS: readonly string[] = ["relaxed", "release", "acquire", "acqrel", "seqcst"];

/** The row of an atomic operation, whose orderings are in its name or are its last type arguments. */
function withOrderings(name: string, args: readonly Ty[]): string {
  return args.reduce((row, arg) => (arg.kind === "constArg" ? `${row}_${ORDERINGS[Number(arg.bits)]}` : row), name);
}

/** The row of a masked load or store. */
function withAlign(name: string, align: Ty | undefined): string {
  const index = align?.kind === "constArg" ? Number(align.bits) : -1;
  return `${name} ${SIMD_ALIGNS[index] ?? "unknown"}`;
}

/** Core asks of some operands that they are unsigned, whatever codegen could do. */
const UNSIGNED_ONLY = /^(?:unchecked_funnel_sh[lr]|carryless_mul)$/;

function checkOperandTypes(name: string, args: readonly Ty[]): void {
  if (UNSIGNED_ONLY.test(name) && args[0]?.kind !== "uint")
    throw new UnsupportedError(`${name} of ${args[0]?.text ?? "what is unknown"}`);
  // A name has the crate's in it, and so differs from compiler to compiler.
  if (name === "type_name" && !(args[0] !== undefined && hasPlainName(args[0])))
    throw new UnsupportedError("the name of a type that has a path");
}

function hasPlainName(ty: Ty): boolean {
  switch (ty.kind) {
    case "tuple":
      return ty.fields.every(hasPlainName);
    case "array":
    case "slice":
      return hasPlainName(ty.element);
    case "ref":
    case "ptr":
      return hasPlainName(ty.pointee);
    case "bool":
    case "char":
    case "int":
    case "uint":
    case "float":
    case "str":
      return true;
    default:
      return false;
  }
}
