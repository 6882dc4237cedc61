/**
 * `self.bn1(self.conv1(x))` in a class that no model of the file builds. Only what one class says completely counts:
 * both attributes are stored once, the convolution is called in one place, no class derives from it, and the value
 * goes into the normalization without a name, or under a name that is bound again.
 */
import type { AttributeExpression, CallExpression, Expression } from "../python/expressions";
import type { ClassStatement } from "../python/statements";
import { rangeOf, type FindingContext } from "./context";
import { fullPath } from "./python/constants";
import { attributesIn, callsIn, classesIn, nodesIn } from "../python/walk";
import { torchCall, type TorchCall } from "./torchCall";
import { reboundName } from "./unnamedValue";

export interface CalledPair {
  readonly layer: TorchCall;
  readonly norm: TorchCall;
}

/**
 * Pairs whose first layer is one that `mayWaste` takes; most files have none of these, and nothing is searched then.
 */
export function attributePairs(context: FindingContext, mayWaste: (layer: TorchCall) => boolean): CalledPair[] {
  const classes = classesIn(context.file.module.body);
  const foreign = new Set(
    attributesIn(context.file.module.body).flatMap((attribute) => (isOfSelf(attribute) ? [] : [attribute.name])),
  );
  return classes
    .filter((cls) => standsAlone(context, cls, classes))
    .flatMap((cls) => pairsOfClass(context, cls, foreign, mayWaste));
}

function standsAlone({ names }: FindingContext, cls: ClassStatement, classes: readonly ClassStatement[]): boolean {
  const isBase = classes.some((other) =>
    other.arguments.some(({ value }) => value.kind === "name" && value.name === cls.name),
  );
  return (
    !isBase &&
    cls.arguments.length === 1 &&
    cls.arguments.every(({ value }) => fullPath(value, names.imports) === "torch.nn.Module")
  );
}

/** `foreign` are the attributes that the file reads of other objects than `self`. */
function pairsOfClass(
  context: FindingContext,
  cls: ClassStatement,
  foreign: ReadonlySet<string>,
  mayWaste: (layer: TorchCall) => boolean,
): CalledPair[] {
  const stored = storedLayers(context, cls);
  const wasteful = [...stored].flatMap(([name, layer]) => (layer !== null && mayWaste(layer) ? [{ name, layer }] : []));
  if (wasteful.length === 0) return [];
  const calls = callsIn(cls);
  const mentions = new Map<string, number>();
  for (const { name } of attributesIn(cls)) mentions.set(name, (mentions.get(name) ?? 0) + 1);
  // Twice in all: where it is stored and where it is called.
  const isPrivate = (name: string): boolean => mentions.get(name) === 2 && !foreign.has(name);
  return wasteful.flatMap(({ name, layer }): CalledPair[] => {
    if (!isPrivate(name)) return [];
    const call = calls.find(({ callee }) => isOwn(callee) && callee.name === name);
    const norm = call === undefined ? null : normAfter(context, calls, call, stored);
    return norm === null ? [] : [{ layer, norm }];
  });
}

/** Layers by the attribute they are stored in; null for what is stored twice or is no plain call of torch.nn. */
function storedLayers(context: FindingContext, cls: ClassStatement): Map<string, TorchCall | null> {
  const stored = new Map<string, TorchCall | null>();
  for (const node of nodesIn(cls)) {
    const targets =
      node.kind === "assign"
        ? node.targets
        : node.kind === "annotated" || node.kind === "augmented"
          ? [node.target]
          : [];
    for (const target of targets) {
      if (!isOwn(target)) continue;
      const isPlain = node.kind === "assign" && node.targets.length === 1 && !stored.has(target.name);
      stored.set(target.name, isPlain ? torchCall(context, node.value) : null);
    }
  }
  return stored;
}

function isOwn(node: Expression): node is AttributeExpression {
  return node.kind === "attribute" && isOfSelf(node);
}

const isOfSelf = ({ object }: AttributeExpression): boolean => object.kind === "name" && object.name === "self";

function normAfter(
  context: FindingContext,
  calls: readonly CallExpression[],
  layer: CallExpression,
  stored: ReadonlyMap<string, TorchCall | null>,
): TorchCall | null {
  for (const call of calls) {
    const [argument, ...others] = call.arguments;
    if (!isOwn(call.callee) || argument?.kind !== "positional" || others.length > 0) continue;
    const { value } = argument;
    const isDirect = value === layer;
    const isRebound =
      value.kind === "name" && reboundName(context, rangeOf(context, layer), rangeOf(context, call)) === value.name;
    if (isDirect || isRebound) return stored.get(call.callee.name) ?? null;
  }
  return null;
}
