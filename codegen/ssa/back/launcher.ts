/**
 * Running commands from a process that is small.
 *
 * Starting a child copies the page tables of its parent, and the parent then faults on every page that it writes: tens of milliseconds for
 * a compiler with hundreds of megabytes. Whoever runs commands by the hundred has a *launcher* run them: a process of its own that does
 * nothing but `runCommand`. It starts with the first command, and ends with the thread that started it, its commands with it.
 */

import { type ChildProcess, fork } from "node:child_process";
import { type Command, type CommandResult, runCommand } from "./command.ts";

/** What the launcher is sent. */
export interface LaunchRequest {
  readonly id: number;
  readonly command: Command;
}

/** What the launcher answers. */
export interface LaunchAnswer {
  readonly id: number;
  readonly result: CommandResult;
}

interface Pending {
  readonly command: Command;
  readonly resolve: (result: CommandResult) => void;
}

/** A launcher process and the commands that it has not answered yet. */
class Launcher {
  private readonly child: ChildProcess;
  private readonly pending = new Map<number, Pending>();
  private serial = 0;

  constructor() {
    this.child = fork(new URL("launcher-main.ts", import.meta.url), [], {
      serialization: "advanced",
      // Not the terminal's group: an interrupted campaign still finishes what it runs.
      detached: true,
      execArgv: [],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.child.on("message", (answer: LaunchAnswer) => this.settle(answer));
    this.child.on("error", () => this.lose());
    this.child.on("exit", () => this.lose());
    this.child.unref();
    this.child.channel?.unref();
  }

  run(command: Command): Promise<CommandResult> {
    return new Promise((resolve) => {
      const id = this.serial++;
      this.pending.set(id, { command, resolve });
      // This process waits for answers, but not for the launcher to end.
      this.child.channel?.ref();
      this.child.send({ id, command } satisfies LaunchRequest, (error) => {
        if (error !== null) this.lose();
      });
    });
  }

  private settle({ id, result }: LaunchAnswer): void {
    const { stdout, stderr } = result;
    this.take(id)?.resolve({ ...result, stdout: asBuffer(stdout), stderr: asBuffer(stderr) });
  }

  private take(id: number): Pending | undefined {
    const found = this.pending.get(id);
    this.pending.delete(id);
    if (this.pending.size === 0) this.child.channel?.unref();
    return found;
  }

  /** The launcher is gone, as by a child that kills all it can: what it owes is run from here, and the next command starts another. */
  private lose(): void {
    if (launcher === this) launcher = undefined;
    for (const id of [...this.pending.keys()]) {
      const { command, resolve } = this.take(id)!;
      runCommand(command).then(resolve);
    }
  }
}

/** Serialisation may make plain byte arrays of buffers. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

let launcher: Launcher | undefined;

/** `runCommand` in this thread's launcher. Never rejects. */
export function launchCommand(command: Command): Promise<CommandResult> {
  launcher ??= new Launcher();
  const { cwd = process.cwd(), env = process.env as Readonly<Record<string, string>> } = command;
  return launcher.run({ ...command, cwd, env: { ...env } });
}
