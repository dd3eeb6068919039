/** Mutations of values: bits that a type does not allow, stores that do not happen, arithmetic without its guard. */

import {
  type BinOp,
  build,
  layoutOf,
  type Operand,
  type Statement,
  TY_U8,
  TY_U16,
  TY_U32,
  TY_U64,
  TY_USIZE,
  type Ty,
} from "../../../codegen/index.ts";
import { type Edit, eachBlock, eachStatement, goTo, type Mutation, type Site } from "../mutation.ts";

const UINT_OF_SIZE: Readonly<Record<number, Ty>> = { 1: TY_U8, 2: TY_U16, 4: TY_U32, 8: TY_U64 };

/** Bits that are often no value: behind `true`, a surrogate, above every char, no tag, null. */
const ODD_BITS: readonly bigint[] = [
  0n,
  1n,
  2n,
  3n,
  0x7fn,
  0xffn,
  0xd800n,
  0xdfffn,
  0x10_ffffn,
  0x11_0000n,
  0xffff_ffffn,
  2n ** 64n - 1n,
];

/** A value becomes that of a transmuted constant. */
const oddBits: Mutation = {
  name: "transmuted constant",
  sites: (site) =>
    eachStatement(site, (statement, at, block) => {
      if (statement.kind !== "assign") return [];
      const ty = site.body.tyOf(statement.place);
      const uint = picky(ty) ? UINT_OF_SIZE[layoutOf(site.layout, ty).layout.size] : undefined;
      if (uint === undefined) return [];
      return [
        () => {
          const width = uint.kind === "uint" && uint.width !== "size" ? uint.width : 64;
          const bits = BigInt.asUintN(width, site.rng.pick(ODD_BITS));
          const value = build.cast("Transmute", build.constInt(uint, bits), ty);
          block.statements[at] = build.assign(statement.place, value);
        },
      ];
    }),
};

/** Not all bits are values of it. */
function picky(ty: Ty): boolean {
  return ["bool", "char", "ref", "fnptr"].includes(ty.kind) || (ty.kind === "adt" && ty.def.adtKind !== "union");
}

/** The bytes of a place change behind its back. */
const pokeByte: Mutation = {
  name: "poke byte",
  sites: (site) =>
    eachStatement(site, (statement, at, block) => {
      if (statement.kind !== "assign") return [];
      const ty = site.body.tyOf(statement.place);
      if (!picky(ty) && ty.kind !== "tuple") return [];
      const { size } = layoutOf(site.layout, ty).layout;
      if (size === 0) return [];
      return [
        () => {
          const { body, tcx, rng } = site;
          const bytes = tcx.ptr("mut", TY_U8);
          const typed = tcx.ptr("mut", ty);
          const after: Statement[] = [];
          const at1 = body.temp(typed, build.rawPtrTo("mut", statement.place), after);
          const at2 = body.temp(bytes, build.cast("PtrToPtr", build.copy(at1), bytes), after);
          const offset = build.constInt(TY_USIZE, rng.below(size));
          const at3 = body.temp(bytes, build.binary("Offset", build.copy(at2), offset), after);
          const target = build.place(at3, build.deref());
          after.push(build.assign(target, build.use(build.constInt(TY_U8, BigInt(rng.pick([0, 1, 2, 3, 128, 255]))))));
          block.statements.splice(at + 1, 0, ...after);
        },
      ];
    }),
};

/** A store does not happen. */
const dropStore: Mutation = {
  name: "drop store",
  sites: (site) =>
    eachStatement(site, (statement, at, block) =>
      statement.kind === "assign" || statement.kind === "setDiscriminant"
        ? [() => void block.statements.splice(at, 1)]
        : [],
    ),
};

const UNCHECKED: Partial<Record<BinOp, BinOp>> = {
  Add: "AddUnchecked",
  Sub: "SubUnchecked",
  Mul: "MulUnchecked",
  Shl: "ShlUnchecked",
  Shr: "ShrUnchecked",
};

/** Arithmetic that may not overflow, or with its operands the other way round. */
const unchecked: Mutation = {
  name: "unchecked arithmetic",
  sites: (site) =>
    eachStatement(site, (statement, at, block) => {
      if (statement.kind !== "assign" || statement.rvalue.kind !== "binary") return [];
      const { rvalue } = statement;
      const { op } = rvalue;
      const edits: Edit[] = [];
      const ty = site.body.tyOf(statement.place);
      const other = ty.kind === "int" || ty.kind === "uint" ? UNCHECKED[op] : undefined;
      if (other !== undefined)
        edits.push(() => {
          block.statements[at] = { ...statement, rvalue: { ...rvalue, op: other } };
        });
      if (["SubUnchecked", "Sub", "Div", "Rem", "SubWithOverflow"].includes(op))
        edits.push(() => {
          block.statements[at] = { ...statement, rvalue: { ...rvalue, left: rvalue.right, right: rvalue.left } };
        });
      return edits;
    }),
};

/** A guard is left out, or an `assume` says the opposite. */
const dropGuard: Mutation = {
  name: "drop guard",
  sites: (site) =>
    eachBlock(site, (block) => {
      const { terminator } = block;
      if (terminator.kind === "assert") return [goTo(block, terminator.target)];
      if (terminator.kind !== "switchInt" || terminator.otherwise === undefined) return [];
      const { otherwise, targets } = terminator;
      const [first] = targets;
      if (first === undefined) return [];
      return [
        () => {
          block.terminator = {
            ...terminator,
            otherwise: first,
            targets: targets.map((t) => (t === first ? otherwise : t)),
          };
        },
      ];
    }),
};

/** A divisor, a shift or an index is an odd constant. */
const oddOperand: Mutation = {
  name: "odd operand",
  sites: (site) =>
    eachStatement(site, (statement, at, block) => {
      if (statement.kind !== "assign" || statement.rvalue.kind !== "binary") return [];
      const { rvalue } = statement;
      if (
        !["Div", "Rem", "ShlUnchecked", "ShrUnchecked", "AddUnchecked", "SubUnchecked", "MulUnchecked"].includes(
          rvalue.op,
        )
      )
        return [];
      const { right } = rvalue;
      const ty = right.kind === "const" ? constantTy(right) : site.body.tyOf(right.place);
      if (ty === undefined || (ty.kind !== "int" && ty.kind !== "uint")) return [];
      return [
        () => {
          const value = site.rng.pick([0n, -1n, 8n, 32n, 64n, 127n]);
          block.statements[at] = { ...statement, rvalue: { ...rvalue, right: build.constInt(ty, value) } };
        },
      ];
    }),
};

function constantTy(operand: Operand): Ty | undefined {
  return operand.kind === "const" && operand.value.kind === "scalar" ? operand.value.ty : undefined;
}

/** An enum says that it is another variant than it holds. */
const otherVariant: Mutation = {
  name: "other variant",
  sites: (site: Site) =>
    eachStatement(site, (statement, at, block) => {
      if (statement.kind !== "assign") return [];
      const ty = site.body.tyOf(statement.place);
      if (ty.kind !== "adt" || ty.def.adtKind !== "enum" || ty.def.variants.length < 2) return [];
      return [
        () => {
          const variant = site.rng.below(ty.def.variants.length);
          block.statements.splice(at + 1, 0, build.setDiscriminant(statement.place, variant));
        },
      ];
    }),
};

export const VALUE_MUTATIONS: readonly Mutation[] = [
  oddBits,
  pokeByte,
  dropStore,
  unchecked,
  dropGuard,
  oddOperand,
  otherVariant,
];
