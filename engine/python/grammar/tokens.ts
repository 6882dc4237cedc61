/** The tokens of Python, as its reference describes them. */

export type TokenType =
  | "name"
  | "keyword"
  | "number"
  /** A whole string or bytes literal. */
  | "string"
  /** The prefix and the opening quotes of an f-string; then come its texts and its replacements, token by token. */
  | "formatStart"
  | "formatText"
  | "formatEnd"
  | "operator"
  | "newline"
  | "indent"
  | "dedent"
  | "end"
  /** What no token can begin with, or a token that has no end. */
  | "error";

export interface Token {
  readonly type: TokenType;
  readonly from: number;
  readonly to: number;
  /** The text of a name (in Python's normal form), a keyword or an operator; else empty. */
  readonly value: string;
}

/** `async` and `await` are among them since Python 3.7; `match`, `case` and `type` are names. */
export const KEYWORDS: ReadonlySet<string> = new Set(
  (
    "False None True and as assert async await break class continue def del elif else except finally for from global " +
    "if import in is lambda nonlocal not or pass raise return try while with yield"
  ).split(" "),
);

/** The longest first, so that the first that fits is the one. */
export const OPERATORS: readonly string[] = (
  "**= //= <<= >>= ... ** // << >> <= >= == != -> += -= *= /= %= @= &= |= ^= := " +
  "+ - * / % @ & | ^ ~ < > ( ) [ ] { } , : . ; ="
).split(" ");

export const UPDATE_OPERATORS: ReadonlySet<string> = new Set("+= -= *= @= /= %= &= |= ^= <<= >>= **= //=".split(" "));

/** A line that begins with one of these in open brackets shows that a bracket was forgotten. */
export const STATEMENT_WORDS: ReadonlySet<string> = new Set(
  "def class return import while with try raise del pass break continue global nonlocal assert".split(" "),
);
