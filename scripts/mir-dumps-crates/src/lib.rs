//! Empty: the package exists for its dependencies, whose MIR `scripts/mir-dumps.ts` dumps.
