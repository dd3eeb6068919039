/** Mutations of when memory lives: of locals, and of what is allocated. */

import { build, type FnItem, type Operand, TY_USIZE } from "../../../codegen/index.ts";
import { eachBlock, eachStatement, goTo, type Mutation } from "../mutation.ts";
import type { OpenBlock } from "../open-body.ts";

/** A local dies early, or its storage is never made, or made again. */
const storage: Mutation = {
  name: "storage",
  sites: (site) => {
    const marks = eachStatement(site, (statement, at, block) => {
      if (statement.kind === "storageLive") return [() => void block.statements.splice(at, 1)];
      if (statement.kind !== "storageDead") return [];
      const { local } = statement;
      return [
        () => void block.statements.splice(site.rng.below(at + 1), 0, build.storageDead(local)),
        () => void block.statements.splice(at, 1, build.storageLive(local)),
      ];
    });
    const deaths = eachStatement(site, (statement, at, block) => {
      if (statement.kind !== "assign") return [];
      const { rvalue, place } = statement;
      const borrowed = rvalue.kind === "ref" || rvalue.kind === "rawPtr" ? rvalue.place.local : place.local;
      if (borrowed <= site.body.argCount) return [];
      return [() => void block.statements.splice(at + 1, 0, build.storageDead(borrowed))];
    });
    return [...marks, ...deaths];
  },
};

/** A store or load trades places with one that comes later. */
const reorder: Mutation = {
  name: "reorder",
  sites: (site) =>
    eachBlock(site, (block) =>
      block.statements.slice(1).map((_, i) => () => {
        const from = i + 1;
        const to = Math.max(0, from - site.rng.between(1, 4));
        const [moved] = block.statements.splice(from, 1);
        block.statements.splice(to, 0, moved!);
      }),
    ),
};

type Call = Extract<OpenBlock["terminator"], { kind: "call" }>;

/** The function that a call names. */
export function calleeOf({ func }: Call): FnItem | undefined {
  return func.kind === "const" && func.value.kind === "fn" ? func.value.item : undefined;
}

export function lastName(item: FnItem): string {
  return item.name.slice(item.name.lastIndexOf(":") + 1);
}

/** By function: the positions of arguments that are sizes and alignments. */
const SIZES: Readonly<Record<string, readonly number[]>> = {
  __rust_alloc: [0, 1],
  __rust_alloc_zeroed: [0, 1],
  exchange_malloc: [0, 1],
  __rust_realloc: [1, 2, 3],
  __rust_dealloc: [1, 2],
  malloc: [0],
  calloc: [0, 1],
  copy: [2],
  copy_nonoverlapping: [2],
  write_bytes: [2],
  compare_bytes: [2],
  volatile_copy_memory: [2],
  volatile_set_memory: [2],
  offset: [1],
  arith_offset: [1],
};

/** A size, alignment or count of a call is another. */
const callSize: Mutation = {
  name: "other size",
  sites: (site) =>
    eachBlock(site, (block) => {
      const { terminator } = block;
      if (terminator.kind !== "call") return [];
      const item = calleeOf(terminator);
      const positions = item === undefined ? undefined : SIZES[lastName(item)];
      return (positions ?? []).map((position) => () => {
        const old = terminator.args[position];
        if (old === undefined) return;
        const args = [...terminator.args];
        args[position] = otherSize(old, site.rng.pick([-1n, 1n, 4n, -4n]), site.rng.chance(30));
        block.terminator = { ...terminator, args };
      });
    }),
};

function otherSize(operand: Operand, by: bigint, halve: boolean): Operand {
  if (operand.kind !== "const" || operand.value.kind !== "scalar") return build.constInt(TY_USIZE, 8 + Number(by));
  const { bits, ty } = operand.value;
  const changed = halve ? bits / 2n : bits + by;
  return build.constInt(ty, changed > 0n ? changed : 1n);
}

const FREES: ReadonlySet<string> = new Set(["__rust_dealloc", "free", "__rust_realloc", "drop_in_place"]);

/** What is freed or dropped is so twice, or never, or its memory is used again. */
const doubleFree: Mutation = {
  name: "double free",
  sites: (site) =>
    eachBlock(site, (block) => {
      const { terminator } = block;
      if (terminator.kind === "drop") {
        const twice = (): void => {
          const again = site.body.block([], terminator, block.isCleanup);
          block.terminator = { ...terminator, target: again };
        };
        return [twice, goTo(block, terminator.target)];
      }
      if (terminator.kind !== "call" || terminator.target === undefined) return [];
      const item = calleeOf(terminator);
      if (item === undefined || !FREES.has(lastName(item))) return [];
      // The second call copies what the first took.
      const args = terminator.args.map((arg): Operand => (arg.kind === "move" ? { ...arg, kind: "copy" } : arg));
      return [
        () => {
          const again = site.body.block([], { ...terminator, args }, block.isCleanup);
          block.terminator = { ...terminator, args, target: again };
        },
      ];
    }),
};

export const STORAGE_MUTATIONS: readonly Mutation[] = [storage, reorder, callSize, doubleFree];
