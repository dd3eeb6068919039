/**
 * Values of random types, built by aggregates: their events against what the value says, and every byte of them (tags and niches among
 * them) against the same value in a program compiled by rustc.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fieldOffset, forVariant, LayoutCx, layoutOf } from "../layout/layout.ts";
import { newRng, type Rng, randomAdts, randomTy, rustAdt, rustTy } from "../layout/testing/random-types.ts";
import { discriminantTy } from "../mir/place-ty.ts";
import { INTRINSICS, newTyCtxt } from "../mir/prelude.ts";
import type { Program } from "../mir/program.ts";
import type {
  BasicBlockData,
  FnItem,
  Local,
  LocalDecl,
  Operand,
  Place,
  Rvalue,
  Statement,
  Terminator,
} from "../mir/syntax.ts";
import { isIntegral, TY_U8, TY_U32, TY_UNIT, TY_USIZE, type Ty, type TyCtxt } from "../mir/ty.ts";
import { EventKind } from "../runtime/events.ts";
import { DUMMY_SP } from "../session/diagnostic.ts";
import { HOST_TARGET } from "../target/spec.ts";
import { interpretEntry, prepareProgram } from "./interpret.ts";
import { eventsOf, verdictOf } from "./testing/run-text.ts";

type Value =
  | { readonly kind: "scalar"; readonly ty: Ty; readonly bits: bigint }
  | { readonly kind: "fn"; readonly ty: Ty }
  | { readonly kind: "ref"; readonly ty: Ty; readonly to: Value }
  | { readonly kind: "fields"; readonly ty: Ty; readonly variant: number; readonly fields: readonly Value[] };

function randomBits(rng: Rng, bits: number): bigint {
  let value = 0n;
  for (let i = 0; i < 4; i++) value = (value << 32n) | BigInt(rng.below(0x1_0000_0000));
  return BigInt.asUintN(bits, value);
}

function randomValue(cx: LayoutCx, rng: Rng, ty: Ty): Value {
  const each = (tys: readonly Ty[]): Value[] => tys.map((t) => randomValue(cx, rng, t));
  switch (ty.kind) {
    case "bool":
      return { kind: "scalar", ty, bits: BigInt(rng.below(2)) };
    case "char":
      return { kind: "scalar", ty, bits: BigInt(rng.pick([65, 0, 0xd7ff, 0xe000, 0x10ffff])) };
    case "int":
    case "uint":
      return { kind: "scalar", ty, bits: randomBits(rng, ty.width === "size" ? 64 : ty.width) };
    case "float":
      return { kind: "scalar", ty, bits: ty.width === 32 ? 0x40490fdbn : 0xc00921fb54442d18n };
    case "ptr":
      return { kind: "scalar", ty, bits: 0n };
    case "ref":
      return { kind: "ref", ty, to: randomValue(cx, rng, ty.pointee) };
    case "fnptr":
      return { kind: "fn", ty };
    case "tuple":
      return { kind: "fields", ty, variant: 0, fields: each(ty.fields) };
    case "array":
      return { kind: "fields", ty, variant: 0, fields: each(Array.from({ length: ty.length }, () => ty.element)) };
    case "adt": {
      const variant = rng.below(ty.def.variants.length);
      return { kind: "fields", ty, variant, fields: each(cx.variantFieldTys(ty, variant)) };
    }
    default:
      throw new Error(ty.text);
  }
}

/** What observing the value must leave: kinds and values. */
function expectedEvents(v: Value): [number, bigint][] {
  const { ty } = v;
  if (v.kind === "ref") return expectedEvents(v.to);
  if (v.kind === "fn") return [[EventKind.POINTER, 1n]];
  if (v.kind === "scalar") {
    const kind =
      ty.kind === "ptr" ? EventKind.POINTER : (EventKind as Readonly<Record<string, number>>)[ty.text.toUpperCase()];
    return [[kind ?? 0, v.bits]];
  }
  const fields = v.fields.flatMap(expectedEvents);
  return ty.kind === "adt" && ty.def.adtKind === "enum" ? [[EventKind.VARIANT, BigInt(v.variant)], ...fields] : fields;
}

/** Offsets of the bytes that are data, not padding and not addresses. */
function dataBytes(cx: LayoutCx, v: Value, at: number, into: Set<number>): void {
  const { layout } = layoutOf(cx, v.ty);
  if (v.kind === "scalar") for (let i = 0; i < layout.size; i++) into.add(at + i);
  if (v.kind !== "fields") return;
  const shape = v.ty.kind === "adt" ? forVariant(cx, { ty: v.ty, layout }, v.variant).layout : layout;
  v.fields.forEach((f, i) => {
    dataBytes(cx, f, at + fieldOffset(shape, i), into);
  });
  const { variants } = layout;
  if (
    variants.kind === "multiple" &&
    !(variants.encoding.kind === "niche" && variants.encoding.untaggedVariant === v.variant)
  ) {
    const size = variants.tag.primitive.kind === "pointer" ? 8 : variants.tag.primitive.bits / 8;
    for (let i = 0; i < size; i++) into.add(at + variants.tagOffset + i);
  }
}

function rustValue(v: Value): string {
  const { ty } = v;
  if (v.kind === "ref") {
    const leaked = `Box::leak(Box::new(${rustValue(v.to)}))`;
    return ty.kind === "ref" && ty.mutability === "mut" ? leaked : `&*${leaked}`;
  }
  if (v.kind === "fn") return "(dummy as fn())";
  if (v.kind === "scalar") {
    if (ty.kind === "bool") return v.bits === 1n ? "true" : "false";
    if (ty.kind === "char") return `char::from_u32(${v.bits}).unwrap()`;
    if (ty.kind === "float") return `${ty.text}::from_bits(${v.bits})`;
    if (ty.kind === "ptr") return ty.mutability === "mut" ? "core::ptr::null_mut()" : "core::ptr::null()";
    return isIntegral(ty) ? `(${v.bits}_u${ty.width} as ${ty.text})` : "";
  }
  const fields = v.fields.map(rustValue).join(", ");
  if (ty.kind === "array") return `[${fields}]`;
  if (ty.kind === "tuple") return `(${v.fields.map((f) => `${rustValue(f)}, `).join("")})`;
  if (ty.kind !== "adt") throw new Error(ty.text);
  const path = ty.def.adtKind === "enum" ? `${ty.def.name}::${ty.def.variants[v.variant]?.name}` : ty.def.name;
  return v.fields.length === 0 ? path : `${path}(${fields})`;
}

/** A function that builds a value, observes it, its discriminant if it has one, and its data bytes through a pointer. */
class Builder {
  readonly tcx: TyCtxt;
  readonly dummy: FnItem;
  readonly locals: LocalDecl[] = [{ ty: TY_UNIT, mutability: "mut" }];
  readonly blocks: BasicBlockData[] = [];
  private statements: Statement[] = [];

  constructor(tcx: TyCtxt, dummy: FnItem) {
    this.tcx = tcx;
    this.dummy = dummy;
  }

  local(ty: Ty): Place {
    return { local: (this.locals.push({ ty, mutability: "mut" }) - 1) as Local, projection: [] };
  }

  assign(place: Place, rvalue: Rvalue): void {
    this.statements.push({ kind: "assign", place, rvalue, span: DUMMY_SP });
  }

  end(terminator: Terminator): void {
    this.blocks.push({ statements: this.statements, terminator, isCleanup: false });
    this.statements = [];
  }

  observe(ty: Ty, value: Operand): void {
    const tag: Operand = { kind: "const", value: { kind: "scalar", ty: TY_U32, bits: 0n } };
    this.end({
      kind: "call",
      func: { kind: "const", value: { kind: "fn", item: INTRINSICS.observe, args: [ty] } },
      args: [tag, value],
      destination: this.local(TY_UNIT),
      target: (this.blocks.length + 1) as never,
      unwind: { kind: "continue" },
      span: DUMMY_SP,
    });
  }

  build(v: Value): Operand {
    const { ty } = v;
    if (v.kind === "scalar") return { kind: "const", value: { kind: "scalar", ty, bits: v.bits } };
    const place = this.local(ty);
    if (v.kind === "fn") {
      const operand: Operand = { kind: "const", value: { kind: "fn", item: this.dummy, args: [] } };
      this.assign(place, { kind: "cast", castKind: "ReifyFnPointer", operand, ty });
    } else if (v.kind === "ref") {
      const to = this.local(v.to.ty);
      this.assign(to, { kind: "use", operand: this.build(v.to) });
      this.assign(place, { kind: "ref", mutability: ty.kind === "ref" ? ty.mutability : "not", place: to });
    } else {
      const operands = v.fields.map((f) => this.build(f));
      const aggregate =
        ty.kind === "adt"
          ? ({ kind: "adt", ty, def: ty.def, variant: v.variant } as const)
          : ty.kind === "array"
            ? ({ kind: "array", element: ty.element } as const)
            : ({ kind: "tuple" } as const);
      this.assign(place, { kind: "aggregate", aggregate, operands });
    }
    return { kind: "move", place };
  }
}

function buildFn(tcx: TyCtxt, dummy: FnItem, name: string, v: Value, bytes: readonly number[]): FnItem {
  const b = new Builder(tcx, dummy);
  const place = b.local(v.ty);
  b.assign(place, { kind: "use", operand: b.build(v) });
  b.observe(v.ty, { kind: "copy", place });
  const discr = b.local(discriminantTy(v.ty));
  b.assign(discr, { kind: "discriminant", place });
  b.observe(discriminantTy(v.ty), { kind: "copy", place: discr });
  const whole = b.local(tcx.ptr("not", v.ty));
  const start = b.local(tcx.ptr("not", TY_U8));
  const at = b.local(tcx.ptr("not", TY_U8));
  b.assign(whole, { kind: "rawPtr", mutability: "not", place });
  b.assign(start, {
    kind: "cast",
    castKind: "PtrToPtr",
    operand: { kind: "copy", place: whole },
    ty: tcx.ptr("not", TY_U8),
  });
  for (const offset of bytes) {
    const right: Operand = { kind: "const", value: { kind: "scalar", ty: TY_USIZE, bits: BigInt(offset) } };
    b.assign(at, { kind: "binary", op: "Offset", left: { kind: "copy", place: start }, right });
    b.observe(TY_U8, { kind: "copy", place: { ...at, projection: [{ kind: "deref" }] } });
  }
  b.end({ kind: "return", span: DUMMY_SP });
  const body = { locals: b.locals, argCount: 0, blocks: b.blocks };
  return {
    name,
    kind: "fn",
    generics: [],
    params: [],
    ret: TY_UNIT,
    inline: "none",
    abi: "Rust",
    body,
    span: DUMMY_SP,
  };
}

/** The bytes that rustc's code has for each value. */
function rustBytes(items: readonly string[], values: readonly Value[]): number[][] {
  const dir = mkdtempSync(join(tmpdir(), "mirwatch-values-"));
  try {
    const shows = values.map((v) => `show::<${rustTy(v.ty)}>(${rustValue(v)});`);
    writeFileSync(
      join(dir, "main.rs"),
      `#![allow(warnings)]
${items.join("\n")}
fn dummy() {}
#[inline(never)] fn show<T>(v: T) {
  let p = &raw const v as *const u8;
  let text: Vec<String> = (0..size_of::<T>()).map(|i| unsafe { p.add(i).read_volatile() }.to_string()).collect();
  println!("{}", text.join(" ")); std::mem::forget(v);
}
fn main() { ${shows.join("\n")} }`,
    );
    const exe = join(dir, "main");
    const build = spawnSync("rustc", ["--edition", "2021", "-C", "opt-level=0", "-o", exe, join(dir, "main.rs")], {
      encoding: "utf8",
    });
    if (build.status !== 0) throw new Error(build.stderr);
    const lines = spawnSync(exe, [], { encoding: "utf8", maxBuffer: 1 << 28 }).stdout.split("\n");
    return values.map((_, i) => (lines[i] ?? "").split(" ").map(Number));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

it("builds, observes and stores values as rustc does", () => {
  const tcx = newTyCtxt();
  const rng = newRng(7);
  const options = { uninhabited: false };
  const defs = randomAdts(tcx, rng, 120, options);
  const cx = new LayoutCx(tcx, HOST_TARGET.dataLayout);
  const tys = [
    ...defs.flatMap((d) => [tcx.adt(d), tcx.adt(d)]),
    ...Array.from({ length: 150 }, () => randomTy(tcx, rng, defs, options, 3)),
  ];
  const values = tys.filter((ty) => layoutOf(cx, ty).layout.size < 600).map((ty) => randomValue(cx, rng, ty));
  const theirs = rustBytes(
    defs.map((d) => rustAdt(d, "")),
    values,
  );
  const end: BasicBlockData = { statements: [], terminator: { kind: "return", span: DUMMY_SP }, isCleanup: false };
  const unit: LocalDecl = { ty: TY_UNIT, mutability: "mut" };
  const body = { locals: [unit], argCount: 0, blocks: [end] };
  const dummy: FnItem = {
    name: "dummy",
    kind: "fn",
    generics: [],
    params: [],
    ret: TY_UNIT,
    inline: "none",
    abi: "Rust",
    body,
    span: DUMMY_SP,
  };
  const layouts = values.map((v) => {
    const bytes = new Set<number>();
    dataBytes(cx, v, 0, bytes);
    return [...bytes].sort((a, b) => a - b);
  });
  const functions = values.map((v, i) => buildFn(tcx, dummy, `input_${i}`, v, layouts[i] ?? []));
  const program: Program = { tcx, functions: [...functions, dummy], file: "" };
  const prepared = prepareProgram(program, cx);
  values.forEach((v, i) => {
    const result = interpretEntry(prepared, functions[i]!, { fuel: 100_000 });
    expect(verdictOf(result), `${v.ty.text} ${JSON.stringify(result.outcome)}`).toBe("return");
    const events = eventsOf(result).map((e): [number, bigint] => [e.kind, e.value]);
    const expected = expectedEvents(v);
    expect(events.slice(0, expected.length), v.ty.text).toEqual(expected);
    const discr = events[expected.length]?.[1];
    const isEnum = v.ty.kind === "adt" && v.ty.def.adtKind === "enum";
    const written =
      isEnum && v.kind === "fields" && v.ty.kind === "adt" ? (v.ty.def.variants[v.variant]?.discriminant ?? 0n) : 0n;
    const dty = discriminantTy(v.ty);
    const width = dty.kind === "int" || dty.kind === "uint" ? (dty.width === "size" ? 64 : dty.width) : 8;
    expect(discr, `discriminant of ${v.ty.text}`).toBe(BigInt.asUintN(width, written));
    const bytes = events.slice(expected.length + 1).map(([, value]) => Number(value));
    expect(bytes, `bytes of ${v.ty.text}`).toEqual((layouts[i] ?? []).map((at) => theirs[i]?.[at]));
  });
});
