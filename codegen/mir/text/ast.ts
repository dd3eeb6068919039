/**
 * The unresolved syntax tree of MIR text: what `--emit=mir` and `-Zdump-mir` print, as it is written.
 *
 * Nothing here knows what a name means. Numbers, strings and characters keep their spelling; a path is a list of segments; `Foo` as a generic
 * argument is a type although it may be a constant. What two rustcs spell differently is kept apart where a reader could not tell otherwise, so
 * that `print.ts` gives back the text.
 *
 * Types and paths are interned: within one parser, equal text is the same object, which a resolver can use as a key. They carry no place of
 * their own; items, declarations, statements and terminators do (`at`, an offset into the text of the item's `SourceText`; `source.ts` makes
 * lines of it). Locals and blocks are plain numbers; -1 stands for a block that is not there. All of it is plain data, never changed after parsing,
 * but for the `text` of types and paths, which is filled when it is first asked for (`typeText`, `pathText` in `print-type.ts`).
 *
 * Terms are those of rustc_middle/src/mir/pretty.rs and rustc_middle/src/ty/print/pretty.rs.
 */

import type { SourceText } from "./source.ts";

// ---------------------------------------------------------------------------------------------------------------------------------
// Paths

/** `a::<impl at src/a.rs:1:1: 2:2>::f::<T>::{closure#0}`; `promoted` is N of a last `promoted[N]`, else -1. */
export interface Path {
  readonly segments: readonly PathSegment[];
  readonly promoted: number;
  /** Use `pathText`. */
  text: string;
}

export type PathSegment =
  /** `name`, `r#type`, `{closure#0}`, `{shim:vtable#0}`, with the arguments behind it. */
  | { readonly kind: "name"; readonly name: string; readonly args: GenericArgs | undefined }
  /** `<T as Trait>`, `<[T]>`: only as the first one. */
  | {
      readonly kind: "qself";
      readonly ty: Type;
      readonly trait: Path | undefined;
      readonly args: GenericArgs | undefined;
    }
  /** `<impl Trait for T>`, `<impl T>`. */
  | {
      readonly kind: "impl";
      readonly trait: Path | undefined;
      readonly ty: Type;
      readonly args: GenericArgs | undefined;
    }
  /** `<impl at src/a.rs:1:1: 2:2>`; `location` is what stands behind `at`. */
  | { readonly kind: "implAt"; readonly location: string; readonly args: GenericArgs | undefined };

/**
 * `angle`: `<A, B>`, or `::<A, B>` when `turbofish`. `paren`: `(A, B) -> C` of the `Fn` traits; `output` is undefined when it is not written.
 */
export type GenericArgs =
  | { readonly kind: "angle"; readonly turbofish: boolean; readonly args: readonly GenericArg[] }
  | {
      readonly kind: "paren";
      readonly inputs: readonly Type[];
      readonly variadic: boolean;
      readonly output: Type | undefined;
    };

export type GenericArg =
  /** `'a`, `'_`, `'{erased}`; with its quote. */
  | { readonly kind: "lifetime"; readonly name: string }
  | { readonly kind: "type"; readonly ty: Type }
  /** What cannot be a type: a literal, `{ N + 1 }`, … */
  | { readonly kind: "const"; readonly value: Const }
  /** `Item = T`, `Item<'a> = T`, `N = 3`. */
  | {
      readonly kind: "binding";
      readonly name: string;
      readonly args: GenericArgs | undefined;
      readonly value: GenericArg;
    }
  /** `Item: A + B`: an associated type that is only bounded. */
  | {
      readonly kind: "bound";
      readonly name: string;
      readonly args: GenericArgs | undefined;
      readonly bounds: readonly Bound[];
    };

// ---------------------------------------------------------------------------------------------------------------------------------
// Types

/** The part of a function type that pointers and items share. */
export interface FnSig {
  /** The lifetimes of `for<'a, 'b>`. */
  readonly binder: readonly string[];
  /** A `safe` or `unsafe` that is written. */
  readonly safety: "" | "safe" | "unsafe";
  /** The ABI with its quotes, such as `"C"`; undefined for Rust's, empty for `extern` alone. */
  readonly abi: string | undefined;
  readonly params: readonly Type[];
  /** `...` behind the parameters. */
  readonly variadic: boolean;
  /** Undefined when no `->` is written. */
  readonly ret: Type | undefined;
}

/** `text` of each: use `typeText`. */
export type Type =
  /** Primitive types, parameters, ADTs, aliases, projections, foreign types, and constants where either may stand. */
  | { readonly kind: "path"; readonly path: Path; text: string }
  | { readonly kind: "never"; text: string }
  /** `_` */
  | { readonly kind: "infer"; text: string }
  /** `lifetime` is empty when it is not written. */
  | { readonly kind: "ref"; readonly lifetime: string; readonly mutable: boolean; readonly pointee: Type; text: string }
  | { readonly kind: "ptr"; readonly mutable: boolean; readonly pointee: Type; text: string }
  | { readonly kind: "tuple"; readonly fields: readonly Type[]; text: string }
  | { readonly kind: "array"; readonly element: Type; readonly length: Const; text: string }
  | { readonly kind: "slice"; readonly element: Type; text: string }
  | { readonly kind: "fnPtr"; readonly sig: FnSig; text: string }
  /** `fn(i32) -> i32 {f}`; `targetFeatures`: `#[target_features]` stands before it. */
  | { readonly kind: "fnDef"; readonly sig: FnSig; readonly path: Path; readonly targetFeatures: boolean; text: string }
  /** `dyn A<X = Y> + B + 'a`. */
  | { readonly kind: "dyn"; readonly bounds: readonly Bound[]; text: string }
  /** `impl A + ?Sized`. */
  | { readonly kind: "impl"; readonly bounds: readonly Bound[]; text: string }
  /** `(T)`, as around the `dyn A + 'a` that a reference points to. */
  | { readonly kind: "paren"; readonly ty: Type; text: string }
  /**
   * `{closure@src/a.rs:1:2: 3:4}`: `what` is `closure`, `coroutine`, `static coroutine`, `async block`, `async closure`, `coroutine witness` …;
   * `location` is the text behind `@`. It is where the closure stands, or, for one of another crate, its path, which is then in `path` too.
   */
  | {
      readonly kind: "closure";
      readonly what: string;
      readonly location: string;
      readonly path: Path | undefined;
      text: string;
    }
  /**
   * `{static f::{closure#0} upvar_tys=(u8,) resume_ty=()}`: a closure as `-Zverbose-internals` spells it, by its path and the types that make it up; a coroutine's witness
   * has none, `{f::{closure#0}}`.
   */
  | {
      readonly kind: "closureParts";
      readonly isStatic: boolean;
      readonly path: Path;
      readonly parts: readonly { readonly name: string; readonly ty: Type }[];
      text: string;
    }
  /** `{async fn body of f<T>()}`: `what` is `async fn body`, `gen fn body` …; `fn` is the function. */
  | { readonly kind: "fnBody"; readonly what: string; readonly fn: Path; text: string }
  /** `(u32) is 1..=9`; `pattern` is the text behind `is`. */
  | { readonly kind: "pattern"; readonly base: Type; readonly pattern: string; text: string }
  /** `unsafe<'a> T`, `for<'a> T` (1.85); `word` is what stands before the lifetimes. */
  | {
      readonly kind: "unsafeBinder";
      readonly word: "unsafe" | "for";
      readonly binder: readonly string[];
      readonly ty: Type;
      text: string;
    }
  /** `field_of!(T, V.f)`. */
  | { readonly kind: "fieldOf"; readonly base: Type; readonly field: string; text: string }
  /** `{type error}`, and what is spelt as in debug output: bound variables, `^0`, and opaque types, `Opaque(DefId(…), [T])`. */
  | { readonly kind: "error"; readonly spelling: string; text: string };

export type Bound =
  | { readonly kind: "lifetime"; readonly name: string }
  /** `for<'a> ?Trait<'a>`; `modifier` is `?`, `!`, `const ` … or empty; `paren`: parentheses stand around it. */
  | {
      readonly kind: "trait";
      readonly binder: readonly string[];
      readonly modifier: string;
      readonly path: Path;
      readonly paren: boolean;
    };

// ---------------------------------------------------------------------------------------------------------------------------------
// Constants

export type LiteralKind = "int" | "float" | "bool" | "char" | "str" | "byteStr" | "cStr" | "byte";

export type Const =
  /** As written, with sign, quotes and suffix: `-1_i32`, `1.5f32`, `NaN_f64`, `true`, `'a'`, `"s"`, `b"s"`; `b'a'` and `c"s"` in Rust items. */
  | { readonly kind: "literal"; readonly literal: LiteralKind; readonly text: string }
  /** An item, a parameter, a promoted, a unit struct or variant. */
  | { readonly kind: "path"; readonly path: Path }
  | { readonly kind: "tuple"; readonly elements: readonly Const[] }
  | { readonly kind: "array"; readonly elements: readonly Const[] }
  /** `Some(1_u8)`. */
  | { readonly kind: "tupleStruct"; readonly path: Path; readonly elements: readonly Const[] }
  /** `Foo {{ a: 1_i32 }}`; the value of a const parameter has single braces (`double` is false): `Foo { a: 1 }`. */
  | {
      readonly kind: "struct";
      readonly path: Path;
      readonly fields: readonly { readonly name: string; readonly value: Const }[];
      readonly double: boolean;
    }
  /** `&V` and `*V`: values behind references in generic arguments; `*b"…"` an array of bytes. */
  | { readonly kind: "ref"; readonly value: Const }
  | { readonly kind: "deref"; readonly value: Const }
  /** `{alloc1: &T}`, `{alloc1+0x4<imm>: &T}`. */
  | { readonly kind: "alloc"; readonly pointer: AllocPointer; readonly ty: Type }
  /** `{0x1 as *const T}`: a pointer without provenance. */
  | { readonly kind: "address"; readonly text: string; readonly ty: Type }
  /** `{f::<T> as fn()}`. */
  | { readonly kind: "fnPtr"; readonly path: Path; readonly ty: Type }
  /** `{transmute(0x01): T}`; `text` is what the parentheses hold, `()` for nothing. */
  | { readonly kind: "transmute"; readonly text: string; readonly ty: Type }
  /** `1_u32 is 1..`: a value of a pattern type. */
  | { readonly kind: "pattern"; readonly value: Const; readonly pattern: string }
  /** `Indirect { alloc_id: alloc5, offset: Size(8 bytes) }: T`: a value in memory that is not shown. */
  | { readonly kind: "indirect"; readonly alloc: number; readonly offset: string; readonly ty: Type }
  /** `ZeroSized: T`. */
  | { readonly kind: "zeroSized"; readonly ty: Type }
  /** `Scalar(0x01): T`, `Scalar(alloc1): T`; `text` is what the parentheses hold. */
  | { readonly kind: "scalar"; readonly text: string; readonly ty: Type }
  /** `<uninit>`, `<vtable>`, `<ZST>` …, `{unreachable(): T}`, `{const error}`, `{&_: T}`: what says that there is no value to show. */
  | { readonly kind: "marker"; readonly text: string; readonly ty: Type | undefined }
  /** The same in other forms, `Slice { … }: T`: text that only debugging prints. */
  | { readonly kind: "debug"; readonly text: string; readonly ty: Type }
  /** `ConstValue(ZeroSized: T)`, `ConstValue(Scalar(0x01): T)` …: the four forms above as `-Zverbose-internals` spells them, also for functions. */
  | { readonly kind: "constValue"; readonly value: Const }
  /** `ValTree(Leaf(0x01): T)`, likewise; `tree` is the text before the colon. */
  | { readonly kind: "valTree"; readonly tree: string; readonly ty: Type }
  /** `N/#0`, likewise: a parameter with its index. */
  | { readonly kind: "param"; readonly name: string; readonly index: number }
  /** `_` */
  | { readonly kind: "infer" }
  /** An expression, as text: an array length or a generic argument that rustc takes from the source, `{ N + 1 }`. */
  | { readonly kind: "expr"; readonly text: string };

/** `alloc5+0x8<imm>`: `offset` keeps its spelling (`0x8`), empty for 0; `flags` is `<imm>` or empty. */
export interface AllocPointer {
  readonly alloc: number;
  readonly offset: string;
  readonly flags: string;
}

// ---------------------------------------------------------------------------------------------------------------------------------
// Places and operands

export interface Place {
  readonly local: number;
  readonly projection: readonly PlaceElem[];
}

export type PlaceElem =
  | { readonly kind: "deref" }
  | { readonly kind: "field"; readonly index: number; readonly ty: Type }
  | { readonly kind: "index"; readonly local: number }
  | { readonly kind: "constantIndex"; readonly offset: number; readonly minLength: number; readonly fromEnd: boolean }
  /** `[from..to]`; from the end `[from:-to]`, without what is 0: `[from:]`, `[:-to]`. */
  | { readonly kind: "subslice"; readonly from: number; readonly to: number; readonly fromEnd: boolean }
  /** `(place as Some)`; `(place as variant#3)` has no name and `index` 3, else -1. */
  | { readonly kind: "downcast"; readonly name: string; readonly index: number }
  /** `(place as T)`; a `T` of one word cannot be told from a downcast and is one. */
  | { readonly kind: "opaqueCast"; readonly ty: Type }
  /** `(place as subtype T)` (1.85). */
  | { readonly kind: "subtype"; readonly ty: Type }
  /** `unwrap_binder!(place; T)`. */
  | { readonly kind: "unwrapBinder"; readonly ty: Type };

export type Operand =
  | { readonly kind: "copy"; readonly place: Place }
  | { readonly kind: "move"; readonly place: Place }
  /** `keyword`: `const` stands before it. Function items have none. */
  | { readonly kind: "const"; readonly value: Const; readonly keyword: boolean }
  /** `UbChecks`, `ContractChecks`, `OverflowChecks` without parentheses (1.96). */
  | { readonly kind: "runtimeChecks"; readonly name: string };

// ---------------------------------------------------------------------------------------------------------------------------------
// Rvalues

export interface FieldInit {
  readonly name: string;
  readonly value: Operand;
}

export type Rvalue =
  /** `prefix`: a word before the operand, `no_retag ` (nightly) or empty. */
  | { readonly kind: "use"; readonly operand: Operand; readonly prefix: string }
  | { readonly kind: "repeat"; readonly operand: Operand; readonly count: Const }
  /** `region` is empty unless `-Zidentify-regions`; `borrow` as it is written; `two_phase` is ours, rustc's text does not tell. */
  | {
      readonly kind: "ref";
      readonly region: string;
      readonly borrow: "" | "mut" | "two_phase mut" | "fake" | "fake shallow";
      readonly place: Place;
    }
  /** `word`: `const`, `mut`, `const (fake)`. */
  | { readonly kind: "rawPtr"; readonly word: "const" | "mut" | "const (fake)"; readonly place: Place }
  /** `&/*tls*​/ mut X`. */
  | { readonly kind: "threadLocalRef"; readonly mutable: boolean; readonly path: Path }
  | { readonly kind: "cast"; readonly operand: Operand; readonly ty: Type; readonly cast: Cast }
  /** `Add(a, b)`, `CheckedAdd(a, b)`: any operator of two operands, by its printed name. */
  | { readonly kind: "binary"; readonly op: string; readonly left: Operand; readonly right: Operand }
  /** `Not(a)`, `Neg(a)`, `PtrMetadata(a)`. */
  | { readonly kind: "unary"; readonly op: string; readonly operand: Operand }
  | { readonly kind: "discriminant"; readonly place: Place }
  | { readonly kind: "len"; readonly place: Place }
  /** `deref_copy place`. */
  | { readonly kind: "copyForDeref"; readonly place: Place }
  /** `SizeOf(T)`, `AlignOf(T)`; `UbChecks()`, `ContractChecks()` have no type (1.85). */
  | { readonly kind: "nullary"; readonly op: string; readonly ty: Type | undefined }
  /** `OffsetOf(T, [(0, 1)])`: (variant, field) pairs. */
  | {
      readonly kind: "offsetOf";
      readonly ty: Type;
      readonly path: readonly (readonly [variant: number, field: number])[];
    }
  /** `ShallowInitBox(a, T)`. */
  | { readonly kind: "shallowInitBox"; readonly operand: Operand; readonly ty: Type }
  /** `wrap_binder!(a; T)`. */
  | { readonly kind: "wrapBinder"; readonly operand: Operand; readonly ty: Type }
  /** `a::Mut<'a, T>(reborrow place)` (nightly); `word` is `reborrow` or `coerce shared`, `path` the type that is made. */
  | { readonly kind: "reborrow"; readonly word: string; readonly path: Path; readonly place: Place }
  | { readonly kind: "array"; readonly elements: readonly Operand[] }
  | { readonly kind: "tuple"; readonly elements: readonly Operand[] }
  /** `path(a, b)`: a tuple struct or variant. A call has `->` behind it, and is a terminator. */
  | { readonly kind: "tupleStruct"; readonly path: Path; readonly elements: readonly Operand[] }
  /** `path { f: a }`. What has no fields is a `use` of a constant path without keyword. */
  | { readonly kind: "struct"; readonly path: Path; readonly fields: readonly FieldInit[] }
  /** `{closure@…} { x: a }`, `{coroutine@…}`; `ty` is of kind `closure`. */
  | { readonly kind: "closure"; readonly ty: Type; readonly fields: readonly FieldInit[] }
  /** `*const T from (a, b)`. */
  | {
      readonly kind: "aggregateRawPtr";
      readonly mutable: boolean;
      readonly pointee: Type;
      readonly elements: readonly Operand[];
    };

/**
 * What stands in the parentheses behind a cast: `IntToInt` …, or `PointerCoercion(ReifyFnPointer(Safe), AsCast)`, whose parts are empty when they are
 * not written.
 */
export interface Cast {
  readonly kind: string;
  /** `Unsize`, `ReifyFnPointer`, … */
  readonly coercion: string;
  /** `Safe`, `Unsafe` */
  readonly safety: string;
  /** `AsCast`, `Implicit` */
  readonly source: string;
}

// ---------------------------------------------------------------------------------------------------------------------------------
// Statements and terminators

export type Statement =
  | { readonly kind: "assign"; readonly at: number; readonly place: Place; readonly rvalue: Rvalue }
  | { readonly kind: "storageLive"; readonly at: number; readonly local: number }
  | { readonly kind: "storageDead"; readonly at: number; readonly local: number }
  | { readonly kind: "setDiscriminant"; readonly at: number; readonly place: Place; readonly variant: number }
  | { readonly kind: "deinit"; readonly at: number; readonly place: Place }
  /** `cause` as written: `ForLet(None)`. */
  | { readonly kind: "fakeRead"; readonly at: number; readonly cause: string; readonly place: Place }
  | { readonly kind: "placeMention"; readonly at: number; readonly place: Place }
  /** `variance`: `+`, `-`, `o`, `*`; `projection`: `UserTypeProjection { base: UserType(0), projs: [] }`. */
  | {
      readonly kind: "ascribeUserType";
      readonly at: number;
      readonly place: Place;
      readonly variance: string;
      readonly projection: string;
    }
  /** `retag`: `fn entry`, `2phase`, `raw`, or empty. */
  | { readonly kind: "retag"; readonly at: number; readonly retag: string; readonly place: Place }
  /** `Coverage::SpanMarker`; `text` is what stands behind `Coverage::`. */
  | { readonly kind: "coverage"; readonly at: number; readonly text: string }
  | { readonly kind: "assume"; readonly at: number; readonly operand: Operand }
  | {
      readonly kind: "copyNonOverlapping";
      readonly at: number;
      readonly dst: Operand;
      readonly src: Operand;
      readonly count: Operand;
    }
  | { readonly kind: "constEvalCounter"; readonly at: number }
  | { readonly kind: "backwardIncompatibleDropHint"; readonly at: number; readonly place: Place }
  | { readonly kind: "nop"; readonly at: number };

/** `none`: no unwind action is written. `block` is -1 but for `cleanup`; `reason` is empty but for `terminate`. */
export interface UnwindAction {
  readonly kind: "none" | "continue" | "unreachable" | "terminate" | "cleanup";
  readonly block: number;
  /** `abi` or `cleanup`. */
  readonly reason: string;
}

export type AsmOperand =
  /** `in(reg) a` */
  | { readonly kind: "in"; readonly reg: string; readonly value: Operand }
  /** `out(reg) p`, `lateout(reg) _`. */
  | { readonly kind: "out"; readonly reg: string; readonly late: boolean; readonly place: Place | undefined }
  /** `inout(reg) a => p`, `inlateout(reg) a => _`. */
  | {
      readonly kind: "inout";
      readonly reg: string;
      readonly late: boolean;
      readonly value: Operand;
      readonly place: Place | undefined;
    }
  /** `const const 3_i32` */
  | { readonly kind: "const"; readonly value: Operand }
  | { readonly kind: "symFn"; readonly value: Operand }
  /** `sym_static DefId(…)` */
  | { readonly kind: "symStatic"; readonly text: string }
  | { readonly kind: "label"; readonly index: number };

/** A block that a terminator may go to, with the label that stands before it. */
export interface LabelledTarget {
  readonly label: string;
  readonly block: number;
}

export type Terminator =
  | { readonly kind: "goto"; readonly at: number; readonly target: number }
  /** `values` as written; `otherwise` is -1 when the list has none. */
  | {
      readonly kind: "switchInt";
      readonly at: number;
      readonly discr: Operand;
      readonly values: readonly string[];
      readonly targets: readonly number[];
      readonly otherwise: number;
    }
  | { readonly kind: "return"; readonly at: number }
  | { readonly kind: "unreachable"; readonly at: number }
  | { readonly kind: "resume"; readonly at: number }
  /** `terminate(abi)`. */
  | { readonly kind: "terminate"; readonly at: number; readonly reason: string }
  | { readonly kind: "coroutineDrop"; readonly at: number }
  /**
   * `p = f(a) -> [return: bb1, unwind continue]`. `-> bb1` alone is where unwinding goes, of a call that never returns (`target` is -1); before rustc 1.72 it
   * was where it returns.
   */
  | {
      readonly kind: "call";
      readonly at: number;
      readonly destination: Place;
      readonly func: Operand;
      readonly args: readonly Operand[];
      readonly target: number;
      readonly unwind: UnwindAction;
    }
  /** `word`: `tailcall` or `become`. 1.85 prints arguments as `Spanned { node: a, span: S }`: the texts `S` are then in `spans`. */
  | {
      readonly kind: "tailCall";
      readonly at: number;
      readonly word: string;
      readonly func: Operand;
      readonly args: readonly Operand[];
      readonly spans: readonly string[] | undefined;
    }
  /**
   * `async drop(p; poll=bb1) -> [return: bb2, unwind: bb3, drop: bb4]`; `future` is the text behind `poll=`, undefined for the plain `drop(p)`.
   */
  | {
      readonly kind: "drop";
      readonly at: number;
      readonly place: Place;
      readonly future: string | undefined;
      readonly target: number;
      readonly unwind: UnwindAction;
      readonly drop: number;
    }
  /** `assert(!c, "message {}", a) -> …`; `message` with its quotes. */
  | {
      readonly kind: "assert";
      readonly at: number;
      readonly cond: Operand;
      readonly expected: boolean;
      readonly message: string;
      readonly args: readonly Operand[];
      readonly target: number;
      readonly unwind: UnwindAction;
    }
  | { readonly kind: "falseEdge"; readonly at: number; readonly real: number; readonly imaginary: number }
  | { readonly kind: "falseUnwind"; readonly at: number; readonly real: number; readonly unwind: UnwindAction }
  /** `p = yield(a) -> [resume: bb1, drop: bb2]`. */
  | {
      readonly kind: "yield";
      readonly at: number;
      readonly resumeArg: Place;
      readonly value: Operand;
      readonly resume: number;
      readonly drop: number;
    }
  /** `template` with its quotes; its lines are those of the source. `options` is what their parentheses hold. */
  | {
      readonly kind: "asm";
      readonly at: number;
      readonly template: string;
      readonly operands: readonly AsmOperand[];
      readonly options: string;
      readonly targets: readonly LabelledTarget[];
      readonly unwind: UnwindAction;
    };

// ---------------------------------------------------------------------------------------------------------------------------------
// Bodies

/** `let mut _1: T as UserTypeProjection { … };`: `userTypes` are the texts behind each `as`. */
export interface LocalDecl {
  readonly at: number;
  readonly local: number;
  readonly mutable: boolean;
  readonly ty: Type;
  readonly userTypes: readonly string[];
}

/**
 * `debug x => _1;`, or of a part of `x`: `debug ((x: T).0: U) => _1;`, where `fragment` has the type `T` and the projection. A constant is written as an operand is: `const 1_u8`,
 * `f::<T>`.
 */
export interface VarDebugInfo {
  readonly at: number;
  readonly name: string;
  readonly fragment: { readonly ty: Type; readonly projection: readonly PlaceElem[] } | undefined;
  readonly value: { readonly kind: "place"; readonly place: Place } | Extract<Operand, { kind: "const" }>;
}

/** A function as `(inlined …)` and `(fn: …)` name it: `suffix` is what follows its path, such as ` - shim(vtable)`. */
export interface InstanceName {
  readonly path: Path;
  readonly suffix: string;
}

export interface SourceScope {
  readonly at: number;
  /** 0 for the body's own. */
  readonly id: number;
  readonly inlined: { readonly trackCaller: boolean; readonly callee: InstanceName } | undefined;
  readonly debugInfo: readonly VarDebugInfo[];
  readonly locals: readonly LocalDecl[];
  readonly children: readonly SourceScope[];
}

export interface BasicBlock {
  readonly at: number;
  readonly index: number;
  readonly cleanup: boolean;
  readonly statements: readonly Statement[];
  /** Undefined for a block that is being built. */
  readonly terminator: Terminator | undefined;
}

export interface Body {
  readonly scope: SourceScope;
  /** Lines that start with `coverage `, without that word. */
  readonly coverage: readonly string[];
  readonly blocks: readonly BasicBlock[];
}

// ---------------------------------------------------------------------------------------------------------------------------------
// Items

interface ItemBase {
  readonly source: SourceText;
  /** Where its text starts and ends. */
  readonly at: number;
  readonly end: number;
  /** Lines that start with `|`, as they are: user type annotations, regions. */
  readonly annotations: readonly string[];
}

export interface Param {
  readonly local: number;
  readonly ty: Type;
}

export interface FnItem extends ItemBase {
  readonly kind: "fn";
  readonly name: Path;
  readonly params: readonly Param[];
  readonly ret: Type;
  /** `yields T` of a coroutine's body. */
  readonly yields: Type | undefined;
  readonly body: Body;
  /** `// MIR FOR CTFE` stands before it: the second body of a `const fn`. */
  readonly ctfe: boolean;
  /** The text of the `coroutine_layout` comment before it. */
  readonly coroutineLayout: string | undefined;
}

/**
 * `const N: T = { … }`, `const N: T = const 1_u8;`, `static mut S: T = { … }`, a promoted `const f::promoted[0]: &T = { … }`, or without any keyword the
 * body of an anonymous constant, `f::{constant#0}: usize = { … }`, or of `global_asm!`.
 */
export interface ConstItem extends ItemBase {
  readonly kind: "const" | "static" | "promoted" | "anonConst";
  readonly name: Path;
  /** `static mut`. */
  readonly mutable: boolean;
  readonly ty: Type;
  readonly yields: Type | undefined;
  /** One of the two. */
  readonly body: Body | undefined;
  readonly value: Const | undefined;
}

/**
 * The bytes of an allocation. `bytes` is undefined when the text leaves them out (`{ .. }`). Bytes that are not initialised are 0 in `bytes` and 0
 * in `initialised`, which is undefined when all are; those that relocations cover are 0 and initialised.
 */
export interface Memory {
  readonly size: number;
  readonly align: number;
  readonly bytes: Uint8Array | undefined;
  readonly initialised: Uint8Array | undefined;
  /** By ascending offset. */
  readonly relocations: readonly Relocation[];
}

/**
 * A pointer of `size` bytes at `offset`. A fragment of one (`size` 1) has the `value` of its byte and its `index` in the pointer, else -1.
 */
export interface Relocation {
  readonly offset: number;
  readonly size: number;
  readonly pointer: AllocPointer;
  readonly fragment: { readonly value: number; readonly index: number } | undefined;
}

export type AllocDetail =
  /** `(size: 4, align: 4) { … }` */
  | { readonly kind: "memory"; readonly memory: Memory }
  /** `(static: PATH, size: …) { … }`, or `(static: PATH)`; `error`: `, error during initializer evaluation`. */
  | { readonly kind: "static"; readonly path: Path; readonly memory: Memory | undefined; readonly error: boolean }
  | { readonly kind: "externStatic"; readonly path: Path }
  | { readonly kind: "fn"; readonly instance: InstanceName }
  /** `(vtable: impl DYN for T)`; `bounds` is empty for a type without principal trait (`impl <trivial> for T` has `trivial`). */
  | { readonly kind: "vtable"; readonly bounds: readonly Bound[]; readonly trivial: boolean; readonly ty: Type }
  | { readonly kind: "typeId"; readonly ty: Type }
  | { readonly kind: "deallocated" };

/** `alloc7 (…)`, behind the body that mentions it. */
export interface AllocItem extends ItemBase {
  readonly kind: "alloc";
  readonly alloc: number;
  readonly detail: AllocDetail;
}

/** Everything of MIR text at the outermost level. */
export type Item = FnItem | ConstItem | AllocItem;

/** What stands among MIR items in Rust's syntax: `node` is what the caller's parser made of it. */
export interface RustItem<R> {
  readonly kind: "rust";
  readonly source: SourceText;
  readonly at: number;
  readonly end: number;
  readonly node: R;
}
