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
];
