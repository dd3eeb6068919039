import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Command, runCommand } from "./command.ts";
import { launchCommand } from "./launcher.ts";

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "mirwatch-launcher-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const LIMITS = { timeLimit: 20_000, outputLimit: 1 << 22, errorLimit: 1 << 16 };

function sh(script: string, extra: Partial<Command> = {}): Command {
  return { program: "/bin/sh", args: ["-c", script], ...LIMITS, ...extra };
}

function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

/** Waits for processes to end; true when they have. */
async function end(pids: readonly number[]): Promise<boolean> {
  for (let i = 0; i < 300 && pids.some(isAlive); i++) await new Promise((r) => setTimeout(r, 10));
  return !pids.some(isAlive);
}

test("a launched command gives what one that is run from here gives", async () => {
  const commands = [
    sh("printf out; printf err >&2; exit 7"),
    sh("kill -SEGV $$"),
    sh("sleep 60", { timeLimit: 50 }),
    sh("pwd; env | sort | grep -v '^_='"),
    sh("pwd; echo $X", { cwd: "/", env: { X: "1" }, memoryLimit: 1 << 30 }),
    sh("head -c 3000000 /dev/zero"),
    sh("yes", { outputLimit: 1000 }),
    sh("true", { program: "/nowhere/none" }),
  ];
  const [launched, here] = await Promise.all([
    Promise.all(commands.map(launchCommand)),
    Promise.all(commands.map(runCommand)),
  ]);
  launched.forEach((result, i) => {
    expect({ ...result, seconds: 0 }).toEqual({ ...here[i]!, seconds: 0 });
    expect(Buffer.isBuffer(result.stdout)).toBe(true);
  });
});

test("a launcher that is killed is replaced, and what it was asked is answered", async () => {
  // The first run kills its parent, the launcher; the second has this process as its parent.
  const script = `if grep -q launcher-main /proc/$PPID/cmdline; then kill -9 $PPID; sleep 60; else echo here; fi`;
  expect((await launchCommand(sh(script))).stdout.toString()).toBe("here\n");
  expect((await launchCommand(sh("echo $PPID"))).stdout.toString()).not.toBe(`${process.pid}\n`);
});

/** A program that launches a command which tells its launcher's process and its own, and stays. */
function longRun(file: string): string {
  const launcher = new URL("launcher.ts", import.meta.url).href;
  const command = JSON.stringify(sh(`echo $PPID $$ > ${file}; sleep 60`));
  return `import(${JSON.stringify(launcher)}).then((m) => m.launchCommand(${command}));`;
}

async function pidsIn(file: string): Promise<number[]> {
  for (let i = 0; i < 1000 && !(existsSync(file) && readFileSync(file, "utf8").endsWith("\n")); i++)
    await new Promise((r) => setTimeout(r, 10));
  return readFileSync(file, "utf8").split(" ").map(Number);
}

test("a process that is killed takes its launcher and the launcher's commands along", async () => {
  const file = join(directory, "process");
  const child = spawn(process.execPath, ["-e", longRun(file)], { stdio: "ignore" });
  const pids = await pidsIn(file);
  expect(pids.every(isAlive)).toBe(true);
  child.kill("SIGKILL");
  expect(await end(pids)).toBe(true);
});

test("so does a thread that is ended", async () => {
  const file = join(directory, "thread");
  const worker = new Worker(longRun(file), { eval: true });
  const pids = await pidsIn(file);
  expect(pids.every(isAlive)).toBe(true);
  await worker.terminate();
  expect(await end(pids)).toBe(true);
});
