/** What a worker thread that compiles codegen units loads: see `CodegenBackend.workerModule`. */

import type { CodegenBackend } from "../../ssa/traits/backend.ts";
import { nativeBackend } from "./index.ts";
import type { IrModule } from "./ir/function.ts";

export function openBackend(faults: readonly string[] = []): CodegenBackend<IrModule> {
  return nativeBackend(faults);
}
