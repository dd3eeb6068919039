/**
 * Rust's names of a program's types and items.
 *
 * Every item of the program becomes one identifier of its module (`p17::f` is `p17__f`), with a `_` at the end where Rust or
 * `core::intrinsics::mir` has the name already, and a number where two items would be called the same. References live for `'static`:
 * bodies in the runtime dialect are not borrow-checked. Closures are structs, as a closure's own type cannot be written.
 */

import { bug } from "../../entity/entity.ts";
import type { TraitDef, TraitRef } from "../items.ts";
import type { AdtDef, Ty, TyOf } from "../ty.ts";
import type { LanguageConstruct } from "./probes.ts";
import { UnsupportedError } from "./support.ts";

const KEYWORDS: ReadonlySet<string> = new Set(
  (
    "as async await become box break const continue crate do dyn else enum extern false final fn for gen if impl in let loop macro match mod move mut override " +
    "priv pub ref return self Self static struct super trait true try type typeof unsafe unsized use virtual where while yield abstract union _"
  ).split(" "),
);

/** Names that a written module has already. */
const TAKEN: ReadonlySet<string> = new Set(
  (
    "mir core std Move Copy Field Variant Discriminant SetDiscriminant Checked Offset PtrMetadata Return Goto Unreachable Drop Call TailCall UnwindContinue " +
    "UnwindUnreachable UnwindTerminate UnwindTerminateReason UnwindResume UnwindCleanup ReturnTo StorageLive StorageDead Assume Deinit Len CastTransmute CastPtrToPtr CastUnsize " +
    "CopyForDeref Static StaticMut BasicBlock ReturnToArg UnwindActionArg ReasonAbi ReasonInCleanup Retag RET place main glue runtime never " +
    "Some None Ok Err Option Result Sized Send Sync Clone Fn FnMut FnOnce Default Iterator Eq Ord PartialEq PartialOrd"
  ).split(" "),
);

/** `path` as the identifier of an item. */
export function rustIdent(path: string): string {
  const ident = memberIdent(path.replaceAll("::", "__").replaceAll(/[^A-Za-z0-9_]/g, "_"));
  return TAKEN.has(ident) ? `${ident}_` : ident;
}

/** The name of a field, variant or associated item, which cannot be mistaken for an item. */
export function memberIdent(name: string): string {
  if (KEYWORDS.has(name)) return `${name}_`;
  return /^[0-9]/.test(name) ? `_${name}` : name;
}

/** The modules that std shares with core. */
const CORE_MODULES: ReadonlySet<string> = new Set(
  (
    "option result cmp ops marker clone default iter convert hash borrow any fmt mem ptr cell num slice str array char ascii pin task future time " +
    "intrinsics hint panic range sync"
  ).split(" "),
);

/** `std::` is `core::` in a crate without std. */
function preludePath(name: string): string {
  const [root, module] = name.split("::");
  if ((root === "std" || root === "core") && module !== undefined && CORE_MODULES.has(module))
    return `core::${name.slice(name.indexOf("::") + 2)}`;
  throw new UnsupportedError(`${name} is not in core`);
}

/** The struct of core with this path has public fields. */
export function hasPublicFields(def: AdtDef): boolean {
  return (
    !def.prelude ||
    def.adtKind === "enum" ||
    /::(?:Range|RangeFrom|RangeTo|RangeToInclusive|RangeFull|Wrapping|Saturating|Reverse|PhantomData)$/.test(def.name)
  );
}

/** The identifiers of one module, and the texts of its types. */
export class Names {
  /** What a rustc must take for the types that were written. */
  readonly needs: Set<LanguageConstruct> = new Set();
  /** Definitions of the program that were named. */
  readonly mentioned: Set<AdtDef> = new Set();
  private readonly items = new Map<object, string>();
  private readonly used = new Set<string>();
  private readonly texts = new Map<Ty, string>();
  private readonly params = new Map<string, string>();
  private readonly lifetimes = new Map<AdtDef, boolean>();

  /** The identifier of an item of the program, whose path is `path`. */
  of(item: object, path: string): string {
    let name = this.items.get(item);
    if (name === undefined) {
      name = this.fresh(rustIdent(path));
      this.items.set(item, name);
    }
    return name;
  }

  /** `wanted`, or that with a number behind it; never what bodies call their locals and blocks. */
  fresh(path: string): string {
    const wanted = /^(?:_|[kt]|bb[a-z]*)\d*$/.test(path) ? `${path}_` : path;
    let name = wanted;
    for (let n = 2; this.used.has(name); n++) name = `${wanted}_${n}`;
    this.used.add(name);
    return name;
  }

  /** A type or const parameter. */
  param(name: string): string {
    let ident = this.params.get(name);
    if (ident === undefined) {
      ident = this.fresh(rustIdent(name));
      this.params.set(name, ident);
    }
    return ident;
  }

  adt(def: AdtDef): string {
    if (def.prelude) return preludePath(def.name);
    this.mentioned.add(def);
    return this.of(def, def.name);
  }

  /**
   * Whether an enum of the program has a lifetime parameter. Its variants' fields mention references or objects, and custom MIR, which takes the types of such
   * fields from the definition, must not find `'static` in them.
   */
  hasLifetime(def: AdtDef): boolean {
    if (def.adtKind !== "enum" || def.prelude) return false;
    let known = this.lifetimes.get(def);
    if (known === undefined) {
      this.lifetimes.set(def, false);
      known = def.variants.some((variant) => variant.fields.some((field) => this.mentionsLifetime(field.ty)));
      this.lifetimes.set(def, known);
    }
    return known;
  }

  private mentionsLifetime(ty: Ty): boolean {
    const go = (each: Ty): boolean => this.mentionsLifetime(each);
    switch (ty.kind) {
      case "ref":
      case "dynamic":
        return true;
      case "tuple":
        return ty.fields.some(go);
      case "array":
      case "slice":
      case "genericArray":
        return go(ty.element);
      case "ptr":
        return go(ty.pointee);
      case "fnptr":
        return ty.params.some(go) || go(ty.ret);
      case "adt":
        return this.hasLifetime(ty.def) || ty.args.some(go);
      case "closure":
      case "alias":
        return ty.args.some(go);
      default:
        return false;
    }
  }

  trait(def: TraitDef): string {
    return def.prelude ? preludePath(def.name) : this.of(def, def.name);
  }

  /** The name of a field, as it stands behind a dot or before a colon. */
  field(ty: Ty, variant: number, index: number): string {
    if (ty.kind === "tuple") return String(index);
    if (ty.kind === "closure") return `c${index}`;
    if (ty.kind !== "adt") throw bug(`a field of ${ty.text}`);
    const field = ty.def.variants[variant]?.fields[index];
    if (field === undefined) throw bug(`${ty.text} has no field ${index}`);
    if (!hasPublicFields(ty.def)) throw new UnsupportedError(`the fields of ${ty.def.name} are private`);
    return /^\d+$/.test(field.name) ? field.name : memberIdent(field.name);
  }

  /** A type as Rust source. */
  ty(ty: Ty): string {
    let text = this.texts.get(ty);
    if (text === undefined) {
      text = this.write(ty);
      this.texts.set(ty, text);
    }
    return text;
  }

  /** `<A, B>`, or nothing. */
  args(args: readonly Ty[]): string {
    return args.length === 0 ? "" : `<${args.map((arg) => this.ty(arg)).join(", ")}>`;
  }

  /** `Trait<args…>` without its subject, and with associated types bound to something. */
  traitRef(ref: TraitRef, bound: readonly string[] = [], subject = 1): string {
    const args = [...ref.args.slice(subject).map((arg) => this.ty(arg)), ...bound];
    return `${this.trait(ref.trait)}${args.length === 0 ? "" : `<${args.join(", ")}>`}`;
  }

  private write(ty: Ty): string {
    switch (ty.kind) {
      case "tuple":
        if (ty.fields.length === 1) return `(${this.ty(ty.fields[0]!)},)`;
        return `(${ty.fields.map((field) => this.ty(field)).join(", ")})`;
      case "array":
        return `[${this.ty(ty.element)}; ${ty.length}]`;
      case "slice":
        return `[${this.ty(ty.element)}]`;
      case "genericArray":
        return `[${this.ty(ty.element)}; ${this.ty(ty.length)}]`;
      case "ref":
        return `&'static ${ty.mutability === "mut" ? "mut " : ""}${this.pointee(ty.pointee)}`;
      case "ptr":
        return `*${ty.mutability === "mut" ? "mut" : "const"} ${this.pointee(ty.pointee)}`;
      case "adt": {
        const lifetime = this.hasLifetime(ty.def) ? ["'static"] : [];
        const args = [...lifetime, ...ty.args.map((arg) => this.ty(arg))];
        return `${this.adt(ty.def)}${args.length === 0 ? "" : `<${args.join(", ")}>`}`;
      }
      case "closure":
        return `${this.of(ty.def, ty.def.name)}${this.args(ty.args)}`;
      case "fnptr":
        return this.fnPtr(ty);
      case "dynamic":
        return this.dynamic(ty);
      case "alias":
        return this.alias(ty);
      case "param":
        return this.param(ty.name);
      case "constArg":
        return constArg(ty);
      case "fndef":
        // The type of one function has no name: where it can be inferred, it is.
        return "_";
      case "anonConst":
        throw new UnsupportedError("a constant computed from parameters stands in a type");
      case "foreign":
        throw new UnsupportedError(`the foreign type ${ty.name} is not written`);
      default:
        if (ty.text === "f16" || ty.text === "f128") this.needs.add(ty.text);
        return ty.text;
    }
  }

  /** What a pointer points to: several bounds need parentheses. */
  private pointee(ty: Ty): string {
    const text = this.ty(ty);
    return ty.kind === "dynamic" && text.includes(" + ") ? `(${text})` : text;
  }

  private fnPtr(ty: TyOf<"fnptr">): string {
    const abi = ty.abi === "Rust" ? "" : `extern "${ty.abi}" `;
    const ret = ty.ret.kind === "tuple" && ty.ret.fields.length === 0 ? "" : ` -> ${this.ty(ty.ret)}`;
    const params = ty.params.map((param) => this.ty(param));
    if (ty.variadic) params.push("...");
    return `${ty.unsafe ? "unsafe " : ""}${abi}fn(${params.join(", ")})${ret}`;
  }

  private dynamic({ predicates }: TyOf<"dynamic">): string {
    this.needs.add("dyn");
    const { principal, projections, autos } = predicates;
    const bounds = autos.map((auto) => this.trait(auto));
    if (principal !== undefined) {
      const bound = projections.map((projection) => `${projection.name} = ${this.ty(projection.ty)}`);
      bounds.unshift(this.traitRef(principal, bound, 0));
    }
    return `dyn ${bounds.join(" + ")} + 'static`;
  }

  private alias({ trait, name, args }: TyOf<"alias">): string {
    const count = trait.generics.length;
    const owner = this.traitRef({ trait, args: args.slice(0, count) });
    return `<${this.ty(args[0]!)} as ${owner}>::${memberIdent(name)}${this.args(args.slice(count))}`;
  }
}

function constArg({ ty, bits }: TyOf<"constArg">): string {
  if (ty.kind === "bool") return bits === 0n ? "false" : "true";
  if (ty.kind === "char") return `'\\u{${bits.toString(16)}}'`;
  if (ty.kind === "int") return `{ ${BigInt.asIntN(ty.width === "size" ? 64 : ty.width, bits)} }`;
  return String(bits);
}

/** A type without definitions of the program: its glue can be shared by all programs of a crate. */
export function isShared(ty: Ty): boolean {
  switch (ty.kind) {
    case "tuple":
      return ty.fields.every(isShared);
    case "array":
    case "slice":
      return isShared(ty.element);
    case "ref":
    case "ptr":
      return isShared(ty.pointee);
    case "adt":
      return ty.def.prelude && ty.args.every(isShared);
    case "fnptr":
      return ty.params.every(isShared) && isShared(ty.ret);
    case "closure":
    case "dynamic":
    case "fndef":
    case "alias":
    case "param":
    case "genericArray":
      return false;
    default:
      return true;
  }
}

/** Whether the type of a function stands somewhere in `ty`, which then cannot be written but in a body. */
export function mentionsFnDef(ty: Ty): boolean {
  switch (ty.kind) {
    case "fndef":
      return true;
    case "tuple":
      return ty.fields.some(mentionsFnDef);
    case "array":
    case "slice":
    case "genericArray":
      return mentionsFnDef(ty.element);
    case "ref":
    case "ptr":
      return mentionsFnDef(ty.pointee);
    case "adt":
    case "closure":
    case "alias":
      return ty.args.some(mentionsFnDef);
    case "fnptr":
      return ty.params.some(mentionsFnDef) || mentionsFnDef(ty.ret);
    default:
      return false;
  }
}
