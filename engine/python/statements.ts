/** Statements and modules of the syntax tree for Python 3. */
import type { Argument, BinaryOperator, Expression, Parameter, Span, UnsupportedNode } from "./expressions";

export type Block = readonly Statement[];

export type Statement =
  | ExpressionStatement
  | AssignStatement
  | AnnotatedStatement
  | AugmentedStatement
  | ReturnStatement
  | IfStatement
  | ForStatement
  | WhileStatement
  | TryStatement
  | WithStatement
  | FunctionStatement
  | ClassStatement
  | ImportStatement
  | ImportFromStatement
  | ScopeStatement
  | DeleteStatement
  | RaiseStatement
  | AssertStatement
  | MatchStatement
  | SimpleStatement
  | UnsupportedNode;

export interface ExpressionStatement extends Span {
  readonly kind: "expression";
  readonly value: Expression;
}

export interface AssignStatement extends Span {
  readonly kind: "assign";
  /** `a = b = 1` has two targets. */
  readonly targets: readonly Expression[];
  readonly value: Expression;
}

export interface AnnotatedStatement extends Span {
  readonly kind: "annotated";
  readonly target: Expression;
  readonly value: Expression | null;
}

export interface AugmentedStatement extends Span {
  readonly kind: "augmented";
  readonly target: Expression;
  readonly operator: BinaryOperator;
  readonly value: Expression;
}

export interface ReturnStatement extends Span {
  readonly kind: "return";
  readonly value: Expression | null;
}

export interface ConditionalBlock {
  readonly test: Expression;
  readonly body: Block;
}

export interface IfStatement extends Span {
  readonly kind: "if";
  /** `if` and its `elif`s. */
  readonly branches: readonly ConditionalBlock[];
  readonly otherwise: Block;
}

export interface ForStatement extends Span {
  readonly kind: "for";
  readonly target: Expression;
  readonly iterable: Expression;
  readonly body: Block;
  readonly otherwise: Block;
}

export interface WhileStatement extends Span {
  readonly kind: "while";
  readonly test: Expression;
  readonly body: Block;
  readonly otherwise: Block;
}

export interface ExceptHandler {
  readonly type: Expression | null;
  readonly name: string | null;
  readonly body: Block;
}

export interface TryStatement extends Span {
  readonly kind: "try";
  readonly body: Block;
  readonly handlers: readonly ExceptHandler[];
  readonly otherwise: Block;
  readonly finalBody: Block;
}

export interface WithItem {
  readonly context: Expression;
  readonly target: Expression | null;
}

export interface WithStatement extends Span {
  readonly kind: "with";
  readonly items: readonly WithItem[];
  readonly body: Block;
}

export interface FunctionStatement extends Span {
  readonly kind: "function";
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly decorators: readonly Expression[];
  readonly body: Block;
  readonly isAsync: boolean;
}

export interface ClassStatement extends Span {
  readonly kind: "class";
  readonly name: string;
  readonly arguments: readonly Argument[];
  readonly decorators: readonly Expression[];
  readonly body: Block;
}

export interface ImportedName {
  readonly name: string;
  readonly alias: string | null;
}

export interface ImportStatement extends Span {
  readonly kind: "import";
  readonly names: readonly ImportedName[];
}

export interface ImportFromStatement extends Span {
  readonly kind: "importFrom";
  /** Number of leading dots. */
  readonly level: number;
  readonly module: string;
  /** null for `*`. */
  readonly names: readonly ImportedName[] | null;
}

export interface ScopeStatement extends Span {
  readonly kind: "scope";
  readonly type: "global" | "nonlocal";
  readonly names: readonly string[];
}

export interface DeleteStatement extends Span {
  readonly kind: "delete";
  readonly targets: readonly Expression[];
}

export interface RaiseStatement extends Span {
  readonly kind: "raise";
  readonly value: Expression | null;
}

export interface AssertStatement extends Span {
  readonly kind: "assert";
  readonly test: Expression;
}

export interface MatchCase {
  /** Names the pattern may bind. */
  readonly captures: readonly string[];
  readonly body: Block;
}

/** Patterns are not interpreted: each case counts as a branch that may be taken. */
export interface MatchStatement extends Span {
  readonly kind: "match";
  readonly subject: Expression;
  readonly cases: readonly MatchCase[];
}

export interface SimpleStatement extends Span {
  readonly kind: "pass" | "break" | "continue";
}

export interface Comment extends Span {
  /** With its leading `#`. */
  readonly text: string;
}

export interface ModuleNode {
  readonly body: Block;
  readonly comments: readonly Comment[];
}
