/**
 * Functions that the model has and core does not, as Rust source for the crate's module `glue`; each is written when a program calls it.
 *
 * Memory comes from the C library, as do threads.
 */

const C_ALLOCATOR = `extern "C" {
    fn aligned_alloc(align: usize, size: usize) -> *mut u8;
    fn free(at: *mut u8);
}
`;

/** Of some alignment that `aligned_alloc` takes, and never empty. */
const ALLOC_BODY =
  "{ let align = if align < 16 { 16 } else { align }; aligned_alloc(align, (size + align) & !(align - 1)) }";

const scoped = (externs: string, body: string): string => `{\n${externs}unsafe ${body}\n}\n`;

export const GLUE_FUNCTIONS: Readonly<Record<string, string>> = {
  observe_scalar: "pub fn observe_scalar(kind: u32, tag: u32, low: u64, high: u64) { scalar(kind, tag, low, high) }\n",
  type_id: "pub fn type_id<T: 'static + ?Sized>() -> core::any::TypeId { core::any::TypeId::of::<T>() }\n",
  type_id_eq: "pub fn type_id_eq(a: core::any::TypeId, b: core::any::TypeId) -> bool { a == b }\n",
  exchange_malloc: `pub fn exchange_malloc(size: usize, align: usize) -> *mut u8 ${scoped(C_ALLOCATOR, ALLOC_BODY)}`,
  __rust_alloc: `pub fn __rust_alloc(size: usize, align: usize) -> *mut u8 ${scoped(C_ALLOCATOR, ALLOC_BODY)}`,
  __rust_alloc_zeroed: `pub fn __rust_alloc_zeroed(size: usize, align: usize) -> *mut u8 ${scoped(
    C_ALLOCATOR,
    `{ let new: *mut u8 = ${ALLOC_BODY}; core::ptr::write_bytes(new, 0, size); new }`,
  )}`,
  __rust_realloc: `pub fn __rust_realloc(old: *mut u8, old_size: usize, align: usize, size: usize) -> *mut u8 ${scoped(
    C_ALLOCATOR,
    `{ let new: *mut u8 = ${ALLOC_BODY}; core::ptr::copy_nonoverlapping(old, new, if size < old_size { size } else { old_size }); free(old); new }`,
  )}`,
  __rust_dealloc: `pub fn __rust_dealloc(at: *mut u8, _size: usize, _align: usize) ${scoped(C_ALLOCATOR, "{ free(at) }")}`,
  // A mark for linkers, without effect.
  __rust_no_alloc_shim_is_unstable_v2: "pub fn __rust_no_alloc_shim_is_unstable_v2() {}\n",
  malloc: `pub fn malloc(size: usize) -> *mut u8 ${scoped('extern "C" { fn malloc(size: usize) -> *mut u8; }\n', "{ malloc(size) }")}`,
  calloc: `pub fn calloc(count: usize, size: usize) -> *mut u8 ${scoped(
    'extern "C" { fn calloc(count: usize, size: usize) -> *mut u8; }\n',
    "{ calloc(count, size) }",
  )}`,
  realloc: `pub fn realloc(at: *mut u8, size: usize) -> *mut u8 ${scoped(
    'extern "C" { fn realloc(at: *mut u8, size: usize) -> *mut u8; }\n',
    "{ realloc(at, size) }",
  )}`,
  free: `pub fn free(at: *mut u8) ${scoped('extern "C" { fn free(at: *mut u8); }\n', "{ free(at) }")}`,
  thread_spawn: `pub fn thread_spawn(f: fn(*mut ()), argument: *mut ()) -> u64 {
extern "C" {
    fn pthread_create(thread: *mut u64, attributes: *const u8, start: extern "C" fn(*mut u8) -> *mut u8, argument: *mut u8) -> i32;
    fn malloc(size: usize) -> *mut u8;
    fn free(at: *mut u8);
}
extern "C" fn start(at: *mut u8) -> *mut u8 {
    unsafe { let (f, argument) = (at as *mut (fn(*mut ()), *mut ())).read(); free(at); f(argument) }
    core::ptr::null_mut()
}
unsafe {
    let at = malloc(16);
    (at as *mut (fn(*mut ()), *mut ())).write((f, argument));
    let mut thread = 0_u64;
    if pthread_create(&mut thread, core::ptr::null(), start, at) != 0 { core::intrinsics::abort() }
    thread
}
}
`,
  thread_join: `pub fn thread_join(thread: u64) ${scoped(
    'extern "C" { fn pthread_join(thread: u64, result: *mut *mut u8) -> i32; }\n',
    "{ pthread_join(thread, core::ptr::null_mut()); }",
  )}`,
  thread_yield: `pub fn thread_yield() ${scoped('extern "C" { fn sched_yield() -> i32; }\n', "{ sched_yield(); }")}`,
};
