/**
 * Recalibration: the running statistics of a checkpoint are replaced by those of the training set under its weights,
 * which are fixed (Wu & Johnson 2021, section 3, "PreciseBN"; torch.optim.swa_utils.update_bn).
 */
import { type Batch, BatchReader, sequentialBatches } from "../data/batches";
import type { KernelChoice } from "../nn/kernels/kernels";
import type { ModelGraph } from "../protocol/modelGraph";
import { ProblemError } from "../protocol/problems";
import type { TrainConfig } from "../protocol/trainConfig";
import { writeWeights } from "./checkpoint";
import { dataProblem, openDataFor } from "./dataFit";
import { evaluate, type Score } from "./evaluation";
import { loadWeights } from "./loadWeights";
import { shuffledBatches } from "./populationBatches";
import { populationPass } from "./probes";
import { TrainingSession } from "./session";

export interface RecalibrateOptions {
  readonly graph: ModelGraph;
  /** Of the run that wrote the checkpoint: its data and its batch size are used. */
  readonly config: TrainConfig;
  readonly checkpoint: string;
  /** Training samples to go over, rounded down to whole batches, of which at least one. */
  readonly samples: number;
  readonly target: string;
}

export interface Recalibration {
  readonly samples: number;
  /** On all test samples, with the checkpoint's running statistics and with the new ones. */
  readonly before: Score;
  readonly after: Score;
}

/** Writes the checkpoint with new running statistics to `target`. Throws a ProblemError. */
export async function recalibrate(
  { graph, config, checkpoint, samples, target }: RecalibrateOptions,
  kernels: KernelChoice,
): Promise<Recalibration> {
  const dataset = openDataFor(graph, config);
  const problem = dataProblem(graph, dataset, { ...config, length: config });
  if (problem) throw new ProblemError(problem);
  const { batchSize, normalize, seed } = config;
  const session = new TrainingSession({ ...config, graph, kernels });
  if (session.norms.length === 0) throw new ProblemError({ code: "no-running-statistics", model: graph.model });
  loadWeights(session, checkpoint);
  const reader = (set: typeof dataset.train): BatchReader => new BatchReader(set, dataset.shape, batchSize, normalize);
  const [train, test] = [reader(dataset.train), reader(dataset.test)];
  const score = async (): Promise<Score> =>
    (
      await evaluate(
        session,
        session.observer,
        ["running"],
        batchesOf(test, sequentialBatches(dataset.test.count, batchSize)),
      )
    ).running;
  const before = await score();
  const { samples: used } = await populationPass(
    session,
    batchesOf(
      train,
      shuffledBatches(dataset.train.count, {
        batches: Math.max(1, Math.floor(samples / batchSize)),
        batchSize,
        seed,
        label: "recalibrate",
      }),
    ),
  );
  for (const norm of session.norms) {
    session.channelVector(norm, norm.state.running.mean).set(session.channelVector(norm, norm.state.population.mean));
    session
      .channelVector(norm, norm.state.running.variance)
      .set(session.channelVector(norm, norm.state.population.variance));
  }
  const after = await score();
  writeWeights(target, session);
  return { samples: used, before, after };
}

async function* batchesOf(reader: BatchReader, indices: Iterable<Uint32Array>): AsyncGenerator<Batch> {
  for (const batch of indices) yield await Promise.resolve(reader.read(batch));
}
