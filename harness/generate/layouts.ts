/**
 * Actions on layouts that variables of the pools do not have: enums whose variants share a niche, enums with variants that no value has, fields of
 * packed structs, unions in structs in unions, structs that hold pointers.
 */

import {
  type AdtDef,
  DEFAULT_REPR,
  DUMMY_SP,
  discriminantTy,
  type FieldDef,
  type FnItem,
  type Local,
  type Operand,
  type Place,
  type PlaceElem,
  type ReprOptions,
  type Rvalue,
  TY_BOOL,
  TY_CHAR,
  TY_NEVER,
  TY_U8,
  TY_U16,
  TY_U32,
  TY_U64,
  TY_USIZE,
  type Ty,
  type TyOf,
} from "../../codegen/index.ts";
import { project } from "./aggregates.ts";
import { blackBox } from "./calls.ts";
import { randomConst, scalarBits } from "./constants.ts";
import { select } from "./control.ts";
import {
  accumulator,
  affordable,
  at,
  callIntrinsic,
  callItem,
  callValue,
  copyAt,
  DEREF,
  deliver,
  fieldElem,
  fillBody,
  ifThenElse,
  mix,
  mixScalar,
  rawTo,
  refTo,
  returnMixed,
  spend,
  switchAll,
} from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { smallFn } from "./fn-values.ts";
import { newFn } from "./items.ts";
import {
  binary,
  cast,
  condition,
  copyOf,
  fnConst,
  moveOf,
  newValue,
  operand,
  placeOf,
  reusable,
  temp,
  unary,
  use,
} from "./operands.ts";
import { localValue, mixPlace } from "./values.ts";

const COST = 30;

function tooCostly(cx: FnCx): boolean {
  if (cx.nesting > 4 || !affordable(cx, 2 * COST)) {
    select(cx);
    return true;
  }
  spend(cx, COST);
  return false;
}

function defineAdt(
  cx: FnCx,
  adtKind: AdtDef["adtKind"],
  prefix: string,
  variants: readonly (readonly [name: string, fields: readonly Ty[]])[],
  repr: Partial<ReprOptions> = {},
): TyOf<"adt"> {
  const name = cx.program.items.name(prefix);
  const def: AdtDef = {
    name,
    adtKind,
    generics: [],
    variants: variants.map(([variant, fields], i) => ({
      name: variant === "" ? name : variant,
      ctor: fields.length === 0 ? "unit" : "named",
      fields: fields.map((ty, k): FieldDef => ({ name: `f${k}`, ty })),
      discriminant: BigInt(i),
    })),
    repr: { ...DEFAULT_REPR, ...repr },
    explicitDiscriminants: false,
    prelude: false,
  };
  return cx.types.tcx.adt(def) as TyOf<"adt">;
}

/** An enum, and which of its variants values have. */
interface Shaped {
  readonly ty: TyOf<"adt">;
  readonly inhabited: readonly number[];
}

/** Types with bit patterns that no value has. */
function nichey(cx: FnCx): Ty {
  const { tcx, option, ordering } = cx.types;
  return cx.rng.pick([
    TY_BOOL,
    TY_CHAR,
    tcx.adt(ordering),
    tcx.adt(option, [TY_BOOL]),
    tcx.tuple([TY_BOOL, TY_U8]),
    tcx.tuple([TY_U32, TY_CHAR]),
    tcx.array(TY_BOOL, 2),
  ]);
}

function shapedEnum(cx: FnCx): Shaped {
  const { items } = cx.program;
  const known = items.known<Shaped>("shaped enums");
  if (known.length > 2 || (known.length > 0 && cx.rng.chance(50))) return cx.rng.pick(known);
  const { rng } = cx;
  const uninhabited = rng.chance(35);
  const small: Ty = rng.pick([TY_U8, TY_U16, TY_BOOL]);
  const variants: [string, readonly Ty[]][] = [["A", [nichey(cx), TY_U64, ...(rng.chance(50) ? [small] : [])]]];
  // Variants with data beside the niche of the largest one, which is where their tags are.
  for (const name of ["B", "C", "D"].slice(0, rng.between(1, 3))) variants.push([name, rng.chance(75) ? [small] : []]);
  if (uninhabited) variants.splice(rng.below(variants.length + 1), 0, ["N", [TY_U32, TY_NEVER]]);
  if (rng.chance(20)) variants.splice(0, variants.length, ["One", [nichey(cx), cx.types.int()]]);
  const repr = rng.pick<Partial<ReprOptions>>([{}, {}, {}, {}, { int: TY_U8 }, { c: true }, { c: true, int: TY_U8 }]);
  const ty = defineAdt(cx, "enum", "Shape", variants, repr);
  const inhabited = variants.flatMap(([, fields], i) => (fields.includes(TY_NEVER) ? [] : [i]));
  const made = { ty, inhabited };
  known.push(made);
  return made;
}

function downcast(ty: TyOf<"adt">, variant: number): PlaceElem {
  return { kind: "downcast", variant, name: ty.def.variants[variant]!.name };
}

function newShaped(cx: FnCx, { ty, inhabited }: Shaped, to: Place): void {
  const variant = cx.rng.pick(inhabited);
  const fields = cx.types.tcx.fieldTys(ty, variant);
  if (cx.rng.chance(30)) {
    // Field by field, the tag last.
    for (const [i, field] of fields.entries())
      cx.assign(project(to, downcast(ty, variant), fieldElem(i, field)), use(reusable(cx, field)));
    cx.statement({ kind: "setDiscriminant", place: to, variant, span: DUMMY_SP });
    return;
  }
  cx.assign(to, {
    kind: "aggregate",
    aggregate: { kind: "adt", ty, def: ty.def, variant },
    operands: fields.map((field) => reusable(cx, field)),
  });
}

/** One of two values of an enum, black-boxed or wrapped in `Option`s, matched; fields written where they are. */
export function nicheEnum(cx: FnCx): void {
  if (tooCostly(cx)) return;
  const shaped = shapedEnum(cx);
  const { ty, inhabited } = shaped;
  let held = cx.newLocal(ty);
  ifThenElse(
    cx,
    condition(cx),
    () => newShaped(cx, shaped, placeOf(held)),
    () => newShaped(cx, shaped, placeOf(held)),
  );
  const word = cx.types.int();
  const acc = accumulator(cx, word);
  if (cx.rng.chance(40)) held = blackBox(cx, ty, moveOf(held));
  if (cx.rng.chance(40)) held = throughOption(cx, ty, held, acc, word);
  const discrTy = discriminantTy(ty);
  const discr = temp(cx, discrTy, { kind: "discriminant", place: placeOf(held) });
  mixScalar(cx, acc, word, copyOf(discr), discrTy);
  const bits = scalarBits(discrTy);
  const values = inhabited.map((v) => BigInt.asUintN(bits, ty.def.variants[v]!.discriminant));
  switchAll(cx, moveOf(discr), values, (k) => {
    const variant = inhabited[k]!;
    cx.types.tcx.fieldTys(ty, variant).forEach((field, i) => {
      const place = at(held, downcast(ty, variant), fieldElem(i, field));
      mixPlace(cx, acc, word, place, field);
      if (!cx.rng.chance(40)) return;
      cx.assign(place, use(reusable(cx, field)));
      // What is written into a field leaves the tag beside it alone.
      if (cx.rng.chance(50)) mixScalar(cx, acc, word, moveOf(tagAgain(cx, held, discrTy)), discrTy);
    });
  });
  mixScalar(cx, acc, word, moveOf(tagAgain(cx, held, discrTy)), discrTy);
  deliver(cx, acc, word);
}

function tagAgain(cx: FnCx, held: Local, discrTy: Ty): Local {
  return temp(cx, discrTy, { kind: "discriminant", place: placeOf(held) });
}

/** `Some(Some(value))`, taken apart again: the tags of all three share one niche. */
function throughOption(cx: FnCx, ty: Ty, held: Local, acc: Local, word: Ty): Local {
  const { tcx, option } = cx.types;
  let [wrapped, wrappedTy] = [held, ty];
  const some = { kind: "downcast", variant: 1, name: "Some" } as const;
  const path: PlaceElem[] = [];
  for (let n = cx.rng.between(1, 2); n > 0; n--) {
    const outer = tcx.adt(option, [wrappedTy]);
    path.unshift(some, fieldElem(0, wrappedTy));
    wrapped = temp(cx, outer, {
      kind: "aggregate",
      aggregate: { kind: "adt", ty: outer, def: option, variant: 1 },
      operands: [moveOf(wrapped)],
    });
    wrappedTy = outer;
  }
  const boxed = blackBox(cx, wrappedTy, moveOf(wrapped));
  mixPlace(cx, acc, word, placeOf(boxed), wrappedTy);
  return temp(cx, ty, use({ kind: "move", place: at(boxed, ...path) }));
}

/** A packed struct with fields of every kind in it. */
function packedStruct(cx: FnCx): TyOf<"adt"> {
  const known = cx.program.items.known<TyOf<"adt">>("packed structs");
  if (known.length > 1 || (known.length > 0 && cx.rng.chance(50))) return cx.rng.pick(known);
  const { tcx } = cx.types;
  const inner = defineAdt(cx, "struct", "Tight", [["", [TY_U8, cx.types.int()]]], { packed: 1, c: cx.rng.chance(50) });
  const fields = [TY_U8, cx.types.int(), tcx.tuple([TY_U16, cx.types.int()]), tcx.array(cx.types.int(), 3), inner];
  const first = cx.rng.below(fields.length);
  const order = [...fields.slice(first), ...fields.slice(0, first)];
  const ty = defineAdt(cx, "struct", "Packed", [["", order]], {
    packed: cx.rng.pick([1, 2, 4]),
    c: cx.rng.chance(50),
  });
  known.push(ty);
  return ty;
}

/** Fields of a packed struct written, read, and read through a raw pointer that is not aligned. */
export function packedFields(cx: FnCx): void {
  if (tooCostly(cx)) return;
  const { tcx } = cx.types;
  const ty = packedStruct(cx);
  const held = localValue(cx, ty);
  const word = cx.types.int();
  const acc = accumulator(cx, word);
  const fields = tcx.fieldTys(ty, 0);
  for (let n = cx.rng.between(2, 4); n > 0; n--) {
    const i = cx.rng.below(fields.length);
    const [place, field] = within(cx, at(held, fieldElem(i, fields[i]!)), fields[i]!);
    if (cx.rng.chance(60)) cx.assign(place, use(reusable(cx, field)));
    mixScalar(cx, acc, word, { kind: "copy", place }, field);
    if (!cx.rng.chance(40)) continue;
    const p = rawTo(cx, place, field);
    const constP = temp(cx, tcx.ptr("not", field), cast("PtrToPtr", copyOf(p), tcx.ptr("not", field)));
    if (cx.rng.chance(50)) callIntrinsic(cx, "unaligned_volatile_store", [field], [copyOf(p), reusable(cx, field)]);
    mixScalar(cx, acc, word, moveOf(callIntrinsic(cx, "unaligned_volatile_load", [field], [moveOf(constP)])), field);
  }
  if (cx.rng.chance(50)) {
    const copy = temp(cx, ty, use(copyOf(held)));
    mixPlace(cx, acc, word, at(copy), ty);
  }
  deliver(cx, acc, word);
}

/** A scalar somewhere in the field at `place`. */
function within(cx: FnCx, place: Place, ty: Ty): [Place, Ty] {
  const scalars = cx.types.info(ty).leaves.filter((leaf) => leaf.info.isScalar);
  if (scalars.length === 0) return [place, ty];
  const leaf = cx.rng.pick(scalars);
  return [project(place, ...leaf.projection), leaf.info.ty];
}

/** `union Outer { s: struct { lo: union { w: u32, h: [u16; 2], b: [u8; 4] }, hi: u32 }, w: u64, b: [u8; 8] }` */
interface Nest {
  readonly outer: TyOf<"adt">;
  readonly middle: TyOf<"adt">;
  readonly inner: TyOf<"adt">;
  readonly outerTys: readonly Ty[];
  readonly innerTys: readonly Ty[];
}

function nest(cx: FnCx): Nest {
  const known = cx.program.items.known<Nest>("nested unions");
  if (known.length > 0) return known[0]!;
  const { tcx } = cx.types;
  const innerTys = [TY_U32, tcx.array(TY_U16, 2), tcx.array(TY_U8, 4)];
  const c = cx.rng.chance(60);
  const inner = defineAdt(cx, "union", "Low", [["", innerTys]], { c });
  const middle = defineAdt(cx, "struct", "Halves", [["", [inner, TY_U32]]], { c: true });
  const outerTys = [middle, TY_U64, tcx.array(TY_U8, 8)];
  const outer = defineAdt(cx, "union", "Whole", [["", outerTys]], { c });
  const made = { outer, middle, inner, outerTys, innerTys };
  known.push(made);
  return made;
}

/** A word written through one union, parts of it changed through the union within, and all of it read. */
export function nestedUnion(cx: FnCx): void {
  if (tooCostly(cx)) return;
  const n = nest(cx);
  const held = temp(cx, n.outer, {
    kind: "aggregate",
    aggregate: { kind: "adt", ty: n.outer, def: n.outer.def, variant: 0, activeField: 1 },
    operands: [reusable(cx, TY_U64)],
  });
  const low = at(held, fieldElem(0, n.middle), fieldElem(0, n.inner));
  const word = cx.types.int();
  const acc = accumulator(cx, word);
  for (let rounds = cx.rng.between(1, 3); rounds > 0; rounds--) {
    const k = cx.rng.below(n.innerTys.length);
    const [part, partTy] = within(cx, project(low, fieldElem(k, n.innerTys[k]!)), n.innerTys[k]!);
    cx.assign(part, use(reusable(cx, partTy)));
    const i = cx.rng.between(1, 2);
    mixPlace(cx, acc, word, at(held, fieldElem(i, n.outerTys[i]!)), n.outerTys[i]!);
  }
  if (cx.rng.chance(50)) {
    const half = at(held, fieldElem(0, n.middle), fieldElem(1, TY_U32));
    cx.assign(half, binary("Add", { kind: "copy", place: half }, reusable(cx, TY_U32)));
    const whole = temp(cx, n.outer, use(copyOf(held)));
    mixScalar(cx, acc, word, copyAt(whole, fieldElem(1, TY_U64)), TY_U64);
  }
  deliver(cx, acc, word);
}

/** `struct Refs { a: &A, b: &mut B, s: &[E], f: fn(E) -> E }` */
interface Holder {
  readonly ty: TyOf<"adt">;
  readonly a: Ty;
  readonly b: Ty;
  readonly element: Ty;
  readonly fnTy: Ty;
  readonly user: FnItem;
}

function holder(cx: FnCx): Holder {
  const known = cx.program.items.known<Holder>("holders");
  if (known.length > 0) return known[0]!;
  const { tcx } = cx.types;
  const [a, b, element] = [cx.types.any(40), cx.types.int(), cx.types.int()];
  const fnTy = tcx.fnPtr([element], element);
  const fields = [tcx.ref("not", a), tcx.ref("mut", b), tcx.ref("not", tcx.slice(element)), fnTy];
  const ty = defineAdt(cx, "struct", "Refs", [["", fields]], cx.rng.chance(30) ? { c: true } : {});
  const byRef = cx.rng.chance(50);
  const user = newFn(cx.program.items, "use_refs", [byRef ? tcx.ref("mut", ty) : ty, b], b, {
    inline: cx.rng.pick(["none", "hint", "never"]),
  });
  const made = { ty, a, b, element, fnTy, user };
  known.push(made);
  fillBody(cx, user, (inner, [refs, x]) => {
    const acc = temp(inner, b, use(copyOf(x!)));
    const base: readonly PlaceElem[] = byRef ? [DEREF] : [];
    const field = (i: number, ...rest: readonly PlaceElem[]): Place =>
      at(refs!, ...base, fieldElem(i, fields[i]!), ...rest);
    mixPlace(inner, acc, b, field(0, DEREF), a);
    const target = field(1, DEREF);
    inner.assign(target, binary("BitXor", { kind: "copy", place: target }, copyOf(acc)));
    mix(inner, acc, { kind: "copy", place: target });
    const first = { kind: "constantIndex", offset: 0, minLength: 1, fromEnd: inner.rng.chance(50) } as const;
    const end = first.fromEnd ? { ...first, offset: 1 } : first;
    const argument: Operand = { kind: "copy", place: field(2, DEREF, end) };
    mixScalar(inner, acc, b, moveOf(callValue(inner, { kind: "copy", place: field(3) }, [argument], element)), element);
    const length = temp(inner, TY_USIZE, unary("PtrMetadata", { kind: "copy", place: field(2) }));
    mixScalar(inner, acc, b, moveOf(length), TY_USIZE);
    returnMixed(inner, acc);
  });
  return made;
}

/** A struct of pointers, lent to or moved into a function that reads and writes through them. */
export function referenceFields(cx: FnCx): void {
  if (tooCostly(cx)) return;
  const { tcx } = cx.types;
  const h = holder(cx);
  const [lentA, lentB] = [localValue(cx, h.a), localValue(cx, h.b)];
  const arrayTy = tcx.array(h.element, cx.rng.between(1, 4));
  const array = temp(cx, arrayTy, newValue(cx, arrayTy));
  const sliceTy = tcx.ref("not", tcx.slice(h.element));
  const slice = temp(cx, sliceTy, cast("Unsize", moveOf(refTo(cx, at(array), arrayTy)), sliceTy));
  const target = smallFn(cx, h.element);
  const f = temp(cx, h.fnTy, cast("ReifyFnPointer", fnConst(target), h.fnTy));
  const refs = temp(cx, h.ty, {
    kind: "aggregate",
    aggregate: { kind: "adt", ty: h.ty, def: h.ty.def, variant: 0 },
    operands: [copyOf(refTo(cx, at(lentA), h.a)), moveOf(refTo(cx, at(lentB), h.b, "mut")), copyOf(slice), moveOf(f)],
  });
  const byRef = h.user.params[0]!.kind === "ref";
  const lent = byRef ? moveOf(refTo(cx, at(refs), h.ty, "mut")) : moveOf(refs);
  const result = callItem(cx, h.user, [], [lent, operand(cx, h.b)]);
  deliver(cx, result, h.b);
  cx.define(lentB, h.b);
  cx.define(array, arrayTy);
}

/**
 * `Some` of a type with a niche whose payload is written as bytes, or which becomes `None`: the tag is what these bytes say. Which of them mean `None`
 * is the compiler's to choose (1.97 chooses otherwise than 1.96), so no program writes or reads those.
 */
export function taggedBytes(cx: FnCx): void {
  if (tooCostly(cx)) return;
  const { tcx, option } = cx.types;
  const payload = cx.rng.pick<Ty>([TY_BOOL, TY_CHAR]);
  const ty = tcx.adt(option, [payload]);
  const aggregate = (variant: number, operands: readonly Operand[]): Rvalue => ({
    kind: "aggregate",
    aggregate: { kind: "adt", ty, def: option, variant },
    operands,
  });
  const held = temp(cx, ty, aggregate(1, [reusable(cx, payload)]));
  const carrier = payload === TY_BOOL ? TY_U8 : TY_U32;
  const pointer = tcx.ptr("mut", carrier);
  const p = temp(cx, pointer, cast("PtrToPtr", moveOf(rawTo(cx, at(held), ty)), pointer));
  const discrTy = discriminantTy(ty);
  const acc = accumulator(cx, discrTy);
  mix(cx, acc, moveOf(tagAgain(cx, held, discrTy)));
  mixScalar(cx, acc, discrTy, copyAt(p, DEREF), carrier);
  const bits = moveOf(temp(cx, carrier, cast("IntToInt", randomConst(cx.rng, payload), carrier)));
  ifThenElse(
    cx,
    condition(cx),
    () => cx.assign(placeOf(held), aggregate(0, [])),
    () => cx.assign(at(p, DEREF), use(bits)),
  );
  mix(cx, acc, moveOf(tagAgain(cx, held, discrTy)));
  deliver(cx, acc, discrTy);
}
