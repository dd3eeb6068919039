/** The command line as a user meets it: exit statuses, messages, and what survives a kill or a full disk. */

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { main } from "./main.ts";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const BIN = join(ROOT, "bin", "mirwatch.js");
const HOST = "x86_64-unknown-linux-gnu";

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "mirwatch-cli-"));
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function mirwatch(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    encoding: "utf8",
    env,
    timeout: 110_000,
  });
  return { status, stdout, stderr };
}

/** The same without a process of its own, for what ends in the main thread. */
async function inProcess(args: readonly string[]): Promise<Ran> {
  const texts = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      texts[name] += String(text);
      return true;
    }),
  );
  try {
    return { status: await main(args), ...texts };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

interface Summary {
  readonly programs: number;
  readonly configurations: number;
  readonly runs: number;
  readonly verdicts: Record<string, number>;
  readonly skipped: Record<string, number>;
  readonly findings: readonly string[];
}

function lastJson(text: string): Summary {
  return JSON.parse(text.trimEnd().split("\n").at(-1) ?? "") as Summary;
}

function counts({ programs, configurations, runs, verdicts, skipped, findings }: Summary): Summary {
  return { programs, configurations, runs, verdicts, skipped, findings };
}

const HUNT = [
  "hunt",
  "--subjects",
  "native",
  "--targets",
  HOST,
  "--seed",
  "7",
  "--json",
  "--opt-levels",
  "0,2",
  "--codegen-units",
  "1,4",
  "--lto",
  "no,thin",
];

/** A hunt in tasks of one program, each through the 8 configurations at one level of MIR optimisation. */
const WHOLE = [...HUNT, "--programs", "9", "--batch", "1", "--jobs", "1"];
const WHOLE_TASKS = 9;

let known: Summary | undefined;

/** What that hunt counts, undisturbed; run once. */
function whole(): Summary {
  if (known === undefined) {
    const ran = mirwatch([...WHOLE, "--out", join(directory, "whole")]);
    expect(ran.status, ran.stderr).toBe(0);
    known = counts(lastJson(ran.stdout));
    expect(known).toMatchObject({ programs: 9, configurations: 24, runs: 72, verdicts: { agree: 72 } });
  }
  return known;
}

const PROGRAM = `fn main() -> () {
    let mut _0: ();
    let mut _1: i32;

    bb0: {
        _1 = black_box::<i32>(const 7_i32) -> [return: bb1, unwind unreachable];
    }

    bb1: {
        _0 = observe::<i32>(const 3_u32, copy _1) -> [return: bb2, unwind unreachable];
    }

    bb2: {
        return;
    }
}
`;

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

describe("mirwatch run", () => {
  test("prints the events", () => {
    const ran = mirwatch(["run", file("good.mir", PROGRAM)]);
    expect(ran).toMatchObject({ status: 0, stderr: "" });
    expect(ran.stdout).toContain("observe 3: i32 7");
  });

  test("malformed MIR: what, where and the line, exit status 2", async () => {
    const path = file("bad.mir", PROGRAM.replace("const 7_i32", "konst 7_i32"));
    const ran = await inProcess(["run", path]);
    expect(ran.status).toBe(2);
    expect(ran.stderr).toContain(`${path}:6:`);
    expect(ran.stderr).toContain("_1 = black_box::<i32>(konst 7_i32)");
    expect(ran.stderr).not.toContain("at parse");
  });

  test("MIR that is ill-typed is told apart from MIR that is not understood", async () => {
    const ran = await inProcess(["run", file("typed.mir", PROGRAM.replace("let mut _1: i32", "let mut _1: u8"))]);
    expect(ran.status).toBe(2);
    expect(ran.stderr).toMatch(/typed\.mir:\d+:\d+/);
  });

  test("undefined behaviour is an error with its place", async () => {
    const text = PROGRAM.replace("_0 = observe", "unreachable;\n    }\n\n    bb3: {\n        _0 = observe");
    const ran = await inProcess(["run", file("ub.mir", text)]);
    expect(ran.status).toBe(2);
    expect(ran.stderr).toContain("undefined behaviour");
  });

  test("a file that is not there, an unknown option and an unknown command end with status 2", async () => {
    expect((await inProcess(["run", join(directory, "absent.mir")])).status).toBe(2);
    expect((await inProcess(["run", "--frobnicate", "x"])).status).toBe(2);
    expect(mirwatch(["frobnicate"]).status).toBe(2);
  });
});

describe("mirwatch gen", () => {
  test("one seed and number, one text; and it interprets", async () => {
    const first = mirwatch(["gen", "--seed", "5", "--program", "3"]);
    const again = await inProcess(["gen", "--seed", "5", "--program", "3"]);
    expect(first.status).toBe(0);
    expect(again.stdout).toBe(first.stdout);
    expect((await inProcess(["run", file("gen.mir", first.stdout)])).status).toBe(0);
  });
});

describe("mirwatch check", () => {
  test("a program in every configuration of the own backend", () => {
    const ran = mirwatch([
      "check",
      join(directory, "good.mir"),
      "--subjects",
      "native",
      "--json",
      "--out",
      join(directory, "check"),
    ]);
    expect(ran.status).toBe(0);
    expect(lastJson(ran.stdout)).toMatchObject({
      programs: 1,
      configurations: 108,
      runs: 108,
      verdicts: { agree: 108 },
    });
  });
});

describe("mirwatch hunt", () => {
  test("unknown targets and subjects are named, with what there is", async () => {
    const target = await inProcess([...HUNT, "--targets", "pdp11-unknown-unix", "--out", join(directory, "u")]);
    expect(target.status).toBe(2);
    expect(target.stderr).toContain("pdp11-unknown-unix");
    expect(target.stderr).toContain(HOST);
    const subject = await inProcess(["hunt", "--subjects", "tcc", "--programs", "1", "--out", join(directory, "u")]);
    expect(subject.status).toBe(2);
    expect(subject.stderr).toContain("'tcc' was not found");
  });

  test("the same totals each time, however many workers", () => {
    const ran = mirwatch([...WHOLE, "--jobs", "2", "--out", join(directory, "jobs2")]);
    expect(ran.status, ran.stderr).toBe(0);
    expect(counts(lastJson(ran.stdout))).toEqual(whole());
  });

  test("killed in the middle and resumed: nothing counted twice, nothing lost", async () => {
    const out = join(directory, "killed");
    const child = spawn(process.execPath, [BIN, ...WHOLE, "--out", out], { stdio: "ignore", detached: true });
    const done = await waitForTasks(join(out, "mirwatch.sqlite"), 2);
    process.kill(-child.pid!, "SIGKILL");
    expect(done).toBeLessThan(WHOLE_TASKS);

    const resumed = mirwatch([...WHOLE, "--out", out, "--resume"]);
    expect(resumed.status, resumed.stderr).toBe(0);
    expect(counts(lastJson(resumed.stdout))).toEqual(whole());
    // Once it is finished, there is nothing to resume.
    expect(mirwatch([...WHOLE, "--out", out, "--resume"]).stderr).toContain("no unfinished hunt");
  });

  test("without any system tool it does its main job, and the doctor says what is missing", () => {
    const env = { ...process.env, PATH: join(directory, "no-tools") };
    const ran = mirwatch(["hunt", "--seed", "1", "--programs", "4", "--json", "--out", join(directory, "bare")], env);
    expect(ran.status, ran.stderr).toBe(0);
    expect(lastJson(ran.stdout)).toMatchObject({ programs: 4, runs: 144 });
    const doctor = JSON.parse(mirwatch(["doctor", "--json", "--out", join(directory, "bare")], env).stdout) as {
      subjects: { name: string }[];
      missing: { name: string; install: string }[];
    };
    expect(doctor.subjects.map((subject) => subject.name)).toEqual(["native"]);
    expect(doctor.missing.map((tool) => tool.name)).toEqual(expect.arrayContaining(["LLVM 19", "qemu-user", "rustc"]));
    for (const tool of doctor.missing) expect(tool.install).toMatch(/^apt-get install /);
  });

  test("a full disk: a clear message, and once there is room the hunt goes on", async () => {
    const disk = join(directory, "disk");
    mkdirSync(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", disk]);
    try {
      const env = { ...process.env, TMPDIR: disk };
      const args = [...HUNT, "--programs", "6", "--batch", "3", "--jobs", "1", "--out", join(directory, "fullout")];
      writeFileSync(join(disk, "ballast"), Buffer.alloc(2 * 1024 * 1024 - 8192));
      const full = mirwatch(args, env);
      expect(full.status).toBe(2);
      expect(full.stderr).toMatch(/no space left/);
      expect(Object.keys(lastJson(full.stdout).skipped).join()).toMatch(/no space left/);
      rmSync(join(disk, "ballast"));
      const resumed = mirwatch([...args, "--resume"], env);
      expect(resumed.status, resumed.stderr).toBe(0);
      expect(lastJson(resumed.stdout)).toMatchObject({ programs: 6, runs: 48, verdicts: { agree: 48 } });
    } finally {
      execFileSync("umount", [disk]);
    }
  });
});

/** Waits until the store knows at least `count` finished tasks; how many it knows then. */
async function waitForTasks(store: string, count: number): Promise<number> {
  for (let i = 0; i < 600; i++) {
    await sleep(50);
    if (!existsSync(store)) continue;
    try {
      const database = new DatabaseSync(store, { readOnly: true });
      const row = database.prepare("SELECT count(*) AS n FROM task").get() as { n: number };
      database.close();
      if (row.n >= count) return row.n;
    } catch {
      // The store is just being made.
    }
  }
  throw new Error("the hunt did not get anywhere");
}
