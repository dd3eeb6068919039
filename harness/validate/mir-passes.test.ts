import { beforeAll, describe, expect, it } from "vitest";
import type { MirOptLevel, MirPassOptions } from "../../codegen/index.ts";
import { type GeneratedProgram, generateChecked } from "../generate/generate.ts";
import { seasoned, validateMirPasses } from "./mir-passes.ts";
import { PassTally } from "./pass-tally.ts";
import { atLevel, basePassName, onlyPass, PASS_NAMES, randomPipeline } from "./pipelines.ts";

/** Of each feature set; every other one is seasoned. */
const PROGRAMS = 10;

/** Generated programs have no `<[T]>::len`, and hardly an enum that is large enough: these passes have their filetests. */
const IDLE: ReadonlySet<string> = new Set(["LowerSliceLenCalls", "EnumSizeOpt"]);

describe("MIR passes over random programs", () => {
  const programs: GeneratedProgram[] = [];
  beforeAll(() => {
    for (let seed = 0; seed < PROGRAMS; seed++) {
      for (const features of ["core", "full"] as const) {
        const generated = generateChecked(seed, { features });
        if (seed % 2 === 1) seasoned(generated, seed);
        programs.push(generated);
      }
    }
  });

  function expectAgreement(tally: PassTally, options: (seed: number) => MirPassOptions): void {
    const found: string[] = [];
    programs.forEach((generated, i) => {
      for (const { entry, after } of validateMirPasses(generated, tally.counting(options(i)))) {
        const why = after.outcome.kind === "ub" ? ` ${after.outcome.error.kind}: ${after.outcome.error.message}` : "";
        found.push(`program ${i}, ${entry.name}: ${after.outcome.kind}${why}`);
      }
      tally.programDone();
    });
    expect(found).toEqual([]);
  }

  it.for(PASS_NAMES)("%s alone changes nothing that is observed", (name) => {
    expectAgreement(new PassTally(), () => onlyPass(name));
  });

  it.for([
    1, 2, 3, 4,
  ] as const satisfies readonly MirOptLevel[])("mir-opt-level %i changes nothing that is observed", (level) => {
    expectAgreement(new PassTally(), () => atLevel(level));
  });

  it("random pipelines change nothing that is observed, and every pass changes something in one of them", () => {
    const tally = new PassTally();
    for (let index = 0; index < 4; index++) expectAgreement(tally, (seed) => randomPipeline(seed, index));
    const idle = PASS_NAMES.map(basePassName).filter((name) => tally.of(name).programs === 0 && !IDLE.has(name));
    expect(idle).toEqual([]);
  });
});
