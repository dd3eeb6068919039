/** Mutations of calls: signatures, what is passed, threads and atomic orderings. */

import {
  build,
  type FnItem,
  type Operand,
  type Statement,
  TY_I8,
  TY_I32,
  TY_U8,
  TY_U32,
  TY_U64,
  TY_USIZE,
  type Ty,
} from "../../../codegen/index.ts";
import { type Edit, eachBlock, type Mutation, type Site } from "../mutation.ts";
import { calleeOf, lastName } from "./storage.ts";

/** A function is called by a pointer of another type. */
const signature: Mutation = {
  name: "call signature",
  sites: (site) =>
    eachBlock(site, (block) => {
      const { terminator } = block;
      if (terminator.kind !== "call") return [];
      const item = calleeOf(terminator);
      if (item === undefined || item.kind !== "fn" || item.generics.length > 0 || item.parent !== undefined) return [];
      if (item.abi !== "Rust") return [];
      return [
        () => {
          const { body, tcx } = site;
          const to: Statement[] = [];
          const real = tcx.fnPtr(item.params, item.ret);
          const pointer = body.temp(real, build.cast("ReifyFnPointer", terminator.func, real), to);
          const other = otherSignature(site, item, terminator.args, to);
          const called = body.temp(other.ty, build.cast("Transmute", build.copy(pointer), other.ty), to);
          let { destination, target } = terminator;
          if (other.ret !== item.ret && target !== undefined) {
            const result = body.local(other.ret);
            const back = build.assign(destination, build.cast("Transmute", build.copy(result), item.ret));
            target = body.block([back], build.goto(target), block.isCleanup);
            destination = build.place(result);
          }
          block.statements.push(...to);
          block.terminator = { ...terminator, func: build.copy(called), args: other.args, destination, target };
        },
      ];
    }),
};

/** Types of one size, that calls may or may not confuse. */
const SIBLINGS: Readonly<Record<string, readonly Ty[]>> = {
  u8: [TY_I8],
  i8: [TY_U8],
  u32: [TY_I32],
  i32: [TY_U32],
  usize: [TY_U64],
  u64: [TY_USIZE],
};

function sibling({ tcx, rng }: Site, ty: Ty): Ty | undefined {
  if (ty.kind === "ref") return rng.chance(50) ? tcx.ptr(ty.mutability, ty.pointee) : tcx.ref(ty.mutability, TY_U8);
  if (ty.kind === "ptr") return rng.chance(50) ? tcx.ptr(ty.mutability, TY_U8) : TY_USIZE;
  if (ty.kind === "char") return TY_U32;
  if (ty.kind === "bool") return TY_U8;
  if (ty.kind === "adt" || ty.kind === "tuple") return tcx.array(ty, 1);
  const [other] = SIBLINGS[ty.text] ?? [];
  return other ?? (ty.kind === "float" && ty.width === 32 ? TY_U32 : undefined);
}

/** Another signature for `item`, and the arguments as it wants them. */
function otherSignature(
  site: Site,
  item: FnItem,
  args: readonly Operand[],
  into: Statement[],
): { ty: Ty; args: readonly Operand[]; ret: Ty } {
  const { tcx, rng, body } = site;
  const { params, ret } = item;
  const made = (types: readonly Ty[], values: readonly Operand[], result = ret, abi?: string) => ({
    ty: tcx.fnPtr(types, result, abi === undefined ? {} : { abi }),
    args: values,
    ret: result,
  });
  const way = rng.below(5);
  if (way === 0) return made(params, args, ret, "C");
  if (way === 1) return made([...params, TY_U8], [...args, build.constInt(TY_U8, 7)]);
  if (way === 2 && params.length > 0) return made(params.slice(0, -1), args.slice(0, -1));
  const result = way === 3 ? sibling(site, ret) : undefined;
  if (result !== undefined) return made(params, args, result);
  const changeable = params.flatMap((ty, i) => (sibling(site, ty) === undefined ? [] : [i]));
  if (changeable.length === 0) return made(params, args, ret, "C");
  const at = rng.pick(changeable);
  const ty = sibling(site, params[at]!)!;
  const value = body.temp(ty, build.cast("Transmute", asCopy(args[at]!), ty), into);
  return made(
    params.map((old, i) => (i === at ? ty : old)),
    args.map((old, i) => (i === at ? build.copy(value) : old)),
  );
}

function asCopy(operand: Operand): Operand {
  return operand.kind === "move" ? { ...operand, kind: "copy" } : operand;
}

/** An argument is moved that was copied, or passed twice; the result goes where an argument is. */
const argument: Mutation = {
  name: "argument",
  sites: (site) =>
    eachBlock(site, (block) => {
      const { terminator } = block;
      if (terminator.kind !== "call" || calleeOf(terminator)?.kind !== "fn") return [];
      const edits: Edit[] = [];
      terminator.args.forEach((arg, i) => {
        if (arg.kind === "const") return;
        const ty = site.body.tyOf(arg.place);
        const change = (kind: "copy" | "move"): void => {
          const args = terminator.args.map((old, k): Operand => (k === i ? { ...arg, kind } : old));
          block.terminator = { ...terminator, args };
        };
        if (arg.kind === "copy") edits.push(() => change("move"));
        if (site.body.tyOf(terminator.destination) === ty)
          edits.push(() => {
            change(site.rng.chance(60) ? "move" : "copy");
            if (block.terminator.kind === "call") block.terminator = { ...block.terminator, destination: arg.place };
          });
        const twins = terminator.args.flatMap((other, k) =>
          k !== i && other.kind !== "const" && site.body.tyOf(other.place) === ty ? [k] : [],
        );
        if (twins.length === 0) return;
        edits.push(() => {
          const twin = site.rng.pick(twins);
          const kind = site.rng.chance(70) ? "move" : arg.kind;
          const args = terminator.args.map((old, k): Operand => (k === twin || k === i ? { ...arg, kind } : old));
          block.terminator = { ...terminator, args };
        });
      });
      return edits;
    }),
};

const WEAKER: Readonly<Record<string, string>> = {
  seqcst: "relaxed",
  acqrel: "relaxed",
  acquire: "relaxed",
  release: "relaxed",
};

/** An atomic access orders less, or is none. */
const ordering: Mutation = {
  name: "atomic ordering",
  sites: (site) =>
    eachBlock(site, (block) => {
      const { terminator } = block;
      if (terminator.kind !== "call" || terminator.target === undefined) return [];
      const item = calleeOf(terminator);
      const [, operation, order] =
        /^atomic_(\w+?)_([a-z]+)(?:_[a-z]+)?$/.exec(item === undefined ? "" : lastName(item)) ?? [];
      if (item === undefined || operation === undefined || order === undefined) return [];
      const edits: Edit[] = [];
      const weaker = WEAKER[order];
      if (weaker !== undefined && !operation.includes("fence"))
        edits.push(() => {
          const name = item.name.replace(`${operation}_${order}`, `${operation}_${weaker}`);
          const func: Operand = callOf({ ...item, name }, terminator.func);
          block.terminator = { ...terminator, func };
        });
      const { target } = terminator;
      const [pointer, value] = terminator.args;
      const local = pointer?.kind === "const" || pointer === undefined ? undefined : pointer.place;
      if (local === undefined || local.projection.length > 0) return edits;
      const behind = build.project(local, build.deref());
      if (operation === "load")
        edits.push(() => {
          block.statements.push(build.assign(terminator.destination, build.use(build.copy(behind))));
          block.terminator = build.goto(target);
        });
      if (operation === "store" && value !== undefined)
        edits.push(() => {
          block.statements.push(build.assign(behind, build.use(value)));
          block.terminator = build.goto(target);
        });
      return edits;
    }),
};

/** `func` with another item. */
function callOf(item: FnItem, func: Operand): Operand {
  return func.kind === "const" && func.value.kind === "fn" ? { kind: "const", value: { ...func.value, item } } : func;
}

const SKIPPED: ReadonlySet<string> = new Set(["thread_join", "thread_yield", "fence"]);

/** A thread is not waited for, or a call does not happen. */
const dropCall: Mutation = {
  name: "drop call",
  sites: (site) =>
    eachBlock(site, (block) => {
      const { terminator } = block;
      if (terminator.kind !== "call" || terminator.target === undefined) return [];
      const item = calleeOf(terminator);
      const { target } = terminator;
      if (item === undefined || (item.kind === "intrinsic" && lastName(item) === "observe")) return [];
      const times = SKIPPED.has(lastName(item)) ? 8 : 1;
      const skip = (): void => {
        block.terminator = build.goto(target);
      };
      return Array<Edit>(times).fill(skip);
    }),
};

export const CALL_MUTATIONS: readonly Mutation[] = [signature, argument, ordering, dropCall];
