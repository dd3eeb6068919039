/**
 * Constants that dumps show as memory: `const Indirect { alloc_id: alloc5, offset: Size(8 bytes) }: T` becomes a copy through a pointer to that memory,
 * which the language has. So do those of unions, which are printed with all their fields: the widest one is written, which says all.
 */

import type { text } from "../../codegen/index.ts";

type Indirect = Extract<text.Const, { kind: "indirect" }>;

/** `body` without constants in memory, and of unions. */
export function spillIndirect(body: text.Body, argCount: number, isUnion: (path: text.Path) => boolean): text.Body {
  const locals = [...body.scope.locals];
  let changed = false;
  const blocks = body.blocks.map((block) => {
    const statements: text.Statement[] = [];
    const spill = <T>(node: T, at: number): T =>
      replaced(node, isUnion, (constant) => {
        changed = true;
        const local = Math.max(argCount, ...locals.map((decl) => decl.local)) + 1;
        if (constant.kind === "struct") {
          const { path } = constant;
          locals.push({ at, local, mutable: true, ty: { kind: "path", path, text: "" }, userTypes: [] });
          const [{ name, value }] = [...constant.fields].sort((a, b) => widthOf(b.value) - widthOf(a.value)) as [Field];
          const written: text.Operand = { kind: "const", value, keyword: true };
          const fields = [{ name, value: spill(written, at) }];
          statements.push({
            kind: "assign",
            at,
            place: { local, projection: [] },
            rvalue: { kind: "struct", path, fields },
          });
          return { local, projection: [] };
        }
        const ty: text.Type = { kind: "ref", lifetime: "", mutable: false, pointee: constant.ty, text: "" };
        locals.push({ at, local, mutable: true, ty, userTypes: [] });
        const offset = /\d+/.exec(constant.offset)?.[0] ?? "0";
        const pointer = {
          alloc: constant.alloc,
          flags: "",
          offset: offset === "0" ? "" : `0x${Number(offset).toString(16)}`,
        };
        const value: text.Const = { kind: "alloc", pointer, ty };
        const rvalue: text.Rvalue = { kind: "use", operand: { kind: "const", value, keyword: true }, prefix: "" };
        statements.push({ kind: "assign", at, place: { local, projection: [] }, rvalue });
        return { local, projection: [{ kind: "deref" }] };
      });
    for (const statement of block.statements) {
      const made = spill(statement, statement.at);
      statements.push(made.kind === "assign" ? withoutMoves(made) : made);
    }
    const terminator = block.terminator === undefined ? undefined : spill(block.terminator, block.terminator.at);
    return { ...block, statements, terminator };
  });
  return { ...body, scope: changed ? { ...body.scope, locals } : body.scope, blocks };
}

/** The checks of the library that a debug build would make: the import is compiled without. */
const NO_CHECKS: text.Operand = {
  kind: "const",
  value: { kind: "literal", literal: "bool", text: "false" },
  keyword: true,
};

/**
 * rustc's own MIR reads the discriminant of what it moved fields out of, to know what is left to drop: a move that assigns is a copy. Those of calls stay.
 */
function withoutMoves<T>(node: T): T {
  if (typeof node !== "object" || node === null || node instanceof Uint8Array) return node;
  if (Array.isArray(node)) return node.map(withoutMoves) as T;
  if ("kind" in node && node.kind === "move" && "place" in node) return { kind: "copy", place: node.place } as T;
  if ("segments" in node || "bytes" in node) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, key === "ty" ? value : withoutMoves(value)]),
  ) as T;
}

type UnionConst = Extract<text.Const, { kind: "struct" }>;
type Field = UnionConst["fields"][number];

function isUnionConst(node: object, isUnion: (path: text.Path) => boolean): node is { readonly value: UnionConst } {
  if (!("kind" in node) || node.kind !== "const" || !("value" in node)) return false;
  const value = node.value as text.Const;
  return value.kind === "struct" && value.fields.length > 1 && isUnion(value.path);
}

/** How many bits of numbers a constant holds. */
function widthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + widthOf(each), 0);
  if (!("kind" in value && value.kind === "literal" && "text" in value))
    return Object.values(value).reduce((sum: number, each) => sum + widthOf(each), 0);
  const text = String(value.text);
  const bits = /[iuf](8|16|32|64|128|size)$/.exec(text)?.[1];
  if (bits !== undefined) return bits === "size" ? 64 : Number(bits);
  if (text === "true" || text === "false") return 8;
  return text.startsWith("'") ? 32 : 128;
}

function isIndirect(node: object): node is { readonly value: Indirect } {
  if (!("kind" in node) || node.kind !== "const" || !("value" in node)) return false;
  const { value } = node;
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "indirect";
}

/** `node` with its indirect operands copied from the places that `spill` makes. */
function replaced<T>(
  node: T,
  isUnion: (path: text.Path) => boolean,
  spill: (constant: Indirect | UnionConst) => text.Place,
): T {
  if (typeof node !== "object" || node === null || node instanceof Uint8Array) return node;
  if (Array.isArray(node)) {
    const made = node.map((child) => replaced(child, isUnion, spill));
    return made.every((child, i) => child === node[i]) ? node : (made as T);
  }
  if ("kind" in node && node.kind === "runtimeChecks") return NO_CHECKS as T;
  if (isIndirect(node) || isUnionConst(node, isUnion)) return { kind: "copy", place: spill(node.value) } as T;
  let made: { [key: string]: unknown } | undefined;
  for (const [key, value] of Object.entries(node)) {
    const child = replaced(value, isUnion, spill);
    if (child === value) continue;
    made ??= { ...(node as { [key: string]: unknown }) };
    made[key] = child;
  }
  return (made ?? node) as T;
}
