/**
 * Values of random types, built, moved about and observed on the test backend: what is observed must be the value that was built.
 *
 * The expected records come from the value itself, by a walk over types alone; layouts, operands, places, discriminants, calls and glue all lie
 * between the two.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newRng, type Rng, randomAdts } from "../../layout/testing/random-types.ts";
import * as mir from "../../mir/builder.ts";
import { INTRINSICS, newTyCtxt } from "../../mir/prelude.ts";
import type { FnItem, Operand } from "../../mir/syntax.ts";
import { TY_U32, TY_UNIT, TY_USIZE, type Ty, type TyCtxt } from "../../mir/ty.ts";
import { renderVerifyError, verifyBody, verifyProgram } from "../../mir/verifier.ts";
import { collect } from "../../monomorphize/collector.ts";
import { instanceOf } from "../../monomorphize/symbol-names.ts";
import { CANONICAL_NAN_F32, CANONICAL_NAN_F64, EventKind } from "../../runtime/events.ts";
import { HOST_TARGET } from "../../target/spec.ts";
import { observeGlue } from "../../transform/observe-glue.ts";
import { compileForTest, type EventRecord, runForTest } from "../test-backend/evaluate.ts";

const KINDS: Readonly<Record<string, number>> = {
  bool: EventKind.BOOL,
  char: EventKind.CHAR,
  i8: EventKind.I8,
  i16: EventKind.I16,
  i32: EventKind.I32,
  i64: EventKind.I64,
  i128: EventKind.I128,
  isize: EventKind.ISIZE,
  u8: EventKind.U8,
  u16: EventKind.U16,
  u32: EventKind.U32,
  u64: EventKind.U64,
  u128: EventKind.U128,
  usize: EventKind.USIZE,
  f32: EventKind.F32,
  f64: EventKind.F64,
};

const TAG = 7;
const LOW = (1n << 64n) - 1n;

function record(kind: number, bits: bigint): EventRecord {
  return [kind, TAG, bits & LOW, bits >> 64n];
}

/** Builds a random value of a type, and knows the records that observing it leaves. */
class ValueBuilder {
  readonly events: EventRecord[] = [];
  /** Functions that function pointers point to; nobody calls them. */
  readonly callees: FnItem[] = [];
  private readonly b: mir.BodyBuilder;
  private readonly rng: Rng;

  constructor(b: mir.BodyBuilder, rng: Rng) {
    this.b = b;
    this.rng = rng;
  }

  build(ty: Ty): Operand {
    switch (ty.kind) {
      case "bool":
        return this.scalar(ty, BigInt(this.rng.below(2)));
      case "char":
        return this.scalar(ty, BigInt(this.rng.pick([0, 65, 0xd7ff, 0xe000, 0x10ffff])));
      case "int":
      case "uint":
        return this.scalar(ty, this.bits(ty.width === "size" ? 64 : ty.width));
      case "float":
        return this.float(ty);
      case "tuple":
        return this.aggregate(ty, mir.tupleOf(...ty.fields.map((f) => this.build(f))));
      case "array": {
        const elements = Array.from({ length: ty.length }, () => this.build(ty.element));
        return this.aggregate(ty, mir.arrayOf(ty.element, elements));
      }
      case "ref": {
        const target = this.b.newLocal(ty.pointee);
        this.b.assign(target, mir.use(this.build(ty.pointee)));
        return this.aggregate(ty, mir.refTo(ty.mutability, target));
      }
      case "ptr": {
        const target = this.b.newLocal(ty.pointee);
        const isNull = this.rng.chance(50);
        this.events.push(record(EventKind.POINTER, isNull ? 0n : 1n));
        const pointer = isNull
          ? mir.cast("PointerWithExposedProvenance", mir.constInt(TY_USIZE, 0), ty)
          : mir.rawPtrTo(ty.mutability, target);
        return this.aggregate(ty, pointer);
      }
      case "fnptr": {
        const callee = mir.newFn(`callee${this.callees.length}`, ty.params, ty.ret, { abi: ty.abi });
        const body = new mir.BodyBuilder(this.b.tcx, ty.params, ty.ret);
        body.terminate(mir.unreachable());
        callee.body = body.finish();
        this.callees.push(callee);
        this.events.push(record(EventKind.POINTER, 1n));
        return this.aggregate(ty, mir.cast("ReifyFnPointer", mir.fnRef(callee), ty));
      }
      case "adt":
        return this.adt(ty);
      default:
        throw new Error(`a value of ${ty.text}`);
    }
  }

  private bits(width: number): bigint {
    const kind = this.rng.below(4);
    if (kind === 0) return BigInt.asUintN(width, BigInt(this.rng.below(3)) - 1n);
    let bits = 0n;
    for (let i = 0; i < width; i += 16) bits = (bits << 16n) | BigInt(this.rng.below(65536));
    return BigInt.asUintN(width, bits);
  }

  private scalar(ty: Ty, bits: bigint): Operand {
    this.events.push(record(KINDS[ty.text]!, bits));
    return this.maybeOpaque(ty, mir.constBits(ty, bits));
  }

  private float(ty: Ty & { kind: "float" }): Operand {
    const bits = this.rng.chance(20) ? (1n << BigInt(ty.width)) - 1n : this.bits(ty.width);
    const [exponent, canonical] =
      ty.width === 32 ? [0x7f800000n, CANONICAL_NAN_F32] : [0x7ff0000000000000n, CANONICAL_NAN_F64];
    const isNan = (bits & ~(1n << BigInt(ty.width - 1))) > exponent;
    this.events.push(record(KINDS[ty.text]!, isNan ? canonical : bits));
    return this.maybeOpaque(ty, mir.constBits(ty, bits));
  }

  private adt(ty: Ty & { kind: "adt" }): Operand {
    const { def } = ty;
    const variant = this.rng.below(def.variants.length);
    if (def.adtKind === "enum") this.events.push(record(EventKind.VARIANT, BigInt(variant)));
    const fields = this.b.tcx.fieldTys(ty, variant).map((f) => this.build(f));
    return this.aggregate(ty, mir.adtOf(ty, variant, fields));
  }

  private aggregate(ty: Ty, rvalue: ReturnType<typeof mir.use>): Operand {
    return this.maybeOpaque(ty, mir.copy(this.b.temp(ty, rvalue)));
  }

  /** The operand as it is, through `black_box`, or through a local that is assigned twice and so lies in memory. */
  private maybeOpaque(ty: Ty, operand: Operand): Operand {
    switch (this.rng.below(5)) {
      case 0: {
        const local = this.b.newLocal(ty);
        this.b.call(local, mir.fnRef(INTRINSICS.blackBox, [ty]), [operand]);
        return mir.copy(local);
      }
      case 1: {
        const local = this.b.temp(ty, mir.use(operand));
        this.b.assign(local, mir.use(operand));
        return mir.move(local);
      }
      default:
        return operand;
    }
  }
}

/** A function that gives back its argument, which it has copied by way of memory. */
function identity(tcx: TyCtxt, name: string, ty: Ty, viaPointer: boolean): FnItem {
  const item = mir.newFn(name, [TY_U32, ty, ty], ty);
  const b = new mir.BodyBuilder(tcx, item.params, ty);
  if (viaPointer) {
    const pointer = b.temp(tcx.ptr("not", ty), mir.rawPtrTo("not", 3));
    b.assign(0, mir.use(mir.copy(mir.place(pointer, mir.deref()))));
  } else {
    b.assign(0, mir.use(mir.copy(3)));
  }
  b.terminate(mir.ret());
  item.body = b.finish();
  return item;
}

interface Case {
  readonly functions: FnItem[];
  readonly events: readonly EventRecord[];
}

/** A program that builds a value of `ty`, passes it through functions and observes what comes back. */
function valueCase(tcx: TyCtxt, rng: Rng, ty: Ty): Case {
  const main = mir.newFn("main", [], TY_UNIT);
  const b = new mir.BodyBuilder(tcx, [], TY_UNIT);
  const values = new ValueBuilder(b, rng);
  const built = b.temp(ty, mir.use(values.build(ty)));
  const helpers = [identity(tcx, "direct", ty, false), identity(tcx, "by_pointer", ty, true)];
  let current: Operand = mir.copy(built);
  for (const helper of helpers) {
    const next = b.newLocal(ty);
    b.call(next, mir.fnRef(helper), [mir.constInt(TY_U32, 1), mir.copy(built), current]);
    current = mir.move(next);
  }
  b.call(b.newLocal(TY_UNIT), mir.fnRef(INTRINSICS.observe, [ty]), [mir.constInt(TY_U32, TAG), current]);
  b.terminate(mir.ret());
  main.body = b.finish();
  return { functions: [main, ...helpers, ...values.callees], events: values.events };
}

function randomTys(tcx: TyCtxt, rng: Rng): Ty[] {
  const adts = randomAdts(tcx, rng, 4, { uninhabited: false }).map((def) => tcx.adt(def));
  const option = tcx.adts.get("std::option::Option")!;
  const some = rng.pick(adts);
  return [
    ...adts,
    tcx.adt(option, [some]),
    tcx.adt(option, [tcx.ref("not", some)]),
    tcx.array(some, 1 + rng.below(12)),
    tcx.tuple([some, TY_U32, rng.pick(adts)]),
  ];
}

describe("values of random types", () => {
  it("are observed as they were built", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const rng = newRng(seed);
        const tcx = newTyCtxt();
        for (const ty of randomTys(tcx, rng)) {
          const { functions, events } = valueCase(tcx, rng, ty);
          const program = { tcx, functions, file: "" };
          expect(verifyProgram(program).map(renderVerifyError)).toEqual([]);
          const run = runForTest(compileForTest(program, HOST_TARGET, [functions[0]!], 2), "main");
          expect(run).toEqual({ events, panic: undefined });
        }
      }),
      { numRuns: 60 },
    );
  });

  it("have glue that is well-formed MIR", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const tcx = newTyCtxt();
        for (const ty of randomTys(tcx, newRng(seed))) {
          const glue = observeGlue(tcx, ty);
          if (glue === undefined) continue;
          expect(observeGlue(tcx, ty)).toBe(glue);
          for (const { instance } of collect(tcx, [instanceOf(glue.instance.item)])) {
            expect(verifyBody(instance.item.body!, tcx).map(renderVerifyError)).toEqual([]);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
