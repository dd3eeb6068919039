/**
 * Programs that have each construct of custom MIR, with the words that rustc's own MIR of the written crate must have.
 *
 * Each is the statements and blocks of `fn f`, whose locals are given, and the items that it needs. They are built as text where the
 * parser takes it.
 */

/** One program: its items, the body of `fn f`, and what must be found in rustc's MIR. */
export interface ConstructCase {
  readonly name: string;
  readonly text: string;
  readonly finds: readonly (string | RegExp)[];
}

/** `fn f` with these locals and blocks, and an entry point. */
function program(signature: string, locals: readonly string[], blocks: string, items = ""): string {
  const lets = locals.map((local) => `    let mut ${local};\n`).join("");
  return `${items}
${signature} {
${lets}
${blocks}
}

fn input_0() -> () {
    let mut _0: ();

    bb0: {
        return;
    }
}
`;
}

/** One block that returns. */
function straight(...statements: readonly string[]): string {
  return `    bb0: {\n${statements.map((line) => `        ${line};\n`).join("")}        return;\n    }`;
}

const CALLEE =
  "fn callee(_1: u32) -> u32 {\n    let mut _0: u32;\n\n    bb0: {\n        _0 = copy _1;\n        return;\n    }\n}\n";

const DROPPED = `struct D(u8);

impl std::ops::Drop for D {
    fn drop(_1: &mut D) -> () {
        let mut _0: ();

        bb0: {
            return;
        }
    }
}
`;

export const CONSTRUCT_CASES: readonly ConstructCase[] = [
  {
    name: "storage",
    text: program(
      "fn f() -> u8",
      ["_0: u8", "_1: u8"],
      straight("StorageLive(_1)", "_1 = const 1_u8", "_0 = copy _1", "StorageDead(_1)"),
    ),
    finds: ["StorageLive(_1)", "StorageDead(_1)"],
  },
  {
    name: "assume",
    text: program("fn f(_1: bool) -> ()", ["_0: ()"], straight("assume(copy _1)")),
    finds: ["assume(copy _1)"],
  },
  {
    name: "repeat",
    text: program("fn f(_1: u16) -> [u16; 5]", ["_0: [u16; 5]"], straight("_0 = [copy _1; 5]")),
    finds: ["[copy _1; 5]"],
  },
  {
    name: "casts of pointers and integers",
    text: program(
      "fn f(_1: *const u8) -> usize",
      ["_0: usize", "_2: *const u16", "_3: *const u8"],
      straight(
        "_2 = copy _1 as *const u16 (PtrToPtr)",
        "_0 = copy _2 as usize (PointerExposeProvenance)",
        "_3 = copy _0 as *const u8 (PointerWithExposedProvenance)",
      ),
    ),
    finds: ["(PtrToPtr)", "(PointerExposeProvenance)", "(PointerWithExposedProvenance)"],
  },
  {
    name: "transmute",
    text: program("fn f(_1: u32) -> f32", ["_0: f32"], straight("_0 = copy _1 as f32 (Transmute)")),
    finds: ["(Transmute)"],
  },
  {
    name: "unsizing to a slice, its metadata, an index from its end",
    text: program(
      "fn f(_1: &[u8; 4]) -> u8",
      ["_0: u8", "_2: &[u8]", "_3: *const [u8]", "_4: usize"],
      straight(
        "_2 = copy _1 as &[u8] (PointerCoercion(Unsize, Implicit))",
        "_3 = &raw const (*_2)",
        "_4 = PtrMetadata(copy _3)",
        "_0 = copy (*_2)[-1 of 1]",
      ),
    ),
    finds: [/PointerCoercion\(Unsize/, "PtrMetadata(copy _3)", /\(\*_2\)\[_\d+\]/],
  },
  {
    name: "a pointer behind a pointer",
    text: program("fn f(_1: &&u8) -> u8", ["_0: u8"], straight("_0 = copy (*(*_1))")),
    finds: [/_\d+ = (?:copy|no_retag copy) \(\*_1\)/],
  },
  {
    name: "offset",
    text: program(
      "fn f(_1: *const u8) -> *const u8",
      ["_0: *const u8"],
      straight("_0 = Offset(copy _1, const 3_usize)"),
    ),
    finds: ["Offset(copy _1, const 3_usize)"],
  },
  {
    name: "a switch on a char, a negative number and a u128",
    text: program(
      "fn f(_1: char, _2: i64, _3: u128) -> u8",
      ["_0: u8"],
      `    bb0: {
        switchInt(copy _1) -> [97: bb1, otherwise: bb3];
    }

    bb1: {
        switchInt(copy _2) -> [18446744073709551611: bb2, otherwise: bb3];
    }

    bb2: {
        switchInt(copy _3) -> [340282366920938463463374607431768211455: bb4, otherwise: bb3];
    }

    bb3: {
        _0 = const 3_u8;
        return;
    }

    bb4: {
        _0 = const 4_u8;
        return;
    }`,
    ),
    finds: [
      /switchInt\(copy _1\) -> \[(?:97|'a'):/,
      /\[(?:18446744073709551611|-5):/,
      "[340282366920938463463374607431768211455:",
    ],
  },
  {
    name: "a tail call",
    text: program("fn f(_1: u32) -> u32", ["_0: u32"], "    bb0: {\n        tailcall callee(copy _1);\n    }", CALLEE),
    finds: [/tailcall .*callee\(/],
  },
  {
    name: "a drop",
    text: program(
      "fn f(_1: D) -> ()",
      ["_0: ()"],
      "    bb0: {\n        drop(_1) -> [return: bb1, unwind continue];\n    }\n\n    bb1: {\n        return;\n    }",
      DROPPED,
    ),
    finds: ["drop(_1)"],
  },
  {
    name: "floats of 16 and 128 bits",
    text: program(
      "fn f(_1: f16, _2: f128) -> f128",
      ["_0: f128", "_3: f128"],
      straight("_3 = copy _1 as f128 (FloatToFloat)", "_0 = Add(copy _2, copy _3)"),
    ),
    finds: ["as f128 (FloatToFloat)", "Add(copy _2, copy _3)"],
  },
  {
    name: "strings of text and of bytes",
    text: program(
      "fn f() -> &str",
      ["_0: &str", "_1: &[u8; 3]"],
      straight('_0 = const "a\\u{e9}\\n"', '_1 = const b"x\\"y"'),
    ),
    finds: [/_1 = const b"x\\"y"/],
  },
  {
    name: "an array and its parts",
    text: program(
      "fn f(_1: [u32; 4]) -> u32",
      ["_0: u32", "_2: usize"],
      straight("_2 = Len(_1)", "_0 = copy _1[2 of 4]", "_0 = copy _1[-1 of 4]"),
    ),
    finds: ["const 4_usize", /_0 = copy _1\[_\d+\]/],
  },
  {
    name: "generic functions and a const parameter",
    text: program(
      "fn f(_1: u8) -> usize",
      ["_0: usize"],
      "    bb0: {\n        _0 = generic::<u8, 7>(copy _1) -> [return: bb1, unwind continue];\n    }\n\n    bb1: {\n        return;\n    }",
      "fn generic<T, const N: usize>(_1: T) -> usize {\n    let mut _0: usize;\n\n    bb0: {\n        _0 = const N;\n        return;\n    }\n}\n",
    ),
    finds: ["generic::<u8, 7>(copy _1)"],
  },
  {
    name: "a trait, its impl, and calls of it by bound and by vtable",
    text: program(
      "fn f(_1: &u32) -> u32",
      ["_0: u32", "_2: &dyn Tr"],
      `    bb0: {
        _2 = copy _1 as &dyn Tr (PointerCoercion(Unsize, Implicit));
        _0 = <dyn Tr as Tr>::m(copy _2) -> [return: bb1, unwind continue];
    }

    bb1: {
        _0 = <u32 as Tr>::m(copy _1) -> [return: bb2, unwind continue];
    }

    bb2: {
        return;
    }`,
      `trait Tr {
    fn m(_1: &Self) -> u32;
}

impl Tr for u32 {
    fn m(_1: &u32) -> u32 {
        let mut _0: u32;

        bb0: {
            _0 = copy (*_1);
            return;
        }
    }
}
`,
    ),
    finds: [/as &(?:'static )?\(?dyn .*Tr.*PointerCoercion\(Unsize/, /<dyn .*Tr.* as .*Tr>::m\(/, /<u32 as .*Tr>::m\(/],
  },
  {
    name: "a union",
    text: program(
      "fn f(_1: f32) -> u32",
      ["_0: u32", "_2: U"],
      straight("_2 = U { b: copy _1 }", "_0 = copy (_2.0: u32)"),
      "union U {\n    a: u32,\n    b: f32,\n}\n",
    ),
    // Dumps name the first field, whichever it is.
    finds: [/_2 = .*U \{ \w: copy _1 \}/, "(_2.0: u32)"],
  },
  {
    name: "an enum with a reference in it",
    text: program(
      "fn f(_1: &u32) -> u32",
      ["_0: u32", "_2: E"],
      straight("_2 = E::A(copy _1)", "_0 = copy (*((_2 as A).0: &u32))", "discriminant(_2) = 1"),
      "enum E {\n    A(&u32),\n    B,\n}\n",
    ),
    finds: [/E::<?.*A\(copy _1\)/, /\(\(_2 as (?:A|variant#0)\)\.0: &/, "discriminant(_2) = 1"],
  },
  {
    name: "cleanup",
    text: program(
      "fn f(_1: u32) -> u32",
      ["_0: u32", "_2: u32"],
      `    bb0: {
        _0 = callee(copy _1) -> [return: bb1, unwind: bb2];
    }

    bb1: {
        return;
    }

    bb2 (cleanup): {
        _2 = callee(copy _1) -> [return: bb3, unwind terminate(cleanup)];
    }

    bb3 (cleanup): {
        resume;
    }`,
      CALLEE,
    ),
    finds: [/unwind: bb\d+\]/, "(cleanup): {", "unwind terminate(cleanup)", "resume"],
  },
  {
    name: "checked and unchecked arithmetic, and a three-way comparison",
    text: program(
      "fn f(_1: u32, _2: u32) -> (u32, bool)",
      ["_0: (u32, bool)", "_3: u32", "_4: std::cmp::Ordering"],
      straight(
        "_3 = AddUnchecked(copy _1, copy _2)",
        "_3 = ShlUnchecked(copy _3, const 1_u32)",
        "_4 = Cmp(copy _1, copy _3)",
        "_0 = SubWithOverflow(copy _1, copy _3)",
        "_0 = AddWithOverflow(copy _1, copy _3)",
        "_0 = MulWithOverflow(copy _1, copy _3)",
      ),
    ),
    finds: [
      "AddWithOverflow(copy _1, copy _3)",
      "SubWithOverflow(copy _1, copy _3)",
      "MulWithOverflow(copy _1, copy _3)",
      /AddUnchecked\(copy _1, copy _2\)|unchecked_add/,
      /ShlUnchecked\(copy _3, const 1_u32\)|unchecked_shl/,
      /Cmp\(copy _1, copy _3\)|three_way_compare/,
    ],
  },
  {
    name: "a discriminant, a struct, a tuple, an index by a local",
    text: program(
      "fn f(_1: E, _2: [u8; 4], _3: usize) -> S",
      ["_0: S", "_4: isize", "_5: (isize, u8)"],
      straight(
        "_4 = discriminant(_1)",
        "_5 = (copy _4, copy _2[_3])",
        "_0 = S { a: copy (_5.1: u8), b: copy (_5.0: isize) }",
      ),
      "enum E {\n    A,\n    B(u8),\n}\n\nstruct S {\n    a: u8,\n    b: isize,\n}\n",
    ),
    finds: ["_4 = discriminant(_1)", "copy _2[_3]", /_0 = .*S \{ a: copy \(_5\.1: u8\), b: copy \(_5\.0: isize\) \}/],
  },
  {
    name: "a const block, with a function as a pointer that is called through",
    text: program(
      "fn f(_1: u32) -> u32",
      ["_0: u32", "_2: fn(u32) -> u32", "_3: *const ()"],
      "    bb0: {\n        _2 = callee as fn(u32) -> u32 (PointerCoercion(ReifyFnPointer(Safe), Implicit));\n        _3 = copy _2 as *const () (FnPtrToPtr);\n        _0 = copy _2(copy _1) -> [return: bb1, unwind continue];\n    }\n\n    bb1: {\n        return;\n    }",
      CALLEE,
    ),
    finds: [
      /_2 = const .*\{constant#0\}/,
      /callee as fn\(u32\) -> u32 \(PointerCoercion\(ReifyFnPointer/,
      "_3 = copy _2 as *const () (FnPtrToPtr)",
      /_0 = copy _2\(copy _1\)/,
    ],
  },
  {
    name: "a loop, a switch on a bool",
    text: program(
      "fn f(_1: u32) -> u32",
      ["_0: u32", "_2: bool"],
      `    bb0: {
        _0 = const 0_u32;
        goto -> bb1;
    }

    bb1: {
        _2 = Lt(copy _0, copy _1);
        switchInt(copy _2) -> [0: bb3, otherwise: bb2];
    }

    bb2: {
        _0 = Add(copy _0, const 3_u32);
        goto -> bb1;
    }

    bb3: {
        return;
    }`,
    ),
    finds: [/switchInt\(copy _2\) -> \[(?:0|false): bb\d+/, "_0 = Add(copy _0, const 3_u32)"],
  },
  {
    name: "statics, which const functions compute",
    text: program(
      "fn f() -> (u32, u16)",
      ["_0: (u32, u16)", "_1: &u32", "_2: *mut u16", "_3: u32", "_4: u16"],
      straight(
        "_1 = const {alloc1: &u32}",
        "_2 = const {alloc2: *mut u16}",
        "_3 = copy (*_1)",
        "_4 = copy (*_2)",
        "_0 = (copy _3, copy _4)",
      ),
      "static TABLE: u32 = {\n    let mut _0: u32;\n\n    bb0: {\n        _0 = Mul(const 6_u32, const 7_u32);\n        return;\n    }\n}\n\nstatic mut STATE: u16 = {\n    let mut _0: u16;\n\n    bb0: {\n        _0 = const 1_u16;\n        return;\n    }\n}\n\nalloc1 (static: TABLE)\n\nalloc2 (static: STATE)\n",
    ),
    finds: [/_1 = const \{alloc\d+: &u32\}/, /_2 = const \{alloc\d+: \*mut u16\}/],
  },
  {
    name: "a call that does not return",
    text: program(
      "fn f(_1: u32) -> u32",
      ["_0: u32", "_2: !"],
      "    bb0: {\n        _2 = diverge(copy _1) -> unwind continue;\n    }",
      "fn diverge(_1: u32) -> ! {\n    let mut _0: !;\n\n    bb0: {\n        goto -> bb0;\n    }\n}\n",
    ),
    finds: [/diverge\(copy _1\)/],
  },
  {
    name: "functions of the C ABI, some with any number of arguments",
    text: program(
      "fn f(_1: u32, _2: *mut u8, _3: *const u8) -> u32",
      ["_0: u32", "_4: i32"],
      "    bb0: {\n        _0 = c(copy _1) -> [return: bb1, unwind unreachable];\n    }\n\n    bb1: {\n        _4 = snprintf(copy _2, const 8_usize, copy _3, copy _1, const 2_u64) -> [return: bb2, unwind unreachable];\n    }\n\n    bb2: {\n        return;\n    }",
      'extern "C" fn snprintf(_1: *mut u8, _2: usize, _3: *const u8, ...) -> i32;\n\nextern "C" fn c(_1: u32) -> u32 {\n    let mut _0: u32;\n\n    bb0: {\n        _0 = copy _1;\n        return;\n    }\n}\n',
    ),
    finds: [/_0 = .*c\(copy _1\)/, /snprintf\w*\(copy _2, const 8_usize, copy _3, copy _1, const 2_u64\)/],
  },
  {
    name: "atomics",
    text: program(
      "fn f(_1: *mut u32) -> u32",
      ["_0: u32", "_2: (u32, bool)", "_3: ()"],
      "    bb0: {\n        _0 = std::intrinsics::atomic_xadd_acqrel::<u32>(copy _1, const 1_u32) -> [return: bb1, unwind unreachable];\n    }\n\n    bb1: {\n        _2 = std::intrinsics::atomic_cxchg_seqcst_relaxed::<u32>(copy _1, copy _0, const 7_u32) -> [return: bb2, unwind unreachable];\n    }\n\n    bb2: {\n        return;\n    }",
      "#[rustc_intrinsic]\nfn std::intrinsics::atomic_xadd_acqrel<T>(_1: *mut T, _2: T) -> T;\n\n#[rustc_intrinsic]\nfn std::intrinsics::atomic_cxchg_seqcst_relaxed<T>(_1: *mut T, _2: T, _3: T) -> (T, bool);\n",
    ),
    finds: [/atomic_xadd(?:_acqrel|::<u32.*AcqRel)/, /atomic_cxchg(?:_seqcst_relaxed|::<u32.*SeqCst)/],
  },
  {
    name: "vectors",
    text: program(
      "fn f(_1: [i32; 4]) -> V",
      ["_0: V", "_2: V"],
      "    bb0: {\n        _2 = copy _1 as V (Transmute);\n        _0 = std::intrinsics::simd::simd_add::<V>(copy _2, copy _2) -> [return: bb1, unwind unreachable];\n    }\n\n    bb1: {\n        return;\n    }",
      "#[repr(simd)]\nstruct V([i32; 4]);\n\n#[rustc_intrinsic]\nfn std::intrinsics::simd::simd_add<T>(_1: T, _2: T) -> T;\n",
    ),
    finds: [/simd_add::<.*V>\(copy _2, copy _2\)/],
  },
  {
    name: "a pointer of an address and metadata",
    text: program(
      "fn f(_1: *const u8, _2: usize) -> *const [u8]",
      ["_0: *const [u8]"],
      straight("_0 = *const [u8] from (copy _1, copy _2)"),
    ),
    finds: [/_0 = \*const \[u8\] from \(copy _1, copy _2\)|aggregate_raw_ptr/],
  },
  {
    name: "the metadata of a pointer in a field",
    text: program(
      "fn f(_1: S) -> usize",
      ["_0: usize"],
      straight("_0 = PtrMetadata(copy (_1.0: &[u8]))"),
      "struct S {\n    a: &[u8],\n}\n",
    ),
    finds: [/_\d+ = (?:copy|no_retag copy) \(_1\.0: &/, /PtrMetadata\(copy _\d+\)/],
  },
  {
    name: "a struct with a tail that has no size",
    text: program(
      "fn f(_1: &Tail<[u8; 4]>) -> u8",
      ["_0: u8", "_2: &Tail<[u8]>"],
      straight("_2 = copy _1 as &Tail<[u8]> (PointerCoercion(Unsize, Implicit))", "_0 = copy ((*_2).1: [u8])[0 of 1]"),
      "struct Tail<T> where T: ?Sized {\n    head: u32,\n    tail: T,\n}\n",
    ),
    finds: [/as &.*Tail<\[u8\]> \(PointerCoercion\(Unsize/, /\(\(\*_2\)\.1: \[u8\]\)\[_\d+\]/],
  },
];
