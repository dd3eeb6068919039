/**
 * The syntax tree of MIR: places, operands, rvalues, statements, terminators, bodies.
 *
 * Names and meanings are those of rustc_middle/src/mir/syntax.rs. Everything here is plain data; a `Body` is built by the parser, by
 * the builder, or by a generator, and is never changed while it is shared.
 */

import type { Entity } from "../entity/entity.ts";
import type { Span } from "../session/diagnostic.ts";
import type { AllocItem, ClosureDef, ConstItem, ImplDef, Predicate, StaticItem, TraitDef } from "./items.ts";
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
  /** `place[from..]`, `place[from..to]` of an array, `place[from:-to]` counted from the end. */
  | { readonly kind: "subslice"; readonly from: number; readonly to: number; readonly fromEnd: boolean }
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
  /** A function item, as a callee or the operand of a reify cast; also the one value of its `fndef` type. */
  | { readonly kind: "fn"; readonly item: FnItem; readonly args: readonly Ty[] }
  /** A reference to read-only bytes: `ty` is `&str`, `&[u8; N]` or `&[u8]`. */
  | { readonly kind: "bytes"; readonly ty: Ty; readonly bytes: Uint8Array }
  /** A constant item or a promoted (`f::promoted[0]`), evaluated when `args` are known. */
  | { readonly kind: "unevaluated"; readonly item: ConstItem; readonly args: readonly Ty[]; readonly ty: Ty }
  /** A const parameter. */
  | { readonly kind: "param"; readonly ty: Ty; readonly index: number; readonly name: string }
  /** A pointer to a static, a pointer or reference type; `offset` in bytes. */
  | { readonly kind: "static"; readonly item: StaticItem; readonly offset: number; readonly ty: Ty }
  /** A pointer into an allocation that the text lists. */
  | { readonly kind: "alloc"; readonly alloc: AllocItem; readonly offset: number; readonly ty: Ty }
  /** A struct, enum, tuple or array of constants; `variant` is 0 but for enums. A union has no fields: it is not initialised. */
  | { readonly kind: "aggregate"; readonly ty: Ty; readonly variant: number; readonly fields: readonly Const[] }
  /** A value of a compound type with the layout of one scalar, by that scalar's bits: `const {transmute(0x01): T}`. */
  | { readonly kind: "transmuted"; readonly ty: Ty; readonly bits: bigint };

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
  | "ClosureFnPointer"
  | "Unsize"
  | "UnsafeFnPointer"
  | "MutToConstPointer"
  | "ArrayToPointer";

export type AggregateKind =
  | { readonly kind: "array"; readonly element: Ty }
  | { readonly kind: "tuple" }
  /** `activeField` is the field of a union that is written. */
  | {
      readonly kind: "adt";
      readonly ty: Ty;
      readonly def: AdtDef;
      readonly variant: number;
      readonly activeField?: number;
    }
  | { readonly kind: "closure"; readonly ty: Ty; readonly def: ClosureDef }
  /** `*const [T] from (pointer, metadata)`; `ty` is the pointer type that is made. */
  | { readonly kind: "rawPtr"; readonly ty: Ty };

/** What is known of a type only by its layout (1.85 to nightly print some of them). */
export type NullOp =
  | { readonly kind: "SizeOf"; readonly ty: Ty }
  | { readonly kind: "AlignOf"; readonly ty: Ty }
  /** The path of fields to the one asked for: (variant, field) pairs. */
  | {
      readonly kind: "OffsetOf";
      readonly ty: Ty;
      readonly path: readonly (readonly [variant: number, field: number])[];
    }
  /** Whether checks of library preconditions are compiled in. */
  | { readonly kind: "UbChecks" }
  | { readonly kind: "ContractChecks" };

export type Rvalue =
  | {
      readonly kind: "use";
      readonly operand: Operand;
      /** A word before the operand that means nothing here: what some rustcs print for reborrowed pointers. */
      readonly spelling?: "no_retag" | "deref_copy";
    }
  | {
      readonly kind: "repeat";
      readonly operand: Operand;
      readonly count: number;
      /** A count that depends on parameters: a `param` or an `anonConst`; `count` is 0 until they are known. */
      readonly genericCount?: Ty;
    }
  /** `twoPhase`: `&two_phase mut place`. */
  | { readonly kind: "ref"; readonly mutability: Mutability; readonly place: Place; readonly twoPhase?: boolean }
  /** `fake`: for its metadata alone, as bounds checks need it; it is no access and no retag. */
  | { readonly kind: "rawPtr"; readonly mutability: Mutability; readonly place: Place; readonly fake?: true }
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
  /** The number of elements of an array or slice place. */
  | { readonly kind: "len"; readonly place: Place }
  | { readonly kind: "nullary"; readonly op: NullOp }
  /** The address of this thread's own copy of a thread-local static. */
  | { readonly kind: "threadLocalRef"; readonly item: StaticItem; readonly ty: Ty }
  /** `ShallowInitBox(pointer, T)`: a `Box<T>` whose content is not initialised yet (1.85). */
  | { readonly kind: "shallowInitBox"; readonly operand: Operand; readonly ty: Ty }
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
  | {
      readonly kind: "copyNonOverlapping";
      readonly src: Operand;
      readonly dst: Operand;
      readonly count: Operand;
      readonly span: Span;
    }
  /** The place becomes uninitialised (1.85). */
  | { readonly kind: "deinit"; readonly place: Place; readonly span: Span }
  | {
      readonly kind: "retag";
      readonly retagKind: "default" | "fnEntry" | "twoPhase" | "raw";
      readonly place: Place;
      readonly span: Span;
    }
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
  | { readonly kind: "remainderByZero"; readonly operand: Operand }
  | { readonly kind: "misalignedPointerDereference"; readonly required: Operand; readonly found: Operand }
  | { readonly kind: "nullPointerDereference" }
  | { readonly kind: "invalidEnumConstruction"; readonly operand: Operand }
  | { readonly kind: "resumedAfterReturn"; readonly what: string }
  | { readonly kind: "resumedAfterPanic"; readonly what: string };

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
  /** `become func(args)`: the frame is replaced by the callee's. */
  | { readonly kind: "tailCall"; readonly func: Operand; readonly args: readonly Operand[]; readonly span: Span }
  /** Runs the drop glue of the place's type; elaborated, so it always runs. */
  | {
      readonly kind: "drop";
      readonly place: Place;
      readonly target: BasicBlock;
      readonly unwind: UnwindAction;
      readonly span: Span;
    }
  /** Ends cleanup: the unwinding goes on in the caller. */
  | { readonly kind: "unwindResume"; readonly span: Span }
  | { readonly kind: "unwindTerminate"; readonly reason: string; readonly span: Span }
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
  /** Names of the type and const parameters, the parent's first; lifetimes are erased. */
  readonly generics: readonly string[];
  /** By parameter: the type of a const parameter. Absent when all are types. */
  readonly constParams?: readonly (Ty | undefined)[];
  readonly predicates?: readonly Predicate[];
  /** The impl or trait that it is an associated function of; its generics are a prefix of this item's. */
  readonly parent?: ImplDef | TraitDef;
  /** Its name within `parent`, or behind the last `::`. */
  readonly assocName?: string;
  /** Set for the body of a closure: `params[0]` is the closure, or a reference to it; the call's tuple is spread over the others. */
  readonly closure?: ClosureDef;
  readonly unsafe?: boolean;
  /** Part of the prelude: known to every program, not printed. */
  readonly prelude?: boolean;
  /**
   * `...` behind the parameters: calls may have more arguments. The body has one more argument than `params`, the `std::ffi::VaList` of those (rustc's dumps
   * show it as a parameter).
   */
  readonly variadic?: boolean;
  /** `#[track_caller]`, `#[cold]` … without their brackets, as written; what codegen understands it looks up here. */
  readonly attributes?: readonly string[];
  readonly params: readonly Ty[];
  readonly ret: Ty;
  readonly inline: InlineAttr;
  /** `"Rust"` or `"C"`. */
  readonly abi: string;
  body: Body | undefined;
  readonly span: Span;
}
