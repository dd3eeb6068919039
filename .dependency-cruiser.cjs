/** The dependency directions of the design. An arrow that is not allowed here is an error of the lint. */

/** `from` may not import `to`. */
const forbid = (name, comment, from, to, extra = {}) => ({
  name,
  comment,
  severity: "error",
  from,
  to: { ...to, ...extra },
});

/** Layers of codegen from the top; a layer imports only itself and those below. `session` and `target` are words that all may use. */
const layers = [
  "driver",
  "backend",
  "ssa",
  "monomorphic",
  "monomorphize",
  "abi",
  "interpret",
  "transform",
  "layout",
  "traits",
  "mir",
  "apfloat",
  "entity",
];
const above = (layer) => layers.slice(0, layers.indexOf(layer));

const codegenLayers = ["mir", "traits", "layout", "apfloat", "entity"].map((layer) =>
  forbid(
    `${layer}-is-below`,
    `codegen/${layer} imports nothing above it`,
    { path: `^codegen/${layer}/`, pathNot: "\\.test\\.ts$|/testing/" },
    {
      path: `^codegen/(${above(layer).join("|")})/`,
    },
  ),
);

module.exports = {
  forbidden: [
    forbid(
      "no-cycles",
      "modules form no cycle",
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    ),
    forbid(
      "codegen-knows-no-harness",
      "codegen/ never imports harness/",
      { path: "^codegen/" },
      { path: "^(harness|reports)/" },
    ),
    forbid(
      "harness-uses-the-index",
      "harness/ imports codegen/index.ts only",
      { path: "^(harness|reports)/", pathNot: "\\.test\\.ts$" },
      {
        path: "^codegen/",
        pathNot: "^codegen/index\\.ts$",
      },
    ),
    forbid(
      "generators-know-no-subjects",
      "generators never import subjects",
      { path: "^harness/(generate|mutate)/" },
      { path: "^harness/subjects/" },
    ),
    ...codegenLayers,
    forbid(
      "ssa-names-no-backend",
      "ssa/ knows no backend",
      { path: "^codegen/(ssa|monomorphize|abi|transform|interpret)/", pathNot: "\\.test\\.ts$|/testing/" },
      {
        path: "^codegen/backend/",
      },
    ),
    forbid(
      "backends-are-strangers",
      "backends never import each other",
      { path: "^codegen/backend/([^/]+)/" },
      {
        path: "^codegen/backend/([^/]+)/",
        pathNot: "^codegen/backend/$1/",
      },
    ),
    forbid(
      "index-names-the-backends",
      "codegen/index.ts alone names the backends",
      { path: "^codegen/", pathNot: "^codegen/(index\\.ts|backend/|driver/|filetests/)|\\.test\\.ts$|/testing/" },
      {
        path: "^codegen/backend/",
      },
    ),
    forbid(
      "regalloc-is-below",
      "regalloc imports neither IR nor ISA",
      { path: "^codegen/backend/native/regalloc/", pathNot: "\\.test\\.ts$" },
      {
        path: "^codegen/backend/native/(ir|opts|machinst|isa)/",
      },
    ),
    forbid(
      "machinst-knows-no-isa",
      "machinst imports no ISA",
      { path: "^codegen/backend/native/machinst/", pathNot: "\\.test\\.ts$" },
      { path: "^codegen/backend/native/isa/" },
    ),
    forbid(
      "isas-are-strangers",
      "no ISA imports another",
      { path: "^codegen/backend/native/isa/([^/]+)/" },
      {
        path: "^codegen/backend/native/isa/([^/]+)/",
        pathNot: "^codegen/backend/native/isa/$1/",
      },
    ),
    forbid(
      "lookup-names-the-isas",
      "isa/lookup.ts alone names the ISAs",
      { path: "^codegen/backend/native/", pathNot: "^codegen/backend/native/isa/|\\.test\\.ts$|/testing/|/faults/" },
      {
        path: "^codegen/backend/native/isa/[^/]+/",
      },
    ),
    forbid(
      "ir-is-below",
      "the IR imports no pass and no ISA",
      { path: "^codegen/backend/native/ir/", pathNot: "\\.test\\.ts$" },
      {
        path: "^codegen/backend/native/(opts|machinst|isa|regalloc)/",
      },
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".js"] },
  },
};
