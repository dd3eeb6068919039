/**
 * Makes values simpler: operands and rvalues become constants, operations become one of their operands, constants go toward 0 and 1.
 */

import {
  type Body,
  build,
  mapOperand,
  mapPlace,
  mapRvalue,
  mapTerminator,
  type Operand,
  operandTy,
  type Place,
  type Program,
  placeTy,
  type Rvalue,
  type Statement,
  type Terminator,
  type Ty,
} from "../../../codegen/index.ts";
import { constantOf, type SimpleValue } from "../defaults.ts";
import { type BlockSite, mapBodies, type ReduceCx, type Reducer, SiteMap, tryEdits } from "../reducer.ts";

/** Maps an operand to a simpler one; `undefined` leaves it. */
type Simpler = (operand: Operand, body: Body, program: Program) => Operand | undefined;

function toConstant(value: SimpleValue): Simpler {
  return (operand, body, program) =>
    operand.kind === "const" ? undefined : constantOf(operandTy(body, operand, program.tcx), value);
}

/** Scalars of up to this many bits' worth are simple already. */
const simplerConstants: readonly Simpler[] = [
  (o) => (isScalar(o) && bitsOf(o) !== 0n ? constantOf(o.value.ty, 0) : undefined),
  (o) => (isScalar(o) && bitsOf(o) > 1n ? constantOf(o.value.ty, 1) : undefined),
  (o) => {
    // Half as many bits: what a float or a large number needs of its bits is rarely all of them.
    if (!isScalar(o) || o.value.ty.kind === "float" || bitsOf(o) < 16n) return undefined;
    const length = bitsOf(o).toString(2).length;
    return build.constBits(o.value.ty, bitsOf(o) >> BigInt(length >> 1));
  },
];

type ScalarOperand = Extract<Operand, { kind: "const" }> & {
  readonly value: { readonly kind: "scalar"; readonly ty: Ty; readonly bits: bigint };
};

function isScalar(operand: Operand): operand is ScalarOperand {
  return operand.kind === "const" && operand.value.kind === "scalar";
}

/** For `char`, `a` counts as 0. */
function bitsOf(operand: ScalarOperand): bigint {
  const { ty, bits } = operand.value;
  if (ty.kind === "char") return bits === 97n ? 0n : bits === 98n ? 1n : bits + 2n;
  if (ty.kind === "float" && constantOf(ty, 1) !== undefined) {
    const one = constantOf(ty, 1)!;
    if (isScalar(one) && one.value.bits === bits) return 1n;
  }
  return bits;
}

export const constantOperands: Reducer = {
  name: "constant-operands",
  async run(cx: ReduceCx): Promise<boolean> {
    let kept = false;
    for (const simpler of [toConstant(0), toConstant(1), toConstant(-1)]) {
      kept = (await trySimpler(cx, simpler)) || kept;
    }
    return kept;
  },
};

export const simplifyConstants: Reducer = {
  name: "simplify-constants",
  async run(cx: ReduceCx): Promise<boolean> {
    let kept = false;
    for (const simpler of simplerConstants) kept = (await trySimpler(cx, simpler)) || kept;
    return kept;
  },
};

interface OperandSite extends BlockSite {
  /** The operand's number among those of its block. */
  readonly operand: number;
}

async function trySimpler(cx: ReduceCx, simpler: Simpler): Promise<boolean> {
  const sites: OperandSite[] = [];
  const base = cx.program;
  base.functions.forEach((item, fn) => {
    const { body } = item;
    if (body === undefined) return;
    for (let b = 0; b < body.blocks.length; b++) {
      mapOperands(body, b, (operand, number) => {
        if (simpler(operand, body, base) !== undefined) sites.push({ fn, block: b, operand: number });
        return operand;
      });
    }
  });
  return tryEdits(
    cx,
    sites,
    (program, chosen) => {
      const map = new SiteMap(chosen);
      return mapBodies(program, (body, fn) => {
        if (!map.hasFn(fn)) return body;
        const blocks = body.blocks.map((block, b) => {
          const numbers = map.at(fn, b);
          if (numbers === undefined) return block;
          const wanted = new Set(numbers.map((site) => site.operand));
          return mapOperands(body, b, (operand, number) =>
            wanted.has(number) ? (simpler(operand, body, program) ?? operand) : operand,
          );
        });
        return { ...body, blocks };
      });
    },
    { factor: 4 },
  );
}

/** A block of `body` with its operands mapped; each has a number. Callees and messages of assertions are not operands here. */
function mapOperands(
  body: Body,
  block: number,
  map: (operand: Operand, number: number) => Operand,
): Body["blocks"][number] {
  let number = 0;
  const operand = (o: Operand): Operand => map(o, number++);
  const data = body.blocks[block]!;
  const statements = data.statements.map((s): Statement => {
    if (s.kind === "assign") return { ...s, rvalue: mapRvalue(s.rvalue, { operand }) };
    return s.kind === "assume" ? { ...s, operand: operand(s.operand) } : s;
  });
  return { ...data, statements, terminator: mapTerminatorOperands(data.terminator, operand) };
}

function mapTerminatorOperands(terminator: Terminator, map: (operand: Operand) => Operand): Terminator {
  switch (terminator.kind) {
    case "switchInt":
      return { ...terminator, discr: map(terminator.discr) };
    case "assert":
      return { ...terminator, cond: map(terminator.cond) };
    case "call":
      return { ...terminator, args: terminator.args.map(map) };
    default:
      return terminator;
  }
}

/** An rvalue made simpler, in a place of type `ty`. */
type SimplerRvalue = (rvalue: Rvalue, ty: Ty, body: Body, program: Program) => Rvalue | undefined;

const simplerRvalues: readonly SimplerRvalue[] = [
  (rvalue, ty) => {
    const constant = rvalue.kind === "use" ? undefined : constantOf(ty, 0);
    return constant === undefined ? undefined : build.use(constant);
  },
  (rvalue, ty) => {
    const constant = rvalue.kind === "use" ? undefined : constantOf(ty, 1);
    return constant === undefined ? undefined : build.use(constant);
  },
  (rvalue, ty, body, program) => firstOfType(rvalue, ty, body, program, false),
  (rvalue, ty, body, program) => firstOfType(rvalue, ty, body, program, true),
];

/** The first, or last, operand of `rvalue` that has the type of the whole. */
function firstOfType(rvalue: Rvalue, ty: Ty, body: Body, program: Program, last: boolean): Rvalue | undefined {
  if (rvalue.kind === "use") return undefined;
  const operands: Operand[] = [];
  mapRvalue(rvalue, {
    operand: (operand) => {
      const isFn = operand.kind === "const" && operand.value.kind === "fn";
      if (!isFn && operandTy(body, operand, program.tcx) === ty) operands.push(operand);
      return operand;
    },
  });
  const operand = last ? operands[operands.length - 1] : operands[0];
  return operand === undefined || (last && operands.length < 2) ? undefined : build.use(operand);
}

export const simplifyRvalues: Reducer = {
  name: "simplify-rvalues",
  async run(cx: ReduceCx): Promise<boolean> {
    let kept = false;
    for (const simpler of simplerRvalues) kept = (await tryRvalues(cx, simpler)) || kept;
    return kept;
  },
};

interface RvalueSite extends BlockSite {
  readonly statement: number;
  readonly rvalue: Rvalue;
}

async function tryRvalues(cx: ReduceCx, simpler: SimplerRvalue): Promise<boolean> {
  const sites: RvalueSite[] = [];
  const base = cx.program;
  base.functions.forEach((item, fn) => {
    const { body } = item;
    body?.blocks.forEach((data, block) => {
      data.statements.forEach((s, statement) => {
        if (s.kind !== "assign") return;
        const rvalue = simpler(s.rvalue, placeTy(body, s.place, base.tcx).ty, body, base);
        if (rvalue !== undefined) sites.push({ fn, block, statement, rvalue });
      });
    });
  });
  return tryEdits(cx, sites, replaceRvalues, { factor: 4 });
}

function replaceRvalues(base: Program, chosen: ReadonlySet<RvalueSite>): Program {
  const map = new SiteMap(chosen);
  return mapBodies(base, (body, fn) => {
    if (!map.hasFn(fn)) return body;
    const blocks = body.blocks.map((block, index) => {
      const replaced = new Map(map.at(fn, index)?.map((site) => [site.statement, site.rvalue]));
      if (replaced.size === 0) return block;
      const statements = block.statements.map((s, i): Statement => {
        const rvalue = replaced.get(i);
        return s.kind === "assign" && rvalue !== undefined ? { ...s, rvalue } : s;
      });
      return { ...block, statements };
    });
    return { ...body, blocks };
  });
}

/** Indices become constants, and constant indices the first. */
export const simplifyPlaces: Reducer = {
  name: "simplify-places",
  async run(cx: ReduceCx): Promise<boolean> {
    const constant = await cx.try(mapPlaces(cx.program, indexByConstant));
    const first = await cx.try(mapPlaces(cx.program, firstIndex));
    return constant || first;
  },
};

function mapPlaces(program: Program, map: (place: Place, body: Body, program: Program) => Place): Program {
  return mapBodies(program, (body) => {
    const place = (p: Place): Place => map(p, body, program);
    const blocks = body.blocks.map((block) => ({
      ...block,
      statements: block.statements.map((s): Statement => {
        if (s.kind === "assign")
          return { ...s, place: mapPlace(s.place, "store", { place }), rvalue: mapRvalue(s.rvalue, { place }) };
        return s.kind === "assume" ? { ...s, operand: mapOperand(s.operand, { place }) } : s;
      }),
      terminator: mapTerminator(block.terminator, { place }),
    }));
    return { ...body, blocks };
  });
}

function indexByConstant(place: Place, body: Body, program: Program): Place {
  const projection = place.projection.map((elem, i) => {
    if (elem.kind !== "index") return elem;
    const base = placeTy(body, { local: place.local, projection: place.projection.slice(0, i) }, program.tcx).ty;
    return base.kind === "array" && base.length > 0 ? build.constantIndex(0, base.length) : elem;
  });
  return { ...place, projection };
}

function firstIndex(place: Place): Place {
  const projection = place.projection.map((elem) =>
    elem.kind === "constantIndex" && (elem.offset > 0 || elem.fromEnd) ? build.constantIndex(0, elem.minLength) : elem,
  );
  return { ...place, projection };
}
