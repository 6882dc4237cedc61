/**
 * Compares the processes of one training: the `channels` tables of rank 0 and of the others at steps that both have.
 * What is compared is bounded, however long the run: the last step and some evenly among those before.
 */
import type { RunRecord } from "../../protocol/records";
import type { RankSample } from "../../protocol/ranks";
import type { NumbersReader } from "../numbers/numbersReader";
import { type NumbersTable, firstFrom } from "../numbers/tableIndex";
import { isReadableAs } from "../numbers/tableShape";
import { type Channels, rankDistance, type RankFacts } from "./rankDistance";

/** Steps that are compared before the last one. */
const MOST_EARLIER = 64;
const LEAST_EARLIER = 4;
/** Frames read for all layers and ranks of a run: about a second of reading. */
const MOST_FRAMES = 8192;
/** Ranks beside rank 0; of more the first are looked at. */
const MOST_RANKS = 15;

/** A layer's frames in one rank. */
interface Source {
  readonly rank: number;
  readonly reader: NumbersReader;
  readonly table: NumbersTable;
}

export class RanksApart {
  private known = new Map<string, RankSample>();
  private newest = "";
  private compared = "";

  /** By step, then in the order of layers; null when no step can be compared that could not be before. */
  compare(run: RunRecord, readers: ReadonlyMap<number, NumbersReader>): readonly RankSample[] | null {
    const layers = [...sourcesByLayer(readers)].filter(([, sources]) => sources.length > 1);
    const steps = new Map(layers.map(([layer, sources]) => [layer, commonSteps(sources)]));
    const newest = [...steps].map(([layer, common]) => `${layer} ${common.length}`).join("\n");
    if (newest === this.newest) return null;
    this.newest = newest;
    // A rank that came later is compared at earlier steps too.
    const compared = layers.map(([layer, sources]) => `${layer} ${sources.length}`).join("\n");
    if (compared !== this.compared) this.known.clear();
    this.compared = compared;
    const frames = layers.reduce((sum, [, sources]) => sum + sources.length, 0);
    const earlier = Math.max(LEAST_EARLIER, Math.min(MOST_EARLIER, Math.floor(MOST_FRAMES / Math.max(1, frames))));
    const samples = layers.flatMap(([layer, sources]) =>
      picked(steps.get(layer) ?? [], earlier).map((step) => this.sampleOf(factsOf(run, layer), step, sources)),
    );
    this.known = new Map(samples.map((sample) => [keyOf(sample), sample]));
    return samples.sort((a, b) => a.step - b.step);
  }

  private sampleOf(facts: RankFacts, step: number, sources: readonly Source[]): RankSample {
    const known = this.known.get(keyOf({ step, layer: facts.layer }));
    if (known) return known;
    const [first, ...others] = sources.map((source) => ({ rank: source.rank, channels: channelsAt(source, step) }));
    return rankDistance(facts, step, first?.channels ?? {}, others);
  }
}

const keyOf = ({ step, layer }: Pick<RankSample, "step" | "layer">): string => `${step} ${layer}`;

/** Rank 0 first; layers that rank 0 has. */
function sourcesByLayer(readers: ReadonlyMap<number, NumbersReader>): Map<string, Source[]> {
  const byLayer = new Map<string, Source[]>();
  const ranks = [...readers].sort(([a], [b]) => a - b).slice(0, MOST_RANKS + 1);
  for (const [rank, reader] of ranks)
    for (const [layer, table] of channelTables(reader)) {
      const sources = byLayer.get(layer);
      if (rank === 0) byLayer.set(layer, [{ rank, reader, table }]);
      else if (sources) sources.push({ rank, reader, table });
    }
  return byLayer;
}

/** The longest table of each layer: one that is declared again begins anew. */
function channelTables({ tables }: NumbersReader): Map<string, NumbersTable> {
  const byLayer = new Map<string, NumbersTable>();
  for (const table of tables) {
    const [layer] = table.declaration.layers;
    if (layer === undefined || !isReadableAs("channels", table.declaration)) continue;
    if (table.count > (byLayer.get(layer)?.count ?? 0)) byLayer.set(layer, table);
  }
  return byLayer;
}

/** Steps that every rank has. */
function commonSteps([first, ...others]: readonly Source[]): number[] {
  if (!first) return [];
  return [...first.table.steps].filter((step) =>
    others.every(({ table }) => table.declaration.values === first.table.declaration.values && hasStep(table, step)),
  );
}

const hasStep = ({ steps }: NumbersTable, step: number): boolean => steps[firstFrom(steps, step)] === step;

/** The last step and, before it, every so many: a power of two, so that what was picked once stays picked. */
function picked(steps: readonly number[], earlier: number): number[] {
  let stride = 1;
  while (steps.length / stride > earlier) stride *= 2;
  return steps.filter((_, index) => index % stride === 0 || index === steps.length - 1);
}

function channelsAt({ reader, table }: Source, step: number): Channels {
  const { columns, values } = table.declaration;
  const frame = reader.frame(table, firstFrom(table.steps, step)).values;
  return Object.fromEntries(columns.map((name, at) => [name, frame.subarray(at * values, (at + 1) * values)]));
}

function factsOf({ layers, settings }: RunRecord, layer: string): RankFacts {
  const norm = layers.find(({ id }) => id === layer)?.norm ?? null;
  return {
    layer,
    epsilon: norm?.epsilon ?? 0,
    updateWeight: norm?.updateWeight ?? null,
    isBroadcast: settings["broadcastBuffers"] === true,
  };
}
