/** A run's replay at the momentum that a person chose, in the terms of the run's framework. Pure. */
import { momentumOf } from "../../engine/protocol/normalization";
import { USUAL_UPDATE_WEIGHT } from "../../engine/protocol/noiseFloors";
import type { Replay } from "../../engine/protocol/replay";
import type { RunView } from "../protocol";
import { percent, sigma, thousands } from "../ui/format";

/** The replay that a person looks at; null while it is the run as it was. */
export function chosenReplay(view: RunView, weight: number | null): ShownReplay | null {
  return weight === null || view.replay === null ? null : new ShownReplay(view.replay, view, weight);
}

export class ShownReplay {
  /** Of the weights: the one nearest to what was chosen, else to the run's own. */
  readonly index: number;
  private readonly framework: string | null;

  constructor(
    readonly replay: Replay,
    { run }: Pick<RunView, "run">,
    /** Null for the run's own. */
    readonly chosen: number | null,
  ) {
    this.framework = run?.framework ?? null;
    this.index = this.indexOf(chosen ?? replay.own ?? USUAL_UPDATE_WEIGHT);
  }

  /** As the framework writes a weight of the new batch. */
  momentum(weight: number): string {
    return String(momentumOf(weight, this.framework));
  }

  get momentumNow(): string {
    return this.momentum(this.replay.weights[this.index] ?? Number.NaN);
  }

  get median(): number {
    return this.replay.medians[this.index] ?? Number.NaN;
  }

  /** What a layer's distance would be; NaN where it was not replayed. */
  distanceOf(layer: string): number {
    return this.replay.layers.find(({ id }) => id === layer)?.distances[this.index] ?? Number.NaN;
  }

  /** Null where predictions with this weight were not measured. */
  accuracy(index: number): number | null {
    const weight = this.replay.weights[index];
    return this.replay.scores?.accuracies.find((one) => one.weight === weight)?.accuracy ?? null;
  }

  get across(): number {
    return this.index / (this.replay.weights.length - 1);
  }

  /** From left to right, with the weights at equal distances. */
  place(weight: number): number {
    return this.indexOf(weight) / (this.replay.weights.length - 1);
  }

  get sentence(): string {
    const { replay, chosen } = this;
    if (chosen === null) {
      const subject = replay.own === null ? "This run" : `Momentum ${this.momentum(replay.own)}, this run’s own,`;
      const distance = `${sigma(replay.median)} from population statistics at step ${thousands(replay.step)}`;
      return `${subject} leaves the median layer ${distance}.`;
    }
    return (
      `At momentum ${this.momentumNow} the median layer would be ${sigma(this.median)} from population statistics, ` +
      `not ${sigma(replay.median)}${this.accuracyWords()}. The weights stay the same.`
    );
  }

  private accuracyWords(): string {
    const { replay } = this;
    const accuracy = replay.scores?.step === replay.step ? this.accuracy(this.index) : null;
    if (accuracy === null || replay.scores === null) return "";
    return `, and ${percent(accuracy)} of test samples predicted right, not ${percent(replay.scores.own)}`;
  }

  private indexOf(weight: number): number {
    const { weights } = this.replay;
    const far = (candidate: number | undefined): number => Math.abs(Math.log((candidate ?? Number.NaN) / weight));
    return weights.reduce((best, candidate, at) => (far(candidate) < far(weights[best]) ? at : best), 0);
  }
}
