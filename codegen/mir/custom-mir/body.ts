/**
 * One function as custom MIR: `mir! { … }`, or what that macro expands to.
 *
 * The entry block has no name. A jump to it is one to a block behind it.
 */

import type { BasicBlock, FnItem } from "../syntax.ts";
import { TY_UNIT } from "../ty.ts";
import { successors } from "../visit.ts";
import { type BlockText, BodyCx } from "./body-cx.ts";
import { fnPredicates, writeGenerics } from "./generics.ts";
import type { ModuleCx } from "./module-cx.ts";
import { mentionsFnDef } from "./rust-names.ts";
import { writeStatement } from "./rvalue.ts";
import { need, UnsupportedError } from "./support.ts";
import { writeTerminator } from "./terminator.ts";

const INLINE: Readonly<Record<FnItem["inline"], string>> = {
  none: "",
  hint: "#[inline]\n",
  always: "#[inline(always)]\n",
  never: "#[inline(never)]\n",
};

/** A function with its attributes. */
export function writeFn(cx: ModuleCx, item: FnItem): string {
  const { body } = item;
  if (body === undefined) throw new UnsupportedError(`the function ${item.name} has no body`);
  need(cx.support, "customMir");
  const b = new BodyCx(cx, item, body);
  body.blocks.forEach((block, i) => {
    b.start(i === 0 ? "" : `bb${i}`, block.isCleanup);
    for (const statement of block.statements) writeStatement(b, statement);
    writeTerminator(b, block.terminator, i as BasicBlock);
  });
  const head = writeHead(cx, item);
  const blocks = withEntry(b);
  return cx.form === "macro" ? macroForm(b, head, blocks) : expandedForm(b, head, blocks);
}

function writeHead(cx: ModuleCx, item: FnItem): string {
  const { names } = cx;
  if (item.generics.length > 0) names.needs.add("generics");
  if (item.variadic === true)
    throw new UnsupportedError("a function of the program that takes any number of arguments");
  if (mentionsFnDef(item.ret) || item.params.some(mentionsFnDef))
    throw new UnsupportedError(`the type of a function stands in the signature of ${item.name}`);
  const params = item.params.map((ty, i) => `_${i + 1}: ${names.ty(ty)}`).join(", ");
  const ret = item.ret === TY_UNIT ? "" : ` -> ${names.ty(item.ret)}`;
  if (item.abi === "C") need(cx.support, "externC");
  const abi = item.abi === "Rust" || item.abi === "rust-call" ? "" : `extern "${item.abi}" `;
  const constant = cx.constFns.has(item) ? "const " : "";
  const self = (owner: { readonly generics: readonly string[] }) =>
    owner.generics.map((name, index) => cx.tcx.param(index, name));
  // What is asked of `Self` in a trait may be asked of what has no size.
  const unsized = new Set([...(cx.unsized.get(item) ?? []), ...(item.parent?.kind === "trait" ? [0] : [])]);
  const generics = writeGenerics(names, item, fnPredicates(item, self), { unsized });
  return `#[custom_mir(dialect = "runtime", phase = "initial")]\n${INLINE[item.inline]}pub ${constant}${abi}fn ${names.of(item, item.name)}${generics.params}(${params})${ret}${generics.where}`;
}

/** The entry block sets the constant indices, and stands before `bb0` when something jumps there. */
function withEntry(b: BodyCx): readonly BlockText[] {
  const sets = [...b.indices].map((index) => `k${index} = ${index}_usize;`);
  const [first, ...rest] = b.allBlocks();
  const lines = first?.lines ?? [];
  const named = b.body.blocks.some((block) => successors(block.terminator).includes(0 as BasicBlock));
  const entry = { name: "", isCleanup: false };
  if (!named) return [{ ...entry, lines: [...sets, ...lines] }, ...rest];
  return [{ ...entry, lines: [...sets, "Goto(bb0)"] }, { ...entry, name: "bb0", lines }, ...rest];
}

function macroForm(b: BodyCx, head: string, blocks: readonly BlockText[]): string {
  const text = blocks.map(({ name, isCleanup, lines }) => {
    const title = name === "" ? "" : `${name}${isCleanup ? " (cleanup)" : ""} = `;
    return `    ${title}{\n${lines.map((line) => `        ${line}\n`).join("")}    }\n`;
  });
  return `${head} {\n    mir! {\n${declarations(b)}${text.join("")}    }\n}\n`;
}

function expandedForm(b: BodyCx, head: string, blocks: readonly BlockText[]): string {
  const names = blocks
    .slice(1)
    .map(({ name, isCleanup }) => `let ${name} = BasicBlock::${isCleanup ? "Cleanup" : "Normal"}; `);
  const text = blocks.map(({ lines }) => `{\n${lines.join("\n")}\n};\n`);
  return `${head} {{\n${names.join("")}\n{\nlet RET;\n${declarations(b)}{{\n${text.join("")}RET\n}}\n}\n}}\n`;
}

function declarations(b: BodyCx): string {
  const { body } = b;
  const { names } = b.module;
  let text = "";
  for (let i = body.argCount + 1; i < body.locals.length; i++)
    text += `    let _${i}: ${names.ty(body.locals[i]!.ty)};\n`;
  for (const index of b.indices) text += `    let k${index}: usize;\n`;
  b.temps.forEach((ty, i) => {
    text += `    let t${i}: ${ty};\n`;
  });
  return b.usesNeverLocal ? `${text}    let never: !;\n` : text;
}
