// Who may import whom (docs/ARCHITECTURE.md), with the reason beside each rule. Runs in `npm run lint` and `npm test`.
// `reachable` rules look through any number of imports; the others look at one.
const { builtinModules } = require("node:module");

const NODE_BUILTINS = `^(node:)?(${builtinModules.filter((name) => !name.startsWith("_")).join("|")})$`;
/** `import "vscode"` resolves to its type package where that is installed, and stays a bare name where it is not. */
const VSCODE = "^vscode$|@types/vscode/";
/** A package by name: resolved into node_modules, or the bare name where it is not installed. */
const npmPackage = (...names) => `(^|node_modules/)(${names.join("|")})(/|$)`;
const ANYTHING = ".";

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "protocol-imports-nothing-of-ours",
      comment:
        "engine/protocol is the public face that everyone imports: whatever it imported would reach every process.",
      severity: "error",
      from: { path: "^engine/protocol/" },
      to: { path: ANYTHING, pathNot: ["^engine/protocol/", npmPackage("valibot", "vscode-jsonrpc")] },
    },
    {
      name: "webview-protocol-is-types",
      comment:
        "webview/protocol.ts is read by the extension host too: it may lean on engine/protocol, and on " +
        "nothing of the page.",
      severity: "error",
      from: { path: "^webview/protocol\\.ts$" },
      to: { path: ANYTHING, pathNot: ["^engine/protocol/", npmPackage("valibot", "vscode-jsonrpc")] },
    },
    {
      name: "webview-imports-little",
      comment:
        "The page draws what it is told. It knows the protocols, a chart library and the controls; logic " +
        "that needs more belongs to the host.",
      severity: "error",
      from: { path: "^webview/" },
      to: {
        path: ANYTHING,
        pathNot: [
          "^webview/",
          "^engine/protocol/",
          npmPackage("uplot", "@vscode/webview-ui-toolkit", "lit-html", "valibot", "vscode-jsonrpc"),
        ],
      },
    },
    {
      name: "webview-jsonrpc-browser-only",
      comment:
        'In a webview the common entry of vscode-jsonrpc never delivers a reply: import "vscode-jsonrpc/browser".',
      severity: "error",
      from: { path: "^webview/" },
      to: { path: npmPackage("vscode-jsonrpc"), pathNot: "vscode-jsonrpc/(lib/)?browser(/|$)" },
    },
    {
      name: "webview-never-reaches-node",
      comment: "A webview is a browser page: a Node module anywhere below it breaks the page at run time.",
      severity: "error",
      from: { path: "^webview/" },
      to: { path: [NODE_BUILTINS, VSCODE], reachable: true },
    },
    {
      name: "toolkit-only-in-controls",
      comment: "@vscode/webview-ui-toolkit is deprecated. One file knows it, so that one file replaces it.",
      severity: "error",
      from: { pathNot: "^webview/ui/controls\\.ts$" },
      to: { path: npmPackage("@vscode/webview-ui-toolkit") },
    },
    {
      name: "uplot-only-in-webview",
      comment: "Charts are drawn in the page only.",
      severity: "error",
      from: { pathNot: "^webview/" },
      to: { path: npmPackage("uplot") },
    },
    {
      name: "engine-stays-below",
      comment:
        "The engine is used by the extension, the command line and tests alike: it knows none of those who use it.",
      severity: "error",
      from: { path: "^engine/" },
      to: { path: "^(extension|webview|test|scripts)/" },
    },
    {
      name: "engine-never-reaches-vscode",
      comment: "The engine runs in a child process and on the command line, where there is no editor.",
      severity: "error",
      from: { path: "^engine/" },
      to: { path: VSCODE, reachable: true },
    },
    {
      name: "reading-is-pure",
      comment: "Reading a file and judging it are functions of its text: whoever calls them does the I/O.",
      severity: "error",
      from: { path: "^engine/(python|source|script|graph|findings|rewrite|judgement)/" },
      to: { path: NODE_BUILTINS, reachable: true },
    },
    {
      name: "python-core-stands-alone",
      comment:
        "What Python means is written once, below everybody who reads Python: it knows no framework, no " +
        "model and no rule.",
      severity: "error",
      from: { path: "^engine/python/" },
      to: { path: ANYTHING, pathNot: "^engine/(python|protocol)/" },
    },
    {
      name: "script-and-source-stand-side-by-side",
      comment:
        "The reader and the tracer share the Python core and nothing else: each has its own idea of what a value is.",
      severity: "error",
      from: { path: "^engine/script/" },
      to: { path: ANYTHING, pathNot: "^engine/(script|python|protocol)/" },
    },
    {
      name: "source-never-reaches-script",
      comment: "As above, from the other side.",
      severity: "error",
      from: { path: "^engine/source/" },
      to: { path: "^engine/(script|findings)/", reachable: true },
    },
    {
      name: "judgement-judges-records",
      comment:
        "What is wrong with a run follows from what was recorded, whoever recorded it: no files, no graph, no engine.",
      severity: "error",
      from: { path: "^engine/judgement/" },
      to: { path: ANYTHING, pathNot: ["^engine/judgement/", "^engine/protocol/"] },
    },
    {
      name: "runs-are-not-judged-here",
      comment: "The run folder is read the same whatever somebody thinks of the run.",
      severity: "error",
      from: { path: "^engine/runs/" },
      to: { path: "^engine/judgement/" },
    },
    {
      name: "nn-is-pure",
      comment:
        "Numerics have no I/O, no clock and no dependencies, so that the same input gives the same bits everywhere.",
      severity: "error",
      from: { path: "^engine/nn/" },
      to: { path: ANYTHING, pathNot: ["^engine/nn/", "^engine/protocol/"] },
    },
    {
      name: "nn-never-reaches-node",
      comment: "As above, seen through whatever engine/nn imports.",
      severity: "error",
      from: { path: "^engine/nn/" },
      to: { path: NODE_BUILTINS, reachable: true },
    },
    {
      name: "pure-engine-parts",
      comment:
        "Reading a model, shapes and findings are pure functions of text and records: they never reach " +
        "numerics, training or data.",
      severity: "error",
      from: { path: "^engine/(python|graph|source|script|findings|rewrite)/" },
      to: { path: "^engine/(nn|training|data)/", reachable: true },
    },
    {
      name: "extension-leaves-training-to-the-child",
      comment:
        "Numerics, training and data run in the child process: in the extension host they would freeze " +
        "every other extension.",
      severity: "error",
      from: { path: "^extension/" },
      to: { path: "^engine/(nn|training|data)/", reachable: true },
    },
    {
      name: "extension-knows-the-engine-by-its-parts",
      comment: "The extension uses the pure parts of the engine; its process shells are started, not imported.",
      severity: "error",
      from: { path: "^extension/" },
      to: {
        path: "^engine/",
        pathNot:
          "^engine/(protocol|python|graph|source|script|workspace|findings|rewrite|runs|judgement|nn|training|data)/",
      },
    },
    {
      name: "extension-knows-the-webview-by-its-protocol",
      comment: "The page is another process. What both sides share is webview/protocol.ts.",
      severity: "error",
      from: { path: "^extension/" },
      to: { path: "^webview/", pathNot: "^webview/protocol\\.ts$" },
    },
    {
      name: "no-cycles",
      comment: "Two files that need each other are one idea in two places.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-orphans",
      comment: "A file that nobody imports and that imports nothing is a left-over.",
      severity: "error",
      from: {
        orphan: true,
        pathNot: [
          "\\.d\\.ts$",
          "^(extension/extension|engine/main|engine/cli|webview/main)\\.ts$",
          "^engine/protocol/",
          "^webview/protocol\\.ts$",
          "\\.mjs$",
        ],
      },
      to: {},
    },
    {
      name: "no-unresolvable",
      comment:
        "An import that leads nowhere. (Kernels are compiled before the bundle is made, possibly after this check.)",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "\\.wasm$" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // Build-time code: it runs before there is a program, and may use Node.
    exclude: { path: "^engine/nn/kernels/(assembly/|build/|.*\\.mjs$)" },
    tsPreCompilationDeps: true, // an `import type` across a border is a border crossed
    enhancedResolveOptions: {
      extensions: [".ts", ".mjs", ".js", ".json", ".d.ts"],
      exportsFields: ["exports"],
      conditionNames: ["import", "browser", "node", "types", "default"],
    },
  },
};
