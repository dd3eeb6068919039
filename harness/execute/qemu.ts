/** How this machine runs a target's executables: directly, or under QEMU's user-mode emulator, which is looked for at run time. */

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { Diagnostic, TARGETS, type Target, targetByTriple } from "../../codegen/index.ts";

/** The architecture of this machine, by Node's name of it. */
const HOST_ARCH: ReadonlyMap<string, Target["arch"]> = new Map([
  ["x64", "x86_64"],
  ["arm64", "aarch64"],
  ["riscv64", "riscv64"],
]);

const found = new Map<string, string | undefined>();

/** Whether executables for `triple` run here without an emulator. */
export function isNative(triple: string): boolean {
  return process.platform === "linux" && targetByTriple(triple).arch === HOST_ARCH.get(process.arch);
}

/** The emulator that `triple` needs here, by name (`qemu-aarch64`); undefined when it needs none. */
export function qemuFor(triple: string): string | undefined {
  return isNative(triple) ? undefined : targetByTriple(triple).qemu;
}

/** Whether this machine can run executables for `triple`. */
export function canRun(triple: string): boolean {
  if (isNative(triple)) return true;
  const emulator = qemuFor(triple);
  return emulator !== undefined && pathOf(emulator) !== undefined;
}

/** The triples of all targets whose executables run here, natively or emulated. */
export function runnableTargets(): string[] {
  return TARGETS.map((target) => target.triple).filter(canRun);
}

/**
 * The words that come before an executable for `triple` in its command line.
 *
 * @throws Diagnostic when this machine cannot run it.
 */
export function runnerFor(triple: string): readonly string[] {
  const emulator = qemuFor(triple);
  if (emulator === undefined) {
    if (isNative(triple)) return [];
    throw new Diagnostic(`no emulator is known for ${triple}`);
  }
  const path = pathOf(emulator);
  if (path === undefined)
    throw new Diagnostic(`${triple} needs ${emulator}, which is not installed`, {
      help: "apt-get install -y qemu-user",
    });
  return [path];
}

/** The absolute path of `program` on `PATH`; looked for once. */
function pathOf(program: string): string | undefined {
  if (!found.has(program)) found.set(program, search(program));
  return found.get(program);
}

function search(program: string): string | undefined {
  for (const directory of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(directory, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not here; the next directory may have it.
    }
  }
  return undefined;
}
