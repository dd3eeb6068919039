/**
 * Codegen units in parallel: each worker thread compiles some of a program's units, from text to machine code.
 *
 * Text is what threads share: a worker parses the program, collects and partitions it as this thread would (both are deterministic), and
 * compiles the units that it is asked for. Modules come back in the units' order, so the result is the same at every number of threads.
 */

import { Worker } from "node:worker_threads";
import { printProgram } from "../mir/printer.ts";
import type { Program } from "../mir/program.ts";
import type { Options, Session } from "../session/session.ts";
import { prepareUnits, type StageClock, withBatchEntry } from "./base.ts";
import type { CodegenBackend, CompiledModule } from "./traits/backend.ts";

/** What a worker is started with. */
export interface WorkerJob {
  /** The program, with its batch entry. */
  readonly text: string;
  readonly options: Options;
  readonly triple: string;
  readonly faults: readonly string[];
  readonly backendModule: string;
  /** The numbers of the units to compile. */
  readonly units: readonly number[];
}

/** What a worker posts, once. */
export type WorkerAnswer =
  | { readonly kind: "done"; readonly modules: readonly CompiledModule[] }
  | { readonly kind: "failed"; readonly message: string; readonly stack: string | undefined };

/**
 * Compiles all units of `program` in `threads` worker threads. Undefined when that cannot be: one thread or one unit, LTO (which needs all
 * modules at once), bounded passes (which are counted in order), or a backend that does not support it.
 */
export async function compileInWorkers<M>(
  program: Program,
  session: Session,
  backend: CodegenBackend<M>,
  threads: number,
  clock: StageClock,
): Promise<readonly CompiledModule[] | undefined> {
  const { options, faults, target } = session;
  const { workerModule } = backend;
  if (
    threads <= 1 ||
    workerModule === undefined ||
    options.lto !== "no" ||
    options.optBisectLimit >= 0 ||
    options.dump.length > 0
  )
    return undefined;
  const batch = withBatchEntry(program);
  const count = prepareUnits(batch, session, clock).length;
  if (count <= 1) return undefined;
  const text = printProgram(batch);
  const workers = Math.min(threads, count);
  return clock.timeAsync("codegen", async () => {
    const answers = await Promise.all(
      Array.from({ length: workers }, (_, w) => {
        const units = Array.from({ length: count }, (_, unit) => unit).filter((unit) => unit % workers === w);
        return runWorker({ text, options, triple: target.triple, faults, backendModule: workerModule, units });
      }),
    );
    return Array.from({ length: count }, (_, unit) => answers[unit % workers]![Math.floor(unit / workers)]!);
  });
}

function runWorker(job: WorkerJob): Promise<readonly CompiledModule[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("parallel-worker.ts", import.meta.url), { workerData: job });
    worker.once("message", (answer: WorkerAnswer) => {
      if (answer.kind === "done") {
        resolve(answer.modules);
      } else {
        const error = new Error(answer.message);
        if (answer.stack !== undefined) error.stack = answer.stack;
        reject(error);
      }
    });
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`a codegen worker ended with status ${code}`)));
  });
}
