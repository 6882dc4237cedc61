/** What a run of this engine says of itself before its first step. */
import { basename } from "node:path";
import type { Dataset } from "../data/dataset";
import { layerInputs } from "../graph/layerInputs";
import { samplesPerChannel } from "../nn/channelNorm";
import type { Layer, ModelGraph } from "../protocol/modelGraph";
import { type Prediction, RUN_SCHEMA_VERSION, type RunRecord, type WrittenRecord } from "../protocol/records";
import type { StartRunParams } from "../protocol/requests";
import type { TrainConfig } from "../protocol/trainConfig";
import type { TrainingSession } from "./session";

export interface RunRecordParts {
  readonly params: StartRunParams;
  readonly dataset: Dataset;
  readonly config: TrainConfig;
  readonly session: TrainingSession;
  readonly prediction: Prediction;
  readonly producer: string;
  readonly startedAt: Date;
}

export function runRecord({
  params,
  dataset,
  config,
  session,
  prediction,
  producer,
  startedAt,
}: RunRecordParts): WrittenRecord {
  const { graph } = params;
  return {
    type: "run",
    schema: RUN_SCHEMA_VERSION,
    producer,
    startedAt: startedAt.toISOString(),
    name: params.name,
    comparison: params.comparison,
    source: { ...graph.source },
    model: graph.model,
    framework: graph.framework,
    parameters: graph.parameters ?? 0,
    plannedSteps: config.steps,
    settings: settingsOf(config),
    config,
    data: {
      name: dataset.name,
      trainSamples: dataset.train.count,
      testSamples: dataset.test.count,
      classes: dataset.classes,
      sample: sampleKind(dataset),
    },
    layers: runLayers(graph, session, config.batchSize),
    prediction,
  };
}

/** What a person sees first of the settings; all of them are in `config`. */
function settingsOf(config: TrainConfig): RunRecord["settings"] {
  const { batchSize, learningRate, optimizer, seed, momentum, weightDecay, loss } = config;
  return {
    batchSize,
    learningRate,
    optimizer,
    seed,
    ...(momentum === undefined ? {} : { momentum }),
    ...(weightDecay === undefined ? {} : { weightDecay }),
    ...(loss === undefined ? {} : { loss }),
  };
}

function sampleKind({ shape, parts }: Dataset): string | null {
  if (parts !== undefined && parts.length > 1) return null;
  return shape.length === 3 ? "image" : shape.length === 2 ? "sequence" : "row";
}

type WrittenLayer = NonNullable<Extract<WrittenRecord, { type: "run" }>["layers"]>[number];

/** Layers in forward order; one that is called several times stands where it is called first. */
function runLayers(graph: ModelGraph, session: TrainingSession, batchSize: number): WrittenLayer[] {
  const layers = new Map<string, WrittenLayer>();
  const taken = layerInputs(graph);
  for (const node of graph.nodes) {
    const layer = graph.layers.find(({ name }) => name === node.layer);
    if (!layer || layers.has(layer.name)) continue;
    const placed = { layer, shape: node.outputShape ?? [], inputs: taken.get(layer.name) ?? [], batchSize };
    layers.set(layer.name, runLayer(graph, session, placed));
  }
  return [...layers.values()];
}

interface PlacedLayer {
  readonly layer: Layer;
  readonly shape: readonly (number | null)[];
  readonly inputs: readonly string[];
  readonly batchSize: number;
}

function runLayer(
  graph: ModelGraph,
  session: TrainingSession,
  { layer, shape, inputs, batchSize }: PlacedLayer,
): WrittenLayer {
  const { path, startLine, endLine } = layer.range;
  const norm = session.norms.find(({ name }) => name === layer.name);
  return {
    id: layer.name,
    kind: layer.className,
    framework: graph.framework,
    parameters: layer.parameters ?? 0,
    outputShape: shape.filter((size) => size !== null),
    inputs: [...inputs],
    source: { ...(path === graph.source.path ? {} : { path }), line: startLine, endLine },
    norm: norm
      ? {
          channels: norm.input.channels,
          samplesPerChannel: samplesPerChannel(norm.input, norm.parts(batchSize)[0]?.count ?? batchSize),
          epsilon: norm.op.epsilon,
          updateWeight: norm.op.runningStatsUpdateWeight ?? "cumulative",
          runningVarianceEstimator: norm.op.runningVarianceEstimator,
        }
      : null,
  };
}

/** What a run begins from, when that is not fresh weights. */
export function firstSegment(config: TrainConfig, step: number): WrittenRecord | null {
  if (config.resume !== undefined) return { type: "segment", step, reason: "resumed", detail: basename(config.resume) };
  if (config.init !== undefined)
    return { type: "segment", step, reason: "weights-loaded", detail: basename(config.init) };
  return null;
}
