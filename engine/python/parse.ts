import { parser } from "@lezer/python";
import { type SyntaxNode, type Tree, TreeFragment } from "@lezer/common";
import type { SourceRange } from "../protocol/modelGraph";
import type { ModuleNode } from "./statements";
import { changedPart } from "./changedPart";
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
  if (source.length < LARGE_CHARACTERS) return parsePythonOnce(path, source);
  const known = large.get(path);
  if (known?.source === source) return known.file;
  const whole = known?.whole ?? null;
  const parsed = unlessTooDeep(
    source,
    () => parseAgain(path, source, whole) ?? parseAll(path, source, whole),
    () => ({ file: unreadable(path, source), whole }),
  );
  remember(path, { source, ...parsed });
  return parsed.file;
}

/** The same, but null for a text with syntax errors, and that at once where an earlier text of the file is known. */
export function parsePythonIfValid(path: string, source: string): SourceFile | null {
  const known = source.length < LARGE_CHARACTERS ? undefined : large.get(path);
  const whole = known?.source === source ? null : known?.whole;
  if (whole && hasErrorNow(source, whole)) return null;
  const file = parsePython(path, source);
  return file.syntaxErrors.length > 0 ? null : file;
}

/** For text that only stands for a place in the file, like an expression after many line breaks: nothing is kept. */
export function parsePythonOnce(path: string, source: string): SourceFile {
  return unlessTooDeep(
    source,
    () => parseAll(path, source, null).file,
    () => unreadable(path, source),
  );
}

interface ParsedText {
  readonly file: SourceFile;
  /** What the grammar was last given in which it found no error, and what it made of that. */
  readonly whole: WholeText | null;
}

interface WholeText {
  readonly text: string;
  readonly tree: Tree;
}

/**
 * A file is parsed for its model and again for its findings, then again after each key, beside the files that it
 * imports: the last ones are kept. Expressions would only drive them out.
 */
const LARGE_CHARACTERS = 2_000;
const MAX_LARGE = 8;
const large = new Map<string, ParsedText & { readonly source: string }>();

function remember(path: string, parsed: ParsedText & { readonly source: string }): void {
  large.delete(path);
  large.set(path, parsed);
  for (const oldest of large.keys()) if (large.size > MAX_LARGE) large.delete(oldest);
}

/** Python itself takes 200 (its tokenizer's MAXLEVEL); these are counted in strings and comments too. */
const MAX_OPEN_BRACKETS = 5_000;

/** Brackets nested thousands deep take the parser seconds, or exhaust its stack: nothing of such a file is known. */
export function unlessTooDeep<Parsed>(source: string, parseFile: () => Parsed, otherwise: () => Parsed): Parsed {
  if (mostOpenBrackets(source) > MAX_OPEN_BRACKETS) return otherwise();
  try {
    return parseFile();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return otherwise();
  }
}

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

export function unreadable(path: string, text: string): SourceFile {
  return {
    path,
    text,
    lines: new LineMap(text),
    module: { body: [], comments: [] },
    syntaxErrors: [{ line: 1, column: 0 }],
  };
}

function parseAll(path: string, source: string, before: WholeText | null): ParsedText {
  const text = withoutMark(source);
  const masked = forGrammar(text);
  const tree = parser.parse(masked);
  const errors = errorsOf(tree);
  const lines = new LineMap(text);
  const file = { path, text, lines, module: lowerModule(tree, text), syntaxErrors: syntaxErrorsAt(errors, lines) };
  return { file, whole: errors.length > 0 ? before : { text: masked, tree } };
}

/**
 * A text of which only a part is new. Null where that has an error: how the grammar recovers from one may depend on
 * what was typed before, and a reading must not.
 */
function parseAgain(path: string, source: string, before: WholeText | null): ParsedText | null {
  if (before === null) return null;
  const text = withoutMark(source);
  const masked = forGrammar(text);
  const tree = reparse(masked, before);
  if (errorsOf(tree).length > 0) return null;
  return {
    file: { path, text, lines: new LineMap(text), module: lowerModule(tree, text), syntaxErrors: [] },
    whole: { text: masked, tree },
  };
}

function hasErrorNow(source: string, before: WholeText): boolean {
  const text = withoutMark(source);
  return unlessTooDeep(
    source,
    () => syntaxErrorsAt(errorsOf(reparse(forGrammar(text), before)), new LineMap(text)).length > 0,
    () => true,
  );
}

function reparse(masked: string, before: WholeText): Tree {
  const { from, to, newText } = changedPart(before.text, masked);
  const change = { fromA: from, toA: to, fromB: from, toB: from + newText.length };
  return parser.parse(masked, TreeFragment.applyChanges(TreeFragment.addTree(before.tree), [change]));
}

const withoutMark = (source: string): string => (source.startsWith("\uFEFF") ? source.slice(1) : source);

/** The grammar takes blanks before the end of a file for the beginning of a statement; a line's end fixes that. */
const forGrammar = (text: string): string => `${maskTrailingDotFloats(text)}\n`;

/**
 * The grammar has no `1.`, `0.` or `1.e5`, and reads the dot as an attribute access. A zero in the dot's place makes
 * it a number of the same length; values are read from the original text. Inside strings the change does no harm,
 * because their contents are read from the original text too.
 */
export function maskTrailingDotFloats(text: string): string {
  return text.replace(/(?<![\w.])(\d[\d_]*)\.(?![\w.])|(?<![\w.])(\d[\d_]*)\.(?=[eE][+-]?\d)/g, "$1$20");
}

function errorsOf(tree: Tree): SyntaxNode[] {
  const errors: SyntaxNode[] = [];
  tree.iterate({
    enter: (node) => {
      if (node.type.isError) errors.push(node.node);
    },
  });
  return errors;
}

/** The first error of each line. */
function syntaxErrorsAt(errors: readonly SyntaxNode[], lines: LineMap): SyntaxErrorAt[] {
  const positions = errors.filter((error) => !isBareYield(error)).map(({ from }) => lines.position(from));
  return positions.filter(({ line }, index) => line !== positions[index - 1]?.line).slice(0, MAX_SYNTAX_ERRORS);
}

/** The grammar wants an operand after `yield`, Python does not. */
function isBareYield(error: SyntaxNode): boolean {
  const parent = error.parent?.name;
  return error.from === error.to && (parent === "YieldExpression" || parent === "YieldStatement");
}
