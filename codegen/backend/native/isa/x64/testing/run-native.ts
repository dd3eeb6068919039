/**
 * Runs IR functions natively, many in one executable, for tests: compiles them with a driver, links, executes and reads back the results.
 *
 * The driver calls each case with constant arguments, stores the results in a buffer, 16 bytes each, and writes the buffer to standard output.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Block, IrFunction, type IrModule, type Signature, type Value } from "../../../ir/function.ts";
import { Op, Type } from "../../../ir/opcodes.ts";
import { type CompileFlags, compileFunction, ObjectBuilder } from "../../../machinst/compile.ts";
import type { TargetIsa } from "../../../machinst/target-isa.ts";
import { writeElfObject } from "../../../object/elf.ts";
import type { ObjectFile } from "../../../object/object-file.ts";
import { createX64 } from "../isa.ts";
import { START_CALLEE, startStub } from "../start.ts";

export interface NativeCase {
  readonly symbol: string;
  /** Unsigned bits. */
  readonly args: readonly bigint[];
}

const SYS_WRITE = 1n;
const SYS_EXIT_GROUP = 231n;
const CASES_PER_DRIVER = 64;
const RESULT_BYTES = 16;

function emptySignature(params: readonly Type[]): Signature {
  return { params, returns: [], noReturn: false };
}

function append(fn: IrFunction, block: Block, inst: ReturnType<IrFunction["newConst"]>): Value {
  fn.appendInst(inst, block);
  return fn.result(inst);
}

/** A function of a pointer that calls `cases` and stores their results from there on. */
function driver(symbol: string, cases: readonly NativeCase[], signatures: ReadonlyMap<string, Signature>): IrFunction {
  const fn = new IrFunction(symbol, emptySignature([Type.I64]));
  const block = fn.newBlock();
  fn.layout.push(block);
  const pointer = fn.appendBlockParam(block, Type.I64);
  let offset = 0;
  for (const { symbol: callee, args } of cases) {
    const signature = signatures.get(callee)!;
    const ref = fn.importFunction(callee, signature);
    const values = args.map((bits, i) => append(fn, block, fn.newConst(signature.params[i]!, bits)));
    const call = fn.newInst(Op.call, 0, values, signature.returns, ref);
    fn.appendInst(call, block);
    signature.returns.forEach((type, r) => {
      fn.appendInst(fn.newInst(Op.store, type, [pointer, fn.result(call, r)], [], offset), block);
      offset += RESULT_BYTES;
    });
  }
  fn.appendInst(fn.newInst(Op.ret, 0, [], []), block);
  return fn;
}

/** `mirwatch_start`: all drivers on a buffer of its own, then writes it out. */
function startFunction(drivers: readonly { symbol: string; bytes: number }[]): IrFunction {
  const fn = new IrFunction(START_CALLEE, emptySignature([Type.I64]));
  const block = fn.newBlock();
  fn.layout.push(block);
  fn.appendBlockParam(block, Type.I64);
  const total = drivers.reduce((sum, d) => sum + d.bytes, 0);
  const slot = fn.newStackSlot(Math.max(total, RESULT_BYTES), 16);
  const address = (offset: number): Value =>
    append(fn, block, fn.newInst(Op.stackAddr, Type.I64, [], [Type.I64], slot, offset));
  const size = append(fn, block, fn.newConst(Type.I64, BigInt(total)));
  fn.appendInst(fn.newInst(Op.memset, 0, [address(0)], [], total, 0x5a), block);
  let offset = 0;
  for (const { symbol, bytes } of drivers) {
    const ref = fn.importFunction(symbol, emptySignature([Type.I64]));
    fn.appendInst(fn.newInst(Op.call, 0, [address(offset)], [], ref), block);
    offset += bytes;
  }
  const constant = (bits: bigint): Value => append(fn, block, fn.newConst(Type.I64, bits));
  const write = [constant(SYS_WRITE), constant(1n), address(0), size];
  fn.appendInst(fn.newInst(Op.syscall, Type.I64, write, [Type.I64]), block);
  fn.appendInst(fn.newInst(Op.syscall, Type.I64, [constant(SYS_EXIT_GROUP), constant(0n)], [Type.I64]), block);
  fn.appendInst(fn.newInst(Op.unreachable, 0, [], []), block);
  return fn;
}

/** Links an object with libgcc, for the 128-bit helpers, and with `cSource` when given; returns what the executable prints. */
export function linkAndRun(object: ObjectFile, cSource = ""): Buffer {
  const directory = mkdtempSync(join(tmpdir(), "mirwatch-x64-"));
  try {
    const [objectPath, cPath, exe] = ["a.o", "c.c", "a.out"].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(objectPath, writeElfObject(object));
    const extra: string[] = [];
    if (cSource !== "") {
      writeFileSync(cPath, cSource);
      extra.push(cPath);
    }
    execFileSync("gcc", [
      "-nostdlib",
      "-static",
      "-no-pie",
      "-O1",
      "-fno-stack-protector",
      "-o",
      exe,
      objectPath,
      ...extra,
      "-lgcc",
    ]);
    const result = spawnSync(exe, { maxBuffer: 1 << 28, timeout: 20_000 });
    if (result.status !== 0) throw new Error(`the executable ended with ${result.signal ?? result.status}`);
    return result.stdout;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Compiles a module for x86-64 with its drivers for `cases`. */
export function compileCases(
  module: IrModule,
  cases: readonly NativeCase[],
  flags: CompileFlags,
  isa: TargetIsa = createX64(),
  external: ReadonlyMap<string, Signature> = new Map(),
): ObjectFile {
  const builder = new ObjectBuilder(module.name, isa);
  const signatures = new Map<string, Signature>(module.functions.map((fn) => [fn.symbol, fn.signature]));
  for (const [symbol, signature] of external) signatures.set(symbol, signature);
  builder.add(startStub());
  for (const fn of module.functions) builder.add(compileFunction(fn, isa, flags));
  const drivers: { symbol: string; bytes: number }[] = [];
  for (let from = 0; from < cases.length; from += CASES_PER_DRIVER) {
    const some = cases.slice(from, from + CASES_PER_DRIVER);
    const symbol = `driver.${from}`;
    const results = some.reduce((sum, c) => sum + signatures.get(c.symbol)!.returns.length, 0);
    drivers.push({ symbol, bytes: results * RESULT_BYTES });
    builder.add(compileFunction(driver(symbol, some, signatures), isa, flags));
  }
  builder.add(compileFunction(startFunction(drivers), isa, flags));
  return builder.finish();
}

const TYPE_BITS: readonly number[] = [0, 8, 16, 32, 64, 128, 32, 64];

/** Splits the output into the results of each case, as unsigned bits. */
export function readResults(
  output: Buffer,
  cases: readonly NativeCase[],
  signatureOf: (symbol: string) => Signature,
): bigint[][] {
  let at = 0;
  return cases.map((c) =>
    signatureOf(c.symbol).returns.map((type) => {
      const bits = output.readBigUInt64LE(at) | (output.readBigUInt64LE(at + 8) << 64n);
      at += RESULT_BYTES;
      return BigInt.asUintN(TYPE_BITS[type]!, bits);
    }),
  );
}

/** Compiles, links and runs; the results of each case. */
export function runNative(
  module: IrModule,
  cases: readonly NativeCase[],
  flags: CompileFlags,
  isa?: TargetIsa,
): bigint[][] {
  const signatures = new Map(module.functions.map((fn) => [fn.symbol, fn.signature]));
  const output = linkAndRun(compileCases(module, cases, flags, isa));
  return readResults(output, cases, (symbol) => signatures.get(symbol)!);
}
