/**
 * JavaScript expressions as the syntax tree that the interpreter follows; what has another meaning there is
 * unsupported.
 */
import type { SyntaxNode } from "@lezer/common";
import type { Argument, BinaryOperator, CompareOperator, Expression, Span } from "../../python/expressions";
import { childrenOf, operands, textOf, unsupported, type JavaScript } from "./javaScript";
import { snakeCased, spelledInSnakeCase, takesNamedArguments } from "./kerasNames";

/**
 * Operators that mean the same for numbers in both languages. `/` gives whole numbers only where it divides exactly;
 * see below.
 */
const ARITHMETIC: Readonly<Record<string, BinaryOperator>> = { "+": "+", "-": "-", "*": "*", "**": "**" };
const COMPARISONS: Readonly<Record<string, CompareOperator>> = {
  "===": "==",
  "!==": "!=",
  "==": "==",
  "!=": "!=",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
};

export function lowerExpression(js: JavaScript, node: SyntaxNode | null): Expression {
  if (node === null) return unsupported({ from: 0, to: 0 }, "a missing expression");
  const span: Span = { from: node.from, to: node.to };
  const [only] = operands(node);
  switch (node.name) {
    case "VariableName":
      return textOf(js, node) === "undefined"
        ? { ...span, kind: "constant", value: "None" }
        : { ...span, kind: "name", name: textOf(js, node) };
    case "Number":
      return lowerNumber(js, node, span);
    case "String":
      return { ...span, kind: "string", value: unquoted(textOf(js, node)) };
    case "TemplateString":
      return childrenOf(node).length === 0
        ? { ...span, kind: "string", value: unquoted(textOf(js, node)) }
        : unsupported(span, "a template string with values in it");
    case "BooleanLiteral":
      return { ...span, kind: "constant", value: textOf(js, node) === "true" };
    case "null":
      return { ...span, kind: "constant", value: "None" };
    case "ParenthesizedExpression":
      return lowerExpression(js, only ?? null);
    case "ArrayExpression":
      return lowerArray(js, node, span);
    case "ObjectExpression":
      return lowerObject(js, node, span);
    case "UnaryExpression":
      return lowerUnary(js, node, span);
    case "BinaryExpression":
      return lowerBinary(js, node, span);
    case "ConditionalExpression": {
      const [test = null, body = null, otherwise = null] = operands(node);
      return {
        ...span,
        kind: "conditional",
        test: lowerTest(js, test),
        body: lowerExpression(js, body),
        otherwise: lowerExpression(js, otherwise),
      };
    }
    case "MemberExpression":
      return lowerMember(js, node, span);
    case "CallExpression":
      return lowerCall(js, node, span);
    default:
      return unsupported(span, `JavaScript's ${node.name}`);
  }
}

function lowerNumber(js: JavaScript, node: SyntaxNode, span: Span): Expression {
  const value = Number(textOf(js, node).replace(/_/g, ""));
  if (!Number.isFinite(value)) return unsupported(span, "this kind of number");
  return { ...span, kind: "number", type: Number.isSafeInteger(value) ? "int" : "float", value };
}

function unquoted(text: string): string {
  return text.slice(1, -1).replace(/\\(['"`\\])/g, "$1");
}

function lowerArray(js: JavaScript, node: SyntaxNode, span: Span): Expression {
  const parts = childrenOf(node).filter(({ name }) => !["[", "]", ","].includes(name));
  if (parts.some(({ name }) => name === "Spread")) return unsupported(span, "an array that spreads another array");
  return { ...span, kind: "sequence", type: "list", elements: parts.map((part) => lowerExpression(js, part)) };
}

/** `{a: 1}` as a dict; one that spreads or computes its keys is not followed. */
function lowerObject(js: JavaScript, node: SyntaxNode, span: Span): Expression {
  const entries = namedArguments(js, node).map((argument) =>
    argument.kind === "keyword"
      ? {
          key: { from: argument.from, to: argument.from, kind: "string" as const, value: argument.name },
          value: argument.value,
        }
      : null,
  );
  const known = entries.filter((entry) => entry !== null);
  return known.length === entries.length
    ? { ...span, kind: "dict", entries: known }
    : unsupported(span, "this kind of object");
}

/** What is true or false in both languages alike: comparisons, and numbers, strings and flags by themselves. */
export function lowerTest(js: JavaScript, node: SyntaxNode | null): Expression {
  const test = lowerExpression(js, node);
  // An empty array is true in JavaScript and false in Python.
  return test.kind === "sequence" ? unsupported(test, "an array as a condition") : test;
}

function lowerUnary(js: JavaScript, node: SyntaxNode, span: Span): Expression {
  const operator = js.text.slice(node.from, node.from + 1);
  const [operand = null] = operands(node);
  if (operator === "!") return { ...span, kind: "unary", operator: "not", operand: lowerTest(js, operand) };
  return operator === "-"
    ? { ...span, kind: "unary", operator: "-", operand: lowerExpression(js, operand) }
    : unsupported(span, "this unary operator");
}

function lowerBinary(js: JavaScript, node: SyntaxNode, span: Span): Expression {
  const [left = null, right = null] = operands(node);
  const sign = childrenOf(node).find(({ name }) => /Op$|^as$/.test(name));
  const operator = sign === undefined ? "" : textOf(js, sign);
  // TypeScript: the type says nothing about the value.
  if (operator === "as") return lowerExpression(js, left);
  const sides = { left: lowerExpression(js, left), right: lowerExpression(js, right) };
  const arithmetic = ARITHMETIC[operator];
  if (arithmetic !== undefined) return { ...span, kind: "binary", operator: arithmetic, ...sides };
  const comparison = COMPARISONS[operator];
  if (comparison !== undefined)
    return { ...span, kind: "compare", left: sides.left, comparisons: [{ operator: comparison, right: sides.right }] };
  if (operator === "&&" || operator === "||")
    return {
      ...span,
      kind: "boolean",
      operator: operator === "&&" ? "and" : "or",
      operands: [lowerTest(js, left), sides.right],
    };
  return unsupported(span, `JavaScript's operator ${operator}`);
}

function lowerMember(js: JavaScript, node: SyntaxNode, span: Span): Expression {
  const [object = null, index = null] = operands(node);
  const property = childrenOf(node).find(({ name }) => name === "PropertyName");
  if (property !== undefined)
    return { ...span, kind: "attribute", object: lowerExpression(js, object), name: textOf(js, property) };
  const position = lowerExpression(js, index);
  // A negative index counts from the end in Python and finds nothing in JavaScript.
  return position.kind === "number"
    ? { ...span, kind: "subscript", object: lowerExpression(js, object), index: position }
    : unsupported(span, "an index that is not written as a number");
}

const TRAINING = /\.(compile|fit|fitDataset|trainOnBatch|evaluate|evaluateDataset|predict|summary|save|dispose)$/;

function lowerCall(js: JavaScript, node: SyntaxNode, span: Span): Expression {
  const [callee = null] = operands(node);
  const list = childrenOf(node).find(({ name }) => name === "ArgList");
  const parts = list === undefined ? [] : childrenOf(list).filter(({ name }) => !["(", ")", ","].includes(name));
  if (parts.some(({ name }) => name === "Spread")) return unsupported(span, "a call that spreads its arguments");
  const path = callee === null ? "" : textOf(js, callee).replace(/\s/g, "");
  const [first] = parts;
  // What a model is compiled and trained with is no part of it.
  if (TRAINING.test(path)) return { ...span, kind: "call", callee: lowerExpression(js, callee), arguments: [] };
  const isNamed = first?.name === "ObjectExpression" && takesNamedArguments(path, js.library);
  const args: Argument[] = isNamed
    ? namedArguments(js, first)
    : parts.map((part) => ({ kind: "positional", value: lowerExpression(js, part) }));
  return { ...span, kind: "call", callee: lowerExpression(js, callee), arguments: args };
}

/** `{filters: 8, kernelSize: 3}` as keyword arguments. */
function namedArguments(js: JavaScript, object: SyntaxNode): Argument[] {
  return childrenOf(object)
    .filter(({ name }) => name === "Property" || name === "Spread" || name === "VariableName")
    .map((property): Argument => {
      const [key, ...rest] = childrenOf(property).filter(({ name }) => name !== ":");
      const isPlain = property.name === "Property" && (key?.name === "PropertyDefinition" || key?.name === "String");
      if (!isPlain || key === undefined)
        return {
          kind: "doubleStar",
          value: unsupported({ from: property.from, to: property.to }, "this kind of property"),
        };
      const name = snakeCased(key.name === "String" ? unquoted(textOf(js, key)) : textOf(js, key));
      const [valueNode] = rest;
      const value: Expression =
        valueNode === undefined
          ? { from: key.from, to: key.to, kind: "name", name: textOf(js, key) }
          : lowerExpression(js, valueNode);
      const spelled =
        spelledInSnakeCase.has(name) && value.kind === "string" ? { ...value, value: snakeCased(value.value) } : value;
      return { kind: "keyword", name, value: spelled, from: property.from, to: property.to };
    });
}
