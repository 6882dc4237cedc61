import { parser } from "@lezer/python";
import type { SyntaxNode, Tree } from "@lezer/common";
import type { SourceRange } from "../../protocol/modelGraph";
import type { ModuleNode } from "./ast";
import { LineMap } from "./lineMap";
import { lowerModule } from "./lowering/lowerModule";

export interface SyntaxErrorAt {
  readonly line: number;
  readonly column: number;
}

/** One Python file, parsed. Offsets refer to `text`, which is the file without its byte order mark. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly lines: LineMap;
  readonly module: ModuleNode;
  readonly syntaxErrors: readonly SyntaxErrorAt[];
  /** For a file that is not the user's: the place in the user's file that everything in it is attributed to now. */
  readonly site?: { range: SourceRange };
}

/** More would only repeat the first: one missing bracket makes every later line an error. */
const MAX_SYNTAX_ERRORS = 100;

/**
 * Parses Python 3. Never throws: text that does not parse still gives a tree of what does, plus the errors.
 */
export function parsePython(path: string, source: string): SourceFile {
  if (source.length < LARGE_CHARACTERS) return parse(path, source);
  if (lastLarge?.path !== path || lastLarge.source !== source) lastLarge = { path, source, file: parse(path, source) };
  return lastLarge.file;
}

/** A file is parsed for its model and again for its findings: the last one is kept. Expressions would only drive it out. */
const LARGE_CHARACTERS = 2_000;
let lastLarge: { readonly path: string; readonly source: string; readonly file: SourceFile } | undefined;

function parse(path: string, source: string): SourceFile {
  return unlessTooDeep(path, source, () => parseTree(path, source));
}

/** Brackets nested tens of thousands deep exhaust the parser's stack: nothing of such a file is known. */
export function unlessTooDeep(path: string, text: string, parseFile: () => SourceFile): SourceFile {
  try {
    return parseFile();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { path, text, lines: new LineMap(text), module: { body: [], comments: [] }, syntaxErrors: [{ line: 1, column: 0 }] };
  }
}

function parseTree(path: string, source: string): SourceFile {
  const text = source.startsWith("\uFEFF") ? source.slice(1) : source;
  const lines = new LineMap(text);
  // The grammar takes blanks before the end of a file for the beginning of a statement; a line's end mends that.
  const tree = parser.parse(`${maskTrailingDotFloats(text)}\n`);
  return { path, text, lines, module: lowerModule(tree, text), syntaxErrors: syntaxErrorsOf(tree, lines) };
}

/**
 * The grammar has no `1.`, `0.` or `1.e5`, and reads the dot as an attribute access. A zero in the dot's place makes
 * it a number of the same length; values are read from the original text. Inside strings the change does no harm,
 * because their contents are read from the original text too.
 */
export function maskTrailingDotFloats(text: string): string {
  return text.replace(/(?<![\w.])(\d[\d_]*)\.(?![\w.])|(?<![\w.])(\d[\d_]*)\.(?=[eE][+-]?\d)/g, "$1$20");
}

function syntaxErrorsOf(tree: Tree, lines: LineMap): SyntaxErrorAt[] {
  const errors: SyntaxErrorAt[] = [];
  let lastLine = 0;
  tree.iterate({
    enter: (node) => {
      if (!node.type.isError || errors.length >= MAX_SYNTAX_ERRORS || isBareYield(node.node)) return;
      const position = lines.position(node.from);
      if (position.line !== lastLine) errors.push(position);
      lastLine = position.line;
    },
  });
  return errors;
}

/** The grammar wants an operand after `yield`, Python does not. */
function isBareYield(error: SyntaxNode): boolean {
  const parent = error.parent?.name;
  return error.from === error.to && (parent === "YieldExpression" || parent === "YieldStatement");
}
