/** Whether two graphs are the same model, whatever their layers are called and wherever they are written. */
import type { LayerOp } from "../protocol/layerOps";
import type { Layer, ModelGraph } from "../protocol/modelGraph";
import { isNormalization } from "./layerKinds";

/** The first difference in what the models compute or hold, as a sentence; null when there is none. */
export function firstDifference(a: ModelGraph, b: ModelGraph): string | null {
  if (a.parameters !== b.parameters) return `${a.parameters ?? "unknown"} parameters and ${b.parameters ?? "unknown"}`;
  const left = describeCalls(a);
  const right = describeCalls(b);
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    if (left[index] !== right[index])
      return `call ${index + 1} is ${left[index] ?? "missing"} and ${right[index] ?? "missing"}`;
  }
  const unused = [unusedLayers(a), unusedLayers(b)];
  if (unused[0] !== unused[1]) return `the layers that are never called are ${unused[0] ?? ""} and ${unused[1] ?? ""}`;
  if (a.unknowns.length !== b.unknowns.length) return `${a.unknowns.length} unknown values and ${b.unknowns.length}`;
  return null;
}

/** Every call in order, with the positions of the calls it takes its values from; identities are seen through. */
function describeCalls(graph: ModelGraph): string[] {
  const layers = new Map(graph.layers.map((layer) => [layer.name, layer]));
  const positions = new Map<string, string>(graph.inputs.map(({ id }, index) => [id, `input ${index}`]));
  const calls: string[] = [];
  const numbers = new Map<string, number>();
  for (const node of graph.nodes) {
    const layer = layers.get(node.layer);
    const from = node.inputs.map((id) => positions.get(id) ?? "?");
    if (layer?.op.kind === "identity" && from[0] !== undefined) {
      positions.set(node.id, from[0]);
      continue;
    }
    // A layer that is called twice is one layer: its number is the position of its first call.
    const number = numbers.get(node.layer) ?? calls.length;
    numbers.set(node.layer, number);
    positions.set(node.id, String(calls.length));
    calls.push(
      `${layer === undefined ? "?" : describeLayer(layer)} #${number} of ${from.join(", ")}: ` +
        `${node.outputShape?.join("×") ?? "?"}`,
    );
  }
  return [
    ...calls,
    `returns ${graph.outputs.map(({ place, node }) => `${place}=${positions.get(node) ?? "?"}`).join(", ")}`,
  ];
}

function describeLayer(layer: Layer): string {
  return layer.functional
    ? layer.className
    : `${sortedJson(comparable(layer))} with ${layer.parameters ?? "unknown"} parameters`;
}

/** JSON with its keys in order: how an object came about is no difference. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/**
 * Features and sequences share a class (BatchNorm1d), and what other normalizations check is their class's business.
 */
function comparable({ op, className, ...layer }: Layer): LayerOp | string {
  if (op.kind === "batchNorm")
    return { ...op, spatialDims: op.spatialDims === 0 || op.spatialDims === 1 ? null : op.spatialDims };
  return op.kind === "other" && isNormalization({ op, className, ...layer }) ? className : op;
}

function unusedLayers(graph: ModelGraph): string {
  const called = new Set(graph.nodes.map((node) => node.layer));
  const unused = graph.layers.filter((layer) => !called.has(layer.name) && layer.op.kind !== "identity");
  return unused.map(describeLayer).sort().join("; ");
}
