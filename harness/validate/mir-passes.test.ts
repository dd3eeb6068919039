import { describe, expect, it } from "vitest";
import { MIR_PASSES, type MirOptLevel, type MirPassOptions } from "../../codegen/index.ts";
import { generateChecked } from "../generate/generate.ts";
import { onlyPass, validateMirPasses } from "./mir-passes.ts";

const PROGRAMS = 60;

/** Passes that find nothing to do in a program as it is generated: they clean up behind others, or wait for drops and large enums. */
const NEED_OTHERS: ReadonlySet<string> = new Set([
  "JumpThreading",
  "SimplifyLocals-final",
  "RemoveUnneededDrops",
  "RemoveNoopLandingPads",
  "EnumSizeOpt",
]);

function divergences(
  options: MirPassOptions,
  features: "core" | "full" = "core",
): { readonly changed: number; readonly found: string[] } {
  const found: string[] = [];
  let changed = 0;
  for (let seed = 0; seed < PROGRAMS; seed++) {
    const generated = generateChecked(seed, { features });
    const counting = {
      ...options,
      onPass: (execution: { readonly changed: boolean }): void => {
        if (execution.changed) changed++;
      },
    };
    for (const { entry, after } of validateMirPasses(generated, counting)) {
      const why = after.outcome.kind === "ub" ? ` ${after.outcome.error.kind}: ${after.outcome.error.message}` : "";
      found.push(`seed ${seed}, ${entry.name}: ${after.outcome.kind}${why}`);
    }
  }
  return { changed, found };
}

describe("MIR passes over random programs", () => {
  for (const { name } of MIR_PASSES) {
    it(`${name} alone changes nothing that is observed`, () => {
      const { changed, found } = divergences(onlyPass(name));
      expect(found).toEqual([]);
      if (!NEED_OTHERS.has(name)) expect(changed).toBeGreaterThan(0);
    });
  }

  for (const level of [1, 2, 3, 4] as const satisfies readonly MirOptLevel[]) {
    it(`mir-opt-level ${level} changes nothing that is observed`, () => {
      const { changed, found } = divergences({ mirOptLevel: level, verify: true });
      expect(found).toEqual([]);
      expect(changed).toBeGreaterThan(PROGRAMS);
      expect(divergences({ mirOptLevel: level, verify: true }, "full").found).toEqual([]);
    });
  }
});
