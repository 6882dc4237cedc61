/** Parameters of functions and lambdas; annotations are left out, since they do not change what a model computes. */
import type { Expression, Parameter, ParameterKind } from "../expressions";
import type { Cursor } from "./cursor";

/** The parameters before `close`, which is not taken. */
export function parseParameters(cursor: Cursor, close: ")" | ":", mayAnnotate: boolean): Parameter[] {
  const list = new ParameterList(cursor, mayAnnotate);
  while (!cursor.isAt(close)) {
    list.parseNext();
    if (!cursor.skip(",")) break;
  }
  if (!cursor.isAt(close) || list.isBareStar) cursor.fail();
  return list.parameters;
}

class ParameterList {
  parameters: Parameter[] = [];
  /** After a `*` without a name, until a parameter follows. */
  isBareStar = false;
  private kind: ParameterKind = "normal";
  private hasSlash = false;
  private hasDefault = false;

  constructor(
    private readonly cursor: Cursor,
    private readonly mayAnnotate: boolean,
  ) {}

  parseNext(): void {
    const { cursor } = this;
    if (this.kind === "doubleStar") cursor.fail();
    if (cursor.isAt("/")) this.parseSlash();
    else if (cursor.isAt("*")) this.parseStar();
    else if (cursor.skip("**")) {
      if (this.isBareStar) cursor.fail();
      this.kind = "doubleStar";
      this.add("doubleStar", false);
    } else this.add(this.kind, true);
  }

  private parseSlash(): void {
    if (this.hasSlash || this.kind !== "normal" || this.parameters.length === 0) this.cursor.fail();
    this.cursor.take();
    this.hasSlash = true;
    this.parameters = this.parameters.map((parameter) => ({ ...parameter, kind: "positionalOnly" }));
  }

  private parseStar(): void {
    if (this.kind !== "normal") this.cursor.fail();
    this.cursor.take();
    this.kind = "keywordOnly";
    if (this.cursor.isAt(",")) this.isBareStar = true;
    else this.add("star", false);
  }

  private add(kind: ParameterKind, mayHaveDefault: boolean): void {
    const { cursor } = this;
    const { value: name, from } = cursor.expectType("name");
    if (this.mayAnnotate && cursor.skip(":")) {
      if (kind === "star" && cursor.skip("*")) cursor.rules.bitwiseOr(cursor);
      else cursor.rules.expression(cursor);
    }
    let defaultValue: Expression | null = null;
    if (mayHaveDefault && cursor.skip("=")) defaultValue = cursor.rules.expression(cursor);
    else if (kind === "normal" && this.hasDefault) cursor.fail();
    if (kind === "normal" && defaultValue !== null) this.hasDefault = true;
    if (kind !== "star") this.isBareStar = false;
    this.parameters.push({ name, kind, defaultValue, ...cursor.since(from) });
  }
}
