import type { SyntaxNode } from "@lezer/common";
import type { Expression, FormatReplacement } from "../expressions";
import { childrenOf, textOf, unsupported, type Lowering } from "./lowering";

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** Lowers a string, an f-string or several of them side by side, which Python joins. */
export function lowerString(lowering: Lowering, node: SyntaxNode): Expression {
  const pieces = node.name === "ContinuedString" ? childrenOf(node) : [node];
  const span = { from: node.from, to: node.to };
  const parts: (string | FormatReplacement)[] = [];
  for (const piece of pieces) {
    if (piece.name === "FormatString") parts.push(...formatParts(lowering, piece));
    else {
      const literal = splitLiteral(textOf(lowering, piece));
      if (literal === null) return unsupported(span, "a string without an end");
      if (/b/i.test(literal.prefix)) return { kind: "bytes", ...span };
      parts.push(decode(literal.content, literal.prefix));
    }
  }
  if (parts.every((part) => typeof part === "string")) return { kind: "string", value: parts.join(""), ...span };
  return { kind: "formatString", parts, ...span };
}

interface Literal {
  readonly prefix: string;
  readonly content: string;
  /** Length of the prefix and the opening quotes. */
  readonly contentStart: number;
  readonly quoteLength: number;
}

function splitLiteral(text: string): Literal | null {
  const opening = /^([a-zA-Z]*)("""|'''|"|')/.exec(text);
  const prefix = opening?.[1];
  const quote = opening?.[2];
  if (prefix === undefined || quote === undefined) return null;
  const contentStart = prefix.length + quote.length;
  if (text.length < contentStart + quote.length || !text.endsWith(quote)) return null;
  return { prefix, content: text.slice(contentStart, -quote.length), contentStart, quoteLength: quote.length };
}

function decode(content: string, prefix: string): string {
  const text = content.replace(/\r\n?/g, "\n");
  if (/r/i.test(prefix)) return text;
  return text.replace(/\\(\n|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)/g, (whole, code: string) => {
    if (code === "\n") return "";
    if (/^[0-7]/.test(code)) return String.fromCharCode(parseInt(code, 8));
    if (/^[xuU]./.test(code)) return codePoint(parseInt(code.slice(1), 16), whole);
    return SIMPLE_ESCAPES[code] ?? whole;
  });
}

function codePoint(value: number, fallback: string): string {
  return value <= 0x10ffff ? String.fromCodePoint(value) : fallback;
}

function formatParts(lowering: Lowering, node: SyntaxNode): (string | FormatReplacement)[] {
  const text = textOf(lowering, node);
  const literal = splitLiteral(text);
  if (literal === null) return [replacementOf(node, unsupported(node, "a string without an end"))];
  const parts: (string | FormatReplacement)[] = [];
  let position = node.from + literal.contentStart;
  const addText = (to: number): void => {
    const raw = lowering.text.slice(position, to).replace(/\{\{/g, "{").replace(/\}\}/g, "}");
    if (raw !== "") parts.push(decode(raw, literal.prefix));
  };
  for (const child of childrenOf(node)) {
    if (child.name !== "FormatReplacement") continue;
    addText(child.from);
    parts.push(lowerReplacement(lowering, child));
    position = child.to;
  }
  addText(node.to - literal.quoteLength);
  return parts;
}

function lowerReplacement(lowering: Lowering, node: SyntaxNode): FormatReplacement {
  const children = childrenOf(node);
  const value = children.find((child) => child.name !== "{");
  if (value === undefined || children.some((child) => child.type.isError)) {
    return replacementOf(node, unsupported(node, "a syntax error"));
  }
  const specification = children.find((child) => child.name === "FormatSpec");
  if (specification?.firstChild !== null && specification?.getChild("FormatReplacement")) {
    return replacementOf(node, unsupported(node, "a nested format specification"));
  }
  const conversion = children.find((child) => child.name === "FormatConversion");
  return {
    expression: lowering.expression(value),
    conversion: conversion === undefined ? null : textOf(lowering, conversion).slice(1),
    specification: specification === undefined ? null : textOf(lowering, specification).slice(1),
    selfDocumenting: children.some((child) => child.name === "FormatSelfDoc"),
    from: node.from,
    to: node.to,
  };
}

function replacementOf(node: SyntaxNode, expression: Expression): FormatReplacement {
  return { expression, conversion: null, specification: null, selfDocumenting: false, from: node.from, to: node.to };
}
