import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseProgram } from "../parser.ts";
import { entryPoints } from "../program.ts";
import { LANGUAGE_PROBES } from "./probes.ts";
import { rustIdent } from "./rust-names.ts";
import { countTaken } from "./support.ts";
import { type CustomMirOptions, printCustomMir, printCustomMirBatch } from "./writer.ts";

const scratch = mkdtempSync(join(tmpdir(), "custom-mir-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** What has another form in custom MIR than in MIR, or none. */
const CONSTRUCTS = `struct S(u8, [i16; 3]);

#[repr(i8)]
enum E {
    A = -3,
    B { x: u128 } = 7,
}

fn type(_1: &mut [u32; 4], _2: E) -> u32 {
    let mut _0: u32;
    let mut _3: bool;
    let mut _4: (u32, bool);
    let mut _5: std::cmp::Ordering;
    let mut _6: i8;
    let mut _7: u128;
    let mut _8: E;
    let mut _9: *mut u128;
    let mut _10: f32;
    let mut _11: char;
    let mut _12: fn(u32) -> u32;
    let mut _13: (u32,);
    let mut _14: std::option::Option<&u32>;
    let mut _15: &u32;
    let mut _16: S;
    let mut _17: [i16; 3];

    bb0: {
        _0 = copy (*_1)[1 of 4];
        _3 = Lt(copy (*_1)[-1 of 4], copy _0);
        assert(copy _3, "index out of bounds: the length is {} but the index is {}", const 4_usize, const 9_usize) -> [success: bb1, unwind continue];
    }

    bb1: {
        _4 = AddWithOverflow(copy _0, const 1_u32);
        _0 = AddUnchecked(copy (_4.0: u32), const 1_u32);
        _0 = ShlUnchecked(copy _0, const 3_i8);
        _5 = Cmp(copy _0, const 7_u32);
        _6 = discriminant(_2);
        _8 = E::A;
        ((_8 as B).0: u128) = const 340282366920938463463374607431768211455_u128;
        discriminant(_8) = 1;
        _9 = &raw mut ((_8 as B).0: u128);
        _7 = copy (*_9);
        switchInt(copy _6) -> [253: bb2, 7: bb3, otherwise: bb4];
    }

    bb2: {
        _10 = const NaN_f32;
        _11 = const 'a';
        _12 = helper as fn(u32) -> u32 (PointerCoercion(ReifyFnPointer(Safe), Implicit));
        _0 = move _12(move _0) -> [return: bb3, unwind continue];
    }

    bb3: {
        _13 = (copy _0,);
        _15 = &(_13.0: u32);
        _14 = Option::<&u32>::Some(copy _15);
        _17 = [const -1_i16; 3];
        _16 = S(const 1_u8, move _17);
        switchInt(copy _3) -> [0: bb0, otherwise: bb5];
    }

    bb4: {
        unreachable;
    }

    bb5: {
        return;
    }
}

fn helper(_1: u32) -> u32 {
    let mut _0: u32;

    bb0: {
        _0 = Not(copy _1);
        return;
    }
}

fn input_0() -> () {
    let mut _0: ();

    bb0: {
        return;
    }
}
`;

function hasRustc(): boolean {
  try {
    execFileSync("rustc", ["-vV"]);
    return true;
  } catch {
    return false;
  }
}

function sourceOf(text: string, options: CustomMirOptions = {}): string {
  const written = printCustomMir(parseProgram(text), options);
  if (written.kind !== "ok") throw new Error(written.reason);
  return written.source;
}

/** rustc's MIR of a source, as it is built: without the entry points, which only a runtime calls. */
function mirOf(source: string, name: string): string {
  const file = join(scratch, name);
  writeFileSync(file, `${source}\n#[panic_handler] fn panic(_: &core::panic::PanicInfo) -> ! { loop {} }\n`);
  const args = [
    file,
    "--crate-name=m",
    "--crate-type=lib",
    "--edition=2021",
    "-Cpanic=abort",
    "-Cdebug-assertions=off",
    "-Zmir-opt-level=0",
    "-Zunpretty=mir",
  ];
  return execFileSync("rustc", args, {
    env: { ...process.env, RUSTC_BOOTSTRAP: "1" },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

describe("printCustomMir", () => {
  it.skipIf(!hasRustc())("writes the same MIR in both forms", () => {
    const readable = mirOf(sourceOf(CONSTRUCTS), "macro.rs");
    const expanded = mirOf(sourceOf(CONSTRUCTS, { form: "expanded" }), "expanded.rs");
    expect(expanded).toBe(readable);
    for (const kept of [
      "AddWithOverflow(copy _",
      "AddUnchecked(copy (_4.0: u32)",
      "ShlUnchecked(copy _0, const 3_i8)",
      "Cmp(copy _0",
      "discriminant(_8) = 1",
      "&raw mut ((_8 as",
      "Some(copy _15)",
      "_0 = move _12(move _0)",
    ]) {
      expect(readable).toContain(kept);
    }
  });

  it("names what cannot be an identifier", () => {
    expect([rustIdent("p3::f"), rustIdent("type"), rustIdent("Move"), rustIdent("plain")]).toEqual([
      "p3__f",
      "type_",
      "Move_",
      "plain",
    ]);
  });

  it("says why a program has no custom MIR", () => {
    const cleanup = parseProgram(
      "fn main() -> () {\n    let mut _0: ();\n\n    bb0: {\n        return;\n    }\n\n    bb1 (cleanup): {\n        unreachable;\n    }\n}\n",
    );
    expect(printCustomMir(cleanup)).toEqual({ kind: "unsupported", reason: expect.stringContaining("cleanup") });
    const library = parseProgram(
      '#[lang = "sized"]\ntrait Mine {\n}\n\nfn main() -> () {\n    let mut _0: ();\n\n    bb0: {\n        return;\n    }\n}\n',
    );
    expect(printCustomMir(library)).toEqual({ kind: "unsupported", reason: expect.stringContaining("library") });
    const others = LANGUAGE_PROBES.map(({ construct }) => construct).filter((construct) => construct !== "checked");
    const lacking = printCustomMir(parseProgram(CONSTRUCTS), { support: new Set(others) });
    expect(lacking).toEqual({ kind: "unsupported", reason: "this rustc does not take: checked" });
  });
});

describe("countTaken", () => {
  it("counts an intrinsic once, under whichever of its names a rustc has it", () => {
    const nothing = countTaken(new Set());
    expect(nothing.taken).toBe(0);
    expect(nothing.rejected.length).toBe(nothing.of);
    expect(nothing.rejected).toEqual(expect.arrayContaining(["castUnsize", "intrinsic typed_swap_nonoverlapping"]));
    const older = countTaken(new Set(["castUnsize", "intrinsic core::intrinsics::typed_swap"]));
    // The model has that intrinsic under both names itself.
    expect(older.taken).toBe(3);
    expect(older.rejected).not.toContain("intrinsic typed_swap_nonoverlapping");
  });
});

describe("printCustomMirBatch", () => {
  it("puts each program in a module, and all runs in one table", () => {
    const program = parseProgram(CONSTRUCTS);
    const cleanup = parseProgram(
      "fn main() -> () {\n    let mut _0: ();\n\n    bb0: {\n        return;\n    }\n\n    bb1 (cleanup): {\n        unreachable;\n    }\n}\n",
    );
    const parts = [program, cleanup, program].map((p, i) => ({ program: p, entries: entryPoints(p), firstCase: i }));
    const { source, skipped } = printCustomMirBatch(parts);
    expect([...skipped.keys()]).toEqual([1]);
    expect(source).toContain(
      "[(u32, fn(), bool); 2] = [\n    (0, p0::input_0, false),\n    (2, p2::input_0, false),\n];",
    );
  });
});
