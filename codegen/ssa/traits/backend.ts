/**
 * `CodegenBackend`: what the driver asks of a backend. Each step may be synchronous (in-process) or a promise (real tools).
 *
 * The steps are rustc's: compile each codegen unit to a module of the backend's IR, run LTO over the modules, optimise, codegen to objects, link.
 * `Module` is the backend's own (native: IR functions; LLVM: text or bitcode files); the driver never looks inside.
 */

import type { LayoutPolicy } from "../../layout/policy.ts";
import type { CodegenUnit } from "../../monomorphize/partitioning.ts";
import type { Session } from "../../session/session.ts";
import type { SsaPolicy } from "../context.ts";
import type { BuilderMethods } from "./builder.ts";
import type { FunctionDecl } from "./types.ts";

export type MaybePromise<T> = T | Promise<T>;

/** A codegen unit on its way through a backend. */
export interface ModuleCodegen<Module> {
  readonly name: string;
  readonly module: Module;
}

/** The machine code of one module. In-process backends keep the object in memory; others name the file that holds it. */
export interface CompiledModule {
  readonly name: string;
  readonly object:
    | { readonly kind: "file"; readonly path: string }
    | { readonly kind: "bytes"; readonly bytes: Uint8Array }
    | { readonly kind: "memory"; readonly data: unknown };
  /** Bytes of machine code in it. */
  readonly textSize: number;
}

/** How a backend's module is filled: one function at a time. */
export interface ModuleBuilder<Module> {
  /** Starts the body of `decl`; the builder stands at block 0. */
  startFunction(decl: FunctionDecl): BuilderMethods;
  /** Ends the function that was started last. */
  finishFunction(): void;
  finish(): Module;
}

export interface CodegenBackend<Module> {
  readonly name: string;
  newModule(session: Session, unit: CodegenUnit): ModuleBuilder<Module>;
  /** LTO and optimisation over all modules of the program; what comes back is ready for `codegen`. The count may change (fat: one). */
  optimize(session: Session, modules: readonly ModuleCodegen<Module>[]): MaybePromise<readonly ModuleCodegen<Module>[]>;
  codegen(session: Session, module: ModuleCodegen<Module>): MaybePromise<CompiledModule>;
  /** Links to an executable at `output`, with the backend's runtime. */
  link(session: Session, modules: readonly CompiledModule[], output: string): MaybePromise<void>;

  /** What the layers before the backend are to do differently; absent: as they should. Only self-tests, which plant faults, set these. */
  readonly ssaPolicy?: SsaPolicy;
  readonly layoutPolicy?: LayoutPolicy;

  /**
   * A deep copy of a module that `newModule` made. A backend that offers it makes modules that depend on the unit and the target alone, so that
   * one can be the origin of many compilations of a program.
   */
  cloneModule?(module: Module): Module;
  /** Takes the memory of a module back that came out of `optimize` and went through `codegen`. */
  releaseModule?(module: Module): void;

  // What a backend may offer besides: threads, and other things to emit than objects and executables.

  /**
   * The URL of a module that exports `openBackend(faults: readonly string[]): CodegenBackend`, which makes this backend in another thread. Its `CompiledModule`s must
   * then survive a structured clone. Absent when the backend works in one thread only.
   */
  readonly workerModule?: string;

  /** What `--emit` calls the text that `printModule` gives. */
  readonly irKind?: "ir" | "llvm-ir";
  /** The IR of a module that came out of `optimize`. */
  printModule?(session: Session, module: ModuleCodegen<Module>): MaybePromise<string>;
  /** The assembly of a module that came out of `optimize`. */
  printAssembly?(session: Session, module: ModuleCodegen<Module>): MaybePromise<string>;
}
