/**
 * A network: the buffers and layers of one graph at one batch size, built over an arena.
 *
 * Two networks may share parameters and normalisation state: one that trains, and one that only goes forward and
 * keeps its own activations, so that the same samples can be looked at in both modes.
 */
import type { LayerOp } from "../protocol/layerOps";
import { INPUT_ID, inputShapeOf, type ModelGraph } from "../protocol/modelGraph";
import { type ActivationBuffer, padded } from "./activationBuffer";
import { createActivation } from "./activation";
import { addBuffers, createAdd } from "./add";
import { createAdaptiveAvgPool2d } from "./adaptiveAvgPool2d";
import { createAdaptiveMaxPool2d } from "./adaptiveMaxPool2d";
import type { Arena } from "./arena";
import { createAffine, createMultiply, createSubtract } from "./arithmetic";
import { createAvgPool2d } from "./avgPool2d";
import { type BatchNormLayer, type NormState, batchNormParameters, createBatchNorm } from "./batchNorm";
import { createConcatenate } from "./concatenate";
import { conv2dParameters, createConv2d } from "./convolution/conv2d";
import { convTranspose2dParameters, createConvTranspose2d } from "./convolution/convTranspose2d";
import { createDropout } from "./dropout";
import { createFlatten } from "./flatten";
import { createGroupNorm, groupNormParameters } from "./groupNorm";
import { createInstanceNorm } from "./instanceNorm";
import type { LayerContext, NetworkLayer, StatisticsMode, TrainingPasses } from "./layer";
import { type LossSettings, labelsPerSample, meanLoss, predictedLabels } from "./outputLoss";
import type { ParameterSpec } from "./parameterSpec";
import { createJoin } from "./join";
import { createLayerNorm, layerNormParameters } from "./layerNorm";
import { createLinear, linearParameters } from "./linear";
import { createMaxPool2d } from "./maxPool2d";
import type { ParameterStore } from "./parameterStore";
import { allocateBuffers, type NetworkBuffers } from "./networkBuffers";
import { createPRelu, preluParameters } from "./prelu";
import { createRearrange } from "./rearrange";
import { axisAfterBatch } from "./rearrangement";
import { createReduce } from "./reduce";
import { sharedGradients, type SharedGradients } from "./sharedGradients";
import { createSoftmax } from "./softmax";
import { known, returnedStep, type Step, stepsOf } from "./steps";
import { createUpsample } from "./upsample";

/** Convolutions, flattening and rearrangements read channels one by one, everything else eight at a time. */
function inputIsPadded(steps: readonly Step[]): boolean {
  // The weights of a convolution lie as its input does, and all its calls have the same.
  const isCalledOnce = ({ layer }: Step): boolean =>
    steps.filter((step) => step.layer.name === layer.name && step.moves === null).length === 1;
  const readsSingly = (step: Step): boolean =>
    step.moves !== null || step.layer.op.kind === "flatten" || (step.layer.op.kind === "conv2d" && isCalledOnce(step));
  return steps.some((step) => step.inputIds.includes(INPUT_ID) && !readsSingly(step));
}

/** The learnable tensors of a graph, in definition order. */
export function parameterSpecs(graph: ModelGraph): ParameterSpec[] {
  const steps = stepsOf(graph);
  const unpaddedInput = new Set(
    inputIsPadded(steps)
      ? []
      : steps.filter((step) => step.moves === null && step.inputIds.includes(INPUT_ID)).map((step) => step.layer.name),
  );
  const used = new Set(steps.map((step) => step.layer.name));
  return graph.layers
    .filter((layer) => used.has(layer.name))
    .flatMap(({ name, op }) => {
      if (op.kind === "linear") return linearParameters(name, op);
      if (op.kind === "batchNorm" || op.kind === "instanceNorm") return batchNormParameters(name, op);
      if (op.kind === "groupNorm") return groupNormParameters(name, op);
      if (op.kind === "prelu") return preluParameters(name, op);
      if (op.kind === "layerNorm") return layerNormParameters(name, op);
      if (op.kind === "conv2d")
        return conv2dParameters(name, op, unpaddedInput.has(name) ? op.inChannels : padded(op.inChannels));
      if (op.kind === "convTranspose2d") return convTranspose2dParameters(name, op);
      return [];
    });
}

export interface NetworkOptions {
  readonly graph: ModelGraph;
  readonly batch: number;
  readonly arena: Arena;
  readonly parameters: ParameterStore;
  readonly normStates: ReadonlyMap<string, NormState>;
  readonly loss: LossSettings;
  readonly passes: TrainingPasses;
  readonly withGradients: boolean;
  readonly keepGradients: boolean;
}

/** What is left to do after a layer's backward pass: its share is added to the gradient of the value that it took. */
interface Addition {
  readonly share: ActivationBuffer;
  readonly gradient: ActivationBuffer;
}

interface Backward {
  readonly inputGradients: readonly (ActivationBuffer | null)[];
  readonly additions: readonly Addition[];
}

/**
 * Where each step leaves the gradients of its inputs. Backward passes run from the last step to the first, so the last
 * one that takes a value writes its gradient, and the others add to it in a fixed order. The loss has written that of what
 * the model returns.
 */
function planBackward(steps: readonly Step[], { gradients, shares }: NetworkBuffers, returned: string): Backward[] {
  const written = new Set([returned]);
  return [...steps]
    .reverse()
    .map(({ inputIds, inputShapes }): Backward => {
      const additions: Addition[] = [];
      const inputGradients = inputIds.map((id, index) => {
        const gradient = gradients.get(id) ?? null;
        if (gradient === null || !written.has(id)) {
          written.add(id);
          return gradient;
        }
        const share = known(shares.get(known(inputShapes[index]).join()));
        additions.push({ share, gradient });
        return share;
      });
      return { inputGradients, additions };
    })
    .reverse();
}

interface StepParts {
  readonly normStates: ReadonlyMap<string, NormState>;
  readonly passes: TrainingPasses;
  readonly step: Step;
}

type LayerFactory<Op extends LayerOp> = (op: Op, context: LayerContext, parts: StepParts) => NetworkLayer;
type Factories = { readonly [Kind in LayerOp["kind"]]: LayerFactory<Extract<LayerOp, { kind: Kind }>> | null };

/** One entry per kind of layer; null where there is nothing to compute, where `moves` says what to do, or where the engine has no such layer. */
const factories: Factories = {
  linear: createLinear,
  conv2d: createConv2d,
  convTranspose2d: createConvTranspose2d,
  batchNorm: (op, context, { normStates }) => createBatchNorm(op, context, known(normStates.get(context.name))),
  groupNorm: createGroupNorm,
  instanceNorm: (op, context, { normStates }) => createInstanceNorm(op, context, known(normStates.get(context.name))),
  layerNorm: (op, context, { step }) => createLayerNorm(op, step.outputShape, context),
  activation: createActivation,
  maxPool2d: createMaxPool2d,
  avgPool2d: createAvgPool2d,
  adaptiveAvgPool2d: (_op, context) => createAdaptiveAvgPool2d(context),
  adaptiveMaxPool2d: (_op, context) => createAdaptiveMaxPool2d(context),
  spatialMean: (_op, context) => createAdaptiveAvgPool2d(context),
  add: (_op, context) => createAdd(context),
  subtract: (_op, context) => createSubtract(context),
  multiply: (_op, context) => createMultiply(context),
  affine: createAffine,
  prelu: createPRelu,
  softmax: createSoftmax,
  dropout: (op, context, { passes, step }) => createDropout(op, { passes, place: step.id }, context),
  upsample: (op, context, { step }) => createUpsample(op, step.outputShape.length === 2, context),
  reduce: (op, context, { step }) => createReduce(op, known(step.inputShapes[0]), context),
  concatenate: (op, context, { step }) =>
    axisAfterBatch(op.axis, step.outputShape) === 0 ? createConcatenate(context) : createJoin(op, step, context),
  flatten: (_op, context) => createFlatten(context),
  rearrange: null,
  identity: null,
  other: null,
};

function createLayer(context: LayerContext, parts: StepParts): NetworkLayer {
  const {
    layer: { op },
    moves,
  } = parts.step;
  if (moves !== null) return createRearrange(moves, context);
  const factory = factories[op.kind] as LayerFactory<LayerOp> | null;
  if (!factory) throw new Error(`the engine has no layer of kind ${op.kind}`);
  return factory(op, context, parts);
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
  /** Those with running statistics. */
  readonly norms: readonly BatchNormLayer[];
  /** Address of int32 labels, one a sample or, where the output is an image, one a position. */
  readonly labels: number;
  /** Labels of one sample. */
  readonly labelsPerSample: number;
  private readonly storedPredictions: number;
  /** For each layer, in forward order. */
  private readonly additions: readonly (readonly Addition[])[];
  private readonly sharedGradients: SharedGradients;

  constructor(private readonly options: NetworkOptions) {
    const { graph, arena, batch, parameters, normStates, passes } = options;
    const steps = stepsOf(graph);
    const returned = returnedStep(graph);
    const buffers = allocateBuffers({
      steps,
      inputShape: known(inputShapeOf(graph)),
      padInput: inputIsPadded(steps),
      returned,
      arena,
      batch,
      withGradients: options.withGradients,
      keepGradients: options.keepGradients,
    });
    const { values, gradients } = buffers;
    const plan = planBackward(steps, buffers, returned);
    this.input = known(values.get(INPUT_ID));
    this.additions = plan.map(({ additions }) => additions);
    this.sharedGradients = sharedGradients(
      steps.map(({ layer, moves }) => (moves === null ? layer.name : "")),
      options,
    );
    this.layers = steps.map((step, index) => {
      const { id: stepId, layer, inputIds } = step;
      const output = known(values.get(stepId));
      const inputs = inputIds.map((id) => known(values.get(id)));
      const { inputGradients } = known(plan[index]);
      const context: LayerContext = {
        name: layer.name,
        arena,
        parameters,
        batch,
        output,
        inputs,
        inputGradients,
        input: known(inputs[0]),
        outputGradient: gradients.get(stepId) ?? null,
        inputGradient: inputGradients[0] ?? null,
      };
      return {
        layer: createLayer(context, { normStates, passes, step }),
        output,
        outputGradient: context.outputGradient,
      };
    });
    this.norms = this.layers
      .map(({ layer }) => layer)
      .filter(
        (layer): layer is BatchNormLayer =>
          "batchStatistics" in layer && (layer as BatchNormLayer).op.trackRunningStats,
      );
    const last = steps.find(({ id }) => id === returned) ?? known(steps.at(-1));
    this.output = known(values.get(last.id));
    this.outputGradient = gradients.get(last.id) ?? null;
    this.labelsPerSample = labelsPerSample(this.output);
    this.labels = arena.allocate(batch * this.labelsPerSample * 4);
    this.storedPredictions = arena.allocate(batch * this.labelsPerSample * this.output.position);
  }

  forward(mode: StatisticsMode, count: number): void {
    for (const { layer } of this.layers) layer.forward(mode, count);
  }

  /** Call `loss` before: it leaves the gradient that this passes on. */
  backward(count: number): void {
    const { arena } = this.options;
    for (let index = this.layers.length - 1; index >= 0; index--) {
      this.layers[index]?.layer.backward(count);
      this.sharedGradients.afterBackward(index);
      for (const { share, gradient } of this.additions[index] ?? [])
        addBuffers(arena, gradient, share, gradient, count);
    }
  }

  /** Mean loss of the last forward pass; writes predictions and, when training, the gradient of `share` times the loss. */
  loss(count: number, share = 1): number {
    const { output, outputGradient, labels, storedPredictions } = this;
    return meanLoss(
      this.options.arena,
      this.options.loss,
      { output, outputGradient, labels, predictions: storedPredictions },
      count,
      share,
    );
  }

  /** Predictions `[label, class]` of the last `loss`: class probabilities, or of mean squared error the outputs themselves. */
  predictions(count: number): Float32Array {
    const { channels, columns } = this.output;
    const labels = count * this.labelsPerSample;
    const stored = this.options.arena.floats(this.storedPredictions, labels * columns);
    const predictions = new Float32Array(labels * channels);
    for (let label = 0; label < labels; label++)
      predictions.set(stored.subarray(label * columns, label * columns + channels), label * channels);
    return predictions;
  }

  /** The labels that predictions stand for. */
  predictedLabels(predictions: Float32Array): Int32Array {
    return predictedLabels(this.options.loss.name, predictions, this.output.channels);
  }

  get lossName(): LossSettings["name"] {
    return this.options.loss.name;
  }
}
