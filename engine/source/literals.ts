/** Python literals: values that are written out, and so known without reading anything else. */
import type { Expression } from "../python/expressions";
import { parsePython } from "../python/parse";

export function isLiteral(expression: Expression): boolean {
  switch (expression.kind) {
    case "number":
    case "string":
    case "constant":
      return true;
    case "unary":
      return isLiteral(expression.operand);
    case "binary":
      return isLiteral(expression.left) && isLiteral(expression.right);
    case "sequence":
      return expression.elements.every(isLiteral);
    case "dict":
      return expression.entries.every(({ key, value }) => key !== null && isLiteral(key) && isLiteral(value));
    default:
      return false;
  }
}

/** Whether a text is one literal and nothing else. */
export function isLiteralText(text: string): boolean {
  const { module, syntaxErrors } = parsePython("", text.trim());
  const [statement, ...others] = module.body;
  return (
    syntaxErrors.length === 0 &&
    others.length === 0 &&
    module.comments.length === 0 &&
    statement?.kind === "expression" &&
    isLiteral(statement.value)
  );
}
