// The import rules themselves: each forbidden import is reported by the rule that forbids it, and the real tree has
// none.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { python } from "./support/python";

const ROOT = process.cwd();
/** Inside the checkout, so that packages resolve as they do for the real tree. */
const SCRATCH = path.join(ROOT, "out", "importRules");

/** One wrong import: the file that has it, what it imports, and the rule that must say so. */
interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly imports: string;
  /** Further files of the little tree, path to source. */
  readonly files?: Readonly<Record<string, string>>;
}

const EMPTY = "export const value = 1;\n";

const VIOLATIONS: readonly Violation[] = [
  {
    rule: "protocol-imports-nothing-of-ours",
    from: "engine/protocol/record.ts",
    imports: "../graph/shape",
    files: { "engine/graph/shape.ts": EMPTY },
  },
  { rule: "protocol-imports-nothing-of-ours", from: "engine/protocol/record.ts", imports: "node:fs" },
  {
    rule: "webview-protocol-is-types",
    from: "webview/protocol.ts",
    imports: "./theme",
    files: { "webview/theme.ts": EMPTY },
  },
  {
    rule: "webview-imports-little",
    from: "webview/main.ts",
    imports: "../engine/graph/shape",
    files: { "engine/graph/shape.ts": EMPTY },
  },
  {
    rule: "webview-imports-little",
    from: "webview/main.ts",
    imports: "../extension/extension",
    files: { "extension/extension.ts": EMPTY },
  },
  { rule: "reading-is-pure", from: "engine/source/read.ts", imports: "node:fs" },
  { rule: "reading-is-pure", from: "engine/judgement/judge.ts", imports: "node:fs" },
  {
    rule: "python-core-stands-alone",
    from: "engine/python/parse.ts",
    imports: "../source/readModel",
    files: { "engine/source/readModel.ts": EMPTY },
  },
  {
    rule: "script-and-source-stand-side-by-side",
    from: "engine/script/tracer.ts",
    imports: "../source/readModel",
    files: { "engine/source/readModel.ts": EMPTY },
  },
  {
    rule: "source-never-reaches-script",
    from: "engine/source/readModel.ts",
    imports: "../script/tracer",
    files: { "engine/script/tracer.ts": EMPTY },
  },
  {
    rule: "judgement-judges-records",
    from: "engine/judgement/judge.ts",
    imports: "../runs/runReader",
    files: { "engine/runs/runReader.ts": EMPTY },
  },
  {
    rule: "runs-are-not-judged-here",
    from: "engine/runs/runReader.ts",
    imports: "../judgement/judge",
    files: { "engine/judgement/judge.ts": EMPTY },
  },
  {
    rule: "reading-is-pure",
    from: "engine/findings/rule.ts",
    imports: "../graph/shape",
    files: { "engine/graph/shape.ts": "import 'node:path';\n" },
  },
  { rule: "webview-imports-little", from: "webview/main.ts", imports: "@lezer/javascript" },
  { rule: "webview-jsonrpc-browser-only", from: "webview/main.ts", imports: "vscode-jsonrpc" },
  { rule: "webview-never-reaches-node", from: "webview/main.ts", imports: "node:path" },
  { rule: "webview-never-reaches-node", from: "webview/main.ts", imports: "fs" },
  {
    rule: "webview-never-reaches-node",
    from: "webview/main.ts",
    imports: "./state",
    files: { "webview/state.ts": "import 'node:os';\n" },
  },
  { rule: "webview-never-reaches-node", from: "webview/main.ts", imports: "vscode" },
  { rule: "toolkit-only-in-controls", from: "webview/main.ts", imports: "@vscode/webview-ui-toolkit" },
  { rule: "uplot-only-in-webview", from: "extension/extension.ts", imports: "uplot" },
  {
    rule: "engine-stays-below",
    from: "engine/main.ts",
    imports: "../extension/extension",
    files: { "extension/extension.ts": EMPTY },
  },
  { rule: "engine-never-reaches-vscode", from: "engine/main.ts", imports: "vscode" },
  {
    rule: "engine-never-reaches-vscode",
    from: "engine/main.ts",
    imports: "./runs/list",
    files: {
      "engine/runs/list.ts": python`
      import type * as vscode from 'vscode';
      export type T = vscode.Uri;
    `,
    },
  },
  { rule: "nn-is-pure", from: "engine/nn/dense.ts", imports: "../runs/list", files: { "engine/runs/list.ts": EMPTY } },
  { rule: "nn-is-pure", from: "engine/nn/dense.ts", imports: "valibot" },
  { rule: "nn-never-reaches-node", from: "engine/nn/dense.ts", imports: "node:crypto" },
  {
    rule: "pure-engine-parts",
    from: "engine/graph/shape.ts",
    imports: "../nn/dense",
    files: { "engine/nn/dense.ts": EMPTY },
  },
  {
    rule: "extension-leaves-training-to-the-child",
    from: "extension/extension.ts",
    imports: "../engine/training/session",
    files: { "engine/training/session.ts": EMPTY },
  },
  {
    rule: "extension-leaves-training-to-the-child",
    from: "extension/extension.ts",
    imports: "../engine/runs/list",
    files: { "engine/runs/list.ts": "import '../data/idx';\n", "engine/data/idx.ts": EMPTY },
  },
  {
    rule: "extension-knows-the-engine-by-its-parts",
    from: "extension/extension.ts",
    imports: "../engine/main",
    files: { "engine/main.ts": EMPTY },
  },
  {
    rule: "extension-knows-the-webview-by-its-protocol",
    from: "extension/extension.ts",
    imports: "../webview/main",
    files: { "webview/main.ts": EMPTY },
  },
  { rule: "no-cycles", from: "engine/graph/a.ts", imports: "./b", files: { "engine/graph/b.ts": "import './a';\n" } },
  { rule: "no-unresolvable", from: "engine/graph/a.ts", imports: "./missing" },
];

/** What is allowed and close to the border: no rule may fire. */
const ALLOWED: Readonly<Record<string, string>> = {
  "engine/protocol/record.ts": "import 'valibot';\nexport const value = 1;\n",
  "engine/nn/dense.ts": "import '../protocol/record';\n",
  "engine/runs/list.ts": "import 'node:fs';\nimport '../protocol/record';\n",
  "engine/main.ts": "import './nn/dense';\nimport './runs/list';\nimport 'vscode-jsonrpc/node';\n",
  "webview/protocol.ts": "import '../engine/protocol/record';\n",
  "webview/ui/controls.ts": "import '@vscode/webview-ui-toolkit';\n",
  "webview/main.ts":
    "import './protocol';\nimport './ui/controls';\nimport 'uplot';\nimport 'vscode-jsonrpc/browser';\n",
  "extension/extension.ts":
    "import 'vscode';\nimport 'node:path';\nimport '../webview/protocol';\nimport '../engine/runs/list';\n",
};

describe("import rules", () => {
  before(() => fs.rmSync(SCRATCH, { recursive: true, force: true }));
  after(() => fs.rmSync(SCRATCH, { recursive: true, force: true }));

  for (const violation of VIOLATIONS) {
    it(`${violation.rule}: ${violation.from} may not import ${violation.imports}`, async () => {
      const tree = writeTree({ ...violation.files, [violation.from]: `import '${violation.imports}';\n${EMPTY}` });
      const reported = await rulesReported(tree);
      assert.ok(reported.includes(violation.rule), `reported: ${reported.join(", ") || "nothing"}`);
    });
  }

  it("no-orphans: a file that is never imported", async () => {
    assert.deepEqual(await rulesReported(writeTree({ "engine/graph/left.ts": EMPTY })), ["no-orphans"]);
  });

  it("allows what the architecture allows", async () => {
    assert.deepEqual(await rulesReported(writeTree(ALLOWED)), []);
  });

  it("every rule gives its reason and is tried above", async () => {
    const rules = await loadRules();
    assert.deepEqual(
      rules.filter((rule) => !rule.comment).map((rule) => rule.name),
      [],
    );
    const tried = new Set(["no-orphans", ...VIOLATIONS.map((violation) => violation.rule)]);
    assert.deepEqual(
      rules.map((rule) => rule.name).filter((name) => !tried.has(name)),
      [],
    );
  });
});

let trees = 0;

function writeTree(files: Readonly<Record<string, string>>): string {
  const tree = path.join(SCRATCH, String(++trees));
  for (const [name, source] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(tree, name)), { recursive: true });
    fs.writeFileSync(path.join(tree, name), source);
  }
  return tree;
}

interface Rule {
  readonly name: string;
  readonly comment?: string;
}

async function loadConfig(): Promise<{ forbidden: Rule[]; options: object }> {
  const config: unknown = await import(path.join(ROOT, ".dependency-cruiser.cjs"));
  return (config as { default: { forbidden: Rule[]; options: object } }).default;
}

async function loadRules(): Promise<Rule[]> {
  return (await loadConfig()).forbidden;
}

/** The distinct rules that the tree breaks, as the command-line tool would report them. */
async function rulesReported(tree: string): Promise<string[]> {
  const { cruise } = await import("dependency-cruiser");
  const { forbidden, options } = await loadConfig();
  const folders = ["engine", "extension", "webview"].filter((folder) => fs.existsSync(path.join(tree, folder)));
  const result = await cruise(folders, { ...options, baseDir: tree, ruleSet: { forbidden }, validate: true } as never);
  if (typeof result.output === "string") throw new Error(result.output);
  return [...new Set(result.output.summary.violations.map((violation) => violation.rule.name))].sort();
}
