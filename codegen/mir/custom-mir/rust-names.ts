/**
 * Rust's names of types, functions and definitions.
 *
 * Names of the program become single identifiers (`p17::f` is `p17__f`), and get a `_` at the end where Rust or `core::intrinsics::mir`
 * has the name already. References live for `'static`: bodies in the runtime dialect are not borrow-checked.
 */

import { bug } from "../../entity/entity.ts";
import type { AdtDef, Ty } from "../ty.ts";
import { UnsupportedError } from "./support.ts";

const TAKEN: ReadonlySet<string> = new Set(
  (
    "as async await become box break const continue crate do dyn else enum extern false final fn for gen if impl in let loop macro match mod move mut override " +
    "priv pub ref return self Self static struct super trait true try type typeof unsafe unsized use virtual where while yield abstract union " +
    "mir core std Move Copy Field Variant Discriminant SetDiscriminant Checked Offset PtrMetadata Return Goto Unreachable Drop Call TailCall UnwindContinue " +
    "UnwindUnreachable UnwindTerminate UnwindTerminateReason UnwindResume UnwindCleanup ReturnTo StorageLive StorageDead Assume Deinit Len CastTransmute CastPtrToPtr CastUnsize " +
    "CopyForDeref Static StaticMut BasicBlock ReturnToArg UnwindActionArg RET place _ main glue runtime"
  ).split(" "),
);

/** `path` as one identifier. */
export function rustIdent(path: string): string {
  const ident = path.replaceAll("::", "__").replaceAll(/[^A-Za-z0-9_]/g, "_");
  return TAKEN.has(ident) ? `${ident}_` : ident;
}

/** The path of a definition: `std::` of the prelude is `core::` here. */
export function adtPath(def: AdtDef): string {
  return def.prelude ? def.name.replace(/^std::/, "core::") : rustIdent(def.name);
}

/** A type as Rust source. */
export function rustTy(ty: Ty): string {
  switch (ty.kind) {
    case "tuple":
      if (ty.fields.length === 1) return `(${rustTy(ty.fields[0]!)},)`;
      return `(${ty.fields.map(rustTy).join(", ")})`;
    case "array":
      return `[${rustTy(ty.element)}; ${ty.length}]`;
    case "ref":
      return `&'static ${ty.mutability === "mut" ? "mut " : ""}${rustTy(ty.pointee)}`;
    case "ptr":
      return `*${ty.mutability === "mut" ? "mut" : "const"} ${rustTy(ty.pointee)}`;
    case "adt":
      return ty.args.length === 0 ? adtPath(ty.def) : `${adtPath(ty.def)}<${ty.args.map(rustTy).join(", ")}>`;
    case "fnptr": {
      const abi = ty.abi === "Rust" ? "" : `extern "${ty.abi}" `;
      const ret = ty.ret.kind === "tuple" && ty.ret.fields.length === 0 ? "" : ` -> ${rustTy(ty.ret)}`;
      return `${ty.unsafe ? "unsafe " : ""}${abi}fn(${ty.params.map(rustTy).join(", ")})${ret}`;
    }
    case "param":
      throw new UnsupportedError("generic functions are not written");
    default:
      return ty.text;
  }
}

/** The name of a field, as it stands behind a dot or before a colon. */
export function fieldName(ty: Ty, variant: number, index: number): string {
  if (ty.kind === "tuple") return String(index);
  if (ty.kind !== "adt") throw bug(`a field of ${ty.text}`);
  const field = ty.def.variants[variant]?.fields[index];
  if (field === undefined) throw bug(`${ty.text} has no field ${index}`);
  return /^\d+$/.test(field.name) ? field.name : rustIdent(field.name);
}

/** A type without definitions of the program: its glue can be shared by all programs of a crate. */
export function isShared(ty: Ty): boolean {
  switch (ty.kind) {
    case "tuple":
      return ty.fields.every(isShared);
    case "array":
      return isShared(ty.element);
    case "ref":
    case "ptr":
      return isShared(ty.pointee);
    case "adt":
      return ty.def.prelude && ty.args.every(isShared);
    case "fnptr":
      return ty.params.every(isShared) && isShared(ty.ret);
    default:
      return true;
  }
}
