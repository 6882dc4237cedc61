/**
 * Answers what a view needs with blocks of points: read from where they are kept and thinned to the view's pixels. Each
 * table is read once a call, however many curves come from it, and nothing of it is kept.
 */
import type { SeriesBlock, SeriesNeed } from "../protocol/series";
import { Envelopes, pointsOf } from "./binning";
import type { FrameValues } from "./numbers/numbersFormat";
import { type NumbersTable, firstFrom } from "./numbers/tableIndex";
import { type SeriesPlan, type SeriesSource, type TablePart, seriesPlans } from "./seriesPlans";

export type { SeriesSource } from "./seriesPlans";

export interface BlockRequest {
  readonly needs: readonly SeriesNeed[];
  readonly selectedLayer: string | null;
  /** Steps to show; a sample on each side comes along, so that lines reach the borders. Null for all. */
  readonly range: readonly [number, number] | null;
  /** How many points can be distinguished. */
  readonly points: number;
}

export const seriesBlocks = (source: SeriesSource, request: BlockRequest): SeriesBlock[] =>
  new SeriesCursor(source, request).all();

/** Beyond this many times the points that can be distinguished, a block is thinned again instead of appended to. */
const MAX_SURPLUS = 3;

interface Sent {
  readonly first: number;
  /** Behind the last sample that was sent. */
  readonly last: number;
  readonly lastStep: number;
  readonly points: number;
}

/** A block that is being filled with samples `[first, last)` of a plan. */
interface Filling {
  readonly plan: SeriesPlan;
  readonly first: number;
  readonly last: number;
  readonly start: number;
  readonly x: Float64Array;
  readonly pointOf: Int32Array | null;
  readonly envelopes: Envelopes;
}

/**
 * Follows a live run for one look at it. The lists of `source` may grow; a run that was replaced needs another cursor.
 */
export class SeriesCursor {
  private readonly sent = new Map<string, Sent>();

  constructor(
    private readonly source: SeriesSource,
    private readonly request: BlockRequest,
  ) {}

  /** Everything, thinned. */
  all(): SeriesBlock[] {
    this.sent.clear();
    return this.news();
  }

  /** Points since the last call, or a whole new block (`start` 0) where appending is no longer enough. */
  news(): SeriesBlock[] {
    const { needs, selectedLayer } = this.request;
    const fillings = seriesPlans(this.source, needs, selectedLayer).flatMap((plan) => this.begin(plan) ?? []);
    this.fillFromTables(fillings);
    for (const filling of fillings) fillFromRecords(filling);
    return fillings.map(({ plan: { kind, layers, columns, edges }, start, x, envelopes: { values } }) => ({
      kind,
      layers,
      columns,
      edges,
      start,
      x,
      values,
    }));
  }

  private begin(plan: SeriesPlan): Filling | null {
    const [first, last] = this.window(plan.steps);
    const sent = this.sent.get(plan.key);
    const isUnchanged =
      sent?.first === first && sent.last <= last && (sent.last === 0 || plan.steps[sent.last - 1] === sent.lastStep);
    if (first >= last || (isUnchanged && sent.last === last)) return null;
    const points = Math.min(plan.points, this.request.points);
    const goesOn = isUnchanged && sent.points + last - sent.last <= MAX_SURPLUS * points;
    const from = goesOn ? sent.last : first;
    const steps = plan.steps.subarray(from, last);
    const { x, pointOf } = pointsOf(steps, goesOn ? Number.POSITIVE_INFINITY : points);
    const start = goesOn ? sent.points : 0;
    this.sent.set(plan.key, { first, last, lastStep: plan.steps[last - 1] ?? 0, points: start + x.length });
    const curves = plan.columns.length * (plan.layers?.length ?? 1);
    const isOrdered = !("tables" in plan.from && plan.from.tables.length > 1);
    return {
      plan,
      first: from,
      last,
      start,
      x,
      pointOf,
      envelopes: new Envelopes(curves, plan.edges, x.length, isOrdered),
    };
  }

  /** Which samples are shown. */
  private window(steps: Float64Array): readonly [number, number] {
    const { range } = this.request;
    if (range === null) return [0, steps.length];
    const first = Math.max(0, firstFrom(steps, range[0]) - 1);
    let last = firstFrom(steps, range[1]);
    while (last < steps.length && steps[last] === range[1]) last += 1;
    return [first, Math.min(steps.length, last + 1)];
  }

  private fillFromTables(fillings: readonly Filling[]): void {
    const byTable = new Map<NumbersTable, TableFiller[]>();
    for (const filling of fillings) {
      if (!("tables" in filling.plan.from)) continue;
      for (const part of filling.plan.from.tables) {
        const filler = fillerOf(filling, part);
        byTable.set(part.table, [...(byTable.get(part.table) ?? []), filler]);
      }
    }
    const reader = this.source.reader.ranks.get(0);
    for (const [table, fillers] of byTable) {
      const first = Math.min(...fillers.map((filler) => filler.first));
      const last = Math.max(...fillers.map((filler) => filler.last));
      reader?.read(table, first, last, (frame, values) => {
        for (const filler of fillers) if (frame >= filler.first && frame < filler.last) filler.take(frame, values);
      });
    }
  }
}

/** Takes frames `[first, last)` of a table into a block. */
interface TableFiller {
  readonly first: number;
  readonly last: number;
  take(frame: number, values: FrameValues): void;
}

function fillerOf({ first, last, pointOf, envelopes }: Filling, { places, sampleOf, table }: TablePart): TableFiller {
  const curves = places.length;
  const put = (sample: number, values: FrameValues): void => {
    const index = sample - first;
    const point = pointOf?.[index] ?? index;
    for (let curve = 0; curve < curves; curve++) {
      const place = places[curve] ?? -1;
      if (place >= 0) envelopes.put(curve, point, sample, values[place] ?? Number.NaN);
    }
  };
  if (sampleOf === null) return { first, last, take: put };
  return {
    first: firstWithin(sampleOf, first),
    last: Math.min(table.count, firstWithin(sampleOf, last)),
    take: (frame, values) => put(sampleOf[frame] ?? 0, values),
  };
}

/** Index of the first of growing `samples` that is at least `sample`. */
function firstWithin(samples: Int32Array, sample: number): number {
  const found = samples.findIndex((value) => value >= sample);
  return found < 0 ? samples.length : found;
}

function fillFromRecords({ plan, first, last, pointOf, envelopes }: Filling): void {
  if (!("row" in plan.from)) return;
  for (let sample = first; sample < last; sample++) {
    const point = pointOf?.[sample - first] ?? sample - first;
    plan.from.row(sample, (curve, value) => envelopes.put(curve, point, sample, value));
  }
}
