/**
 * The syntax tree of MIR: places, operands, rvalues, statements, terminators, bodies.
 *
 * Names and meanings are those of rustc_middle/src/mir/syntax.rs. Everything here is plain data; a `Body` is built by the parser, by
 * the builder, or by a generator, and is never changed while it is shared.
 */

import type { Entity } from "../entity/entity.ts";
import type { Span } from "../session/diagnostic.ts";
import type { AdtDef, Mutability, Ty } from "./ty.ts";

export type Local = Entity<"Local">;
export type BasicBlock = Entity<"BasicBlock">;

/** The return place, `_0`. */
export const RETURN_PLACE: Local = 0 as Local;
/** The entry block, `bb0`. */
export const START_BLOCK: BasicBlock = 0 as BasicBlock;

export type PlaceElem =
  | { readonly kind: "deref" }
  /** `(place.N: ty)`; `ty` is the field's type. */
  | { readonly kind: "field"; readonly index: number; readonly ty: Ty }
  /** `place[_N]`. */
  | { readonly kind: "index"; readonly local: Local }
  /** `place[N of M]`, or from the end `place[-N of M]`. */
  | { readonly kind: "constantIndex"; readonly offset: number; readonly minLength: number; readonly fromEnd: boolean }
  /** `(place as Variant)`. */
  | { readonly kind: "downcast"; readonly variant: number; readonly name: string };

export interface Place {
  readonly local: Local;
  readonly projection: readonly PlaceElem[];
}

/** A constant. Scalars hold their bits as an unsigned number of the type's width (floats: IEEE bits; char: code point). */
export type Const =
  | { readonly kind: "scalar"; readonly ty: Ty; readonly bits: bigint }
  /** The one value of a zero-sized type: `()`, an empty array or struct. */
  | { readonly kind: "zst"; readonly ty: Ty }
  /** A function item, as a callee or the operand of a reify cast. */
  | { readonly kind: "fn"; readonly item: FnItem; readonly args: readonly Ty[] };

export type Operand =
  | { readonly kind: "copy"; readonly place: Place }
  | { readonly kind: "move"; readonly place: Place }
  | { readonly kind: "const"; readonly value: Const };

export type BinOp =
  | "Add"
  | "AddUnchecked"
  | "AddWithOverflow"
  | "Sub"
  | "SubUnchecked"
  | "SubWithOverflow"
  | "Mul"
  | "MulUnchecked"
  | "MulWithOverflow"
  | "Div"
  | "Rem"
  | "BitXor"
  | "BitAnd"
  | "BitOr"
  | "Shl"
  | "ShlUnchecked"
  | "Shr"
  | "ShrUnchecked"
  | "Eq"
  | "Lt"
  | "Le"
  | "Ne"
  | "Ge"
  | "Gt"
  | "Cmp"
  | "Offset";

export type UnOp = "Not" | "Neg" | "PtrMetadata";

/** As printed in the parentheses after a cast. */
export type CastKind =
  | "IntToInt"
  | "IntToFloat"
  | "FloatToInt"
  | "FloatToFloat"
  | "PtrToPtr"
  | "FnPtrToPtr"
  | "Transmute"
  | "PointerExposeProvenance"
  | "PointerWithExposedProvenance"
  | "ReifyFnPointer"
  | "UnsafeFnPointer"
  | "MutToConstPointer"
  | "ArrayToPointer";

export type AggregateKind =
  | { readonly kind: "array"; readonly element: Ty }
  | { readonly kind: "tuple" }
  | { readonly kind: "adt"; readonly ty: Ty; readonly def: AdtDef; readonly variant: number };

export type Rvalue =
  | {
      readonly kind: "use";
      readonly operand: Operand;
      /** A word before the operand that means nothing here: what some rustcs print for reborrowed pointers. */
      readonly spelling?: "no_retag" | "deref_copy";
    }
  | { readonly kind: "repeat"; readonly operand: Operand; readonly count: number }
  | { readonly kind: "ref"; readonly mutability: Mutability; readonly place: Place }
  | { readonly kind: "rawPtr"; readonly mutability: Mutability; readonly place: Place }
  | {
      readonly kind: "cast";
      readonly castKind: CastKind;
      readonly operand: Operand;
      readonly ty: Ty;
      /** A coercion that was written with `as`; only dumps tell it apart from an implicit one. */
      readonly asCast?: boolean;
    }
  | { readonly kind: "binary"; readonly op: BinOp; readonly left: Operand; readonly right: Operand }
  | { readonly kind: "unary"; readonly op: UnOp; readonly operand: Operand }
  | { readonly kind: "discriminant"; readonly place: Place }
  | {
      readonly kind: "aggregate";
      readonly aggregate: AggregateKind;
      readonly operands: readonly Operand[];
      /** All operands are constants, and it was written as one: `const Option::<u8>::Some(1_u8)`. Only dumps tell. */
      readonly asConst?: boolean;
    };

export type Statement =
  | { readonly kind: "assign"; readonly place: Place; readonly rvalue: Rvalue; readonly span: Span }
  | { readonly kind: "setDiscriminant"; readonly place: Place; readonly variant: number; readonly span: Span }
  | { readonly kind: "storageLive"; readonly local: Local; readonly span: Span }
  | { readonly kind: "storageDead"; readonly local: Local; readonly span: Span }
  | { readonly kind: "assume"; readonly operand: Operand; readonly span: Span }
  | { readonly kind: "nop"; readonly span: Span };

export type UnwindAction =
  | { readonly kind: "continue" }
  | { readonly kind: "unreachable" }
  | { readonly kind: "terminate"; readonly reason: string }
  | { readonly kind: "cleanup"; readonly block: BasicBlock };

/** Why an assertion fails. `overflow` carries the operation; the operands are kept for the message. */
export type AssertKind =
  | { readonly kind: "boundsCheck"; readonly length: Operand; readonly index: Operand }
  | { readonly kind: "overflow"; readonly op: BinOp; readonly left: Operand; readonly right: Operand }
  | { readonly kind: "overflowNeg"; readonly operand: Operand }
  | { readonly kind: "divisionByZero"; readonly operand: Operand }
  | { readonly kind: "remainderByZero"; readonly operand: Operand };

export type Terminator =
  | { readonly kind: "goto"; readonly target: BasicBlock; readonly span: Span }
  | {
      readonly kind: "switchInt";
      readonly discr: Operand;
      /** Values as bits of the discriminant's width, in written order, with their targets. */
      readonly values: readonly bigint[];
      readonly targets: readonly BasicBlock[];
      /** Absent only when the written list has no `otherwise`. */
      readonly otherwise: BasicBlock | undefined;
      readonly span: Span;
    }
  | { readonly kind: "return"; readonly span: Span }
  | { readonly kind: "unreachable"; readonly span: Span }
  | {
      readonly kind: "call";
      /** A `const` fn item, or a place that holds a function pointer. */
      readonly func: Operand;
      readonly args: readonly Operand[];
      readonly destination: Place;
      /** Absent when the callee does not return. */
      readonly target: BasicBlock | undefined;
      readonly unwind: UnwindAction;
      readonly span: Span;
    }
  | {
      readonly kind: "assert";
      readonly cond: Operand;
      readonly expected: boolean;
      readonly message: AssertKind;
      readonly target: BasicBlock;
      readonly unwind: UnwindAction;
      readonly span: Span;
    };

export interface LocalDecl {
  readonly ty: Ty;
  readonly mutability: Mutability;
}

export interface BasicBlockData {
  readonly statements: readonly Statement[];
  readonly terminator: Terminator;
  readonly isCleanup: boolean;
}

/** A scope with its `debug` lines and the locals declared in it, kept so that a dump prints back as it was read. */
export interface SourceScope {
  readonly id: number;
  /** The text after `scope N`, such as `(inlined f)`; empty for most. */
  readonly inlined: string;
  readonly debugInfo: readonly { readonly name: string; readonly value: string }[];
  readonly locals: readonly Local[];
  readonly children: readonly SourceScope[];
}

export interface Body {
  /** `_0` is the return place, `_1 ..= _argCount` the arguments. */
  readonly locals: readonly LocalDecl[];
  readonly argCount: number;
  readonly blocks: readonly BasicBlockData[];
  /** Present for parsed bodies that have debug info or nested scopes. */
  readonly scopes?: SourceScope;
}

export type InlineAttr = "none" | "hint" | "always" | "never";

/**
 * A function. `intrinsic`: its meaning is the compiler's (`observe`, `black_box` …); `extern`: defined elsewhere, by symbol name.
 * `body` is set after all signatures are known, so that bodies can refer to each other's items.
 */
export interface FnItem {
  name: string;
  readonly kind: "fn" | "intrinsic" | "extern";
  readonly generics: readonly string[];
  readonly params: readonly Ty[];
  readonly ret: Ty;
  readonly inline: InlineAttr;
  /** `"Rust"` or `"C"`. */
  readonly abi: string;
  body: Body | undefined;
  readonly span: Span;
}
