/**
 * Calls through pointers of another type than the function's.
 *
 * Where the two signatures are not compatible that is undefined. Where they are, every argument is as if it were transmuted to the type
 * that the function takes, and its result to the type that the call awaits (core's documentation of the primitive type `fn`): an
 * *adapter* is a function that does so, and is called instead.
 */

import { bug } from "../entity/entity.ts";
import { newFn } from "../mir/builder.ts";
import type { FnSig } from "../mir/place-ty.ts";
import type { BasicBlock, Body, FnItem, Local, LocalDecl, Operand, Place, Statement } from "../mir/syntax.ts";
import type { Ty, TyOf } from "../mir/ty.ts";
import { DUMMY_SP } from "../session/diagnostic.ts";
import { areAbiCompatible, isAbiCallableAs } from "./abi-compatibility.ts";
import type { PreparedProgram } from "./compile.ts";
import { UbTrap, Unsupported } from "./ub.ts";

/** A function that is called at another type. */
interface Called {
  readonly index: number;
  readonly name: string;
  readonly sig: FnSig;
}

/**
 * What calling a pointer of type `ty` to `callee` calls, by number: `callee`, or an adapter.
 *
 * @throws UbTrap when it may not be called so
 */
export function calleeAs(prepared: PreparedProgram, callee: Called, ty: Ty): number {
  if (ty.kind !== "fnptr") throw bug(`a call through ${ty.text}`);
  const { sig } = callee;
  const { params } = sig;
  if (sig.variadic === true || ty.variadic) return variadicAs(prepared, callee, ty);
  if (sig.ret === ty.ret && params.length === ty.params.length && isAbiCallableAs(sig.abi, ty.abi)) {
    let i = 0;
    while (i < params.length && params[i] === ty.params[i]) i++;
    if (i === params.length) return callee.index;
  }
  return adapterFor(prepared, callee, ty);
}

/** A function with variable arguments, or one that is called as such: types must be the function's own, for an adapter would not know all arguments. */
function variadicAs(prepared: PreparedProgram, callee: Called, ty: TyOf<"fnptr">): number {
  checkSignature(prepared, callee, ty);
  const { params, ret } = callee.sig;
  if (ret !== ty.ret || params.some((param, i) => param !== ty.params[i]))
    throw new Unsupported(`a call of the C-variadic ${callee.name} as ${ty.text}`);
  return callee.index;
}

/** By type, then by function: the number of the adapter. */
const adapters = new WeakMap<PreparedProgram, Map<Ty, Map<number, number>>>();

function adapterFor(prepared: PreparedProgram, callee: Called, ty: TyOf<"fnptr">): number {
  let byTy = adapters.get(prepared);
  if (byTy === undefined) {
    byTy = new Map();
    adapters.set(prepared, byTy);
  }
  let known = byTy.get(ty);
  if (known === undefined) {
    known = new Map();
    byTy.set(ty, known);
  }
  let index = known.get(callee.index);
  if (index === undefined) {
    checkSignature(prepared, callee, ty);
    index = makeAdapter(prepared, callee, ty);
    known.set(callee.index, index);
  }
  return index;
}

function checkSignature({ table }: PreparedProgram, { name, sig }: Called, ty: TyOf<"fnptr">): void {
  const { params, ret, abi, variadic = false } = sig;
  const same =
    variadic === ty.variadic &&
    isAbiCallableAs(abi, ty.abi) &&
    params.length === ty.params.length &&
    areAbiCompatible(table, ret, ty.ret) &&
    params.every((param, i) => areAbiCompatible(table, param, ty.params[i]!));
  if (same) return;
  const own = `${abi === "Rust" ? "" : `extern "${abi}" `}fn(${[...params.map((p) => p.text), ...(variadic ? ["..."] : [])].join(", ")}) -> ${ret.text}`;
  throw new UbTrap("callSignature", `${name}, which is ${own}, was called as ${ty.text}`);
}

/** Whether `item` is an adapter: it is no function of the program's, and retags none of its arguments. */
export function isAdapter(item: FnItem): boolean {
  return adapterItems.has(item);
}

const adapterItems = new WeakSet<FnItem>();

function makeAdapter(prepared: PreparedProgram, callee: Called, ty: TyOf<"fnptr">): number {
  const { name, sig } = callee;
  // A stand-in for the callee, whatever kind of instance it is.
  const target = newFn(name, sig.params, sig.ret, { abi: sig.abi });
  prepared.direct.set(target, callee.index);
  const body = adapterBody(target, sig, ty);
  const item = newFn(`${name} as ${ty.text}`, ty.params, ty.ret, { abi: ty.abi, body });
  adapterItems.add(item);
  return prepared.instance(item, []);
}

/** `own_i = given_i as own type (Transmute)` …; `result = target(own …)`; `_0 = result as awaited type (Transmute)`. */
function adapterBody(target: FnItem, sig: FnSig, ty: TyOf<"fnptr">): Body {
  const count = ty.params.length;
  const decl = (of: Ty): LocalDecl => ({ ty: of, mutability: "mut" });
  const local = (i: number): Place => ({ local: i as Local, projection: [] });
  const own = (i: number): Place => local(count + 1 + i);
  const result = own(count);
  const transmute = (from: Place, to: Place, toTy: Ty): Statement => ({
    kind: "assign",
    place: to,
    rvalue: { kind: "cast", castKind: "Transmute", operand: { kind: "move", place: from }, ty: toTy },
    span: DUMMY_SP,
  });
  const func: Operand = { kind: "const", value: { kind: "fn", item: target, args: [] } };
  return {
    locals: [decl(ty.ret), ...ty.params.map(decl), ...sig.params.map(decl), decl(sig.ret)],
    argCount: count,
    blocks: [
      {
        statements: sig.params.map((param, i) => transmute(local(i + 1), own(i), param)),
        terminator: {
          kind: "call",
          func,
          args: sig.params.map((_, i) => ({ kind: "move", place: own(i) })),
          destination: result,
          target: 1 as BasicBlock,
          unwind: { kind: "continue" },
          span: DUMMY_SP,
        },
        isCleanup: false,
      },
      {
        statements: [transmute(result, local(0), ty.ret)],
        terminator: { kind: "return", span: DUMMY_SP },
        isCleanup: false,
      },
    ],
  };
}
