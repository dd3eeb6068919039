import { describe, expect, it } from "vitest";
import { eventHash } from "./event-hash.ts";
import { withMiriRuntime } from "./runtime.ts";
import { withYoungerNames } from "./spelling.ts";

describe("withMiriRuntime", () => {
  it("sends calls of the allocator to the runtime, and leaves other glue", () => {
    const text = withMiriRuntime("Call(_1 = crate::glue::__rust_alloc(4, 4)) crate::glue::scalar(1)", false);
    expect(text).toContain("crate::runtime::__rust_alloc(4, 4)");
    expect(text).toContain("crate::glue::scalar(1)");
    expect(text).not.toContain("mirwatch_unwind");
    expect(withMiriRuntime("", true)).toContain("mirwatch_unwind");
  });
});

describe("withYoungerNames", () => {
  it.each([
    ["core::intrinsics::powf32(a, b)", "core::intrinsics::powf::<f32>(a, b)"],
    ["core::intrinsics::fmaf64(a, b, c)", "core::intrinsics::fma::<f64>(a, b, c)"],
    ["core::intrinsics::ctpop(a)", "core::intrinsics::ctpop(a)"],
    [
      "core::intrinsics::atomic_load::<_, { core::intrinsics::AtomicOrdering::Acquire }>(p)",
      "core::intrinsics::atomic_load::<_, { core::intrinsics::AtomicOrdering::Acquire }, false>(p)",
    ],
  ])("writes `%s` as `%s`", (old, young) => {
    expect(withYoungerNames(old)).toBe(young);
  });
});

describe("eventHash", () => {
  it("is nothing for no events, and depends on every byte and on their order", () => {
    const [one, other] = [new Uint8Array(24).fill(1), new Uint8Array(24).fill(2)];
    const both = (a: Uint8Array, b: Uint8Array): bigint => eventHash(new Uint8Array([...a, ...b]));
    expect(eventHash(new Uint8Array(0))).toBe(0n);
    expect(new Set([eventHash(one), eventHash(other), both(one, other), both(other, one)]).size).toBe(4);
  });
});
