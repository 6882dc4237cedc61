/**
 * Convolutions with a bias right before BN that the text alone shows, in a block that no model of the file calls:
 * `nn.Sequential(nn.Conv2d(…), nn.BatchNorm2d(…))`, `self.bn(self.conv(x))`.
 */
import { calledLayers } from "../protocol/modelGraph";
import { attributePairs } from "./attributePairs";
import { listPairs } from "./listPairs";
import { rangeKey, rangeOf, type FindingContext } from "./context";
import { biasPosition, hasSpread, locateArgument } from "./python/arguments";
import { torchCall, type TorchCall } from "./torchCall";

export interface TextualPair {
  readonly layer: TorchCall;
  readonly norm: TorchCall;
}

export function textualPairs(context: FindingContext): TextualPair[] {
  const pairs = [
    ...sequentialPairs(context),
    ...attributePairs(context, hasCertainBias),
    ...listPairs(context, hasCertainBias),
  ].filter(({ layer, norm }) => normalizes(layer, norm) && hasCertainBias(layer));
  if (pairs.length === 0) return [];
  const called = context.graph === null ? [] : calledLayers(context.graph);
  const covered = new Set(called.map((layer) => rangeKey(layer.range)));
  return pairs.filter(({ layer }) => !covered.has(rangeKey(rangeOf(context, layer.call))));
}

/** Arguments of one Sequential that stand beside each other: nothing gets between them. */
function sequentialPairs(context: FindingContext): TextualPair[] {
  return [...context.calls.values()].flatMap((call) => {
    if (torchCall(context, call)?.className !== "Sequential") return [];
    return call.arguments.flatMap((argument, index): TextualPair[] => {
      const next = call.arguments[index + 1];
      if (argument.kind !== "positional" || next?.kind !== "positional") return [];
      const layer = torchCall(context, argument.value);
      const norm = torchCall(context, next.value);
      return layer === null || norm === null ? [] : [{ layer, norm }];
    });
  });
}

/** `Conv2d` before `BatchNorm2d`. A Linear is left to the graph, which knows its input's shape. */
function normalizes(layer: TorchCall, norm: TorchCall): boolean {
  const dims = /^Conv(?:Transpose)?([123])d$/.exec(layer.className)?.[1];
  return dims !== undefined && norm.className === `BatchNorm${dims}d`;
}

function hasCertainBias({ call, className }: TorchCall): boolean {
  const position = biasPosition(className);
  if (position === null || hasSpread(call)) return false;
  const argument = locateArgument(call, "bias", position);
  return argument === null || (argument.value.kind === "constant" && argument.value.value === true);
}
