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
  visitBody,
} from "../../codegen/index.ts";
import type { Bodies } from "./bodies.ts";
import type { LinkCx } from "./link-cx.ts";

/** Each round reaches what the bodies of the one before mention: more than any chain of calls is long. */
const MAX_ROUNDS = 400;

export class Reach {
  private readonly cx: LinkCx;
  private readonly bodies: Bodies;
  /** The initialisers of statics and constants that are reached, as functions. */
  private readonly initialisers: FnItem[] = [];
  private readonly searched = new Set<Body>();

  constructor(cx: LinkCx, bodies: Bodies) {
    this.cx = cx;
    this.bodies = bodies;
  }

  /** The program of all that `main` reaches. */
  program(main: FnItem): Program {
    this.bodies.need(main);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      this.cx.settle();
      const program = this.snapshot();
      const roots = [main, ...this.initialisers].map((item) => itemInstance(monoCxOf(program), item, []));
      const { items } = collectCrate(program, roots, []);
      let more = false;
      for (const { instance, uses } of items) {
        for (const use of [instance, ...uses]) more = this.bodies.need(use.item) || more;
        if (instance.item.body !== undefined) more = this.needValues(instance.item.body) || more;
      }
      if (!more) return program;
    }
    throw new Diagnostic("the program does not come to an end", { file: this.cx.crate.dump.source.file });
  }

  private snapshot(): Program {
    const { world, items, crate } = this.cx;
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

  private needValues(body: Body): boolean {
    if (this.searched.has(body)) return false;
    this.searched.add(body);
    let more = false;
    visitBody(body, {
      constant: (value) => {
        if (value.kind === "static") more = this.needValue(value.item) || more;
        else if (value.kind === "alloc") more = this.needAlloc(value.alloc) || more;
        else if (value.kind === "unevaluated") {
          const { item } = value;
          const items = item.parent?.kind === "trait" ? this.constsOf(item) : [item];
          for (const each of items) more = this.needValue(each) || more;
        }
      },
    });
    return more;
  }

  private needAlloc(alloc: AllocItem): boolean {
    let more = false;
    for (const { target } of alloc.relocations) {
      if (target.kind === "static") more = this.needValue(target.item) || more;
      else if (target.kind === "fn") more = this.bodies.need(target.item) || more;
    }
    return more;
  }

  /** A trait's constant in all impls. */
  private constsOf(item: ConstItem): readonly ConstItem[] {
    const given = this.cx.items.impls.flatMap((impl) =>
      impl.trait?.trait === item.parent ? impl.assocConsts.filter((c) => c.assocName === item.assocName) : [],
    );
    return [item, ...given];
  }

  private needValue(item: ConstItem | StaticItem): boolean {
    const { body } = item;
    if (body === undefined || this.searched.has(body)) return false;
    if (item.kind === "static" || item.generics.length === 0) this.initialisers.push(initialiser(item, body));
    else {
      visitBody(body, {
        constant: (value) => {
          if (value.kind === "fn") this.bodies.need(value.item);
        },
      });
    }
    this.needValues(body);
    return true;
  }
}

function initialiser({ name, ty, span }: ConstItem | StaticItem, body: Body): FnItem {
  return {
    name: `value of ${name}`,
    kind: "fn",
    generics: [],
    params: [],
    ret: ty,
    inline: "none",
    abi: "Rust",
    body,
    span,
  };
}
