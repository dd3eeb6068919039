/**
 * Function signatures and parameter attributes. As rustc_codegen_llvm/src/abi.rs.
 *
 * What changes how a value travels (`zeroext`, `signext`) follows from the backend signature alone, so that a caller through a pointer and
 * the callee agree; `sret` also needs the size of the result, and so the `FnAbi`. What only helps the optimiser (`noundef`, `nonnull`, `dereferenceable`, `align`, `range`) follows from
 * the `FnAbi` where there is one, and is left out at opt-level 0, as rustc does.
 */

import type { ArgAbi, FnAbi } from "../../abi/fn-abi.ts";
import { bug } from "../../entity/entity.ts";
import type { Scalar } from "../../layout/types.ts";
import { type BackendSignature, BackendType } from "../../ssa/traits/types.ts";
import type { Arch } from "../../target/spec.ts";
import { returnType, typeTexts, validRange } from "./type-of.ts";
import type { LlvmDialect } from "./versions.ts";

/** Which attributes are claimed. Each is a promise that the program must keep, so each can be withdrawn. */
export interface AttributePolicy {
  readonly noundef: boolean;
  readonly nonnull: boolean;
  readonly dereferenceable: boolean;
  readonly align: boolean;
  readonly range: boolean;
  /** `writable` and `dead_on_unwind` of the `sret` pointer. */
  readonly writable: boolean;
}

export const RUSTC_ATTRIBUTES: AttributePolicy = {
  noundef: true,
  nonnull: true,
  dereferenceable: true,
  align: true,
  range: true,
  writable: true,
};

/** At opt-level 0. */
export const NO_ATTRIBUTES: AttributePolicy = {
  noundef: false,
  nonnull: false,
  dereferenceable: false,
  align: false,
  range: false,
  writable: false,
};

export interface AbiCx {
  readonly arch: Arch;
  readonly dialect: LlvmDialect;
  readonly attributes: AttributePolicy;
}

/** A signature as text. `ret` and each parameter are a type with its attributes, in the order that LLVM wants. */
export interface SignatureText {
  /** Attributes, then type: `zeroext i1`, `void`, `{ i64, i1 }`. */
  readonly ret: string;
  /** The type alone. */
  readonly retType: string;
  /** Type, then attributes, each followed by a space: `i1 zeroext `. */
  readonly params: readonly string[];
  /** The function's type: `i32 (i1, i8*)`. */
  readonly fnType: string;
  /** The type of the place for the result, when it has one: `[24 x i8]`. Where pointers have types, the first parameter points to it. */
  readonly sretType: string | undefined;
}

/** How `signature` is written; `abi` adds what is known of the values. */
export function signatureText(cx: AbiCx, signature: BackendSignature, abi: FnAbi | undefined): SignatureText {
  const attributes: string[] = signature.params.map((ty) => extension(cx.arch, ty));
  const sretType = signature.sret ? sretTypeOf(abi) : undefined;
  if (abi !== undefined && sretType !== undefined) attributes[0] = sretAttributes(cx, abi, sretType);
  if (abi !== undefined) addArgAttributes(cx, signature, abi, attributes);
  let ret = "";
  if (signature.returns.length === 1) {
    ret = extension(cx.arch, signature.returns[0]!);
    if (abi !== undefined && abi.ret.mode.kind === "direct") ret += valueAttributes(cx, abi.ret);
  }
  const types = typeTexts(cx.dialect);
  const retType = returnType(types, signature.returns);
  const paramTypes = signature.params.map((ty) => types[ty]!);
  if (sretType !== undefined && !cx.dialect.opaquePointers) paramTypes[0] = `${sretType}*`;
  return {
    ret: ret + retType,
    retType,
    params: attributes.map((text, i) => `${paramTypes[i]!} ${text}`),
    fnType: `${retType} (${paramTypes.join(", ")})`,
    sretType,
  };
}

/** `bool` is extended by the giver; RISC-V's calling convention keeps 32-bit integers sign-extended. */
function extension(arch: Arch, ty: BackendType): string {
  if (ty === BackendType.I1) return "zeroext ";
  if (ty === BackendType.I32 && arch === "riscv64") return "signext ";
  return "";
}

/** The type behind the hidden pointer to the place of the result. LLVM reasons with its size, so it must be the true one. */
function sretTypeOf(abi: FnAbi | undefined): string {
  if (abi === undefined) throw bug("a result in memory, of which the ABI is not known");
  return `[${abi.ret.layout.layout.size} x i8]`;
}

function sretAttributes(cx: AbiCx, abi: FnAbi, type: string): string {
  const { dialect, attributes } = cx;
  const { size, align } = abi.ret.layout.layout;
  let text = `sret(${type}) `;
  if (attributes.align) text += `align ${align} `;
  if (attributes.noundef) text += "noundef ";
  if (attributes.writable && dialect.writable) text += "writable dead_on_unwind ";
  if (attributes.dereferenceable && size > 0) text += `dereferenceable(${size}) `;
  return text;
}

function addArgAttributes(cx: AbiCx, signature: BackendSignature, abi: FnAbi, attributes: string[]): void {
  let next = signature.sret ? 1 : 0;
  for (const arg of abi.args) {
    switch (arg.mode.kind) {
      case "ignore":
        break;
      case "direct":
        attributes[next++] += valueAttributes(cx, arg);
        break;
      case "pair": {
        const repr = arg.layout.layout.backendRepr;
        const pair = repr.kind === "scalarPair";
        attributes[next++] += pair ? scalarAttributes(cx, repr.a) : "";
        attributes[next++] += pair ? scalarAttributes(cx, repr.b) : "";
        break;
      }
      case "indirect":
        attributes[next++] += pointeeAttributes(cx, arg.layout.layout.size, arg.layout.layout.align, true);
        break;
    }
  }
  if (next !== signature.params.length)
    throw bug(`an ABI of ${next} parameters for a signature of ${signature.params.length}`);
}

function valueAttributes(cx: AbiCx, arg: ArgAbi): string {
  const repr = arg.layout.layout.backendRepr;
  if (repr.kind !== "scalar") return "";
  const text = scalarAttributes(cx, repr.scalar);
  if (arg.pointee === undefined || repr.scalar.primitive.kind !== "pointer" || repr.scalar.start !== 1n) return text;
  return text + pointeeAttributes(cx, arg.pointee.size, arg.pointee.align, false);
}

function pointeeAttributes(cx: AbiCx, size: number, align: number, noundef: boolean): string {
  const { attributes } = cx;
  let text = noundef && attributes.noundef ? "noundef " : "";
  if (attributes.align && align > 1) text += `align ${align} `;
  if (attributes.dereferenceable && size > 0) text += `dereferenceable(${size}) `;
  return text;
}

function scalarAttributes(cx: AbiCx, scalar: Scalar): string {
  if (scalar.maybeUninit === true) return "";
  const { attributes, dialect } = cx;
  let text = attributes.noundef ? "noundef " : "";
  if (scalar.primitive.kind === "pointer") {
    if (attributes.nonnull && scalar.start === 1n && scalar.end !== 0n) text += "nonnull ";
  } else if (scalar.primitive.kind === "int" && attributes.range && dialect.rangeAttribute && !isBool(scalar)) {
    const { bits } = scalar.primitive;
    const range = validRange(bits, scalar.start, scalar.end);
    if (range !== undefined) text += `range(i${bits} ${range[0]}, ${range[1]}) `;
  }
  return text;
}

/** Whether a scalar is a `bool`, whose immediate form is an `i1` of which every pattern is valid. */
function isBool(scalar: Scalar): boolean {
  const { primitive } = scalar;
  return (
    primitive.kind === "int" && primitive.bits === 8 && !primitive.signed && scalar.start === 0n && scalar.end === 1n
  );
}
