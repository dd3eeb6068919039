/**
 * Types, paths and constants as text. The texts of types and paths are kept in them.
 */

import type { AllocPointer, Bound, Const, FnSig, GenericArg, GenericArgs, Path, PathSegment, Type } from "./ast.ts";

// ---------------------------------------------------------------------------------------------------------------------------------
// Paths

/** A path as it is written. */
export function pathText(path: Path): string {
  if (path.text === "") path.text = buildPath(path);
  return path.text;
}

function buildPath(path: Path): string {
  let text = "";
  for (const segment of path.segments) {
    if (text !== "") text += "::";
    text += segmentText(segment);
  }
  return path.promoted < 0 ? text : `${text}::promoted[${path.promoted}]`;
}

function segmentText(segment: PathSegment): string {
  const args = segment.args === undefined ? "" : argsText(segment.args);
  switch (segment.kind) {
    case "name":
      return segment.name + args;
    case "qself":
      return segment.trait === undefined
        ? `<${typeText(segment.ty)}>${args}`
        : `<${typeText(segment.ty)} as ${pathText(segment.trait)}>${args}`;
    case "impl":
      return segment.trait === undefined
        ? `<impl ${typeText(segment.ty)}>${args}`
        : `<impl ${pathText(segment.trait)} for ${typeText(segment.ty)}>${args}`;
    case "implAt":
      return `<impl at ${segment.location}>${args}`;
  }
}

function argsText(args: GenericArgs): string {
  if (args.kind === "angle") return `${args.turbofish ? "::" : ""}<${args.args.map(genericArgText).join(", ")}>`;
  return inputsText(args.inputs, args.variadic) + outputText(args.output);
}

function inputsText(inputs: readonly Type[], variadic: boolean): string {
  const texts = inputs.map(typeText);
  if (variadic) texts.push("...");
  return `(${texts.join(", ")})`;
}

function outputText(output: Type | undefined): string {
  return output === undefined ? "" : ` -> ${typeText(output)}`;
}

function genericArgText(arg: GenericArg): string {
  switch (arg.kind) {
    case "lifetime":
      return arg.name;
    case "type":
      return typeText(arg.ty);
    case "const":
      return constText(arg.value);
    case "binding":
      return `${arg.name}${arg.args === undefined ? "" : argsText(arg.args)} = ${genericArgText(arg.value)}`;
    case "bound":
      return `${arg.name}${arg.args === undefined ? "" : argsText(arg.args)}: ${boundsText(arg.bounds)}`;
  }
}

// ---------------------------------------------------------------------------------------------------------------------------------
// Types

/** A type as it is written. */
export function typeText(ty: Type): string {
  if (ty.text === "") ty.text = buildType(ty);
  return ty.text;
}

function buildType(ty: Type): string {
  switch (ty.kind) {
    case "path":
      return pathText(ty.path);
    case "never":
      return "!";
    case "infer":
      return "_";
    case "ref":
      return `&${ty.lifetime === "" ? "" : `${ty.lifetime} `}${ty.mutable ? "mut " : ""}${typeText(ty.pointee)}`;
    case "ptr":
      return `*${ty.mutable ? "mut" : "const"} ${typeText(ty.pointee)}`;
    case "tuple":
      return ty.fields.length === 1 ? `(${typeText(ty.fields[0]!)},)` : `(${ty.fields.map(typeText).join(", ")})`;
    case "array":
      return `[${typeText(ty.element)}; ${constText(ty.length)}]`;
    case "slice":
      return `[${typeText(ty.element)}]`;
    case "fnPtr":
      return sigText(ty.sig);
    case "fnDef":
      return `${ty.targetFeatures ? "#[target_features] " : ""}${sigText(ty.sig)} {${pathText(ty.path)}}`;
    case "dyn":
      return `dyn ${boundsText(ty.bounds)}`;
    case "impl":
      return `impl ${boundsText(ty.bounds)}`;
    case "paren":
      return `(${typeText(ty.ty)})`;
    case "closure":
      return `{${ty.what}@${ty.location}}`;
    case "closureParts":
      return closurePartsText(ty);
    case "fnBody":
      return `{${ty.what} of ${pathText(ty.fn)}()}`;
    case "pattern":
      return `(${typeText(ty.base)}) is ${ty.pattern}`;
    case "unsafeBinder":
      return `${ty.word}<${ty.binder.join(", ")}> ${typeText(ty.ty)}`;
    case "fieldOf":
      return `field_of!(${typeText(ty.base)}, ${ty.field})`;
    case "error":
      return ty.spelling;
  }
}

function closurePartsText(ty: Extract<Type, { kind: "closureParts" }>): string {
  const parts = ty.parts.map((part) => ` ${part.name}=${typeText(part.ty)}`).join("");
  return `{${ty.isStatic ? "static " : ""}${pathText(ty.path)}${parts}}`;
}

function sigText(sig: FnSig): string {
  const abi = sig.abi === undefined ? "" : sig.abi === "" ? "extern " : `extern ${sig.abi} `;
  const safety = sig.safety === "" ? "" : `${sig.safety} `;
  return `${binderText(sig.binder)}${safety}${abi}fn${inputsText(sig.params, sig.variadic)}${outputText(sig.ret)}`;
}

function binderText(binder: readonly string[]): string {
  return binder.length === 0 ? "" : `for<${binder.join(", ")}> `;
}

/** `A + B + 'a`. */
export function boundsText(bounds: readonly Bound[]): string {
  return bounds.map(boundText).join(" + ");
}

function boundText(bound: Bound): string {
  if (bound.kind === "lifetime") return bound.name;
  const text = binderText(bound.binder) + bound.modifier + pathText(bound.path);
  return bound.paren ? `(${text})` : text;
}

// ---------------------------------------------------------------------------------------------------------------------------------
// Constants

/** A constant as it stands behind `const`. */
export function constText(value: Const): string {
  switch (value.kind) {
    case "literal":
    case "expr":
      return value.text;
    case "path":
      return pathText(value.path);
    case "tuple":
      return value.elements.length === 1 ? `(${constText(value.elements[0]!)},)` : `(${listText(value.elements)})`;
    case "array":
      return `[${listText(value.elements)}]`;
    case "tupleStruct":
      return `${pathText(value.path)}(${listText(value.elements)})`;
    case "struct":
      return `${pathText(value.path)} ${structText(value)}`;
    case "ref":
      return `&${constText(value.value)}`;
    case "deref":
      return `*${constText(value.value)}`;
    case "alloc":
      return `{${pointerText(value.pointer)}: ${typeText(value.ty)}}`;
    case "address":
      return `{${value.text} as ${typeText(value.ty)}}`;
    case "fnPtr":
      return `{${pathText(value.path)} as ${typeText(value.ty)}}`;
    case "transmute":
      return `{transmute(${value.text}): ${typeText(value.ty)}}`;
    case "pattern":
      return `${constText(value.value)} is ${value.pattern}`;
    case "indirect":
      return `Indirect { alloc_id: alloc${value.alloc}, offset: ${value.offset} }: ${typeText(value.ty)}`;
    case "zeroSized":
      return `ZeroSized: ${typeText(value.ty)}`;
    case "scalar":
      return `Scalar(${value.text}): ${typeText(value.ty)}`;
    case "debug":
      return `${value.text}: ${typeText(value.ty)}`;
    case "constValue":
      return `ConstValue(${constText(value.value)})`;
    case "valTree":
      return `ValTree(${value.tree}: ${typeText(value.ty)})`;
    case "param":
      return `${value.name}/#${value.index}`;
    case "marker":
      return markerText(value.text, value.ty);
    case "infer":
      return "_";
  }
}

function structText(value: Extract<Const, { kind: "struct" }>): string {
  const fields = value.fields.map((f) => `${f.name}: ${constText(f.value)}`).join(", ");
  return value.double ? `{{ ${fields} }}` : `{ ${fields} }`;
}

function listText(values: readonly Const[]): string {
  return values.map(constText).join(", ");
}

function markerText(text: string, ty: Type | undefined): string {
  if (ty === undefined) return text;
  return text.startsWith("<") ? `${text}: ${typeText(ty)}` : `{${text}: ${typeText(ty)}}`;
}

/** `alloc7+0x8<imm>`. */
export function pointerText(pointer: AllocPointer): string {
  return `alloc${pointer.alloc}${pointer.offset === "" ? "" : `+${pointer.offset}`}${pointer.flags}`;
}
