/**
 * Running executables under test: limits, an empty environment, and the emulator where the target is another machine's.
 *
 * What is run may do anything: crash, hang, spin, leave children, print without end, allocate without end. the compiler's tool runner contains
 * all that, from a process so small that starting another costs little; here are the limits and the command line.
 */

import { type CommandResult, launchCommand } from "../../codegen/index.ts";
import { runnerFor } from "./qemu.ts";

export interface ExecutionLimits {
  /** Milliseconds of wall time. */
  readonly timeLimit: number;
  /** Bytes of standard output. */
  readonly outputLimit: number;
  /** Bytes of data (heap and private writable mappings), the emulator's included. */
  readonly memoryLimit: number;
}

export const DEFAULT_EXECUTION_LIMITS: ExecutionLimits = {
  timeLimit: 60_000,
  outputLimit: 256 << 20,
  memoryLimit: 1 << 30,
};

/** Bytes of standard error that are kept. */
const ERROR_LIMIT = 64 << 10;

/**
 * Runs an executable for `target` (a triple) to its end.
 *
 * @throws Diagnostic when this machine cannot run the target's executables.
 */
export function runExecutable(
  target: string,
  executable: string,
  args: readonly string[],
  limits: ExecutionLimits = DEFAULT_EXECUTION_LIMITS,
): Promise<CommandResult> {
  const [program, ...rest] = [...runnerFor(target), executable, ...args];
  return launchCommand({
    program: program!,
    args: rest,
    env: {},
    timeLimit: limits.timeLimit,
    outputLimit: limits.outputLimit,
    errorLimit: ERROR_LIMIT,
    memoryLimit: limits.memoryLimit,
  });
}
