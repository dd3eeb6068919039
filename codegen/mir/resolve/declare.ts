/**
 * Rust items into a `World`, in steps, so that items can mention each other in any order: names, then what types say of each other (heads of traits and
 * impls, fields), then signatures. Bodies come last, in `program.ts`.
 */

import type { RustItem } from "../rust/ast.ts";
import { declareAdt, declareAlias } from "./declare-adts.ts";
import type { AttemptStep, DeclareCx, Declared } from "./declare-cx.ts";
import { declareFn, declareGlobal } from "./declare-fns.ts";
import { declareImpl, declareTrait } from "./declare-traits.ts";
import type { World } from "./world.ts";

export class Declarer {
  private readonly cx: DeclareCx;

  constructor(world: World, attempt: AttemptStep, prelude: boolean) {
    const declared = { adts: [], traits: [], impls: [], fns: [], globals: [], aliases: [] };
    const steps = { heads: [], types: [], signatures: [], params: [] };
    this.cx = { world, attempt, prelude, declared, steps };
  }

  /** What was declared, in source order. */
  get declared(): Declared {
    return this.cx.declared;
  }

  /** Declares `items`, but for what functions take and return. */
  run(items: readonly RustItem[]): void {
    for (const item of items) this.cx.attempt(nameOf(item), () => this.name(item));
    for (const step of ["heads", "types", "signatures"] as const) this.runSteps(step);
  }

  /** Gives functions their parameters and results: closures are known by then, whose types are named in them. */
  finish(): void {
    this.runSteps("params");
  }

  private runSteps(step: keyof DeclareCx["steps"]): void {
    for (const { name, run, made } of this.cx.steps[step].splice(0)) this.cx.attempt(name, run, made);
  }

  private name(item: RustItem): void {
    const { cx } = this;
    switch (item.kind) {
      case "struct":
      case "enum":
      case "union":
        declareAdt(cx, item);
        break;
      case "trait":
        declareTrait(cx, item);
        break;
      case "impl":
        declareImpl(cx, item);
        break;
      case "type":
        declareAlias(cx, item);
        break;
      case "fn":
        cx.steps.signatures.push({ name: item.name, run: () => declareFn(cx, item, undefined, undefined) });
        break;
      case "const":
      case "static":
        if (item.init.kind === "rust") cx.world.constTexts.add(item.name, item.init.text);
        cx.steps.signatures.push({ name: item.name, run: () => declareGlobal(cx, item, undefined, undefined) });
    }
  }
}

function nameOf(item: RustItem): string {
  return item.kind === "impl" ? "" : item.name;
}
