/** How the model would predict with the running statistics that other momenta would have made. */
import type { Batch } from "../data/batches";
import type { EvalRecord } from "../protocol/records";
import { evaluate } from "./evaluation";
import type { TrainingSession } from "./session";

/** Every other weight: the curve is smooth, and each point is a pass over the samples. */
const TAKEN = 2;

/**
 * Scores over `batches`, which are asked for once a weight. The layers' population statistics are used up by it. Null
 * where not every layer is replayed: the others' own statistics would be mixed in.
 */
export async function replayedScores(
  session: TrainingSession,
  samples: number,
  batches: () => AsyncIterable<Batch>,
): Promise<EvalRecord["replayed"]> {
  const { replay, norms, observer } = session;
  if (replay === null || norms.length === 0 || norms.some(({ state }) => state.replays === null)) return null;
  const scores: NonNullable<EvalRecord["replayed"]>["scores"] = [];
  for (const [index, updateWeight] of replay.weights.entries()) {
    if (index % TAKEN !== 0) continue;
    for (const norm of norms) {
      const statistics = replay.of(norm.state.replays)[index];
      if (statistics === undefined) continue;
      for (const part of ["mean", "variance"] as const)
        session.channelVector(norm, norm.state.population[part]).set(session.channelVector(norm, statistics[part]));
    }
    const { population } = await evaluate(session, observer, ["population"], batches());
    scores.push({ updateWeight, ...population });
  }
  return { samples, scores };
}
