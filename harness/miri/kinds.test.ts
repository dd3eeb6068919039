import { describe, expect, it } from "vitest";
import { kindsOf } from "./kinds.ts";

/** Messages of Miri 1.101.0-nightly. */
const MESSAGES: readonly (readonly [message: string, kind: string])[] = [
  ["Data race detected between (1) non-atomic write on thread `unnamed-1` and (2) non-atomic read", "dataRace"],
  ["reborrow through <273> at alloc915[0x0] is forbidden", "aliasing"],
  [
    "attempting a write access using <304> at alloc729[0x0], but that tag does not exist in the borrow stack",
    "aliasing",
  ],
  ["using uninitialized data, but this operation requires initialized memory", "uninit"],
  ["in-bounds pointer arithmetic failed: attempting to offset pointer by 7 bytes", "pointerArithmetic"],
  ["memory access failed: alloc874 has been freed, so this pointer is dangling", "danglingPointer"],
  ["accessing memory based on pointer with alignment 1, but alignment 4 is required", "misaligned"],
  ["constructing invalid value of type bool: encountered 0x02, but expected a boolean", "invalidBool"],
  [
    "constructing invalid value of type char: encountered 0x0000d800, but expected a valid unicode scalar value",
    "invalidChar",
  ],
  [
    "trying to set discriminant of a Option<Ordering> to the niched variant, but the value does not match",
    "invalidNicheWrite",
  ],
  ["calling a function with fewer arguments than it requires", "callSignature"],
  ["arithmetic overflow in `unchecked_add`", "uncheckedOverflow"],
  ["dividing by zero", "divisionByZero"],
  ["`copy_nonoverlapping` called on overlapping ranges", "overlap"],
  ["entering unreachable code", "unreachable"],
];

describe("kindsOf", () => {
  it.each(MESSAGES)("takes `%s` for %s", (message, kind) => {
    expect(kindsOf(message)[0]).toBe(kind);
  });

  it("knows nothing of what it does not know", () => {
    expect(kindsOf("the moon is full")).toEqual([]);
  });
});
