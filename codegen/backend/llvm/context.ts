/**
 * `CodegenCx`: one module while it is being written, and what all modules of a session share.
 *
 * A module's text is its header, the functions in order, the declarations that they turned out to need, the attribute groups and the
 * metadata. As rustc_codegen_llvm/src/{context,declare,attributes}.rs.
 */

import { bug } from "../../entity/entity.ts";
import type { OptLevel, Session } from "../../session/session.ts";
import type { BackendSignature, FunctionDecl } from "../../ssa/traits/types.ts";
import { llvmDataLayout, type Target } from "../../target/spec.ts";
import { type AbiCx, type AttributePolicy, NO_ATTRIBUTES, type SignatureText, signatureText } from "./abi.ts";
import { globalName } from "./consts.ts";
import { type Intrinsic, Intrinsics } from "./intrinsic.ts";
import { type TypeTexts, typeTexts } from "./type-of.ts";
import { dialectOf, type LlvmDialect } from "./versions.ts";

/** What a module's text depends on, besides the program. */
export interface ModuleOptions {
  readonly target: Target;
  /** LLVM's major version. */
  readonly llvmMajor: number;
  readonly optLevel: OptLevel;
  readonly attributes: AttributePolicy;
  /** The module is the runtime: its loops must not become calls of the routines that they are. */
  readonly noBuiltins: boolean;
  /** Assembly at the start of the module. */
  readonly moduleAsm: string;
}

/** The options of the modules of `session`'s program. */
export function moduleOptions(session: Session, llvmMajor: number, attributes: AttributePolicy): ModuleOptions {
  const { optLevel } = session.options;
  return {
    target: session.target,
    llvmMajor,
    optLevel,
    attributes: optLevel === "0" ? NO_ATTRIBUTES : attributes,
    noBuiltins: false,
    moduleAsm: "",
  };
}

/** Features that LLVM has known since a release; older ones would warn. */
const FEATURES_SINCE: ReadonlyMap<string, number> = new Map([["+v8a", 15]]);

/** The target features that LLVM `major` takes, as `-mattr` reads them. */
export function targetFeatures(target: Target, major: number): string {
  const features = target.defaultFeatures.split(",").filter((f) => f !== "" && (FEATURES_SINCE.get(f) ?? 0) <= major);
  return features.join(",");
}

const INLINE_ATTRIBUTE: Readonly<Record<FunctionDecl["inline"], string>> = {
  none: "",
  hint: "inlinehint ",
  always: "alwaysinline ",
  never: "noinline ",
};

/** `optsize` and `minsize`, by opt-level, as rustc sets them. */
const SIZE_ATTRIBUTE: Readonly<Record<OptLevel, string>> = {
  "0": "",
  "1": "",
  "2": "",
  "3": "",
  s: "optsize ",
  z: "minsize optsize ",
};

const LINKAGE: Readonly<Record<FunctionDecl["linkage"], string>> = {
  external: "",
  internal: "internal ",
  availableExternally: "available_externally ",
};

/** A function that the module defines or mentions. */
export interface LlvmFunction {
  readonly decl: FunctionDecl;
  readonly name: string;
  readonly text: SignatureText;
  defined: boolean;
}

export class CodegenCx {
  readonly options: ModuleOptions;
  readonly dialect: LlvmDialect;
  readonly types: TypeTexts;
  readonly intrinsics: Intrinsics;
  readonly chunks: string[] = [];
  /** Whether some function must be inlined at every opt-level. */
  hasAlwaysInline = false;
  private readonly abi: AbiCx;
  private readonly functions = new Map<string, LlvmFunction>();
  private readonly usedIntrinsics = new Set<Intrinsic>();
  /** Texts of the attribute groups; a group's number is its index. */
  private readonly attributeGroups: string[] = [];
  private readonly targetAttributes: string;
  /** Texts of the metadata nodes that functions refer to. */
  private readonly metadata: string[] = [];
  private readonly metadataNumbers = new Map<string, number>();

  constructor(name: string, options: ModuleOptions) {
    const { target, llvmMajor, attributes } = options;
    this.options = options;
    this.dialect = dialectOf(llvmMajor);
    this.types = typeTexts(this.dialect);
    this.intrinsics = new Intrinsics(this.dialect);
    this.abi = { arch: target.arch, dialect: this.dialect, attributes };
    const features = targetFeatures(target, llvmMajor);
    this.targetAttributes =
      `"target-cpu"="${target.defaultCpu}"` +
      (features === "" ? "" : ` "target-features"="${features}"`) +
      (options.noBuiltins ? ' "no-builtins"' : "");
    this.chunks.push(
      `source_filename = "${name.replace(/[^\w.-]/g, "_")}"\n`,
      `target datalayout = "${llvmDataLayout(target, llvmMajor)}"\n`,
      `target triple = "${target.llvmTriple}"\n\n`,
    );
    for (const line of options.moduleAsm.split("\n"))
      if (line !== "") this.chunks.push(`module asm "${line.replaceAll('"', "\\22")}"\n`);
  }

  /** The function that `decl` describes, declared on first use. */
  getFn(decl: FunctionDecl): LlvmFunction {
    let fn = this.functions.get(decl.symbol);
    if (fn === undefined) {
      fn = { decl, name: globalName(decl.symbol), text: this.signature(decl.signature, decl), defined: false };
      this.functions.set(decl.symbol, fn);
    }
    return fn;
  }

  signature(signature: BackendSignature, known: Pick<FunctionDecl, "abi">): SignatureText {
    return signatureText(this.abi, signature, known.abi);
  }

  useIntrinsic(intrinsic: Intrinsic): string {
    this.usedIntrinsics.add(intrinsic);
    return intrinsic.name;
  }

  /** The number of the metadata node `!{…}` with this text. */
  metadataNode(text: string): number {
    let number = this.metadataNumbers.get(text);
    if (number === undefined) {
      number = this.metadata.push(text) - 1;
      this.metadataNumbers.set(text, number);
    }
    return number;
  }

  /** The attributes that mark a call that does not come back. */
  noReturnGroup(): number {
    return this.attributeGroup("noreturn nounwind");
  }

  /** The line that opens the definition of `decl`. */
  beginDefinition(decl: FunctionDecl): string {
    const fn = this.getFn(decl);
    if (fn.defined) throw bug(`two definitions of ${decl.symbol}`);
    fn.defined = true;
    if (decl.inline === "always") this.hasAlwaysInline = true;
    const params = fn.text.params.map((text, i) => `${text}%p${i}`).join(", ");
    const group = this.attributeGroup(
      this.functionAttributes(fn.decl) + SIZE_ATTRIBUTE[this.options.optLevel] + this.targetAttributes,
    );
    return `define ${LINKAGE[decl.linkage]}${fn.text.ret} ${fn.name}(${params}) unnamed_addr #${group} {\n`;
  }

  /** The whole module. */
  finish(): string {
    const { chunks } = this;
    for (const fn of this.functions.values()) if (!fn.defined) chunks.push(this.declaration(fn));
    for (const intrinsic of this.usedIntrinsics) chunks.push(intrinsic.declaration);
    this.pushModuleFlags();
    for (let i = 0; i < this.attributeGroups.length; i++)
      chunks.push(`attributes #${i} = { ${this.attributeGroups[i]!} }\n`);
    for (let i = 0; i < this.metadata.length; i++) chunks.push(`!${i} = !{${this.metadata[i]!}}\n`);
    return chunks.join("");
  }

  private pushModuleFlags(): void {
    const { llvmAbi } = this.options.target;
    if (llvmAbi === undefined) return;
    const flag = this.metadataNode(`i32 1, !"target-abi", !"${llvmAbi}"`);
    this.chunks.push(`!llvm.module.flags = !{!${flag}}\n`);
  }

  private declaration(fn: LlvmFunction): string {
    if (fn.decl.linkage === "internal") throw bug(`${fn.decl.symbol} is internal and has no body in this module`);
    const group = this.attributeGroup(this.functionAttributes(fn.decl) + this.targetAttributes);
    return `declare ${fn.text.ret} ${fn.name}(${fn.text.params.join(", ")}) unnamed_addr #${group}\n`;
  }

  private functionAttributes(decl: FunctionDecl): string {
    return `${INLINE_ATTRIBUTE[decl.inline]}${decl.signature.noReturn ? "noreturn " : ""}nounwind `;
  }

  private attributeGroup(text: string): number {
    const known = this.attributeGroups.indexOf(text);
    return known >= 0 ? known : this.attributeGroups.push(text) - 1;
  }
}
