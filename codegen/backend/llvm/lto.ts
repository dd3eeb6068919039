/**
 * Link-time optimisation and linking, by ld.lld. As rustc_codegen_llvm/src/back/lto.rs and rustc_codegen_ssa/src/back/link.rs.
 *
 * Each module is optimised up to the link (`thinlto-pre-link`, with a summary, or `lto-pre-link`) by `opt`. Then one ld.lld resolves the
 * symbols of all modules and of the runtime, which is machine code, drops and internalises what it may, optimises (fat: the merged module;
 * thin: each module, with what it imports), emits machine code and links it. That is the fewest processes, and the resolution is the
 * linker's own.
 */

import { readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { dialectOf } from "./versions.ts";
import { bisectFlags, machineFlags, OPT_LEVEL_TABLE, optimizeModule, type ToolRunner } from "./write.ts";

/** What LTO gives: the executable, and the objects that it was linked from. */
export interface LtoResult {
  readonly executable: string;
  readonly objects: readonly { readonly path: string; readonly textSize: number }[];
}

/** Runs the `opt` step of LTO: from a module's text to bitcode for the link. */
export async function prepareForLto(runner: ToolRunner, input: string, output: string): Promise<void> {
  const thin = runner.session.options.lto === "thin";
  await optimizeModule(runner, thin ? "thinlto-pre-link" : "lto-pre-link", input, output);
}

/**
 * LTO over `modules` (bitcode) and the link with `runtime` (an object), to an executable.
 *
 * @param objectPath the objects go to this path and to the same with a number after it.
 */
export async function runLto(
  runner: ToolRunner,
  modules: readonly string[],
  runtime: string,
  objectPath: string,
  executable: string,
): Promise<LtoResult> {
  const { options } = runner.session;
  const row = OPT_LEVEL_TABLE[options.optLevel];
  const args = [
    ...linkFlags(runner, executable),
    `--lto-O${row.lto}`,
    ...(dialectOf(runner.toolchain.major).ltoCodegenLevel ? [`--lto-CGO${row.codegen}`] : []),
    ...(options.lto === "thin" ? ["--thinlto-jobs=1"] : []),
    `--lto-obj-path=${objectPath}`,
    ...mllvm(machineFlags(runner)),
    ...mllvm(row.mergeFunctions ? ["-enable-merge-functions"] : []),
    ...mllvm(options.verify ? ["-verify-machineinstrs"] : []),
    ...modules,
    runtime,
  ];
  for (const stale of listObjects(objectPath)) rmSync(stale);
  await runner.run("ld.lld", args, (limit) => mllvm(bisectFlags(limit)));
  const objects = listObjects(objectPath).map((path) => ({ path, textSize: runner.textSizeOf("ld.lld", path) }));
  runner.textSizeOf("ld.lld", executable);
  return { executable, objects };
}

/** Links objects and the runtime to a static executable. */
export async function linkObjects(
  runner: ToolRunner,
  objects: readonly string[],
  runtime: string,
  executable: string,
): Promise<void> {
  await runner.run("ld.lld", [...linkFlags(runner, executable), ...objects, runtime]);
  runner.textSizeOf("ld.lld", executable);
}

function linkFlags(runner: ToolRunner, executable: string): readonly string[] {
  const { target } = runner.session;
  return [
    "-m",
    target.ldEmulation,
    "-static",
    "-z",
    "noexecstack",
    "--gc-sections",
    "--build-id=none",
    "--threads=1",
    "-o",
    executable,
  ];
}

function mllvm(flags: readonly string[]): readonly string[] {
  return flags.flatMap((flag) => ["-mllvm", flag]);
}

/** The files that ld.lld has written for `objectPath`, in the order of its tasks. */
function listObjects(objectPath: string): readonly string[] {
  const name = basename(objectPath);
  const directory = dirname(objectPath);
  const tasks: { task: number; path: string }[] = [];
  for (const file of readdirSync(directory)) {
    const suffix = file.startsWith(name) ? file.slice(name.length) : undefined;
    if (suffix !== undefined && /^\d*$/.test(suffix)) tasks.push({ task: Number(suffix), path: join(directory, file) });
  }
  return tasks.sort((a, b) => a.task - b.task).map((t) => t.path);
}
