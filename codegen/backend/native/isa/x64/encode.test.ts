/**
 * The whole instruction table against LLVM: every form with samples of all its operands is encoded by us, and printed by us.
 *
 * Two laws: LLVM assembles our text to our bytes (or to as many, where it prefers another encoding), and LLVM disassembles our
 * bytes to our text.
 */

import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { NONE } from "../../../../entity/entity.ts";
import { MachBuffer } from "../../machinst/buffer.ts";
import { CLASS_FLOAT } from "../../regalloc/function.ts";
import { BRANCH_SHAPE } from "./branch.ts";
import { encodeMem, encodeReg } from "./encode.ts";
import { FORM_HAS_CC, FORM_IMM_BYTES, FORMS, type FormInfo, type FormOperand } from "./forms.ts";
import { INSTRUCTIONS } from "./instructions.ts";
import { printInst } from "./print.ts";
import { BASE_RIP, type Mem, newMem } from "./rex.ts";

interface Sample {
  readonly form: string;
  readonly text: string;
  readonly bytes: string;
}

const REGISTERS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

function memSamples(): Mem[] {
  const samples: Mem[] = [];
  const add = (base: number, index: number, shift: number, disp: number): void => {
    samples.push({ ...newMem(), base, index, shift, disp });
  };
  for (const base of REGISTERS) {
    add(base, NONE, 0, 0);
    add(base, NONE, 0, 127);
    add(base, NONE, 0, -129);
    add(base, (base * 5 + 1) % 16 === 4 ? 12 : (base * 5 + 1) % 16, base & 3, base & 4 ? 8 : 0);
  }
  for (const index of REGISTERS) if (index !== 4) add(NONE, index, 3, 0x12345678);
  add(5, 5, 0, 0);
  add(13, 13, 1, 0);
  add(4, 12, 2, -128);
  add(NONE, NONE, 0, 0x1000);
  add(BASE_RIP, NONE, 0, 0x76543210);
  add(BASE_RIP, NONE, 0, -5);
  return samples;
}

function immSamples(operand: FormOperand): readonly (readonly [number, number])[] {
  switch (operand.bits) {
    case 8:
      return [
        [2, 0],
        [127, 0],
        [-128, -1],
        [-1, -1],
        [1, 0],
      ];
    case 16:
      return [
        [0x1234, 0],
        [-32768, -1],
        [32767, 0],
      ];
    case 32:
      return [
        [0x12345678, 0],
        [-2147483648, -1],
        [2147483647, 0],
      ];
    default:
      return [
        [-2023406815, 0x01234567],
        [-1, -1],
        [0, -2147483648],
        [5, 0],
        [-1, 0],
      ];
  }
}

function sampleOf(
  info: FormInfo,
  form: number,
  reg: number,
  rm: number,
  mem: Mem | null,
  imm: readonly [number, number],
  cc: number,
): Sample {
  const buffer = new MachBuffer(BRANCH_SHAPE);
  if (mem === null) encodeReg(buffer, form, reg, rm, imm[0], imm[1], cc);
  else encodeMem(buffer, form, reg, mem, imm[0], imm[1], cc);
  const bytes = Array.from(buffer.bytes.subarray(0, buffer.offset), (x) => x.toString(16).padStart(2, "0")).join(" ");
  return { form: info.name, text: printInst(form, reg, rm, mem, imm[0], imm[1], cc, String(imm[0])), bytes };
}

/** Samples of one form: each operand in turn takes all its values while the others rotate. */
function samplesOf(form: number): Sample[] {
  const info = FORMS[form]!;
  const regOperand = info.operands.find((o) => o.role === "reg");
  const rmOperand = info.operands.find((o) => o.role === "rm");
  const imm = info.operands.find((o) => o.role === "imm" || o.role === "rel");
  const imms = imm === undefined ? [[0, 0] as const] : immSamples(imm);
  const ccs = FORM_HAS_CC[form] !== 0 ? REGISTERS : [0];
  const samples: Sample[] = [];
  const isRegForm = rmOperand === undefined || rmOperand.allowReg;
  if (isRegForm) {
    const count = regOperand !== undefined && rmOperand !== undefined ? 32 : (regOperand ?? rmOperand) ? 16 : 1;
    for (let i = 0; i < Math.max(count, ccs.length); i++) {
      const rm = rmOperand === undefined && regOperand === undefined ? 0 : i % 16;
      const reg = i < 16 ? (i * 7 + 3) % 16 : (i * 3) % 16;
      samples.push(sampleOf(info, form, reg, rm, null, imms[i % imms.length]!, ccs[i % ccs.length]!));
    }
    for (const value of imms)
      samples.push(sampleOf(info, form, 9, rmOperand || regOperand ? 6 : 0, null, value, ccs[0]!));
    for (const value of imms) samples.push(sampleOf(info, form, 9, 0, null, value, ccs[0]!));
  }
  if (rmOperand?.allowMem === true) {
    let i = 0;
    for (const mem of memSamples()) {
      samples.push(sampleOf(info, form, i % 16, 0, mem, imms[i % imms.length]!, ccs[i % ccs.length]!));
      i++;
    }
  }
  return samples;
}

function llvmMc(args: readonly string[], input: string): string {
  const result = spawnSync("llvm-mc-22", ["-triple=x86_64-unknown-linux-gnu", "--output-asm-variant=1", ...args], {
    input,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (result.status !== 0) throw new Error(result.stderr.slice(0, 4000));
  return result.stdout;
}

/** One space between words; no comment (LLVM explains shuffles in one). */
function normalize(text: string): string {
  return text
    .replace(/\s*#.*$/, "")
    .replace(/\s+/g, " ")
    .trim();
}

const ALL: readonly Sample[] = INSTRUCTIONS.flatMap((_, form) => samplesOf(form));

describe("the x64 instruction table", () => {
  test("has operands of known width and class in every row", () => {
    for (const info of FORMS)
      for (const operand of info.operands)
        expect(
          operand.regClass === CLASS_FLOAT || operand.bits + operand.memBits > 0 || operand.role === "rm",
          info.name,
        ).toBe(true);
    expect(FORMS.length).toBe(FORM_IMM_BYTES.length);
  });

  test("is disassembled by LLVM to the text that we print", () => {
    const lines = llvmMc(
      ["--disassemble"],
      ALL.map((s) =>
        s.bytes
          .split(" ")
          .map((b) => `0x${b}`)
          .join(" "),
      ).join("\n"),
    )
      .split("\n")
      .filter((line) => line.trim() !== "" && !line.startsWith("\t."))
      .map(normalize);
    expect(lines.length).toBe(ALL.length);
    const wrong: string[] = [];
    for (const [i, sample] of ALL.entries())
      if (lines[i] !== normalize(sample.text))
        wrong.push(`${sample.form}: ${sample.bytes}: ${lines[i]} | ${normalize(sample.text)}`);
    expect(wrong.slice(0, 40)).toEqual([]);
  });

  test("is assembled by LLVM to the same bytes, or to as many", () => {
    // A branch to a number is a relocation for an assembler: its bytes are checked by the other test alone.
    const samples = ALL.filter((s) => !/^(j|call\t-?\d)/.test(s.text) || s.text.includes("["));
    const input = `.intel_syntax noprefix\n${samples.map((s) => s.text).join("\n")}\n`;
    const lines = llvmMc(["--show-encoding"], input).split("\n");
    const encodings = lines.map((l) => /encoding: \[([^\]]*)\]/.exec(l)?.[1]).filter((e) => e !== undefined);
    expect(encodings.length).toBe(samples.length);
    const wrong: string[] = [];
    let different = 0;
    for (const [i, sample] of samples.entries()) {
      const theirs = encodings[i]!.replaceAll("0x", "").replaceAll(",", " ");
      if (theirs === sample.bytes) continue;
      different++;
      if (theirs.length !== sample.bytes.length)
        wrong.push(`${sample.form}: ${sample.text}: ${sample.bytes} | ${theirs}`);
    }
    expect(wrong.slice(0, 60)).toEqual([]);
    expect(different / samples.length).toBeLessThan(0.25);
  });
});
