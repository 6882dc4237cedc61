import { parser } from "@lezer/javascript";
import type { SyntaxNode, Tree } from "@lezer/common";
import { LineMap } from "../../python/lineMap";
import { type SourceFile, type SyntaxErrorAt, unlessTooDeep, unreadable } from "../../python/parse";
import { childrenOf } from "./javaScript";
import { lowerBlock, TFJS, tfjsImport } from "./lowerJavaScriptStatement";

/** JavaScript and TypeScript files. */
export function isJavaScript(path: string): boolean {
  return /\.(?:[cm]?[jt]s)$/i.test(path);
}

/**
 * Parses a file that may define TensorFlow.js models, into the tree that Python files are read in. Never throws; what
 * has no counterpart is an unsupported node with its reason.
 */
export function parseJavaScript(path: string, source: string): SourceFile {
  if (mostOpenBrackets(source) > MAX_OPEN_BRACKETS) return unreadable(path, source);
  return unlessTooDeep(
    () => parseTree(path, source),
    () => unreadable(path, source),
  );
}

/** Nobody writes more; these are counted in strings and comments too. Thousands take the parser seconds. */
const MAX_OPEN_BRACKETS = 5_000;

function mostOpenBrackets(source: string): number {
  let open = 0;
  let most = 0;
  for (let index = 0; index < source.length; index++) {
    const code = source.charCodeAt(index);
    if (code === ROUND || code === SQUARE || code === CURLY) most = Math.max(most, ++open);
    else if (open > 0 && (code === ROUND + 1 || code === SQUARE + 2 || code === CURLY + 2)) open--;
  }
  return most;
}

const ROUND = "(".charCodeAt(0);
const SQUARE = "[".charCodeAt(0);
const CURLY = "{".charCodeAt(0);

function parseTree(path: string, source: string): SourceFile {
  const text = source.startsWith("\uFEFF") ? source.slice(1) : source;
  const lines = new LineMap(text);
  const tree = parser.configure(/ts$/i.test(path) ? { dialect: "ts" } : {}).parse(text);
  const { library, isImported } = tfjsName(text);
  const body = lowerBlock({ text, library }, childrenOf(tree.topNode), new Set());
  // A page has it from a script tag.
  const implicit = isImported ? [] : [tfjsImport(library, { from: 0, to: 0 })];
  return {
    path,
    text,
    lines,
    module: { body: [...implicit, ...body], comments: [] },
    syntaxErrors: errorsOf(tree, lines),
  };
}

/** The name under which the file imports TensorFlow.js; `tf` when it does not. */
function tfjsName(text: string): { library: string; isImported: boolean } {
  const imports = [
    ...text.matchAll(/import\s+\*\s+as\s+(\w+)\s+from\s+['"]([^'"]+)['"]/g),
    ...text.matchAll(/(?:const|let|var)\s+(\w+)\s*=\s*require\(\s*['"]([^'"]+)['"]\s*\)/g),
  ];
  const found = imports.find(([, , source = ""]) => TFJS.test(source));
  return { library: found?.[1] ?? "tf", isImported: found !== undefined };
}

function errorsOf(tree: Tree, lines: LineMap): SyntaxErrorAt[] {
  const errors: SyntaxErrorAt[] = [];
  tree.iterate({
    enter: (node: { readonly type: SyntaxNode["type"]; readonly from: number }) => {
      if (node.type.isError && errors.length < 100) errors.push(lines.position(node.from));
    },
  });
  return errors;
}
