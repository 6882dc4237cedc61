/** Looks dense numbers up by layer and column. */
import type { ActivityColumn, NormColumn, Sample } from "../protocol/numbers";

interface Columns {
  readonly norms: NormColumn;
  readonly activity: ActivityColumn;
}

/** A number of a layer in the samples of this table; NaN where it was not recorded. */
export function tableNumbers<Table extends keyof Columns>(
  name: Table,
  samples: readonly Sample[],
): (layer: string, column: Columns[Table]) => number {
  const rows = new Map<string, { readonly sample: Sample; readonly row: number }>();
  for (const sample of samples) {
    if (sample.table.name !== name) continue;
    sample.table.layers.forEach((id, row) => rows.set(id, { sample, row }));
  }
  return (layer, column) => {
    const found = rows.get(layer);
    if (!found) return Number.NaN;
    const { table, values } = found.sample;
    const at = table.columns.indexOf(column);
    return at < 0 ? Number.NaN : (values[(found.row * table.columns.length + at) * table.values] ?? Number.NaN);
  };
}

/** Layers that samples of a table have, each once. */
export const layersIn = (name: keyof Columns, samples: readonly Sample[]): string[] => [
  ...new Set(samples.flatMap(({ table }) => (table.name === name ? table.layers : []))),
];
