/**
 * The globals of a run: allocations of constants, statics and vtables, each made when it is first used.
 */

import { bug } from "../entity/entity.ts";
import { fieldOffset, forVariant, tagFor } from "../layout/layout.ts";
import type { AllocItem, StaticItem } from "../mir/items.ts";
import { derefTy } from "../mir/place-ty.ts";
import type { Const } from "../mir/syntax.ts";
import type { Ty } from "../mir/ty.ts";
import { isFreeze } from "../traits/predicates.ts";
import { principalRef, type VtblEntry, vtableEntries } from "../traits/vtable.ts";
import { dropFunction, fnPointerTarget, methodFunction } from "./callees.ts";
import type { PreparedProgram } from "./compile.ts";
import { exportedStatic } from "./exported.ts";
import { constFn, type Global } from "./global-table.ts";
import { GLOBAL, INIT, LIVE, READ_ONLY, UNINIT, VTABLE } from "./memory.ts";
import type { TypeInfo } from "./type-info.ts";
import { UbTrap, Unsupported } from "./ub.ts";
import type { Vm } from "./vm.ts";

/** Addresses of vtables, which no data has. */
const VTABLE_ADDRESS = 0x6000_0000;

/** What a vtable's allocation is of. */
export interface VtableInfo {
  readonly global: Extract<Global, { kind: "vtable" }>;
  readonly entries: readonly VtblEntry[];
  /** By entry: the number of its function, once it was called. */
  readonly functions: (number | undefined)[];
}

export class Globals {
  private readonly vm: Vm;
  /** By global: its allocation in this run, or 0. */
  private allocations = new Int32Array(64);
  /** By thread, then by global: the copies of thread-local statics. */
  private readonly threadLocals = new Map<number, Map<number, number>>();
  private readonly vtables = new Map<number, VtableInfo>();
  private prepared!: PreparedProgram;

  constructor(vm: Vm) {
    this.vm = vm;
  }

  reset(prepared: PreparedProgram): void {
    this.prepared = prepared;
    this.allocations.fill(0);
    this.threadLocals.clear();
    this.vtables.clear();
  }

  /** The allocation of the global of number `index`. */
  allocation(index: number): number {
    const known = this.allocations[index];
    if (known !== undefined && known !== 0) return known;
    const global = this.prepared.globals.globals[index];
    if (global === undefined) throw bug(`no global ${index}`);
    if (global.kind === "static" && global.item.threadLocal) return this.threadLocal(index, global.item);
    if (index >= this.allocations.length) {
      const grown = new Int32Array(Math.max(index + 1, this.allocations.length * 2));
      grown.set(this.allocations);
      this.allocations = grown;
    }
    return this.make(index, global);
  }

  private threadLocal(index: number, item: StaticItem): number {
    const { id } = this.vm.thread;
    let own = this.threadLocals.get(id);
    if (own === undefined) {
      own = new Map();
      this.threadLocals.set(id, own);
    }
    let made = own.get(index);
    if (made === undefined) {
      made = this.allocateStatic(item);
      own.set(index, made);
      this.initialiseStatic(item, made);
      // Unlike those that all threads have, it came to be in this one.
      const { memory: m } = this.vm;
      m.races?.allocate(m.thread, made, m.size[made]!);
    }
    return made;
  }

  /** Frees the thread-local statics of a thread that ends. @throws BorrowTrap, RaceTrap */
  endThread(thread: number): void {
    const { memory: m } = this.vm;
    const own = this.threadLocals.get(thread);
    if (own === undefined) return;
    this.threadLocals.delete(thread);
    for (const id of own.values()) m.free(id, id, m.position);
  }

  private make(index: number, global: Global): number {
    const { memory: m } = this.vm;
    switch (global.kind) {
      case "vtable":
        return this.makeVtable(index, global);
      case "bytes": {
        const id = this.reserve(index, global.bytes.length, 1);
        const at = m.base[id]!;
        m.bytes.set(global.bytes, at);
        m.marks.fill(INIT, at, at + global.bytes.length);
        m.state[id] = READ_ONLY;
        return id;
      }
      case "alloc":
        return this.makeAlloc(index, global.alloc);
      case "static": {
        const linked = this.linkedStatic(index, global.item);
        if (linked !== undefined) return linked;
        const id = this.allocateStatic(global.item);
        this.allocations[index] = id;
        this.initialiseStatic(global.item, id);
        return id;
      }
      case "const":
      case "value": {
        const info = this.prepared.table.of(global.ty);
        const id = this.reserve(index, info.size, info.align);
        if (global.kind === "value") this.write(global.value, global.args, info, m.base[id]!);
        else this.vm.evaluate(this.prepared.instance(constFn(global.item), global.args), m.base[id]!, false);
        // What a constant's value points to is read-only; the value itself is only ever copied out, or borrowed as a promoted.
        m.state[id] = isFreeze(this.prepared.traits, global.ty) ? READ_ONLY : LIVE;
        return id;
      }
    }
  }

  private reserve(index: number, size: number, align: number): number {
    const id = this.vm.memory.allocateHeap(size, align, GLOBAL);
    this.allocations[index] = id;
    return id;
  }

  /** The allocation of a static that is declared here and defined elsewhere in the program. */
  private linkedStatic(index: number, declaration: StaticItem): number | undefined {
    const { table, program, globals } = this.prepared;
    const defined = declaration.body === undefined ? exportedStatic(program, declaration) : undefined;
    if (defined === undefined) return undefined;
    const [own, given] = [defined, declaration].map((item) => table.of(this.prepared.instantiate(item.ty, [])));
    if (own!.size !== given!.size || own!.align !== given!.align)
      throw new UbTrap(
        "intrinsicPrecondition",
        `the static \`${defined.name}\` has ${own!.size} bytes aligned to ${own!.align}, and is declared with ${given!.size} aligned to ${given!.align}`,
      );
    const id = this.allocation(globals.add({ kind: "static", item: defined }));
    this.allocations[index] = id;
    return id;
  }

  private allocateStatic(item: StaticItem): number {
    const info = this.prepared.table.of(this.prepared.instantiate(item.ty, []));
    return this.vm.memory.allocateHeap(info.size, info.align, GLOBAL);
  }

  private initialiseStatic(item: StaticItem, id: number): void {
    if (item.body === undefined) throw new Unsupported(`the static \`${item.name}\`, which is defined elsewhere`);
    const { memory: m } = this.vm;
    const writable =
      item.mutability === "mut" || !isFreeze(this.prepared.traits, this.prepared.instantiate(item.ty, []));
    this.vm.evaluate(this.prepared.instance(constFn(item), []), m.base[id]!, item.mutability === "mut");
    m.state[id] = writable ? LIVE : READ_ONLY;
  }

  private makeAlloc(index: number, alloc: AllocItem): number {
    const { memory: m } = this.vm;
    const id = this.reserve(index, alloc.bytes.length, alloc.align);
    const at = m.base[id]!;
    m.bytes.set(alloc.bytes, at);
    for (let i = 0; i < alloc.bytes.length; i++) m.marks[at + i] = alloc.initialised?.[i] === 0 ? UNINIT : INIT;
    for (const { offset, target, addend } of alloc.relocations) {
      const to =
        target.kind === "fn"
          ? this.vm.fnAllocation(fnPointerTarget(this.prepared, target.item, target.args))
          : this.allocation(this.prepared.globals.add(relocated(target)));
      m.storePointer(m.base[id]! + offset, m.base[to]! + addend, 0, to);
    }
    m.state[id] = alloc.mutability === "mut" ? LIVE : READ_ONLY;
    return id;
  }

  private makeVtable(index: number, global: Extract<Global, { kind: "vtable" }>): number {
    const { prepared } = this;
    const info = prepared.table.of(global.ty);
    const { memory: m } = this.vm;
    const id = m.allocate(VTABLE_ADDRESS + 16 * index, info.size, info.align, VTABLE, m.position);
    const entries = vtableEntries(prepared.traits, principalRef(global.dyn, global.ty));
    m.vtables.set(id, global.dyn);
    this.vtables.set(id, { global, entries, functions: [] });
    this.allocations[index] = id;
    return id;
  }

  /** What the allocation `id` is of, for reports; undefined for what is no global's. */
  nameOf(id: number): string | undefined {
    for (const own of this.threadLocals.values())
      for (const [index, made] of own) if (made === id) return this.globalName(index);
    const index = this.allocations.indexOf(id);
    return index < 0 ? undefined : this.globalName(index);
  }

  private globalName(index: number): string | undefined {
    const global = this.prepared.globals.globals[index];
    switch (global?.kind) {
      case "static":
        return `static ${global.item.name}`;
      case "const":
        return `const ${global.item.name}`;
      case "alloc":
        return global.alloc.name;
      case "bytes":
        return "a literal";
      case "vtable":
        return `${global.ty.text} as ${global.dyn.text}`;
      default:
        return undefined;
    }
  }

  /** What the vtable with this allocation is. */
  vtable(id: number): VtableInfo {
    const found = this.vtables.get(id);
    if (found === undefined) throw bug(`no vtable at allocation ${id}`);
    return found;
  }

  /** The function in entry `entry` of the vtable that register `a` (from the start of the file) points to. */
  method(a: number, entry: number): number {
    const { R } = this.vm.regs;
    const { global, entries, functions } = this.vtable(this.vm.memory.checkVtable(R[a]!, R[a + 1]!, R[a + 2]!));
    const known = functions[entry];
    if (known !== undefined) return known;
    const found = entries[entry];
    let index: number;
    if (found?.kind === "drop") index = dropFunction(this.prepared, global.ty);
    else if (found?.kind === "method") index = methodFunction(this.prepared, found.item, found.args);
    else
      throw new UbTrap(
        "invalidVtable",
        `a call through entry ${entry} of the vtable of ${global.ty.text} for ${global.dyn.text}`,
      );
    functions[entry] = index;
    return index;
  }

  /** Writes the constant `value` of type `info` at `at`, where it is still uninitialised. */
  private write(value: Const, args: readonly Ty[], info: TypeInfo, at: number): void {
    const { memory: m } = this.vm;
    const { prepared } = this;
    switch (value.kind) {
      case "scalar":
      case "transmuted":
        m.storeBits(at, value.bits, info.size);
        return;
      case "zst":
        return;
      case "fn": {
        if (info.size === 0) return;
        const fnArgs = value.args.map((ty) => prepared.instantiate(ty, args));
        const id = this.vm.fnAllocation(fnPointerTarget(prepared, value.item, fnArgs));
        m.storePointer(at, m.base[id]!, 0, id);
        return;
      }
      case "bytes":
        this.writePointer(at, prepared.globals.add({ kind: "bytes", bytes: value.bytes }), 0);
        if (info.size === 16) m.storeBits(at + 8, BigInt(value.bytes.length), 8);
        return;
      case "alloc":
        this.writePointer(at, prepared.globals.add({ kind: "alloc", alloc: value.alloc }), value.offset);
        if (info.size === 16) m.storeBits(at + 8, this.lengthIn(value.alloc, value.offset, info), 8);
        return;
      case "static":
        this.writePointer(at, prepared.globals.add({ kind: "static", item: value.item }), value.offset);
        return;
      case "unevaluated": {
        const constArgs = value.args.map((ty) => prepared.instantiate(ty, args));
        const global: Global = { kind: "const", item: value.item, args: constArgs, ty: info.ty };
        const id = this.allocation(prepared.globals.add(global));
        m.copyRaw(m.base[id]!, at, info.size);
        return;
      }
      case "param":
        m.storeBits(at, constArgument(args, value.index), info.size);
        return;
      case "aggregate":
        this.writeAggregate(value, args, info, at);
    }
  }

  private writePointer(at: number, global: number, offset: number): void {
    const id = this.allocation(global);
    const { memory: m } = this.vm;
    m.storePointer(at, m.base[id]! + offset, 0, id);
  }

  /** The text gives no length for a slice in a listed allocation: it is what follows. */
  private lengthIn(alloc: AllocItem, offset: number, info: TypeInfo): bigint {
    const pointee = derefTy(info.ty);
    const stride = pointee?.kind === "slice" ? this.prepared.table.of(pointee.element).size : 1;
    return BigInt(stride === 0 ? 0 : Math.floor((alloc.bytes.length - offset) / stride));
  }

  private writeAggregate(
    value: Extract<Const, { kind: "aggregate" }>,
    args: readonly Ty[],
    info: TypeInfo,
    at: number,
  ): void {
    const { layout: cx } = this.prepared;
    const of = { ty: info.ty, layout: info.layout };
    const isEnum = info.ty.kind === "adt" && info.ty.def.adtKind === "enum";
    const { layout } = isEnum ? forVariant(cx, of, value.variant) : of;
    value.fields.forEach((field, i) => {
      const ty = field.kind === "fn" ? this.prepared.tcx.fnDef(field.item, field.args) : field.ty;
      const fieldInfo = this.prepared.table.of(this.prepared.instantiate(ty, args));
      if (fieldInfo.size > 0) this.write(field, args, fieldInfo, at + fieldOffset(layout, i));
    });
    const tag = isEnum ? tagFor(cx, of, value.variant) : undefined;
    if (tag === undefined || info.layout.variants.kind !== "multiple") return;
    const { tagOffset } = info.layout.variants;
    const mem = this.prepared.table.memOf(info);
    if (mem.kind === "enum") this.vm.memory.storeBits(at + tagOffset, tag, mem.tag.size);
  }
}

/** The bits of a const argument. */
export function constArgument(args: readonly Ty[], index: number): bigint {
  const arg = args[index];
  if (arg?.kind !== "constArg") throw bug(`no value for const parameter ${index}`);
  return arg.bits;
}

function relocated(target: Exclude<AllocItem["relocations"][number]["target"], { kind: "fn" }>): Global {
  if (target.kind === "alloc") return { kind: "alloc", alloc: target.alloc };
  if (target.kind === "static") return { kind: "static", item: target.item };
  if (target.dyn.kind !== "dynamic") throw bug(`a vtable for ${target.dyn.text}`);
  return { kind: "vtable", ty: target.ty, dyn: target.dyn };
}
