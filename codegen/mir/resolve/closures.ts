/**
 * Closures: what they are known by, their types, and what they capture.
 *
 * A closure is known by the place of its text (`closureKey`) or by its path (`closurePathKey`). It has the parameters of the function that it stands in. What it captures is
 * told, in terms of these, by an attribute, by the expression in its own function that makes it, or by the fields that its own body looks at. Where it was inlined
 * types have the arguments filled in: that teaches nothing of a closure with parameters, but that there is a field.
 */

import { Diagnostic } from "../../session/diagnostic.ts";
import type { ClosureDef } from "../items.ts";
import { operandTy } from "../place-ty.ts";
import type { LocalDecl, Operand } from "../syntax.ts";
import type * as text from "../text/ast.ts";
import { typeText } from "../text/print-type.ts";
import { TY_NEVER, type Ty, type TyOf } from "../ty.ts";
import { argsOf } from "./path-names.ts";
import { errorIn, type Scope, unsupportedIn } from "./world.ts";

/** A closure's location without the folders of its file. */
export function closureKey(location: string): string {
  return location.slice(location.lastIndexOf("/") + 1);
}

/** What a closure is known by whose type has the arguments of its function: the path without them. */
export function closurePathKey({ path }: Extract<text.Type, { kind: "closure" }>): string | undefined {
  if (path === undefined || argsOf(path).length === 0) return undefined;
  const names = path.segments.map((segment) => (segment.kind === "name" ? segment.name : undefined));
  return names.includes(undefined) ? undefined : names.join("::");
}

// ---- types

/** The type of a closure; `resolveArgs` reads the arguments that are written in it. */
export function resolveClosureTy(
  scope: Scope,
  ty: Extract<text.Type, { kind: "closure" }>,
  resolveArgs: (args: readonly text.GenericArg[]) => readonly Ty[],
): Ty {
  if (ty.what !== "closure") throw unsupportedIn(scope, `the type \`${typeText(ty)}\``);
  const def = scope.world.closures.get(closurePathKey(ty) ?? "") ?? closureDef(scope, ty);
  const written = ty.path === undefined ? [] : argsOf(ty.path);
  if (written.length > 0 && written.length === def.generics.length) {
    return scope.world.tcx.closure(def, resolveArgs(written));
  }
  // The text does not say with which arguments its parent was instantiated: inside of the parent they are the parameters themselves.
  const args = def.generics.map((name, i) => {
    if (scope.generics[i] !== name)
      throw unsupportedIn(scope, `the closure \`${def.name}\` outside of its generic function`);
    return scope.world.tcx.param(i, name);
  });
  return scope.world.tcx.closure(def, args);
}

function closureDef(scope: Scope, ty: Extract<text.Type, { kind: "closure" }>): ClosureDef {
  const { closures } = scope.world;
  const known = closures.get(closureKey(ty.location));
  if (known !== undefined) return known;
  // A closure of another crate, or one whose body the text does not have. Its path with the arguments tells it; they may be parameters of the function that it is seen in.
  const generics = ty.path === undefined || argsOf(ty.path).length === 0 ? [] : scope.generics;
  const key = [closureKey(ty.location), ...generics].join(", ");
  const seen = closures.get(key);
  if (seen !== undefined) return seen;
  const made: ClosureDef = {
    kind: "closure",
    name: `{closure@${ty.location}}`,
    generics,
    ...(scope.constParams === undefined || generics.length === 0 ? {} : { constParams: scope.constParams }),
    upvars: [],
    upvarNames: [],
    closureKind: "fn",
    body: undefined,
  };
  closures.set(key, made);
  return made;
}

// ---- what they capture

/** Closures of which their own function makes one, or an attribute tells: that says what all of their fields are. */
const exactUpvars = new WeakSet<ClosureDef>();
/** How many fields a closure was seen to have. */
const seenFields = new WeakMap<ClosureDef, number>();

/** Says what a closure captures, in terms of its own parameters. What bodies show does not change it. */
export function setExactUpvars(
  def: ClosureDef,
  fields: readonly { readonly name: string }[],
  tys: readonly Ty[],
): void {
  exactUpvars.add(def);
  def.upvars = tys;
  def.upvarNames = fields.map(({ name }) => name);
}

/** The expression `closure { fields }` with these operands. */
export function learnUpvars(
  cx: { readonly scope: Scope; readonly locals: readonly LocalDecl[] },
  closure: TyOf<"closure">,
  fields: readonly { readonly name: string }[],
  operands: readonly Operand[],
): void {
  const { def } = closure;
  // rustc prints no more operands than there are captured variables, of which several fields may be captured.
  if (operands.length < def.upvars.length || operands.length < (seenFields.get(def) ?? 0)) throw tooFew(cx.scope, def);
  if (fields.length === 0 || exactUpvars.has(def)) return;
  if (!isOwn(closure)) {
    seenFields.set(def, operands.length);
    return;
  }
  const { tcx } = cx.scope.world;
  setExactUpvars(
    def,
    fields,
    operands.map((operand) => operandTy(cx, operand, tcx)),
  );
}

function tooFew(scope: Scope, def: ClosureDef): Error {
  return errorIn(scope, `not all that the closure \`${def.name}\` captures is written here`);
}

/** The field `index` of a closure, of type `ty`. */
export function learnUpvar(closure: TyOf<"closure">, index: number, ty: Ty): void {
  const { def } = closure;
  seenFields.set(def, Math.max(seenFields.get(def) ?? 0, index + 1));
  if (exactUpvars.has(def) || !isOwn(closure) || isKnown(def, index)) return;
  const upvars = [...def.upvars];
  while (upvars.length <= index) upvars.push(UNKNOWN);
  upvars[index] = ty;
  def.upvars = upvars;
  def.upvarNames = upvars.map((_, i) => def.upvarNames[i] ?? String(i));
}

/** Stands for the type of a field until that is known; no field is of type `!`. */
const UNKNOWN = TY_NEVER;

function isKnown({ upvars }: ClosureDef, index: number): boolean {
  return index < upvars.length && upvars[index] !== UNKNOWN;
}

/**
 * Checks that all fields of a closure are known that were seen.
 *
 * @throws Diagnostic when one is not.
 */
export function checkUpvars(def: ClosureDef, file: string): void {
  const count = Math.max(def.upvars.length, seenFields.get(def) ?? 0);
  for (let i = 0; i < count; i++) {
    if (!isKnown(def, i))
      throw new Diagnostic(`the text does not say what the closure \`${def.name}\` captures`, {
        file,
        help: "add the function that it stands in, or `#[upvars(name: Type, …)]` before the closure's body",
      });
  }
}

/** Whether a closure's arguments are its parameters, as in the function that it stands in; not so where that was inlined. */
function isOwn({ def, args }: TyOf<"closure">): boolean {
  return args.every((arg, i) => arg.kind === "param" && arg.index === i && arg.name === def.generics[i]);
}
