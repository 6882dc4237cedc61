/** What other momenta would have made of a run's batches, from what its population passes recorded of them. */
import { WARNING_SIGMA } from "../protocol/judgement";
import { floorAt, USUAL_UPDATE_WEIGHT } from "../protocol/noiseFloors";
import type { PopulationLayer, PopulationRecord, UpdateWeight } from "../protocol/records";
import type { Replay, ReplayedLayer, ReplayedScores } from "../protocol/replay";
import { middle } from "./meanInterval";
import { lastAt, type RunSummary } from "./runSummary";

/** As of the last population pass up to `at` (null: the newest); null where nothing was replayed. */
export function replayAt(summary: RunSummary, at: number | null): Replay | null {
  const passes = summary.populations.filter(({ replayedWeights }) => replayedWeights !== null);
  const shown = lastAt(passes, at);
  const weights = shown?.replayedWeights;
  if (!shown || !weights) return null;
  const ownWeights = weightsById(summary);
  const layers = replayedLayers(shown, weights);
  if (layers.length === 0) return null;
  const floors = shown.layers.map((layer) => floorsOf(layer, ownWeights.get(layer.layer) ?? null, weights));
  const fixed = layers.flatMap(({ id }) => ownWeights.get(id) ?? []).filter((weight) => typeof weight === "number");
  return {
    weights,
    own: fixed.length === 0 ? null : Math.min(...fixed),
    step: shown.step,
    layers,
    median: middle(layers.map(({ distance }) => distance)),
    medians: weights.map((_, index) => middle(layers.map(({ distances }) => number(distances[index])))),
    floors: weights.map((_, index) => middle(floors.map((ofLayer) => number(ofLayer[index])))),
    course: courseOf(passes, weights),
    scores: scoresOf(summary),
    suggested: suggestionOf(shown)?.weight ?? null,
  };
}

const weightsById = ({ normLayers }: RunSummary): Map<string, UpdateWeight> =>
  new Map(normLayers.map(({ id, norm }) => [id, norm.updateWeight]));

const replayedLayers = ({ layers }: PopulationRecord, weights: readonly number[]): ReplayedLayer[] =>
  layers.flatMap(({ layer, meanDistance, replayedDistance }) =>
    replayedDistance?.length === weights.length
      ? [{ id: layer, distance: number(meanDistance), distances: replayedDistance.map(number) }]
      : [],
  );

const floorsOf = (layer: PopulationLayer, own: UpdateWeight, weights: readonly number[]): number[] =>
  weights.map((weight) =>
    floorAt({ noiseFloor: number(layer.noiseFloor), shiftNoiseFloor: number(layer.shiftNoiseFloor) }, own, weight),
  );

function courseOf(passes: readonly PopulationRecord[], weights: readonly number[]): Replay["course"] {
  const comparable = passes.filter(({ replayedWeights }) => replayedWeights?.join() === weights.join());
  const median = (pass: PopulationRecord, value: (layer: PopulationLayer) => number | null | undefined): number =>
    middle(
      pass.layers.filter(({ replayedDistance }) => replayedDistance !== null).map((layer) => number(value(layer))),
    );
  return {
    steps: comparable.map(({ step }) => step),
    own: comparable.map((pass) => median(pass, ({ meanDistance }) => meanDistance)),
    medians: weights.map((_, index) =>
      comparable.map((pass) => median(pass, ({ replayedDistance }) => replayedDistance?.[index])),
    ),
  };
}

function scoresOf({ evals }: RunSummary): ReplayedScores | null {
  const last = evals.findLast(({ replayed }) => replayed !== null);
  if (!last?.replayed) return null;
  const accuracies = last.replayed.scores.flatMap(({ updateWeight, accuracy }) =>
    accuracy === null ? [] : [{ weight: updateWeight, accuracy }],
  );
  if (accuracies.length === 0) return null;
  return { step: last.step, samples: last.replayed.samples, own: number(last.running?.accuracy), accuracies };
}

/** A weight whose furthest layer is so many times as far as that of the best one is as good. */
const AS_GOOD = 1.25;
/** It has to bring the furthest layer this much nearer to be worth a word. */
const WORTH_IT = 0.5;

export interface Suggestion {
  readonly weight: number;
  /** Of the furthest layer with it. */
  readonly distance: number;
}

/**
 * What the last population pass up to `at` speaks for: that pass alone, since a live run is judged often.
 */
export function suggestionAt(summary: RunSummary, at: number | null): Suggestion | null {
  const shown = lastAt(summary.populations, at);
  return shown ? suggestionOf(shown) : null;
}

function suggestionOf(pass: PopulationRecord): Suggestion | null {
  const weights = pass.replayedWeights ?? [];
  const layers = replayedLayers(pass, weights);
  if (pass.step === 0 || weights.length === 0 || layers.length === 0) return null;
  const own = largest(layers.map(({ distance }) => distance));
  const furthest = weights.map((_, index) => largest(layers.map(({ distances }) => number(distances[index]))));
  const best = Math.min(...furthest);
  const asGood = weights.filter((_, index) => number(furthest[index]) <= Math.max(AS_GOOD * best, WARNING_SIGMA));
  const far = (weight: number): number => Math.abs(Math.log(weight / USUAL_UPDATE_WEIGHT));
  const weight = asGood.reduce((found, other) => (far(other) < far(found) ? other : found), number(asGood[0]));
  const distance = number(furthest[weights.indexOf(weight)]);
  return distance <= WORTH_IT * own ? { weight, distance } : null;
}

/** Infinite where one is not known: then nothing can be said of all. */
const largest = (values: readonly number[]): number =>
  values.every(Number.isFinite) ? Math.max(...values) : Number.POSITIVE_INFINITY;

const number = (value: number | null | undefined): number => value ?? Number.NaN;
