import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Command, type CommandResult, runCommand, shellQuote } from "./command.ts";

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "mirwatch-command-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function sh(script: string, extra: Partial<Command> = {}): Promise<CommandResult> {
  return runCommand({
    program: "/bin/sh",
    args: ["-c", script],
    timeLimit: 20_000,
    outputLimit: 1 << 20,
    errorLimit: 1 << 16,
    ...extra,
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie that init has not collected yet is dead too.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

/** Waits for a killed process to end; true when it has. */
async function ends(pid: number): Promise<boolean> {
  for (let i = 0; i < 100 && isAlive(pid); i++) await new Promise((r) => setTimeout(r, 10));
  return !isAlive(pid);
}

async function pidIn(file: string): Promise<number> {
  for (let i = 0; i < 100 && !(existsSync(file) && readFileSync(file, "utf8").endsWith("\n")); i++)
    await new Promise((r) => setTimeout(r, 10));
  return Number(readFileSync(file, "utf8"));
}

describe("the end of a child", () => {
  test("status, output and error text come back", async () => {
    const result = await sh("printf out; printf err >&2; exit 7");
    expect(result).toMatchObject({
      status: 7,
      signal: undefined,
      timedOut: false,
      outputExceeded: false,
      startError: undefined,
    });
    expect(result.stdout.toString()).toBe("out");
    expect(result.stderr.toString()).toBe("err");
    expect(result.argv).toEqual(["/bin/sh", "-c", "printf out; printf err >&2; exit 7"]);
  });

  test("a signal is told by name, with and without a memory limit", async () => {
    expect(await sh("kill -SEGV $$")).toMatchObject({ status: undefined, signal: "SIGSEGV" });
    expect(await sh("kill -ABRT $$", { memoryLimit: 1 << 30 })).toMatchObject({ status: undefined, signal: "SIGABRT" });
  });

  test("a program that is not there is a result", async () => {
    const missing = await runCommand({
      program: join(directory, "none"),
      args: [],
      timeLimit: 1000,
      outputLimit: 10,
      errorLimit: 10,
    });
    expect(missing.startError).toBe("ENOENT");
    expect(missing.status).toBeUndefined();
    const limited = await runCommand({
      program: join(directory, "none"),
      args: [],
      timeLimit: 1000,
      outputLimit: 10,
      errorLimit: 10,
      memoryLimit: 1 << 30,
    });
    expect(limited.startError).toBe("ENOENT");
  });

  test("the environment and the directory are those that were asked for", async () => {
    const result = await sh('printf "%s|%s" "$PWD" "$A"', { env: { A: "b c" }, cwd: directory });
    expect(result.stdout.toString()).toBe(`${directory}|b c`);
  });
});

describe("limits", () => {
  test("a child that sleeps is killed with its children", async () => {
    const file = join(directory, "sleeper");
    const result = await sh(`sleep 1000 & echo $! > ${file}; wait`, { timeLimit: 300 });
    expect(result).toMatchObject({ timedOut: true, signal: "SIGKILL" });
    expect(result.seconds).toBeLessThan(10);
    expect(await ends(await pidIn(file))).toBe(true);
  });

  test("a child that spins is killed", async () => {
    expect(await sh("while :; do :; done", { timeLimit: 200 })).toMatchObject({ timedOut: true, signal: "SIGKILL" });
  });

  test("what a child leaves behind in its group ends with it", async () => {
    const file = join(directory, "orphan");
    const result = await sh(`sleep 1000 >/dev/null 2>&1 & echo $! > ${file}`);
    expect(result).toMatchObject({ status: 0, timedOut: false });
    const pid = await pidIn(file);
    expect(await ends(pid)).toBe(true);
  });

  test("a process that leaves the group and holds the pipes does not hold the caller", async () => {
    const file = join(directory, "escaped");
    const result = await sh(`setsid sh -c 'echo $$ > ${file}; exec sleep 1000' & wait`, { timeLimit: 500 });
    expect(result.timedOut).toBe(true);
    expect(result.seconds).toBeLessThan(10);
    const pid = await pidIn(file);
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, "SIGKILL");
  });

  test("output without end is cut at the limit, and ends the child", async () => {
    const result = await sh("yes 0123456", { outputLimit: 100_000 });
    expect(result).toMatchObject({ outputExceeded: true, timedOut: false, signal: "SIGKILL" });
    expect(result.stdout.length).toBe(100_000);
    expect(result.stdout.subarray(-16).toString()).toBe("0123456\n0123456\n");
  });

  test("output of exactly the limit is whole", async () => {
    const result = await sh("head -c 4096 /dev/zero", { outputLimit: 4096 });
    expect(result).toMatchObject({ outputExceeded: false, status: 0 });
    expect(result.stdout.length).toBe(4096);
  });

  test("a gigabyte of error text is bounded: head and tail stay", async () => {
    const result = await sh("echo first >&2; head -c 1073741824 /dev/zero >&2; echo last >&2", { errorLimit: 1000 });
    expect(result.status).toBe(0);
    expect(result.stderr.length).toBeLessThan(1100);
    expect(result.stderr.toString()).toMatch(/^first\n/);
    expect(result.stderr.toString()).toMatch(/bytes left out/);
    expect(result.stderr.toString()).toMatch(/last\n$/);
  });

  test("memory without end is refused", async () => {
    const grow = "x=0123456789abcdef; while :; do x=$x$x; done";
    const result = await sh(grow, { memoryLimit: 64 << 20 });
    expect(result.timedOut).toBe(false);
    expect(result.status ?? 1).not.toBe(0);
    expect((await sh("x=0123456789abcdef; echo $x", { memoryLimit: 64 << 20 })).status).toBe(0);
  });
});

test("a quoted command line gives the shell the same words", async () => {
  const word = fc.string({ unit: "binary-ascii", maxLength: 12 }).filter((s) => !s.includes("\0") && !s.includes("\n"));
  await fc.assert(
    fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 5 }), async (words) => {
      const result = await sh(`printf '%s\\n' ${shellQuote(words)}`);
      expect(result.stdout.toString()).toBe(words.map((w) => `${w}\n`).join(""));
    }),
    { numRuns: 30 },
  );
});
