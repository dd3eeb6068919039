/** What calls call: numbers of functions, intrinsics, entries of vtables. */

import { newFn } from "../mir/builder.ts";
import type { FnSig } from "../mir/place-ty.ts";
import type { FnItem } from "../mir/syntax.ts";
import type { Ty } from "../mir/ty.ts";
import { TY_UNIT } from "../mir/ty.ts";
import type { Instance } from "../monomorphize/instance.ts";
import {
  resolveClosureFnPtr,
  resolveDrop,
  resolveFnPtr,
  resolveForVtable,
  resolveInstance,
} from "../monomorphize/resolve.ts";
import { DUMMY_SP } from "../session/diagnostic.ts";
import type { PreparedProgram } from "./compile.ts";
import { exportedFn } from "./exported.ts";
import type { Intrinsic } from "./intrinsics/intrinsic.ts";
import { refusalOf } from "./intrinsics/refused.ts";
import { intrinsicOf } from "./intrinsics/table.ts";
import { calleeAs } from "./signature-adapter.ts";
import { UbTrap, Unsupported } from "./ub.ts";

export type Callee =
  | { readonly kind: "fn"; readonly index: number; readonly item: FnItem; readonly args: readonly Ty[] }
  | { readonly kind: "intrinsic"; readonly intrinsic: Intrinsic; readonly item: FnItem; readonly args: readonly Ty[] }
  | { readonly kind: "virtual"; readonly entry: number; readonly item: FnItem; readonly args: readonly Ty[] }
  /** Drop glue of what has nothing to drop. */
  | { readonly kind: "nothing" };

/** What a call of `item::<args>` calls. */
export function resolveCall(prepared: PreparedProgram, item: FnItem, args: readonly Ty[]): Callee {
  const direct = prepared.direct.get(item);
  if (direct !== undefined) return { kind: "fn", index: direct, item, args };
  return calleeOf(prepared, resolveInstance(prepared.mono, item, args));
}

/** What dropping a value of `ty` behind a pointer calls. */
export function resolveDropCall(prepared: PreparedProgram, ty: Ty): Callee {
  const instance = resolveDrop(prepared.mono, ty);
  if (ty.kind === "dynamic") return { kind: "virtual", entry: 0, item: instance.item, args: [] };
  return calleeOf(prepared, instance);
}

function calleeOf(prepared: PreparedProgram, instance: Instance): Callee {
  const { def, item, args } = instance;
  if (def.kind === "virtual") return { kind: "virtual", entry: def.index, item, args };
  if (def.kind === "dropGlue" && def.ty === undefined) return { kind: "nothing" };
  if (item.body !== undefined) return { kind: "fn", index: prepared.numberOf(instance), item, args };
  const defined = item.kind === "extern" ? exportedFn(prepared.program, item) : undefined;
  if (defined !== undefined) return linkedCallee(prepared, item, defined);
  const intrinsic = intrinsicOf(item.name) ?? unknown(item);
  return { kind: "intrinsic", intrinsic, item, args };
}

/** What calling `declaration`, which is `extern`, calls where the program defines it itself, perhaps with another signature. */
function linkedCallee(prepared: PreparedProgram, declaration: FnItem, defined: FnItem): Callee {
  const { params, ret, abi, variadic = false } = declaration;
  const called = { index: prepared.instance(defined, []), name: defined.name, sig: sigOf(defined) };
  try {
    const index = calleeAs(prepared, called, prepared.tcx.fnPtr(params, ret, { abi, variadic }));
    return { kind: "fn", index, item: declaration, args: [] };
  } catch (error) {
    if (!(error instanceof UbTrap)) throw error;
    return { kind: "intrinsic", intrinsic: failing(declaration, () => error), item: declaration, args: [] };
  }
}

function sigOf({ params, ret, abi, variadic = false }: FnItem): FnSig {
  return { params, ret, abi, variadic };
}

/** A call that ends the run. */
function failing({ name }: FnItem, error: () => Error): Intrinsic {
  return {
    name,
    signature: name,
    run: () => {
      throw error();
    },
  };
}

/** Calling what is not known ends the run; that a body mentions it does not. */
function unknown(item: FnItem): Intrinsic {
  const reason = refusalOf(item.name);
  const known = reason === undefined ? "" : `: ${reason}`;
  const what =
    item.kind === "intrinsic"
      ? `the intrinsic \`${item.name}\`${known}`
      : `a call of \`${item.name}\`, which has no body${known}`;
  return failing(item, () => new Unsupported(what));
}

/** The function that a pointer to `item::<args>` points to. */
export function fnPointerTarget(prepared: PreparedProgram, item: FnItem, args: readonly Ty[]): number {
  return functionNumber(prepared, resolveFnPtr(prepared.mono, item, args));
}

/** The function that a value of the function item's or closure's type becomes as a function pointer. */
export function reifiedFunction(prepared: PreparedProgram, ty: Ty): number | undefined {
  if (ty.kind === "fndef") return fnPointerTarget(prepared, ty.item, ty.args);
  return ty.kind === "closure" ? functionNumber(prepared, resolveClosureFnPtr(prepared.mono, ty)) : undefined;
}

/** The function that drops a value of `ty` behind a pointer; one that does nothing when there is nothing to drop. */
export function dropFunction(prepared: PreparedProgram, ty: Ty): number {
  return functionNumber(prepared, resolveDrop(prepared.mono, ty));
}

/** The function in a vtable's entry for the trait method `item::<args>`. */
export function methodFunction(prepared: PreparedProgram, item: FnItem, args: readonly Ty[]): number {
  return functionNumber(prepared, resolveForVtable(prepared.mono, item, args));
}

function functionNumber(prepared: PreparedProgram, instance: Instance): number {
  if (instance.def.kind === "dropGlue" && instance.def.ty === undefined)
    return prepared.instance(nothingFor(prepared, instance.item.params[0]!), []);
  const { item } = instance;
  const defined = item.body === undefined && item.kind === "extern" ? exportedFn(prepared.program, item) : undefined;
  if (defined !== undefined) return prepared.instance(defined, []);
  return prepared.numberOf(instance);
}

const nothings = new WeakMap<PreparedProgram, Map<Ty, FnItem>>();

/** A function that takes a pointer and returns. */
function nothingFor(prepared: PreparedProgram, pointer: Ty): FnItem {
  let known = nothings.get(prepared);
  if (known === undefined) {
    known = new Map();
    nothings.set(prepared, known);
  }
  let fn = known.get(pointer);
  if (fn === undefined) {
    const block = { statements: [], terminator: { kind: "return", span: DUMMY_SP }, isCleanup: false } as const;
    const local = { ty: TY_UNIT, mutability: "mut" } as const;
    const body = { locals: [local, { ty: pointer, mutability: "not" } as const], argCount: 1, blocks: [block] };
    fn = newFn("std::ptr::drop_in_place", [pointer], TY_UNIT, { body });
    known.set(pointer, fn);
  }
  return fn;
}
