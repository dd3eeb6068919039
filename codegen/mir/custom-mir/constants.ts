/**
 * Constants as operands of custom MIR.
 *
 * Literals, functions, `const` blocks and statics are what rustc takes for one. A pointer into an allocation is one to a static
 * that is made of its bytes.
 */

import { bug } from "../../entity/entity.ts";
import type { AllocItem, ConstItem, Relocation, StaticItem } from "../items.ts";
import type { Const } from "../syntax.ts";
import { type AdtDef, TY_BOOL, TY_CHAR, TY_F32, TY_F64, type Ty, type TyOf } from "../ty.ts";
import { fnPath } from "./callee.ts";
import { isSync } from "./glue.ts";
import type { ModuleCx } from "./module-cx.ts";
import { memberIdent } from "./rust-names.ts";
import { UnsupportedError } from "./support.ts";
import { hasPatternField } from "./valid-range.ts";

/** `value` as an operand. */
export function constant(cx: ModuleCx, value: Const): string {
  switch (value.kind) {
    case "scalar":
      return scalar(cx, value.ty, value.bits);
    case "fn":
      return fnPath(cx, value.item, value.args);
    case "param":
      return cx.names.param(value.name);
    case "static":
      return staticPointer(cx, value.item, value.offset, value.ty);
    case "zst":
      return zeroSized(cx, value.ty);
    case "bytes":
      cx.names.needs.add("bytes");
      if (value.ty.kind === "ref" && value.ty.pointee.kind === "array") return byteString(value.bytes);
      return `const { ${expression(cx, value)} }`;
    default:
      return `const { ${expression(cx, value)} }`;
  }
}

/** `value` as an expression inside of a `const` block or an initialiser. */
function expression(cx: ModuleCx, value: Const): string {
  switch (value.kind) {
    case "aggregate":
      return aggregate(cx, value);
    case "unevaluated":
      return constItemPath(cx, value.item, value.args);
    case "transmuted":
      return fromBits(cx, value.ty, value.bits);
    case "alloc":
      return allocPointer(cx, value.alloc, value.offset, value.ty);
    case "bytes":
      return bytes(value.ty, value.bytes);
    case "static":
      return pointerInto(cx, staticAddress(cx, value.item), value.offset, value.ty);
    default:
      return constant(cx, value);
  }
}

const scratch = new DataView(new ArrayBuffer(8));

function scalar(cx: ModuleCx, ty: Ty, bits: bigint): string {
  switch (ty.kind) {
    case "ptr":
      if (ty.pointee.kind === "slice" || ty.pointee.kind === "str" || ty.pointee.kind === "dynamic") break;
      return `const { 0x${bits.toString(16)}_usize as ${cx.names.ty(ty)} }`;
    case "ref":
    case "fnptr":
      return `const { unsafe { core::mem::transmute::<usize, ${cx.names.ty(ty)}>(0x${bits.toString(16)}) } }`;
    case "adt":
      return `const { ${fromBits(cx, ty, bits)} }`;
    default:
      return scalarText(ty, bits, true);
  }
  throw new UnsupportedError(`a constant of type ${ty.text}`);
}

/** A value of a type that is one scalar, however it is wrapped: its bits are the low ones, which come first on every target that is compiled for. */
function fromBits(cx: ModuleCx, ty: Ty, bits: bigint): string {
  return `unsafe { core::mem::transmute_copy::<u128, ${cx.names.ty(ty)}>(&${bits}) }`;
}

/** A scalar as a literal; in patterns without its type, which is that of what is matched. */
export function scalarText(ty: Ty, bits: bigint, suffix: boolean): string {
  if (ty === TY_BOOL) return bits === 0n ? "false" : "true";
  if (ty === TY_CHAR) return `'\\u{${bits.toString(16)}}'`;
  const end = suffix ? `_${ty.text}` : "";
  if (ty.kind === "uint") return `${bits}${end}`;
  if (ty.kind === "int") return `${BigInt.asIntN(ty.width === "size" ? 64 : ty.width, bits)}${end}`;
  if (ty.kind === "float") return floatText(ty, bits);
  throw new UnsupportedError(`a constant of type ${ty.text}`);
}

/** Finite floats as decimal literals, which round back to the same bits; the others through their bits. */
function floatText(ty: Ty, bits: bigint): string {
  let value = Number.NaN;
  if (ty === TY_F32) {
    scratch.setUint32(0, Number(bits));
    value = scratch.getFloat32(0);
  } else if (ty === TY_F64) {
    scratch.setBigUint64(0, bits);
    value = scratch.getFloat64(0);
  }
  if (!Number.isFinite(value)) return `const { ${ty.text}::from_bits(0x${bits.toString(16)}) }`;
  return `${Object.is(value, -0) ? "-0.0" : value}_${ty.text}`;
}

function zeroSized(cx: ModuleCx, ty: Ty): string {
  if (ty.kind === "tuple" && ty.fields.length === 0) return "const { () }";
  if (ty.kind === "fndef") return fnPath(cx, ty.item, ty.args);
  return `const { unsafe { core::mem::MaybeUninit::<${cx.names.ty(ty)}>::uninit().assume_init() } }`;
}

function aggregate(cx: ModuleCx, { ty, variant, fields }: Extract<Const, { kind: "aggregate" }>): string {
  const values = fields.map((field) => expression(cx, field));
  if (ty.kind === "adt" && isWrapper(cx, ty.def)) return wrapped(cx, ty, values[0]);
  switch (ty.kind) {
    case "tuple":
      return values.length === 1 ? `(${values[0]},)` : `(${values.join(", ")})`;
    case "array":
      return `[${values.join(", ")}]`;
    case "closure":
    case "adt":
      return `${constructorPath(cx, ty, variant)} { ${values.map((value, i) => `${cx.names.field(ty, variant, i)}: ${value}`).join(", ")} }`;
    default:
      throw bug(`an aggregate of ${ty.text}`);
  }
}

/** A value of a type of core that holds one value in a private field; of a `MaybeUninit`, without one it is not initialised. */
function wrapped(cx: ModuleCx, ty: TyOf<"adt">, value: string | undefined): string {
  return value === undefined
    ? uninitialised(cx, ty)
    : `unsafe { core::mem::transmute::<_, ${cx.names.ty(ty)}>(${value}) }`;
}

/** A value of `ty`, which is a `MaybeUninit`, that is not initialised. */
export function uninitialised(cx: ModuleCx, ty: TyOf<"adt">): string {
  if (ty.def.lang !== "maybe_uninit") throw new UnsupportedError(`a constant of type ${ty.text} without a value`);
  return `${cx.names.adt(ty.def)}::${cx.names.args(ty.args)}::uninit()`;
}

/** Types that hold one value at their start, in a field that cannot be named or has a type that cannot. */
export function isWrapper(cx: ModuleCx, def: AdtDef): boolean {
  if (hasPatternField(cx, def)) return true;
  return def.lang === "unsafe_cell" || def.lang === "manually_drop" || def.lang === "maybe_uninit";
}

/** The path of a struct, union, variant or closure, as its fields in braces follow it. */
export function constructorPath(cx: ModuleCx, ty: Ty, variant: number): string {
  if (ty.kind === "closure") return cx.names.of(ty.def, ty.def.name);
  if (ty.kind !== "adt") throw bug(`${ty.text} has no constructor`);
  const path = cx.names.adt(ty.def);
  return ty.def.adtKind === "enum" ? `${path}::${memberIdent(ty.def.variants[variant]!.name)}` : path;
}

// ---- bytes

function byteString(content: Uint8Array): string {
  let text = "";
  for (const byte of content) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    text += plain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return `b"${text}"`;
}

function bytes(ty: Ty, content: Uint8Array): string {
  const literal = byteString(content);
  if (ty.kind !== "ref") throw bug(`bytes of type ${ty.text}`);
  if (ty.pointee.kind === "str") return `unsafe { core::str::from_utf8_unchecked(${literal}) }`;
  return ty.pointee.kind === "slice" ? `${literal} as &[u8]` : literal;
}

// ---- constant items

/** A constant's path. Generic constants that belong to nothing are associated with a struct that has their parameters. */
export function constItemPath(cx: ModuleCx, item: ConstItem, args: readonly Ty[]): string {
  const { names } = cx;
  if (item.parent?.kind === "trait") {
    const trait = names.traitRef({ trait: item.parent, args });
    return `<${names.ty(args[0]!)} as ${trait}>::${memberIdent(item.assocName ?? item.name)}`;
  }
  if (item.body === undefined) throw new UnsupportedError(`the constant ${item.name} has no value`);
  const name = names.of(item, item.name);
  return args.length === 0 ? name : `<${name}${names.args(args)}>::VALUE`;
}

// ---- pointers to statics and allocations

/** A pointer constant to a static. */
function staticPointer(cx: ModuleCx, item: StaticItem, offset: number, ty: Ty): string {
  if (item.threadLocal) throw new UnsupportedError("the address of a thread-local is no constant");
  const name = staticName(cx, item);
  cx.names.needs.add("static");
  if (
    offset === 0 &&
    ty.kind === "ptr" &&
    item.mutability === "mut" &&
    ty.mutability === "mut" &&
    ty.pointee === item.ty
  )
    return `StaticMut(${name})`;
  if (offset === 0 && ty.kind === "ref" && item.mutability === "not" && ty.pointee === item.ty && isSync(cx, item.ty))
    return `Static(${name})`;
  return `const { ${pointerInto(cx, staticAddress(cx, item), offset, ty)} }`;
}

export function staticName(cx: ModuleCx, item: StaticItem): string {
  if (item.body === undefined) cx.externs.add(item);
  return cx.names.of(item, item.name);
}

/** A raw pointer to a static's value, as an expression. */
function staticAddress(cx: ModuleCx, item: StaticItem): string {
  if (item.threadLocal) throw new UnsupportedError("the address of a thread-local is no constant");
  const name = staticName(cx, item);
  if (item.mutability === "mut") return `(&raw mut ${name})`;
  return `(&raw const ${name}${isSync(cx, item.ty) ? "" : ".0"})`;
}

/** `address + offset` as the pointer or reference type `ty`. */
function pointerInto(cx: ModuleCx, address: string, offset: number, ty: Ty): string {
  if (ty.kind !== "ref" && ty.kind !== "ptr") throw bug(`a pointer of type ${ty.text}`);
  const { pointee } = ty;
  if (pointee.kind === "slice" || pointee.kind === "str" || pointee.kind === "dynamic")
    throw new UnsupportedError(`a pointer constant of type ${ty.text}`);
  const moved = offset === 0 ? address : `${address}.byte_offset(${offset})`;
  const raw = `${moved} as *${ty.mutability === "mut" ? "mut" : "const"} ${cx.names.ty(pointee)}`;
  if (ty.kind === "ptr") return `unsafe { ${raw} }`;
  return `unsafe { &${ty.mutability === "mut" ? "mut " : ""}*(${raw}) }`;
}

function allocPointer(cx: ModuleCx, alloc: AllocItem, offset: number, ty: Ty): string {
  return pointerInto(cx, allocAddress(cx, alloc), offset, ty);
}

function allocAddress(cx: ModuleCx, alloc: AllocItem): string {
  let helper = cx.helpers.get(alloc);
  if (helper === undefined) {
    helper = { name: cx.names.of(alloc, alloc.name), text: "" };
    cx.helpers.set(alloc, helper);
    helper.text = writeAlloc(cx, alloc, helper.name);
  }
  return alloc.mutability === "mut" ? `(&raw mut ${helper.name})` : `(&raw const ${helper.name})`;
}

const POINTER_SIZE = 8;

/** A static of runs of bytes, and pointers between them, at the offsets that they have. */
function writeAlloc(cx: ModuleCx, alloc: AllocItem, name: string): string {
  const types: string[] = [];
  const values: string[] = [];
  let at = 0;
  const run = (end: number): void => {
    while (at < end) at = addRun(alloc, at, end, types, values);
  };
  for (const { offset, target, addend } of alloc.relocations) {
    run(offset);
    types.push("*const u8");
    values.push(relocation(cx, target, addend));
    at += POINTER_SIZE;
  }
  run(alloc.bytes.length);
  const keyword = alloc.mutability === "mut" ? "static mut" : "static";
  return [
    `#[repr(C, packed)] pub struct ${name}Data(${types.join(", ")});\n`,
    `#[repr(C, align(${Math.max(1, alloc.align)}))] pub struct ${name}Alloc(${name}Data);\n`,
    `unsafe impl core::marker::Sync for ${name}Alloc {}\n`,
    `pub ${keyword} ${name}: ${name}Alloc = ${name}Alloc(${name}Data(${values.join(", ")}));\n`,
  ].join("");
}

/** Adds the bytes from `at` on that are all initialised, or all not, up to `end`; gives where they end. */
function addRun(
  { bytes: content, initialised }: AllocItem,
  at: number,
  end: number,
  types: string[],
  values: string[],
): number {
  const there = (i: number): boolean => initialised === undefined || initialised[i] === 1;
  let to = at + 1;
  while (to < end && there(to) === there(at)) to++;
  if (there(at)) {
    types.push(`[u8; ${to - at}]`);
    values.push(`*${byteString(content.subarray(at, to))}`);
  } else {
    types.push(`core::mem::MaybeUninit<[u8; ${to - at}]>`);
    values.push("core::mem::MaybeUninit::uninit()");
  }
  return to;
}

function relocation(cx: ModuleCx, target: Relocation["target"], addend: number): string {
  switch (target.kind) {
    case "alloc":
      return `unsafe { (${allocAddress(cx, target.alloc)} as *const u8).offset(${addend}) }`;
    case "static":
      return `unsafe { (${staticAddress(cx, target.item)} as *const u8).offset(${addend}) }`;
    case "fn": {
      const signature = { params: target.item.params, ret: target.item.ret };
      const ty = cx.tcx.fnPtr(
        signature.params.map((param) => cx.tcx.substitute(param, target.args)),
        cx.tcx.substitute(signature.ret, target.args),
        { abi: target.item.abi },
      );
      return `${fnPath(cx, target.item, target.args)} as ${cx.names.ty(ty)} as *const u8`;
    }
    case "vtable": {
      const object = cx.names.ty(cx.tcx.ptr("not", target.dyn));
      const thin = `core::ptr::null::<${cx.names.ty(target.ty)}>() as ${object}`;
      return `unsafe { core::mem::transmute::<${object}, (*const u8, *const u8)>(${thin}).1 }`;
    }
  }
}
