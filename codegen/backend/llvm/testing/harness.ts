/**
 * Test support: programs that are built by hand through `BuilderMethods`, compiled by the real tools, and run.
 *
 * A *probe* is a function without parameters that gives one value of 128 bits (as two words). An executable calls all of its probes, writes their words to
 * standard output and exits; so one compilation tests hundreds of operations.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bug } from "../../../entity/entity.ts";
import type { CodegenUnit } from "../../../monomorphize/partitioning.ts";
import { RUNTIME_ENTRY } from "../../../runtime/runtime.ts";
import { DEFAULT_OPTIONS, type Options, Session } from "../../../session/session.ts";
import { runCommand } from "../../../ssa/back/command.ts";
import type { BuilderMethods } from "../../../ssa/traits/builder.ts";
import {
  type BackendSignature,
  BackendType,
  type FunctionDecl,
  type Linkage,
  type Value,
} from "../../../ssa/traits/types.ts";
import { HOST_TARGET, type Target } from "../../../target/spec.ts";
import { START_ASM } from "../asm.ts";
import { moduleOptions } from "../context.ts";
import { type LlvmBackend, llvmBackend } from "../index.ts";
import { newLlvmModule } from "../module.ts";
import type { LlvmToolchain } from "../tools.ts";
import { DEFAULT_TOOL_LIMITS, emitObject, ToolRunner } from "../write.ts";

/** Fills the body of a probe: gives a value of at most 128 bits, of any type. */
export type Probe = (b: BuilderMethods) => Value;

export interface ProbeCase {
  readonly name: string;
  /** The type of the value that `build` gives. */
  readonly ty: BackendType;
  readonly build: Probe;
}

const { I8, I64, I128, F32, F64, Ptr, I32 } = BackendType;

const SYS_WRITE: Readonly<Record<Target["arch"], bigint>> = { x86_64: 1n, aarch64: 64n, riscv64: 64n };
const SYS_EXIT: Readonly<Record<Target["arch"], bigint>> = { x86_64: 60n, aarch64: 93n, riscv64: 93n };

export function signature(
  params: readonly BackendType[],
  returns: readonly BackendType[],
  extra: Partial<BackendSignature> = {},
): BackendSignature {
  return { params, returns, sret: false, noReturn: false, ...extra };
}

export function decl(
  symbol: string,
  sig: BackendSignature,
  linkage: Linkage = "external",
  inline: FunctionDecl["inline"] = "none",
): FunctionDecl {
  return { symbol, signature: sig, linkage, inline, instance: undefined, abi: undefined };
}

export function unit(name: string): CodegenUnit {
  return { name, items: [], sizeEstimate: 0 };
}

export function session(target: Target, options: Partial<Options> = {}): Session {
  return new Session({ ...DEFAULT_OPTIONS, ...options }, target);
}

/** A value of type `ty` as two words, zero-extended. */
function toWords(b: BuilderMethods, ty: BackendType, value: Value): readonly [Value, Value] {
  const zero = b.constInt(I64, 0n);
  if (ty === I128) return [b.trunc(value, I64), b.trunc(b.lshr(value, b.constInt(I128, 64n)), I64)];
  if (ty === F32) return [b.zext(b.bitcast(value, I32), I64), zero];
  if (ty === F64) return [b.bitcast(value, I64), zero];
  if (ty === Ptr) return [b.ptrtoint(value, I64), zero];
  return [ty === I64 ? value : b.zext(value, I64), zero];
}

const PAIR = signature([], [I64, I64]);

type ModuleInProgress = ReturnType<LlvmBackend["newModule"]>;

/** Emits the probes and the program's entry, spread over `units` modules; `helpers` puts what the probes call into the first, or into each when internal. */
function buildProbes(
  backend: LlvmBackend,
  s: Session,
  cases: readonly ProbeCase[],
  units: number,
  helpers: (module: ModuleInProgress) => void,
): { name: string; module: ModuleInProgress }[] {
  const modules = Array.from({ length: units }, (_, i) => ({
    name: `cgu.${i}`,
    module: backend.newModule(s, unit(`cgu.${i}`)),
  }));
  helpers(modules[0]!.module);
  for (const [i, probe] of cases.entries()) {
    // What calls helpers stands with them; the rest is spread.
    const { module } = modules[/^(narrow|a pair|sret|always)/.test(probe.name) ? 0 : i % units]!;
    const b = module.startFunction(decl(`probe_${i}`, PAIR));
    b.ret(toWords(b, probe.ty, probe.build(b)));
    module.finishFunction();
  }
  const { module } = modules[0]!;
  emitMain(module.startFunction(decl("probe_main", signature([], [], { noReturn: true }))), s.target, cases.length);
  module.finishFunction();
  return modules;
}

function emitMain(b: BuilderMethods, target: Target, count: number): void {
  const buffer = b.alloca(count * 16, 8);
  for (let i = 0; i < count; i++) {
    const [low, high] = b.call(decl(`probe_${i}`, PAIR), []);
    b.store(low!, b.ptrOffset(buffer, i * 16), 8);
    b.store(high!, b.ptrOffset(buffer, i * 16 + 8), 8);
  }
  const word = (n: bigint): Value => b.constInt(I64, n);
  b.syscall([word(SYS_WRITE[target.arch]), word(1n), b.ptrtoint(buffer, I64), word(BigInt(count * 16))]);
  b.syscall([word(SYS_EXIT[target.arch]), word(0n)]);
  b.unreachable();
}

/** A loop over the bytes of `memcpy` or `memset`: `byteAt` gives the byte for each index. */
function defineByteLoop(
  module: ModuleInProgress,
  symbol: string,
  second: BackendType,
  byteAt: (b: BuilderMethods, index: Value) => Value,
): void {
  const b = module.startFunction(decl(symbol, signature([Ptr, second, I64], [Ptr])));
  const counter = b.alloca(8, 8);
  b.store(b.constInt(I64, 0n), counter, 8);
  const head = b.appendBlock("head");
  const body = b.appendBlock("body");
  const done = b.appendBlock("done");
  b.br(head);
  b.switchToBlock(head);
  const index = b.load(I64, counter, 8);
  b.condBr(b.icmp("ult", index, b.param(2)), body, done);
  b.switchToBlock(body);
  b.store(byteAt(b, index), b.ptrIndex(b.param(0), index, 1), 1);
  b.store(b.add(index, b.constInt(I64, 1n)), counter, 8);
  b.br(head);
  b.switchToBlock(done);
  b.ret([b.param(0)]);
  module.finishFunction();
}

/** A runtime of `_start`, what it calls, and the routines that LLVM calls on its own account. */
export async function testRuntime(toolchain: LlvmToolchain, s: Session, directory: string): Promise<string> {
  const options = {
    ...moduleOptions(s, toolchain.major, {
      noundef: false,
      nonnull: false,
      dereferenceable: false,
      align: false,
      range: false,
      writable: false,
    }),
    noBuiltins: true,
    moduleAsm: START_ASM[s.target.arch],
  };
  const module = newLlvmModule("runtime", options);
  const b = module.startFunction(decl(RUNTIME_ENTRY, signature([Ptr], [], { noReturn: true })));
  b.call(decl("probe_main", signature([], [], { noReturn: true })), []);
  b.unreachable();
  module.finishFunction();
  defineByteLoop(module, "memset", I32, (b) => b.trunc(b.param(1), I8));
  defineByteLoop(module, "memcpy", Ptr, (b, index) => b.load(I8, b.ptrIndex(b.param(1), index, 1), 1));
  const text = module.finish();
  if (text.kind !== "text") throw bug("a module that is not text");
  const path = join(directory, `runtime-${toolchain.version}-${s.target.arch}`);
  writeFileSync(`${path}.ll`, text.text);
  await emitObject(new ToolRunner(toolchain, session(s.target), DEFAULT_TOOL_LIMITS), `${path}.ll`, `${path}.o`);
  return `${path}.o`;
}

export interface ProbeRun {
  /** By case: its value, of 128 bits. */
  readonly values: readonly bigint[];
  readonly backend: LlvmBackend;
  readonly session: Session;
  readonly textSize: number;
}

/** Compiles and runs `cases` under `options`, natively or under QEMU. */
export async function runProbes(
  toolchain: LlvmToolchain,
  cases: readonly ProbeCase[],
  options: Partial<Options> & { target?: Target; units?: number; helpers?: (module: ModuleInProgress) => void } = {},
): Promise<ProbeRun> {
  const directory = mkdtempSync(join(tmpdir(), "mirwatch-probe-"));
  try {
    const target = options.target ?? HOST_TARGET;
    const s = session(target, options);
    const backend = llvmBackend(toolchain, { directory, runtimeObject: (s) => testRuntime(toolchain, s, directory) });
    const modules = buildProbes(backend, s, cases, options.units ?? 1, options.helpers ?? ((): void => {})).map(
      ({ name, module }) => ({ name, module: module.finish() }),
    );
    const compiled = [];
    for (const module of await backend.optimize(s, modules)) compiled.push(await backend.codegen(s, module));
    const executable = join(directory, "probes");
    await backend.link(s, compiled, executable);
    const values = await execute(target, executable, cases.length);
    return { values, backend, session: s, textSize: compiled.reduce((sum, m) => sum + m.textSize, 0) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function execute(target: Target, executable: string, count: number): Promise<bigint[]> {
  const native = target === HOST_TARGET || target.qemu === undefined;
  const result = await runCommand({
    program: native ? executable : target.qemu!,
    args: native ? [] : [executable],
    timeLimit: 60_000,
    outputLimit: 1 << 24,
    errorLimit: 4096,
  });
  if (result.status !== 0 || result.stdout.length !== count * 16) {
    throw new Error(
      `probes on ${target.triple}: status ${result.status}, ${result.signal}, ${result.stdout.length} bytes: ${result.stderr}`,
    );
  }
  const values: bigint[] = [];
  for (let i = 0; i < count; i++)
    values.push(result.stdout.readBigUInt64LE(i * 16) | (result.stdout.readBigUInt64LE(i * 16 + 8) << 64n));
  return values;
}

/** The text of a module that `fill` fills. */
export function moduleText(
  major: number,
  target: Target,
  options: Partial<Options>,
  fill: (module: ReturnType<typeof newLlvmModule>) => void,
  attributes?: Parameters<typeof moduleOptions>[2],
): string {
  const all = { noundef: true, nonnull: true, dereferenceable: true, align: true, range: true, writable: true };
  const module = newLlvmModule("test", moduleOptions(session(target, options), major, attributes ?? all));
  fill(module);
  const finished = module.finish();
  if (finished.kind !== "text") throw bug("a module that is not text");
  return finished.text;
}
