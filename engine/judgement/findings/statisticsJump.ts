/** Running statistics that were left behind at once: where weights were set, or the learning rate changed. */
import type { RunFinding } from "../../protocol/finding";
import { sigma, timesText } from "../../protocol/numberText";
import { WARNING_SIGMA } from "../../protocol/judgement";
import type { Standing } from "../standings";
import { findingOf, namesOf, stepText, verb, worstOf } from "./findingParts";
import { isTracked, type LayerFacts, type RunFacts } from "./runFacts";

const RATE_FACTOR = 5;
const LAG_FACTOR = 3;
const VARIANCE_FACTOR = 4;

interface Jump {
  readonly facts: LayerFacts;
  readonly before: Standing;
  readonly after: Standing;
}

export function statisticsJump({ layers }: RunFacts): RunFinding[] {
  const jumps = layers.filter(isTracked).flatMap(jumpsOf);
  const worst = worstOf(jumps, ({ after }) => after.lag ?? 0);
  if (!worst) return [];
  const { before, after } = worst;
  const found = layers.filter((layer) => jumps.some((jump) => jump.facts === layer));
  return [
    findingOf({
      rule: "statistics-jump",
      severity: "information",
      layers: found,
      step: after.step,
      verdict:
        `${namesOf(found)} ${verb(found, "has", "have")} batches that left the running statistics at once, before ` +
        `${stepText(after.step)}.`,
      evidence: `Between ${stepText(before.step)} and ${stepText(after.step)}, ${causeOf(worst)}: ${changeOf(worst)}.`,
      next: "Train on before you evaluate, until the running statistics have followed.",
    }),
  ];
}

const jumpsOf = (facts: LayerFacts): Jump[] =>
  facts.standings.flatMap((after, index) => {
    const before = facts.standings[index - 1];
    if (!before) return [];
    const jump = { facts, before, after };
    return (hasLagJump(jump) || hasVarianceJump(jump)) && causeOf(jump) !== "" ? [jump] : [];
  });

function causeOf({ facts, before, after }: Jump): string {
  if (facts.segments.some(({ step }) => step >= before.step && step < after.step && step > 0))
    return "weights or statistics were set from outside";
  const [one, other] = [before.learningRate ?? 0, after.learningRate ?? 0];
  if (!(one > 0 && other > 0) || Math.max(one / other, other / one) < RATE_FACTOR) return "";
  return `the learning rate changed from ${short(one)} to ${short(other)}`;
}

const short = (rate: number): string => String(Number(rate.toPrecision(3)));

const hasLagJump = ({ before, after }: Jump): boolean =>
  before.lag !== null &&
  after.lag !== null &&
  after.lag >= LAG_FACTOR * Math.max(before.lag, WARNING_SIGMA) &&
  after.lag > LAG_FACTOR * (after.lagFloor ?? Number.POSITIVE_INFINITY);

function hasVarianceJump({ before, after }: Jump): boolean {
  const change = Math.abs(Math.log((after.varianceRatio ?? NaN) / (before.varianceRatio ?? NaN)));
  return change >= Math.log(VARIANCE_FACTOR);
}

function changeOf(jump: Jump): string {
  const { facts, before, after } = jump;
  return hasLagJump(jump)
    ? `batch means of ${facts.layer.name} were ${sigma(before.lag)} from the running mean, then ${sigma(after.lag)}`
    : `batch variances of ${facts.layer.name} were ${timesText(before.varianceRatio ?? NaN)} the ` +
        "running variance, then " +
        timesText(after.varianceRatio ?? Number.NaN);
}
