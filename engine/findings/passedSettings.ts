/**
 * Settings of BN layers that another file makes, where a call in this file says them by their name:
 * `resnet18(track_running_stats=False)`.
 */
import type { SourceRange } from "../protocol/modelGraph";
import { batchNormLayers } from "../protocol/modelGraph";
import type { Expression } from "../python/expressions";
import { isGiven, rangeKey, rangeOf, type BatchNormLayer, type FindingContext } from "./context";
import { constantNumber } from "./python/constants";

export interface PassedSetting {
  readonly name: "eps" | "momentum" | "track_running_stats";
  /** The argument that says it. */
  readonly range: SourceRange;
  readonly layers: readonly BatchNormLayer[];
}

const NAMES: readonly (readonly [PassedSetting["name"], RegExp])[] = [
  ["track_running_stats", /(^|_)track_running_stats$/],
  ["momentum", /(^|_)momentum$/],
  ["eps", /(^|_)eps(ilon)?$/],
];

export function passedSettings(context: FindingContext): PassedSetting[] {
  const { graph, file } = context;
  const foreign = graph?.framework !== "pytorch" ? [] : batchNormLayers(graph);
  const found = new Map<string, { name: PassedSetting["name"]; range: SourceRange; layers: BatchNormLayer[] }>();
  for (const layer of foreign as BatchNormLayer[]) {
    if (layer.range.path === file.path || layer.origin !== "source" || context.removed.has(layer.name)) continue;
    for (const { name, range } of saidFor(context, layer)) {
      const key = rangeKey(range);
      const known = found.get(key);
      if (known === undefined) found.set(key, { name, range, layers: [layer] });
      else known.layers.push(layer);
    }
  }
  return [...found.values()];
}

function saidFor(
  context: FindingContext,
  layer: BatchNormLayer,
): { name: PassedSetting["name"]; range: SourceRange }[] {
  return (layer.callPath ?? []).flatMap(({ range }) => {
    const call = range.path === context.file.path ? context.calls.get(rangeKey(range)) : undefined;
    return (call?.arguments ?? []).flatMap((argument) => {
      if (argument.kind !== "keyword") return [];
      const name = NAMES.find(([, pattern]) => pattern.test(argument.name))?.[0];
      return name !== undefined && isGiven(layer, name) && saysIt(context, layer, name, argument.value)
        ? [{ name, range: rangeOf(context, argument.value) }]
        : [];
    });
  });
}

/** The layer has what the argument says. */
function saysIt(
  { names }: FindingContext,
  { op }: BatchNormLayer,
  name: PassedSetting["name"],
  value: Expression,
): boolean {
  if (name === "track_running_stats")
    return value.kind === "constant" && value.value === false && !op.trackRunningStats;
  const number = constantNumber(value, names.numbers);
  return number !== null && number === (name === "eps" ? op.epsilon : op.runningStatsUpdateWeight);
}
