/** Foreign functions as programs declare them: with other arguments than they take, or another ABI, they may not be called. */

import type { FnItem } from "../../mir/syntax.ts";
import { UbTrap } from "../ub.ts";
import type { Intrinsic } from "./intrinsic.ts";

/** How many parameters a signature lists. */
function arity(signature: string): number {
  const open = signature.indexOf("(", signature.search(/\bfn \w+/));
  let depth = 0;
  let commas = 0;
  let isEmpty = true;
  for (const c of signature.slice(open + 1)) {
    if ("(<[{".includes(c)) depth++;
    else if (")>]}".includes(c)) {
      if (c === ")" && depth === 0) break;
      depth--;
    } else if (c === "," && depth === 0) commas++;
    if (c !== " ") isEmpty = false;
  }
  return isEmpty ? 0 : commas + 1;
}

/** The ABI of a function of C's; what is Rust's own may be declared as either. */
function abiOf({ signature }: Intrinsic): string | undefined {
  return signature.includes('extern "C"') ? "C" : undefined;
}

/** `intrinsic`, or what fails in its place when `item` declares it wrongly and gives it `count` arguments. */
export function checkedDeclaration(intrinsic: Intrinsic, item: FnItem, count: number): Intrinsic {
  if (item.kind !== "extern") return intrinsic;
  const abi = abiOf(intrinsic);
  const expected = intrinsic.signature.includes("fn ") ? arity(intrinsic.signature) : count;
  if (expected === count && (abi === undefined || abi === item.abi)) return intrinsic;
  const how =
    expected === count ? `as a function of the ABI "${item.abi}"` : `with ${count} arguments instead of ${expected}`;
  const run = (): never => {
    throw new UbTrap("callSignature", `\`${intrinsic.name}\` was called ${how}`);
  };
  return { ...intrinsic, run };
}
