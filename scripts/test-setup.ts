/**
 * What every test file starts with: properties draw their cases from one seed, so that a run can be had again.
 *
 * `MIRWATCH_TEST_SEED` chooses another; a property that fails prints the seed and the path of its counterexample.
 */
import fc from "fast-check";

const DEFAULT_SEED = 1;

const chosen = process.env.MIRWATCH_TEST_SEED;
const seed = chosen === undefined ? DEFAULT_SEED : Number(chosen);
if (!Number.isInteger(seed)) throw new Error(`MIRWATCH_TEST_SEED is a whole number, not '${chosen}'`);

fc.configureGlobal({ seed });
