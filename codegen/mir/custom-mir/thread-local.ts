/** Thread-locals: custom MIR has no rvalue for their addresses, so each has a function that gives it. */

import type { StaticItem } from "../items.ts";

const threadLocalKeys = new WeakMap<StaticItem, object>();

/** What the function that gives a thread-local's address is named by. */
export function threadLocalKey(item: StaticItem): object {
  let key = threadLocalKeys.get(item);
  if (key === undefined) {
    key = {};
    threadLocalKeys.set(item, key);
  }
  return key;
}
