/**
 * Drop glue: the body of `drop_in_place::<T>(*mut T)`.
 *
 * As `build_drop_shim` of rustc_mir_transform/src/shim.rs with the *open drop* of rustc_mir_transform/src/elaborate_drop.rs. The type's
 * own `Drop::drop` runs first, then the fields are dropped in declared order. A *ladder* drops fields with a second way down for
 * unwinding: when dropping one panics, the fields behind it are still dropped, in cleanup blocks, and the unwinding goes on. Parts are
 * dropped by `drop` terminators, whose glue is another shim.
 */

import { bug } from "../../entity/entity.ts";
import * as mir from "../../mir/builder.ts";
import { intBits } from "../../mir/literal.ts";
import { discriminantTy } from "../../mir/place-ty.ts";
import type { BasicBlock, Body, Operand, Place } from "../../mir/syntax.ts";
import { isIntegral, TY_BOOL, TY_UNIT, TY_USIZE, type Ty, type TyOf } from "../../mir/ty.ts";
import { dropImpl, needsDrop } from "../../traits/predicates.ts";
import { normalizedFieldTys, upvarTys } from "../../traits/struct-tail.ts";
import type { TraitCx } from "../../traits/trait-cx.ts";
import { CONTINUE, callTerminator, dropTerminator, ShimBody, type Unwind, unwindTo } from "./shim-body.ts";

/** The value to drop is behind the argument. */
const SELF: Place = mir.place(1, mir.deref());

/** A part of a value that needs dropping. */
interface DropPart {
  readonly place: Place;
  readonly ty: Ty;
  /** It may be less aligned than its type wants, so it is moved out first. */
  readonly packed: boolean;
}

/** The body of the drop glue of `ty`, which needs dropping. */
export function buildDropGlue(cx: TraitCx, ty: Ty): Body {
  const glue = new GlueBuilder(cx, ty);
  return glue.build(ty);
}

class GlueBuilder {
  private readonly cx: TraitCx;
  private readonly body: ShimBody;

  constructor(cx: TraitCx, ty: Ty) {
    this.cx = cx;
    this.body = new ShimBody([cx.tcx.ptr("mut", ty)], TY_UNIT);
  }

  build(ty: Ty): Body {
    const { body } = this;
    const done = body.addReturn();
    if (ty.kind === "dynamic") return body.finish([], dropTerminator(SELF, done, CONTINUE));
    const resume = body.addResume();
    return body.finish([], mir.goto(this.openDrop(ty, done, resume)));
  }

  /** Drops what is behind the argument, then goes to `succ`; answers the first block. With `unwind` absent, all of it is cleanup. */
  private openDrop(ty: Ty, succ: BasicBlock, unwind: Unwind): BasicBlock {
    switch (ty.kind) {
      case "tuple":
        return this.ladder(this.fieldParts(SELF, ty.fields, false), succ, unwind);
      case "closure":
        return this.ladder(this.fieldParts(SELF, upvarTys(this.cx, ty), false), succ, unwind);
      case "array":
        return this.elements(ty.element, mir.constInt(TY_USIZE, ty.length), succ, unwind);
      case "slice":
        return this.slice(ty.element, succ, unwind);
      case "adt":
        return ty.def.lang === "owned_box" ? this.box(ty, succ, unwind) : this.adt(ty, succ, unwind);
      default:
        throw bug(`drop glue of ${ty.text}`);
    }
  }

  private fieldParts(base: Place, tys: readonly Ty[], packed: boolean): DropPart[] {
    return tys.flatMap((ty, i) =>
      needsDrop(this.cx, ty) ? [{ place: mir.project(base, mir.field(i, ty)), ty, packed }] : [],
    );
  }

  /** Drops `parts` in order. */
  private ladder(parts: readonly DropPart[], succ: BasicBlock, unwind: Unwind): BasicBlock {
    let next = succ;
    let nextUnwind = unwind;
    for (let i = parts.length - 1; i >= 0; i--) {
      const part = parts[i]!;
      next = this.dropPart(part, next, nextUnwind);
      if (nextUnwind !== undefined && i > 0) nextUnwind = this.dropPart(part, nextUnwind, undefined);
    }
    return next;
  }

  /** Drops one part; in cleanup when `unwind` is absent. */
  private dropPart({ place, ty, packed }: DropPart, succ: BasicBlock, unwind: Unwind): BasicBlock {
    const isCleanup = unwind === undefined;
    if (!packed) return this.body.add(isCleanup, [], dropTerminator(place, succ, unwindTo(unwind)));
    const local = this.body.newLocal(ty);
    const moved = [mir.storageLive(local), mir.assign(local, mir.use(mir.move(place)))];
    const dead = this.body.add(isCleanup, [mir.storageDead(local)], mir.goto(succ));
    return this.body.add(isCleanup, moved, dropTerminator(mir.place(local), dead, unwindTo(unwind)));
  }

  private adt(ty: TyOf<"adt">, succ: BasicBlock, unwind: Unwind): BasicBlock {
    const open = (to: BasicBlock, on: Unwind): BasicBlock => {
      switch (ty.def.adtKind) {
        case "union":
          return to;
        case "struct": {
          const packed = ty.def.repr.packed !== undefined;
          return this.ladder(this.fieldParts(SELF, normalizedFieldTys(this.cx, ty, 0), packed), to, on);
        }
        case "enum":
          return this.variants(ty, to, on);
      }
    };
    return this.ownDrop(ty, open(succ, unwind), unwind === undefined ? undefined : open(unwind, undefined), unwind);
  }

  /** The call of the type's own `Drop::drop`, if it has one, before `succ`; when it panics, `cleanup` drops the rest. */
  private ownDrop(ty: TyOf<"adt">, succ: BasicBlock, cleanup: Unwind, unwind: Unwind): BasicBlock {
    const { cx, body } = this;
    const method = cx.langTrait("drop")?.fns[0];
    if (method === undefined || dropImpl(cx, ty) === undefined) return succ;
    const self = body.newLocal(cx.tcx.ref("mut", ty));
    const result = body.newLocal(TY_UNIT);
    const borrow = mir.assign(self, mir.refTo("mut", SELF));
    const call = callTerminator(
      mir.place(result),
      mir.fnRef(method, [ty]),
      [mir.move(self)],
      succ,
      unwindTo(unwind === undefined ? undefined : cleanup),
    );
    return body.add(unwind === undefined, [borrow], call);
  }

  /** A switch on the discriminant, with a ladder for each variant that has something to drop. */
  private variants(ty: TyOf<"adt">, succ: BasicBlock, unwind: Unwind): BasicBlock {
    const { cx, body } = this;
    const discrTy = discriminantTy(ty);
    if (!isIntegral(discrTy)) throw bug(`a discriminant of type ${discrTy.text}`);
    const width = intBits(discrTy);
    const arms = ty.def.variants.flatMap((variant, index): [bigint, BasicBlock][] => {
      const base = mir.project(SELF, mir.downcast(ty, index));
      const parts = this.fieldParts(base, normalizedFieldTys(cx, ty, index), false);
      if (parts.length === 0) return [];
      return [[BigInt.asUintN(width, variant.discriminant), this.ladder(parts, succ, unwind)]];
    });
    if (arms.length === 0) return succ;
    const discr = body.newLocal(discrTy);
    const read = mir.assign(discr, mir.discriminantOf(SELF));
    return body.add(unwind === undefined, [read], mir.switchInt(mir.move(discr), arms, succ));
  }

  private slice(element: Ty, succ: BasicBlock, unwind: Unwind): BasicBlock {
    const { body } = this;
    const length = body.newLocal(TY_USIZE);
    const loop = this.elements(element, mir.copy(length), succ, unwind);
    const read = mir.assign(length, mir.unary("PtrMetadata", mir.copy(1)));
    return body.add(unwind === undefined, [read], mir.goto(loop));
  }

  /** Drops the elements from the first to the last; when one panics, another loop drops those behind it. */
  private elements(element: Ty, length: Operand, succ: BasicBlock, unwind: Unwind): BasicBlock {
    const { body } = this;
    const index = body.newLocal(TY_USIZE);
    const cleanup = unwind === undefined ? undefined : this.elementLoop(element, index, length, unwind, undefined);
    const loop = this.elementLoop(element, index, length, succ, cleanup);
    const zero = mir.assign(index, mir.use(mir.constInt(TY_USIZE, 0)));
    return body.add(unwind === undefined, [zero], mir.goto(loop));
  }

  private elementLoop(element: Ty, index: number, length: Operand, succ: BasicBlock, unwind: Unwind): BasicBlock {
    const { body, cx } = this;
    const isCleanup = unwind === undefined;
    const head = body.reserve();
    const pointer = body.newLocal(cx.tcx.ptr("mut", element));
    const statements = [
      mir.assign(pointer, mir.rawPtrTo("mut", mir.project(SELF, mir.indexBy(index)))),
      // Before the drop: what unwinds out of it goes on behind this element.
      mir.assign(index, mir.binary("Add", mir.copy(index), mir.constInt(TY_USIZE, 1))),
    ];
    const drop = dropTerminator(mir.place(pointer, mir.deref()), head, unwindTo(unwind));
    const step = body.add(isCleanup, statements, drop);
    const done = body.newLocal(TY_BOOL);
    const compare = mir.assign(done, mir.binary("Eq", mir.copy(index), length));
    body.set(head, isCleanup, [compare], mir.branch(mir.move(done), succ, step));
    return head;
  }

  /**
   * The content, then the memory, then the allocator. `Drop::drop` of the box frees the memory. A program without that impl has the
   * prelude's `box_free` or one of its own instead, as rustc had until 1.73, for boxes of the global allocator.
   */
  private box(ty: TyOf<"adt">, succ: BasicBlock, unwind: Unwind): BasicBlock {
    const { cx, body } = this;
    const content = boxPointer(cx, ty, SELF);
    const parts = this.fieldParts(SELF, normalizedFieldTys(cx, ty, 0), false);
    const rest = (to: BasicBlock, on: Unwind): BasicBlock => this.ladder(parts, to, on);
    const cleanup = unwind === undefined ? undefined : rest(unwind, undefined);
    const free = this.freeBox(ty, content, rest(succ, unwind), cleanup, unwind);
    if (!needsDrop(cx, content.ty.pointee)) return free;
    const freeCleanup =
      unwind === undefined || cleanup === undefined
        ? undefined
        : this.freeBox(ty, content, cleanup, undefined, undefined);
    const pointer = body.newLocal(content.ty);
    const read = mir.assign(pointer, mir.use(mir.copy(content.place)));
    const drop = dropTerminator(mir.place(pointer, mir.deref()), free, unwindTo(freeCleanup));
    return body.add(unwind === undefined, [read], drop);
  }

  private freeBox(ty: TyOf<"adt">, content: BoxContent, succ: BasicBlock, cleanup: Unwind, unwind: Unwind): BasicBlock {
    const { cx, body } = this;
    const item = dropImpl(cx, ty) === undefined && isGlobal(ty.args[1]) ? cx.boxFree() : undefined;
    const wanted = item?.params[0];
    if (item === undefined || wanted === undefined) return this.ownDrop(ty, succ, cleanup, unwind);
    const pointerTy = cx.instantiate(wanted, ty.args);
    const pointer = body.newLocal(pointerTy);
    const result = body.newLocal(TY_UNIT);
    const read = mir.assign(
      pointer,
      pointerTy === content.ty
        ? mir.use(mir.copy(content.place))
        : mir.cast("PtrToPtr", mir.copy(content.place), pointerTy),
    );
    const args = ty.args.slice(0, item.generics.length);
    const after = unwindTo(unwind === undefined ? undefined : cleanup);
    const call = callTerminator(mir.place(result), mir.fnRef(item, args), [mir.move(pointer)], succ, after);
    return body.add(unwind === undefined, [read], call);
  }
}

/** Whether a box with this allocator has its memory from the global one. */
function isGlobal(allocator: Ty | undefined): boolean {
  return allocator === undefined || (allocator.kind === "adt" && allocator.def.name === "std::alloc::Global");
}

/** Where a box points. */
interface BoxContent {
  readonly place: Place;
  readonly ty: TyOf<"ptr">;
}

/** The raw pointer in a `Box` at `place`: down the first fields (`Unique`, `NonNull`). */
export function boxPointer(cx: TraitCx, ty: TyOf<"adt">, place: Place): BoxContent {
  let at = place;
  let current: Ty = ty;
  while (current.kind === "adt" && current.def.adtKind === "struct") {
    const first: Ty | undefined = normalizedFieldTys(cx, current, 0)[0];
    if (first === undefined) break;
    at = mir.project(at, mir.field(0, first));
    current = first;
  }
  if (current.kind !== "ptr") throw bug(`${ty.text} has no pointer in its first field`);
  return { place: at, ty: current };
}
