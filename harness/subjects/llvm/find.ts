/** The installed LLVMs as subjects. */

import { join } from "node:path";
import { discoverLlvm, type LlvmToolchain, missingLlvmTool, targetByTriple } from "../../../codegen/index.ts";
import { runnableTargets } from "../../execute/qemu.ts";
import type { Subject } from "../subject.ts";
import { LlvmSubject } from "./llvm.ts";

/** One subject per installed LLVM that can compile for a target that runs here, oldest first. Runtimes are cached under `out`. */
export async function findLlvmSubjects(out: string): Promise<Subject[]> {
  const toolchains = await discoverLlvm();
  const subjects: Subject[] = [];
  for (const toolchain of toolchains) {
    const targets = runnableTargets().filter(
      (triple) => missingLlvmTool(toolchain, targetByTriple(triple)) === undefined,
    );
    if (targets.length > 0)
      subjects.push(new LlvmSubject(subjectName(toolchain, toolchains), toolchain, targets, join(out, "cache")));
  }
  return subjects;
}

/** `llvm-19`, or `llvm-19.1.7` where another 19 is installed too. */
function subjectName(toolchain: LlvmToolchain, all: readonly LlvmToolchain[]): string {
  const alone = all.filter((other) => other.major === toolchain.major).length === 1;
  return `llvm-${alone ? toolchain.major : toolchain.version}`;
}
