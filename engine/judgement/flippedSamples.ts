/** Which samples of the probe batch flip between train and eval mode, from what a run recorded of them. */
import type { ClassProbability, FlippedCard, FlippedSamples } from "../protocol/flippedSamples";
import type { ProbedAnswers, ProbedBatch, SampleAnswers } from "../protocol/probedSamples";
import { lastAt } from "./runSummary";

/** More classes than these make a matrix that nobody reads. */
const MOST_CLASSES = 12;

/** As of the last probe up to `at` (null: the newest); null before the first. */
export function flippedSamplesAt(recorded: SampleAnswers, at: number | null): FlippedSamples | null {
  const { batch, answers } = recorded;
  const now = lastAt(answers, at);
  if (!now) return null;
  const name = (number: number): string => batch.classNames?.[number] ?? String(number);
  const flips = flipsOf(now);
  const becomes = flips.map((index) => changeOf(batch, now, index));
  const count = (change: FlippedCard["becomes"]): number => becomes.filter((one) => one === change).length;
  const changes = countChanges(now);
  const shown = shownClasses(changes, batch.classes);
  return {
    step: now.step,
    samples: batch.samples,
    flips: flips.length,
    becomeRight: count("right"),
    becomeWrong: count("wrong"),
    stayWrong: count("stays wrong"),
    classes: shown.map(name),
    classesLeftOut: batch.classes - shown.length,
    matrix: shown.map((from) => shown.map((to) => changes.between.get(`${from} ${to}`) ?? 0)),
    lost: shown.map((number) => changes.lost.get(number) ?? 0),
    gained: shown.map((number) => changes.gained.get(number) ?? 0),
    columns: batch.columns,
    image: batch.image,
    steps: answers.map(({ step }) => step),
    cards: cardsOf(recorded, now, name),
  };
}

const flipsOf = ({ train, eval: other }: ProbedAnswers): number[] =>
  train.flatMap((answer, index) => (answer === other[index] ? [] : [index]));

const flipsIn = ({ train, eval: other }: ProbedAnswers, index: number): boolean => train[index] !== other[index];

function changeOf(
  { labels }: ProbedBatch,
  { train, eval: other }: ProbedAnswers,
  index: number,
): FlippedCard["becomes"] {
  if (other[index] === labels[index]) return "right";
  return train[index] === labels[index] ? "wrong" : "stays wrong";
}

interface Changes {
  /** Samples by both answers. */
  readonly between: ReadonlyMap<string, number>;
  /** Flips by class. */
  readonly lost: ReadonlyMap<number, number>;
  readonly gained: ReadonlyMap<number, number>;
}

function countChanges({ train, eval: other }: ProbedAnswers): Changes {
  const between = new Map<string, number>();
  const lost = new Map<number, number>();
  const gained = new Map<number, number>();
  train.forEach((from, index) => {
    const to = other[index] ?? from;
    addOne(between, `${from} ${to}`);
    if (from === to) return;
    addOne(lost, from);
    addOne(gained, to);
  });
  return { between, lost, gained };
}

const addOne = <Key>(counts: Map<Key, number>, key: Key): void => void counts.set(key, (counts.get(key) ?? 0) + 1);

const upTo = (count: number): number[] => Array.from({ length: count }, (_, number) => number);

/** Of many classes those that flips go to or come from most, in their own order. */
function shownClasses({ lost, gained }: Changes, classes: number): number[] {
  if (classes <= MOST_CLASSES) return upTo(classes);
  const moved = (number: number): number => (lost.get(number) ?? 0) + (gained.get(number) ?? 0);
  return [...new Set([...lost.keys(), ...gained.keys()])]
    .sort((a, b) => moved(b) - moved(a))
    .slice(0, MOST_CLASSES)
    .sort((a, b) => a - b);
}

function cardsOf(
  { batch, samples, answers }: SampleAnswers,
  now: ProbedAnswers,
  name: (number: number) => string,
): FlippedCard[] {
  const kinds = new Map<string, number>();
  const kindOf = (index: number): string => `${now.train[index]} ${now.eval[index]}`;
  for (const index of flipsOf(now)) addOne(kinds, kindOf(index));
  return now.shown
    .filter(({ index }) => flipsIn(now, index))
    .map(({ index, probabilities }) => {
      const like = kinds.get(kindOf(index)) ?? 1;
      kinds.set(kindOf(index), 1);
      return {
        index,
        label: name(batch.labels[index] ?? Number.NaN),
        train: name(now.train[index] ?? Number.NaN),
        eval: name(now.eval[index] ?? Number.NaN),
        becomes: changeOf(batch, now, index),
        probabilities: ofClasses(batch, probabilities, name),
        like,
        flipsAt: answers.map((one) => flipsIn(one, index)),
        image: samples.get(index)?.image ?? null,
        row: samples.get(index)?.row?.map((value) => value ?? Number.NaN) ?? null,
      };
    });
}

/** Of all classes where they are few: a class that was not recorded has nothing to speak of. */
function ofClasses(
  { classes }: ProbedBatch,
  recorded: ProbedAnswers["shown"][number]["probabilities"],
  name: (number: number) => string,
): ClassProbability[] {
  const known = new Map(recorded.map(([number, train, other]) => [number, [train ?? Number.NaN, other ?? Number.NaN]]));
  const numbers = classes <= MOST_CLASSES ? upTo(classes) : [...known.keys()];
  return numbers.map((number) => {
    const [train = 0, other = 0] = known.get(number) ?? [];
    return { name: name(number), train, eval: other };
  });
}
