/**
 * A network: the buffers and layers of one graph at one batch size, built over an arena.
 *
 * Two networks may share parameters and normalisation state: one that trains, and one that only goes forward and
 * keeps its own activations, so that the same samples can be looked at in both modes.
 */
import { INPUT_ID, inputShapeOf, type ModelGraph } from "../protocol/modelGraph";
import type { ActivationBuffer } from "./activationBuffer";
import { addBuffers } from "./add";
import type { Arena } from "./arena";
import { type Addition, planBackward } from "./backwardPlan";
import type { BatchNormLayer, MeasuredNorm } from "./batchNorm";
import type { NormState } from "./channelNorm";
import type { LayerContext, NetworkLayer, StatisticsMode, TrainingPasses } from "./layer";
import { layerEntryOf } from "./layerEntries";
import type { LayerCall } from "./layerEntry";
import { allocateBuffers } from "./networkBuffers";
import { inputIsPadded } from "./networkParameters";
import { type LossSettings, labelsPerSample, meanLoss, predictedLabels } from "./outputLoss";
import type { ParameterStore } from "./parameterStore";
import { createRearrange } from "./rearrange";
import { sharedGradients, type SharedGradients } from "./sharedGradients";
import { measuredNorms, type SharedNorm } from "./sharedNorm";
import { known } from "./step";
import { returnedStep, stepsOf } from "./steps";

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

function createLayer(context: LayerContext, call: LayerCall): NetworkLayer {
  const {
    layer: { op },
    moves,
  } = call.step;
  if (moves !== null) return createRearrange(moves, context);
  const { create } = layerEntryOf(op);
  if (create === null) throw new Error(`the engine has no layer of kind ${op.kind}`);
  return create(op, context, call);
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
  readonly norms: readonly MeasuredNorm[];
  private readonly sharedNorms: readonly SharedNorm[];
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
    const normCalls = this.layers
      .map(({ layer }) => layer)
      .filter(
        (layer): layer is BatchNormLayer =>
          "batchStatistics" in layer && (layer as BatchNormLayer).op.trackRunningStats,
      );
    const { norms, shared } = measuredNorms(normCalls, arena);
    this.norms = norms;
    this.sharedNorms = shared;
    const last = steps.find(({ id }) => id === returned) ?? known(steps.at(-1));
    this.output = known(values.get(last.id));
    this.outputGradient = gradients.get(last.id) ?? null;
    this.labelsPerSample = labelsPerSample(this.output);
    this.labels = arena.allocate(batch * this.labelsPerSample * 4);
    this.storedPredictions = arena.allocate(batch * this.labelsPerSample * this.output.position);
  }

  forward(mode: StatisticsMode, count: number): void {
    for (const { layer } of this.layers) layer.forward(mode, count);
    if (mode === "train" || mode === "batch") for (const norm of this.sharedNorms) norm.pool(count);
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

  /**
   * Mean loss of the last forward pass; writes predictions and, when training, the gradient of `share` times the loss.
   */
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

  /**
   * Predictions `[label, class]` of the last `loss`: class probabilities, or of mean squared error the outputs
   * themselves.
   */
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
