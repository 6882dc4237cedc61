import type { CallExpression, Expression } from "../python/expressions";
import type { FindingContext } from "./context";
import { fullPath } from "./python/constants";

/** A call that makes a layer of torch.nn, as the text and its imports say. */
export interface TorchCall {
  readonly call: CallExpression;
  readonly className: string;
}

export function torchCall({ names }: FindingContext, expression: Expression): TorchCall | null {
  if (expression.kind !== "call") return null;
  const path = fullPath(expression.callee, names.imports);
  return path?.startsWith("torch.nn.") === true
    ? { call: expression, className: path.slice("torch.nn.".length) }
    : null;
}
