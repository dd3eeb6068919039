import { describe, expect, test } from "vitest";
import { withoutPatternTypes, withoutTraitAliases } from "./pattern-types.ts";

describe("types with fewer values", () => {
  test.for([
    ["u8 is const 1..", 1n, 255n],
    ["i8 is ..const 0 | const 1..", 1n, 255n],
    ["u16 is const 0..=const 9", 0n, 9n],
    ["u32 is 0..10", 0n, 9n],
    ["i32 is ..const -1 | const 0..", 0n, 0xffff_fffen],
    ["usize is 0..=(isize::MAX)", undefined, undefined],
    ["usize is 0..=isize::MAX", 0n, 0x7fff_ffff_ffff_ffffn],
  ] as const)("%s", ([pattern, start, end]) => {
    const source = `    pub struct Inner(${pattern});\n`;
    const made = withoutPatternTypes(source);
    if (start === undefined) expect(made).toBe(source);
    else {
      const ty = pattern.split(" ")[0]!;
      expect(made).toBe(
        `    #[rustc_layout_scalar_valid_range_start(${start})]\n    #[rustc_layout_scalar_valid_range_end(${end})]\n    pub struct Inner(${ty});\n`,
      );
    }
  });

  test("a pointer that is not null is one in a struct's field, and plain elsewhere", () => {
    const source = `mod a {
    pub struct NonNull<T: PointeeSized> {
        pointer: *const T is !null,
    }
    unsafe impl<T: PointeeSized> Freeze for *const T is !null {}
    impl<T, U> Coerce<*const U is !null>
        for *const T is !null where T: Unsize<U> {}
    unsafe impl<T: PointeeSized> Freeze for *const T {}
}
`;
    expect(withoutPatternTypes(source).replaceAll(/^\s*\n/gm, "")).toBe(`mod a {
    #[rustc_layout_scalar_valid_range_start(1)]
    pub struct NonNull<T: PointeeSized> {
        pointer: *const T,
    }
    unsafe impl<T: PointeeSized> Freeze for *const T {}
}
`);
  });
});

test("a trait alias is a trait that all with its bounds have", () => {
  expect(withoutTraitAliases("pub trait Thin = Pointee<Metadata = ()>;\n")).toBe(
    "pub trait Thin: Pointee<Metadata = ()> {}\nimpl<T: ?Sized + Pointee<Metadata = ()>> Thin for T {}\n",
  );
});
