/** Where the time of a task goes: wall seconds by stage, and the process's CPU seconds over the whole. */

import { performance } from "node:perf_hooks";

export class Stopwatch {
  private readonly started = performance.now();
  private readonly cpu = process.threadCpuUsage();
  private readonly times = new Map<string, number>();

  async stage<T>(name: string, work: () => Promise<T> | T): Promise<T> {
    const from = performance.now();
    try {
      return await work();
    } finally {
      this.add(name, (performance.now() - from) / 1000);
    }
  }

  add(name: string, seconds: number): void {
    this.times.set(name, (this.times.get(name) ?? 0) + seconds);
  }

  read(): { seconds: number; cpuSeconds: number; stages: Record<string, number> } {
    const used = process.threadCpuUsage(this.cpu);
    return {
      seconds: (performance.now() - this.started) / 1000,
      cpuSeconds: (used.user + used.system) / 1e6,
      stages: Object.fromEntries([...this.times].sort(([a], [b]) => (a < b ? -1 : 1))),
    };
  }
}
