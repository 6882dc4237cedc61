/** The per-layer table a terminal shows of a run: how far running statistics are off and what it costs, beside the noise floors. */
import type { GapRecord, PopulationRecord, RunRecord } from "../protocol/records";
import { twoDigits } from "../protocol/numberText";
import { formatTable } from "./table";

const HEADER = ["layer", "samples/channel", "from population, σ", "noise floor", "train-eval gap, σ", "noise floor"];

export function layerTable(run: RunRecord, population: PopulationRecord | null, gap: GapRecord | null): string {
  const rows = run.layers.flatMap(({ name, norm }) => {
    if (!norm) return [];
    const distance = population?.layers.find(({ layer }) => layer === name);
    const difference = gap?.layers.find(({ layer }) => layer === name);
    return [[name, String(norm.samplesPerChannel), twoDigits(distance?.meanDistance), twoDigits(distance?.noiseFloor), twoDigits(difference?.gap), twoDigits(difference?.noiseFloor)]];
  });
  return rows.length === 0 ? "The model has no BN layer.\n" : formatTable(HEADER, rows);
}
