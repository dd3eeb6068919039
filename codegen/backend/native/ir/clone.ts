/**
 * Copies of functions, and their way through `postMessage`: a structured clone keeps the tables and loses the class.
 */

import { IrFunction, type IrModule } from "./function.ts";

/** Gives the tables of a function, as structured cloning left them, their methods again. The tables are taken over, not copied. */
export function reviveFunction(data: IrFunction): IrFunction {
  return Object.assign(new IrFunction(data.symbol, data.signature), data);
}

/** The same for all functions of a module. */
export function reviveModule(data: IrModule): IrModule {
  return { ...data, functions: data.functions.map(reviveFunction) };
}

/** A deep copy. */
export function cloneFunction(fn: IrFunction): IrFunction {
  return reviveFunction(structuredClone(Object.assign({}, fn)));
}

/** A deep copy of all functions. */
export function cloneModule(module: IrModule): IrModule {
  return { ...module, functions: module.functions.map(cloneFunction) };
}
