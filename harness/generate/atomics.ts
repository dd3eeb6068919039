/**
 * Actions on atomics, by one thread and by several.
 *
 * What threads compute does not depend on their schedule: each works on memory of its own, which is read after it was joined, and on
 * shared counters by operations that commute and whose results it does not look at.
 */

import {
  DUMMY_SP,
  type FnItem,
  type Local,
  type Operand,
  TY_BOOL,
  TY_U32,
  TY_U64,
  TY_UNIT,
  type Ty,
} from "../../codegen/index.ts";
import { constInt, randomConst } from "./constants.ts";
import { select } from "./control.ts";
import {
  accumulator,
  affordable,
  at,
  callIntrinsic,
  copyAt,
  DEREF,
  deliver,
  fieldElem,
  fillBody,
  forRange,
  mix,
  mixScalar,
  rawTo,
  spend,
  usize,
  whileLoop,
} from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { intrinsic } from "./intrinsics.ts";
import { newFn } from "./items.ts";
import {
  binary,
  callTo,
  cast,
  convert,
  copyOf,
  fnConst,
  moveOf,
  operand,
  placeOf,
  reusable,
  store,
  temp,
  unitPlace,
  use,
  variable,
} from "./operands.ts";

const LOAD_ORDERINGS = ["relaxed", "acquire", "seqcst"] as const;
const STORE_ORDERINGS = ["relaxed", "release", "seqcst"] as const;
const ORDERINGS = ["relaxed", "acquire", "release", "acqrel", "seqcst"] as const;
const FENCES = ["acquire", "release", "acqrel", "seqcst"] as const;

/** An integer type that every target has atomics of. */
function atomicTy(cx: FnCx): Ty {
  const ty = cx.types.int();
  return (ty.kind === "int" || ty.kind === "uint") && ty.width === 128 ? TY_U64 : ty;
}

/** A local of integer type, in no pool, and a pointer to it. */
function cell(cx: FnCx, ty: Ty): { value: Local; pointer: Local } {
  const value = temp(cx, ty, use(variable(cx, ty)));
  return { value, pointer: rawTo(cx, at(value), ty) };
}

function load(cx: FnCx, pointer: Local, ty: Ty): Local {
  const constTy = cx.types.tcx.ptr("not", ty);
  const shared = temp(cx, constTy, cast("MutToConstPointer", copyOf(pointer), constTy));
  return callIntrinsic(cx, `atomic_load_${cx.rng.pick(LOAD_ORDERINGS)}`, [ty], [moveOf(shared)]);
}

function update(cx: FnCx, name: string, pointer: Local, ty: Ty, value: Operand): Local {
  return callIntrinsic(cx, `atomic_${name}_${cx.rng.pick(ORDERINGS)}`, [ty], [copyOf(pointer), value]);
}

/** Loads and stores, of integers and of pointers. */
export function atomicAccess(cx: FnCx): void {
  const ty = atomicTy(cx);
  const { value, pointer } = cell(cx, ty);
  callIntrinsic(cx, `atomic_store_${cx.rng.pick(STORE_ORDERINGS)}`, [ty], [copyOf(pointer), operand(cx, ty)]);
  const acc = accumulator(cx, ty);
  mix(cx, acc, moveOf(load(cx, pointer, ty)));
  if (cx.rng.chance(40)) {
    // A pointer published atomically, and what it points to.
    const slotTy = cx.types.tcx.ptr("mut", ty);
    const slot = temp(cx, slotTy, use(copyOf(pointer)));
    const shared = rawTo(cx, at(slot), slotTy);
    const seen = load(cx, shared, slotTy);
    mix(cx, acc, copyAt(seen, DEREF));
  }
  deliver(cx, acc, ty);
  cx.define(value, ty);
}

/** Read-modify-write operations, and exchanges that compare. */
export function atomicUpdate(cx: FnCx): void {
  const ty = atomicTy(cx);
  const { value, pointer } = cell(cx, ty);
  const acc = accumulator(cx, ty);
  if (cx.rng.chance(40)) {
    const pair = compareExchange(cx, pointer, ty, value);
    mix(cx, acc, copyAt(pair, fieldElem(0, ty)));
    store(cx, TY_BOOL, use(copyAt(pair, fieldElem(1, TY_BOOL))));
  } else {
    const signed = ty.kind === "int" ? ["max", "min"] : ["umax", "umin"];
    for (let n = cx.rng.between(1, 3); n > 0; n--) {
      const name = cx.rng.pick(["xchg", "xadd", "xsub", "and", "nand", "or", "xor", ...signed]);
      mix(cx, acc, moveOf(update(cx, name, pointer, ty, operand(cx, ty))));
    }
  }
  mix(cx, acc, moveOf(load(cx, pointer, ty)));
  deliver(cx, acc, ty);
  cx.define(value, ty);
}

/** Compares with what is there, or with something else; the weak form in a loop until it says that it did. */
function compareExchange(cx: FnCx, pointer: Local, ty: Ty, value: Local): Local {
  const [success, failure] = cx.rng.pick([
    ["relaxed", "relaxed"],
    ["acquire", "relaxed"],
    ["release", "relaxed"],
    ["acqrel", "acquire"],
    ["seqcst", "seqcst"],
  ] as const);
  const expected = cx.rng.chance(60) ? copyOf(value) : operand(cx, ty);
  const kept = temp(cx, ty, use(expected));
  const fresh = temp(cx, ty, use(reusable(cx, ty)));
  const args = [copyOf(pointer), copyOf(kept), copyOf(fresh)];
  return callIntrinsic(cx, `atomic_cxchg_${success}_${failure}`, [ty], args);
}

/** A fence between two accesses; and the weak exchange, which may fail for no reason, until it succeeds. */
export function atomicFence(cx: FnCx): void {
  const ty = atomicTy(cx);
  const { value, pointer } = cell(cx, ty);
  const acc = accumulator(cx, ty);
  callIntrinsic(cx, `atomic_store_relaxed`, [ty], [copyOf(pointer), operand(cx, ty)]);
  const name = cx.rng.chance(50) ? "fence" : "singlethreadfence";
  callIntrinsic(cx, `atomic_${name}_${cx.rng.pick(FENCES)}`, [], []);
  const before = load(cx, pointer, ty);
  const pairTy = cx.types.tcx.tuple([ty, TY_BOOL]);
  const pair = cx.newLocal(pairTy);
  const [again, done] = [cx.newBlock(), cx.newBlock()];
  cx.fallInto(again);
  const next = temp(cx, ty, binary("Add", copyOf(before), randomConst(cx.rng, ty)));
  callTo(
    cx,
    fnConst(intrinsic(cx.types.tcx, `atomic_cxchgweak_acqrel_acquire`), [ty]),
    [copyOf(pointer), copyOf(before), copyOf(next)],
    placeOf(pair),
  );
  cx.terminate({
    kind: "switchInt",
    discr: copyAt(pair, fieldElem(1, TY_BOOL)),
    values: [0n],
    targets: [again],
    otherwise: done,
    span: DUMMY_SP,
  });
  cx.enter(done);
  mix(cx, acc, copyAt(pair, fieldElem(0, ty)));
  mix(cx, acc, moveOf(load(cx, pointer, ty)));
  deliver(cx, acc, ty);
  cx.define(value, ty);
}

const THREAD_COST = 80;

/** What a thread gets: an input, room for its result, a counter that it shares. */
interface Job {
  readonly input: Ty;
  readonly out: Ty;
  readonly counter: Ty;
  readonly ty: Ty;
}

/** `fn job(p: *mut ())`: computes with the input, leaves the result, adds to the counter. */
function jobFn(cx: FnCx, job: Job): FnItem {
  const { tcx } = cx.types;
  const { items } = cx.program;
  const unitPtr = tcx.ptr("mut", TY_UNIT);
  const item = newFn(items, items.name("job"), [unitPtr], TY_UNIT);
  fillBody(cx, item, (inner, [raw]) => {
    const jobPtr = tcx.ptr("mut", job.ty);
    const p = temp(inner, jobPtr, cast("PtrToPtr", copyOf(raw!), jobPtr));
    const acc = temp(
      inner,
      job.out,
      use(convert(inner, copyAt(p, DEREF, fieldElem(0, job.input)), job.input, job.out)),
    );
    forRange(inner, usize(inner.rng.between(1, 4)), 4, () => {
      mix(inner, acc, randomConst(inner.rng, job.out));
      const counterPtr = tcx.ptr("mut", job.counter);
      const shared = temp(inner, counterPtr, use(copyAt(p, DEREF, fieldElem(2, counterPtr))));
      const amount = convert(inner, copyOf(acc), job.out, job.counter);
      update(inner, inner.rng.pick(["xadd", "xadd", "xsub"]), shared, job.counter, amount);
      if (inner.rng.chance(30)) callIntrinsic(inner, "thread_yield", [], []);
    });
    inner.assign(at(p, DEREF, fieldElem(1, job.out)), use(copyOf(acc)));
  });
  return item;
}

/** Starts one thread or more, works beside them, joins them, and reads what they left. */
function runThreads(cx: FnCx, count: number): void {
  if (cx.multiplicity > 2 || cx.program.items.depth > 0 || !affordable(cx, THREAD_COST * count * 2)) {
    select(cx);
    return;
  }
  spend(cx, THREAD_COST * count);
  const { tcx } = cx.types;
  const counter = atomicTy(cx);
  const counterPtr = tcx.ptr("mut", counter);
  const shared = cell(cx, counter);
  const unitPtr = tcx.ptr("mut", TY_UNIT);
  const entryTy = tcx.fnPtr([unitPtr], TY_UNIT);
  const running: { held: Local; handle: Local; job: Job }[] = [];
  for (let i = 0; i < count; i++) {
    const [input, out] = [cx.types.int(), cx.types.int()];
    const job: Job = { input, out, counter, ty: tcx.tuple([input, out, counterPtr]) };
    const held = temp(cx, job.ty, {
      kind: "aggregate",
      aggregate: { kind: "tuple" },
      operands: [reusable(cx, input), reusable(cx, out), copyOf(shared.pointer)],
    });
    const entry = temp(cx, entryTy, cast("ReifyFnPointer", fnConst(jobFn(cx, job)), entryTy));
    const raw = temp(cx, unitPtr, cast("PtrToPtr", moveOf(rawTo(cx, at(held), job.ty)), unitPtr));
    running.push({ held, handle: callIntrinsic(cx, "thread_spawn", [], [moveOf(entry), moveOf(raw)]), job });
  }
  update(cx, "xadd", shared.pointer, counter, operand(cx, counter));
  const acc = accumulator(cx, counter);
  for (const { held, handle, job } of running) {
    callTo(cx, fnConst(intrinsic(tcx, "thread_join")), [copyOf(handle)], unitPlace(cx));
    mixScalar(cx, acc, counter, copyAt(held, fieldElem(1, job.out)), job.out);
  }
  mix(cx, acc, moveOf(load(cx, shared.pointer, counter)));
  deliver(cx, acc, counter);
}

/** One thread, its result awaited. */
export function threadJoin(cx: FnCx): void {
  runThreads(cx, 1);
}

/** Several threads on one counter. */
export function threadCounter(cx: FnCx): void {
  runThreads(cx, cx.rng.between(2, 3));
}

/**
 * `fn send(p: *mut ())`: writes plain data, then says so in an atomic; the receiver waits for that and reads the data. Nothing but the release and
 * the acquire orders the two.
 */
export function threadMessage(cx: FnCx): void {
  if (cx.multiplicity > 2 || cx.program.items.depth > 0 || !affordable(cx, THREAD_COST * 4)) {
    select(cx);
    return;
  }
  spend(cx, THREAD_COST * 2);
  const { tcx } = cx.types;
  const { items } = cx.program;
  const payload = cx.types.int();
  const ty = tcx.tuple([payload, TY_U32]);
  const mail = tcx.ptr("mut", ty);
  const unitPtr = tcx.ptr("mut", TY_UNIT);
  const send = newFn(items, items.name("send"), [unitPtr], TY_UNIT);
  fillBody(cx, send, (inner, [raw]) => {
    const p = temp(inner, mail, cast("PtrToPtr", copyOf(raw!), mail));
    const data = at(p, DEREF, fieldElem(0, payload));
    inner.assign(data, binary("Mul", { kind: "copy", place: data }, randomConst(inner.rng, payload)));
    inner.assign(data, binary("BitXor", { kind: "copy", place: data }, randomConst(inner.rng, payload)));
    const flag = rawTo(inner, at(p, DEREF, fieldElem(1, TY_U32)), TY_U32);
    const name = `atomic_store_${inner.rng.pick(["release", "seqcst"])}`;
    callIntrinsic(inner, name, [TY_U32], [copyOf(flag), constInt(TY_U32, 1)]);
  });
  const held = temp(cx, ty, {
    kind: "aggregate",
    aggregate: { kind: "tuple" },
    operands: [variable(cx, payload), constInt(TY_U32, 0)],
  });
  const pointer = rawTo(cx, at(held), ty);
  const entryTy = tcx.fnPtr([unitPtr], TY_UNIT);
  const entry = temp(cx, entryTy, cast("ReifyFnPointer", fnConst(send), entryTy));
  const raw = temp(cx, unitPtr, cast("PtrToPtr", copyOf(pointer), unitPtr));
  const handle = callIntrinsic(cx, "thread_spawn", [], [moveOf(entry), moveOf(raw)]);
  const flagTy = tcx.ptr("not", TY_U32);
  const flagMut = rawTo(cx, at(pointer, DEREF, fieldElem(1, TY_U32)), TY_U32);
  const flag = temp(cx, flagTy, cast("MutToConstPointer", copyOf(flagMut), flagTy));
  const acquires = `atomic_load_${cx.rng.pick(["acquire", "seqcst"])}`;
  whileLoop(
    cx,
    8,
    () => {
      const seen = callIntrinsic(cx, acquires, [TY_U32], [copyOf(flag)]);
      return moveOf(temp(cx, TY_BOOL, binary("Eq", moveOf(seen), constInt(TY_U32, 0))));
    },
    () => callIntrinsic(cx, "thread_yield", [], []),
  );
  const acc = accumulator(cx, payload);
  mix(cx, acc, copyAt(pointer, DEREF, fieldElem(0, payload)));
  callTo(cx, fnConst(intrinsic(tcx, "thread_join")), [copyOf(handle)], unitPlace(cx));
  deliver(cx, acc, payload);
}
