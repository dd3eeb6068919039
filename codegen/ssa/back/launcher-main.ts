/** The launcher's process: runs each command that it is sent, and answers with the result. See `launcher.ts`. */

import { killRunning, runCommand } from "./command.ts";
import type { LaunchAnswer, LaunchRequest } from "./launcher.ts";

process.on("message", ({ id, command }: LaunchRequest) => {
  runCommand(command).then((result) => {
    if (process.connected) process.send!({ id, result } satisfies LaunchAnswer);
  });
});

process.on("disconnect", () => {
  killRunning();
  process.exit();
});
