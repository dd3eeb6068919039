import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Diagnostic } from "../../../session/diagnostic.ts";
import { writeElfObject } from "./elf.ts";
import { readElfObject } from "./elf-reader.ts";
import { link } from "./linker.ts";
import {
  EM_AARCH64,
  type ObjectFile,
  type ObjectSymbol,
  type Relocation,
  SECTION_UNDEFINED,
  SHF_ALLOC,
  SHT_PROGBITS,
} from "./object-file.ts";
import {
  R_X86_64_8,
  R_X86_64_32S,
  R_X86_64_64,
  R_X86_64_PC32,
  R_X86_64_PLT32,
  X86_64_RELOCATIONS,
} from "./relocations.ts";
import {
  assemble,
  codeSection,
  globalFunction,
  hasTool,
  inspect,
  linkByLld,
  objectFile,
  runExecutable,
} from "./test-support.ts";

const hasTools = hasTool("llvm-mc-22") && hasTool("ld.lld-22");

const EXIT = "mov eax, 60\n syscall";

/** Programs of one or more assembler sources; all exit with a status that depends on every part. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  "sections, commons and weak symbols": [
    `.section .text._start,"ax",@progbits
     .globl _start
     _start: call work
       mov edi, eax
       add edi, [rip + counter]
       add edi, [common_thing]
       mov rax, [table]
       add edi, [rax]
       mov rdx, offset weak_one
       add edi, edx
       ${EXIT}
     .section .text.dead,"ax",@progbits
     dead: call missing
     .weak weak_one
     .comm common_thing,8,64
     .data
     .balign 32
     counter: .long 5
     table: .quad answer
     .section .rodata.x,"a",@progbits
     .globl answer
     answer: .long 7
     .bss
     .globl zeros
     zeros: .zero 10000`,
    `.section .text.work,"ax",@progbits
     .globl work
     work: mov eax, offset answer
       mov eax, [rax]
       movsxd rcx, dword ptr [zeros + 9996]
       add eax, ecx
       ret
     .weak weak_too
     weak_too: ud2
     .comm common_thing,16,8`,
  ],
  "a weak definition gives way to a strong one": [
    `.globl _start
     _start: call f
       mov edi, eax
       ${EXIT}
     .weak f
     f: mov eax, 1
       ret`,
    `.globl f
     f: mov eax, 42
       ret`,
  ],
  "local symbols of one name": [
    `.globl _start
     _start: mov edi, [rip + here]
       call other
       add edi, eax
       ${EXIT}
     .data
     here: .long 30`,
    `.globl other
     other: mov eax, [rip + here]
       ret
     .data
     .balign 64
     here: .long 4`,
  ],
  "bounds of a section of one's own, in order of the objects": [
    `.globl _start
     _start: mov ecx, offset __start_numbers
       xor edi, edi
     1: add edi, edi
       add edi, [rcx]
       add ecx, 4
       cmp ecx, offset __stop_numbers
       jne 1b
       and edi, 255
       ${EXIT}
     .section numbers,"a",@progbits
     .long 3
     .long 9`,
    `.section numbers,"a",@progbits
     .long 5`,
  ],
  "writes to standard output": [
    `.globl _start
     _start: mov eax, 1
       mov edi, 1
       lea rsi, [rip + message]
       mov edx, offset length
       syscall
       mov edi, 0
       ${EXIT}
     .section .rodata.str1.1,"aMS",@progbits,1
     message: .asciz "hello\\n"
     .set length, 6`,
  ],
};

describe.skipIf(!hasTools)("programs of llvm-mc behave as when ld.lld links them", () => {
  for (const [name, sources] of Object.entries(PROGRAMS)) {
    test(name, () => {
      const files = sources.map(assemble);
      const objects = files.map((bytes, i) => readElfObject(bytes, `${i}.o`));
      const expected = runExecutable(linkByLld(files));
      expect(expected.signal).toBe(null);
      expect(runExecutable(link(objects).bytes)).toEqual(expected);
      // Our own object files are as good to either linker.
      const written = objects.map(writeElfObject);
      expect(runExecutable(linkByLld(written))).toEqual(expected);
      expect(runExecutable(link(written.map((bytes, i) => readElfObject(bytes, `${i}.o`))).bytes)).toEqual(expected);
      if (!sources.some((s) => s.includes("missing")))
        expect(runExecutable(link(objects, { gcSections: false }).bytes)).toEqual(expected);
    });
  }
});

/** `add eax, k`, calls to functions with higher numbers, `ret`: function 0 is the root. */
interface Plan {
  readonly functions: readonly { readonly add: number; readonly calls: readonly number[]; readonly object: number }[];
  readonly objects: number;
}

const plans: fc.Arbitrary<Plan> = fc.record({
  functions: fc.array(
    fc.record({
      add: fc.nat({ max: 100 }),
      calls: fc.array(fc.nat({ max: 1000 }), { maxLength: 2 }),
      object: fc.nat({ max: 3 }),
    }),
    {
      minLength: 1,
      maxLength: 12,
    },
  ),
  objects: fc.constant(4),
});

function build(plan: Plan): ObjectFile[] {
  const n = plan.functions.length;
  const name = (i: number): string => `f${i}`;
  const objects: ObjectFile[] = [];
  for (let o = 0; o < plan.objects; o++) {
    const symbols: ObjectSymbol[] = [];
    const symbol = (wanted: string): number => {
      const at = symbols.findIndex((s) => s.name === wanted);
      return at >= 0
        ? at
        : symbols.push({
            name: wanted,
            binding: "global",
            type: "notype",
            section: SECTION_UNDEFINED,
            value: 0,
            size: 0,
          }) - 1;
    };
    const code: { name: string; bytes: number[]; relocations: Relocation[] }[] = [];
    plan.functions.forEach((f, i) => {
      if (f.object % plan.objects !== o) return;
      const bytes = [0x05, f.add, 0, 0, 0];
      const relocations: Relocation[] = [];
      for (const call of f.calls) {
        if (i + 1 >= n) continue;
        bytes.push(0xe8, 0, 0, 0, 0);
        const target = name(i + 1 + (call % (n - i - 1)));
        relocations.push({ offset: bytes.length - 4, type: R_X86_64_PLT32, symbol: symbol(target), addend: -4 });
      }
      bytes.push(0xc3);
      code.push({ name: name(i), bytes, relocations });
    });
    if (o === 0) {
      // xor eax, eax; call f0; mov edi, eax; mov eax, 60; syscall
      const bytes = [0x31, 0xc0, 0xe8, 0, 0, 0, 0, 0x89, 0xc7, 0xb8, 60, 0, 0, 0, 0x0f, 0x05];
      code.push({
        name: "_start",
        bytes,
        relocations: [{ offset: 3, type: R_X86_64_PC32, symbol: symbol(name(0)), addend: -4 }],
      });
    }
    code.forEach((c, section) => {
      const at = symbol(c.name);
      symbols[at] = globalFunction(c.name, section, c.bytes.length);
    });
    const sections = code.map((c) => codeSection(`.text.${c.name}`, Uint8Array.from(c.bytes), c.relocations));
    objects.push(objectFile(`${o}.o`, sections, symbols));
  }
  return objects;
}

function evaluate(plan: Plan): number {
  const n = plan.functions.length;
  const sum = (i: number): number => {
    const f = plan.functions[i]!;
    return f.add + (i + 1 < n ? f.calls.reduce((total, c) => total + sum(i + 1 + (c % (n - i - 1))), 0) : 0);
  };
  return sum(0) & 255;
}

describe.skipIf(!hasTools)("random call graphs over several objects", () => {
  test("compute what they say, by our linker and by ld.lld", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const objects = build(plan);
        const { bytes } = link(objects);
        expect(runExecutable(bytes).status).toBe(evaluate(plan));
        expect(runExecutable(linkByLld(objects.map(writeElfObject))).status).toBe(evaluate(plan));
        const symbols = inspect("llvm-readelf-22", ["-sW"], bytes);
        expect(symbols.stderr).toBe("");
        expect(link(build(plan)).bytes).toEqual(bytes);
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  test("readelf and objdump find nothing amiss, and show names and protections", () => {
    const { bytes, entry } = link(
      PROGRAMS["sections, commons and weak symbols"]!.map((s, i) => readElfObject(assemble(s), `${i}.o`)),
    );
    const all = inspect("readelf", ["-aW"], bytes);
    expect(all.stderr).toBe("");
    const loads = [...all.stdout.matchAll(/^ +LOAD .*?0x\w+ 0x\w+ ([R WE]{3}) 0x1000$/gm)].map((m) => m[1]);
    expect(loads).toEqual(["R  ", "R E", "RW "]);
    expect(all.stdout).toMatch(/GNU_STACK .* RW +0x10/);
    expect(all.stdout).toContain(`Entry point address:               0x${entry.toString(16)}`);
    const disassembly = inspect("llvm-objdump-22", ["-d"], bytes).stdout;
    expect(disassembly).toContain("<_start>:");
    expect(disassembly).toContain("<work>");
    expect(disassembly).not.toContain("<dead>:");
  });
});

const ret = Uint8Array.of(0xc3, 0, 0, 0, 0, 0, 0, 0);
const start = objectFile("start.o", [codeSection(".text", ret)], [globalFunction("_start", 0)]);

/** An object whose `_start` has one relocation to `symbol`. */
function referring(symbol: ObjectSymbol, type: number, addend = 0): ObjectFile {
  return objectFile(
    "user.o",
    [codeSection(".text", ret, [{ offset: 0, type, symbol: 1, addend }])],
    [globalFunction("_start", 0), symbol],
  );
}

const undefinedSymbol = (name: string, binding: "global" | "weak"): ObjectSymbol => ({
  name,
  binding,
  type: "notype",
  section: SECTION_UNDEFINED,
  value: 0,
  size: 0,
});

function diagnosticOf(objects: readonly ObjectFile[]): { message: string; file: string } {
  try {
    link(objects);
  } catch (error) {
    if (error instanceof Diagnostic) return { message: error.message, file: error.file };
    throw error;
  }
  throw new Error("linked");
}

describe("what cannot be linked is a diagnostic that names symbol and object", () => {
  test("an undefined symbol", () => {
    expect(diagnosticOf([referring(undefinedSymbol("nowhere", "global"), R_X86_64_PC32)])).toEqual({
      message: "undefined symbol nowhere, referred to by section .text",
      file: "user.o",
    });
  });

  test("a duplicate symbol", () => {
    const again = { ...start, name: "again.o" };
    expect(diagnosticOf([start, again])).toEqual({
      message: "duplicate symbol _start: defined in start.o too",
      file: "again.o",
    });
  });

  test("an overflow, with the value that the field cannot hold", () => {
    const far: ObjectSymbol = { name: "far", binding: "global", type: "notype", section: -2, value: 2 ** 31, size: 0 };
    expect(diagnosticOf([referring(far, R_X86_64_32S)]).message).toBe(
      "relocation R_X86_64_32S to far in section .text overflows: 2147483648",
    );
    expect(diagnosticOf([referring({ ...far, value: 256 }, R_X86_64_8)]).message).toContain("overflows: 256");
    expect(link([referring({ ...far, value: 2 ** 31 - 1 }, R_X86_64_32S)]).bytes.length).toBeGreaterThan(0);
    expect(link([referring({ ...far, value: 2 ** 40 }, R_X86_64_64)]).bytes.length).toBeGreaterThan(0);
  });

  test("no entry, nothing, an unknown relocation, another machine", () => {
    expect(diagnosticOf([objectFile("o", [], [])]).message).toBe("undefined entry symbol _start");
    expect(diagnosticOf([]).message).toBe("nothing to link");
    expect(diagnosticOf([referring(undefinedSymbol("w", "weak"), 9)]).message).toBe(
      "unknown relocation type 9 in section .text",
    );
    expect(diagnosticOf([start, { ...objectFile("arm.o", [], []), machine: EM_AARCH64 }]).file).toBe("arm.o");
  });

  test("many problems in one message, not endlessly many", () => {
    const n = 30;
    const relocations = Array.from({ length: n }, (_, i) => ({
      offset: 0,
      type: R_X86_64_PC32,
      symbol: i + 1,
      addend: 0,
    }));
    const symbols = [
      globalFunction("_start", 0),
      ...Array.from({ length: n }, (_, i) => undefinedSymbol(`u${i}`, "global")),
    ];
    const { message } = diagnosticOf([objectFile("o", [codeSection(".text", ret, relocations)], symbols)]);
    expect(message.split("\n").length).toBe(11);
    expect(message).toContain("and 20 more");
  });
});

describe("what stays and what goes", () => {
  const data = (name: string) => ({
    name,
    type: SHT_PROGBITS,
    flags: SHF_ALLOC,
    align: 1,
    data: new Uint8Array(100),
    size: 100,
    relocations: [],
  });
  const object = objectFile(
    "o",
    [codeSection(".text", ret), data(".rodata.a"), data(".rodata.b")],
    [globalFunction("_start", 0), globalFunction("b", 2)],
  );
  const sizeOf = (options: Parameters<typeof link>[1]) =>
    link([object], options).sections.find((s) => s.name === ".rodata")?.size ?? 0;

  test("sections that nothing refers to are left out", () => {
    expect(sizeOf({})).toBe(0);
    expect(sizeOf({ gcSections: false })).toBe(200);
    expect(sizeOf({ keep: ["b"] })).toBe(100);
  });

  test("an undefined weak symbol is 0", () => {
    const { bytes, sections } = link([referring(undefinedSymbol("w", "weak"), R_X86_64_64, 5)]);
    expect([...bytes.subarray(sections[0]!.offset, sections[0]!.offset + 8)]).toEqual([5, 0, 0, 0, 0, 0, 0, 0]);
  });

  test("a relocation table in place of the machine's is used", () => {
    const relocations = new Map(X86_64_RELOCATIONS);
    relocations.set(R_X86_64_PC32, { ...X86_64_RELOCATIONS.get(R_X86_64_PC32)!, pcRelative: false });
    const object = referring(undefinedSymbol("w", "weak"), R_X86_64_PC32, 7);
    const { bytes, sections } = link([object], { relocations });
    expect(bytes[sections[0]!.offset]).toBe(7);
    expect(bytes).not.toEqual(link([object]).bytes);
  });
});
