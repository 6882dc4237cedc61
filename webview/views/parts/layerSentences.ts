/**
 * The numbers of a layer in sentences. Not every producer measures every number: unknown numbers are left out. Pure.
 */
import type { LayerReading } from "../../../engine/protocol/judgement";
import { sigma, times, twoDigits } from "../../ui/format";

/** The parts that are known as one sentence; none if nothing is known. */
function sentence(start: string, parts: readonly (string | null)[], end = ""): string[] {
  const known = parts.filter((part) => part !== null);
  return known.length === 0 ? [] : [`${start}${known.join(", ")}${end}.`];
}

const ifKnown = (value: number, words: (value: number) => string): string | null =>
  Number.isFinite(value) ? words(value) : null;

const floorWords = (floor: number): string => ifKnown(floor, (known) => ` (noise floor ${sigma(known)})`) ?? "";

export function readingSentences(reading: LayerReading): string[] {
  const { shift, varianceRatio, distance, distanceFloor, gap, alone, gapFloor } = reading;
  return [
    ...sentence("", [ifKnown(shift, (known) => `Mean shift ${sigma(known)}`)]),
    ...sentence("", [ifKnown(varianceRatio, (known) => `Batch variance ${times(known)} the running variance`)]),
    ...sentence(
      "",
      [ifKnown(distance, (known) => `Running mean ${sigma(known)} from the population mean`)],
      floorWords(distanceFloor),
    ),
    ...sentence(
      "Gap ",
      [
        ifKnown(gap, (known) => `${sigma(known)} in the network`),
        ifKnown(alone, (known) => `${sigma(known)} by this layer alone`),
      ],
      floorWords(gapFloor),
    ),
  ];
}

export interface GradientNumbers {
  /** Norm of the gradients of γ and β. */
  readonly parameters: number;
  /** Norm of the gradient of the layer's output. */
  readonly output: number;
  /** How much batch means vary, relative to batches of independent samples. */
  readonly batchF: number;
}

export const gradientSentences = ({ parameters, output, batchF }: GradientNumbers): string[] => [
  ...sentence("Gradient norm ", [
    ifKnown(parameters, (known) => `${twoDigits(known)} for γ and β`),
    ifKnown(output, (known) => `${twoDigits(known)} for the output`),
  ]),
  ...sentence("", [ifKnown(batchF, (known) => `Batch means vary ${times(known)} as much as with independent samples`)]),
];
