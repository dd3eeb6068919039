/** The heap: what Rust's global allocator and C's are called, and every way to free memory that is wrong. */

import { C_HEAP, GLOBAL, HEAP, INIT, LIVE, READ_ONLY } from "../memory.ts";
import type { PointerWords } from "../typed-copy.ts";
import { bytesText, UbTrap } from "../ub.ts";
import type { Intrinsic, IntrinsicCall } from "./intrinsic.ts";

/** The alignment of `malloc`. */
const MALLOC_ALIGN = 16;

function allocate(call: IntrinsicCall, kind: number, size: number, align: number, zeroed: boolean): number {
  if (align === 0 || (align & (align - 1)) !== 0)
    throw call.ub("intrinsicPrecondition", `an allocation aligned to ${align} bytes`);
  // Rust's layouts are no larger than half the address space; C's heap only says no.
  if (kind === HEAP && size >= 2 ** 63)
    throw call.ub("intrinsicPrecondition", `an allocation of ${BigInt(size)} bytes, more than half the address space`);
  if (size >= 2 ** 63) return 0;
  const { memory: m } = call;
  // A null pointer would be an answer too, but not the one that other machines give.
  m.checkRoom(size, align);
  const id = m.allocateHeap(size, align, kind);
  if (zeroed) {
    const at = m.base[id]!;
    m.bytes.fill(0, at, at + size);
    m.marks.fill(INIT, at, at + size);
  }
  return id;
}

function setAllocation(call: IntrinsicCall, id: number): void {
  if (id === 0) call.setPointer(0, 0, 0);
  else call.setPointer(call.memory.base[id]!, 0, id);
}

/** Frees what a pointer of the heap `kind` points to; `size` and `align` are what the program says of it. */
function free(
  call: IntrinsicCall,
  kind: number,
  pointer: PointerWords,
  size: number | undefined,
  align: number | undefined,
): void {
  const { memory: m } = call;
  const id = m.resolve(pointer.lo, pointer.hi, pointer.tag, 0);
  const at = m.describe(pointer.lo, id);
  const fail = (message: string): UbTrap => new UbTrap("invalidDealloc", message, at);
  if (id <= 0) throw fail("deallocation of a pointer without provenance");
  if (m.state[id] !== LIVE)
    throw fail(at?.alive === true ? "deallocation of what is not memory" : "memory is freed twice");
  const actual = m.kind[id];
  if (actual !== HEAP && actual !== C_HEAP) throw fail("deallocation of memory that is not the heap's");
  if (actual !== kind) {
    const [of, by] = kind === HEAP ? ["C", "Rust"] : ["Rust", "C"];
    throw fail(`memory of ${of}'s heap is freed by ${by}'s`);
  }
  if (m.base[id] !== pointer.lo)
    throw fail(`deallocation through a pointer ${bytesText(at?.offset ?? 0)} into its allocation`);
  if (size !== undefined && m.size[id] !== size)
    throw fail(`an allocation of ${bytesText(m.size[id]!)} is freed as one of ${size}`);
  if (align !== undefined && m.align[id] !== align)
    throw fail(`an allocation aligned to ${bytesText(m.align[id]!)} is freed as one aligned to ${align}`);
  m.free(id, pointer.tag, m.position);
}

function reallocate(
  call: IntrinsicCall,
  kind: number,
  oldSize: number | undefined,
  align: number,
  newSize: number,
): void {
  const pointer = call.pointer(0);
  const { memory: m } = call;
  const old = m.resolve(pointer.lo, pointer.hi, pointer.tag, 0);
  const made = allocate(call, kind, newSize, align, false);
  if (made === 0) {
    call.setPointer(0, 0, 0);
    return;
  }
  const kept = Math.min(old > 0 ? m.size[old]! : 0, newSize);
  call.readAt(pointer, kept);
  m.copyRaw(pointer.lo, m.base[made]!, kept);
  free(call, kind, pointer, oldSize, oldSize === undefined ? undefined : align);
  setAllocation(call, made);
}

const rustAlloc =
  (zeroed: boolean): Intrinsic["run"] =>
  (call) => {
    const size = call.number(0);
    const align = call.number(1);
    setAllocation(call, allocate(call, HEAP, size, align, zeroed));
  };

/** What constants take from the heap while they are evaluated; at run time there is no such heap. */
const CONST_HEAP: readonly Intrinsic[] = [
  {
    name: "const_allocate",
    signature: "const unsafe fn const_allocate(size: usize, align: usize) -> *mut u8",
    run: (call) => {
      const [size, align] = [call.number(0), call.number(1)];
      setAllocation(call, call.vm.nesting === 0 ? 0 : allocate(call, HEAP, size, align, false));
    },
  },
  {
    name: "const_deallocate",
    signature: "const unsafe fn const_deallocate(ptr: *mut u8, size: usize, align: usize)",
    run: (call) => {
      if (call.vm.nesting > 0) free(call, HEAP, call.pointer(0), call.number(1), call.number(2));
    },
  },
  {
    name: "const_make_global",
    signature: "const unsafe fn const_make_global(ptr: *mut u8) -> *const u8",
    run: (call) => {
      const { lo, hi, tag } = call.pointer(0);
      const { memory: m } = call;
      if (call.vm.nesting > 0) {
        const id = m.resolve(lo, hi, tag, 0);
        if (id <= 0 || m.kind[id] !== HEAP || m.state[id] !== LIVE || m.base[id] !== lo)
          throw call.ub("intrinsicPrecondition", "`const_make_global` of what `const_allocate` did not give");
        m.kind[id] = GLOBAL;
        m.state[id] = READ_ONLY;
      }
      call.setPointer(lo, hi, tag);
    },
  },
];

export const ALLOCATOR: readonly Intrinsic[] = [
  ...CONST_HEAP,
  {
    name: "__rust_alloc",
    signature: "unsafe fn __rust_alloc(size: usize, align: usize) -> *mut u8",
    run: rustAlloc(false),
  },
  {
    name: "__rust_alloc_zeroed",
    signature: "unsafe fn __rust_alloc_zeroed(size: usize, align: usize) -> *mut u8",
    run: rustAlloc(true),
  },
  {
    name: "exchange_malloc",
    signature: "unsafe fn exchange_malloc(size: usize, align: usize) -> *mut u8",
    run: (call) => {
      const [size, align] = [call.number(0), call.number(1)];
      // Nothing is allocated for values of no size: the pointer is as good as any.
      if (size === 0) call.setPointer(align, 0, 0);
      else setAllocation(call, allocate(call, HEAP, size, align, false));
    },
  },
  {
    name: "__rust_dealloc",
    signature: "unsafe fn __rust_dealloc(ptr: *mut u8, size: usize, align: usize)",
    run: (call) => free(call, HEAP, call.pointer(0), call.number(1), call.number(2)),
  },
  {
    name: "__rust_realloc",
    signature: "unsafe fn __rust_realloc(ptr: *mut u8, old_size: usize, align: usize, new_size: usize) -> *mut u8",
    run: (call) => reallocate(call, HEAP, call.number(1), call.number(2), call.number(3)),
  },
  {
    name: "__rust_no_alloc_shim_is_unstable_v2",
    signature: "fn __rust_no_alloc_shim_is_unstable_v2()",
    run: () => undefined,
  },
  {
    name: "malloc",
    signature: 'unsafe extern "C" fn malloc(size: usize) -> *mut c_void',
    run: (call) => setAllocation(call, allocate(call, C_HEAP, call.number(0), MALLOC_ALIGN, false)),
  },
  {
    name: "calloc",
    signature: 'unsafe extern "C" fn calloc(count: usize, size: usize) -> *mut c_void',
    run: (call) => setAllocation(call, allocate(call, C_HEAP, call.number(0) * call.number(1), MALLOC_ALIGN, true)),
  },
  {
    name: "realloc",
    signature: 'unsafe extern "C" fn realloc(ptr: *mut c_void, size: usize) -> *mut c_void',
    run: (call) => {
      const { lo, hi } = call.pointer(0);
      if (lo === 0 && hi === 0) setAllocation(call, allocate(call, C_HEAP, call.number(1), MALLOC_ALIGN, false));
      else reallocate(call, C_HEAP, undefined, MALLOC_ALIGN, call.number(1));
    },
  },
  {
    name: "free",
    signature: 'unsafe extern "C" fn free(ptr: *mut c_void)',
    run: (call) => {
      const pointer = call.pointer(0);
      if (pointer.lo !== 0 || pointer.hi !== 0) free(call, C_HEAP, pointer, undefined, undefined);
    },
  },
];
