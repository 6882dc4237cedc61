/**
 * The curves of one run as the panel keeps them: a group for each block that the host sent. Groups grow in place,
 * because a delta comes four times a second.
 */
import type { Edge, SeriesBlock, SeriesKind } from "../../engine/protocol/series";

/** A column over steps; `x` and `y` have the same length, NaN where nothing was measured. */
export interface Curve {
  readonly x: Float64Array;
  readonly y: Float32Array;
  /** Changes whenever the points change, so that unchanged curves are not drawn again. */
  readonly version: number;
}

export const noCurve: Curve = { x: new Float64Array(0), y: new Float32Array(0), version: 0 };

/** Points of rows that share their steps. */
interface Group {
  x: Float64Array;
  /** `[row, point]`, each row `capacity` long. */
  values: Float32Array;
  capacity: number;
  count: number;
  version: number;
  /** The look that was answered when its points last came. */
  look: number;
}

interface Place {
  readonly group: Group;
  readonly row: number;
}

const FIRST_CAPACITY = 64;
/**
 * Curves of earlier looks are kept, so that going back to a view is instant. If there are more blocks, the oldest are
 * removed.
 */
const MOST_GROUPS = 120;

let lastVersion = 0;

export class CurveStore {
  private readonly groups = new Map<string, Group>();
  private readonly places = new Map<string, Place>();
  /** What `layersWith` found: views ask sixty times a second, in a row of every layer. */
  private readonly layersFound = new Map<string, readonly string[]>();

  /** Adds a block; false when points before it are missing and a snapshot is needed. */
  apply(block: SeriesBlock, look: number): boolean {
    const signature = [block.kind, block.layers?.join() ?? "", block.columns.join(), block.edges.join()].join("|");
    const known = this.groups.get(signature);
    if (block.start === 0) this.adopt(signature, block, look);
    else if (!known || block.start > known.count) return false;
    else append(known, block, rowsOf(block), look);
    return true;
  }

  /** Removes the curves that were shown longest ago if there are too many; false if there are not. */
  forgetOldest(): boolean {
    if (this.groups.size <= MOST_GROUPS) return false;
    const oldestFirst = [...this.groups].sort(([, a], [, b]) => a.look - b.look);
    for (const [signature] of oldestFirst.slice(0, this.groups.size - MOST_GROUPS)) this.groups.delete(signature);
    const alive = new Set(this.groups.values());
    for (const [key, { group }] of this.places) if (!alive.has(group)) this.places.delete(key);
    this.layersFound.clear();
    return true;
  }

  curve(kind: SeriesKind, column: string, layer: string | null, edge: Edge): Curve {
    const place = this.places.get(keyOf(kind, layer, column, edge));
    if (!place) return noCurve;
    const { x, values, capacity, count, version } = place.group;
    const from = place.row * capacity;
    return { x: x.subarray(0, count), y: values.subarray(from, from + count), version };
  }

  /** Ids of layers that have this curve, in the host's order. */
  layersWith(kind: SeriesKind, column: string, edge: Edge): readonly string[] {
    const ending = `|${kind}|${column}|${edge}`;
    const known = this.layersFound.get(ending);
    if (known) return known;
    const keys = [...this.places.keys()].filter((key) => key.endsWith(ending));
    const found = keys.map((key) => key.slice(0, -ending.length));
    this.layersFound.set(ending, found);
    return found;
  }

  /** Uses the arrays of the message until they have to grow: most series of a completed run never do. */
  private adopt(signature: string, block: SeriesBlock, look: number): void {
    const { x, values, kind, layers, columns, edges } = block;
    const group: Group = { x, values, capacity: x.length, count: x.length, version: ++lastVersion, look };
    this.groups.set(signature, group);
    this.layersFound.clear();
    let row = 0;
    for (const layer of layers ?? [null])
      for (const column of columns)
        for (const edge of edges) this.places.set(keyOf(kind, layer, column, edge), { group, row: row++ });
  }
}

const keyOf = (kind: SeriesKind, layer: string | null, column: string, edge: Edge): string =>
  `${layer ?? ""}|${kind}|${column}|${edge}`;

const rowsOf = ({ layers, columns, edges }: SeriesBlock): number =>
  (layers?.length ?? 1) * columns.length * edges.length;

function append(group: Group, { start, x, values }: SeriesBlock, rows: number, look: number): void {
  const length = start + x.length;
  if (length > group.capacity) grow(group, length, rows);
  group.x.set(x, start);
  for (let row = 0; row < rows; row++)
    group.values.set(values.subarray(row * x.length, (row + 1) * x.length), row * group.capacity + start);
  group.count = length;
  group.version = ++lastVersion;
  group.look = look;
}

function grow(group: Group, length: number, rows: number): void {
  const capacity = Math.max(FIRST_CAPACITY, 2 ** Math.ceil(Math.log2(length)));
  const x = new Float64Array(capacity);
  x.set(group.x.subarray(0, group.count));
  const values = new Float32Array(rows * capacity);
  for (let row = 0; row < rows; row++) {
    const from = row * group.capacity;
    values.set(group.values.subarray(from, from + group.count), row * capacity);
  }
  Object.assign(group, { x, values, capacity });
}
