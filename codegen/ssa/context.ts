/**
 * `CodegenCx`: what the functions of one codegen unit share while their backend IR is generated: layouts, ABIs, declarations.
 *
 * As the `CodegenCx` of rustc's backends, but of the backend-agnostic side only.
 */

import { backendSignature, type FnAbi, fnAbiOf } from "../abi/fn-abi.ts";
import { type LayoutCx, layoutOf } from "../layout/layout.ts";
import type { TyAndLayout } from "../layout/types.ts";
import { type FnSig, fnSig } from "../mir/place-ty.ts";
import { INTRINSICS } from "../mir/prelude.ts";
import type { FnItem } from "../mir/syntax.ts";
import type { Ty, TyCtxt, TyOf } from "../mir/ty.ts";
import type { MonoCx } from "../monomorphize/mono-cx.ts";
import type { Instance } from "../monomorphize/mono-item.ts";
import { resolveFn, resolveFnPtr, resolveInstance } from "../monomorphize/resolve.ts";
import { runtimeSymbol } from "../monomorphize/symbol-names.ts";
import type { BackendSignature, FunctionDecl, Linkage } from "./traits/types.ts";

/** Choices of code generation that a planted fault may replace. */
export interface SsaPolicy {
  /** The mask of a shift's amount for a value of `bits` bits. */
  readonly shiftMask: (bits: number) => bigint;
  /** Whether an integer cast from a signed source extends the sign. */
  readonly signExtends: (signed: boolean) => boolean;
  /** Repeats of at most this many elements are stored one by one. */
  readonly unrolledRepeat: number;
}

export const DEFAULT_SSA_POLICY: SsaPolicy = {
  shiftMask: (bits) => BigInt(bits - 1),
  signExtends: (signed) => signed,
  unrolledRepeat: 8,
};

/** An ABI in both forms. */
export interface CallAbi {
  readonly abi: FnAbi;
  readonly signature: BackendSignature;
}

function callAbi(layouts: LayoutCx, sig: FnSig): CallAbi {
  const abi = fnAbiOf(layouts, sig);
  return { abi, signature: backendSignature(abi) };
}

const knownAbis = new WeakMap<LayoutCx, WeakMap<FnItem, CallAbi>>();

/** The ABI of an instance, kept for those without type arguments. */
function instanceAbi(layouts: LayoutCx, { item, args }: Pick<Instance, "item" | "args">, mono?: MonoCx): CallAbi {
  if (args.length > 0) {
    const sig = fnSig(item, args, layouts.tcx);
    if (mono === undefined) return callAbi(layouts, sig);
    const params = sig.params.map((ty) => mono.traits.normalize(ty));
    return callAbi(layouts, { ...sig, params, ret: mono.traits.normalize(sig.ret) });
  }
  let known = knownAbis.get(layouts);
  if (known === undefined) {
    known = new WeakMap();
    knownAbis.set(layouts, known);
  }
  let found = known.get(item);
  if (found === undefined) {
    found = callAbi(layouts, item);
    known.set(item, found);
  }
  return found;
}

export class CodegenCx {
  readonly layouts: LayoutCx;
  readonly tcx: TyCtxt;
  readonly policy: SsaPolicy;
  /** Bytes. */
  readonly pointerSize: number;
  /** The declaration of the runtime's `panic(code: u32) -> !`. */
  readonly panicDecl: FunctionDecl;
  readonly observeScalarDecl: FunctionDecl;
  /** What resolves trait methods; absent when the unit mentions none, nor any generic function. */
  readonly mono: MonoCx | undefined;
  private readonly linkages: ReadonlyMap<string, Linkage>;
  private readonly decls = new Map<string, FunctionDecl>();
  private readonly fnPtrs = new Map<Ty, CallAbi>();

  /** `linkages` has the symbols that are defined in this unit; all others are external. */
  constructor(
    layouts: LayoutCx,
    linkages: ReadonlyMap<string, Linkage> = new Map(),
    policy: SsaPolicy = DEFAULT_SSA_POLICY,
    mono?: MonoCx,
  ) {
    this.layouts = layouts;
    this.mono = mono;
    this.tcx = layouts.tcx;
    this.pointerSize = layouts.dataLayout.pointerSize;
    this.policy = policy;
    this.linkages = linkages;
    this.panicDecl = runtimeDecl(layouts, INTRINSICS.panic);
    this.observeScalarDecl = runtimeDecl(layouts, INTRINSICS.observeScalar);
  }

  layoutOf(ty: Ty): TyAndLayout {
    return layoutOf(this.layouts, ty);
  }

  /** The instance that a call of `item::<args>` calls. */
  resolve(item: FnItem, args: readonly Ty[]): Instance {
    return this.mono === undefined ? resolveFn(item, args) : resolveInstance(this.mono, item, args);
  }

  /** The instance that a pointer to `item::<args>` points to. */
  resolveFnPtr(item: FnItem, args: readonly Ty[]): Instance {
    return this.mono === undefined ? resolveFn(item, args) : resolveFnPtr(this.mono, item, args);
  }

  /** The declaration of `instance` in this unit, the same object each time. */
  declOf(instance: Instance): FunctionDecl {
    const known = this.decls.get(instance.symbol);
    if (known !== undefined) return known;
    const { abi, signature } = instanceAbi(this.layouts, instance, this.mono);
    const decl: FunctionDecl = {
      symbol: instance.symbol,
      signature,
      linkage: this.linkages.get(instance.symbol) ?? "external",
      inline: instance.item.inline,
      instance: instance.item.body === undefined ? undefined : instance,
      abi,
    };
    this.decls.set(instance.symbol, decl);
    return decl;
  }

  /** How a function pointer of type `ty` is called. */
  fnPtrAbi(ty: TyOf<"fnptr">): CallAbi {
    let known = this.fnPtrs.get(ty);
    if (known === undefined) {
      known = callAbi(this.layouts, ty);
      this.fnPtrs.set(ty, known);
    }
    return known;
  }
}

/** The declaration of what the runtime defines for an intrinsic. */
function runtimeDecl(layouts: LayoutCx, item: FnItem): FunctionDecl {
  const { abi, signature } = instanceAbi(layouts, { item, args: [] });
  return { symbol: runtimeSymbol(item.name), signature, linkage: "external", inline: "none", instance: undefined, abi };
}
