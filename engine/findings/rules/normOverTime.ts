/**
 * `BatchNorm1d` takes axis 1 for the channels. In front of a recurrent layer with batch_first that axis is time: each
 * step
 * gets its own statistics, and the features of a step are mixed.
 */
import type { CallExpression } from "../../python/expressions";
import type { ClassStatement } from "../../python/statements";
import { assignmentsIn, callsIn, classesIn, functionsIn } from "../../python/walk";
import { rangeOf, type FindingContext } from "../context";
import { findingOf } from "../draft";
import { ownAttribute, storedLayers, type StoredLayer, type StoredLayers } from "../storedLayers";
import type { SourceFinding } from "../sourceFinding";

export function normOverTime(context: FindingContext): SourceFinding[] {
  if (!/batch_first\s*=\s*True/.test(context.file.text)) return [];
  return classesIn(context.file.module.body).flatMap((cls) => {
    const layers = storedLayers(context, cls);
    const forward = functionsIn(cls.body).find(({ name }) => name === "forward");
    const [, input] = forward?.parameters ?? [];
    if (forward === undefined || input === undefined) return [];
    return callsIn(forward.body).flatMap((call) => {
      const norm = isRecurrent(layers.get(ownAttribute(call.callee) ?? "")) ? normOf(forward.body, call, layers) : null;
      return norm === null || !takes(norm.call, input.name) ? [] : [describe(context, norm.made, call)];
    });
  });
}

function isRecurrent(layer: StoredLayer | undefined): boolean {
  return (
    layer !== undefined &&
    /^(LSTM|GRU|RNN)$/.test(layer.className) &&
    layer.arguments.some(
      (argument) =>
        argument.kind === "keyword" &&
        argument.name === "batch_first" &&
        argument.value.kind === "constant" &&
        argument.value.value === true,
    )
  );
}

/** The BN layer that a recurrent layer takes its input from: `self.rnn(self.norm(x))`, or by a name in between. */
function normOf(
  body: ClassStatement["body"],
  { arguments: [argument] }: CallExpression,
  layers: StoredLayers,
): { readonly made: CallExpression; readonly call: CallExpression } | null {
  const value = argument?.value;
  const given =
    value?.kind === "name"
      ? assignmentsIn(body).filter(({ targets }) =>
          targets.some((target) => target.kind === "name" && target.name === value.name),
        )
      : [];
  const source = given.length === 1 ? given[0]?.value : value;
  if (source?.kind !== "call") return null;
  const layer = layers.get(ownAttribute(source.callee) ?? "");
  return layer?.className === "BatchNorm1d" ? { made: layer, call: source } : null;
}

/** It is called with what the model is given, or with that under the same name. */
const takes = ({ arguments: [argument] }: CallExpression, name: string): boolean =>
  argument?.value.kind === "name" && argument.value.name === name;

function describe(context: FindingContext, made: CallExpression, recurrent: CallExpression): SourceFinding {
  return findingOf({
    rule: "axis-mismatch",
    layers: [],
    expression: rangeOf(context, made),
    verdict: "This BatchNorm1d normalizes time steps: axis 1 is time for the layer behind it.",
    evidence:
      `The layer on line ${rangeOf(context, recurrent).startLine} has batch_first=True, so its input is batch × ` +
      `time × ` +
      "features. BatchNorm1d gives each index of axis 1 its own mean, variance, γ and β, which all features of " +
      "a step share.",
    next: "Use BatchNorm1d over the features: norm(x.transpose(1, 2)).transpose(1, 2).",
  });
}
