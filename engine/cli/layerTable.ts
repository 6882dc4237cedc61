/** The per-layer tables a terminal shows of a run. */
import type { LayerReading } from "../protocol/judgement";
import type { ActivityColumn, Sample } from "../protocol/numbers";
import { percentage, twoDigits } from "../protocol/numberText";
import type { PopulationRecord, RunRecord } from "../protocol/records";
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

/** How far running statistics are off and what it costs, beside the noise floors they are judged by. */
export function layerTable(
  run: RunRecord,
  readings: readonly LayerReading[],
  population: PopulationRecord | null,
): string {
  const norms = new Map(run.layers.map((layer) => [layer.id, layer.norm]));
  const rows = readings.map(({ id, name, distance, distanceFloor, gap, gapFloor }) => [
    name,
    String(norms.get(id)?.samplesPerChannel ?? "–"),
    twoDigits(distance),
    twoDigits(distanceFloor),
    twoDigits(gap),
    twoDigits(gapFloor),
    twoDigits(population?.layers.find(({ layer }) => layer === id)?.batchF),
  ]);
  return rows.length === 0 ? "The model has no BN layer.\n" : formatTable(HEADER, rows);
}

/** What the step that was recorded last did to each layer; empty when nothing was recorded of it. */
export function activityTable(samples: Iterable<Sample>): string {
  const [sample] = [...samples].filter(({ table }) => table.name === "activity");
  if (!sample) return "";
  const { columns, layers } = sample.table;
  const rows = layers.map((layer, row) => {
    const number = (column: ActivityColumn): number =>
      sample.values[row * columns.length + columns.indexOf(column)] ?? Number.NaN;
    const known = (value: number, words: (value: number) => string): string =>
      Number.isNaN(value) ? "" : words(value);
    const percent = (value: number): string => `${percentage(value)} %`;
    return [
      layer,
      known(number("gradient_norm"), twoDigits),
      known(number("activation_gradient_norm"), twoDigits),
      known(number("dead_share"), percent),
      known(number("saturated_share"), percent),
    ];
  });
  return formatTable(
    [`step ${sample.step}`, "gradient of weights", "of the output", "dead channels", "saturated values"],
    rows,
  );
}
