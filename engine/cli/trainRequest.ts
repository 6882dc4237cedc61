/** From the options of `normlens train` to what a run is asked for, and which of them don't go together. */
import { type RunLength, type TrainRequest, defaultTrainRequest } from "../protocol/trainConfig";
import { DEFAULT_EPOCHS, type TrainOptions } from "./trainOptions";
import { UsageError } from "./usageError";

/** `annotatedData` is what the model file's annotation names, if anything. Throws a UsageError. */
export function trainRequestOf(options: TrainOptions, annotatedData: string | null): TrainRequest {
  const { data, normalize, batch, lr, optimizer, seed } = options;
  const request = {
    ...defaultTrainRequest,
    ...given({ learningRate: lr, batchSize: batch, optimizer, seed }),
    data: data ?? annotatedData ?? defaultTrainRequest.data,
    normalize: normalize ?? null,
    length: runLength(options) ?? { epochs: DEFAULT_EPOCHS },
    ...settingsOf(options),
  };
  refuseForeign(request);
  return request;
}

/** Undefined when neither `--epochs` nor `--steps` was given. */
export function runLength({ epochs, steps }: TrainOptions): RunLength | undefined {
  if (epochs !== undefined) return { epochs };
  return steps === undefined ? undefined : { steps };
}

/** What has no default. */
function settingsOf(options: TrainOptions): Partial<TrainRequest> {
  const { momentum, nesterov, weightDecay, clipNorm, warmup, loss, labelSmoothing, accumulate, order } = options;
  const { keepLast, checkpointEvery, threads, split, memoryLimit, initialize, init } = options;
  const undecayed = [...(options.decayNorm ? [] : ["norm" as const]), ...(options.decayBias ? [] : ["bias" as const])];
  return given({
    ...{ momentum, nesterov, weightDecay, clipNorm, loss, labelSmoothing, accumulate, order, keepLast },
    ...{ checkpointEvery, threads, split, memoryLimit, initialize, init },
    undecayed: undecayed.length === 0 ? undefined : undecayed,
    schedule: options.schedule ?? undefined,
    warmupSteps: warmup,
  });
}

/** `settings` without what is undefined. */
export const given = <T extends object>(settings: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as T;

/** Options that the chosen schedule, loss or optimizer does not have. */
function refuseForeign(request: TrainRequest): void {
  const { schedule, warmupSteps, loss = "cross-entropy", labelSmoothing } = request;
  if (schedule?.kind === "one-cycle" && warmupSteps !== undefined)
    throw new UsageError("--schedule one-cycle has its own warm-up: leave out --warmup.");
  if (labelSmoothing !== undefined && loss !== "cross-entropy")
    throw new UsageError(`--loss ${loss} has no --label-smoothing.`);
  refuseForeignToOptimizer(request);
}

function refuseForeignToOptimizer({ optimizer, nesterov, weightDecay = 0, undecayed, ...request }: TrainRequest): void {
  const { momentum = optimizer === "momentum" ? 0.9 : 0 } = request;
  const isSgd = optimizer === "sgd" || optimizer === "momentum";
  if (request.momentum !== undefined && !isSgd && optimizer !== "rmsprop")
    throw new UsageError(`--optimizer ${optimizer} has no --momentum.`);
  if (nesterov && (!isSgd || momentum === 0))
    throw new UsageError("--nesterov needs --optimizer momentum, or sgd with --momentum.");
  if (undecayed && weightDecay === 0 && optimizer !== "adamw")
    throw new UsageError(`--no-decay-${undecayed.join(" and --no-decay-")} needs --weight-decay.`);
}
