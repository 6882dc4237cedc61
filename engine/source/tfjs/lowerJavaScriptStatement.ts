/** JavaScript statements as the syntax tree that the interpreter follows. */
import type { SyntaxNode } from "@lezer/common";
import type { Expression, Parameter, Span } from "../../python/expressions";
import type { AssignStatement, Block, FunctionStatement, Statement } from "../../python/statements";
import { childrenOf, operands, textOf, unsupported, type JavaScript } from "./javaScript";
import { lowerExpression, lowerTest } from "./lowerJavaScriptExpression";

/** Names declared so far in one function: blocks have their own scopes in JavaScript, but not in the interpreter. */
type Declared = Set<string>;

/** A function's declarations are known before its first statement. */
export function lowerBlock(js: JavaScript, nodes: readonly SyntaxNode[], declared: Declared): Block {
  const isFunction = (node: SyntaxNode): boolean =>
    node.name === "FunctionDeclaration" ||
    (node.name === "ExportDeclaration" && childrenOf(node).some(({ name }) => name === "FunctionDeclaration"));
  const ordered = [...nodes.filter(isFunction), ...nodes.filter((node) => !isFunction(node))];
  return ordered.flatMap((node) => lowerStatement(js, node, declared));
}

const spanOf = (node: SyntaxNode): Span => ({ from: node.from, to: node.to });

function lowerStatement(js: JavaScript, node: SyntaxNode, declared: Declared): Statement[] {
  const span = spanOf(node);
  switch (node.name) {
    case "ImportDeclaration":
      return lowerImport(js, node);
    case "ExportDeclaration":
      return childrenOf(node).flatMap((child) =>
        child.name.endsWith("Declaration") ? lowerStatement(js, child, declared) : [],
      );
    case "VariableDeclaration":
      return lowerVariables(js, node, declared);
    case "FunctionDeclaration":
      return lowerFunction(js, node, declared);
    case "ExpressionStatement":
      return lowerExpressionStatement(js, node);
    case "ReturnStatement": {
      const [value] = operands(node);
      return [{ ...span, kind: "return", value: value === undefined ? null : lowerExpression(js, value) }];
    }
    case "IfStatement":
      return [lowerIf(js, node, declared)];
    case "ForStatement":
      return [lowerFor(js, node, declared)];
    case "Block":
      return [...lowerBlock(js, childrenOf(node), declared)];
    case "ClassDeclaration": {
      const name = childrenOf(node).find((child) => child.name === "VariableDefinition");
      return name === undefined ? [] : [assign(js, name, unsupported(span, "a JavaScript class"))];
    }
    case "{":
    case "}":
    case ";":
    case "TypeAliasDeclaration":
    case "InterfaceDeclaration":
      return [];
    default:
      return [{ ...unsupported(span, `JavaScript's ${node.name}`) }];
  }
}

function assign(js: JavaScript, name: SyntaxNode, value: Expression): AssignStatement {
  return {
    from: name.from,
    to: Math.max(name.to, value.to),
    kind: "assign",
    targets: [{ from: name.from, to: name.to, kind: "name", name: textOf(js, name) }],
    value,
  };
}

/** TensorFlow.js itself, however it is packaged. */
export const TFJS = /^@tensorflow\/tfjs|\/tfjs@|tfjs(\.min|\.esm)?\.js$/;

function lowerImport(js: JavaScript, node: SyntaxNode): Statement[] {
  const source = childrenOf(node).find(({ name }) => name === "String");
  const isTfjs = source !== undefined && TFJS.test(textOf(js, source).slice(1, -1));
  const names: SyntaxNode[] = [];
  const collect = (part: SyntaxNode): void => {
    if (part.name === "VariableDefinition") names.push(part);
    else childrenOf(part).forEach(collect);
  };
  collect(node);
  return names.map((name): Statement => {
    const text = textOf(js, name);
    if (isTfjs && text === js.library) return tfjsImport(js.library, spanOf(node));
    return assign(
      js,
      name,
      unsupported(spanOf(node), `the import of ${source === undefined ? "another file" : textOf(js, source)}`),
    );
  });
}

export function tfjsImport(library: string, span: Span): Statement {
  return { ...span, kind: "import", names: [{ name: "tfjs", alias: library }] };
}

function lowerVariables(js: JavaScript, node: SyntaxNode, declared: Declared): Statement[] {
  const statements: Statement[] = [];
  const parts = childrenOf(node);
  parts.forEach((part, index) => {
    if (part.name === "VariableDefinition") {
      const from = parts.slice(index + 1).findIndex(({ name }) => name === "Equals" || name === "," || name === ";");
      const hasValue = from >= 0 && parts[index + 1 + from]?.name === "Equals";
      const value = hasValue ? (parts[index + 2 + from] ?? null) : null;
      statements.push(...lowerVariable(js, part, value, declared));
    } else if (part.name.endsWith("Pattern"))
      statements.push(
        ...patternNames(part).map((name) => assign(js, name, unsupported(spanOf(part), "this kind of destructuring"))),
      );
  });
  return statements;
}

function patternNames(node: SyntaxNode): SyntaxNode[] {
  return node.name === "VariableDefinition" ? [node] : childrenOf(node).flatMap(patternNames);
}

function lowerVariable(js: JavaScript, name: SyntaxNode, value: SyntaxNode | null, declared: Declared): Statement[] {
  const text = textOf(js, name);
  if (declared.has(text))
    return [assign(js, name, unsupported(spanOf(name), `a variable that several blocks declare (${text})`))];
  declared.add(text);
  if (value === null) return [assign(js, name, { ...spanOf(name), kind: "constant", value: "None" })];
  if (value.name === "ArrowFunction" || value.name === "FunctionExpression") return [functionOf(js, value, text)];
  const required = /^require\(\s*['"]([^'"]+)['"]\s*\)$/.exec(textOf(js, value))?.[1];
  if (required !== undefined && TFJS.test(required) && text === js.library)
    return [tfjsImport(js.library, spanOf(value))];
  return [assign(js, name, lowerExpression(js, value))];
}

function lowerFunction(js: JavaScript, node: SyntaxNode, declared: Declared): Statement[] {
  const name = childrenOf(node).find((child) => child.name === "VariableDefinition");
  if (name === undefined) return [];
  declared.add(textOf(js, name));
  return [functionOf(js, node, textOf(js, name))];
}

function functionOf(js: JavaScript, node: SyntaxNode, name: string): FunctionStatement {
  const children = childrenOf(node);
  const list = children.find((child) => child.name === "ParamList");
  const body = children.at(-1);
  const parameters = list === undefined ? [] : parametersOf(js, list);
  const own: Declared = new Set(parameters.map((parameter) => parameter.name));
  const isBlock = body?.name === "Block";
  const statements: Block =
    body === undefined
      ? []
      : isBlock
        ? lowerBlock(js, childrenOf(body), own)
        : [{ ...spanOf(body), kind: "return", value: lowerExpression(js, body) }];
  return {
    ...spanOf(node),
    kind: "function",
    name,
    parameters,
    decorators: [],
    body: statements,
    isAsync: children.some((child) => child.name === "async"),
  };
}

/** A parameter that is taken apart has no name to be called by, and stands for something unknown. */
function parametersOf(js: JavaScript, list: SyntaxNode): Parameter[] {
  const parts = childrenOf(list);
  return parts.flatMap((part, index): Parameter[] => {
    if (part.name.endsWith("Pattern"))
      return [{ ...spanOf(part), name: textOf(js, part), kind: "normal", defaultValue: null }];
    if (part.name !== "VariableDefinition") return [];
    const rest = parts.slice(index + 1);
    const end = rest.findIndex(({ name }) => name === ",");
    const own = end < 0 ? rest : rest.slice(0, end);
    const equals = own.findIndex(({ name }) => name === "Equals");
    const value = equals < 0 ? undefined : own[equals + 1];
    return [
      {
        ...spanOf(part),
        name: textOf(js, part),
        kind: "normal",
        defaultValue: value === undefined ? null : lowerExpression(js, value),
      },
    ];
  });
}

function lowerExpressionStatement(js: JavaScript, node: SyntaxNode): Statement[] {
  const span = spanOf(node);
  const [expression] = childrenOf(node).filter(({ name }) => name !== ";");
  if (expression === undefined) return [];
  if (expression.name !== "AssignmentExpression")
    return [{ ...span, kind: "expression", value: lowerExpression(js, expression) }];
  const [target, value = null] = operands(expression);
  const operator = childrenOf(expression).find(({ name }) => name === "Equals" || name === "UpdateOp");
  if (target === undefined || operator === undefined) return [{ ...unsupported(span, "this kind of assignment") }];
  const lowered = lowerExpression(js, value);
  const sign = textOf(js, operator);
  if (sign === "=") return [{ ...span, kind: "assign", targets: [lowerExpression(js, target)], value: lowered }];
  const isKnown = sign === "+=" || sign === "-=" || sign === "*=";
  return [
    {
      ...span,
      kind: "assign",
      targets: [lowerExpression(js, target)],
      value: isKnown
        ? {
            ...span,
            kind: "binary",
            operator: sign.charAt(0) as "+" | "-" | "*",
            left: lowerExpression(js, target),
            right: lowered,
          }
        : unsupported(span, `JavaScript's operator ${sign}`),
    },
  ];
}

function lowerIf(js: JavaScript, node: SyntaxNode, declared: Declared): Statement {
  const children = childrenOf(node);
  const test = children.find(({ name }) => name === "ParenthesizedExpression") ?? null;
  const elseAt = children.findIndex(({ name }) => name === "else");
  const body = children[children.findIndex(({ name }) => name === "ParenthesizedExpression") + 1];
  const otherwise = elseAt < 0 ? undefined : children[elseAt + 1];
  const block = (part: SyntaxNode | undefined): Block => (part === undefined ? [] : lowerStatement(js, part, declared));
  return {
    ...spanOf(node),
    kind: "if",
    branches: [{ test: lowerTest(js, test === null ? null : (operands(test)[0] ?? null)), body: block(body) }],
    otherwise: block(otherwise),
  };
}

/** `for (const n of [8, 16])` and `for (let i = 0; i < n; i++)`; NormLens does not follow any other loop. */
function lowerFor(js: JavaScript, node: SyntaxNode, declared: Declared): Statement {
  const span = spanOf(node);
  const children = childrenOf(node);
  const head = children[1];
  const body = children.at(-1);
  const block: Block = body === undefined ? [] : lowerStatement(js, body, new Set(declared));
  if (head?.name === "ForOfSpec") {
    const name = childrenOf(head).find((child) => child.name === "VariableDefinition");
    const iterable = operands(head).at(-1) ?? null;
    if (name !== undefined)
      return {
        ...span,
        kind: "for",
        target: { ...spanOf(name), kind: "name", name: textOf(js, name) },
        iterable: lowerExpression(js, iterable),
        body: block,
        otherwise: [],
      };
  }
  const counted =
    head === undefined
      ? null
      : /^\(\s*let\s+(\w+)\s*=\s*(\d+)\s*;\s*\1\s*(<=?)\s*([\w.]+)\s*;\s*(?:\1\+\+|\+\+\1|\1\s*\+=\s*1)\s*\)$/.exec(
          textOf(js, head),
        );
  const bound = head === undefined ? undefined : childrenOf(head).find(({ name }) => name === "BinaryExpression");
  if (
    counted === null ||
    bound === undefined ||
    new RegExp(`\\b${counted[1] ?? ""}\\s*([-+*/]?=[^=]|\\+\\+|--)`).test(body === undefined ? "" : textOf(js, body))
  ) {
    return { ...unsupported(span, "this kind of loop") };
  }
  const [, name = "", start = "0", sign = "<"] = counted;
  const limit = lowerExpression(js, operands(bound)[1] ?? null);
  const stop: Expression =
    sign === "<"
      ? limit
      : {
          ...span,
          kind: "binary",
          operator: "+",
          left: limit,
          right: { ...span, kind: "number", type: "int", value: 1 },
        };
  const range: Expression = {
    ...span,
    kind: "call",
    callee: { ...span, kind: "name", name: "range" },
    arguments: [
      { kind: "positional", value: { ...span, kind: "number", type: "int", value: Number(start) } },
      { kind: "positional", value: stop },
    ],
  };
  return { ...span, kind: "for", target: { ...span, kind: "name", name }, iterable: range, body: block, otherwise: [] };
}
