/** The worker thread of `parallel.ts`: compiles the units that it is started with, and posts them. */

import { parentPort, workerData } from "node:worker_threads";
import { bug } from "../entity/entity.ts";
import { parseProgram } from "../mir/parser.ts";
import { Session } from "../session/session.ts";
import { targetByTriple } from "../target/spec.ts";
import { compileCodegenUnit, layoutsFor, prepareUnits } from "./base.ts";
import type { WorkerAnswer, WorkerJob } from "./parallel.ts";
import type { CodegenBackend, CompiledModule } from "./traits/backend.ts";

interface BackendModule {
  readonly openBackend: (faults: readonly string[]) => CodegenBackend<unknown>;
}

async function compileUnits(job: WorkerJob): Promise<CompiledModule[]> {
  const { openBackend } = (await import(job.backendModule)) as BackendModule;
  const backend = openBackend(job.faults);
  const session = new Session(job.options, targetByTriple(job.triple), { faults: job.faults });
  const program = parseProgram(job.text);
  const units = prepareUnits(program, session);
  const layouts = layoutsFor(program, session, backend);
  const compiled: CompiledModule[] = [];
  for (const number of job.units) {
    const unit = units[number];
    if (unit === undefined) throw bug(`no codegen unit ${number}`);
    const optimized = await backend.optimize(session, [compileCodegenUnit(session, backend, layouts, unit)]);
    if (optimized.length !== 1) throw bug(`${optimized.length} modules of one codegen unit`);
    compiled.push(await backend.codegen(session, optimized[0]!));
  }
  return compiled;
}

async function answer(job: WorkerJob): Promise<WorkerAnswer> {
  try {
    return { kind: "done", modules: await compileUnits(job) };
  } catch (error) {
    const { message, stack } = error as Error;
    return { kind: "failed", message, stack };
  }
}

parentPort?.postMessage(await answer(workerData as WorkerJob));
