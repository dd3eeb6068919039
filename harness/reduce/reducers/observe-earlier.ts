/**
 * Observes a value where it is made, and returns: what a wrong value goes through on its way to an observation is often of no concern.
 *
 * Every store and call of a value with scalars in it is a site. The candidates that would be smallest are tried first, and only so many.
 */

import {
  type BasicBlock,
  type BasicBlockData,
  type Body,
  build,
  INTRINSICS,
  type LocalDecl,
  type Place,
  type Program,
  placeTy,
  TY_U32,
  TY_UNIT,
  type Ty,
} from "../../../codegen/index.ts";
import { removeUnreachable, straighten } from "../cfg.ts";
import { DefaultMaker } from "../defaults.ts";
import { type BlockSite, mapBodies, programSize, type ReduceCx, type Reducer } from "../reducer.ts";
import { prune } from "./drop-functions.ts";
import { withoutAllDeadStores } from "./drop-statements.ts";

const MAX_TRIES = 24;
const MAX_LEAVES = 6;

export const observeEarlier: Reducer = {
  name: "observe-earlier",
  async run(cx: ReduceCx): Promise<boolean> {
    const now = programSize(cx.program);
    const candidates = sites(cx.program)
      .map((site) => observeAt(cx.program, site))
      .filter((candidate) => candidate !== undefined)
      .map((program) => ({ program, size: programSize(program) }))
      .filter(({ size }) => size < now)
      .sort((a, b) => a.size - b.size);
    const limit = cx.tried + MAX_TRIES;
    for (const { program } of candidates) {
      if (cx.tried >= limit || cx.stopped) return false;
      if (await cx.try(program)) return true;
    }
    return false;
  },
};

interface ObserveSite extends BlockSite {
  /** Statements up to this one stay; the number of statements means that the terminator, a call, does too. */
  readonly statement: number;
  readonly place: Place;
  readonly ty: Ty;
}

function sites(program: Program): ObserveSite[] {
  const found: ObserveSite[] = [];
  program.functions.forEach((item, fn) => {
    const { body } = item;
    body?.blocks.forEach((data, block) => {
      const add = (place: Place, statement: number): void => {
        for (const leaf of scalarLeaves(body, place, program)) found.push({ fn, block, statement, ...leaf });
      };
      data.statements.forEach((s, statement) => {
        if (s.kind === "assign") add(s.place, statement);
      });
      const { terminator } = data;
      if (terminator.kind === "call" && terminator.target !== undefined)
        add(terminator.destination, data.statements.length);
    });
  });
  return found;
}

/** The first scalars in `place`; not those in variants, as which one it holds is not known. */
function scalarLeaves(body: Body, place: Place, program: Program): { place: Place; ty: Ty }[] {
  const leaves: { place: Place; ty: Ty }[] = [];
  const walk = (p: Place, ty: Ty): void => {
    if (leaves.length >= MAX_LEAVES) return;
    switch (ty.kind) {
      case "bool":
      case "char":
      case "int":
      case "uint":
      case "float":
        leaves.push({ place: p, ty });
        break;
      case "tuple":
        ty.fields.forEach((field, i) => {
          walk(build.project(p, build.field(i, field)), field);
        });
        break;
      case "array":
        for (let i = 0; i < Math.min(ty.length, 2); i++) {
          walk(build.project(p, build.constantIndex(i, ty.length)), ty.element);
        }
        break;
      case "adt":
        if (ty.def.adtKind === "enum") leaves.push({ place: p, ty });
        else {
          program.tcx.fieldTys(ty, 0).forEach((field, i) => {
            walk(build.project(p, build.field(i, field)), field);
          });
        }
        break;
      default:
    }
  };
  walk(place, placeTy(body, place, program.tcx).ty);
  return leaves;
}

function observeAt(program: Program, site: ObserveSite): Program | undefined {
  let possible = true;
  const made = mapBodies(program, (body, fn) => {
    if (fn !== site.fn) return body;
    const cut = cutBody(body, site, program);
    if (cut === undefined) possible = false;
    return cut ?? body;
  });
  return possible ? withoutAllDeadStores(prune(made)) : undefined;
}

/** `body` that observes the site's value behind the site, and returns. */
function cutBody(body: Body, site: ObserveSite, program: Program): Body | undefined {
  const block = body.blocks[site.block]!;
  const locals: LocalDecl[] = [...body.locals];
  const unit = locals.push({ ty: TY_UNIT, mutability: "mut" }) - 1;
  const maker = new DefaultMaker(locals, program.tcx);
  const result = maker.rvalue(body.locals[0]!.ty);
  if (result === undefined) return undefined;
  const observeBlock = body.blocks.length;
  const returnBlock = observeBlock + 1;
  const observe = build.call(
    unit,
    build.fnRef(INTRINSICS.observe, [site.ty]),
    [build.constInt(TY_U32, 0), build.copy(site.place)],
    returnBlock,
  );
  const { terminator } = block;
  const atCall = site.statement === block.statements.length && terminator.kind === "call";
  const cut: BasicBlockData = {
    ...block,
    statements: block.statements.slice(0, site.statement + 1),
    terminator: atCall ? { ...terminator, target: observeBlock as BasicBlock } : build.goto(observeBlock),
  };
  const isUnit = body.locals[0]!.ty === TY_UNIT;
  const end: BasicBlockData = {
    statements: isUnit ? [] : [...maker.statements, build.assign(0, result)],
    terminator: build.ret(),
    isCleanup: false,
  };
  const blocks = body.blocks.map((data, i) => (i === site.block ? cut : data));
  blocks.push({ statements: [], terminator: observe, isCleanup: false }, end);
  return straighten(removeUnreachable({ locals, argCount: body.argCount, blocks }));
}
