import { describe, expect, it } from "vitest";
import { answerOf, readAnswers, rejectedModules } from "./miri.ts";

/** What Miri wrote on standard error for three cases, the last of which never ended. */
const STDERR = `Trying seed: 1
@case 0
@end 5c
Trying seed: 2
@case 3
error: Undefined Behavior: using uninitialized data, but this operation requires initialized memory
  --> /tmp/batch.rs:12:3
   |
FAILING SEED: 2
@case a
`;

describe("readAnswers", () => {
  it("gives each case what stands behind its mark, and names the case that was under way", () => {
    const { answers, open } = readAnswers(STDERR);
    expect([...answers]).toEqual([
      [0, { kind: "done", hash: 0x5cn }],
      [
        3,
        {
          kind: "ub",
          message: "using uninitialized data, but this operation requires initialized memory",
          at: "--> /tmp/batch.rs:12:3",
        },
      ],
    ]);
    expect(open).toBe(10);
  });
});

describe("answerOf", () => {
  it.each([
    ["error: abnormal termination: the program aborted execution", "abort"],
    ["error: unsupported operation: extern static `X`", "none"],
    ["error: the evaluated program deadlocked", "none"],
  ])("takes `%s` for: %s", (line, kind) => {
    expect(answerOf([line])?.kind).toBe(kind);
  });

  it("has no answer for a run without an end", () => {
    expect(answerOf(["warning: something"])).toBeUndefined();
  });
});

describe("rejectedModules", () => {
  const source = ["#![no_std]", "pub mod p0 {", "a", "}", "pub mod p2 {", "b", "}", "pub mod glue {", "c", "}"].join(
    "\n",
  );

  it("finds the modules that errors point into, by the number in their names' order", () => {
    const stderr = "error[E0308]: mismatched types\n --> x.rs:6:1\nerror[E0425]: not found\n --> x.rs:3:1\n";
    expect(rejectedModules(stderr, source)).toEqual(
      new Map([
        [2, "error[E0308]: mismatched types"],
        [0, "error[E0425]: not found"],
      ]),
    );
  });

  it("rejects no module for what stands behind them, nor for the notes of an error", () => {
    expect(rejectedModules("error: bad\n --> x.rs:9:1\n", source).size).toBe(0);
    expect(rejectedModules("error: bad\n --> x.rs:6:1\nnote: see\n --> x.rs:3:1\n", source)).toEqual(
      new Map([[2, "error: bad"]]),
    );
  });
});
