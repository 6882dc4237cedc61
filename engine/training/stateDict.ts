/** A session's weights and running statistics under PyTorch's `state_dict` names, in definition order, out and in. */
import type { NamedTensor } from "../runs/safetensors";
import type { RunningStatistics } from "./runningStatistics";
import type { TrainingSession } from "./session";

export function stateDict(session: TrainingSession): NamedTensor[] {
  const { parameters } = session;
  const kept = new Map(session.runningStatistics.map((running) => [running.name, running]));
  return session.graph.layers.flatMap(({ name }) => {
    const weights = parameters.specs
      .filter((spec) => spec.name === `${name}.weight` || spec.name === `${name}.bias`)
      .map((spec) => ({ name: spec.name, shape: spec.shape, values: parameters.read(spec.name) }));
    const running = kept.get(name);
    if (!running) return weights;
    const buffers = runningBuffers(running).map(([key, address]) => ({
      name: `${name}.${key}`,
      shape: [running.channels],
      values: session.arena.floats(address, running.channels).slice(),
    }));
    return [
      ...weights,
      ...buffers,
      { name: `${name}.${TRACKED}`, shape: [], values: BigInt64Array.of(session.batchesTracked(name)) },
    ];
  });
}

const TRACKED = "num_batches_tracked";

const runningBuffers = ({ state }: RunningStatistics): readonly (readonly [key: string, address: number])[] => [
  ["running_mean", state.running.mean],
  ["running_var", state.running.variance],
];

/**
 * Sets weights and running statistics as PyTorch's `load_state_dict(strict=True)` does: every tensor of the model must
 * be there with its shape, and no other. Counters may be missing, as in files from before PyTorch 0.4.1. Returns what
 * does not fit; then nothing was set.
 */
export function loadStateDict(session: TrainingSession, tensors: readonly NamedTensor[]): string | null {
  const given = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const expected = stateDict(session);
  const names = new Set(expected.map(({ name }) => name));
  const strange = tensors.find(({ name }) => !names.has(name));
  if (strange !== undefined) return `the model has no ${strange.name}`;
  for (const { name, shape } of expected) {
    const found = given.get(name);
    if (found === undefined && !name.endsWith(`.${TRACKED}`)) return `${name} is missing`;
    if (found !== undefined && found.shape.join() !== shape.join())
      return `${name} has the shape ${sizes(found.shape)}, but the model needs ${sizes(shape)}`;
  }
  for (const { name } of session.parameters.specs) session.parameters.write(name, floatsOf(given.get(name)));
  for (const running of session.runningStatistics) {
    for (const [key, address] of runningBuffers(running))
      session.arena.floats(address, running.channels).set(floatsOf(given.get(`${running.name}.${key}`)));
    const tracked = given.get(`${running.name}.${TRACKED}`)?.values[0];
    session.setBatchesTracked(running.name, BigInt(tracked ?? 0));
  }
  return null;
}

const sizes = (shape: readonly number[]): string => (shape.length === 0 ? "no axes" : shape.join("×"));

function floatsOf(tensor: NamedTensor | undefined): Float32Array {
  const values = tensor?.values ?? new Float32Array();
  return values instanceof Float32Array ? values : Float32Array.from(values, Number);
}
