/** The judging rules applied to a run as the panel holds it. */
import * as judging from "../../engine/protocol/judging";
import type { RunModel } from "./runModel";

export type Severity = judging.Judgement;
export const severityOf = judging.judge;
export const worst = judging.worst;

const updateWeights = (run: RunModel): (number | null)[] => run.normLayers.map(({ norm }) => norm.updateWeight);

/** Updates the slowest BN layer needs until less than 1 % of the initial 0 and 1 is left. */
export const updatesNeeded = (run: RunModel): number => judging.updatesNeeded(updateWeights(run));

/** The first step at which this run's running statistics are judged. */
export const judgedFromStep = (run: RunModel): number =>
  judging.judgedFromStep(updateWeights(run), run.view.run?.config.steps ?? Number.POSITIVE_INFINITY);

/** Share of the initial 0 and 1 that is still in running statistics after so many updates. */
export const initialShareLeft = (updateWeight: number | null, updates: number): number =>
  updateWeight === null ? 0 : (1 - updateWeight) ** updates;
