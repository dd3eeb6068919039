/** Finds the subjects of this machine: the own backend always, and whatever compilers are installed. */

import { findLlvmSubjects } from "./llvm/find.ts";
import { NativeSubject } from "./native/native.ts";
import { findRustcSubjects } from "./rustc/find.ts";
import type { Subject } from "./subject.ts";

export interface FindOptions {
  /** Names or kinds of the wanted subjects (`llvm` means every LLVM); all when empty. */
  readonly names: readonly string[];
  /** Planted faults of the own backend. */
  readonly faults: readonly string[];
  /** The output directory: what is costly to build once (runtimes, `core` for other targets) is cached in it. */
  readonly out: string;
}

/** The wanted subjects in a fixed order: native, then LLVM by version, then rustc by version. */
export async function findSubjects({ names, faults, out }: FindOptions): Promise<Subject[]> {
  const wanted = (name: string, kind: string): boolean =>
    names.length === 0 || names.includes(name) || names.includes(kind);
  const wantsKind = (kind: string): boolean =>
    names.length === 0 || names.some((name) => name === kind || name.startsWith(`${kind}-`));
  const found: Subject[] = [];
  if (wantsKind("native")) found.push(new NativeSubject(faults));
  if (wantsKind("llvm")) found.push(...(await findLlvmSubjects(out)));
  if (wantsKind("rustc")) found.push(...(await findRustcSubjects(out)));
  return found.filter((subject) => wanted(subject.info.name, subject.info.kind));
}
