/**
 * Makes types smaller: shorter arrays, structs and variants without the fields that nothing reads, enums without their last variants,
 * and `i32`, `u32`, `f32` in the place of other numbers.
 */

import {
  type AdtDef,
  type Body,
  build,
  collectAdts,
  mapBody,
  mapList,
  mapTypes,
  type Operand,
  type Place,
  type PlaceElem,
  type PlaceTy,
  type Program,
  placeTy,
  type Rvalue,
  type Statement,
  TY_F32,
  TY_I32,
  TY_U32,
  type Ty,
} from "../../../codegen/index.ts";
import { Replacing, rebuildTypes } from "../rebuild-items.ts";
import { type ReduceCx, type Reducer, rebuild } from "../reducer.ts";
import { isSimple } from "../used-items.ts";

export const shrinkArrays: Reducer = {
  name: "shrink-arrays",
  async run(cx: ReduceCx): Promise<boolean> {
    let kept = false;
    for (const array of arrayTypes(cx.program)) {
      for (const length of new Set([1, array.length >> 1, array.length - 1])) {
        if (length < 1 || length >= array.length || cx.stopped) continue;
        if (await cx.try(withLength(cx.program, array, length))) {
          kept = true;
          break;
        }
      }
    }
    return kept;
  },
};

type ArrayTy = Extract<Ty, { kind: "array" }>;

function arrayTypes(program: Program): ArrayTy[] {
  const found = new Set<ArrayTy>();
  const look = (ty: Ty): void => {
    if (ty.kind === "array") {
      if (ty.length > 1) found.add(ty);
      look(ty.element);
    } else if (ty.kind === "tuple") ty.fields.forEach(look);
    else if (ty.kind === "ref" || ty.kind === "ptr") look(ty.pointee);
  };
  for (const item of program.functions) for (const local of item.body?.locals ?? []) look(local.ty);
  for (const def of collectAdts(program)) for (const v of def.variants) for (const f of v.fields) look(f.ty);
  return [...found];
}

/** `program` with its types mapped, after `prepare` adapted each body to what the types will be. */
function withTypes(
  program: Program,
  replace: ReadonlyMap<Ty, Ty>,
  remakeDef: (def: AdtDef) => AdtDef | undefined,
  prepare: (body: Body) => Body,
): Program {
  if (!isSimple(program)) return rebuildTypes(program, { replace, remakeDef, prepare });
  const defs = new Map<AdtDef, AdtDef>();
  for (const def of collectAdts(program)) if (!def.prelude) defs.set(def, { ...(remakeDef(def) ?? def) });
  const types = new Replacing(program.tcx, replace, defs);
  for (const def of defs.values()) {
    def.variants = def.variants.map((v) => ({ ...v, fields: v.fields.map((f) => ({ ...f, ty: types.ty(f.ty) })) }));
  }
  return rebuild(program, (item) => ({
    ...item,
    params: item.params.map((ty) => types.ty(ty)),
    ret: types.ty(item.ret),
    body: item.body === undefined ? undefined : mapTypes(prepare(item.body), types),
  }));
}

function withLength(program: Program, array: ArrayTy, length: number): Program {
  const shorter = program.tcx.array(array.element, length);
  const prepare = (body: Body): Body => {
    const shaped = mapRvalues(body, program, (rvalue, target) => {
      if (target !== array) return rvalue;
      if (rvalue.kind === "repeat") return { ...rvalue, count: length };
      return rvalue.kind === "aggregate" ? { ...rvalue, operands: rvalue.operands.slice(0, length) } : rvalue;
    });
    return mapElems(shaped, program, (elem, base) =>
      elem.kind === "constantIndex" && base.ty === array
        ? build.constantIndex(Math.min(elem.offset, length - 1), length)
        : elem,
    );
  };
  return withTypes(program, new Map([[array, shorter]]), () => undefined, prepare);
}

/** `body` with its stored rvalues mapped; `target` is the type of the place. */
function mapRvalues(body: Body, program: Program, map: (rvalue: Rvalue, target: Ty) => Rvalue): Body {
  const blocks = mapList(body.blocks, (block) => {
    const statements = mapList(block.statements, (s): Statement => {
      if (s.kind !== "assign") return s;
      const rvalue = map(s.rvalue, placeTy(body, s.place, program.tcx).ty);
      return rvalue === s.rvalue ? s : { ...s, rvalue };
    });
    return statements === block.statements ? block : { ...block, statements };
  });
  return blocks === body.blocks ? body : { ...body, blocks };
}

/** `body` with its projections mapped; `base` is the type of what is projected. */
function mapElems(body: Body, program: Program, map: (elem: PlaceElem, base: PlaceTy) => PlaceElem): Body {
  const place = (p: Place): Place => {
    if (p.projection.length === 0) return p;
    let at = 0;
    const projection = mapList(p.projection, (elem) => {
      const base = placeTy(body, { local: p.local, projection: p.projection.slice(0, at++) }, program.tcx);
      return map(elem, base);
    });
    return projection === p.projection ? p : { ...p, projection };
  };
  return mapBody(body, { place });
}

export const dropFields: Reducer = {
  name: "drop-fields",
  async run(cx: ReduceCx): Promise<boolean> {
    let kept = false;
    for (let i = 0; !cx.stopped; ) {
      const site = fieldSites(cx.program)[i];
      if (site === undefined) break;
      if (await cx.try(withoutField(cx.program, site))) kept = true;
      else i++;
    }
    return kept;
  },
};

interface FieldSite {
  readonly def: AdtDef;
  readonly variant: number;
  readonly field: number;
}

function bodiesOf({ functions, statics = [], consts = [] }: Program): Body[] {
  return [...functions, ...statics, ...consts].flatMap(({ body }) => (body === undefined ? [] : [body]));
}

/** The fields that no place goes through. */
function fieldSites(program: Program): FieldSite[] {
  const used = new Set<string>();
  const ids = new Map<AdtDef, number>();
  const defs = collectAdts(program).filter((def) => !def.prelude);
  defs.forEach((def, i) => {
    ids.set(def, i);
  });
  for (const body of bodiesOf(program)) {
    mapElems(body, program, (elem, base) => {
      if (elem.kind === "field" && base.ty.kind === "adt")
        used.add(`${ids.get(base.ty.def)}.${base.variant ?? 0}.${elem.index}`);
      return elem;
    });
  }
  return defs.flatMap((def, i) =>
    def.variants.flatMap((v, variant) =>
      v.fields.flatMap((_, field) => (used.has(`${i}.${variant}.${field}`) ? [] : [{ def, variant, field }])),
    ),
  );
}

function withoutField(program: Program, site: FieldSite): Program {
  const remake = (def: AdtDef): AdtDef | undefined => {
    if (def !== site.def) return undefined;
    const variants = def.variants.map((v, i) => {
      if (i !== site.variant) return v;
      const fields = v.fields.filter((_, f) => f !== site.field);
      return { ...v, fields: v.ctor === "tuple" ? fields.map((f, n) => ({ ...f, name: String(n) })) : fields };
    });
    return { ...def, variants };
  };
  const prepare = (body: Body): Body => {
    const shaped = mapRvalues(body, program, (rvalue) => {
      if (rvalue.kind !== "aggregate" || rvalue.aggregate.kind !== "adt") return rvalue;
      if (rvalue.aggregate.def !== site.def || rvalue.aggregate.variant !== site.variant) return rvalue;
      return { ...rvalue, operands: rvalue.operands.filter((_, f) => f !== site.field) };
    });
    return mapElems(shaped, program, (elem, base) => {
      if (elem.kind !== "field" || base.ty.kind !== "adt" || base.ty.def !== site.def) return elem;
      const later = (base.variant ?? 0) === site.variant && elem.index > site.field;
      return later ? { ...elem, index: elem.index - 1 } : elem;
    });
  };
  return withTypes(program, new Map(), remake, prepare);
}

export const dropVariants: Reducer = {
  name: "drop-variants",
  async run(cx: ReduceCx): Promise<boolean> {
    let kept = false;
    for (let i = 0; !cx.stopped; ) {
      const def = unusedLastVariants(cx.program)[i];
      if (def === undefined) break;
      const shorter = { ...def, variants: def.variants.slice(0, -1) };
      const candidate = withTypes(
        cx.program,
        new Map(),
        (d) => (d === def ? shorter : undefined),
        (body) => body,
      );
      if (await cx.try(candidate)) kept = true;
      else i++;
    }
    return kept;
  },
};

/** Enums whose last variant nothing makes or looks into. Variants before it are found once it is gone. */
function unusedLastVariants(program: Program): AdtDef[] {
  const used = new Map<AdtDef, Set<number>>();
  const use = (def: AdtDef, variant: number): void => {
    const variants = used.get(def);
    if (variants === undefined) used.set(def, new Set([variant]));
    else variants.add(variant);
  };
  for (const body of bodiesOf(program)) {
    mapElems(body, program, (elem, base) => {
      if (elem.kind === "downcast" && base.ty.kind === "adt") use(base.ty.def, elem.variant);
      return elem;
    });
    for (const s of body.blocks.flatMap((block) => block.statements)) {
      if (s.kind === "assign" && s.rvalue.kind === "aggregate" && s.rvalue.aggregate.kind === "adt") {
        use(s.rvalue.aggregate.def, s.rvalue.aggregate.variant);
      } else if (s.kind === "setDiscriminant") {
        const { ty } = placeTy(body, s.place, program.tcx);
        if (ty.kind === "adt") use(ty.def, s.variant);
      }
    }
  }
  return collectAdts(program).filter((def) => {
    const isEnum = def.adtKind === "enum" && !def.prelude && def.variants.length > 1;
    return isEnum && used.get(def)?.has(def.variants.length - 1) !== true;
  });
}

/** All numbers of a type become `i32`, `u32` or `f32`. */
export const simplifyTypes: Reducer = {
  name: "simplify-types",
  async run(cx: ReduceCx): Promise<boolean> {
    let kept = false;
    for (const ty of scalarTypes(cx.program)) {
      if (cx.stopped) break;
      const simple = ty.kind === "float" ? TY_F32 : ty.kind === "int" ? TY_I32 : TY_U32;
      if (ty !== simple && (await cx.try(withScalar(cx.program, ty, simple)))) kept = true;
    }
    return kept;
  },
};

function scalarTypes(program: Program): Ty[] {
  const found = new Set<Ty>();
  for (const item of program.functions) {
    for (const { ty } of item.body?.locals ?? []) if (isNumber(ty)) found.add(ty);
  }
  return [...found];
}

function isNumber(ty: Ty): boolean {
  return ty.kind === "int" || ty.kind === "uint" || (ty.kind === "float" && (ty.width === 32 || ty.width === 64));
}

function withScalar(program: Program, from: Ty, to: Ty): Program {
  const operand = (o: Operand): Operand => {
    if (o.kind !== "const" || o.value.kind !== "scalar" || o.value.ty !== from) return o;
    // Constants keep the type they have here, and change it with all others; so their bits must fit already.
    const bits = from.kind === "float" ? floatBits(o.value.bits) : BigInt.asUintN(32, o.value.bits);
    return { kind: "const", value: { ...o.value, bits } };
  };
  return withTypes(
    program,
    new Map([[from, to]]),
    () => undefined,
    (body) => mapBody(body, { operand }),
  );
}

function floatBits(bits: bigint): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  view.setFloat32(0, view.getFloat64(0));
  return BigInt(view.getUint32(0));
}
