/** `match` and its patterns, of which only the names they bind are kept. */
import type { Expression } from "../expressions";
import type { MatchCase, Statement } from "../statements";
import type { Cursor } from "./cursor";
import { parseStrings } from "./parseStrings";

/** Null where `match` is a name, as in `match(x)`; then nothing is taken. */
export function parseMatch(cursor: Cursor): Statement | null {
  const head = cursor.attempt(() => parseHead(cursor));
  if (head === null) return null;
  const cases: MatchCase[] = [];
  while (cursor.token.type === "name" && cursor.token.value === "case") cases.push(parseCase(cursor));
  const span = cursor.since(head.from);
  cursor.expectType("dedent");
  return { kind: "match", subject: head.subject, cases, ...span };
}

function parseHead(cursor: Cursor): { readonly subject: Expression; readonly from: number } {
  const { from } = cursor.take();
  const start = cursor.token.from;
  const first = cursor.rules.starredOrNamed(cursor);
  const elements = [first];
  const isTuple = cursor.isAt(",");
  while (cursor.skip(",") && !cursor.isAt(":")) elements.push(cursor.rules.starredOrNamed(cursor));
  if (first.kind === "starred" && !isTuple) cursor.fail();
  const subject: Expression = isTuple ? { kind: "sequence", type: "tuple", elements, ...cursor.since(start) } : first;
  cursor.expect(":");
  cursor.expectType("newline");
  cursor.expectType("indent");
  if (!(cursor.isType("name") && cursor.token.value === "case")) cursor.fail();
  return { subject, from };
}

function parseCase(cursor: Cursor): MatchCase {
  cursor.take();
  const captures: string[] = [];
  new PatternParser(cursor, captures).parsePatterns();
  if (cursor.skip("if")) cursor.rules.namedExpression(cursor);
  return { captures, body: cursor.rules.block(cursor) };
}

class PatternParser {
  constructor(
    private readonly cursor: Cursor,
    private readonly captures: string[],
  ) {}

  /** A pattern, or a sequence of several without brackets. */
  parsePatterns(): void {
    const isStarred = this.parseElement();
    if (isStarred && !this.cursor.isAt(",")) this.cursor.fail();
    while (this.cursor.skip(",") && !this.cursor.isAt(":") && !this.cursor.isAt("if")) this.parseElement();
  }

  /** Whether it has a star. */
  private parseElement(): boolean {
    if (!this.cursor.skip("*")) {
      this.parsePattern();
      return false;
    }
    this.capture(this.cursor.expectType("name").value);
    return true;
  }

  private capture(name: string): void {
    if (name !== "_") this.captures.push(name);
  }

  private parsePattern(): void {
    const { cursor } = this;
    cursor.nested(() => {
      do this.parseClosed();
      while (cursor.skip("|"));
    });
    if (!cursor.skip("as")) return;
    const { token } = cursor;
    const name = cursor.expectType("name").value;
    if (name === "_" || cursor.isAt(".") || cursor.isAt("(") || cursor.isAt("=")) cursor.fail(token);
    this.capture(name);
  }

  private parseClosed(): void {
    const { cursor } = this;
    const { type, value } = cursor.token;
    if (type === "name") return this.parseNamed();
    if (type === "string" || type === "formatStart") return void parseStrings(cursor);
    if (type === "number" || value === "-") return this.parseNumber();
    if (cursor.skip("None") || cursor.skip("True") || cursor.skip("False")) return;
    if (cursor.skip("(")) return this.parseSequence(")");
    if (cursor.skip("[")) return this.parseSequence("]");
    if (cursor.skip("{")) return this.parseMapping();
    cursor.fail();
  }

  /** A capture, a dotted name, or a class with its arguments. */
  private parseNamed(): void {
    const { cursor } = this;
    const name = cursor.take().value;
    let isDotted = false;
    while (cursor.skip(".")) {
      cursor.expectType("name");
      isDotted = true;
    }
    if (cursor.skip("(")) this.parseClassArguments();
    else if (!isDotted) this.capture(name);
  }

  private parseNumber(): void {
    const { cursor } = this;
    cursor.skip("-");
    const isImaginary = this.takeNumber();
    if (isImaginary || !(cursor.isAt("+") || cursor.isAt("-"))) return;
    cursor.take();
    if (!this.takeNumber()) cursor.fail();
  }

  /** Whether it is imaginary. */
  private takeNumber(): boolean {
    const { from, to } = this.cursor.expectType("number");
    return /[jJ]$/.test(this.cursor.text.slice(from, to));
  }

  private parseSequence(close: ")" | "]"): void {
    const { cursor } = this;
    if (cursor.skip(close)) return;
    const isStarred = this.parseElement();
    if (isStarred && close === ")" && !cursor.isAt(",")) cursor.fail();
    while (cursor.skip(",") && !cursor.isAt(close)) this.parseElement();
    cursor.expect(close);
  }

  private parseMapping(): void {
    const { cursor } = this;
    while (!cursor.isAt("}")) {
      if (cursor.skip("**")) {
        const { value, from, to } = cursor.expectType("name");
        if (value === "_") cursor.fail({ type: "name", value, from, to });
        this.capture(value);
        cursor.skip(",");
        break;
      }
      this.parseKey();
      cursor.expect(":");
      this.parsePattern();
      if (!cursor.skip(",")) break;
    }
    cursor.expect("}");
  }

  private parseKey(): void {
    const { cursor } = this;
    if (!cursor.isType("name")) {
      if (cursor.isAt("(") || cursor.isAt("[") || cursor.isAt("{")) cursor.fail();
      return this.parseClosed();
    }
    cursor.take();
    do {
      cursor.expect(".");
      cursor.expectType("name");
    } while (cursor.isAt("."));
  }

  private parseClassArguments(): void {
    const { cursor } = this;
    let hasKeywords = false;
    while (!cursor.isAt(")")) {
      const isKeyword = cursor.isType("name") && cursor.isAhead(1, "=");
      if (!isKeyword && hasKeywords) cursor.fail();
      if (isKeyword) {
        cursor.take();
        cursor.take();
        hasKeywords = true;
      }
      this.parsePattern();
      if (!cursor.skip(",")) break;
    }
    cursor.expect(")");
  }
}
