import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Diagnostic } from "../../../session/diagnostic.ts";
import { writeElfObject } from "./elf.ts";
import { readElfObject } from "./elf-reader.ts";
import { link } from "./linker.ts";
import {
  type ObjectFile,
  type ObjectSection,
  type ObjectSymbol,
  SECTION_ABSOLUTE,
  SECTION_UNDEFINED,
  SHF_ALLOC,
  SHF_EXECINSTR,
  SHF_WRITE,
  SHT_NOBITS,
  SHT_PROGBITS,
} from "./object-file.ts";
import { R_X86_64_32S, R_X86_64_64, R_X86_64_PC32, R_X86_64_PLT32 } from "./relocations.ts";
import { assemble, codeSection, globalFunction, hasTool, inspect, objectFile } from "./test-support.ts";

const hasMc = hasTool("llvm-mc-22");

const sectionArbitrary = (numSymbols: number): fc.Arbitrary<ObjectSection> =>
  fc
    .record({
      name: fc.constantFrom(".text.a", ".text.ü", ".rodata", ".data.x", ".bss", ".debug_info"),
      data: fc.uint8Array({ minLength: 16, maxLength: 80 }),
      kind: fc.constantFrom(SHF_ALLOC, SHF_ALLOC | SHF_EXECINSTR, SHF_ALLOC | SHF_WRITE, 0),
      isZero: fc.boolean(),
      align: fc.constantFrom(1, 4, 16, 64),
      relocations: fc.array(
        fc.record({
          offset: fc.integer({ min: 0, max: 8 }),
          type: fc.constantFrom(R_X86_64_64, R_X86_64_PC32, R_X86_64_PLT32, R_X86_64_32S),
          symbol: fc.integer({ min: 1, max: Math.max(1, numSymbols) }),
          addend: fc.oneof(fc.integer({ min: -8, max: 8 }), fc.integer(), fc.maxSafeInteger()),
        }),
        { maxLength: numSymbols > 0 ? 4 : 0 },
      ),
    })
    .map(({ name, data, kind, isZero, align, relocations }) =>
      isZero
        ? {
            name,
            type: SHT_NOBITS,
            flags: kind,
            align,
            data: new Uint8Array(0),
            size: data.length,
            entrySize: 0,
            relocations: [],
          }
        : { name, type: SHT_PROGBITS, flags: kind, align, data, size: data.length, entrySize: 0, relocations },
    );

/** Objects as the reader gives them: a null symbol, then locals, then the others. */
const objects: fc.Arbitrary<ObjectFile> = fc.integer({ min: 1, max: 5 }).chain((numSections) =>
  fc
    .array(
      fc.record({
        name: fc.stringMatching(/^[a-zA-Zµ_][a-z0-9_.$]{0,12}$/),
        binding: fc.constantFrom("local" as const, "global" as const, "weak" as const),
        type: fc.constantFrom("notype" as const, "func" as const, "object" as const),
        section: fc.oneof(
          fc.integer({ min: 0, max: numSections - 1 }),
          fc.constantFrom(SECTION_ABSOLUTE, SECTION_UNDEFINED),
        ),
        value: fc.integer({ min: 0, max: 16 }),
        size: fc.oneof(fc.integer({ min: 0, max: 99 }), fc.maxSafeInteger().map(Math.abs)),
      }),
      { maxLength: 8 },
    )
    .chain((list) => {
      const nothing: ObjectSymbol = {
        name: "",
        binding: "local",
        type: "notype",
        section: SECTION_UNDEFINED,
        value: 0,
        size: 0,
      };
      const symbols = [
        nothing,
        ...list.filter((s) => s.binding === "local"),
        ...list.filter((s) => s.binding !== "local"),
      ];
      return fc
        .array(sectionArbitrary(list.length), { minLength: numSections, maxLength: numSections })
        .map((sections) => objectFile("random", sections, symbols));
    }),
);

test("reading what was written gives the object back", () => {
  fc.assert(
    fc.property(objects, (object) => {
      const read = readElfObject(writeElfObject(object), "random");
      expect(read).toEqual(object);
      expect(writeElfObject(read)).toEqual(writeElfObject(object));
    }),
    { numRuns: 300, seed: 1 },
  );
});

describe.skipIf(!hasTool("readelf"))("readelf and llvm-readelf accept what was written", () => {
  for (const tool of ["readelf", "llvm-readelf-22"]) {
    test.skipIf(!hasTool(tool))(tool, () => {
      fc.assert(
        fc.property(objects, (object) => {
          const { stdout, stderr, status } = inspect(tool, ["-aW"], writeElfObject(object));
          expect(stderr).toBe("");
          expect(status).toBe(0);
          for (const s of object.symbols) if (s.type === "func") expect(stdout).toContain("FUNC");
          for (const s of object.sections) if (s.relocations.length > 0) expect(stdout).toContain(`'.rela${s.name}'`);
        }),
        { numRuns: 15, seed: 2 },
      );
    });
  }

  test("symbols and relocations come out with their names and numbers", () => {
    const text = codeSection(".text.f", new Uint8Array(16), [
      { offset: 3, type: R_X86_64_PLT32, symbol: 1, addend: -4 },
    ]);
    const symbols: ObjectSymbol[] = [
      globalFunction("f", 0, 16),
      { name: "g", binding: "global", type: "notype", section: SECTION_UNDEFINED, value: 0, size: 0 },
      { name: "here", binding: "local", type: "object", section: 0, value: 5, size: 2 },
    ];
    const { stdout } = inspect("readelf", ["-sr", "-W"], writeElfObject(objectFile("o", [text], symbols)));
    expect(stdout).toMatch(/0000000000000003 {2}\w+ R_X86_64_PLT32 +0000000000000000 g - 4/);
    expect(stdout).toMatch(/0000000000000000 +16 FUNC +GLOBAL DEFAULT +1 f\n/);
    expect(stdout).toMatch(/0000000000000005 +2 OBJECT +LOCAL +DEFAULT +1 here\n/);
    expect(stdout).toMatch(/NOTYPE +GLOBAL DEFAULT +UND g\n/);
  });
});

test("more sections than 16 bits count", () => {
  const count = 66_000;
  const sections = Array.from({ length: count }, (_, i) => codeSection(".text", Uint8Array.of(i & 255)));
  const symbols = [globalFunction("first", 0, 1), globalFunction("last", count - 1, 1)];
  const bytes = writeElfObject(objectFile("many", sections, symbols));
  const read = readElfObject(bytes, "many");
  expect(read.sections.length).toBe(count);
  expect(read.symbols.map((s) => [s.name, s.section])).toEqual([
    ["", -1],
    ["first", 0],
    ["last", count - 1],
  ]);
  if (hasTool("llvm-readelf-22"))
    expect(inspect("llvm-readelf-22", ["-h"], bytes).stdout).toContain(`0 (${count + 6})`);
});

test("a symbol or relocation that points nowhere is a diagnostic", () => {
  const code = codeSection(".text", new Uint8Array(8), [{ offset: 0, type: R_X86_64_PC32, symbol: 3, addend: 0 }]);
  expect(() => writeElfObject(objectFile("o", [code], []))).toThrow(Diagnostic);
  expect(() => writeElfObject(objectFile("o", [], [globalFunction("f", 0)]))).toThrow(Diagnostic);
});

const SAMPLE = `
.section .text._start,"ax",@progbits
.globl _start
.type _start,@function
_start:
  call other
  mov rax, [rip + data]
  mov eax, offset zeros
  ret
.size _start, .-_start
.weak other
.data
data: .quad _start
.bss
zeros: .zero 64
`;

/** Reads and links; anything thrown but a diagnostic fails the test. */
function digest(bytes: Uint8Array): "linked" | "diagnostic" {
  try {
    link([readElfObject(bytes, "x.o")]);
    return "linked";
  } catch (error) {
    if (!(error instanceof Diagnostic)) throw error;
    expect(error.file).toBe("x.o");
    expect(error.message).not.toBe("");
    return "diagnostic";
  }
}

describe.skipIf(!hasMc)("files that are no sound objects", () => {
  test("every truncation of an object is a diagnostic", () => {
    for (const bytes of [assemble(SAMPLE), writeElfObject(readElfObject(assemble(SAMPLE), "x.o"))]) {
      expect(digest(bytes)).toBe("linked");
      for (let length = 0; length < bytes.length; length++)
        expect(digest(bytes.subarray(0, length))).toBe("diagnostic");
    }
  });

  test("changed bytes give a diagnostic or an executable, and nothing else", () => {
    const bytes = assemble(SAMPLE);
    let diagnostics = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 6 }),
        (changes) => {
          const changed = Uint8Array.from(bytes);
          for (const [at, value] of changes) changed[at] = value;
          if (digest(changed) === "diagnostic") diagnostics++;
        },
      ),
      { numRuns: 3000, seed: 3 },
    );
    expect(diagnostics).toBeGreaterThan(300);
  });

  test("each byte of the headers, changed to the extremes", () => {
    const bytes = assemble(SAMPLE);
    const headers = new DataView(bytes.buffer, bytes.byteOffset).getUint32(40, true);
    const places = [...Array(64).keys(), ...Array.from({ length: bytes.length - headers }, (_, i) => headers + i)];
    for (const at of places) {
      for (const value of [0, 1, 0x7f, 0xff]) {
        const changed = Uint8Array.from(bytes);
        changed[at] = value;
        digest(changed);
      }
    }
  });

  test("what is no object at all", () => {
    expect(() => readElfObject(new TextEncoder().encode("#!/bin/sh\n".repeat(20)), "script")).toThrow(
      "not an ELF file",
    );
    const executable = link([readElfObject(assemble(SAMPLE), "x.o")]).bytes;
    expect(() => readElfObject(executable, "a.out")).toThrow("not a relocatable object");
  });
});
