/** Where a parser is in its tokens, and what all parts of the grammar need there. */
import type { Expression, Span } from "../expressions";
import type { Block, Statement } from "../statements";
import type { Token, TokenType } from "./tokens";
import type { Tokenizer } from "./tokenizer";
import { unsupported } from "./unsupported";

/** The text is not Python at a token. */
export class NotPython extends Error {
  constructor(
    readonly token: Token,
    /** What is known of the statement all the same. */
    readonly statement: ((to: number) => Statement) | null = null,
  ) {
    super("not Python");
  }
}

/** Parts of the grammar that others begin again with; it ties their files together without an import cycle. */
export interface Rules {
  expression(cursor: Cursor): Expression;
  namedExpression(cursor: Cursor): Expression;
  /** `*x`, or an expression that may be named. */
  starredOrNamed(cursor: Cursor): Expression;
  /** One expression, or the tuple that a bare comma makes of several. */
  expressionList(cursor: Cursor): Expression;
  bitwiseOr(cursor: Cursor): Expression;
  disjunction(cursor: Cursor): Expression;
  yieldOrList(cursor: Cursor): Expression;
  block(cursor: Cursor): Block;
}

/** A chain of operators or calls that is longer makes a tree so deep that following it uses up the JavaScript stack. */
const LONGEST_CHAIN = 200;
/** Nothing people write is nested so deep, and CPython gives up as well. */
const DEEPEST = 500;

export class Cursor {
  /** The end of the last token that was taken. */
  lastEnd = 0;
  private readonly tokens: Token[] = [];
  private index = 0;
  private depth = 0;

  constructor(
    readonly text: string,
    readonly tokenizer: Tokenizer,
    readonly rules: Rules,
  ) {}

  get token(): Token {
    return this.ahead(0);
  }

  ahead(count: number): Token {
    for (;;) {
      const token = this.tokens[this.index + count];
      if (token !== undefined) return token;
      this.tokens.push(this.tokenizer.next());
    }
  }

  take(): Token {
    const { token } = this;
    if (token.type !== "end") this.index++;
    this.lastEnd = token.to;
    return token;
  }

  /** The tokens of earlier statements are not needed again. */
  forget(): void {
    this.tokens.splice(0, this.index);
    this.index = 0;
  }

  /** Goes on at another line; the tokens that were read ahead there are not those of a fresh beginning. */
  resumeAt(lineStart: number): void {
    this.tokens.length = this.index;
    this.tokenizer.resumeAt(lineStart);
  }

  isAt(value: string): boolean {
    const { token } = this;
    return token.value === value && isWord(token);
  }

  isAhead(count: number, value: string): boolean {
    const token = this.ahead(count);
    return token.value === value && isWord(token);
  }

  isType(type: TokenType): boolean {
    return this.token.type === type;
  }

  /** Takes the token if it is this keyword or operator. */
  skip(value: string): boolean {
    if (!this.isAt(value)) return false;
    this.take();
    return true;
  }

  expect(value: string): Token {
    return this.isAt(value) ? this.take() : this.fail();
  }

  expectType(type: TokenType): Token {
    return this.isType(type) ? this.take() : this.fail();
  }

  /** A statement ends before its line does. */
  endLine(): void {
    const { lastEnd } = this;
    this.expectType("newline");
    this.lastEnd = lastEnd;
  }

  fail(token = this.token): never {
    throw new NotPython(token);
  }

  since(from: number): Span {
    return { from, to: this.lastEnd };
  }

  /** What a rule makes of the coming tokens, or null, and then nothing of them is taken. */
  attempt<Parsed>(rule: () => Parsed): Parsed | null {
    const { index, lastEnd, depth } = this;
    try {
      return rule();
    } catch (error) {
      if (!(error instanceof NotPython)) throw error;
      Object.assign(this, { index, lastEnd, depth });
      return null;
    }
  }

  nested<Parsed>(rule: () => Parsed): Parsed {
    if (++this.depth > DEEPEST) this.fail();
    const parsed = rule();
    this.depth--;
    return parsed;
  }

  /** After an error the next statement begins outside of everything. */
  leaveNesting(depth = 0): void {
    this.depth = depth;
  }

  get nesting(): number {
    return this.depth;
  }

  /** A chain that grows by one link after the other: `a + b + c`, `a.b().c()`. */
  chain(first: Expression, next: (left: Expression) => Expression | null, from: number): Expression {
    let left = first;
    for (let links = 1; ; links++) {
      const longer = next(left);
      if (longer === null) return left;
      left = links % LONGEST_CHAIN === 0 ? unsupported(this.since(from), "an expression nested too deeply") : longer;
    }
  }
}

const isWord = ({ type }: Token): boolean => type === "keyword" || type === "operator";
