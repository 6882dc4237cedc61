/**
 * A BN layer that the forward pass never calls. It is said only when every call is in the graph, and when no method
 * mentions the layer: an auxiliary head that runs in training, or a branch of another configuration, is no mistake.
 */
import type { Layer } from "../../protocol/modelGraph";
import { callsOf, groupBySite, normLayers, rangeKey, type FindingContext } from "../context";
import { hasEveryCall } from "../completeness";
import { findingOf } from "../draft";
import { mentionsLayer } from "../mentions";
import type { SourceFinding } from "../sourceFinding";
import { atStart, layersText, layerText } from "../layerText";
import { counted } from "../wording";

export function normUnused(context: FindingContext): SourceFinding[] {
  const { graph } = context;
  if (graph === null || !hasEveryCall(graph)) return [];
  const unused = normLayers(context).filter(
    (layer) => callsOf(context, layer).length === 0 && !mentionsLayer(context.file, layer),
  );
  return groupBySite(unused)
    .filter((group) => isWholeSite(graph.layers, group))
    .map((group) => {
      const names = group.map(({ name }) => name);
      const [first] = group;
      if (first === undefined) throw new Error("A site without layers");
      const parameters = group.reduce((sum, layer) => sum + (layer.parameters ?? 0), 0);
      const buffers = group.reduce((sum, { op }) => sum + (op.trackRunningStats ? 2 * op.numFeatures : 0), 0);
      return findingOf({
        rule: "norm-unused",
        layers: names,
        expression: first.range,
        verdict:
          `${atStart(layersText(context, names))} ${names.length === 1 ? "is" : "are"} created but ` + "never called.",
        evidence:
          `The forward pass does not call ${names.length === 1 ? "it" : "them"}. ` +
          `${counted(parameters, "parameter")} and ${counted(buffers, "running value")} are saved with the ` +
          "model and keep their initial values.",
        next: `Call ${layerText(first)} in forward, or delete it.`,
      });
    });
}

/** A block that uses its layer in some of its instances makes it for a reason. */
function isWholeSite(layers: readonly Layer[], group: readonly Layer[]): boolean {
  const [first] = group;
  return (
    first !== undefined &&
    layers.filter((layer) => rangeKey(layer.range) === rangeKey(first.range)).length === group.length
  );
}
