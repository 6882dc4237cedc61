/** The per-layer tables a terminal shows of a run. */
import type { GapRecord, LayersRecord, PopulationRecord, RunRecord } from "../protocol/records";
import { percentage, twoDigits } from "../protocol/numberText";
import { formatTable } from "./table";

const HEADER = [
  "layer",
  "samples/channel",
  "from population, σ",
  "noise floor",
  "train-eval gap, σ",
  "noise floor",
  "F of batches",
];

/** How far running statistics are off and what it costs, beside the noise floors. */
export function layerTable(run: RunRecord, population: PopulationRecord | null, gap: GapRecord | null): string {
  const rows = run.layers.flatMap(({ name, norm }) => {
    if (!norm) return [];
    const distance = population?.layers.find(({ layer }) => layer === name);
    const difference = gap?.layers.find(({ layer }) => layer === name);
    return [
      [
        name,
        String(norm.samplesPerChannel),
        twoDigits(distance?.meanDistance),
        twoDigits(distance?.noiseFloor),
        twoDigits(difference?.gap),
        twoDigits(difference?.noiseFloor),
        twoDigits(distance?.batchF),
      ],
    ];
  });
  return rows.length === 0 ? "The model has no BN layer.\n" : formatTable(HEADER, rows);
}

/** What the step that was recorded last did to each layer; empty when nothing was recorded of it. */
export function activityTable(record: LayersRecord | null): string {
  if (record === null) return "";
  const percent = (share: number | null | undefined): string =>
    typeof share === "number" ? `${percentage(share)} %` : "";
  const number = (value: number | null | undefined): string => (value === undefined ? "" : twoDigits(value));
  const rows = record.layers.map(({ layer, gradientNorm, activationGradientNorm, deadShare, saturatedShare }) => [
    layer,
    number(gradientNorm),
    number(activationGradientNorm),
    percent(deadShare),
    percent(saturatedShare),
  ]);
  return formatTable(
    [`step ${record.step}`, "gradient of weights", "of the output", "dead channels", "saturated values"],
    rows,
  );
}
