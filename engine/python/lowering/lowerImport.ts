import type { SyntaxNode } from "@lezer/common";
import type { ImportedName, Statement } from "../statements";
import { hasError, splitAtCommas, textOf, unsupported, type Lowering } from "./lowering";

export function lowerImport(lowering: Lowering, node: SyntaxNode, children: readonly SyntaxNode[]): Statement {
  if (hasError(children)) return unsupported(node, "a syntax error");
  const span = { from: node.from, to: node.to };
  const importAt = children.findIndex((child) => child.name === "import");
  const names = children.slice(importAt + 1).filter((child) => child.name !== "(" && child.name !== ")");
  if (importAt === 0) return { kind: "import", names: namesOf(lowering, names), ...span };
  const from = children.slice(1, importAt);
  const path = from.map((child) => textOf(lowering, child)).join("");
  const level = /^\.*/.exec(path)?.[0].length ?? 0;
  const star = names[0]?.name === "*";
  return {
    kind: "importFrom",
    level,
    module: path.slice(level),
    names: star ? null : namesOf(lowering, names),
    ...span,
  };
}

function namesOf(lowering: Lowering, children: readonly SyntaxNode[]): ImportedName[] {
  return splitAtCommas(children).map((part) => {
    const as = part.findIndex((child) => child.name === "as");
    const path = as < 0 ? part : part.slice(0, as);
    const alias = as < 0 ? undefined : part[as + 1];
    return {
      name: path.map((child) => textOf(lowering, child)).join(""),
      alias: alias === undefined ? null : textOf(lowering, alias),
    };
  });
}
