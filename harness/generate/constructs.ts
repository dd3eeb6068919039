/**
 * The constructs of the language, by group: the rows of the coverage table, and the few that no generated program can have, with the reason.
 */

import { INTRINSIC_TABLE } from "../../codegen/index.ts";

export type Group =
  | "statement"
  | "rvalue"
  | "aggregate"
  | "nullary"
  | "operator"
  | "cast"
  | "terminator"
  | "call"
  | "unwind"
  | "assert"
  | "operand"
  | "constant"
  | "place"
  | "type"
  | "layout"
  | "signature"
  | "flow"
  | "item"
  | "intrinsic";

/** The rows of each group. */
export const CONSTRUCTS: Readonly<Record<Group, readonly string[]>> = {
  statement: [
    "assign",
    "setDiscriminant",
    "storageLive",
    "storageDead",
    "assume",
    "copyNonOverlapping",
    "deinit",
    "retag",
    "nop",
  ],
  rvalue: [
    "use",
    "repeat",
    "ref",
    "two-phase ref",
    "rawPtr",
    "cast",
    "binary",
    "unary",
    "discriminant",
    "len",
    "nullary",
    "threadLocalRef",
    "shallowInitBox",
    "aggregate",
  ],
  aggregate: ["array", "tuple", "struct", "enum", "union", "closure", "rawPtr"],
  nullary: ["SizeOf", "AlignOf", "OffsetOf", "UbChecks", "ContractChecks"],
  operator: [
    "Add",
    "AddUnchecked",
    "AddWithOverflow",
    "Sub",
    "SubUnchecked",
    "SubWithOverflow",
    "Mul",
    "MulUnchecked",
    "MulWithOverflow",
    "Div",
    "Rem",
    "BitXor",
    "BitAnd",
    "BitOr",
    "Shl",
    "ShlUnchecked",
    "Shr",
    "ShrUnchecked",
    "Eq",
    "Lt",
    "Le",
    "Ne",
    "Ge",
    "Gt",
    "Cmp",
    "Offset",
    "Not",
    "Neg",
    "PtrMetadata",
  ],
  cast: [
    "IntToInt",
    "IntToFloat",
    "FloatToInt",
    "FloatToFloat",
    "PtrToPtr",
    "FnPtrToPtr",
    "Transmute",
    "PointerExposeProvenance",
    "PointerWithExposedProvenance",
    "ReifyFnPointer",
    "ClosureFnPointer",
    "Unsize",
    "UnsafeFnPointer",
    "MutToConstPointer",
    "ArrayToPointer",
  ],
  terminator: [
    "goto",
    "switchInt",
    "return",
    "unreachable",
    "call",
    "tailCall",
    "drop",
    "unwindResume",
    "unwindTerminate",
    "assert",
  ],
  unwind: ["continue", "unreachable", "terminate", "cleanup"],
  assert: [
    "boundsCheck",
    "overflow",
    "overflowNeg",
    "divisionByZero",
    "remainderByZero",
    "misalignedPointerDereference",
    "nullPointerDereference",
    "invalidEnumConstruction",
    "resumedAfterReturn",
    "resumedAfterPanic",
  ],
  operand: ["copy", "move", "const"],
  constant: ["scalar", "zst", "fn", "bytes", "unevaluated", "param", "static", "alloc", "aggregate", "transmuted"],
  place: [
    "deref",
    "field",
    "index",
    "constantIndex",
    "constantIndex from end",
    "subslice",
    "subslice from end",
    "downcast",
    "field of packed",
  ],
  call: ["direct", "indirect", "self", "method", "virtual", "intrinsic", "diverging", "with cleanup", "extern C"],
  type: [
    "bool",
    "char",
    "never",
    "int",
    "uint",
    "float",
    "tuple",
    "array",
    "ref",
    "ptr",
    "struct",
    "enum",
    "union",
    "fnptr",
    "str",
    "slice",
    "fndef",
    "closure",
    "dynamic",
    "alias",
    "genericArray",
    "anonConst",
    "foreign",
    "param",
  ],
  layout: [
    "repr(C)",
    "repr(packed)",
    "repr(align)",
    "repr(transparent)",
    "repr(int)",
    "repr(simd)",
    "Option<&T>",
    "Option<bool>",
    "nested Option",
    "recursive",
    "zero-sized",
    "repr(C, int)",
    "tagged enum",
    "niche enum",
    "niche beside data",
    "enum of one variant",
    "uninhabited variant",
    "slice tail",
    "dyn tail",
    "union in a union",
    "reference field",
    "slice field",
    "fn pointer field",
    "array field",
    "scalar pair",
    "one scalar",
    "in memory",
  ],
  signature: ["param", "return", "extern C param", "extern C return"],
  flow: [
    "loop",
    "nested loop",
    "loop of one block",
    "loop with several entries",
    "switch in a loop",
    "drop in cleanup",
    "call in cleanup",
    "switchInt in cleanup",
  ],
  item: [
    "fn",
    "generic fn",
    "const generic fn",
    "const param",
    "extern C fn",
    "unsafe fn",
    "struct",
    "enum",
    "union",
    "generic struct",
    "trait",
    "supertrait",
    "default method",
    "associated type",
    "associated const",
    "impl",
    "generic impl",
    "Drop impl",
    "closure",
    "static",
    "static mut",
    "thread_local",
    "const",
    "promoted",
    "alloc",
    "alloc with pointers",
  ],
  intrinsic: [...new Set(["observe", "black_box", "panic", ...INTRINSIC_TABLE.map(({ name }) => name)])],
};

/** A construct that a program which serves as evidence cannot have, or cannot run; `pattern` matches all of `group.name`. */
export interface Exemption {
  readonly pattern: RegExp;
  /** `absent`: it occurs nowhere. `never run`: it stands in code that data never reaches. */
  readonly what: "absent" | "never run";
  readonly reason: string;
}

export const EXEMPTIONS: readonly Exemption[] = [
  {
    pattern: /^(statement\.deinit|rvalue\.shallowInitBox)$/,
    what: "absent",
    reason: "an old spelling: rustc stopped writing it before the nightly that programs are compared with",
  },
  {
    pattern: /^cast\.Pointer(Expose|WithExposed)Provenance$/,
    what: "never run",
    reason: "a run that exposes an address is no evidence: what it shows may depend on the address",
  },
  {
    pattern: /^type\.foreign$/,
    what: "absent",
    reason: "a program has no list of the foreign types that it declares",
  },
  {
    pattern: /^intrinsic\.(ptr_mask)$/,
    what: "absent",
    reason: "works on addresses, so a run with it is no evidence",
  },
  {
    pattern: /^terminator\.unwindTerminate$/,
    what: "never run",
    reason: "ends the process without events of its own",
  },
  {
    pattern: /^terminator\.unreachable$/,
    what: "never run",
    reason: "running it is undefined",
  },
  {
    pattern: /^intrinsic\.(sin|cos|exp|exp2|log|log2|log10|pow|powi|fmuladd)f(16|128)$/,
    what: "absent",
    reason: "the C libraries that programs are linked with do not have them at this width",
  },
  {
    pattern: /^intrinsic\.simd_(expose|with_exposed)_provenance$/,
    what: "absent",
    reason: "a run that exposes an address is no evidence: what it shows may depend on the address",
  },
  {
    pattern: /^intrinsic\.caller_location$/,
    what: "absent",
    reason: "says where in a source it stands, and the sources of one program differ",
  },
  {
    pattern: /^intrinsic\.const_(allocate|deallocate|make_global)$/,
    what: "absent",
    reason: "memory that is made while constants are computed: the value of a constant may not own it",
  },
  {
    pattern:
      /^intrinsic\.(abort|exit|breakpoint|handle_alloc_error|panic_nounwind\w*|panic_cannot_unwind|panic_in_cleanup)$/,
    what: "absent",
    reason: "ends or stops the process",
  },
  {
    pattern: /^intrinsic\.(panic_fmt|panic_display|begin_panic|assert_failed|panic_already_(mutably_)?borrowed)$/,
    what: "absent",
    reason: "takes types of std that no program declares",
  },
  {
    pattern: /^intrinsic\.unreachable(_unchecked)?$/,
    what: "absent",
    reason: "running it is undefined; the terminator says the same",
  },
];

/** Why `group.name` need not occur, or need not run. */
export function exemption(row: string): Exemption | undefined {
  return EXEMPTIONS.find(({ pattern }) => pattern.test(row));
}
