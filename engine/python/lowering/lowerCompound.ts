import type { SyntaxNode } from "@lezer/common";
import type { Expression } from "../expressions";
import type { Block, ConditionalBlock, ExceptHandler, MatchCase, Statement, WithItem } from "../statements";
import { childrenOf, lowerExpressionList, splitAtCommas, textOf, unsupported, type Lowering } from "./lowering";

/** A keyword, what stands between it and its block, and the block: the parts all compound statements are made of. */
interface Section {
  readonly word: string;
  readonly head: readonly SyntaxNode[];
  readonly body: Block;
}

function sectionsOf(lowering: Lowering, children: readonly SyntaxNode[], words: readonly string[]): Section[] {
  const sections: { word: string; head: SyntaxNode[]; body: Block }[] = [];
  for (const child of children) {
    if (words.includes(child.name)) sections.push({ word: child.name, head: [], body: [] });
    const current = sections.at(-1);
    if (current === undefined || words.includes(child.name)) continue;
    if (child.name === "Body") current.body = lowering.block(child);
    else current.head.push(child);
  }
  return sections;
}

function headExpression(lowering: Lowering, node: SyntaxNode, head: readonly SyntaxNode[]): Expression {
  return lowerExpressionList(lowering, head) ?? unsupported(node, "a syntax error");
}

function bodyOf(sections: readonly Section[], word: string): Block {
  return sections.find((section) => section.word === word)?.body ?? [];
}

export function lowerIf(lowering: Lowering, node: SyntaxNode, children: readonly SyntaxNode[]): Statement {
  const sections = sectionsOf(lowering, children, ["if", "elif", "else"]);
  const branches: ConditionalBlock[] = sections
    .filter((section) => section.word !== "else")
    .map((section) => ({ test: headExpression(lowering, node, section.head), body: section.body }));
  return { kind: "if", branches, otherwise: bodyOf(sections, "else"), from: node.from, to: node.to };
}

export function lowerFor(lowering: Lowering, node: SyntaxNode, children: readonly SyntaxNode[]): Statement {
  const sections = sectionsOf(lowering, children, ["for", "in", "else"]);
  const [target, iterable] = sections;
  if (target === undefined || iterable?.word !== "in") return unsupported(node, "a syntax error");
  return {
    kind: "for",
    target: headExpression(lowering, node, target.head),
    iterable: headExpression(lowering, node, iterable.head),
    body: iterable.body,
    otherwise: bodyOf(sections, "else"),
    from: node.from,
    to: node.to,
  };
}

export function lowerWhile(lowering: Lowering, node: SyntaxNode, children: readonly SyntaxNode[]): Statement {
  const sections = sectionsOf(lowering, children, ["while", "else"]);
  const [loop] = sections;
  if (loop === undefined) return unsupported(node, "a syntax error");
  return {
    kind: "while",
    test: headExpression(lowering, node, loop.head),
    body: loop.body,
    otherwise: bodyOf(sections, "else"),
    from: node.from,
    to: node.to,
  };
}

export function lowerTry(lowering: Lowering, node: SyntaxNode, children: readonly SyntaxNode[]): Statement {
  const sections = sectionsOf(lowering, children, ["try", "except", "else", "finally"]);
  return {
    kind: "try",
    body: bodyOf(sections, "try"),
    handlers: sections.filter((section) => section.word === "except").map((section) => lowerHandler(lowering, section)),
    otherwise: bodyOf(sections, "else"),
    finalBody: bodyOf(sections, "finally"),
    from: node.from,
    to: node.to,
  };
}

function lowerHandler(lowering: Lowering, section: Section): ExceptHandler {
  const head = section.head.filter((child) => child.name !== "*");
  const as = head.findIndex((child) => child.name === "as");
  const name = as < 0 ? undefined : head[as + 1];
  return {
    type: lowerExpressionList(lowering, as < 0 ? head : head.slice(0, as)),
    name: name === undefined ? null : textOf(lowering, name),
    body: section.body,
  };
}

export function lowerWith(lowering: Lowering, node: SyntaxNode, children: readonly SyntaxNode[]): Statement {
  const [section] = sectionsOf(lowering, children, ["with"]);
  if (section === undefined) return unsupported(node, "a syntax error");
  const items = splitAtCommas(section.head).map((part): WithItem => {
    const as = part.findIndex((child) => child.name === "as");
    const context = headExpression(lowering, node, as < 0 ? part : part.slice(0, as));
    return { context, target: as < 0 ? null : headExpression(lowering, node, part.slice(as + 1)) };
  });
  return { kind: "with", items, body: section.body, from: node.from, to: node.to };
}

export function lowerMatch(lowering: Lowering, node: SyntaxNode, children: readonly SyntaxNode[]): Statement {
  const body = children.find((child) => child.name === "MatchBody");
  const subject = headExpression(
    lowering,
    node,
    children.slice(1).filter((child) => child.name !== "MatchBody"),
  );
  const cases = (body === undefined ? [] : childrenOf(body))
    .filter((child) => child.name === "MatchClause")
    .map((clause) => lowerCase(lowering, clause));
  return { kind: "match", subject, cases, from: node.from, to: node.to };
}

function lowerCase(lowering: Lowering, clause: SyntaxNode): MatchCase {
  const body = clause.getChild("Body");
  const captures: string[] = [];
  const cursor = clause.cursor();
  do {
    if (cursor.name === "CapturePattern") captures.push(lowering.text.slice(cursor.from, cursor.to));
  } while (cursor.next(cursor.name !== "Body") && cursor.to <= clause.to);
  return { captures, body: body === null ? [] : lowering.block(body) };
}
