/**
 * Instances: functions with their type arguments, and the functions that the compiler makes itself (*shims*).
 *
 * As rustc_middle/src/ty/instance.rs. Instances are interned by `MonoCx`, so two are the same exactly when they are the same object.
 * Functions of the ABI `rust-call` (`Fn::call` and its like) take their arguments as one tuple, here as in their declaration; only the
 * body of a closure has them spread, which `closureCallShim` sees to. (rustc spreads in the caller.)
 */

import type { StaticItem } from "../mir/items.ts";
import type { FnItem } from "../mir/syntax.ts";
import type { Ty, TyOf } from "../mir/ty.ts";
import type { CallKind } from "../transform/shim/call-shims.ts";

export type { CallKind } from "../transform/shim/call-shims.ts";

export type InstanceKind =
  /** A function with a body, or one that is defined elsewhere (`extern`). */
  | { readonly kind: "item"; readonly item: FnItem }
  /** Its meaning is the compiler's; it has no body and no address. */
  | { readonly kind: "intrinsic"; readonly item: FnItem }
  /** A method called through a vtable: the entry `index`, its first operand being the fat pointer (or what wraps it). No body. */
  | { readonly kind: "virtual"; readonly item: FnItem; readonly index: number }
  /** `drop_in_place::<ty>(*mut ty)`; `undefined`: nothing to drop, a call of it does nothing and it has no body. */
  | { readonly kind: "dropGlue"; readonly ty: Ty | undefined }
  /** `<ty as Fn*>::call*(self, (args,))` of a function pointer or a function item. */
  | { readonly kind: "fnPtrShim"; readonly ty: TyOf<"fnptr"> | TyOf<"fndef">; readonly call: CallKind }
  /** `<closure as Fn*>::call*(self, (args,))`: spreads the tuple; by value of a closure that wants a reference, drops it afterwards. */
  | { readonly kind: "closureCallShim"; readonly ty: TyOf<"closure">; readonly call: CallKind }
  /** What a closure without captures is as a function pointer: takes the arguments alone. */
  | { readonly kind: "closureFnPtrShim"; readonly ty: TyOf<"closure"> }
  /**
   * A function pointer to a method that is dispatched dynamically, or to a `#[track_caller]` function; the vtable's entry for such a one, when the
   * trait's method is none.
   */
  | { readonly kind: "reifyShim"; readonly item: FnItem }
  /** A vtable's entry for a method that takes `self` by value: takes `*mut Self`. */
  | { readonly kind: "vtableShim"; readonly item: FnItem }
  /** `<ty as Clone>::clone` of what has no impl written down: tuples, arrays, closures, pointers … */
  | { readonly kind: "cloneShim"; readonly ty: Ty }
  /** `<ty as FnPtr>::addr`. */
  | { readonly kind: "fnPtrAddrShim"; readonly ty: Ty }
  /** The address of this thread's copy of a static. */
  | { readonly kind: "threadLocalShim"; readonly item: StaticItem }
  /** A tuple struct's or variant's name as a function. */
  | { readonly kind: "ctorShim"; readonly ty: TyOf<"adt">; readonly variant: number };

/** A function that code can be generated for. */
export interface Instance {
  readonly def: InstanceKind;
  readonly args: readonly Ty[];
  /**
   * Signature, attributes, and body, in which `args` are yet to be filled in (shims need none filled in). Of what has no body it is the
   * declaration.
   */
  readonly item: FnItem;
  /** The linker symbol. Within one `MonoCx` different instances have different ones. */
  readonly symbol: string;
}
