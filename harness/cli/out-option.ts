/** `--out`: where everything that is written goes. */

import { resolve } from "node:path";
import type { Command } from "commander";

export function addOutOption(command: Command): Command {
  return command.option("--out <dir>", "directory for results, findings and caches", "mirwatch-out");
}

export function outOf(options: { readonly out: string }): string {
  return resolve(options.out);
}
