/** Numbers and names that a file fixes in its text alone, for layers no model could be followed to. */
import type { Expression } from "../../python/expressions";
import { importedNames, memberText } from "../../python/importedNames";
import type { ImportFromStatement, ImportStatement, Statement } from "../../python/statements";
import type { SourceFile } from "../../python/parse";
import { arithmetic } from "../../python/pythonArithmetic";
import { missingImports } from "../../source/keras/missingImports";
import { dottedName, firstName, isDefinition, nodesOf, type AnyNode } from "../../python/walk";

export interface FileNames {
  /** `nn` → `torch.nn`, for every import of the file, and for names of Keras that it has from elsewhere. */
  readonly imports: ReadonlyMap<string, string>;
  /** Names bound exactly once in the file, at module level, to a number. */
  readonly numbers: ReadonlyMap<string, number>;
}

export function namesOf(file: SourceFile): FileNames {
  const imports = new Map(missingImports(file));
  const bindings = new Map<string, number>();
  for (const statement of file.module.body) {
    const said = namesIn(statement);
    for (const [name, path] of said.imports) imports.set(name, path);
    for (const name of said.bound) bindings.set(name, (bindings.get(name) ?? 0) + 1);
  }
  return { imports, numbers: moduleNumbers(file, bindings) };
}

interface StatementNames {
  readonly imports: readonly [name: string, path: string][];
  readonly bound: readonly string[];
}

/** Definitions outlive an edit below them. */
const known = new WeakMap<Statement, StatementNames>();

function namesIn(statement: Statement): StatementNames {
  const before = known.get(statement);
  if (before !== undefined) return before;
  const names = { imports: [] as [string, string][], bound: [] as string[] };
  for (const node of nodesOf(statement)) {
    if (node.kind === "import" || node.kind === "importFrom") names.imports.push(...importsOf(node));
    else if (node.kind in BINDING) names.bound.push(...boundBy(node));
  }
  if (isDefinition(statement)) known.set(statement, names);
  return names;
}

function importsOf(node: ImportStatement | ImportFromStatement): [name: string, path: string][] {
  return importedNames(node)
    .filter(({ level }) => level === 0)
    .map((name) => [name.bound, keras(name.member === null ? name.module : memberText(name, name.member))]);
}

/** Keras under the other names that its package had. */
const keras = (path: string): string => path.replace(/^(tf_keras|keras_core)(?=\.|$)/, "keras");

const BINDING = { assign: true, augmented: true, annotated: true, for: true, function: true };

/** The names a statement binds. Whatever is no plain assignment counts twice, so that it never makes a constant. */
function boundBy(node: AnyNode): string[] {
  switch (node.kind) {
    case "assign":
      return node.targets.flatMap(boundNames);
    case "augmented":
    case "annotated":
    case "for":
      return [...boundNames(node.target), ...boundNames(node.target)];
    case "function":
      return node.parameters.flatMap(({ name }) => [name, name]);
    default:
      return [];
  }
}

function boundNames(target: Expression): string[] {
  if (target.kind === "name") return [target.name];
  return target.kind === "sequence" ? target.elements.flatMap(boundNames) : [];
}

function moduleNumbers(file: SourceFile, bindings: ReadonlyMap<string, number>): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const statement of file.module.body) {
    if (statement.kind !== "assign" || statement.targets.length !== 1) continue;
    const [target] = statement.targets;
    if (target?.kind !== "name" || bindings.get(target.name) !== 1) continue;
    const value = constantNumber(statement.value, numbers);
    if (value !== null) numbers.set(target.name, value);
  }
  return numbers;
}

/** `0.8`, `1 - 0.9`, `BN_EPS`; null for what the text alone does not decide. */
export function constantNumber(expression: Expression, numbers: ReadonlyMap<string, number>): number | null {
  switch (expression.kind) {
    case "number":
      return expression.type === "imaginary" ? null : expression.value;
    case "name":
      return numbers.get(expression.name) ?? null;
    case "unary": {
      const operand = constantNumber(expression.operand, numbers);
      return operand === null || expression.operator !== "-" ? null : -operand;
    }
    case "binary": {
      const left = constantNumber(expression.left, numbers);
      const right = constantNumber(expression.right, numbers);
      return left === null || right === null ? null : arithmetic(expression.operator, left, right);
    }
    default:
      return null;
  }
}

/** The full path of a callee: `nn.BatchNorm2d` is `torch.nn.BatchNorm2d` after `import torch.nn as nn`. */
export function fullPath(callee: Expression, imports: ReadonlyMap<string, string>): string | null {
  const first = firstName(callee);
  const origin = first === null ? undefined : imports.get(first);
  return first === null || origin === undefined ? null : origin + (dottedName(callee) ?? "").slice(first.length);
}
