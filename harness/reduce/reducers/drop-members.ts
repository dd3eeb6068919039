/**
 * Removes impls, methods that impls need not give (the trait has a body for them), and methods of traits with all that implement them.
 * What still needs them no longer verifies, or no longer resolves; the reducer need not know.
 */

import type { FnItem, ImplDef, Program } from "../../../codegen/index.ts";
import { type ReduceCx, type Reducer, rebuild, tryEdits } from "../reducer.ts";
import { isSimple } from "../used-items.ts";
import { prune } from "./drop-functions.ts";

export const dropMembers: Reducer = {
  name: "drop-members",
  async run(cx: ReduceCx): Promise<boolean> {
    if (isSimple(cx.program)) return false;
    const impls = await tryEdits(cx, ownImpls(cx.program), withoutImpls);
    const methods = await tryEdits(cx, memberSites(cx.program), withoutMembers);
    return impls || methods;
  },
};

function ownImpls({ impls = [] }: Program): ImplDef[] {
  return impls.filter((impl) => !impl.prelude);
}

function withoutImpls(base: Program, chosen: ReadonlySet<ImplDef>): Program {
  return prune({ ...base, impls: (base.impls ?? []).filter((impl) => !chosen.has(impl)) });
}

/** Functions that go together. */
type MemberSite = readonly FnItem[];

function memberSites(program: Program): MemberSite[] {
  const sites: MemberSite[] = [];
  const impls = ownImpls(program);
  for (const trait of program.traits ?? []) {
    const ofTrait = impls.filter((impl) => impl.trait?.trait === trait);
    for (const method of trait.fns) {
      const given = ofTrait.flatMap((impl) => impl.fns.filter((fn) => fn.assocName === method.assocName));
      if (method.body !== undefined) for (const fn of given) sites.push([fn]);
      if (!trait.prelude) sites.push([method, ...given]);
    }
  }
  return sites;
}

function withoutMembers(base: Program, chosen: ReadonlySet<MemberSite>): Program {
  const gone = new Set([...chosen].flat());
  return prune(rebuild(base, (item) => (gone.has(item) ? undefined : item)));
}
