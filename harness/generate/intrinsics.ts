/**
 * The intrinsics that generated programs call, found in the prelude by name.
 *
 * What the prelude does not declare is declared here, by rustc's signature (library/core/src/intrinsics/mod.rs), so that generating does
 * not depend on what the interpreter runs.
 */

import {
  type AdtDef,
  DEFAULT_REPR,
  DUMMY_SP,
  type FnItem,
  INTRINSICS_BY_NAME,
  PRIMITIVE_TYPES,
  preludeAdt,
  TY_I32,
  TY_NEVER,
  TY_UNIT,
  type Ty,
  type TyCtxt,
} from "../../codegen/index.ts";

const SIGNATURES: Readonly<Record<string, string>> = {
  // Bits and integers.
  ctpop: "<T>(T) -> u32",
  ctlz: "<T>(T) -> u32",
  cttz: "<T>(T) -> u32",
  ctlz_nonzero: "<T>(T) -> u32",
  cttz_nonzero: "<T>(T) -> u32",
  bswap: "<T>(T) -> T",
  bitreverse: "<T>(T) -> T",
  rotate_left: "<T>(T, u32) -> T",
  rotate_right: "<T>(T, u32) -> T",
  saturating_add: "<T>(T, T) -> T",
  saturating_sub: "<T>(T, T) -> T",
  wrapping_add: "<T>(T, T) -> T",
  wrapping_sub: "<T>(T, T) -> T",
  wrapping_mul: "<T>(T, T) -> T",
  exact_div: "<T>(T, T) -> T",
  unchecked_div: "<T>(T, T) -> T",
  unchecked_rem: "<T>(T, T) -> T",
  unchecked_add: "<T>(T, T) -> T",
  unchecked_sub: "<T>(T, T) -> T",
  unchecked_mul: "<T>(T, T) -> T",
  unchecked_shl: "<T, U>(T, U) -> T",
  unchecked_shr: "<T, U>(T, U) -> T",
  disjoint_bitor: "<T>(T, T) -> T",
  unchecked_funnel_shl: "<T>(T, T, u32) -> T",
  unchecked_funnel_shr: "<T>(T, T, u32) -> T",
  add_with_overflow: "<T>(T, T) -> (T, bool)",
  sub_with_overflow: "<T>(T, T) -> (T, bool)",
  mul_with_overflow: "<T>(T, T) -> (T, bool)",
  carryless_mul: "<T>(T, T) -> T",
  fadd_algebraic: "<T>(T, T) -> T",
  fsub_algebraic: "<T>(T, T) -> T",
  fmul_algebraic: "<T>(T, T) -> T",
  fdiv_algebraic: "<T>(T, T) -> T",
  frem_algebraic: "<T>(T, T) -> T",
  fadd_fast: "<T>(T, T) -> T",
  fsub_fast: "<T>(T, T) -> T",
  fmul_fast: "<T>(T, T) -> T",
  fdiv_fast: "<T>(T, T) -> T",
  frem_fast: "<T>(T, T) -> T",
  powif32: "(f32, i32) -> f32",
  powif64: "(f64, i32) -> f64",
  three_way_compare: "<T>(T, T) -> Ordering",
  carrying_mul_add: "<T, U>(T, T, T, T) -> (U, T)",
  select_unpredictable: "<T>(bool, T, T) -> T",
  // Types.
  size_of: "<T>() -> usize",
  align_of: "<T>() -> usize",
  min_align_of: "<T>() -> usize",
  min_align_of_val: "<T>(*const T) -> usize",
  needs_drop: "<T>() -> bool",
  type_id: "<T>() -> TypeId",
  type_id_eq: "(TypeId, TypeId) -> bool",
  variant_count: "<T>() -> usize",
  offset_of: "<T>(u32, u32) -> usize",
  discriminant_value: "<T>(&T) -> isize",
  slice_get_unchecked: "<P, S, T>(S, usize) -> P",
  size_of_val: "<T>(*const T) -> usize",
  align_of_val: "<T>(*const T) -> usize",
  likely: "(bool) -> bool",
  unlikely: "(bool) -> bool",
  cold_path: "()",
  assume: "(bool)",
  forget: "<T>(T)",
  black_box: "<T>(T) -> T",
  type_name: "<T>() -> &str",
  is_val_statically_known: "<T>(T) -> bool",
  ub_checks: "() -> bool",
  contract_checks: "() -> bool",
  overflow_checks: "() -> bool",
  assert_zero_valid: "<T>()",
  assert_mem_uninitialized_valid: "<T>()",
  offset: "<P, D>(P, D) -> P",
  ptr_guaranteed_cmp: "<T>(*const T, *const T) -> u8",
  fabs: "<T>(T) -> T",
  pref_align_of: "<T>() -> usize",
  prefetch_read_data: "<T, const LOCALITY>(*const T)",
  prefetch_write_data: "<T, const LOCALITY>(*const T)",
  prefetch_read_instruction: "<T, const LOCALITY>(*const T)",
  prefetch_write_instruction: "<T, const LOCALITY>(*const T)",
  __rust_no_alloc_shim_is_unstable_v2: "()",
  ptr_mask: "<T>(*const T, usize) -> *const T",
  ptr_metadata: "<P, M>(*const P) -> M",
  aggregate_raw_ptr: "<P, D, M>(D, M) -> P",
  exchange_malloc: "(usize, usize) -> *mut u8",
  malloc: "(usize) -> *mut u8",
  calloc: "(usize, usize) -> *mut u8",
  realloc: "(*mut u8, usize) -> *mut u8",
  free: "(*mut u8)",
  assert_inhabited: "<T>()",
  transmute: "<T, U>(T) -> U",
  transmute_unchecked: "<T, U>(T) -> U",
  // Memory.
  copy: "<T>(*const T, *mut T, usize)",
  copy_nonoverlapping: "<T>(*const T, *mut T, usize)",
  write_bytes: "<T>(*mut T, u8, usize)",
  typed_swap_nonoverlapping: "<T>(*mut T, *mut T)",
  typed_swap: "<T>(*mut T, *mut T)",
  nontemporal_store: "<T>(*mut T, T)",
  volatile_load: "<T>(*const T) -> T",
  volatile_store: "<T>(*mut T, T)",
  unaligned_volatile_load: "<T>(*const T) -> T",
  unaligned_volatile_store: "<T>(*mut T, T)",
  volatile_copy_memory: "<T>(*mut T, *const T, usize)",
  volatile_copy_nonoverlapping_memory: "<T>(*mut T, *const T, usize)",
  volatile_set_memory: "<T>(*mut T, u8, usize)",
  read_via_copy: "<T>(*const T) -> T",
  write_via_move: "<T>(*mut T, T)",
  compare_bytes: "(*const u8, *const u8, usize) -> i32",
  raw_eq: "<T>(&T, &T) -> bool",
  arith_offset: "<T>(*const T, isize) -> *const T",
  ptr_offset_from: "<T>(*const T, *const T) -> isize",
  ptr_offset_from_unsigned: "<T>(*const T, *const T) -> usize",
  drop_in_place: "<T>(*mut T)",
  vtable_size: "(*const ()) -> usize",
  vtable_align: "(*const ()) -> usize",
  __rust_alloc: "(usize, usize) -> *mut u8",
  __rust_alloc_zeroed: "(usize, usize) -> *mut u8",
  __rust_realloc: "(*mut u8, usize, usize, usize) -> *mut u8",
  __rust_dealloc: "(*mut u8, usize, usize)",
  // Panics.
  panic_explicit: "() -> !",
  panic_str_literal: "(&str) -> !",
  panic_str_2015: "(&str) -> !",
  expect_failed: "(&str) -> !",
  unwrap_failed: "() -> !",
  panic_bounds_check: "(usize, usize) -> !",
  slice_index_fail: "(usize, usize, usize) -> !",
  slice_start_index_len_fail: "(usize, usize) -> !",
  slice_end_index_len_fail: "(usize, usize) -> !",
  slice_index_order_fail: "(usize, usize) -> !",
  copy_from_slice_len_mismatch_fail: "(usize, usize) -> !",
  len_mismatch_fail: "(usize, usize) -> !",
  panic_const_add_overflow: "() -> !",
  panic_const_div_by_zero: "() -> !",
  catch_unwind: "(fn(*mut u8), *mut u8, fn(*mut u8, *mut u8)) -> i32",
  abort: "() -> !",
  // Floats; those of one width are made below.
  float_to_int_unchecked: "<T, U>(T) -> U",
  // Threads.
  thread_spawn: "(fn(*mut ()), *mut ()) -> u64",
  thread_join: "(u64)",
  thread_yield: "()",
  // Vectors.
  simd_neg: "<T>(T) -> T",
  simd_fabs: "<T>(T) -> T",
  simd_ceil: "<T>(T) -> T",
  simd_floor: "<T>(T) -> T",
  simd_round: "<T>(T) -> T",
  simd_round_ties_even: "<T>(T) -> T",
  simd_trunc: "<T>(T) -> T",
  simd_fsqrt: "<T>(T) -> T",
  simd_bswap: "<T>(T) -> T",
  simd_bitreverse: "<T>(T) -> T",
  simd_ctlz: "<T>(T) -> T",
  simd_cttz: "<T>(T) -> T",
  simd_ctpop: "<T>(T) -> T",
  simd_add: "<T>(T, T) -> T",
  simd_sub: "<T>(T, T) -> T",
  simd_mul: "<T>(T, T) -> T",
  simd_div: "<T>(T, T) -> T",
  simd_rem: "<T>(T, T) -> T",
  simd_and: "<T>(T, T) -> T",
  simd_or: "<T>(T, T) -> T",
  simd_xor: "<T>(T, T) -> T",
  simd_shl: "<T>(T, T) -> T",
  simd_shr: "<T>(T, T) -> T",
  simd_saturating_add: "<T>(T, T) -> T",
  simd_saturating_sub: "<T>(T, T) -> T",
  simd_carryless_mul: "<T>(T, T) -> T",
  simd_fmin: "<T>(T, T) -> T",
  simd_fmax: "<T>(T, T) -> T",
  simd_minimum_number_nsz: "<T>(T, T) -> T",
  simd_maximum_number_nsz: "<T>(T, T) -> T",
  simd_fma: "<T>(T, T, T) -> T",
  simd_relaxed_fma: "<T>(T, T, T) -> T",
  simd_fsin: "<T>(T) -> T",
  simd_fcos: "<T>(T) -> T",
  simd_fexp: "<T>(T) -> T",
  simd_fexp2: "<T>(T) -> T",
  simd_flog: "<T>(T) -> T",
  simd_flog2: "<T>(T) -> T",
  simd_flog10: "<T>(T) -> T",
  simd_reduce_add_unordered: "<T, U>(T) -> U",
  simd_reduce_mul_unordered: "<T, U>(T) -> U",
  simd_arith_offset: "<T, U>(T, U) -> T",
  simd_cast_ptr: "<T, U>(T) -> U",
  simd_funnel_shl: "<T>(T, T, T) -> T",
  simd_funnel_shr: "<T>(T, T, T) -> T",
  simd_eq: "<T, U>(T, T) -> U",
  simd_ne: "<T, U>(T, T) -> U",
  simd_lt: "<T, U>(T, T) -> U",
  simd_le: "<T, U>(T, T) -> U",
  simd_gt: "<T, U>(T, T) -> U",
  simd_ge: "<T, U>(T, T) -> U",
  simd_select: "<M, T>(M, T, T) -> T",
  simd_select_bitmask: "<M, T>(M, T, T) -> T",
  simd_bitmask: "<T, U>(T) -> U",
  simd_extract: "<T, U>(T, u32) -> U",
  simd_insert: "<T, U>(T, u32, U) -> T",
  simd_extract_dyn: "<T, U>(T, u32) -> U",
  simd_insert_dyn: "<T, U>(T, u32, U) -> T",
  simd_splat: "<T, U>(U) -> T",
  simd_shuffle: "<T, U, V>(T, T, U) -> V",
  simd_cast: "<T, U>(T) -> U",
  simd_as: "<T, U>(T) -> U",
  simd_reduce_add_ordered: "<T, U>(T, U) -> U",
  simd_reduce_mul_ordered: "<T, U>(T, U) -> U",
  simd_reduce_and: "<T, U>(T) -> U",
  simd_reduce_or: "<T, U>(T) -> U",
  simd_reduce_xor: "<T, U>(T) -> U",
  simd_reduce_min: "<T, U>(T) -> U",
  simd_reduce_max: "<T, U>(T) -> U",
  simd_reduce_all: "<T>(T) -> bool",
  simd_reduce_any: "<T>(T) -> bool",
  simd_gather: "<T, U, V>(T, U, V) -> T",
  simd_scatter: "<T, U, V>(T, U, V)",
  simd_masked_load: "<V, U, T, const ALIGN>(V, U, T) -> T",
  simd_masked_store: "<V, U, T, const ALIGN>(V, U, T)",
};

/** Operations on floats that have one right result, by their number of operands. `fN` is written behind each name. */
export const FLOAT_OPERATIONS: Readonly<Record<string, number>> = {
  sqrt: 1,
  floor: 1,
  ceil: 1,
  trunc: 1,
  round: 1,
  round_ties_even_: 1,
  rint: 1,
  nearbyint: 1,
  fabs: 1,
  copysign: 2,
  minimum: 2,
  maximum: 2,
  minnum: 2,
  maxnum: 2,
  minimum_number_nsz_: 2,
  maximum_number_nsz_: 2,
  fma: 3,
  roundeven: 1,
};

/** Operations of which only some points have one right result. */
const OPEN_OPERATIONS: Readonly<Record<string, number>> = {
  fmuladd: 3,
  sin: 1,
  cos: 1,
  exp: 1,
  exp2: 1,
  log: 1,
  log2: 1,
  log10: 1,
  pow: 2,
};

/** The signature of `sqrtf32` and its like. */
function floatSignature(name: string): string | undefined {
  const [, operation, ty] = /^(.+?)(f(?:16|32|64|128))$/.exec(name) ?? [];
  const count = operation === undefined ? undefined : (FLOAT_OPERATIONS[operation] ?? OPEN_OPERATIONS[operation]);
  return count === undefined ? undefined : `(${Array(count).fill(ty).join(", ")}) -> ${ty}`;
}

/** Signatures of atomic operations by what stands before the orderings in their names: `atomic_xadd_acqrel`. */
const ATOMICS: Readonly<Record<string, string>> = {
  load: "<T>(*const T) -> T",
  store: "<T>(*mut T, T)",
  xchg: "<T>(*mut T, T) -> T",
  xadd: "<T>(*mut T, T) -> T",
  xsub: "<T>(*mut T, T) -> T",
  and: "<T>(*mut T, T) -> T",
  nand: "<T>(*mut T, T) -> T",
  or: "<T>(*mut T, T) -> T",
  xor: "<T>(*mut T, T) -> T",
  max: "<T>(*mut T, T) -> T",
  min: "<T>(*mut T, T) -> T",
  umax: "<T>(*mut T, T) -> T",
  umin: "<T>(*mut T, T) -> T",
  cxchg: "<T>(*mut T, T, T) -> (T, bool)",
  cxchgweak: "<T>(*mut T, T, T) -> (T, bool)",
  fence: "()",
  singlethreadfence: "()",
};

function atomicSignature(name: string): string | undefined {
  const [, operation] = /^atomic_([a-z]+)_/.exec(name) ?? [];
  return operation === undefined ? undefined : ATOMICS[operation];
}

/** Where intrinsics are that do not lie in `std::intrinsics`. */
const PATHS: Readonly<Record<string, string>> = {
  drop_in_place: "std::ptr::",
  __rust_alloc: "alloc::alloc::",
  __rust_alloc_zeroed: "alloc::alloc::",
  __rust_realloc: "alloc::alloc::",
  __rust_dealloc: "alloc::alloc::",
  __rust_no_alloc_shim_is_unstable_v2: "alloc::alloc::",
  exchange_malloc: "alloc::alloc::",
  malloc: "",
  calloc: "",
  realloc: "",
  free: "",
  thread_spawn: "",
  thread_join: "",
  thread_yield: "",
  panic_explicit: "std::panicking::",
  panic_str_literal: "std::panicking::",
  panic_str_2015: "std::panicking::",
  panic_bounds_check: "std::panicking::",
  panic_const_add_overflow: "std::panicking::panic_const::",
  panic_const_div_by_zero: "std::panicking::panic_const::",
  expect_failed: "std::option::",
  unwrap_failed: "std::option::",
  slice_index_fail: "std::slice::index::",
  slice_start_index_len_fail: "std::slice::index::",
  slice_end_index_len_fail: "std::slice::index::",
  slice_index_order_fail: "std::slice::index::",
  copy_from_slice_len_mismatch_fail: "std::slice::",
  len_mismatch_fail: "std::slice::copy_from_slice_impl::",
};

/** The full path of an intrinsic. */
function pathOf(name: string): string {
  const known = PATHS[name];
  if (known !== undefined) return known + name;
  return `std::intrinsics::${name.startsWith("simd_") ? "simd::" : ""}${name}`;
}

/** Functions of C: programs declare them. */
const C_FUNCTIONS: ReadonlySet<string> = new Set(["malloc", "calloc", "realloc", "free"]);

const declared = new WeakMap<TyCtxt, Map<string, FnItem>>();

/** The intrinsic with this name. */
export function intrinsic(tcx: TyCtxt, name: string): FnItem {
  const known = INTRINSICS_BY_NAME.get(name);
  if (known !== undefined) return known;
  let own = declared.get(tcx);
  if (own === undefined) {
    own = new Map();
    declared.set(tcx, own);
  }
  let item = own.get(name);
  if (item === undefined) {
    item = declare(tcx, name);
    own.set(name, item);
  }
  return item;
}

function declare(tcx: TyCtxt, name: string): FnItem {
  const signature = SIGNATURES[name] ?? floatSignature(name) ?? atomicSignature(name);
  if (signature === undefined) throw new Error(`internal error: no intrinsic ${name}`);
  const [, generics = "", rest] = /^(?:<(.*?)>)?\((.*)$/.exec(signature)!;
  const close = closing(rest!);
  const params = rest!.slice(0, close);
  const ret = rest!.slice(close).startsWith(") -> ") ? rest!.slice(close + 5) : "()";
  const names = generics === "" ? [] : generics.split(", ");
  const constParams = names.map((generic) => (generic.startsWith("const ") ? TY_I32 : undefined));
  const type = (text: string): Ty => parseTy(tcx, text, names);
  const isC = C_FUNCTIONS.has(name);
  return {
    name: pathOf(name),
    kind: isC ? "extern" : "intrinsic",
    generics: names.map((generic) => generic.replace("const ", "")),
    ...(constParams.some((ty) => ty !== undefined) ? { constParams } : {}),
    params: splitList(params).map(type),
    ret: type(ret),
    inline: "none",
    abi: isC ? "C" : "Rust",
    body: undefined,
    span: DUMMY_SP,
  };
}

/** Where the parenthesis that was opened before `text` is closed. */
function closing(text: string): number {
  let depth = 1;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "(") depth++;
    if (text[i] === ")" && --depth === 0) return i;
  }
  throw new Error(`internal error: parentheses in ${text}`);
}

/** Splits at the commas that no parentheses enclose. */
function splitList(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i <= text.length; i++) {
    if (text[i] === "(") depth++;
    if (text[i] === ")") depth--;
    if (depth > 0 || (i < text.length && text[i] !== ",")) continue;
    const part = text.slice(from, i).trim();
    if (part !== "") parts.push(part);
    from = i + 1;
  }
  return parts;
}

/** `std::any::TypeId`, which a context has from its first mention on. */
function typeId(tcx: TyCtxt): Ty {
  const name = "std::any::TypeId";
  let def = tcx.adts.get(name);
  if (def === undefined) {
    const fields = [{ name: "data", ty: tcx.array(tcx.ptr("not", TY_UNIT), 2) }];
    const made: AdtDef = {
      name,
      adtKind: "struct",
      generics: [],
      variants: [{ name: "TypeId", ctor: "named", fields, discriminant: 0n }],
      repr: DEFAULT_REPR,
      explicitDiscriminants: false,
      prelude: true,
    };
    tcx.adts.set(name, made);
    def = made;
  }
  return tcx.adt(def);
}

function parseTy(tcx: TyCtxt, text: string, generics: readonly string[]): Ty {
  const go = (part: string): Ty => parseTy(tcx, part, generics);
  if (generics.includes(text)) return tcx.param(generics.indexOf(text), text);
  if (text === "()") return TY_UNIT;
  if (text === "TypeId") return typeId(tcx);
  if (text === "Ordering") return tcx.adt(preludeAdt(tcx, "std::cmp::Ordering"));
  if (text.startsWith("*const ")) return tcx.ptr("not", go(text.slice(7)));
  if (text.startsWith("*mut ")) return tcx.ptr("mut", go(text.slice(5)));
  if (text.startsWith("&")) return tcx.ref("not", go(text.slice(1)));
  if (text.startsWith("fn(")) return tcx.fnPtr(splitList(text.slice(3, -1)).map(go), TY_UNIT);
  if (text.startsWith("(")) return tcx.tuple(splitList(text.slice(1, -1)).map(go));
  const primitive = text === "!" ? TY_NEVER : PRIMITIVE_TYPES.get(text);
  if (primitive === undefined) throw new Error(`internal error: the type ${text} in an intrinsic's signature`);
  return primitive;
}
