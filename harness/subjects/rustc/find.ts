/** Every rustc of this machine as a subject, with the targets that it can compile for and this machine can run. */

import { join } from "node:path";
import { runnableTargets } from "../../execute/qemu.ts";
import type { Subject } from "../subject.ts";
import { canCompileFor } from "./cross.ts";
import { RustcSubject } from "./rustc-subject.ts";
import { findRustcs } from "./toolchains.ts";

/**
 * The subjects `rustc-1.95.0`, `rustc-1.97.0-nightly` …, by version. What is costly to build is kept below `out`.
 */
export async function findRustcSubjects(out: string): Promise<Subject[]> {
  const subjects: Subject[] = [];
  const names = new Set<string>();
  for (const rustc of await findRustcs()) {
    const targets = runnableTargets().filter((target) => canCompileFor(rustc, target));
    if (targets.length === 0) continue;
    // Two builds of one release are told apart by their commits.
    let name = `rustc-${rustc.release}`;
    if (names.has(name)) name = `${name}-${rustc.commit.slice(0, 7)}`;
    names.add(name);
    subjects.push(new RustcSubject(rustc, name, targets, join(out, "cache")));
  }
  return subjects;
}
