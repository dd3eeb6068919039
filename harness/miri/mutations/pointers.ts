/** Mutations of pointers: where they point, what they were made from, and how they are aligned. */

import {
  build,
  type Local,
  mapStatement,
  type Operand,
  type Place,
  type Statement,
  TY_ISIZE,
  TY_U8,
  TY_USIZE,
  type Ty,
} from "../../../codegen/index.ts";
import { type Edit, eachStatement, type Mutation, type Site } from "../mutation.ts";
import { isPointer, isScalar, isSizedPointee, wholeLocal } from "../open-body.ts";

/** A local stands for another of its type. */
const swapLocal: Mutation = {
  name: "swap pointer",
  sites: (site) =>
    eachStatement(site, (statement, at, block) => {
      const { locals } = site.body;
      const used = new Set<Local>();
      mapStatement(statement, {
        place: (place, context) => {
          if (isPointer(locals[place.local]!.ty) && context !== "store") used.add(place.local);
          if (place.projection[0]?.kind === "deref") used.add(place.local);
          return place;
        },
      });
      return [...used].flatMap((local) => {
        const others = locals.flatMap(({ ty }, i) => (ty === locals[local]!.ty && i !== local && i > 0 ? [i] : []));
        if (others.length === 0) return [];
        return [
          () => {
            const other = site.rng.pick(others) as Local;
            block.statements[at] = mapStatement(statement, {
              place: (place) => (place.local === local ? { ...place, local: other } : place),
            });
          },
        ];
      });
    }),
};

/** An offset or an index is one more or one less. */
const offByOne: Mutation = {
  name: "index by one",
  sites: (site) =>
    eachStatement(site, (statement, at, block) => {
      if (statement.kind !== "assign") return [];
      const { rvalue } = statement;
      const isIndex = (operand: Operand): boolean =>
        operand.kind === "const" &&
        operand.value.kind === "scalar" &&
        (operand.value.ty === TY_USIZE || operand.value.ty === TY_ISIZE);
      const set = (change: (operand: Operand) => Operand): void => {
        if (rvalue.kind === "use")
          block.statements[at] = { ...statement, rvalue: { ...rvalue, operand: change(rvalue.operand) } };
        if (rvalue.kind === "binary")
          block.statements[at] = { ...statement, rvalue: { ...rvalue, right: change(rvalue.right) } };
      };
      const target = rvalue.kind === "use" ? rvalue.operand : rvalue.kind === "binary" ? rvalue.right : undefined;
      if (target === undefined || !isIndex(target)) return [];
      return [() => set((operand) => shifted(operand, site.rng.chance(60) ? 1n : -1n))];
    }),
};

function shifted(operand: Operand, by: bigint): Operand {
  if (operand.kind !== "const" || operand.value.kind !== "scalar") return operand;
  const { value } = operand;
  return { kind: "const", value: { ...value, bits: BigInt.asUintN(64, value.bits + by) } };
}

/** A pointer is moved by bytes before it is used, so that it is misaligned or points elsewhere. */
const shiftBytes: Mutation = {
  name: "shift pointer",
  sites: (site) =>
    eachPointerMade(site, (made, ty, at, block) => [
      () => {
        const { body, tcx, rng } = site;
        const bytes = tcx.ptr("mut", TY_U8);
        const after: Statement[] = [];
        const thin = body.temp(
          bytes,
          build.cast(ty.kind === "ref" ? "Transmute" : "PtrToPtr", build.copy(made), bytes),
          after,
        );
        const by = rng.pick([1, 1, 2, 3, 4, 8, -1, -4]);
        const moved = body.temp(bytes, build.binary("Offset", build.copy(thin), build.constInt(TY_ISIZE, by)), after);
        after.push(build.assign(made, build.cast(ty.kind === "ref" ? "Transmute" : "PtrToPtr", build.copy(moved), ty)));
        block.statements.splice(at + 1, 0, ...after);
      },
    ]),
};

/** A pointer goes through an integer, with or without its provenance. */
const throughInteger: Mutation = {
  name: "through integer",
  sites: (site) =>
    eachPointerMade(site, (made, ty, at, block) => [
      () => {
        const { body, rng } = site;
        const after: Statement[] = [];
        const raw = site.tcx.ptr("mut", ty.pointee);
        const pointer =
          ty.kind === "ptr" ? made : body.temp(raw, build.cast("Transmute", build.copy(made), raw), after);
        const out = rng.chance(60) ? "Transmute" : "PointerExposeProvenance";
        const back = ty.kind === "ref" || rng.chance(40) ? "Transmute" : "PointerWithExposedProvenance";
        const address = body.temp(TY_USIZE, build.cast(out, build.copy(pointer), TY_USIZE), after);
        after.push(build.assign(made, build.cast(back, build.copy(address), ty)));
        block.statements.splice(at + 1, 0, ...after);
      },
    ]),
};

/** A raw pointer is made through a reference: one that may only read, or a unique one. */
const borrowFirst: Mutation = {
  name: "borrow differently",
  sites: (site) =>
    eachStatement(site, (statement, at, block) => {
      if (statement.kind !== "assign" || statement.rvalue.kind !== "rawPtr") return [];
      const { rvalue } = statement;
      const made = site.body.tyOf(statement.place);
      if (made.kind !== "ptr" || !isSizedPointee(made.pointee)) return [];
      return [
        () => {
          const { body, tcx, rng } = site;
          const mutability = rng.chance(65) ? "not" : "mut";
          const before: Statement[] = [];
          const ref = body.temp(tcx.ref(mutability, made.pointee), build.refTo(mutability, rvalue.place), before);
          const raw = tcx.ptr(mutability, made.pointee);
          const pointer = body.temp(raw, build.rawPtrTo(mutability, build.place(ref, build.deref())), before);
          before.push(build.assign(statement.place, build.cast("PtrToPtr", build.copy(pointer), made)));
          block.statements.splice(at, 1, ...before);
        },
      ];
    }),
};

/** How the second pointer to a place is made. */
type Route = "ref" | "refMut" | "rawThroughRef" | "rawThroughRefMut" | "raw" | "rawConst";

const ROUTES: readonly Route[] = ["ref", "refMut", "rawThroughRef", "rawThroughRefMut", "raw", "rawConst"];

/** A second pointer to a place that is borrowed; it is used later. */
const secondBorrow: Mutation = {
  name: "second borrow",
  sites: (site) =>
    eachStatement(site, (statement, at, block, blockAt) =>
      borrowedPlaces(site, statement).map((place) => () => {
        const { body, rng } = site;
        const ty = body.tyOf(place);
        const made: Statement[] = [];
        const pointer = makePointer(site, place, ty, rng.pick(ROUTES), made);
        // Before or behind the statement; then used there or in a block that runs.
        const here = at + rng.below(2);
        const user = rng.chance(60) ? blockAt : rng.pick(site.ran);
        const from = user === blockAt ? here : 0;
        const length = body.blocks[user]!.statements.length;
        const there = from + rng.below(Math.max(1, length - from + 1));
        const use = usePointer(site, pointer, ty);
        body.blocks[user]!.statements.splice(there, 0, ...use);
        block.statements.splice(here, 0, ...made);
      }),
    ),
};

function makePointer(site: Site, place: Place, ty: Ty, route: Route, into: Statement[]): Local {
  const { body, tcx } = site;
  const raw = tcx.ptr("mut", ty);
  switch (route) {
    case "ref":
      return body.temp(tcx.ref("not", ty), build.refTo("not", place), into);
    case "refMut":
      return body.temp(tcx.ref("mut", ty), build.refTo("mut", place), into);
    case "raw":
      return body.temp(raw, build.rawPtrTo("mut", place), into);
    case "rawConst": {
      const constant = body.temp(tcx.ptr("not", ty), build.rawPtrTo("not", place), into);
      return body.temp(raw, build.cast("PtrToPtr", build.copy(constant), raw), into);
    }
    case "rawThroughRef": {
      const ref = body.temp(tcx.ref("not", ty), build.refTo("not", place), into);
      const constant = body.temp(tcx.ptr("not", ty), build.rawPtrTo("not", build.place(ref, build.deref())), into);
      return body.temp(raw, build.cast("PtrToPtr", build.copy(constant), raw), into);
    }
    case "rawThroughRefMut": {
      const ref = body.temp(tcx.ref("mut", ty), build.refTo("mut", place), into);
      return body.temp(raw, build.rawPtrTo("mut", build.place(ref, build.deref())), into);
    }
  }
}

/** Reads through a pointer, or writes what is read. */
function usePointer({ body, rng }: Site, pointer: Local, ty: Ty): Statement[] {
  const target = build.place(pointer, build.deref());
  const { ty: pointerTy } = body.locals[pointer]!;
  const writes = isPointer(pointerTy) && pointerTy.mutability === "mut" && rng.chance(60);
  const into: Statement[] = [];
  const value = body.temp(ty, build.use(build.copy(target)), into);
  if (writes) into.push(build.assign(target, build.use(build.copy(value))));
  return into;
}

/** Places of scalars behind a pointer, or of locals that somebody borrows. */
function borrowedPlaces({ body }: Site, statement: Statement): Place[] {
  const found: Place[] = [];
  mapStatement(statement, {
    place: (place, context) => {
      const isBorrow = context === "borrow";
      const behind = place.projection[0]?.kind === "deref";
      const plain = place.projection.every(({ kind }) => kind === "deref" || kind === "field");
      if ((isBorrow || behind) && plain && isScalar(body.tyOf(place))) found.push(place);
      return place;
    },
  });
  return found;
}

/** Edits for each statement that gives a local a pointer to what has a size. */
function eachPointerMade(
  site: Site,
  find: (
    made: Local,
    ty: Extract<Ty, { kind: "ptr" | "ref" }>,
    at: number,
    block: Site["body"]["blocks"][number],
  ) => Edit[],
): Edit[] {
  return eachStatement(site, (statement, at, block) => {
    if (statement.kind !== "assign") return [];
    const made = wholeLocal({ kind: "copy", place: statement.place });
    if (made === undefined) return [];
    const { ty } = site.body.locals[made]!;
    return isPointer(ty) && isSizedPointee(ty.pointee) ? find(made, ty, at, block) : [];
  });
}

/** A reference or pointer is reborrowed in place before a statement that uses it: what else was made from it may lose its right. */
const reborrowInPlace: Mutation = {
  name: "reborrow in place",
  sites: (site) =>
    eachStatement(site, (_, at, block) =>
      site.body.locals.flatMap(({ ty }, i) => {
        if (ty.kind !== "ref" || !isSizedPointee(ty.pointee)) return [];
        return [
          () => {
            const place = build.place(i, build.deref());
            const spare = site.body.local(ty);
            block.statements.splice(at, 0, build.assign(spare, build.refTo(ty.mutability, place)));
          },
        ];
      }),
    ),
};

export const POINTER_MUTATIONS: readonly Mutation[] = [
  swapLocal,
  offByOne,
  shiftBytes,
  throughInteger,
  borrowFirst,
  secondBorrow,
  reborrowInPlace,
];
