/**
 * Actions on what is known of types, and on hints: sizes, alignments, offsets, identities; promises to the optimiser that hold.
 */

import {
  discriminantTy,
  type NullOp,
  TY_BOOL,
  TY_I32,
  TY_ISIZE,
  TY_STR,
  TY_U8,
  TY_U32,
  TY_U128,
  TY_USIZE,
  type Ty,
} from "../../codegen/index.ts";
import { constInt } from "./constants.ts";
import { droppable, newDroppable } from "./droppable.ts";
import { at, callIntrinsic, constOf, deliver, ifThenElse, rawTo } from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import {
  binary,
  cast,
  condition,
  copyOf,
  moveOf,
  newValue,
  operand,
  placeOf,
  reusable,
  store,
  temp,
  use,
  variable,
} from "./operands.ts";

const TYPE_SIZES: readonly string[] = ["size_of", "align_of", "min_align_of", "pref_align_of"];

export function typeSize(cx: FnCx): void {
  const ty = cx.types.any(60);
  switch (cx.rng.below(6)) {
    case 0: {
      const op: NullOp = { kind: cx.rng.pick(["SizeOf", "AlignOf"] as const), ty };
      store(cx, TY_USIZE, { kind: "nullary", op });
      return;
    }
    case 1:
      store(cx, TY_USIZE, { kind: "nullary", op: offsetOf(cx, ty) });
      return;
    case 2:
      for (let n = 2; n > 0; n--) deliver(cx, callIntrinsic(cx, cx.rng.pick(TYPE_SIZES), [ty], []), TY_USIZE);
      return;
    case 3:
      sizeOfValue(cx);
      return;
    case 4:
      variants(cx);
      return;
    default:
      for (let n = cx.rng.between(2, 3); n > 0; n--) configured(cx);
  }
}

/** How many variants an enum has, which one a value is of, where a field is: by intrinsics. */
function variants(cx: FnCx): void {
  const { tcx, option, enums } = cx.types;
  const ty = enums.length > 0 && cx.rng.chance(60) ? cx.rng.pick(enums).ty : tcx.adt(option, [cx.types.scalar()]);
  if (cx.rng.chance(30)) deliver(cx, callIntrinsic(cx, "variant_count", [ty], []), TY_USIZE);
  if (cx.rng.chance(25)) {
    const pair = tcx.tuple([TY_U8, TY_U32]);
    const args = [constInt(TY_U32, 0), constInt(TY_U32, cx.rng.below(2))];
    deliver(cx, callIntrinsic(cx, "offset_of", [pair], args), TY_USIZE);
  }
  if (discriminantTy(ty) !== TY_ISIZE) return;
  const value = temp(cx, ty, newValue(cx, ty));
  const reference = temp(cx, tcx.ref("not", ty), { kind: "ref", mutability: "not", place: at(value) });
  deliver(cx, callIntrinsic(cx, "discriminant_value", [ty], [moveOf(reference)]), TY_ISIZE);
}

/** `offset_of!` of a part of `ty`, or of its first half when it has no parts: 0 either way round. */
function offsetOf(cx: FnCx, ty: Ty): NullOp {
  if (ty.kind === "tuple" && ty.fields.length > 0)
    return { kind: "OffsetOf", ty, path: [[0, cx.rng.below(ty.fields.length)]] };
  if (ty.kind === "adt" && ty.def.adtKind === "struct") {
    const fields = cx.types.tcx.fieldTys(ty, 0);
    if (fields.length > 0) return { kind: "OffsetOf", ty, path: [[0, cx.rng.below(fields.length)]] };
  }
  const pair = cx.types.tcx.tuple([TY_U8, TY_U32]);
  return { kind: "OffsetOf", ty: pair, path: [[0, cx.rng.below(2)]] };
}

/** The size of what a wide pointer points to, from its metadata. */
function sizeOfValue(cx: FnCx): void {
  const { tcx } = cx.types;
  const what = cx.rng.pick(["size_of_val", "align_of_val", "min_align_of_val"]);
  if (cx.rng.chance(30)) {
    const bytes = new TextEncoder().encode(cx.rng.pick(["", "x", "mirror"]));
    const text = temp(cx, tcx.ref("not", TY_STR), use(constOf({ kind: "bytes", ty: tcx.ref("not", TY_STR), bytes })));
    const raw = tcx.ptr("not", TY_STR);
    const pointer = temp(cx, raw, { kind: "rawPtr", mutability: "not", place: at(text, { kind: "deref" }) });
    deliver(cx, callIntrinsic(cx, what, [TY_STR], [moveOf(pointer)]), TY_USIZE);
    return;
  }
  const array = tcx.array(cx.types.int(), cx.rng.between(1, 5));
  const value = temp(cx, array, newValue(cx, array));
  const slice = tcx.slice((array as Extract<Ty, { kind: "array" }>).element);
  const wide = temp(
    cx,
    tcx.ptr("not", slice),
    cast("Unsize", moveOf(rawTo(cx, at(value), array, "not")), tcx.ptr("not", slice)),
  );
  deliver(cx, callIntrinsic(cx, what, [slice], [moveOf(wide)]), TY_USIZE);
}

/** What depends on how the program is compiled chooses between two ways to the same value. */
function configured(cx: FnCx): void {
  const ty = cx.types.int();
  const x = temp(cx, ty, use(variable(cx, ty)));
  const name = cx.rng.pick([
    "ub_checks",
    "overflow_checks",
    "is_val_statically_known",
    "contract_checks",
    "nullary",
    "nullary",
  ]);
  const flag =
    name === "nullary"
      ? temp(cx, TY_BOOL, { kind: "nullary", op: { kind: cx.rng.pick(["UbChecks", "ContractChecks"] as const) } })
      : name === "is_val_statically_known"
        ? callIntrinsic(cx, name, [ty], [copyOf(x)])
        : callIntrinsic(cx, name, [], []);
  const result = cx.newLocal(ty);
  const y = reusable(cx, ty);
  ifThenElse(
    cx,
    moveOf(flag),
    () => cx.assign(placeOf(result), binary("BitXor", copyOf(x), y)),
    () => cx.assign(placeOf(result), binary("BitXor", y, copyOf(x))),
  );
  deliver(cx, result, ty);
}

/** Whether two types are one, whether a type needs dropping, what its name is as long as. */
export function typeIdentity(cx: FnCx): void {
  const [a, b] = [cx.types.any(40), cx.types.any(40)];
  switch (cx.rng.below(3)) {
    case 0: {
      const ids = [a, cx.rng.chance(50) ? a : b].map((ty) => {
        const id = callIntrinsic(cx, "type_id", [ty], []);
        return moveOf(temp(cx, TY_U128, cast("Transmute", moveOf(id), TY_U128)));
      });
      if (cx.rng.chance(30)) {
        const same = [a, b].map((ty) => moveOf(callIntrinsic(cx, "type_id", [ty], [])));
        deliver(cx, callIntrinsic(cx, "type_id_eq", [], same), TY_BOOL);
      }
      const [left, right] = ids as [(typeof ids)[0], (typeof ids)[0]];
      store(cx, TY_BOOL, binary(cx.rng.pick(["Eq", "Ne"] as const), left, right));
      return;
    }
    case 1: {
      const ty = cx.rng.chance(50) ? droppable(cx).ty : a;
      deliver(cx, callIntrinsic(cx, "needs_drop", [ty], []), TY_BOOL);
      return;
    }
    default: {
      // Its text is open, but it is the same text each time; that of a definition has the crate's name in it.
      const { tcx } = cx.types;
      const scalar = cx.types.scalar();
      const named = cx.rng.pick([scalar, tcx.array(scalar, 3), tcx.tuple([scalar, TY_BOOL]), tcx.ref("not", scalar)]);
      const names = [0, 1].map(() => callIntrinsic(cx, "type_name", [named], []));
      const lengths = names.map((n) =>
        moveOf(temp(cx, TY_USIZE, { kind: "unary", op: "PtrMetadata", operand: copyOf(n) })),
      );
      store(cx, TY_BOOL, binary("Eq", lengths[0]!, lengths[1]!));
    }
  }
}

const PREFETCHES: readonly string[] = [
  "prefetch_read_data",
  "prefetch_write_data",
  "prefetch_read_instruction",
  "prefetch_write_instruction",
];

/** Hints that change nothing, on values that go on. */
export function hint(cx: FnCx): void {
  switch (cx.rng.below(7)) {
    case 5: {
      const ty = cx.types.int();
      const value = temp(cx, ty, use(variable(cx, ty)));
      const locality = cx.types.tcx.constArg(TY_I32, 3n, "3");
      const pointer = rawTo(cx, at(value), ty, "not");
      for (let n = 2; n > 0; n--) callIntrinsic(cx, cx.rng.pick(PREFETCHES), [ty, locality], [copyOf(pointer)]);
      deliver(cx, value, ty);
      return;
    }
    case 0: {
      const likely = callIntrinsic(cx, cx.rng.pick(["likely", "unlikely"]), [], [condition(cx)]);
      deliver(cx, likely, TY_BOOL);
      return;
    }
    case 1: {
      const ty = cx.types.int();
      const result = cx.newLocal(ty);
      ifThenElse(
        cx,
        condition(cx),
        () => {
          callIntrinsic(cx, "cold_path", [], []);
          cx.assign(placeOf(result), use(reusable(cx, ty)));
        },
        () => cx.assign(placeOf(result), use(reusable(cx, ty))),
      );
      deliver(cx, result, ty);
      return;
    }
    case 2: {
      const ty = cx.types.int();
      const low = temp(cx, ty, binary("BitAnd", variable(cx, ty), constInt(ty, 15)));
      const holds = temp(cx, TY_BOOL, binary("Le", copyOf(low), constInt(ty, 15)));
      callIntrinsic(cx, "assume", [], [moveOf(holds)]);
      deliver(cx, low, ty);
      return;
    }
    case 3: {
      // What is forgotten is not dropped.
      const d = droppable(cx);
      const owned = temp(cx, d.ty, newDroppable(cx, d));
      callIntrinsic(cx, "forget", [d.ty], [moveOf(owned)]);
      return;
    }
    case 4: {
      const ty = cx.types.any(60);
      if (cx.rng.chance(50)) callIntrinsic(cx, "assert_inhabited", [ty], []);
      else callIntrinsic(cx, "assert_mem_uninitialized_valid", [cx.types.int()], []);
      callIntrinsic(cx, "assert_zero_valid", [TY_U32], []);
      deliver(cx, callIntrinsic(cx, "black_box", [ty], [operand(cx, ty)]), ty);
      return;
    }
    default: {
      const [from, to] = cx.rng.pick([
        [TY_U32, cx.types.tcx.array(TY_U8, 4)],
        [TY_U128, cx.types.tcx.array(TY_U32, 4)],
      ] as const);
      const made = callIntrinsic(
        cx,
        cx.rng.pick(["transmute", "transmute_unchecked"]),
        [from, to],
        [variable(cx, from)],
      );
      deliver(cx, made, to);
    }
  }
}
