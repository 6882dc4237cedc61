/**
 * A run as tables for other programs: one row a step and, where there are layers or channels, a row for each. Numbers
 * are read from the disk as they are asked for, so a long run takes no more memory than a short one.
 */
import type { RunSummary } from "../judgement/runSummary";
import type { RunFinding } from "../protocol/finding";
import type { GapRecord, PopulationRecord, RunRecord } from "../protocol/records";
import type { NumbersReader } from "../runs/numbers/numbersReader";
import type { NumbersTable } from "../runs/numbers/tableIndex";

/** What was not measured is null. */
export type ExportCell = string | number | null;

export interface ExportTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: () => Iterable<readonly ExportCell[]>;
}

export interface ExportedRun {
  readonly run: RunRecord;
  readonly summary: RunSummary;
  readonly findings: readonly RunFinding[];
  readonly ranks: ReadonlyMap<number, NumbersReader>;
}

/** Tables without a row are left out. */
export function exportTables(run: ExportedRun): ExportTable[] {
  const nameOf = layerNames(run);
  const tables = [...numbersTables(run, nameOf), ...recordTables(run, nameOf)];
  return tables.filter(({ rows }) => rows()[Symbol.iterator]().next().done !== true);
}

type NameOf = (layer: string) => string;

/** Layers by the names that a person reads. */
function layerNames({ run, summary }: ExportedRun): NameOf {
  // Layers that came later are in the summary alone.
  const names = new Map([...run.layers, ...summary.normLayers].map(({ id, name }) => [id, name]));
  return (layer) => names.get(layer) ?? layer;
}

/** All tables of one name together: a run has a table of channels for each layer, and one of norms for each model. */
function numbersTables({ run, ranks }: ExportedRun, nameOf: NameOf): ExportTable[] {
  const byName = new Map<string, [number, NumbersReader, NumbersTable][]>();
  for (const [rank, reader] of ranks)
    for (const table of reader.tables) {
      const { name } = table.declaration;
      byName.set(name, [...(byName.get(name) ?? []), [rank, reader, table]]);
    }
  const hasRanks = run.ranks !== 1;
  return [...byName].map(([name, parts]) => {
    const columns = [...new Set(parts.flatMap(([, , { declaration }]) => declaration.columns))];
    const hasLayers = parts.some(([, , { declaration }]) => declaration.layers.length > 0);
    const hasValues = parts.some(([, , { declaration }]) => declaration.values > 1);
    const before = [
      ...(hasRanks ? ["rank"] : []),
      "step",
      ...(hasLayers ? ["layer"] : []),
      ...(hasValues ? ["channel"] : []),
    ];
    return {
      name,
      columns: [...before, ...columns],
      *rows(): Iterable<ExportCell[]> {
        for (const [rank, reader, table] of parts)
          for (let index = 0; index < table.count; index++)
            for (const row of frameRows(reader, table, { index, columns, nameOf }))
              yield [
                ...(hasRanks ? [rank] : []),
                table.steps[index] ?? null,
                ...(hasLayers ? [row.layer] : []),
                ...(hasValues ? [row.channel] : []),
                ...row.cells,
              ];
      },
    };
  });
}

interface FrameRow {
  readonly layer: string | null;
  /** From 0. */
  readonly channel: number;
  readonly cells: readonly ExportCell[];
}

function* frameRows(
  reader: NumbersReader,
  table: NumbersTable,
  { index, columns, nameOf }: { index: number; columns: readonly string[]; nameOf: NameOf },
): Iterable<FrameRow> {
  const { declaration } = table;
  const { values } = reader.frame(table, index);
  const places = columns.map((column) => declaration.columns.indexOf(column));
  const size = declaration.values;
  for (let layer = 0; layer < Math.max(1, declaration.layers.length); layer++) {
    const id = declaration.layers[layer];
    const first = layer * declaration.columns.length * size;
    for (let channel = 0; channel < size; channel++)
      yield {
        layer: id === undefined ? null : nameOf(id),
        channel,
        cells: places.map((place) => (place < 0 ? null : finite(values[first + place * size + channel]))),
      };
  }
}

const finite = (value: number | null | undefined): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;

function recordTables({ summary, findings }: ExportedRun, nameOf: NameOf): ExportTable[] {
  return [
    {
      name: "evaluations",
      columns: ["step", "samples", "statistics", "accuracy", "loss"],
      *rows(): Iterable<ExportCell[]> {
        for (const { step, samples, running, population, batch } of summary.evals)
          for (const [statistics, score] of Object.entries({ running, population, batch }))
            if (score !== null) yield [step, samples, statistics, finite(score.accuracy), finite(score.loss)];
      },
    },
    perLayer("gaps", ["gap", "alone", "noiseFloor"], summary.gaps, nameOf),
    perLayer(
      "population",
      ["meanDistance", "noiseFloor", "varianceDistance", "varianceNoiseFloor", "shiftNoiseFloor", "batchF"],
      summary.populations,
      nameOf,
    ),
    {
      name: "outputs",
      columns: ["step", "samples", "flips", "flipsWithPopulation", "probabilityShift", "distance"],
      *rows(): Iterable<ExportCell[]> {
        for (const { step, samples, output } of summary.gaps)
          if (output !== null)
            yield [
              step,
              samples,
              finite(output.flips),
              finite(output.flipsWithPopulation),
              finite(output.probabilityShift),
              finite(output.distance),
            ];
      },
    },
    {
      name: "findings",
      columns: ["rule", "severity", "step", "layers", "line", "verdict", "evidence", "next"],
      *rows(): Iterable<ExportCell[]> {
        for (const { rule, severity, step, layers, line, verdict, evidence, next } of findings)
          yield [rule, severity, step, layers.map(nameOf).join(" "), line, verdict, evidence, next];
      },
    },
  ];
}

/** A row for each layer of each record. */
function perLayer<Kind extends GapRecord | PopulationRecord>(
  name: string,
  columns: readonly (keyof Kind["layers"][number] & string)[],
  records: readonly Kind[],
  nameOf: NameOf,
): ExportTable {
  return {
    name,
    columns: ["step", "layer", ...columns],
    *rows(): Iterable<ExportCell[]> {
      for (const { step, layers } of records)
        for (const entry of layers as readonly Kind["layers"][number][]) {
          const cells = columns.map((column) => finite(entry[column] as number | null));
          yield [step, nameOf(entry.layer), ...cells];
        }
    },
  };
}
