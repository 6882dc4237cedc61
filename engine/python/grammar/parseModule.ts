/** A whole file: its statements, and how the parser goes on after one that is not Python. */
import type { Block, Comment, Statement } from "../statements";
import { Cursor, NotPython, type Rules } from "./cursor";
import { parseFor, parseIf, parseTry, parseWhile, parseWith } from "./parseCompound";
import { parseClass, parseDecorated, parseFunction } from "./parseDefinition";
import {
  parseBitwiseOr,
  parseDisjunction,
  parseExpression,
  parseExpressionList,
  parseNamedExpression,
  parseStarredOrNamed,
  parseYieldOrList,
} from "./parseExpression";
import { parseMatch } from "./parseMatch";
import { parseSimpleStatements } from "./parseSimple";
import { Tokenizer } from "./tokenizer";
import { STATEMENT_WORDS, type Token } from "./tokens";
import { unsupported } from "./unsupported";

/** The statements of a line, or the one statement that begins there. */
export interface Part {
  /** Where the first of them begins, decorators included. */
  readonly from: number;
  readonly statements: readonly Statement[];
}

export interface ParsedModule {
  readonly parts: readonly Part[];
  readonly comments: readonly Comment[];
  /** Where the text is not Python, in its order. */
  readonly errors: readonly number[];
  /** Where `async` is a name, as it was until Python 3.6. */
  readonly oldNames: readonly number[];
}

/** Parses what follows `from`, the beginning of a line outside of any block, until it has `mostErrors`. */
export function parseModule(text: string, from: number, mostErrors: number): ParsedModule {
  const errors: number[] = [];
  const rules: Rules = {
    expression: parseExpression,
    namedExpression: parseNamedExpression,
    starredOrNamed: parseStarredOrNamed,
    expressionList: parseExpressionList,
    bitwiseOr: parseBitwiseOr,
    disjunction: parseDisjunction,
    yieldOrList: parseYieldOrList,
    block: (cursor) => parseBlock(cursor, errors),
  };
  const tokenizer = new Tokenizer(text, from);
  const cursor = new Cursor(text, tokenizer, rules);
  const parts: Part[] = [];
  for (;;) {
    // A broken block may have left its end behind.
    while (cursor.isType("dedent")) cursor.take();
    if (cursor.isType("end")) break;
    cursor.forget();
    const start = cursor.token.from;
    if (errors.length >= mostErrors) {
      parts.push({ from: start, statements: [unsupported({ from: start, to: text.length }, "a syntax error")] });
      break;
    }
    parts.push({ from: start, statements: parseStatements(cursor, errors) });
  }
  const { comments, oldNames } = tokenizer;
  return { parts, comments, errors, oldNames };
}

function parseBlock(cursor: Cursor, errors: number[]): Block {
  cursor.expect(":");
  if (!cursor.isType("newline")) return parseSimpleStatements(cursor);
  cursor.endLine();
  cursor.expectType("indent");
  return cursor.nested(() => parseIndented(cursor, errors));
}

/** The statements of a block, its end included. */
function parseIndented(cursor: Cursor, errors: number[]): Statement[] {
  const statements: Statement[] = [];
  while (!cursor.isType("dedent") && !cursor.isType("end")) statements.push(...parseStatements(cursor, errors));
  cursor.take();
  cursor.lastEnd = statements.at(-1)?.to ?? cursor.lastEnd;
  return statements;
}

function parseStatements(cursor: Cursor, errors: number[]): Statement[] {
  const begin = cursor.token;
  const depth = cursor.nesting;
  try {
    return parseStatement(cursor);
  } catch (error) {
    if (!(error instanceof NotPython)) throw error;
    errors.push(error.token.from);
    cursor.leaveNesting(depth);
    return recover(cursor, errors, begin, error);
  }
}

function parseStatement(cursor: Cursor): Statement[] {
  const { type, value } = cursor.token;
  const compound = type === "keyword" || type === "operator" ? COMPOUND[value] : undefined;
  if (compound !== undefined) return [compound(cursor)];
  if (type === "name" && value === "match") {
    const match = parseMatch(cursor);
    if (match !== null) return [match];
  }
  return parseSimpleStatements(cursor);
}

const COMPOUND: Readonly<Record<string, (cursor: Cursor) => Statement>> = {
  if: parseIf,
  while: parseWhile,
  for: parseFor,
  try: parseTry,
  with: parseWith,
  def: (cursor) => parseFunction(cursor, []),
  class: (cursor) => parseClass(cursor, []),
  "@": parseDecorated,
  async: parseAsync,
};

function parseAsync(cursor: Cursor): Statement {
  if (cursor.isAhead(1, "def")) return parseFunction(cursor, []);
  return cursor.isAhead(1, "for") ? parseFor(cursor) : parseWith(cursor);
}

/** Leaves out the rest of a line that is not Python, with the block that belongs to it. */
function recover(cursor: Cursor, errors: number[], begin: Token, { token, statement }: NotPython): Statement[] {
  const blockBegins = cursor.isType("indent");
  if (!blockBegins && token !== begin && isAtLineStart(cursor.text, token.from) && cursor.tokenizer.openBrackets === 0)
    return [partial(cursor, begin, statement)];
  if (!blockBegins) skipLine(cursor, begin, token);
  if (!cursor.isType("indent")) return [partial(cursor, begin, statement)];
  const made = partial(cursor, begin, statement);
  cursor.take();
  const inside = parseIndented(cursor, errors);
  // A block that nothing announces still says what the text does; one behind a broken line belongs to that.
  return token.type === "indent" && token === begin ? inside : [{ ...made, to: cursor.lastEnd }];
}

function partial(cursor: Cursor, begin: Token, statement: NotPython["statement"]): Statement {
  const to = Math.max(cursor.lastEnd, begin.from);
  return statement === null ? unsupported({ from: begin.from, to }, "a syntax error") : statement(to);
}

const isAtLineStart = (text: string, at: number): boolean =>
  /(?:^|[\r\n])[ \t\f]*$/.test(text.slice(Math.max(0, at - 500), at));

/** To the end of the logical line; where its brackets do not close, to the next line that begins a statement. */
function skipLine(cursor: Cursor, begin: Token, failed: Token): void {
  while (!cursor.isType("end")) {
    const { type, value, from } = cursor.token;
    if (type === "newline") return void cursor.take();
    const isForgotten = cursor.tokenizer.openBrackets > 0 && type === "keyword" && STATEMENT_WORDS.has(value);
    if (isForgotten && from > begin.from && isAtLineStart(cursor.text, from))
      return cursor.resumeAt(lineStart(cursor.text, from));
    if (cursor.tokenizer.ranOut && (cursor.tokenizer.openBrackets > 0 || from >= cursor.text.length))
      return cursor.resumeAt(nextLine(cursor.text, failed.from));
    cursor.take();
  }
}

const lineStart = (text: string, at: number): number =>
  Math.max(text.lastIndexOf("\n", at - 1), text.lastIndexOf("\r", at - 1)) + 1;

function nextLine(text: string, at: number): number {
  const end = text.slice(at).search(/[\r\n]/);
  if (end < 0) return text.length;
  return at + end + (text.startsWith("\r\n", at + end) ? 2 : 1);
}
