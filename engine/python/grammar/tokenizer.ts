/**
 * Splits Python into tokens, with the rules of CPython's tokenizer for lines, indentation and f-strings (PEP 701).
 * Tokens are made one by one, so that a parser that has found an error can go on at another line.
 */
import type { Comment } from "../statements";
import { type Format, formatTextEnd, isInFormatText } from "./formatText";
import { type Indent, NO_INDENT, afterTab, indentChange } from "./indentation";
import { numberEnd } from "./readNumber";
import { KEYWORDS, OPERATORS, type Token, type TokenType } from "./tokens";

/** CPython's MAXLEVEL. */
const MOST_OPEN_BRACKETS = 200;

const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

const NAME = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;
const ASCII_NAME = /[A-Za-z_][\w]*/y;
/** The prefix and the opening quotes of a string. */
const STRING_START = /(?:[rR][bBfF]?|[bBfF][rR]?|[uU])?(?:"""|'''|"|')/y;
/** What makes `async` the keyword. */
const BEHIND_ASYNC = /(?:[ \t\f]|\\(?:\r\n|\n|\r))+(?:def|for|with)(?![\w])/y;
const BEHIND_ASYNC_IN_BRACKETS = /(?:\s|\\|#[^\r\n]*)+for(?![\w])/y;
const LINE_END = /\r\n|\n|\r/g;

const operatorsByFirst = new Map<string, readonly string[]>();
for (const operator of OPERATORS) {
  const first = operator.charAt(0);
  operatorsByFirst.set(first, [...(operatorsByFirst.get(first) ?? []), operator]);
}

export class Tokenizer {
  readonly comments: Comment[] = [];
  /** Where `async` is a name, as it was until Python 3.6: `y.cuda(async=True)`. */
  readonly oldNames: number[] = [];
  /** Whether a bracket was found that never closes: then no others are looked for, which would take a time each. */
  ranOut = false;
  private position: number;
  private indents: readonly Indent[] = [NO_INDENT];
  private brackets: string[] = [];
  private formats: Format[] = [];
  /** Tokens that are known already: a line may end several blocks. */
  private ready: Token[] = [];
  private atLineStart = true;

  constructor(
    private readonly text: string,
    from: number,
  ) {
    this.position = from;
  }

  get openBrackets(): number {
    return this.brackets.length + this.formats.length;
  }

  /** Goes on at the beginning of a line as if nothing were open there but its block. */
  resumeAt(lineStart: number): void {
    this.position = lineStart;
    this.brackets = [];
    this.formats = [];
    this.ready = [];
    this.atLineStart = true;
    while ((this.comments.at(-1)?.from ?? -1) >= lineStart) this.comments.pop();
    while ((this.oldNames.at(-1) ?? -1) >= lineStart) this.oldNames.pop();
  }

  next(): Token {
    const known = this.ready.shift();
    if (known !== undefined) return known;
    const format = this.formats.at(-1);
    if (format !== undefined && isInFormatText(format, this.brackets.length)) return this.formatText(format);
    if (this.atLineStart && this.openBrackets === 0) {
      this.readIndentation();
      return this.next();
    }
    return this.nextInLine();
  }

  /** Blank lines and lines with nothing but a comment say nothing about blocks. */
  private readIndentation(): void {
    for (;;) {
      const indent = this.measureIndentation();
      if (typeof indent === "string") return void this.ready.push(this.errorToken(indent));
      if (this.at("#")) this.comment();
      if (this.position >= this.text.length) return this.endOfText();
      const end = this.lineEndLength();
      if (end === 0) return this.beginLine(indent);
      this.position += end;
    }
  }

  private measureIndentation(): Indent | string {
    let indent = NO_INDENT;
    /** A line that is continued before its first token has the indentation of its beginning. */
    let first: Indent | null = null;
    for (;;) {
      const character = this.text[this.position];
      if (character === " ") indent = { columns: indent.columns + 1, narrow: indent.narrow + 1 };
      else if (character === "\t") indent = afterTab(indent);
      else if (character === "\f") indent = NO_INDENT;
      else if (character === "\\") {
        if (first === null && indent.columns > 0) first = { columns: indent.columns, narrow: indent.columns };
        const error = this.continueLine();
        if (error !== null) return error;
        continue;
      } else return first ?? indent;
      this.position++;
    }
  }

  private beginLine(indent: Indent): void {
    this.atLineStart = false;
    const { indents, change, error } = indentChange(this.indents, indent);
    this.indents = indents;
    if (change > 0) this.ready.push(this.emptyToken("indent"));
    for (let count = change; count < 0; count++) this.ready.push(this.emptyToken("dedent"));
    if (error !== null) this.ready.push({ ...this.emptyToken("error"), value: error });
  }

  private endOfText(): void {
    for (let count = this.indents.length; count > 1; count--) this.ready.push(this.emptyToken("dedent"));
    this.indents = [NO_INDENT];
    this.ready.push(this.emptyToken("end"));
  }

  private nextInLine(): Token {
    for (;;) {
      const character = this.text[this.position];
      if (character === undefined) return this.lineThatTextEnds();
      if (character === " " || character === "\t" || character === "\f") this.position++;
      else if (character === "#") this.comment();
      else if (character === "\\") {
        const error = this.continueLine();
        if (error !== null) return this.errorToken(error);
      } else if (character === "\n" || character === "\r") {
        const from = this.position;
        this.position += this.lineEndLength();
        if (this.openBrackets > 0) continue;
        this.atLineStart = true;
        return { type: "newline", from, to: this.position, value: "" };
      } else return this.tokenAt(character);
    }
  }

  private lineThatTextEnds(): Token {
    if (this.openBrackets > 0) {
      this.brackets = [];
      this.formats = [];
      this.ranOut = true;
      return this.emptyToken("error");
    }
    this.atLineStart = true;
    return this.emptyToken("newline");
  }

  /** After a backslash there is nothing but the line's end, and another line. */
  private continueLine(): string | null {
    this.position++;
    const end = this.lineEndLength();
    if (end === 0) return "a character after a backslash";
    this.position += end;
    return this.position >= this.text.length ? "a backslash before the end" : null;
  }

  private comment(): void {
    LINE_END.lastIndex = this.position;
    const from = this.position;
    this.position = LINE_END.exec(this.text)?.index ?? this.text.length;
    this.comments.push({ text: this.text.slice(from, this.position), from, to: this.position });
  }

  private tokenAt(character: string): Token {
    const from = this.position;
    const code = character.charCodeAt(0);
    const isDigit = code >= 48 && code <= 57;
    const next = this.text.charCodeAt(from + 1);
    if (isDigit || (character === "." && next >= 48 && next <= 57)) {
      const to = numberEnd(this.text, from);
      return to === null ? this.errorToken("a malformed number") : this.tokenTo("number", to);
    }
    const opening = /["'a-zA-Z]/.test(character) ? this.matchAt(STRING_START) : null;
    if (opening !== null) return this.stringStart(opening);
    if (code > 127 || code === 95 || (code | 32) - 97 <= 25) {
      const name = this.nameAt();
      if (name !== null) {
        const value = /^\w+$/.test(name) ? name : name.normalize("NFKC");
        this.position = from + name.length;
        const isKeyword = KEYWORDS.has(name) && !(name === "async" && this.isOldName(from));
        return { type: isKeyword ? "keyword" : "name", from, to: this.position, value };
      }
    }
    return this.operator(character);
  }

  private nameAt(): string | null {
    const name = this.matchAt(ASCII_NAME);
    if (name !== null && !(this.text.charCodeAt(this.position + name.length) > 127)) return name;
    return this.matchAt(NAME);
  }

  private isOldName(from: number): boolean {
    const behind = this.openBrackets > 0 ? BEHIND_ASYNC_IN_BRACKETS : BEHIND_ASYNC;
    if (this.matchAt(behind) !== null) return false;
    this.oldNames.push(from);
    return true;
  }

  private operator(character: string): Token {
    const replacement = this.replacementOpenHere();
    if (replacement !== null) {
      if (character === ":" || (character === "!" && this.text[this.position + 1] !== "=")) {
        if (character === ":") replacement[replacement.length - 1] = true;
        return this.operatorToken(character);
      }
      if (character === "}") {
        replacement.pop();
        this.brackets.pop();
        return this.operatorToken(character);
      }
    }
    const operator = operatorsByFirst.get(character)?.find((each) => this.text.startsWith(each, this.position));
    if (operator === undefined) return this.errorToken("a character that Python has no use for");
    if (CLOSING[operator] !== undefined) {
      if (this.brackets.length >= MOST_OPEN_BRACKETS) return this.errorToken("too many open brackets");
      this.brackets.push(operator);
    } else if (operator === ")" || operator === "]" || operator === "}") {
      const open = this.brackets.length > (this.formats.at(-1)?.depth ?? 0) ? this.brackets.at(-1) : undefined;
      if (open === undefined || CLOSING[open] !== operator) return this.errorToken("a bracket that closes nothing");
      this.brackets.pop();
    }
    return this.operatorToken(operator);
  }

  /** The f-string's replacements, if the next character can end the expression of the innermost. */
  private replacementOpenHere(): boolean[] | null {
    const format = this.formats.at(-1);
    if (format === undefined || format.replacements.length === 0) return null;
    return this.brackets.length === format.depth + format.replacements.length ? format.replacements : null;
  }

  private stringStart(opening: string): Token {
    const quote = /["']+$/.exec(opening)?.[0] ?? "";
    const prefix = opening.slice(0, -quote.length).toLowerCase();
    if (!prefix.includes("f")) return this.wholeString(opening, quote);
    this.formats.push({ quote, isRaw: prefix.includes("r"), depth: this.brackets.length, replacements: [] });
    return this.tokenTo("formatStart", this.position + opening.length);
  }

  private wholeString(opening: string, quote: string): Token {
    for (let at = this.position + opening.length; at < this.text.length; at++) {
      const character = this.text[at];
      if (character === "\\") at += this.text.startsWith("\r\n", at + 1) ? 2 : 1;
      else if (this.text.startsWith(quote, at)) return this.tokenTo("string", at + quote.length);
      else if (quote.length === 1 && (character === "\n" || character === "\r")) break;
    }
    return this.errorToken("a string without an end");
  }

  /** The next piece of an f-string, or of the specification of a replacement: text, a brace, or the closing quotes. */
  private formatText(format: Format): Token {
    const from = this.position;
    const isSpecification = format.replacements.length > 0;
    const end = formatTextEnd(this.text, from, format);
    if (end > from) return this.tokenTo("formatText", end);
    return this.formatBoundary(format, isSpecification);
  }

  private formatBoundary(format: Format, isSpecification: boolean): Token {
    if (this.at("{")) {
      if (this.brackets.length >= MOST_OPEN_BRACKETS) return this.errorToken("too many open brackets");
      this.brackets.push("{");
      format.replacements.push(false);
      return this.operatorToken("{");
    }
    if (this.at("}") && isSpecification) {
      format.replacements.pop();
      this.brackets.pop();
      return this.operatorToken("}");
    }
    if (this.text.startsWith(format.quote, this.position) && !isSpecification) {
      this.formats.pop();
      return this.tokenTo("formatEnd", this.position + format.quote.length);
    }
    this.formats.pop();
    this.brackets.length = format.depth;
    this.ranOut ||= this.position >= this.text.length;
    return this.errorToken("an f-string without an end");
  }

  private at(character: string): boolean {
    return this.text[this.position] === character;
  }

  private lineEndLength(): number {
    if (this.at("\n")) return 1;
    if (!this.at("\r")) return 0;
    return this.text[this.position + 1] === "\n" ? 2 : 1;
  }

  private matchAt(pattern: RegExp): string | null {
    pattern.lastIndex = this.position;
    return pattern.exec(this.text)?.[0] ?? null;
  }

  private operatorToken(operator: string): Token {
    return { ...this.tokenTo("operator", this.position + operator.length), value: operator };
  }

  private tokenTo(type: TokenType, to: number): Token {
    const from = this.position;
    this.position = to;
    return { type, from, to, value: "" };
  }

  private errorToken(reason: string): Token {
    const from = this.position;
    this.position = Math.min(from + 1, this.text.length);
    return { type: "error", from, to: this.position, value: reason };
  }

  private emptyToken(type: TokenType): Token {
    return { type, from: this.position, to: this.position, value: "" };
  }
}
