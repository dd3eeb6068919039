/**
 * The functions that programs call and do not define, as calls of `core::intrinsics` and its neighbours.
 *
 * A row is a name of the model (the intrinsics' names are rustc 1.85's) with its *forms*, the newest first: the path in Rust, type arguments where the
 * arguments and the result do not determine them, and a call that shows whether a rustc has it. A rustc's first form that it takes is written.
 */

/** How a call is written. */
export interface IntrinsicForm {
  /** What stands before the parentheses, without type arguments. */
  readonly path: string;
  /** `given`: the type arguments of the call are written; a text: these are. */
  readonly generics: "inferred" | "given" | string;
  /** A call with arguments, for the probe. */
  readonly probe: string;
}

export type IntrinsicConstruct = `intrinsic ${string}`;

/** The construct that stands for this form. */
export function formConstruct({ path, generics }: IntrinsicForm): IntrinsicConstruct {
  return `intrinsic ${path}${generics === "inferred" || generics === "given" ? "" : generics}`;
}

const CORE = "core::intrinsics::";

/** `name(args)` or `name::<T>(args)`: the latter is written with the call's type arguments. */
function form(call: string, prefix = CORE): IntrinsicForm {
  const path = /^[\w:]+?(?=::<|\()/.exec(call)![0];
  return { path: prefix + path, generics: call[path.length] === "(" ? "inferred" : "given", probe: prefix + call };
}

/** What takes operands of one type and is found under its own name, with an example call. */
const SIMPLE: readonly string[] = [
  "ctpop(7_u32)",
  "ctlz(7_u32)",
  "cttz(7_u32)",
  "ctlz_nonzero(7_u32)",
  "cttz_nonzero(7_u32)",
  "bswap(7_u32)",
  "bitreverse(7_u32)",
  "rotate_left(7_u32, 3_u32)",
  "rotate_right(7_u32, 3_u32)",
  "saturating_add(7_u32, 3_u32)",
  "saturating_sub(7_u32, 3_u32)",
  "wrapping_add(7_u32, 3_u32)",
  "wrapping_sub(7_u32, 3_u32)",
  "wrapping_mul(7_u32, 3_u32)",
  "exact_div(6_u32, 3_u32)",
  "unchecked_add(7_u32, 3_u32)",
  "unchecked_sub(7_u32, 3_u32)",
  "unchecked_mul(7_u32, 3_u32)",
  "unchecked_div(7_u32, 3_u32)",
  "unchecked_rem(7_u32, 3_u32)",
  "unchecked_shl(7_u32, 3_i8)",
  "unchecked_shr(7_u32, 3_i8)",
  "unchecked_funnel_shl(7_u32, 3_u32, 1_u32)",
  "unchecked_funnel_shr(7_u32, 3_u32, 1_u32)",
  "disjoint_bitor(4_u32, 3_u32)",
  "carryless_mul(7_u32, 3_u32)",
  "carrying_mul_add(7_u32, 3_u32, 1_u32, 2_u32)",
  "add_with_overflow(7_u32, 3_u32)",
  "sub_with_overflow(7_u32, 3_u32)",
  "mul_with_overflow(7_u32, 3_u32)",
  "three_way_compare(7_u32, 3_u32)",
  "select_unpredictable(true, 7_u32, 3_u32)",
  "fadd_algebraic(1.0_f32, 1.0_f32)",
  "fsub_algebraic(1.0_f32, 1.0_f32)",
  "fmul_algebraic(1.0_f32, 1.0_f32)",
  "fdiv_algebraic(1.0_f32, 1.0_f32)",
  "frem_algebraic(1.0_f32, 1.0_f32)",
  "fadd_fast(1.0_f32, 1.0_f32)",
  "fsub_fast(1.0_f32, 1.0_f32)",
  "fmul_fast(1.0_f32, 1.0_f32)",
  "fdiv_fast(1.0_f32, 1.0_f32)",
  "frem_fast(1.0_f32, 1.0_f32)",
  "powif32(1.0_f32, 1)",
  "powif64(1.0_f64, 1)",
  "float_to_int_unchecked::<f32, i32>(1.0_f32)",
  "size_of::<u8>()",
  "needs_drop::<u8>()",
  "type_name::<u8>()",
  "variant_count::<Option<u8>>()",
  "pref_align_of::<u8>()",
  "assert_inhabited::<u8>()",
  "assert_zero_valid::<u8>()",
  "assert_mem_uninitialized_valid::<u8>()",
  "size_of_val(&7_u8 as *const u8)",
  "discriminant_value(&Some(7_u8))",
  "assume(true)",
  "likely(true)",
  "unlikely(true)",
  "cold_path()",
  "black_box(7_u8)",
  "abort()",
  "unreachable()",
  "breakpoint()",
  "ub_checks()",
  "overflow_checks()",
  "contract_checks()",
  "is_val_statically_known(7_u8)",
  "transmute::<u32, f32>(7_u32)",
  "transmute_unchecked::<u32, f32>(7_u32)",
  "copy(P, M, 1)",
  "copy_nonoverlapping(P, M, 1)",
  "write_bytes(M, 0_u8, 1)",
  "volatile_load(P)",
  "volatile_store(M, 7_u8)",
  "unaligned_volatile_load(P)",
  "unaligned_volatile_store(M, 7_u8)",
  "volatile_copy_memory(M, P, 1)",
  "volatile_copy_nonoverlapping_memory(M, P, 1)",
  "volatile_set_memory(M, 0_u8, 1)",
  "nontemporal_store(M, 7_u8)",
  "compare_bytes(P, P, 1)",
  "raw_eq(&7_u8, &7_u8)",
  "arith_offset(P, 1_isize)",
  "offset(P, 1_isize)",
  "slice_get_unchecked::<&u8, &[u8], u8>(&[7_u8], 0)",
  "ptr_mask(P, 7_usize)",
  "ptr_offset_from(P, P)",
  "ptr_offset_from_unsigned(P, P)",
  "ptr_guaranteed_cmp(P, P)",
  "prefetch_read_data::<u8, 3>(P)",
  "prefetch_write_data::<u8, 3>(P)",
  "prefetch_read_instruction::<u8, 3>(P)",
  "prefetch_write_instruction::<u8, 3>(P)",
  'ptr_metadata(&raw const *"a")',
  "vtable_size(P as *const ())",
  "vtable_align(P as *const ())",
];

/** Those of them that are read where the program is compiled: later releases take them in constants alone. */
export const NULLARY: ReadonlySet<string> = new Set(
  "size_of align_of min_align_of pref_align_of needs_drop variant_count type_name".split(" "),
);

const FLOAT_OPERATIONS: readonly (readonly [name: string, operands: number])[] = [
  ["sqrt", 1],
  ["floor", 1],
  ["ceil", 1],
  ["trunc", 1],
  ["round", 1],
  ["round_ties_even_", 1],
  ["fabs", 1],
  ["copysign", 2],
  ["minimum", 2],
  ["maximum", 2],
  ["minnum", 2],
  ["maxnum", 2],
  ["minimum_number_nsz_", 2],
  ["maximum_number_nsz_", 2],
  ["fma", 3],
  ["fmuladd", 3],
  ["sin", 1],
  ["cos", 1],
  ["exp", 1],
  ["exp2", 1],
  ["log", 1],
  ["log2", 1],
  ["log10", 1],
  ["pow", 2],
];

/** Names that an operation also had, or has where its own is not there; the same result on every operand, so that the first one there serves. */
const FLOAT_SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  round_ties_even_: ["roundeven"],
  // What tells these three apart is the flag of inexact results, which Rust does not have.
  rint: ["rint", "round_ties_even_", "roundeven"],
  nearbyint: ["nearbyint", "round_ties_even_", "roundeven"],
  roundeven: ["roundeven", "round_ties_even_"],
  minnum: ["minimum_number_nsz_"],
  maxnum: ["maximum_number_nsz_"],
  minimum_number_nsz_: ["minnum"],
  maximum_number_nsz_: ["maxnum"],
};

/** Names that became others. */
const RENAMED: readonly (readonly [name: string, ...calls: string[]])[] = [
  ["align_of", "align_of::<u8>()", "min_align_of::<u8>()"],
  ["min_align_of", "align_of::<u8>()", "min_align_of::<u8>()"],
  ["align_of_val", "align_of_val(P)", "min_align_of_val(P)"],
  ["min_align_of_val", "align_of_val(P)", "min_align_of_val(P)"],
  ["typed_swap", "typed_swap_nonoverlapping(M, M)", "typed_swap(M, M)"],
  ["typed_swap_nonoverlapping", "typed_swap_nonoverlapping(M, M)", "typed_swap(M, M)"],
  // A NaN on one side gives the other; which of two zeros comes out is open in all of them.
  ["simd_fmin", "simd::simd_fmin(F, F)", "simd::simd_minimum_number_nsz(F, F)"],
  ["simd_fmax", "simd::simd_fmax(F, F)", "simd::simd_maximum_number_nsz(F, F)"],
  ["simd_minimum_number_nsz", "simd::simd_minimum_number_nsz(F, F)", "simd::simd_fmin(F, F)"],
  ["simd_maximum_number_nsz", "simd::simd_maximum_number_nsz(F, F)", "simd::simd_fmax(F, F)"],
  ["aggregate_raw_ptr", "aggregate_raw_ptr::<*const [u8], *const u8, usize>(P, 1_usize)"],
];

/** Functions of core beside its intrinsics, and of `glue` (`glue.ts`), which are there always. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  forget: "core::mem::forget(7_u8)",
  drop_in_place: "core::ptr::drop_in_place(M)",
  // The intrinsics of these names are for core alone.
  read_via_copy: "core::ptr::read(P)",
  write_via_move: "core::ptr::write(M, 7_u8)",
};

const SIMD: readonly string[] = [
  ..."add sub mul and or xor shl shr div rem saturating_add saturating_sub"
    .split(" ")
    .map((name) => `simd_${name}(V, V)`),
  ..."neg bswap bitreverse ctpop ctlz cttz".split(" ").map((name) => `simd_${name}(V)`),
  ..."fabs ceil floor trunc round round_ties_even fsqrt".split(" ").map((name) => `simd_${name}(F)`),
  "simd_fma(F, F, F)",
  "simd_relaxed_fma(F, F, F)",
  ..."fsin fcos fexp fexp2 flog flog2 flog10".split(" ").map((name) => `simd_${name}(F)`),
  "simd_arith_offset(Q, crate::O4([0; 4]))",
  "simd_cast_ptr::<crate::P4, crate::P4>(Q)",
  ..."add mul".split(" ").map((name) => `simd_reduce_${name}_unordered::<F4, f32>(F)`),
  ..."eq ne lt le gt ge".split(" ").map((name) => `simd_${name}::<V4, V4>(V, V)`),
  "simd_as::<V4, F4>(V)",
  "simd_cast::<V4, F4>(V)",
  "simd_select(V, F, F)",
  "simd_splat::<V4, i32>(7_i32)",
  "simd_extract_dyn::<V4, i32>(V, 1)",
  "simd_insert_dyn(V, 1, 7_i32)",
  "simd_shuffle::<V4, I2, V2>(V, V, const { crate::I2([0, 1]) })",
  "simd_carryless_mul(V, V)",
  "simd_funnel_shl(V, V, V)",
  "simd_funnel_shr(V, V, V)",
  "simd_gather(V, Q, V)",
  "simd_scatter(V, Q, V)",
  "simd_bitmask::<V4, u8>(V)",
  "simd_select_bitmask(7_u8, V, V)",
  "simd_extract::<V4, i32>(V, 1)",
  "simd_insert(V, 1, 7_i32)",
  ..."add mul".split(" ").map((name) => `simd_reduce_${name}_ordered(V, 0_i32)`),
  ..."and or xor max min".split(" ").map((name) => `simd_reduce_${name}::<V4, i32>(V)`),
  ..."all any".split(" ").map((name) => `simd_reduce_${name}(V)`),
];

/** How a masked load or store is aligned, by the value of its last type argument. */
export const SIMD_ALIGNS: readonly string[] = ["Unaligned", "Element", "Vector"];

/** The alignment is an argument in later releases, and that of the elements before. */
function maskedForms(name: string, align: string): readonly IntrinsicForm[] {
  const path = `${CORE}simd::simd_masked_${name}`;
  const args = "(V, &raw mut lanes as *mut i32, V)";
  const generics = `::<_, _, _, { core::intrinsics::simd::SimdAlign::${align} }>`;
  const newer: IntrinsicForm = { path, generics, probe: `let mut lanes = [7_i32; 4]; ${path}${generics}${args}` };
  const older: IntrinsicForm = { path, generics: "inferred", probe: `let mut lanes = [7_i32; 4]; ${path}${args}` };
  return align === "Element" ? [newer, older] : [newer];
}

const ORDERINGS: Readonly<Record<string, string>> = {
  relaxed: "Relaxed",
  acquire: "Acquire",
  release: "Release",
  acqrel: "AcqRel",
  seqcst: "SeqCst",
};

/** Atomic operations: the arguments of an example, and how many type arguments come before the orderings (several forms, the newest first). */
const ATOMICS: Readonly<Record<string, readonly [args: string, types: readonly number[]]>> = {
  load: ["P", [1]],
  store: ["M, 7_u8", [1]],
  xchg: ["M, 7_u8", [1]],
  xadd: ["M, 7_u8", [2, 1]],
  xsub: ["M, 7_u8", [2, 1]],
  and: ["M, 7_u8", [2, 1]],
  nand: ["M, 7_u8", [2, 1]],
  or: ["M, 7_u8", [2, 1]],
  xor: ["M, 7_u8", [2, 1]],
  max: ["M as *mut i8, 7_i8", [1]],
  min: ["M as *mut i8, 7_i8", [1]],
  umax: ["M, 7_u8", [1]],
  umin: ["M, 7_u8", [1]],
  cxchg: ["M, 7_u8, 8_u8", [1]],
  cxchgweak: ["M, 7_u8, 8_u8", [1]],
  fence: ["", [0]],
  singlethreadfence: ["", [0]],
};

/** `atomic_cxchg_acqrel_acquire` in both forms: with the orderings as const arguments, and in the name. */
function atomicForms(name: string): readonly IntrinsicForm[] | undefined {
  const [, operation, first, second] = /^atomic_([a-z]+)_([a-z]+?)(?:_([a-z]+))?$/.exec(name) ?? [];
  const row = operation === undefined ? undefined : ATOMICS[operation];
  if (row === undefined) return undefined;
  const orderings = [first, second].flatMap((word) => {
    const ordering = word === undefined ? undefined : ORDERINGS[word];
    return ordering === undefined ? [] : [`{ core::intrinsics::AtomicOrdering::${ordering} }`];
  });
  const [args, types] = row;
  const forms = types.map((count): IntrinsicForm => {
    const path = `${CORE}atomic_${operation}`;
    const generics = `::<${[...Array(count).fill("_"), ...orderings].join(", ")}>`;
    return { path, generics, probe: `${path}${generics}(${args})` };
  });
  return [...forms, form(`${name}(${args})`)];
}

/** The orderings that each operation is probed with: all that rustc allows. */
function atomicNames(): string[] {
  const all = Object.keys(ORDERINGS);
  const failure = ["relaxed", "acquire", "seqcst"];
  return Object.keys(ATOMICS).flatMap((operation) => {
    if (operation.startsWith("cxchg"))
      return all.flatMap((one) => failure.map((other) => `atomic_${operation}_${one}_${other}`));
    const allowed =
      operation === "load"
        ? failure
        : operation === "store"
          ? ["relaxed", "release", "seqcst"]
          : operation.endsWith("fence")
            ? all.slice(1)
            : all;
    return allowed.map((ordering) => `atomic_${operation}_${ordering}`);
  });
}

function buildTable(): Map<string, readonly IntrinsicForm[]> {
  const table = new Map<string, readonly IntrinsicForm[]>();
  for (const call of SIMPLE) table.set(/^\w+/.exec(call)![0], [form(call)]);
  for (const [name, ...calls] of RENAMED)
    table.set(
      name,
      calls.map((call) => form(call)),
    );
  for (const [name, call] of Object.entries(ELSEWHERE)) table.set(name, [form(call, "")]);
  for (const call of SIMD) table.set(/^\w+/.exec(call)![0], [form(call, `${CORE}simd::`)]);
  for (const name of ["load", "store"])
    for (const align of SIMD_ALIGNS) table.set(`simd_masked_${name} ${align}`, maskedForms(name, align));
  addFloats(table);
  for (const name of atomicNames()) table.set(name, atomicForms(name)!);
  return table;
}

/** One function for each width; `fabs` became one for all. */
function addFloats(table: Map<string, readonly IntrinsicForm[]>): void {
  table.set("fabs", [form("fabs(1.0_f32)")]);
  for (const [name, operands] of [...FLOAT_OPERATIONS, ["rint", 1], ["nearbyint", 1], ["roundeven", 1]] as const) {
    for (const width of [16, 32, 64, 128]) {
      const args = Array(operands).fill(`1.0_f${width}`).join(", ");
      const forms = [name, ...(FLOAT_SYNONYMS[name] ?? [])].map((other) => form(`${other}f${width}(${args})`));
      table.set(`${name}f${width}`, name === "fabs" ? [form(`${name}(${args})`), ...forms] : forms);
    }
  }
}

/** The forms of each name. */
export const INTRINSIC_FORMS: ReadonlyMap<string, readonly IntrinsicForm[]> = buildTable();
