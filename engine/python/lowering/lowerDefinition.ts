import type { SyntaxNode } from "@lezer/common";
import type { Expression } from "../expressions";
import type { Statement } from "../statements";
import { childrenOf, textOf, unsupported, type Lowering } from "./lowering";
import { lowerArguments, lowerParameters } from "./lowerParameters";

export function lowerFunction(
  lowering: Lowering,
  node: SyntaxNode,
  children: readonly SyntaxNode[],
  decorators: readonly Expression[],
): Statement {
  const name = children.find((child) => child.name === "VariableName");
  const parameters = children.find((child) => child.name === "ParamList");
  const body = children.find((child) => child.name === "Body");
  if (name === undefined || parameters === undefined || body === undefined) return unsupported(node, "a syntax error");
  return {
    kind: "function",
    name: textOf(lowering, name),
    parameters: lowerParameters(lowering, parameters),
    decorators,
    body: lowering.block(body),
    isAsync: children[0]?.name === "async",
    from: node.from,
    to: node.to,
  };
}

export function lowerClass(
  lowering: Lowering,
  node: SyntaxNode,
  children: readonly SyntaxNode[],
  decorators: readonly Expression[],
): Statement {
  const name = children.find((child) => child.name === "VariableName");
  const list = children.find((child) => child.name === "ArgList");
  const body = children.find((child) => child.name === "Body");
  const bases = list === undefined ? [] : lowerArguments(lowering, list);
  if (name === undefined || body === undefined || bases === null) return unsupported(node, "a syntax error");
  return {
    kind: "class",
    name: textOf(lowering, name),
    arguments: bases,
    decorators,
    body: lowering.block(body),
    from: node.from,
    to: node.to,
  };
}

export function lowerDecorated(lowering: Lowering, node: SyntaxNode, children: readonly SyntaxNode[]): Statement {
  const decorators = children
    .filter((child) => child.name === "Decorator")
    .map((child) => lowerDecorator(lowering, child));
  const definition = children.at(-1);
  if (definition?.name === "FunctionDefinition")
    return lowerFunction(lowering, definition, childrenOf(definition), decorators);
  if (definition?.name === "ClassDefinition")
    return lowerClass(lowering, definition, childrenOf(definition), decorators);
  return unsupported(node, "a syntax error");
}

/** A decorator is a flat list in the grammar: names and dots, then perhaps arguments. */
function lowerDecorator(lowering: Lowering, node: SyntaxNode): Expression {
  let expression: Expression | null = null;
  for (const child of childrenOf(node)) {
    if (child.name === "ArgList" && expression !== null) {
      const args = lowerArguments(lowering, child);
      if (args === null) return unsupported(node, "a syntax error");
      expression = { kind: "call", callee: expression, arguments: args, from: expression.from, to: child.to };
    } else if (child.name === "VariableName" || child.name === "PropertyName") {
      const name = textOf(lowering, child);
      expression =
        expression === null
          ? { kind: "name", name, from: child.from, to: child.to }
          : { kind: "attribute", object: expression, name, from: expression.from, to: child.to };
    } else if (child.name !== "." && child.name !== "At") {
      return unsupported(node, "this decorator");
    }
  }
  return expression ?? unsupported(node, "a syntax error");
}
