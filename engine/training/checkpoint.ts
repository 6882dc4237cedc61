/**
 * Checkpoints: the model's `state_dict` in one safetensors file, and beside it what training needs to continue as if it
 * had never stopped. docs/run-format.md describes both. Writing and reading are side by side.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { basename } from "node:path";
import * as v from "valibot";
import type { EpochOrderState } from "../data/epochOrder";
import { ProblemError } from "../protocol/problems";
import { trainingStateFile } from "../runs/runFolder";
import { type NamedTensor, decodeSafetensors, encodeSafetensors } from "../runs/safetensors";
import { writeAtomically } from "../runs/writeAtomically";
import { readBytes } from "./loadWeights";
import type { TrainingSession } from "./session";
import { loadStateDict, stateDict } from "./stateDict";

const ORDER = "order";
const uint32 = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffffff));

const generatorSchema = v.object({
  words: v.pipe(v.array(uint32), v.length(4), v.readonly()),
  spareNormal: v.nullable(v.number()),
});

/** The metadata of the training state: safetensors keeps text, so it is JSON under one key. */
const METADATA_KEY = "normlens";
const metadataSchema = v.object({
  version: v.literal(1),
  /** Optimizer steps done. */
  step: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** Forward passes in training mode: what dropout draws next depends on them. */
  passes: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** Of the file of weights that this state belongs to. */
  weightsSha256: v.string(),
  /** Samples of the epoch that have been given. */
  next: uint32,
  /** Generators whose numbers continue from step to step, by name: `order` shuffles. */
  generators: v.objectWithRest({ [ORDER]: generatorSchema }, generatorSchema),
});

/** Writes the weights alone. Throws a ProblemError. */
export function writeWeights(path: string, session: TrainingSession): void {
  writeAtomically(path, encodeSafetensors(stateDict(session)));
}

/**
 * Writes the training state, then the weights: a file of weights that is there has its state. Throws a ProblemError.
 */
export function writeCheckpoint(path: string, session: TrainingSession, order: EpochOrderState): void {
  const weights = encodeSafetensors(stateDict(session));
  const { next, random } = order;
  const metadata: v.InferOutput<typeof metadataSchema> = {
    version: 1,
    step: session.step,
    passes: session.passes.count,
    weightsSha256: sha256(weights),
    next,
    generators: { [ORDER]: random },
  };
  const tensors = [
    ...optimizerState(session),
    ...(session.replay?.tensors(session.runningStatistics) ?? []),
    { name: ORDER, shape: [order.order.length], values: BigInt64Array.from(order.order, BigInt) },
  ];
  writeAtomically(trainingStateFile(path), encodeSafetensors(tensors, { [METADATA_KEY]: JSON.stringify(metadata) }));
  writeAtomically(path, weights);
}

/**
 * Sets the session to where the checkpoint at `path` was written, and returns where its order stood. Throws a
 * ProblemError.
 */
export function restoreCheckpoint(path: string, session: TrainingSession, samples: number): EpochOrderState {
  const statePath = trainingStateFile(path);
  const weightsFile = readBytes(path);
  if (!existsSync(statePath)) throw unusable(path, `${basename(statePath)} is missing in its folder`);
  const weights = decoded(path, weightsFile);
  const state = decoded(statePath, readBytes(statePath));
  const metadata = v.safeParse(v.pipe(v.string(), v.parseJson(), metadataSchema), state.metadata[METADATA_KEY]);
  if (!metadata.success) throw unusable(statePath, "it does not say at which step training was");
  const { step, passes, weightsSha256, next, generators } = metadata.output;
  if (weightsSha256 !== sha256(weightsFile)) throw unusable(path, "its weights do not belong to its training state");
  const order = orderOf(state.tensors);
  if (order === null || next > order.length) throw unusable(statePath, "its order of samples is not valid");
  if (order.length !== samples)
    throw unusable(statePath, `it was trained on ${order.length} samples, but the data has ${samples}`);
  const misfit = loadStateDict(session, weights.tensors);
  if (misfit !== null) throw new ProblemError({ code: "weights-mismatch", path, detail: misfit });
  const tensors = new Map(state.tensors.map((tensor) => [tensor.name, tensor]));
  loadOptimizerState(session, tensors, statePath);
  // Checkpoints of earlier versions have none: what other momenta would have given cannot be known.
  if (session.replay?.restore(session.runningStatistics, tensors) === false) session.forgetReplay();
  session.goOnFrom(step, passes);
  return { order, next, random: generators[ORDER] };
}

/** Each parameter's vectors under PyTorch's names, in PyTorch's order and layout: `fc1.weight.exp_avg`. */
function optimizerState({ optimizer, parameters }: TrainingSession): NamedTensor[] {
  return parameters.specs.flatMap(({ name, shape }) =>
    optimizer.stateNames.map((what, block) => ({
      name: `${name}.${what}`,
      shape,
      values: parameters.read(name, block),
    })),
  );
}

function loadOptimizerState(
  { optimizer, parameters }: TrainingSession,
  tensors: ReadonlyMap<string, NamedTensor>,
  path: string,
): void {
  for (const { name, shape } of parameters.specs) {
    optimizer.stateNames.forEach((what, block) => {
      const found = tensors.get(`${name}.${what}`);
      if (!(found?.values instanceof Float32Array) || found.shape.join() !== shape.join())
        throw unusable(path, `it has no ${what} of ${name} in the right shape`);
      parameters.write(name, found.values, block);
    });
  }
}

/** Null when it is not the numbers 0 … n − 1 in some order. */
function orderOf(tensors: readonly NamedTensor[]): Uint32Array | null {
  const values = tensors.find(({ name }) => name === ORDER)?.values;
  if (!(values instanceof BigInt64Array) || new Set(values).size !== values.length) return null;
  if (values.some((index) => index < 0n || index >= values.length)) return null;
  return Uint32Array.from(values, Number);
}

function decoded(
  path: string,
  bytes: Uint8Array,
): Exclude<ReturnType<typeof decodeSafetensors>, { malformed: string }> {
  const found = decodeSafetensors(bytes);
  if ("malformed" in found) throw unusable(path, found.malformed);
  return found;
}

const unusable = (path: string, detail: string): ProblemError =>
  new ProblemError({ code: "checkpoint-unusable", path, detail });
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
