import { expect, it } from "vitest";
import { Table } from "./comparison.ts";

it("counts what each side says, and why programs were skipped", () => {
  const table = new Table();
  const place = { message: "", place: "" };
  const freed = { kind: "ub", message: "memory access failed: alloc1 has been freed", at: "" } as const;
  table.add({ kind: "ub", ub: "invalidDealloc", ...place }, freed, "agree");
  table.add({ kind: "ub", ub: "uninit", ...place }, freed, "kind");
  table.add({ kind: "done", hash: 0n, open: false }, { kind: "rejected", message: "error[E0308]: no" }, "skipped");
  table.add({ kind: "done", hash: 0n, open: false }, { kind: "rejected", message: "error[E0425]: no" }, "skipped");
  // A message that stands for several kinds counts as the one that agrees.
  expect(table.lines().map((line) => line.replaceAll(/ +/g, " "))).toEqual([
    "the interpreter Miri programs",
    "invalidDealloc invalidDealloc 1",
    "uninit danglingPointer 1 differ",
    "skipped 2 Miri: rejected: error[EN]: no",
  ]);
  expect([...table.verdicts]).toEqual([
    ["agree", 1],
    ["kind", 1],
    ["skipped", 2],
  ]);
});
