/**
 * What the last training step did to each layer: gradients of weights and activations, dead channels and saturated
 * values.
 */
import type { ActivationLayer, Activity } from "../nn/activation";
import { wholeBuffer } from "../nn/activationBuffer";
import type { LayerOutput } from "../nn/network";
import type { TrainingSession } from "./session";

export interface LayerActivity {
  readonly layer: string;
  /** Euclidean norm of the gradient of the layer's weight and bias together. */
  readonly gradientNorm?: number;
  /** Of a normalization layer: Euclidean norm of the gradient of its output, over the whole batch. */
  readonly activationGradientNorm?: number;
  /** Of ReLU and ReLU6: share of channels that are zero for the whole batch. */
  readonly deadShare?: number;
  /** Of functions with limits: share of values at one, or within a hundredth of the range of sigmoid and tanh. */
  readonly saturatedShare?: number;
}

type Entry = LayerActivity;

/** One entry per layer that there is something to say of, in forward order; the calls of a layer are taken together. */
export function layersActivity(session: TrainingSession): LayerActivity[] {
  const calls = new Map<string, LayerOutput[]>();
  for (const call of session.network.layers) {
    const known = calls.get(call.layer.name);
    if (known) known.push(call);
    else calls.set(call.layer.name, [call]);
  }
  return [...calls].flatMap(([layer, outputs]): Entry[] => {
    const measured = {
      ...weightGradient(session, layer),
      ...outputGradient(session, layer, outputs),
      ...activityOf(session, outputs),
    };
    return Object.keys(measured).length === 0 ? [] : [{ layer, ...measured }];
  });
}

/** Of weight and bias together. */
function weightGradient({ arena, parameters }: TrainingSession, layer: string): Pick<Entry, "gradientNorm"> {
  const names = [`${layer}.weight`, `${layer}.bias`].filter((name) => parameters.has(name));
  if (names.length === 0) return {};
  return {
    gradientNorm: norm(
      names.map((name) =>
        arena.kernels.sumOfSquares({ values: parameters.gradients(name), count: parameters.storedFloats(name) }),
      ),
    ),
  };
}

/** Of what a normalisation layer gives. */
function outputGradient(
  { arena, norms, lastCount }: TrainingSession,
  layer: string,
  outputs: readonly LayerOutput[],
): Pick<Entry, "activationGradientNorm"> {
  if (!norms.some(({ name }) => name === layer)) return {};
  const squares = outputs.flatMap(({ outputGradient: gradient }) => {
    if (gradient === null) return [];
    const { address, floats } = wholeBuffer(gradient, lastCount);
    return [arena.kernels.sumOfSquares({ values: address, count: floats })];
  });
  return { activationGradientNorm: norm(squares) };
}

const norm = (squares: readonly number[]): number => Math.sqrt(squares.reduce((sum, square) => sum + square, 0));

const isActivation = (layer: LayerOutput["layer"]): layer is ActivationLayer => "activity" in layer;

function activityOf(
  { lastCount }: TrainingSession,
  outputs: readonly LayerOutput[],
): Pick<Entry, "deadShare" | "saturatedShare"> {
  const activities = outputs.flatMap(({ layer }) => (isActivation(layer) ? [layer.activity(lastCount)] : []));
  const total = (count: (activity: Activity) => number | null): number =>
    activities.reduce((sum, activity) => sum + (count(activity) ?? 0), 0);
  const has = (key: "deadChannels" | "saturated"): boolean => activities.some((activity) => activity[key] !== null);
  return {
    ...(has("deadChannels")
      ? { deadShare: total(({ deadChannels }) => deadChannels) / total(({ channels }) => channels) }
      : {}),
    ...(has("saturated")
      ? { saturatedShare: total(({ saturated }) => saturated) / total(({ values }) => values) }
      : {}),
  };
}
