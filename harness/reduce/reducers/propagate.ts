/**
 * Removes copies: a local that is set once, to an operand, is replaced by that operand; a local that is only copied on is not set, but
 * what it was copied to.
 */

import {
  type Body,
  type Local,
  mapBlock,
  mapStatement,
  mapTerminator,
  type Operand,
  type Place,
  type Program,
  type Statement,
  visitBody,
} from "../../../codegen/index.ts";
import { mapBodies, type ReduceCx, type Reducer, tryEdits } from "../reducer.ts";

export const propagateCopies: Reducer = {
  name: "propagate-copies",
  async run(cx: ReduceCx): Promise<boolean> {
    const forward = await tryEdits(
      cx,
      sites(cx.program, forwardLocals),
      (base, chosen) => propagate(base, chosen, substitute),
      {
        factor: 3,
      },
    );
    const backward = await tryEdits(
      cx,
      sites(cx.program, backwardLocals),
      (base, chosen) => propagate(base, chosen, retarget),
      {
        factor: 3,
      },
    );
    return forward || backward;
  },
};

interface LocalSite {
  readonly fn: number;
  readonly local: Local;
}

function sites(program: Program, find: (body: Body) => Local[]): LocalSite[] {
  return program.functions.flatMap((item, fn) =>
    item.body === undefined ? [] : find(item.body).map((local) => ({ fn, local })),
  );
}

function propagate(
  base: Program,
  chosen: ReadonlySet<LocalSite>,
  one: (body: Body, local: Local) => Body | undefined,
): Program | undefined {
  return mapBodies(base, (body, fn) => {
    let result = body;
    for (const site of chosen) if (site.fn === fn) result = one(result, site.local) ?? result;
    return result;
  });
}

interface Uses {
  /** Whole stores to the local. */
  stores: number;
  /** Whole copies and moves. */
  copies: number;
  /** Copies and moves of parts, looks at the discriminant, and indexing by it. */
  parts: number;
  /** Borrows, stores to parts, calls' results, and all else. */
  others: number;
}

function usesOf(body: Body): Uses[] {
  const uses = body.locals.map((): Uses => ({ stores: 0, copies: 0, parts: 0, others: 0 }));
  visitBody(body, {
    place: (place, context) => {
      const use = uses[place.local]!;
      const whole = place.projection.length === 0;
      if (context === "copy" || context === "move") {
        if (whole) use.copies++;
        else use.parts++;
      } else if (context === "inspect") use.parts++;
      else if (context === "store" && whole) use.stores++;
      else use.others++;
      for (const elem of place.projection) if (elem.kind === "index") uses[elem.local]!.parts++;
    },
  });
  return uses;
}

/** Locals that are stored once, as a whole, from an operand, and then only read. */
function forwardLocals(body: Body): Local[] {
  const uses = usesOf(body);
  return definitions(body).flatMap(({ local, operand }) => {
    const { stores, others, copies, parts } = uses[local]!;
    if (stores !== 1 || others !== 0 || copies + parts === 0) return [];
    return operand.kind === "const" && parts > 0 ? [] : [local];
  });
}

function definitions(body: Body): { local: Local; operand: Operand; statement: Statement }[] {
  const found: { local: Local; operand: Operand; statement: Statement }[] = [];
  for (const block of body.blocks) {
    for (const statement of block.statements) {
      if (statement.kind !== "assign" || statement.rvalue.kind !== "use" || statement.place.projection.length > 0)
        continue;
      const { local } = statement.place;
      if (local > body.argCount) found.push({ local, operand: statement.rvalue.operand, statement });
    }
  }
  return found;
}

function substitute(body: Body, local: Local): Body | undefined {
  const definition = definitions(body).find((d) => d.local === local);
  if (definition === undefined) return undefined;
  const source = definition.operand;
  if (source.kind !== "const" && source.place.local === local) return undefined;
  const place = (p: Place): Place => {
    if (p.local !== local || source.kind === "const") return p;
    return { local: source.place.local, projection: [...source.place.projection, ...p.projection] };
  };
  const operand = (o: Operand): Operand => {
    if (o.kind === "const" || o.place.local !== local || o.place.projection.length > 0) return o;
    return source;
  };
  const sourceLocal = source.kind !== "const" && source.place.projection.length === 0 ? source.place.local : undefined;
  const index = (l: Local): Local => (l === local && sourceLocal !== undefined ? sourceLocal : l);
  const blocks = body.blocks.map((block) => {
    const statements = block.statements.filter((s) => s !== definition.statement && !isStorageOf(s, local));
    // Operands first: a whole copy becomes the source operand; then parts of it, and indices.
    return mapBlock(mapBlock({ ...block, statements }, { operand: (o) => copied(operand(o), o) }), {
      place,
      local: index,
    });
  });
  return { ...body, blocks };
}

/** What replaces a copy is not moved out of: it may be read again. */
function copied(replacement: Operand, original: Operand): Operand {
  return replacement !== original && replacement.kind === "move" ? { ...replacement, kind: "copy" } : replacement;
}

function isStorageOf(statement: Statement, local: Local): boolean {
  return (statement.kind === "storageLive" || statement.kind === "storageDead") && statement.local === local;
}

/** Locals that are set once (by a store or a call) and read once, to be stored elsewhere as they are. */
function backwardLocals(body: Body): Local[] {
  const uses = usesOf(body);
  const found: Local[] = [];
  for (const { statements } of body.blocks) {
    for (const s of statements) {
      const local = copiedLocal(s);
      if (local === undefined || local <= body.argCount) continue;
      const { stores, others, copies, parts } = uses[local]!;
      if (stores + others === 1 && copies === 1 && parts === 0) found.push(local);
    }
  }
  return found;
}

/** The local of `place = copy local`. */
function copiedLocal(s: Statement): Local | undefined {
  if (s.kind !== "assign" || s.rvalue.kind !== "use" || s.rvalue.operand.kind === "const") return undefined;
  const { place } = s.rvalue.operand;
  return place.projection.length === 0 ? place.local : undefined;
}

function retarget(body: Body, local: Local): Body | undefined {
  let destination: Place | undefined;
  for (const { statements } of body.blocks) {
    for (const s of statements) if (s.kind === "assign" && copiedLocal(s) === local) destination = s.place;
  }
  if (destination === undefined || destination.local === local) return undefined;
  const target = destination;
  const store = (p: Place, context: string): Place =>
    p.local === local && p.projection.length === 0 && (context === "store" || context === "call") ? target : p;
  const blocks = body.blocks.map((block) => ({
    ...block,
    statements: block.statements
      .filter((s) => copiedLocal(s) !== local && !isStorageOf(s, local))
      .map((s) => mapStatement(s, { place: store })),
    terminator: mapTerminator(block.terminator, { place: store }),
  }));
  return { ...body, blocks };
}

/** `body` with all copies of and to the locals from `first` on propagated, as far as that goes. */
export function propagateAll(body: Body, first: number): Body {
  let result = body;
  for (let local = first; local < body.locals.length; local++) {
    if (forwardLocals(result).includes(local as Local)) result = substitute(result, local as Local) ?? result;
    if (backwardLocals(result).includes(local as Local)) result = retarget(result, local as Local) ?? result;
  }
  return result;
}
