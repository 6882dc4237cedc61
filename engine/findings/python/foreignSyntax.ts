/**
 * Python 2, and whatever else the grammar takes in although Python 3 does not: `print "x"`, `a <> b`, `0777`,
 * `raise E, "x"`. What such a file does is another language's business; it is not read, and not counted as clean.
 */
import type { SourceFile } from "../../python/parse";
import { nodesIn, type AnyNode } from "../../python/walk";

/** The line of the first such place, or null. */
export function foreignSyntaxLine(file: SourceFile): number | null {
  for (const node of nodesIn(file.module.body)) if (isForeign(file, node)) return file.lines.position(node.from).line;
  return null;
}

function isForeign({ text }: SourceFile, node: AnyNode): boolean {
  switch (node.kind) {
    case "unsupported":
      return node.reason === "a syntax error" || /PrintStatement|ExecStatement/.test(node.reason);
    case "binary":
      return (node.operator as string) === "<>";
    case "number":
      return /^0\d*[1-9]\d*$/.test(text.slice(node.from, node.to));
    case "raise":
      return node.value !== null && /^\s*,/.test(text.slice(node.value.to, node.to));
    default:
      return false;
  }
}
