/** What a line's layers put out. Pure. */
import type { ModelReading } from "../../engine/source/readModel";

export interface LineSize {
  readonly line: number;
  /** `16×28×28`; several layers made by one line with different shapes are counted instead. */
  readonly shape: string;
  /** Batch × positions, for lines that make BN layers which all have the same. */
  readonly samplesPerChannel: number | null;
}

/** Lines of the file that make layers whose output shape is known, in order. */
export function layerSizes(reading: ModelReading, batchSize: number): LineSize[] {
  const graph = reading.variant;
  if (!graph) return [];
  const byLine = new Map<number, { readonly shape: string; readonly samples: number | null }[]>();
  for (const layer of graph.layers) {
    const shape = graph.nodes.find((node) => node.layer === layer.name)?.outputShape;
    if (!shape || layer.functional || layer.origin === "added" || layer.range.path !== reading.path) continue;
    const { op } = layer;
    const samples =
      op.kind === "batchNorm"
        ? batchSize *
          shape.reduce((product, size, axis) => (axis === (op.featureAxis ?? 0) ? product : product * size), 1)
        : null;
    byLine.set(layer.range.endLine, [...(byLine.get(layer.range.endLine) ?? []), { shape: shape.join("×"), samples }]);
  }
  return [...byLine]
    .map(([line, layers]) => ({
      line,
      shape: only(layers.map(({ shape }) => shape)) ?? `${layers.length} layers`,
      samplesPerChannel: only(layers.map(({ samples }) => samples)) ?? null,
    }))
    .sort((a, b) => a.line - b.line);
}

/** The value when all are the same. */
function only<T>(values: readonly T[]): T | undefined {
  return values.every((value) => value === values[0]) ? values[0] : undefined;
}
