#!/usr/bin/env node
// Starts the pinned Node runtime on the command's TypeScript source, with V8's compile cache on.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const runtime = createRequire(import.meta.url).resolve("node/bin/node");
const env = { NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "mirwatch"), ...process.env };
const child = spawn(runtime, [join(root, "harness", "cli", "start.ts"), ...process.argv.slice(2)], {
  stdio: "inherit",
  env,
});
// A terminal sends Ctrl-C to the child too; other signals are passed on, so that its state is saved.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("error", (error) => {
  process.stderr.write(`error: cannot start the pinned runtime: ${error.message}\n = help: run npm ci\n`);
  process.exit(2);
});
child.on("exit", (code, signal) => {
  if (signal !== null) process.kill(process.pid, signal);
  else process.exit(code ?? 2);
});
