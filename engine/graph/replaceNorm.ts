/** `# normlens: use …`: another normalization in the place of the one that is written. */
import type { BatchNormOp, InstanceNormOp, LayerOp, NormStatistics } from "../protocol/layerOps";
import type { Framework, Layer, ModelGraph } from "../protocol/modelGraph";
import { normalizationDefaults, updatesToSettle } from "../protocol/normalization";
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

/** Batch normalization whose statistics are others. */
type StatisticsChoice = Extract<NormChoice, { readonly name: "renorm" | "ghost" }>;

/** The graph with the layer replaced, or why that cannot be. */
export function replaceNorm(graph: ModelGraph, layer: Layer, choice: NormChoice): ModelGraph | string {
  const place = placeOf(graph, layer);
  if (place === null)
    return `The shape at ${layer.name} is unknown, and with it the ${choice.name} normalization to use.`;
  const replacement =
    choice.name === "renorm" || choice.name === "ghost"
      ? overOtherStatistics(choice, layer, place, graph)
      : replacementFor(choice, place, graph);
  if (typeof replacement === "string") return `${layer.name}: ${replacement}`;
  const before = layer.parameters;
  const parameters =
    graph.parameters === null || before === null ? null : graph.parameters - before + replacement.parameters;
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

const KERAS_CLASSES = {
  group: "GroupNormalization",
  layer: "LayerNormalization",
  instance: "GroupNormalization",
} as const;

function replacementFor(
  choice: Exclude<NormChoice, StatisticsChoice>,
  { channels, spatialDims }: Place,
  { framework }: ModelGraph,
): Replacement | string {
  const { epsilon } = normalizationDefaults[framework];
  if (framework === "keras" && choice.name !== "batch") return untrained(KERAS_CLASSES[choice.name], channels);
  const grouped = (className: string, groups: number): Replacement => ({
    className,
    op: { kind: "groupNorm", groups, channels, epsilon, affine: true },
    parameters: 2 * channels,
  });
  switch (choice.name) {
    case "group":
      return channels % choice.groups === 0
        ? grouped("GroupNorm", choice.groups)
        : `${channels} channels can't be divided into ${choice.groups} groups.`;
    case "layer":
      // Over channels and positions with one weight per channel: one group (Wu & He 2018, section 3.1).
      return spatialDims === 0
        ? {
            className: "LayerNorm",
            op: { kind: "layerNorm", normalizedShape: [channels], epsilon, affine: true },
            parameters: 2 * channels,
          }
        : grouped("GroupNorm", 1);
    case "instance":
      return spatialDims === 0
        ? "Instance normalization needs positions to normalize over, and there are none."
        : instanceNorm(spatialDims, channels, framework);
    case "batch": {
      const op = batchNorm({ channels, spatialDims }, framework);
      return {
        className: framework === "keras" ? "BatchNormalization" : `BatchNorm${Math.max(1, spatialDims)}d`,
        op,
        parameters: parametersOf(op),
      };
    }
  }
}

/** With weights, as the BN in whose place it stands. */
function instanceNorm(spatialDims: 1 | 2 | 3, channels: number, framework: Framework): Replacement {
  const { epsilon, runningStatsUpdateWeight } = normalizationDefaults[framework];
  const op: InstanceNormOp = {
    kind: "instanceNorm",
    spatialDims,
    numFeatures: channels,
    epsilon,
    affine: true,
    trackRunningStats: false,
    runningStatsUpdateWeight,
  };
  return { className: `InstanceNorm${spatialDims}d`, op, parameters: parametersOf(op) };
}

const untrained = (className: string, channels: number): Replacement => ({
  className,
  op: { kind: "other", className, shapeRule: { rule: "same" } },
  parameters: 2 * channels,
});

function batchNorm({ channels, spatialDims }: Place, framework: Framework): BatchNormOp {
  return {
    kind: "batchNorm",
    spatialDims,
    numFeatures: channels,
    affine: true,
    trackRunningStats: true,
    ...normalizationDefaults[framework],
  };
}

/** A BN keeps its settings: only where its statistics come from is another. */
function overOtherStatistics(
  choice: StatisticsChoice,
  { op: before }: Layer,
  place: Place,
  { framework }: ModelGraph,
): Replacement | string {
  const className = choice.name === "renorm" ? "BatchRenorm" : "GhostBatchNorm";
  if (framework === "keras") return untrained(className, place.channels);
  const norm = before.kind === "batchNorm" ? before : batchNorm(place, framework);
  if (choice.name === "renorm" && !norm.trackRunningStats)
    return "Batch renormalization needs running statistics, and the layer keeps none.";
  const statistics: NormStatistics =
    choice.name === "ghost"
      ? { rule: "ghost", samples: choice.samples }
      : { rule: "renorm", ...RENORM_LIMITS, plainUpdates: choice.plainUpdates ?? updatesBeforeRenorm(norm) };
  // SyncBatchNorm takes any number of axes; its place says how many there are.
  return {
    className,
    op: { ...norm, spatialDims: norm.spatialDims ?? place.spatialDims, statistics },
    parameters: parametersOf(norm),
  };
}

/** Ioffe 2017, section 4.1. */
const RENORM_LIMITS = { rMax: 3, dMax: 5 };

/** As long as the running statistics need to settle. */
function updatesBeforeRenorm({ runningStatsUpdateWeight: weight }: BatchNormOp): number {
  return updatesToSettle(
    weight !== null && weight > 0 ? weight : normalizationDefaults.pytorch.runningStatsUpdateWeight,
  );
}
