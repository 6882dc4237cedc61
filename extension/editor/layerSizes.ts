/** The output shapes of the layers that a line creates. Pure. */
import { l10n } from "vscode";
import type { ModelReading } from "../../engine/source/modelReading";

export interface LineSize {
  readonly line: number;
  /** `16×28×28`; the number of layers where one line creates several with different shapes. */
  readonly shape: string;
  /** Batch size × positions, for lines whose BN layers all have the same number. */
  readonly samplesPerChannel: number | null;
}

/** Lines of the file that create layers with a known output shape, in order. */
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
      shape: only(layers.map(({ shape }) => shape)) ?? l10n.t("{0} layers", layers.length),
      samplesPerChannel: only(layers.map(({ samples }) => samples)) ?? null,
    }))
    .sort((a, b) => a.line - b.line);
}

/** The value, if all are the same. */
function only<T>(values: readonly T[]): T | undefined {
  return values.every((value) => value === values[0]) ? values[0] : undefined;
}
