/**
 * A network: the buffers and layers of one graph at one batch size, built over an arena.
 *
 * Two networks may share parameters and normalisation state: one that trains, and one that only goes forward and
 * keeps its own activations, so that the same samples can be looked at in both modes.
 */
import { INPUT_ID, inputShapeOf, type GraphNode, type Layer, type LayerOp, type ModelGraph, type Shape } from "../protocol/modelGraph";
import { type ActivationBuffer, type Halo, allocateBuffer, noHalo } from "./activationBuffer";
import { createActivation } from "./activation";
import { createAdaptiveAvgPool2d } from "./adaptiveAvgPool2d";
import type { Arena } from "./arena";
import { type BatchNormLayer, type NormState, batchNormParameters, createBatchNorm } from "./batchNorm";
import { conv2dHalos, conv2dParameters, createConv2d } from "./conv2d";
import { createFlatten } from "./flatten";
import type { HaloNeeds, LayerContext, NetworkLayer, StatisticsMode } from "./layer";
import type { ParameterSpec } from "./parameterSpec";
import { createLinear, linearParameters } from "./linear";
import { createMaxPool2d } from "./maxPool2d";
import type { ParameterStore } from "./parameterStore";

/** A node with everything building needs beside it. */
interface Step {
  readonly node: GraphNode;
  readonly layer: Layer;
  readonly inputId: string;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
}

/** The calls that compute something, in order; identities are seen through. Throws on graphs `trainable` refuses. */
function stepsOf(graph: ModelGraph): Step[] {
  const layers = new Map(graph.layers.map((layer) => [layer.name, layer]));
  const shapes = new Map<string, Shape>([[INPUT_ID, known(inputShapeOf(graph))]]);
  const aliases = new Map<string, string>();
  const steps: Step[] = [];
  for (const node of graph.nodes) {
    const layer = known(layers.get(node.layer));
    const from = known(node.inputs[0]);
    const inputId = aliases.get(from) ?? from;
    if (layer.op.kind === "identity") {
      aliases.set(node.id, inputId);
      continue;
    }
    const outputShape = known(node.outputShape);
    shapes.set(node.id, outputShape);
    steps.push({ node, layer, inputId, inputShape: known(shapes.get(inputId)), outputShape });
  }
  return steps;
}

function known<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("the graph is not trainable: something in it is unknown");
  return value;
}

/** Convolutions and flattening read channels one by one, everything else eight at a time. */
function inputIsPadded(steps: readonly Step[]): boolean {
  return steps.some((step) => step.inputId === INPUT_ID && step.layer.op.kind !== "conv2d" && step.layer.op.kind !== "flatten");
}

/** The learnable tensors of a graph, in definition order. */
export function parameterSpecs(graph: ModelGraph): ParameterSpec[] {
  const steps = stepsOf(graph);
  const unpaddedInput = new Set(inputIsPadded(steps) ? [] : steps.filter((step) => step.inputId === INPUT_ID).map((step) => step.layer.name));
  const used = new Set(steps.map((step) => step.layer.name));
  return graph.layers
    .filter((layer) => used.has(layer.name))
    .flatMap(({ name, op }) => {
      if (op.kind === "linear") return linearParameters(name, op);
      if (op.kind === "batchNorm") return batchNormParameters(name, op);
      if (op.kind === "conv2d") return conv2dParameters(name, op, unpaddedInput.has(name) ? op.inChannels : (op.inChannels + 7) & ~7);
      return [];
    });
}

export interface NetworkOptions {
  readonly graph: ModelGraph;
  readonly batch: number;
  readonly arena: Arena;
  readonly parameters: ParameterStore;
  readonly normStates: ReadonlyMap<string, NormState>;
  readonly withGradients: boolean;
}

interface Buffers {
  readonly values: ReadonlyMap<string, ActivationBuffer>;
  readonly gradients: ReadonlyMap<string, ActivationBuffer>;
}

function halosOf({ layer, inputShape, outputShape }: Step): HaloNeeds {
  if (layer.op.kind !== "conv2d") return { input: noHalo, outputGradient: noHalo };
  const extent = (shape: Shape): { height: number; width: number } => ({ height: shape[1] ?? 1, width: shape[2] ?? 1 });
  return conv2dHalos(layer.op, extent(inputShape), extent(outputShape));
}

const widest = (halos: readonly Halo[]): Halo => ({
  top: Math.max(0, ...halos.map((halo) => halo.top)),
  bottom: Math.max(0, ...halos.map((halo) => halo.bottom)),
  left: Math.max(0, ...halos.map((halo) => halo.left)),
  right: Math.max(0, ...halos.map((halo) => halo.right)),
});

function allocateBuffers(steps: readonly Step[], inputShape: Shape, options: NetworkOptions): Buffers {
  const { arena, batch, withGradients } = options;
  const consumersHalo = (id: string): Halo => widest(steps.filter((step) => step.inputId === id).map((step) => halosOf(step).input));
  const values = new Map([[INPUT_ID, allocateBuffer(arena, { shape: inputShape, batch, halo: consumersHalo(INPUT_ID), pad: inputIsPadded(steps) })]]);
  const gradients = new Map<string, ActivationBuffer>();
  for (const step of steps) {
    const { node, outputShape: shape } = step;
    values.set(node.id, allocateBuffer(arena, { shape, batch, halo: consumersHalo(node.id), pad: true }));
    if (withGradients) gradients.set(node.id, allocateBuffer(arena, { shape, batch, halo: halosOf(step).outputGradient, pad: true }));
  }
  return { values, gradients };
}

type LayerFactory<Op extends LayerOp> = (op: Op, context: LayerContext, normStates: ReadonlyMap<string, NormState>) => NetworkLayer;
type Factories = { readonly [Kind in LayerOp["kind"]]: LayerFactory<Extract<LayerOp, { kind: Kind }>> | null };

/** One entry per kind of layer; null where there is nothing to compute or the engine has no such layer. */
const factories: Factories = {
  linear: createLinear,
  conv2d: createConv2d,
  batchNorm: (op, context, normStates) => createBatchNorm(op, context, known(normStates.get(context.name))),
  activation: (op, context) => createActivation(op.function, context),
  maxPool2d: createMaxPool2d,
  adaptiveAvgPool2d: (_op, context) => createAdaptiveAvgPool2d(context),
  flatten: (_op, context) => createFlatten(context),
  identity: null,
  other: null,
};

function createLayer(op: LayerOp, context: LayerContext, normStates: ReadonlyMap<string, NormState>): NetworkLayer {
  const factory = factories[op.kind] as LayerFactory<LayerOp> | null;
  if (!factory) throw new Error(`the engine has no layer of kind ${op.kind}`);
  return factory(op, context, normStates);
}

export interface LayerOutput {
  readonly layer: NetworkLayer;
  readonly output: ActivationBuffer;
  /** Null in networks that only go forward. */
  readonly outputGradient: ActivationBuffer | null;
}

export class Network {
  readonly input: ActivationBuffer;
  readonly output: ActivationBuffer;
  readonly outputGradient: ActivationBuffer | null;
  /** Layers in forward order, each beside the buffers at its output. */
  readonly layers: readonly LayerOutput[];
  readonly norms: readonly BatchNormLayer[];
  /** Address of `batch` int32 class labels. */
  readonly labels: number;
  private readonly probabilities: number;

  constructor(private readonly options: NetworkOptions) {
    const { graph, arena, batch, parameters, normStates } = options;
    const steps = stepsOf(graph);
    const { values, gradients } = allocateBuffers(steps, known(inputShapeOf(graph)), options);
    this.input = known(values.get(INPUT_ID));
    this.layers = steps.map(({ node, layer, inputId }) => {
      const output = known(values.get(node.id));
      const context: LayerContext = {
        name: layer.name, arena, parameters, batch, output,
        input: known(values.get(inputId)),
        outputGradient: gradients.get(node.id) ?? null,
        inputGradient: gradients.get(inputId) ?? null,
      };
      return { layer: createLayer(layer.op, context, normStates), output, outputGradient: context.outputGradient };
    });
    this.norms = this.layers.map(({ layer }) => layer).filter((layer): layer is BatchNormLayer => "batchStatistics" in layer);
    const last = known(this.layers.at(-1));
    this.output = last.output;
    this.outputGradient = last.outputGradient;
    this.labels = arena.allocate(batch * 4);
    this.probabilities = arena.allocate(batch * this.output.position);
  }

  forward(mode: StatisticsMode, count: number): void {
    for (const { layer } of this.layers) layer.forward(mode, count);
  }

  /** Call `loss` before: it leaves the gradient that this passes on. */
  backward(count: number): void {
    for (let index = this.layers.length - 1; index >= 0; index--) this.layers[index]?.layer.backward(count);
  }

  /** Mean cross-entropy of the last forward pass; writes class probabilities and, when training, the output's gradient. */
  loss(count: number): number {
    const { kernels } = this.options.arena;
    const { channels, columns, base, position } = this.output;
    const gradient = this.outputGradient?.base ?? 0;
    return kernels.softmaxCrossEntropy(count, channels, columns, base, position, this.labels, 1 / count, gradient, this.probabilities) / count;
  }

  /** Class probabilities `[sample, class]` of the last `loss`. */
  classProbabilities(count: number): Float32Array {
    const { channels, columns } = this.output;
    const stored = this.options.arena.floats(this.probabilities, count * columns);
    return Float32Array.from({ length: count * channels }, (_, index) => stored[Math.floor(index / channels) * columns + (index % channels)] ?? 0);
  }
}
