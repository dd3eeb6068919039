/**
 * What a program reaches: monomorphization says what its entry uses, the linker gives that bodies, and so on until nothing is new. What computes the statics and constants
 * that a body mentions runs too, though not in the compiled program.
 */

import {
  type AllocItem,
  type Body,
  type ConstItem,
  collectCrate,
  Diagnostic,
  type FnItem,
  itemInstance,
  monoCxOf,
  type Program,
  type StaticItem,
  type Ty,
  visitBody,
} from "../../codegen/index.ts";
import type { Bodies } from "./bodies.ts";
import type { LinkCx } from "./link-cx.ts";

/** Each round reaches what the bodies of the one before mention: more than any chain of calls is long. */
const MAX_ROUNDS = 400;

export class Reach {
  private readonly cx: LinkCx;
  private readonly bodies: Bodies;
  /** The initialisers of statics and constants that are reached, as functions, with the arguments of the constants; by name and arguments. */
  private readonly initialisers = new Map<string, { readonly fn: FnItem; readonly args: readonly Ty[] }>();
  private readonly searched = new Set<Body>();

  constructor(cx: LinkCx, bodies: Bodies) {
    this.cx = cx;
    this.bodies = bodies;
  }

  /** The program of all that `main` reaches; undefined when it formats and that is not linked. */
  program(main: FnItem): Program | undefined {
    this.bodies.need(main);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      this.cx.settle();
      if (this.bodies.lacksFormatting) return undefined;
      const program = snapshot(this.cx);
      const mono = monoCxOf(program);
      const values = [...this.initialisers.values()].map(({ fn, args }) => itemInstance(mono, fn, args));
      const { items } = collectCrate(program, [itemInstance(mono, main, []), ...values], []);
      let more = false;
      for (const { instance, uses, consts = [] } of items) {
        for (const use of [instance, ...uses]) more = this.bodies.need(use.item) || more;
        for (const { item, args } of consts) more = this.needValue(item, args) || more;
        if (instance.item.body !== undefined) more = this.needMentioned(instance.item.body) || more;
      }
      if (!more) return program;
    }
    throw new Diagnostic("the program does not come to an end", { file: this.cx.crate.dump.source.file });
  }

  private needMentioned(body: Body): boolean {
    if (this.searched.has(body)) return false;
    this.searched.add(body);
    let more = false;
    visitBody(body, {
      constant: (value) => {
        // Monomorphization passes by what has no body.
        if (value.kind === "fn" && value.item.kind === "extern") more = this.bodies.need(value.item) || more;
        else if (value.kind === "static") more = this.needValue(value.item, []) || more;
        else if (value.kind === "alloc") more = this.needAlloc(value.alloc) || more;
      },
    });
    return more;
  }

  private needAlloc(alloc: AllocItem): boolean {
    let more = false;
    for (const { target } of alloc.relocations) {
      if (target.kind === "static") more = this.needValue(target.item, []) || more;
      else if (target.kind === "fn") more = this.bodies.need(target.item) || more;
    }
    return more;
  }

  /** What computes `item` with these arguments runs. */
  private needValue(item: ConstItem | StaticItem, args: readonly Ty[]): boolean {
    const { body } = item;
    const key = `${item.name}<${args.map((arg) => arg.text).join(", ")}>`;
    if (body === undefined || this.initialisers.has(key)) return false;
    this.initialisers.set(key, { fn: initialiser(item, body), args });
    return true;
  }
}

function initialiser(item: ConstItem | StaticItem, body: Body): FnItem {
  const { name, ty, span } = item;
  return {
    name: `value of ${name}`,
    kind: "fn",
    generics: item.kind === "static" ? [] : item.generics,
    ...(item.kind === "static" || item.constParams === undefined ? {} : { constParams: item.constParams }),
    params: [],
    ret: ty,
    inline: "none",
    abi: "Rust",
    body,
    span,
  };
}

/** All that is declared so far as a program. */
export function snapshot({ world, items, crate }: LinkCx): Program {
  return {
    tcx: world.tcx,
    functions: [...items.functions, ...world.synthesized],
    adts: [...items.adts],
    statics: [...items.statics],
    consts: [...items.consts],
    traits: [...items.traits],
    impls: [...items.impls],
    closures: [...items.closures],
    allocs: world.allocs,
    file: crate.dump.source.file,
  };
}
