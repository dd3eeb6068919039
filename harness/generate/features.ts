/**
 * Feature sets: which parts of the language the programs of a campaign may use.
 *
 * *Core* is what every code generator of ours compiles: scalars, tuples, arrays, structs, enums, thin pointers, direct and indirect calls,
 * loops, assertions. A *feature* adds one family of constructs, with the actions that make them (`policies.ts` gives their weights).
 */

/** One family of constructs outside of core. */
export type Feature =
  | "slices"
  | "str"
  | "traitObjects"
  | "closures"
  | "fnValues"
  | "generics"
  | "drops"
  | "unwinding"
  | "tailCalls"
  | "statics"
  | "constants"
  | "memory"
  | "heap"
  | "bits"
  | "floats"
  | "typeInfo"
  | "unions"
  | "simd"
  | "atomics"
  | "threads"
  | "recursive"
  | "zeroSized"
  | "borrows"
  | "signatures"
  | "layouts"
  | "unsizedTails"
  | "flow";

export const FEATURES: readonly Feature[] = [
  "slices",
  "str",
  "traitObjects",
  "closures",
  "fnValues",
  "generics",
  "drops",
  "unwinding",
  "tailCalls",
  "statics",
  "constants",
  "memory",
  "heap",
  "bits",
  "floats",
  "typeInfo",
  "unions",
  "simd",
  "atomics",
  "threads",
  "recursive",
  "zeroSized",
  "borrows",
  "signatures",
  "layouts",
  "unsizedTails",
  "flow",
];

/** `core`: none of the features; `full`: all of them. */
export type FeatureChoice = "core" | "full" | ReadonlySet<Feature>;

const NONE: ReadonlySet<Feature> = new Set();
const ALL: ReadonlySet<Feature> = new Set(FEATURES);

export function featureSet(choice: FeatureChoice): ReadonlySet<Feature> {
  if (choice === "core") return NONE;
  return choice === "full" ? ALL : choice;
}

/**
 * Reads a choice as a command line has it: `core`, `full`, or features separated by commas.
 *
 * @throws Error that names what is no feature.
 */
export function parseFeatures(text: string): FeatureChoice {
  if (text === "core" || text === "full") return text;
  const chosen = new Set<Feature>();
  for (const word of text.split(",")) {
    const feature = FEATURES.find((name) => name === word.trim());
    if (feature === undefined)
      throw new Error(`\`${word}\` is no feature: core, full, or some of ${FEATURES.join(", ")}`);
    chosen.add(feature);
  }
  return chosen;
}
