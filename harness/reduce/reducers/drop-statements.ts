/**
 * Removes statements: storage markers all together, stores to locals that nothing reads, then any, in ever smaller chunks.
 */

import { type Body, mapList, type Program, type Statement, type Visitor, visitBody } from "../../../codegen/index.ts";
import { mapBodies, type ReduceCx, type Reducer, SiteMap, type StatementSite, tryEdits } from "../reducer.ts";
import { prune } from "./drop-functions.ts";

export const dropStorage: Reducer = {
  name: "drop-storage",
  async run(cx: ReduceCx): Promise<boolean> {
    const isStorage = (s: Statement): boolean =>
      s.kind === "storageLive" || s.kind === "storageDead" || s.kind === "nop";
    return tryEdits(cx, sites(cx.program, isStorage), removeStatements, { smallest: 4 });
  },
};

export const dropDeadStores: Reducer = {
  name: "drop-dead-stores",
  async run(cx: ReduceCx): Promise<boolean> {
    return cx.try(prune(withoutAllDeadStores(cx.program)));
  },
};

/** `program` without stores that nothing reads. A store that only feeds dead stores is dead once they are gone. */
export function withoutAllDeadStores(program: Program): Program {
  let result = program;
  for (let before = -1; before !== countAll(result); ) {
    before = countAll(result);
    result = mapBodies(result, (body) => withoutDeadStores(body));
  }
  return result;
}

export const dropStatements: Reducer = {
  name: "drop-statements",
  async run(cx: ReduceCx): Promise<boolean> {
    return tryEdits(
      cx,
      sites(cx.program, () => true),
      removeStatements,
    );
  },
};

function sites(program: Program, wanted: (statement: Statement) => boolean): StatementSite[] {
  const found: StatementSite[] = [];
  program.functions.forEach((item, fn) => {
    item.body?.blocks.forEach(({ statements }, block) => {
      statements.forEach((s, statement) => {
        if (wanted(s)) found.push({ fn, block, statement });
      });
    });
  });
  return found;
}

function removeStatements(base: Program, chosen: ReadonlySet<StatementSite>): Program {
  const map = new SiteMap(chosen);
  const made = mapBodies(base, (body, fn) => {
    if (!map.hasFn(fn)) return body;
    const blocks = body.blocks.map((block, index) => {
      const gone = map.at(fn, index);
      if (gone === undefined) return block;
      const dropped = new Set(gone.map((site) => site.statement));
      return { ...block, statements: block.statements.filter((_, i) => !dropped.has(i)) };
    });
    return { ...body, blocks };
  });
  return prune(made);
}

function withoutDeadStores(body: Body): Body {
  const read = new Set<number>([0]);
  const reads: Visitor = {
    local: (local, context) => {
      if (context !== "store" && context !== "storage") read.add(local);
    },
    place: (place) => {
      // A store through a pointer reads the pointer.
      if (place.projection.some((elem) => elem.kind === "deref")) read.add(place.local);
    },
  };
  visitBody(body, reads);
  const live = (s: Statement): boolean => {
    if (s.kind === "storageLive" || s.kind === "storageDead") return read.has(s.local);
    return s.kind !== "assign" || read.has(s.place.local);
  };
  const blocks = mapList(body.blocks, (block) => {
    const statements = block.statements.filter(live);
    return statements.length === block.statements.length ? block : { ...block, statements };
  });
  return blocks === body.blocks ? body : { ...body, blocks };
}

function countAll(program: Program): number {
  let count = 0;
  for (const item of program.functions) for (const block of item.body?.blocks ?? []) count += block.statements.length;
  return count;
}
