/** Whether gradients reach every layer, and whether channels and values still say something. */
import { type Answer, type LayerReading, MOSTLY_INACTIVE, type Part, type Verdict } from "../../protocol/judgement";
import { counted, percent, timesText, twoDigits } from "../../protocol/numberText";
import type { JudgedRun } from "../judgedRun";
import { largestBy } from "../layerReadings";
import { answer, layerPart, strong } from "../parts";
import { layersIn, tableNumbers } from "../sampleNumbers";

/** Between the first and the last normalization layer. Depth alone makes factors of ten. */
const FAR_APART = 1000;

export function healthVerdict(judged: JudgedRun): Verdict {
  const gradients = endsOf(judged.readings);
  const inactive = inactiveLayers(judged);
  const [worst] = inactive;
  const answers = [...gradientAnswers(gradients), ...inactiveAnswers(inactive), ...scaleAnswers(judged.readings)];
  if (gradients && isFarApart(gradients)) return farApartVerdict(gradients, answers);
  if (worst)
    return {
      tone: "warning",
      sentence: `In ${worst.name}, ${worst.words}.`,
      answers: [...answers, answer("Next", ...nextFor(worst))],
    };
  if (!gradients)
    return {
      tone: "information",
      sentence: answers.length > 0 ? "γ and β were recorded, gradients were not." : "Gradients were not recorded.",
      answers,
    };
  return {
    tone: "ok",
    sentence: "Gradients reach every layer, and no layer is inactive.",
    answers: [...answers, answer("Next", "Nothing to do.")],
  };
}

interface Ends {
  readonly first: LayerReading;
  readonly last: LayerReading;
  /** The first layer's gradient over the last one's. */
  readonly ratio: number;
}

function endsOf(readings: readonly LayerReading[]): Ends | null {
  const known = readings.filter(({ gradient }) => Number.isFinite(gradient));
  const [first, last] = [known[0], known.at(-1)];
  return first && last ? { first, last, ratio: first.gradient / last.gradient } : null;
}

const isFarApart = ({ ratio }: Ends): boolean => ratio >= FAR_APART || ratio <= 1 / FAR_APART;

const farApartVerdict = ({ first, last, ratio }: Ends, answers: readonly Answer[]): Verdict => ({
  tone: "warning",
  sentence:
    ratio < 1
      ? `Gradients fade towards the input: ${first.name} gets ${twoDigits(1 / ratio)} times less than ${last.name}.`
      : `Gradients grow towards the input: ${first.name} gets ${twoDigits(ratio)} times as much as ${last.name}.`,
  answers: [
    ...answers,
    answer(
      "Next",
      ratio < 1
        ? "Put BN or a residual connection between the layers, or use another initialisation."
        : "Use a smaller learning rate at the start, or a residual connection.",
    ),
  ],
});

function gradientAnswers(ends: Ends | null): Answer[] {
  if (!ends) return [];
  const { first, last, ratio } = ends;
  const words: Part[] = [layerPart(first), ` ${twoDigits(first.gradient)}`];
  if (first.id === last.id) return [answer("Gradient", ...words)];
  return [answer("Gradient", ...words, ", ", layerPart(last), ` ${twoDigits(last.gradient)} (${timesText(ratio)})`)];
}

interface Inactive {
  readonly kind: "dead" | "saturated";
  readonly name: string;
  readonly share: number;
  readonly words: string;
}

/** The least active first. */
function inactiveLayers({ samples, summary }: JudgedRun): Inactive[] {
  const number = tableNumbers("activity", samples);
  const names = new Map(summary.run?.layers.map(({ id, name }) => [id, name]));
  const found = layersIn("activity", samples).flatMap((id): Inactive[] => {
    const name = names.get(id) ?? id;
    const dead = number(id, "dead_share");
    const saturated = number(id, "saturated_share");
    return [
      ...(dead > MOSTLY_INACTIVE
        ? [
            {
              kind: "dead",
              name,
              share: dead,
              words: `${percent(dead)} of the channels are zero for the whole batch`,
            } as const,
          ]
        : []),
      ...(saturated > MOSTLY_INACTIVE
        ? [
            {
              kind: "saturated",
              name,
              share: saturated,
              words: `${percent(saturated)} of the values are saturated`,
            } as const,
          ]
        : []),
    ];
  });
  return found.sort((a, b) => b.share - a.share);
}

const inactiveAnswers = ([worst, ...others]: readonly Inactive[]): Answer[] =>
  worst
    ? [
        answer(
          "Inactive",
          strong(worst.name),
          ` (${percent(worst.share)})`,
          ...(others.length > 0 ? [` and ${counted(others.length, "more layer")}`] : []),
        ),
      ]
    : [];

const nextFor = ({ kind }: Inactive): Part[] =>
  kind === "dead"
    ? ["Use a smaller learning rate, or look at β of the BN layer before it: far below zero it switches channels off."]
    : ["Look at γ of the BN layer before it: a large one drives values into saturation."];

/** The layers with the smallest and the largest scale. */
function scaleAnswers(readings: readonly LayerReading[]): Answer[] {
  const smallest = largestBy(readings, ({ gamma }) => -gamma[0]);
  const largest = largestBy(readings, ({ gamma }) => gamma[4]);
  if (!smallest || !largest) return [];
  return [
    answer(
      "γ",
      `${twoDigits(smallest.gamma[0])} in `,
      layerPart(smallest),
      ` to ${twoDigits(largest.gamma[4])} in `,
      layerPart(largest),
    ),
  ];
}
