/** `# normlens: use …`: another normalization in the place of the one that is written. */
import type { BatchNormOp, LayerOp } from "../protocol/layerOps";
import type { Layer, ModelGraph } from "../protocol/modelGraph";
import { normalizationDefaults } from "../protocol/normalization";
import type { NormChoice } from "./directive";
import { nodesOf, replaceLayer } from "./editGraph";
import { parametersOf } from "./parameters";

/** What is known of a normalization layer before it is replaced. */
interface Place {
  readonly channels: number;
  /** Axes besides batch and channels. */
  readonly spatialDims: 0 | 1 | 2 | 3;
}

interface Replacement {
  readonly className: string;
  readonly op: LayerOp;
  readonly parameters: number;
}

/** The graph with the layer replaced, or why that cannot be. */
export function replaceNorm(graph: ModelGraph, layer: Layer, choice: NormChoice): ModelGraph | string {
  const place = placeOf(graph, layer);
  if (place === null) return `The shape at ${layer.name} is not known, so neither is what ${choice.name} normalization would be.`;
  const replacement = replacementFor(choice, place, graph);
  if (typeof replacement === "string") return `${layer.name}: ${replacement}`;
  const before = layer.parameters;
  const parameters = graph.parameters === null || before === null ? null : graph.parameters - before + replacement.parameters;
  return { ...replaceLayer(graph, { ...layer, ...replacement }), parameters };
}

function placeOf(graph: ModelGraph, layer: Layer): Place | null {
  const shape = nodesOf(graph, layer.name)[0]?.outputShape ?? null;
  if (layer.op.kind === "batchNorm") {
    const dims = layer.op.spatialDims ?? (shape === null ? null : spatialDimsOf(shape.length));
    return dims === null ? null : { channels: layer.op.numFeatures, spatialDims: dims };
  }
  const [channels] = shape ?? [];
  const spatialDims = shape === null ? null : spatialDimsOf(shape.length);
  return channels === undefined || spatialDims === null ? null : { channels, spatialDims };
}

function spatialDimsOf(rank: number): Place["spatialDims"] | null {
  const dims = rank - 1;
  return dims === 0 || dims === 1 || dims === 2 || dims === 3 ? dims : null;
}

const KERAS_CLASSES = { group: "GroupNormalization", layer: "LayerNormalization", instance: "GroupNormalization", renorm: "BatchRenorm" } as const;

function replacementFor(choice: NormChoice, { channels, spatialDims }: Place, { framework }: ModelGraph): Replacement | string {
  const { epsilon } = normalizationDefaults[framework];
  const other = (className: string): Replacement => ({ className, op: { kind: "other", className, shapeRule: { rule: "same" } }, parameters: 2 * channels });
  if (framework === "keras" && choice.name !== "batch") return other(KERAS_CLASSES[choice.name]);
  const grouped = (className: string, groups: number): Replacement => ({ className, op: { kind: "groupNorm", groups, channels, epsilon, affine: true }, parameters: 2 * channels });
  switch (choice.name) {
    case "group":
      return channels % choice.groups === 0 ? grouped("GroupNorm", choice.groups) : `${channels} channels do not divide into ${choice.groups} groups.`;
    case "layer":
      // Over channels and positions with one weight per channel: one group (Wu & He 2018, section 3.1).
      return spatialDims === 0 ? { className: "LayerNorm", op: { kind: "layerNorm", features: channels, epsilon, affine: true }, parameters: 2 * channels } : grouped("GroupNorm", 1);
    case "instance":
      return spatialDims === 0 ? "instance normalization needs positions to normalize over, and there are none." : grouped(`InstanceNorm${spatialDims}d`, channels);
    case "renorm":
      return other("BatchRenorm");
    case "batch": {
      const op: BatchNormOp = { kind: "batchNorm", spatialDims, numFeatures: channels, affine: true, trackRunningStats: true, ...normalizationDefaults[framework] };
      return { className: framework === "keras" ? "BatchNormalization" : `BatchNorm${Math.max(1, spatialDims)}d`, op, parameters: parametersOf(op) };
    }
  }
}
