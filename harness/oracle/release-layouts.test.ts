import { describe, expect, it } from "vitest";
import { parseProgram } from "../../codegen/index.ts";
import type { SubjectInfo } from "../subjects/subject.ts";
import { proveProgram } from "./prove.ts";
import { underLayoutsOf } from "./release-layouts.ts";

/** The bits of `None::<char>`, as a `u32`, and something that has no meaning when they are others than `bits`. */
function noneBits(assumed: string): string {
  return `fn main() -> () {
    let mut _0: ();
    let mut _1: std::option::Option<char>;
    let mut _2: u32;
    let mut _3: bool;

    bb0: {
        _1 = std::option::Option::<char>::None;
        _2 = copy _1 as u32 (Transmute);
        ${assumed}
        _0 = observe::<u32>(const 0_u32, copy _2) -> [return: bb1, unwind continue];
    }

    bb1: {
        return;
    }
}
`;
}

const rustc = (version: string): SubjectInfo => ({
  name: `rustc-${version}`,
  kind: "rustc",
  version,
  path: "",
  targets: [],
});

function observed(text: string, info: SubjectInfo): number | undefined {
  const proof = proveProgram(parseProgram(text));
  if (proof.kind !== "proved") throw new Error(proof.reason);
  const events = underLayoutsOf(proof.checked, info)?.runs[0]?.expected.events;
  return events === undefined ? undefined : new DataView(events.buffer, events.byteOffset).getUint32(8, true);
}

describe("underLayoutsOf", () => {
  it("expects of each release the bits that its layouts have", () => {
    expect(observed(noneBits(""), rustc("1.96.0"))).toBe(0x110000);
    expect(observed(noneBits(""), rustc("1.97.0-nightly"))).toBe(0xffffffff);
    expect(observed(noneBits(""), { ...rustc("22"), kind: "llvm" })).toBe(0x110000);
  });

  it("takes a program from releases under whose layouts it has no meaning", () => {
    const text = noneBits("_3 = Eq(copy _2, const 1114112_u32);\n        assume(copy _3);");
    expect(observed(text, rustc("1.85.0"))).toBe(0x110000);
    expect(observed(text, rustc("1.97.0"))).toBeUndefined();
  });

  it("leaves a program as it is that sees nothing of it", () => {
    const proof = proveProgram(parseProgram(noneBits("_2 = const 7_u32;")));
    if (proof.kind !== "proved") throw new Error(proof.reason);
    expect(underLayoutsOf(proof.checked, rustc("1.97.0"))).toBe(proof.checked);
  });
});
