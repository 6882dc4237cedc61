/** The settings of a run in words, as `runs show` prints them: what is not the default. */
import type { TrainConfig } from "../protocol/trainConfig";

const undecayedWords = { norm: "γ and β", bias: "biases" } as const;

export function settingsText(config: TrainConfig): string {
  const {
    momentum,
    weightDecay,
    undecayed = [],
    clipNorm,
    schedule,
    warmupSteps,
    loss,
    labelSmoothing,
    accumulate,
    order,
    initialize,
  } = config;
  const spared = undecayed.length === 0 ? "" : ` (not of ${undecayed.map((what) => undecayedWords[what]).join(", ")})`;
  return [
    `batch ${config.batchSize}`,
    config.optimizer,
    momentum === undefined ? null : `momentum ${momentum}`,
    config.nesterov ? "nesterov" : null,
    `lr ${config.learningRate}`,
    schedule?.kind,
    warmupSteps === undefined ? null : `warm-up over ${warmupSteps} steps`,
    weightDecay === undefined ? null : `weight decay ${weightDecay}${spared}`,
    clipNorm === undefined ? null : `gradients clipped at ${clipNorm}`,
    loss,
    labelSmoothing === undefined ? null : `labels smoothed by ${labelSmoothing}`,
    accumulate === undefined ? null : `${accumulate} batches a step`,
    order,
    config.keepLast ? "last batch kept" : null,
    initialize?.kind,
    `seed ${config.seed}`,
    config.resume === undefined ? null : `resumed from ${config.resume}`,
  ]
    .filter(Boolean)
    .join(", ");
}
