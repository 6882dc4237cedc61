/**
 * One BN layer called several times in one forward pass: its running statistics are a mixture of inputs that differ,
 * and evaluation normalizes both with it (pytorch/pytorch#1738; Cooijmans et al. 2016 on one BN for all time steps).
 * Two views of a batch, cut apart or given apart, that go through one encoder are often alike, and the sharing is meant
 * (siamese networks): information.
 */
import type { GraphNode } from "../../protocol/modelGraph";
import { callsOf, groupBySite, layerOf, normLayers, type FindingContext } from "../context";
import { findingOf } from "../draft";
import { holdsNormInEval } from "../heldInEval";
import type { SourceFinding } from "../sourceFinding";
import { atStart, layersText } from "../layerText";

export function normShared(context: FindingContext): SourceFinding[] {
  if (holdsNormInEval(context.file)) return [];
  const shared = normLayers(context).filter(
    (layer) => layer.op.trackRunningStats && callsOf(context, layer).length > 1,
  );
  return groupBySite(shared).flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const calls = callsOf(context, first);
    const areViews =
      calls.every((call) => comesFromASlice(context, call)) ||
      comeFromInputsOfTheirOwn(context, calls) ||
      sharesNetworkOverSizes(context, calls);
    const isOnOnePath = calls.some((later) => {
      const before = ancestors(context, later);
      return calls.some((earlier) => earlier !== later && before.has(earlier.id));
    });
    const names = group.map(({ name }) => name);
    const lines = [...new Set(calls.map((call) => call.range.startLine))];
    return [
      findingOf({
        rule: "norm-shared",
        ...(areViews && !isOnOnePath ? { severity: "information" as const } : {}),
        layers: names,
        expression: first.range,
        verdict:
          `${atStart(layersText(context, names))} ${names.length > 1 ? "are" : "is"} called ${calls.length} ` +
          "times in one forward pass, with one mean and variance for all calls.",
        evidence:
          `The calls are on ${lines.length === 1 ? "line" : "lines"} ` +
          `${lines.join(", ")}, ` +
          `${isOnOnePath ? "one on the output of another" : "on inputs that do not depend on each other"}. ` +
          "Each step updates the running statistics " +
          `${calls.length} times, from ${calls.length} different distributions.`,
        next: `Use a separate normalization layer for each call${isOnOnePath ? "" : ", unless the inputs are alike"}.`,
      }),
    ];
  });
}

const SLICES = new Set(["getitem", "split", "unbind"]);

function comesFromASlice(context: FindingContext, call: GraphNode): boolean {
  return [...ancestors(context, call)].some((id) => {
    const node = context.nodes.get(id);
    const op = node === undefined ? undefined : layerOf(context, node)?.op;
    if (op?.kind === "rearrange") return op.rearrangement.rule === "chunk" || op.rearrangement.rule === "slice";
    return op?.kind === "other" && SLICES.has(op.className);
  });
}

/** `encoder(image1)` and `encoder(image2)`: each call depends on one input of the model, and no two on the same. */
function comeFromInputsOfTheirOwn(context: FindingContext, calls: readonly GraphNode[]): boolean {
  const inputs = calls.map((call) => inputsOf(context, call));
  return inputs.every((ids) => ids.length === 1) && new Set(inputs.flat()).size === calls.length;
}

const RESIZES = /interpolate|upsampl|resize|avg_?pool/i;

/**
 * The whole network up to this layer is called for one image at several sizes: then its inputs are meant to be alike.
 */
function sharesNetworkOverSizes(context: FindingContext, calls: readonly GraphNode[]): boolean {
  const isLearned = (node: GraphNode): boolean => layerOf(context, node)?.parameters !== 0;
  const afterLearned = descendants(context, context.graph?.nodes.filter(isLearned) ?? []);
  const before = calls.map((call) => {
    const nodes = [...ancestors(context, call)].flatMap((id) => context.nodes.get(id) ?? []);
    const learned = nodes.filter(isLearned);
    const preparing = nodes.filter((node) => !isLearned(node) && !afterLearned.has(node.id));
    return {
      learned: [...new Set(learned.map(({ layer }) => layer))].sort().join(),
      areResized: preparing.every((node) => RESIZES.test(classNameOf(context, node))),
    };
  });
  const isSame = new Set(before.map(({ learned }) => learned)).size === 1 && before[0]?.learned !== "";
  return (
    isSame &&
    before.every(({ areResized }) => areResized) &&
    new Set(calls.flatMap((call) => inputsOf(context, call))).size === 1
  );
}

const classNameOf = (context: FindingContext, node: GraphNode): string => layerOf(context, node)?.className ?? "";

function inputsOf(context: FindingContext, call: GraphNode): string[] {
  const seen = ancestors(context, call);
  return (context.graph?.inputs ?? []).flatMap(({ id }) => (seen.has(id) ? [id] : []));
}

function ancestors({ nodes }: FindingContext, node: GraphNode): Set<string> {
  const pending = [...node.inputs];
  const seen = new Set<string>();
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    pending.push(...(nodes.get(id)?.inputs ?? []));
  }
  return seen;
}

function descendants({ consumers }: FindingContext, nodes: readonly GraphNode[]): Set<string> {
  const pending = nodes.flatMap(({ id }) => consumers.get(id) ?? []);
  const seen = new Set<string>();
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (seen.has(node.id)) continue;
    seen.add(node.id);
    pending.push(...(consumers.get(node.id) ?? []));
  }
  return seen;
}
