/** A module of the LLVM backend, from function by function to text. */

import type { ModuleBuilder } from "../../ssa/traits/backend.ts";
import type { BuilderMethods } from "../../ssa/traits/builder.ts";
import type { FunctionDecl } from "../../ssa/traits/types.ts";
import { Builder } from "./builder.ts";
import { CodegenCx, type ModuleOptions } from "./context.ts";

/** A module on its way: text in memory, a file that `llc` or ld.lld reads, or an object. */
export type LlvmModule =
  | { readonly kind: "text"; readonly text: string; readonly hasAlwaysInline: boolean }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "object"; readonly path: string; readonly textSize: number };

/** A module that is filled function by function. */
export function newLlvmModule(name: string, options: ModuleOptions): ModuleBuilder<LlvmModule> {
  const cx = new CodegenCx(name, options);
  const builder = new Builder(cx);
  return {
    startFunction: (decl: FunctionDecl): BuilderMethods => {
      builder.start(decl);
      return builder;
    },
    finishFunction: () => builder.finish(),
    finish: () => ({ kind: "text", text: cx.finish(), hasAlwaysInline: cx.hasAlwaysInline }),
  };
}
