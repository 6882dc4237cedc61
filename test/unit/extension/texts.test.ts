/** Every text that the extension shows: complete, and reviewed as one snapshot. NORMLENS_UPDATE=1 writes it again. */
import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { checkSnapshot } from "../support/snapshot";

interface Text {
  readonly file: string;
  readonly text: string;
}

const texts = JSON.parse(readFileSync("package.nls.json", "utf8")) as Readonly<Record<string, string>>;
const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Readonly<Record<string, unknown>>;

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name).replaceAll("\\", "/"))
    .sort();

/** Calls `visit` with every node of the files below a folder. */
function walk(folder: string, visit: (node: ts.Node, file: string) => void): void {
  for (const file of filesOf(folder)) {
    const into = (node: ts.Node): void => {
      visit(node, file);
      node.forEachChild(into);
    };
    into(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true));
  }
}

const isTranslation = (node: ts.Node): node is ts.CallExpression =>
  ts.isCallExpression(node) && /(^|\.)l10n\.t$/.test(node.expression.getText());

/** First arguments of all calls of `l10n.t`, and calls whose first argument is not a literal. */
function translated(folder: string): { texts: Text[]; computed: Text[] } {
  const found: Text[] = [];
  const computed: Text[] = [];
  walk(folder, (node, file) => {
    if (!isTranslation(node)) return;
    const [message] = node.arguments;
    if (message && ts.isStringLiteralLike(message)) found.push({ file, text: message.text });
    else computed.push({ file, text: node.getText() });
  });
  return { texts: found, computed };
}

/** Functions of `vscode.window` and properties that show a text to a person. */
const SHOWN_BY = /^(show(Information|Warning|Error)Message|setStatusBarMessage)$/;
const SHOWN_AS = /^(title|label|description|detail|prompt|placeHolder|tooltip|contentText|name|message)$/;

/** Words written directly where a person sees them. */
function untranslated(folder: string): Text[] {
  const found: Text[] = [];
  const add = (file: string, value: ts.Expression | undefined): void => {
    if (!value || !(ts.isStringLiteralLike(value) || ts.isTemplateExpression(value))) return;
    const words = value.getText().replace(/\$\{[^]*?\}|\$\(.*?\)/g, "");
    if (/[A-Za-z]{2,} [A-Za-z]{2,}/.test(words)) found.push({ file, text: value.getText() });
  };
  walk(folder, (node, file) => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression))
      if (SHOWN_BY.test(node.expression.name.text)) node.arguments.forEach((argument) => add(file, argument));
    if (ts.isPropertyAssignment(node) && SHOWN_AS.test(node.name.getText())) add(file, node.initializer);
    if (ts.isBinaryExpression(node) && ts.isPropertyAccessExpression(node.left))
      if (SHOWN_AS.test(node.left.name.text)) add(file, node.right);
  });
  return found;
}

/** Names of runs are recorded: they are data. */
const RUN_NAMES = ['"as written"', '"with BN"', '"without BN"'];

describe("texts of package.json", () => {
  const used = new Set([...JSON.stringify(manifest).matchAll(/"%([^"%]+)%"/g)].map(([, key = ""]) => key));

  it("are all defined in package.nls.json", () =>
    assert.deepEqual(
      [...used].filter((key) => texts[key] === undefined),
      [],
    ));
  it("are all used", () =>
    assert.deepEqual(
      Object.keys(texts).filter((key) => !used.has(key)),
      [],
    ));
  it("are not written into package.json itself", () => {
    const shown = JSON.stringify(manifest["contributes"]).matchAll(
      /"(?:title|name|contents|description|markdownDescription|patternErrorMessage)":"([^"]+)"/g,
    );
    const written = [...shown].map(([, text = ""]) => text).filter((text) => !/^%.*%$|^NormLens$/.test(text));
    assert.deepEqual(written, []);
  });
});

/** What a text leaves open, and the commands that it runs. */
const placesIn = (text: string): string[] => [...(text.match(/\{\w+\}|command:[\w.?%]+|`[^`]+`/g) ?? [])].sort();

const readTexts = (path: string): Readonly<Record<string, string>> =>
  JSON.parse(readFileSync(path, "utf8")) as Readonly<Record<string, string>>;

for (const language of ["de"]) {
  describe(`texts in another language: ${language}`, () => {
    const contributed = readTexts(`package.nls.${language}.json`);
    const hosted = readTexts(join("l10n", `bundle.l10n.${language}.json`));
    const shown = [...new Set(translated("extension").texts.map(({ text }) => text))];

    it("are as many as in English", () => {
      assert.deepEqual(Object.keys(contributed), Object.keys(texts));
      assert.deepEqual(Object.keys(hosted).sort(), shown.sort());
    });
    it("leave the same open, and run the same commands", () => {
      const pairs = [
        ...Object.entries(texts).map(([key, text]) => [text, contributed[key] ?? ""] as const),
        ...Object.entries(hosted),
      ];
      assert.deepEqual(
        pairs.filter(([text, other]) => JSON.stringify(placesIn(text)) !== JSON.stringify(placesIn(other))),
        [],
      );
    });
  });
}

describe("texts of the extension", () => {
  it("go through l10n.t, each as a literal", () => {
    const plain = untranslated("extension").filter(({ text }) => !RUN_NAMES.includes(text));
    assert.deepEqual([...translated("extension").computed, ...plain], []);
  });

  it("are those of the snapshot", () => {
    const contributed = Object.entries(texts).map(([key, text]) => `${key}: ${text.replaceAll("\n", "\\n")}`);
    const hosted = translated("extension").texts.map(({ file, text }) => `${file}: ${text}`);
    const snapshot = [...contributed, "", ...new Set(hosted)].join("\n");
    checkSnapshot(join("test", "unit", "extension", "texts.txt"), `${snapshot}\n`);
  });
});
