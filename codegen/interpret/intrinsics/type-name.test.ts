/** `type_name` and `type_id` against rustc's executable. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mainOf, runText, valuesOf } from "../testing/run-text.ts";

const TYPES = [
  ..."u8 i128 usize f16 f32 f64 f128 bool char ! str".split(" "),
  ...["()", "(u8,)", "(u8, char)", "[u8; 3]", "[[i32; 2]]", "&str", "&mut u8", "*const u8", "*mut [u8]"],
  ...["fn()", "fn(u8) -> u32", 'unsafe extern "C" fn(i32, *const u8)', 'extern "C" fn() -> !', "fn(fn(u8) -> ())"],
  ...["Option<i32>", "Option<Option<&u8>>", "Result<u8, !>", "Box<u8>", "Vec<Box<[u8]>>", "String"],
  ...["cmp::Ordering", "cmp::Reverse<u8>", "ops::Range<u8>", "ops::RangeFull", "ops::RangeInclusive<u8>"],
  ...["ops::RangeFrom<u8>", "ops::RangeTo<u8>", "ops::RangeToInclusive<u8>", "ops::Bound<u8>"],
  ...["ops::ControlFlow<u8, char>", "ops::ControlFlow<u8>", "cell::Cell<u8>", "cell::RefCell<u8>"],
  ...["cell::UnsafeCell<u8>", "cell::BorrowError", "cell::OnceCell<u8>", "mem::ManuallyDrop<u8>"],
  ...["mem::MaybeUninit<[u8; 4]>", "mem::Discriminant<Option<u8>>", "num::NonZero<u32>", "num::Wrapping<i8>"],
  ...["num::Saturating<i8>", "num::ParseIntError", "num::IntErrorKind", "num::TryFromIntError", "num::FpCategory"],
  ...["ptr::NonNull<u8>", "marker::PhantomData<fn() -> u8>", "marker::PhantomPinned", "convert::Infallible"],
  ...["any::TypeId", "pin::Pin<&mut u8>", "task::Poll<()>", "time::Duration", "fmt::Error", "alloc::Layout"],
  ...["alloc::LayoutError", "sync::atomic::AtomicBool", "sync::atomic::AtomicU64", "sync::atomic::AtomicIsize"],
  ...["sync::atomic::Ordering"],
].map((ty) =>
  ty.replaceAll(/\b(?=(?:cmp|ops|cell|mem|num|ptr|marker|convert|any|pin|task|time|fmt|alloc|sync)::)/g, "std::"),
);

/** What rustc's executable prints of them. */
function compiledNames(): string[] {
  const dir = mkdtempSync(join(tmpdir(), "mirwatch-type-names-"));
  try {
    const source = join(dir, "main.rs");
    const lines = TYPES.map((ty) => `println!("{}", std::any::type_name::<${ty}>());`);
    writeFileSync(source, `#![feature(f16, f128, never_type)] fn main() { ${lines.join("\n")} }`);
    const env = { ...process.env, RUSTC_BOOTSTRAP: "1" };
    const run = spawnSync("rustc", ["--edition", "2021", "-o", join(dir, "main"), source], { encoding: "utf8", env });
    if (run.status !== 0) throw new Error(run.stderr);
    return spawnSync(join(dir, "main"), [], { encoding: "utf8" }).stdout.trimEnd().split("\n");
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const DECLARATION = "#[rustc_intrinsic] fn std::intrinsics::type_name<T: ?Sized>() -> &'static str;";

/** What the interpreter says. */
function nameOf(ty: string): string {
  const text = `${DECLARATION} ${mainOf(
    "let mut _1: &str; let mut _2: ();",
    `_1 = std::intrinsics::type_name::<${ty}>() -> [return: bb1, unwind continue];`,
    "_2 = observe::<&str>(const 0_u32, copy _1) -> [return: bb2, unwind continue];",
    "",
  )}`;
  return String.fromCharCode(...valuesOf(runText(text)).map(Number));
}

function outcomeOf(ty: string): unknown {
  const call = `_1 = std::intrinsics::type_name::<${ty}>() -> [return: bb1, unwind continue];`;
  return runText(`struct Own; ${DECLARATION} ${mainOf("let mut _1: &str;", call, "")}`).outcome;
}

describe("type_name", () => {
  it("spells types as rustc's executable does", () => {
    expect(TYPES.map(nameOf)).toEqual(compiledNames());
  });

  it("is refused where MIR text does not say what is in the name", () => {
    for (const ty of ["Own", "Option<Own>", "std::slice::Iter<'_, u8>", "for<'a> fn(&'a u8)"])
      expect(outcomeOf(ty), ty).toMatchObject({ kind: "unsupported", what: expect.stringContaining("the name of") });
  });
});

describe("type_id", () => {
  const same = (a: string, b: string): unknown => {
    const text = `#[rustc_intrinsic] fn std::intrinsics::type_id<T: ?Sized>() -> u128; trait Tr {} ${mainOf(
      "let mut _1: u128; let mut _2: u128; let mut _3: bool; let mut _4: ();",
      `_1 = std::intrinsics::type_id::<${a}>() -> [return: bb1, unwind continue];`,
      `_2 = std::intrinsics::type_id::<${b}>() -> [return: bb2, unwind continue];`,
      "_3 = Eq(copy _1, copy _2); _4 = observe::<bool>(const 0_u32, copy _3) -> [return: bb3, unwind continue];",
      "",
    )}`;
    const result = runText(text);
    return result.outcome.kind === "return" ? valuesOf(result)[0] === 1n : result.outcome.kind;
  };

  it("tells types apart, and not their lifetimes", () => {
    expect(same("dyn Tr", "dyn Tr + 'static")).toBe(true);
    expect(same("&u8", "&'static u8")).toBe(true);
    expect(same("&u8", "&mut u8")).toBe(false);
    expect(same("dyn Tr", "dyn Tr + Send")).toBe(false);
    expect(same("fn(u8)", "unsafe fn(u8)")).toBe(false);
    expect(same("fn(u8)", 'extern "C" fn(u8)')).toBe(false);
    expect(same("[u8; 2]", "[u8; 3]")).toBe(false);
  });

  it("is refused where two types differ by what their function pointers bind", () => {
    expect(same("for<'a> fn(&'a u8)", "u8")).toBe("unsupported");
    expect(same("Option<fn(u8) -> &'static u8>", "u8")).toBe("unsupported");
  });
});
