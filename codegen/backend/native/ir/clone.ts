/** Copies of functions and modules. */

import type { IrFunction, IrModule } from "./function.ts";

/** A deep copy. */
export function cloneFunction(fn: IrFunction): IrFunction {
  return fn.clone();
}

/** A deep copy of all functions. */
export function cloneModule(module: IrModule): IrModule {
  return { ...module, functions: module.functions.map(cloneFunction) };
}

/** Gives the memory of all functions back. None of them must be used any more. */
export function releaseModule(module: IrModule): void {
  for (const fn of module.functions) fn.release();
}
