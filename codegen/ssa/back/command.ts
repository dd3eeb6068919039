/**
 * Running other programs: one child process in its own process group, with limits on time, memory and output.
 *
 * Backends that drive real tools use it, and so does the harness for the executables that come out. As rustc_codegen_ssa/src/back/command.rs, but a
 * command is plain data and running it always gives a result: a child that hangs, floods its output, leaves children of its own behind
 * or cannot be started at all is described, never thrown.
 *
 * The memory limit is `RLIMIT_DATA` (heap and private writable mappings), not the address space: emulators reserve gigabytes of
 * that without using them.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** The current directory of the child; that of this process when absent. */
  readonly cwd?: string;
  /** The whole environment of the child; that of this process when absent. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds of wall time, after which the group is killed. */
  readonly timeLimit: number;
  /** Bytes of standard output, after which the group is killed. The head is kept. */
  readonly outputLimit: number;
  /** Bytes of standard error that are kept: the head and the tail, half each. More is dropped, and does not kill. */
  readonly errorLimit: number;
  /** Bytes of data, for the child and each of its children; none when absent. */
  readonly memoryLimit?: number;
}

export interface CommandResult {
  /** Program and arguments, without the wrapper that sets limits. */
  readonly argv: readonly string[];
  /** The exit status; absent when a signal ended the child or it did not start. */
  readonly status: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly timedOut: boolean;
  readonly outputExceeded: boolean;
  /** Why the child could not be started (`ENOENT` …). */
  readonly startError: string | undefined;
  /** Wall seconds from start to the end of its output. */
  readonly seconds: number;
}

/** Sets the limit, then becomes the program: process, group and status are the program's own. */
const LIMIT_SCRIPT = 'ulimit -d "$0" && exec "$@"';

/** Runs `command` to its end. Never rejects. */
export function runCommand(command: Command): Promise<CommandResult> {
  return new Promise((resolve) => new Run(command, resolve).start());
}

/** The commands under way. */
const running = new Set<Run>();

/** Kills all commands that run, for a process that is about to end. */
export function killRunning(): void {
  for (const run of running) run.kill();
}

/** Bytes from a stream, of which a bounded head and tail are kept. */
class BoundedBytes {
  private readonly headLimit: number;
  private readonly tailLimit: number;
  private readonly head: Buffer[] = [];
  private headSize = 0;
  private tail: Buffer[] = [];
  private tailSize = 0;
  private dropped = 0;

  constructor(headLimit: number, tailLimit: number) {
    this.headLimit = headLimit;
    this.tailLimit = tailLimit;
  }

  /** Takes in a chunk; false when the head has no room for all of it. */
  push(chunk: Buffer): boolean {
    const room = this.headLimit - this.headSize;
    const taken = Math.min(room, chunk.length);
    if (taken > 0) {
      this.head.push(taken === chunk.length ? chunk : chunk.subarray(0, taken));
      this.headSize += taken;
    }
    if (taken === chunk.length) return true;
    this.pushTail(taken === 0 ? chunk : chunk.subarray(taken));
    return false;
  }

  bytes(): Buffer {
    if (this.tailSize === 0 && this.head.length === 1) return this.head[0]!;
    const note = this.dropped > 0 ? [Buffer.from(`\n[${this.dropped} bytes left out]\n`)] : [];
    return Buffer.concat(this.tailLimit === 0 ? this.head : [...this.head, ...note, ...this.tail]);
  }

  private pushTail(chunk: Buffer): void {
    if (this.tailLimit === 0) return;
    this.tail.push(chunk);
    this.tailSize += chunk.length;
    while (this.tailSize > this.tailLimit) {
      const first = this.tail[0]!;
      const excess = Math.min(this.tailSize - this.tailLimit, first.length);
      if (excess === first.length) this.tail.shift();
      else this.tail[0] = first.subarray(excess);
      this.tailSize -= excess;
      this.dropped += excess;
    }
  }
}

/** One run: its child, what it has written so far, and why it was killed. */
class Run {
  private readonly command: Command;
  private readonly resolve: (result: CommandResult) => void;
  private readonly stdout: BoundedBytes;
  private readonly stderr: BoundedBytes;
  private readonly startedAt = performance.now();
  private child: ChildProcess | undefined;
  private timer: NodeJS.Timeout | undefined;
  private timedOut = false;
  private outputExceeded = false;

  constructor(command: Command, resolve: (result: CommandResult) => void) {
    this.command = command;
    this.resolve = resolve;
    this.stdout = new BoundedBytes(command.outputLimit, 0);
    const half = Math.ceil(command.errorLimit / 2);
    this.stderr = new BoundedBytes(half, half);
  }

  start(): void {
    const { program, args, cwd, env, memoryLimit, timeLimit } = this.command;
    const limited = memoryLimit !== undefined;
    // The shell that sets the limit starts even when the program cannot.
    const missing = limited && program.includes("/") ? whyNotExecutable(program) : undefined;
    if (missing !== undefined) {
      this.finish(undefined, undefined, missing);
      return;
    }
    const kilobytes = String(Math.ceil((memoryLimit ?? 0) / 1024));
    const child = spawn(
      limited ? "/bin/sh" : program,
      limited ? ["-c", LIMIT_SCRIPT, kilobytes, program, ...args] : args,
      {
        stdio: ["ignore", "pipe", "pipe"],
        detached: true,
        ...(cwd !== undefined ? { cwd } : {}),
        ...(env !== undefined ? { env } : {}),
      },
    );
    this.child = child;
    running.add(this);
    child.on("error", (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) this.finish(undefined, undefined, error.code ?? error.message);
    });
    if (child.pid === undefined) return;
    child.stdout.on("data", (chunk: Buffer) => {
      if (this.outputExceeded || this.stdout.push(chunk)) return;
      this.outputExceeded = true;
      this.kill();
    });
    child.stderr.on("data", (chunk: Buffer) => this.stderr.push(chunk));
    child.on("close", (status, signal) => this.finish(status ?? undefined, signal ?? undefined, undefined));
    this.timer = setTimeout(
      () => {
        this.timedOut = true;
        this.kill();
      },
      Math.max(1, Math.ceil(timeLimit)),
    );
  }

  /** Kills the group, and lets go of the pipes in case a process that left the group still holds them. */
  kill(): void {
    this.killGroup();
    this.child?.stdout?.destroy();
    this.child?.stderr?.destroy();
  }

  private killGroup(): void {
    const pid = this.child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch (error) {
      // ESRCH: all of the group is gone already, which is what is wanted.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }

  private finish(status: number | undefined, signal: NodeJS.Signals | undefined, startError: string | undefined): void {
    clearTimeout(this.timer);
    running.delete(this);
    // The child has ended; what it left behind in its group must end too.
    this.killGroup();
    const { program, args } = this.command;
    this.resolve({
      argv: [program, ...args],
      status,
      signal,
      stdout: this.stdout.bytes(),
      stderr: this.stderr.bytes(),
      timedOut: this.timedOut,
      outputExceeded: this.outputExceeded,
      startError,
      seconds: (performance.now() - this.startedAt) / 1000,
    });
  }
}

/** The error code of what keeps the file at `path` from being executed; undefined when nothing does. */
function whyNotExecutable(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "EACCES";
  }
}

/** `argv` as a POSIX shell reads it. */
export function shellQuote(argv: readonly string[]): string {
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}
