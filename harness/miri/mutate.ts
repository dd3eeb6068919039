/**
 * Generated programs, mutated towards undefined behaviour.
 *
 * A mutant is a generated program with one entry point and one or two changes where that entry's run goes. It has the types it had, so that rustc takes
 * it; whether it still means something is for the interpreters to say. A mutant is a function of its seed.
 */

import { type FnItem, HOST_TARGET, LayoutCx, newTyCtxt, type Program, verifyProgram } from "../../codegen/index.ts";
import { type FeatureChoice, featureSet } from "../generate/features.ts";
import { generateChecked } from "../generate/generate.ts";
import { Rng } from "../generate/rng.ts";
import { makeComparable } from "./comparable.ts";
import type { Mutation, Site } from "./mutation.ts";
import { CALL_MUTATIONS } from "./mutations/calls.ts";
import { POINTER_MUTATIONS } from "./mutations/pointers.ts";
import { STORAGE_MUTATIONS } from "./mutations/storage.ts";
import { VALUE_MUTATIONS } from "./mutations/values.ts";
import { OpenBody } from "./open-body.ts";

export const MUTATIONS: readonly Mutation[] = [
  ...POINTER_MUTATIONS,
  ...VALUE_MUTATIONS,
  ...STORAGE_MUTATIONS,
  ...CALL_MUTATIONS,
];

export interface Mutant {
  readonly program: Program;
  readonly entry: FnItem;
  /** The names of the mutations; none when nothing fitted. */
  readonly mutations: readonly string[];
}

export interface MutantOptions {
  readonly features: FeatureChoice;
  /** Statements of the generated program, roughly. */
  readonly size: number;
  /** The release of rustc whose layouts types have. */
  readonly release?: string;
}

const MUTATION_STREAM = 3_000;
/** Of 100 mutants, how many have a second change. */
const SECOND_CHANGE = 25;
const MAX_TRIES = 12;

/** The mutant of `seed`. */
export function makeMutant(seed: number, { features, size, release }: MutantOptions): Mutant {
  const tcx = newTyCtxt(release);
  const rng = new Rng(seed, MUTATION_STREAM);
  const {
    program: whole,
    runs,
    ran,
  } = generateChecked(seed, { features: featureSet(features), size, tcx, coverage: true });
  const { entry } = rng.pick(runs);
  const others = new Set(runs.filter((run) => run.entry !== entry).map((run) => run.entry));
  const program = { ...whole, functions: whole.functions.filter((item) => !others.has(item)) };
  const layout = new LayoutCx(tcx, HOST_TARGET.dataLayout);
  const mutations: string[] = [];
  const wanted = rng.chance(SECOND_CHANGE) ? 2 : 1;
  for (let tries = 0; mutations.length < wanted && tries < MAX_TRIES; tries++) {
    const mutation = rng.pick(MUTATIONS);
    if (mutateOnce({ program, layout, rng, ran }, mutation)) mutations.push(mutation.name);
  }
  makeComparable(program);
  return { program, entry, mutations };
}

interface MutateCx {
  readonly program: Program;
  readonly layout: LayoutCx;
  readonly rng: Rng;
  readonly ran: ReadonlyMap<FnItem, Uint8Array>;
}

/** Makes one change of the kind; false when none fits, or what came out is no program. */
function mutateOnce({ program, layout, rng, ran }: MutateCx, mutation: Mutation): boolean {
  const choices = program.functions.flatMap((item) => {
    const blocks = ran.get(item);
    if (item.body === undefined || blocks === undefined || item.generics.length > 0) return [];
    const body = new OpenBody(item.body, program.tcx);
    const numbers = [...blocks.keys()].filter((i) => blocks[i] === 1 && i < body.blocks.length);
    const site: Site = { body, item, tcx: program.tcx, layout, program, rng, ran: numbers };
    return mutation.sites(site).map((edit) => ({ item, body, edit }));
  });
  if (choices.length === 0) return false;
  const { item, body, edit } = rng.pick(choices);
  const before = item.body;
  edit();
  item.body = body.close();
  if (verifyProgram(program).length === 0) return true;
  item.body = before;
  return false;
}
