/** Accuracy and mean loss of a network, in one mode or in several side by side. */
import type { Batch } from "../data/batches";
import type { StatisticsMode } from "../nn/layer";
import type { Network } from "../nn/network";
import { finiteOrNull } from "./channelSummaries";
import type { TrainingSession } from "./session";

export interface Score {
  /** Share of labels that are predicted right. */
  readonly accuracy: number;
  /** Mean over samples; null when it was not finite. */
  readonly loss: number | null;
}

/** One score for each mode over `batches`; each batch is read once. `counts` says which batches a mode is judged by. */
export async function evaluate<Mode extends StatisticsMode>(
  session: TrainingSession,
  network: Network,
  modes: readonly Mode[],
  batches: AsyncIterable<Batch>,
  counts: (mode: Mode, batch: Batch) => boolean = () => true,
): Promise<Record<Mode, Score>> {
  const sums = new Map(modes.map((mode) => [mode, new ScoreSums()]));
  for await (const batch of batches) {
    for (const [mode, sum] of sums) {
      if (counts(mode, batch)) sum.add(network, batch, session.forwardLoss(network, mode, batch));
    }
  }
  return Object.fromEntries([...sums].map(([mode, sum]) => [mode, sum.score()])) as Record<Mode, Score>;
}

class ScoreSums {
  private right = 0;
  private labels = 0;
  private samples = 0;
  private loss = 0;

  /** Of the network's last forward pass. */
  add(network: Network, batch: Batch, loss: number): void {
    const predicted = network.predictedLabels(network.predictions(batch.count));
    this.right += predicted.reduce((count, label, index) => count + Number(label === batch.labels[index]), 0);
    this.labels += predicted.length;
    this.samples += batch.count;
    this.loss += loss * batch.count;
  }

  score(): Score {
    return { accuracy: this.labels === 0 ? 0 : this.right / this.labels, loss: finiteOrNull(this.loss / this.samples) };
  }
}
