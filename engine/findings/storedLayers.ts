/** Layers of torch.nn that the text of a class stores in its attributes. */
import type { CallExpression, Expression } from "../python/expressions";
import type { ClassStatement } from "../python/statements";
import { assignmentsIn } from "../python/walk";
import type { FindingContext } from "./context";
import { torchCall } from "./torchCall";

/** The call that makes a layer, with the name of its class. */
export type StoredLayer = CallExpression & { readonly className: string };
export type StoredLayers = ReadonlyMap<string, StoredLayer>;

/** Layers by the attribute of self that they are stored in, in one assignment. */
export function storedLayers(context: FindingContext, cls: ClassStatement): StoredLayers {
  const stored = new Map<string, StoredLayer>();
  for (const { targets, value } of assignmentsIn(cls)) {
    const name = targets[0] === undefined ? null : ownAttribute(targets[0]);
    const layer = torchCall(context, value);
    if (name === null) continue;
    if (layer === null || stored.has(name)) stored.delete(name);
    else stored.set(name, { ...layer.call, className: layer.className });
  }
  return stored;
}

export function ownAttribute(expression: Expression): string | null {
  const isOwn =
    expression.kind === "attribute" && expression.object.kind === "name" && expression.object.name === "self";
  return isOwn ? expression.name : null;
}
