/** A session's weights and running statistics under PyTorch's `state_dict` names, in definition order. */
import type { NamedTensor } from "../runs/safetensors";
import type { TrainingSession } from "./session";

export function stateDict(session: TrainingSession): NamedTensor[] {
  const { parameters } = session;
  return session.graph.layers.flatMap(({ name }) => {
    const weights = parameters.specs
      .filter((spec) => spec.name === `${name}.weight` || spec.name === `${name}.bias`)
      .map((spec) => ({ name: spec.name, shape: spec.shape, values: parameters.read(spec.name) }));
    const norm = session.norms.find((candidate) => candidate.name === name);
    if (!norm) return weights;
    const running = (key: string, address: number): NamedTensor => ({ name: `${name}.${key}`, shape: [norm.input.channels], values: session.channelVector(norm, address).slice() });
    return [...weights, running("running_mean", norm.state.running.mean), running("running_var", norm.state.running.variance)];
  });
}
