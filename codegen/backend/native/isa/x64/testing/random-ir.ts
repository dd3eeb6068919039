/**
 * Random modules of IR functions for tests: every opcode family, structured control flow with block parameters, bounded loops, switches, calls with
 * many arguments, memory. Nothing traps: divisors are small and positive, shift amounts are masked, and addresses stay inside of their slots.
 */

import { FLOAT_CC_NAMES, INT_CC_NAMES } from "../../../ir/opcodes.ts";
import { constText, edges, widthOf } from "./ir-cases.ts";

/** A small random number generator (xorshift32), so that a seed names a module. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = (seed ^ 0x9e3779b9) >>> 0 || 1;
    for (let i = 0; i < 8; i++) this.next();
  }

  next(): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x >>> 0;
    return this.state;
  }

  below(n: number): number {
    return this.next() % n;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
}

const INTS = ["i8", "i16", "i32", "i64", "i128"] as const;
const TYPES = ["i8", "i16", "i32", "i32", "i64", "i64", "i64", "i128", "f32", "f64"] as const;
const ARITHMETIC = ["iadd", "iadd", "isub", "imul", "band", "bor", "bxor", "umulhi", "smulhi"];
const UNARY = ["bnot", "ineg", "clz", "ctz", "popcnt", "bswap"];
const OVERFLOW = ["sadd_overflow", "uadd_overflow", "ssub_overflow", "usub_overflow", "smul_overflow", "umul_overflow"];
const SLOT_BYTES = 64;

interface FunctionShape {
  readonly symbol: string;
  readonly params: readonly string[];
  readonly returns: readonly string[];
}

export interface RandomModule {
  readonly text: string;
  /** The function to call, and its parameters' types. */
  readonly entry: FunctionShape;
}

class Generator {
  private readonly r: Random;
  private readonly lines: string[] = [];
  private nextValue = 0;
  private nextBlock = 0;
  private budget: number;
  /** Values in scope, by type. */
  private scope: Record<string, string[]> = {};
  private readonly callees: readonly FunctionShape[];
  private readonly shape: FunctionShape;

  constructor(r: Random, shape: FunctionShape, callees: readonly FunctionShape[], budget: number) {
    this.r = r;
    this.shape = shape;
    this.callees = callees;
    this.budget = budget;
  }

  run(): string {
    const params = this.shape.params.map((type) => `${this.fresh(type)}: ${type}`);
    this.lines.push(`block${this.nextBlock++}(${params.join(", ")}):`);
    for (const slot of [0, 1])
      this.emit(`memset ${this.hidden(`stack_addr.i64 ss${slot}`)}, ${17 + slot}, ${SLOT_BYTES} align=16`);
    this.statements(0);
    this.emit(`return ${this.shape.returns.map((type) => this.use(type)).join(", ")}`);
    const head = `function %${this.shape.symbol}(${this.shape.params.join(", ")}) -> ${this.shape.returns.join(", ")} {`;
    const slots = [0, 1].map((s) => `  ss${s} = size ${SLOT_BYTES}, align 16`);
    const refs = this.callees.map(
      (c, i) => `  fn${i} = %${c.symbol}(${c.params.join(", ")}) -> ${c.returns.join(", ")}`,
    );
    const sigs = this.callees.map((c, i) => `  sig${i} = (${c.params.join(", ")}) -> ${c.returns.join(", ")}`);
    return [head, ...slots, ...refs, ...sigs, ...this.lines, "}"].join("\n");
  }

  private emit(text: string): void {
    this.lines.push(`  ${text}`);
  }

  private fresh(type: string): string {
    const name = `v${this.nextValue++}`;
    this.remember(type, name);
    return name;
  }

  private define(type: string, text: string): string {
    const name = `v${this.nextValue++}`;
    this.emit(`${name} = ${text}`);
    this.remember(type, name);
    return name;
  }

  private remember(type: string, name: string): void {
    const values = this.scope[type];
    if (values === undefined) this.scope[type] = [name];
    else values.push(name);
  }

  /** As `define`, of a value that nothing else uses: addresses, which differ from run to run. */
  private hidden(text: string): string {
    const name = `v${this.nextValue++}`;
    this.emit(`${name} = ${text}`);
    return name;
  }

  /** A value of `type`: one in scope, the newest more often, or a constant. */
  private use(type: string): string {
    const values = this.scope[type] ?? [];
    if (values.length === 0 || this.r.chance(20)) return this.define(type, constText(type, this.r.pick(edges(type))));
    return this.r.chance(50)
      ? values[values.length - 1 - this.r.below(Math.min(4, values.length))]!
      : this.r.pick(values);
  }

  private scoped(body: () => void): void {
    const saved = this.scope;
    this.scope = Object.fromEntries(Object.entries(saved).map(([type, values]) => [type, [...values]]));
    body();
    this.scope = saved;
  }

  private statements(depth: number): void {
    const count = 2 + this.r.below(8);
    for (let i = 0; i < count && this.budget > 0; i++) {
      this.budget--;
      const choice = this.r.below(100);
      if (choice < 10 && depth < 3) this.conditional(depth);
      else if (choice < 16 && depth < 2) this.loop(depth);
      else if (choice < 21 && depth < 3) this.switching(depth);
      else if (choice < 28 && this.callees.length > 0) this.call();
      else if (choice < 42) this.memory();
      else this.value();
    }
  }

  // --- Values --------------------------------------------------------------------------------------------------------

  private value(): void {
    const type = this.r.pick(TYPES);
    if (type.startsWith("f")) this.floatValue(type);
    else this.intValue(type);
  }

  private floatValue(type: string): void {
    const other = type === "f32" ? "f64" : "f32";
    switch (this.r.below(6)) {
      case 0:
        this.define(
          type,
          `${this.r.pick(["fcvt_from_uint", "fcvt_from_sint"])}.${type} ${this.use(this.r.pick(INTS))}`,
        );
        break;
      case 1:
        this.define(type, `${type === "f64" ? "fpromote" : "fdemote"}.${type} ${this.use(other)}`);
        break;
      case 2:
        this.define(type, `${this.r.pick(["fneg", "fabs", "sqrt"])}.${type} ${this.use(type)}`);
        break;
      case 3:
        this.define(type, `select.${type} ${this.condition()}, ${this.use(type)}, ${this.use(type)}`);
        break;
      default:
        this.define(
          type,
          `${this.r.pick(["fadd", "fsub", "fmul", "fdiv"])}.${type} ${this.use(type)}, ${this.use(type)}`,
        );
    }
  }

  private intValue(type: string): void {
    switch (this.r.below(12)) {
      case 0:
        this.define(type, `${this.r.pick(UNARY)}.${type} ${this.use(type)}`);
        break;
      case 1: {
        const mask = this.define(type, constText(type, BigInt(widthOf(type) - 1)));
        const amount = this.r.chance(40)
          ? this.define(type, constText(type, BigInt(this.r.below(widthOf(type)))))
          : this.define(type, `band.${type} ${this.use(type)}, ${mask}`);
        this.define(
          type,
          `${this.r.pick(["ishl", "ushr", "sshr", "rotl", "rotr"])}.${type} ${this.use(type)}, ${amount}`,
        );
        break;
      }
      case 2: {
        const seven = this.define(type, constText(type, 7n));
        const one = this.define(type, constText(type, 1n));
        const small = this.define(type, `band.${type} ${this.use(type)}, ${seven}`);
        const divisor = this.define(type, `bor.${type} ${small}, ${one}`);
        this.define(type, `${this.r.pick(["udiv", "sdiv", "urem", "srem"])}.${type} ${this.use(type)}, ${divisor}`);
        break;
      }
      case 3:
        this.overflow(type);
        break;
      case 4:
        this.define(type, `select.${type} ${this.condition()}, ${this.use(type)}, ${this.use(type)}`);
        break;
      case 5:
      case 6:
        this.convert(type);
        break;
      case 7:
        this.define(type, `black_box.${type} ${this.use(type)}`);
        break;
      default:
        this.define(type, `${this.r.pick(ARITHMETIC)}.${type} ${this.use(type)}, ${this.use(type)}`);
    }
  }

  private overflow(type: string): string {
    const value = `v${this.nextValue++}`;
    const flag = `v${this.nextValue++}`;
    this.emit(`${value}, ${flag} = ${this.r.pick(OVERFLOW)}.${type} ${this.use(type)}, ${this.use(type)}`);
    this.remember(type, value);
    this.remember("i8", flag);
    return flag;
  }

  private convert(type: string): void {
    const from = this.r.pick(INTS);
    const [width, other] = [widthOf(type), widthOf(from)];
    if (other > width) this.define(type, `ireduce.${type} ${this.use(from)}`);
    else if (other < width) this.define(type, `${this.r.pick(["uextend", "sextend"])}.${type} ${this.use(from)}`);
    else if (type === "i128") this.define(type, `iconcat.i128 ${this.use("i64")}, ${this.use("i64")}`);
    else
      this.define(
        type,
        `${this.r.pick(["fcvt_to_uint_sat", "fcvt_to_sint_sat"])}.${type} ${this.use(this.r.pick(["f32", "f64"]))}`,
      );
  }

  /** An `i8`: mostly the result of a comparison, often just made. */
  private condition(): string {
    if (this.r.chance(15)) return this.use("i8");
    if (this.r.chance(15)) return this.overflow(this.r.pick(INTS));
    if (this.r.chance(25)) {
      const type = this.r.pick(["f32", "f64"]);
      return this.define("i8", `fcmp.${type} ${this.r.pick(FLOAT_CC_NAMES)} ${this.use(type)}, ${this.use(type)}`);
    }
    const type = this.r.pick(INTS);
    return this.define("i8", `icmp.${type} ${this.r.pick(INT_CC_NAMES)} ${this.use(type)}, ${this.use(type)}`);
  }

  // --- Memory --------------------------------------------------------------------------------------------------------

  /** The text of an aligned address in a slot with `bytes` bytes left. */
  private address(bytes: number): string {
    const slot = this.r.below(2);
    const places = SLOT_BYTES / bytes;
    const offset = this.r.below(places) * bytes;
    if (this.r.chance(60)) {
      const base = this.r.chance(50) ? offset : 0;
      const address = this.hidden(`stack_addr.i64 ss${slot}${base === 0 ? "" : `+${base}`}`);
      return offset === base ? address : `${address}+${offset}`;
    }
    // A variable place: index and scale.
    const mask = this.define("i64", constText("i64", BigInt(places - 1)));
    const index = this.define("i64", `band.i64 ${this.use("i64")}, ${mask}`);
    const shift = this.define("i64", constText("i64", BigInt(Math.log2(bytes))));
    const scaled = this.define("i64", `ishl.i64 ${index}, ${shift}`);
    const base = this.hidden(`stack_addr.i64 ss${slot}`);
    return this.hidden(this.r.chance(50) ? `iadd.i64 ${base}, ${scaled}` : `iadd.i64 ${scaled}, ${base}`);
  }

  /** A float that is no NaN, whose bits are the machine's own. */
  private ordered(type: string): string {
    const value = this.use(type);
    const isOrdered = this.define("i8", `fcmp.${type} ord ${value}, ${value}`);
    const zero = this.define(type, constText(type, 0n));
    return this.define(type, `select.${type} ${isOrdered}, ${value}, ${zero}`);
  }

  private memory(): void {
    const type = this.r.pick(TYPES);
    const bytes = widthOf(type) / 8;
    switch (this.r.below(6)) {
      case 0:
      case 1: {
        const value = type.startsWith("f") ? this.ordered(type) : this.use(type);
        this.emit(`store.${type} ${this.address(bytes)}, ${value}`);
        break;
      }
      case 2: {
        // Read, change, write.
        if (type.startsWith("f")) return;
        const operand = this.use(type);
        const at = this.address(bytes);
        const loaded = this.hidden(`load.${type} ${at}`);
        const op = this.r.pick(["iadd", "isub", "band", "bor", "bxor"]);
        const sum = this.hidden(
          `${op}.${type} ${this.r.chance(70) ? `${loaded}, ${operand}` : `${operand}, ${loaded}`}`,
        );
        this.emit(`store.${type} ${at}, ${sum}`);
        if (this.r.chance(30)) this.remember(type, sum);
        break;
      }
      case 3: {
        const size = 1 + this.r.below(SLOT_BYTES);
        const first = this.r.below(2);
        const to = this.hidden(`stack_addr.i64 ss${first}`);
        const from = this.hidden(`stack_addr.i64 ss${1 - first}`);
        this.emit(`memcpy ${to}, ${from}, ${size}`);
        break;
      }
      default:
        if (type.startsWith("f")) return; // the bytes may be a NaN's
        this.define(type, `load.${type} ${this.address(bytes)}`);
    }
  }

  private call(): void {
    const index = this.r.below(this.callees.length);
    const callee = this.callees[index]!;
    const args = callee.params.map((type) => this.use(type)).join(", ");
    const results = callee.returns.map(() => `v${this.nextValue++}`);
    if (this.r.chance(25)) {
      const address = `v${this.nextValue++}`;
      this.emit(`${address} = func_addr.i64 fn${index}`);
      this.emit(`${results.join(", ")} = call_indirect sig${index}, ${address}(${args})`);
    } else this.emit(`${results.join(", ")} = call fn${index}(${args})`);
    callee.returns.forEach((type, i) => {
      this.remember(type, results[i]!);
    });
  }

  // --- Control -------------------------------------------------------------------------------------------------------

  /** Parameters of a block where control joins: their types. */
  private joinTypes(): readonly string[] {
    return Array.from({ length: this.r.below(4) }, () => this.r.pick(TYPES));
  }

  private passed(types: readonly string[]): string {
    return types.length === 0 ? "" : `(${types.map((type) => this.use(type)).join(", ")})`;
  }

  private startBlock(block: number, types: readonly string[]): void {
    const params = types.map((type) => `${this.fresh(type)}: ${type}`);
    this.lines.push(`block${block}${params.length === 0 ? "" : `(${params.join(", ")})`}:`);
  }

  private conditional(depth: number): void {
    const types = this.joinTypes();
    const [then, otherwise, join] = [this.nextBlock++, this.nextBlock++, this.nextBlock++];
    // A missing arm makes a critical edge.
    const hasElse = this.r.chance(60);
    const direct = hasElse ? "" : this.passed(types);
    const condition = this.condition();
    this.emit(`brif ${condition}, block${then}, ${hasElse ? `block${otherwise}` : `block${join}${direct}`}`);
    for (const block of hasElse ? [then, otherwise] : [then])
      this.scoped(() => {
        this.startBlock(block, []);
        this.statements(depth + 1);
        this.emit(`jump block${join}${this.passed(types)}`);
      });
    this.startBlock(join, types);
  }

  private loop(depth: number): void {
    const types = this.joinTypes();
    const [header, body, exit] = [this.nextBlock++, this.nextBlock++, this.nextBlock++];
    const zero = this.define("i64", constText("i64", 0n));
    const first = types.map((type) => this.use(type));
    this.emit(`jump block${header}(${[zero, ...first].join(", ")})`);
    const counter = `v${this.nextValue++}`;
    const params = types.map((type) => `${this.fresh(type)}: ${type}`);
    this.lines.push(`block${header}(${[`${counter}: i64`, ...params].join(", ")}):`);
    const limit = this.define("i64", constText("i64", BigInt(1 + this.r.below(4))));
    const going = this.define("i8", `icmp.i64 ult ${counter}, ${limit}`);
    this.emit(`brif ${going}, block${body}, block${exit}`);
    this.scoped(() => {
      this.startBlock(body, []);
      this.statements(depth + 1);
      const one = this.define("i64", constText("i64", 1n));
      const next = this.define("i64", `iadd.i64 ${counter}, ${one}`);
      this.emit(`jump block${header}(${[next, ...types.map((type) => this.use(type))].join(", ")})`);
    });
    this.startBlock(exit, []);
  }

  private switching(depth: number): void {
    const types = this.joinTypes();
    const type = this.r.pick(INTS);
    const join = this.nextBlock++;
    const count = 1 + this.r.below(9);
    const isDense = this.r.chance(50);
    const values = new Set<bigint>();
    const first = BigInt(this.r.below(100));
    for (let i = 0; i < count; i++)
      values.add(
        BigInt.asIntN(widthOf(type), isDense ? first + BigInt(i * (1 + this.r.below(2))) : this.r.pick(edges(type))),
      );
    // Mostly one of the cases.
    const mask = this.define(type, constText(type, 15n));
    const low = this.define(type, `band.${type} ${this.use(type)}, ${mask}`);
    const base = this.define(type, constText(type, BigInt.asUintN(widthOf(type), first)));
    const subject = isDense ? this.define(type, `iadd.${type} ${low}, ${base}`) : this.use(type);
    const arms = [...values].map((value) => ({ value, block: this.r.chance(15) ? join : this.nextBlock++ }));
    const otherwise = this.nextBlock++;
    const direct = this.passed(types);
    const calls = arms.map(
      (arm) => `${BigInt.asUintN(widthOf(type), arm.value)}: block${arm.block}${arm.block === join ? direct : ""}`,
    );
    this.emit(`switch ${subject}, block${otherwise}, [${calls.join(", ")}]`);
    for (const block of [otherwise, ...arms.map((arm) => arm.block).filter((b) => b !== join)])
      this.scoped(() => {
        this.startBlock(block, []);
        if (this.r.chance(50)) this.statements(depth + 1);
        this.emit(`jump block${join}${this.passed(types)}`);
      });
    this.startBlock(join, types);
  }
}

/** Results that fit in registers: at most four integer ones. */
function returnTypes(r: Random): readonly string[] {
  const types: string[] = [];
  let ints = 0;
  for (let n = 1 + r.below(3); n > 0; n--) {
    const type = r.pick(TYPES);
    ints += type === "i128" ? 2 : type.startsWith("f") ? 0 : 1;
    if (ints <= 4) types.push(type);
  }
  return types.length === 0 ? ["i64"] : types;
}

/** A module of three functions, the later calling the earlier, whose names start with `prefix`. */
export function randomModule(seed: number, prefix: string, budget = 40): RandomModule {
  const r = new Random(seed);
  const shapes: FunctionShape[] = [];
  const texts: string[] = [];
  for (let f = 0; f < 3; f++) {
    const params = Array.from({ length: r.below(11) }, () => r.pick(TYPES));
    const shape = { symbol: `${prefix}f${f}`, params, returns: returnTypes(r) };
    texts.push(new Generator(r, shape, shapes.slice(), f === 2 ? budget : budget >> 1).run());
    shapes.push(shape);
  }
  return { text: texts.join("\n"), entry: shapes[2]! };
}

/** Argument lists for the entry. */
export function randomArgs(seed: number, types: readonly string[], count: number): readonly (readonly bigint[])[] {
  const r = new Random(seed + 77);
  return Array.from({ length: count }, () => types.map((type) => r.pick(edges(type))));
}
