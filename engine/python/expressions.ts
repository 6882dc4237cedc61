/**
 * Expressions of NormLens's own syntax tree for Python 3, so that the parser can be replaced in one folder;
 * statements are in `statements.ts`.
 *
 * Every node has the offsets of its text (UTF-16 units, the end exclusive); `LineMap` turns them into lines and
 * columns. What could not be lowered is an `unsupported` node with its reason: it is never dropped, because dropping
 * a statement would make everything after it look more certain than it is.
 */

export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface UnsupportedNode extends Span {
  readonly kind: "unsupported";
  readonly reason: string;
}

export type Expression =
  | NameExpression
  | NumberExpression
  | StringExpression
  | BytesExpression
  | FormatStringExpression
  | ConstantExpression
  | SequenceExpression
  | DictExpression
  | UnaryExpression
  | BinaryExpression
  | BooleanExpression
  | CompareExpression
  | ConditionalExpression
  | LambdaExpression
  | NamedExpression
  | CallExpression
  | AttributeExpression
  | SubscriptExpression
  | SliceExpression
  | ComprehensionExpression
  | StarredExpression
  | YieldExpression
  | AwaitExpression
  | UnsupportedNode;

export interface NameExpression extends Span {
  readonly kind: "name";
  readonly name: string;
}

export interface NumberExpression extends Span {
  readonly kind: "number";
  readonly type: "int" | "float" | "imaginary";
  readonly value: number;
}

export interface StringExpression extends Span {
  readonly kind: "string";
  readonly value: string;
}

export interface BytesExpression extends Span {
  readonly kind: "bytes";
}

export interface FormatReplacement extends Span {
  readonly expression: Expression;
  readonly conversion: string | null;
  /** The text after the colon, or null; a specification that contains replacements is not kept. */
  readonly specification: string | null;
  /** `{x=}` repeats the expression's text first. */
  readonly selfDocumenting: boolean;
}

export interface FormatStringExpression extends Span {
  readonly kind: "formatString";
  readonly parts: readonly (string | FormatReplacement)[];
}

export interface ConstantExpression extends Span {
  readonly kind: "constant";
  readonly value: boolean | "None" | "Ellipsis";
}

export interface SequenceExpression extends Span {
  readonly kind: "sequence";
  readonly type: "tuple" | "list" | "set";
  readonly elements: readonly Expression[];
}

export interface DictEntry {
  /** null for `**mapping`. */
  readonly key: Expression | null;
  readonly value: Expression;
}

export interface DictExpression extends Span {
  readonly kind: "dict";
  readonly entries: readonly DictEntry[];
}

export type UnaryOperator = "-" | "+" | "~" | "not";

export interface UnaryExpression extends Span {
  readonly kind: "unary";
  readonly operator: UnaryOperator;
  readonly operand: Expression;
}

export type BinaryOperator = "+" | "-" | "*" | "/" | "//" | "%" | "**" | "@" | "<<" | ">>" | "&" | "|" | "^";

export interface BinaryExpression extends Span {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

export interface BooleanExpression extends Span {
  readonly kind: "boolean";
  readonly operator: "and" | "or";
  /** Two or more. */
  readonly operands: readonly Expression[];
}

export type CompareOperator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in" | "is" | "is not";

export interface Comparison {
  readonly operator: CompareOperator;
  readonly right: Expression;
}

export interface CompareExpression extends Span {
  readonly kind: "compare";
  readonly left: Expression;
  readonly comparisons: readonly Comparison[];
}

export interface ConditionalExpression extends Span {
  readonly kind: "conditional";
  readonly test: Expression;
  readonly body: Expression;
  readonly otherwise: Expression;
}

export type ParameterKind = "positionalOnly" | "normal" | "star" | "keywordOnly" | "doubleStar";

export interface Parameter extends Span {
  readonly name: string;
  readonly kind: ParameterKind;
  readonly defaultValue: Expression | null;
}

export interface LambdaExpression extends Span {
  readonly kind: "lambda";
  readonly parameters: readonly Parameter[];
  readonly body: Expression;
}

export interface NamedExpression extends Span {
  readonly kind: "named";
  readonly target: NameExpression;
  readonly value: Expression;
}

export type Argument = { readonly value: Expression } & (
  | { readonly kind: "positional" | "star" | "doubleStar" }
  | { readonly kind: "keyword"; readonly name: string; readonly from: number; readonly to: number }
);

export interface CallExpression extends Span {
  readonly kind: "call";
  readonly callee: Expression;
  readonly arguments: readonly Argument[];
}

export interface AttributeExpression extends Span {
  readonly kind: "attribute";
  readonly object: Expression;
  readonly name: string;
}

export interface SubscriptExpression extends Span {
  readonly kind: "subscript";
  readonly object: Expression;
  readonly index: Expression;
}

export interface SliceExpression extends Span {
  readonly kind: "slice";
  readonly lower: Expression | null;
  readonly upper: Expression | null;
  readonly step: Expression | null;
}

export interface ComprehensionClause {
  readonly target: Expression;
  readonly iterable: Expression;
  readonly conditions: readonly Expression[];
}

export interface ComprehensionExpression extends Span {
  readonly kind: "comprehension";
  readonly type: "list" | "set" | "dict" | "generator";
  /** The key for a dict. */
  readonly element: Expression;
  /** The value for a dict, else null. */
  readonly value: Expression | null;
  readonly clauses: readonly ComprehensionClause[];
}

export interface StarredExpression extends Span {
  readonly kind: "starred";
  readonly value: Expression;
}

export interface YieldExpression extends Span {
  readonly kind: "yield";
  readonly value: Expression | null;
}

export interface AwaitExpression extends Span {
  readonly kind: "await";
  readonly value: Expression;
}
