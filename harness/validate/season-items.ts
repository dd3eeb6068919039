/** Items that seasoned programs mention: an enum with one large variant, and `<[T]>::len` as core has it. No list of the program has them. */

import {
  type AdtDef,
  DEFAULT_REPR,
  DUMMY_SP,
  type FnItem,
  type ImplDef,
  type Local,
  TY_U8,
  TY_U64,
  TY_USIZE,
  type TyCtxt,
} from "../../codegen/index.ts";

export interface SeasonItems {
  /** `enum Wide { Small(u8), Large([u64; 20]) }`. */
  readonly wide: AdtDef;
  /** `<[T]>::len`. */
  readonly sliceLen: FnItem;
}

const made = new WeakMap<TyCtxt, SeasonItems>();

/** The items for programs of `tcx`: always the same ones. */
export function seasonItems(tcx: TyCtxt): SeasonItems {
  let items = made.get(tcx);
  if (items === undefined) {
    items = { wide: wideEnum(tcx), sliceLen: sliceLen(tcx) };
    made.set(tcx, items);
  }
  return items;
}

/** The elements of the large variant: far more bytes than the other has. */
const LARGE = 20;

function wideEnum(tcx: TyCtxt): AdtDef {
  return {
    name: "season::Wide",
    adtKind: "enum",
    generics: [],
    variants: [
      { name: "Small", ctor: "tuple", fields: [{ name: "0", ty: TY_U8 }], discriminant: 0n },
      { name: "Large", ctor: "tuple", fields: [{ name: "0", ty: tcx.array(TY_U64, LARGE) }], discriminant: 1n },
    ],
    repr: DEFAULT_REPR,
    explicitDiscriminants: false,
    prelude: false,
  };
}

function sliceLen(tcx: TyCtxt): FnItem {
  const slice = tcx.slice(tcx.param(0, "T"));
  const generics = ["T"];
  const parent: ImplDef = {
    kind: "impl",
    generics,
    trait: undefined,
    selfTy: slice,
    predicates: [],
    negative: false,
    fns: [],
    assocTypes: [],
    assocConsts: [],
    prelude: true,
    span: DUMMY_SP,
  };
  const place = (local: number) => ({ local: local as Local, projection: [] });
  const item: FnItem = {
    name: "<impl [T]>::len",
    kind: "fn",
    generics,
    parent,
    assocName: "len",
    params: [tcx.ref("not", slice)],
    ret: TY_USIZE,
    inline: "hint",
    abi: "Rust",
    body: {
      argCount: 1,
      locals: [
        { ty: TY_USIZE, mutability: "mut" },
        { ty: tcx.ref("not", slice), mutability: "not" },
      ],
      blocks: [
        {
          statements: [
            {
              kind: "assign",
              place: place(0),
              rvalue: { kind: "unary", op: "PtrMetadata", operand: { kind: "copy", place: place(1) } },
              span: DUMMY_SP,
            },
          ],
          terminator: { kind: "return", span: DUMMY_SP },
          isCleanup: false,
        },
      ],
    },
    span: DUMMY_SP,
  };
  parent.fns = [item];
  return item;
}
