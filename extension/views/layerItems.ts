/** What the Layers view lists of a reading, and the words of each item. Pure. */
import type { Layer, ModelGraph, SourceRange, Unknown } from "../../engine/protocol/modelGraph";
import type { Shape } from "../../engine/protocol/shape";
import { type LineWords, plainLineWords } from "../../engine/protocol/problems";
import { thousands } from "../../engine/protocol/numberText";
import type { ModelReading } from "../../engine/source/readModel";
import { callPathWords } from "../editor/lineFacts";

/** A layer of the model, or something about it that could not be determined. */
export type LayersItem =
  | { readonly kind: "layer"; readonly layer: Layer; readonly shape: Shape | null; readonly placement: string | null }
  | { readonly kind: "unknown"; readonly unknown: Unknown };

export const rangeOfItem = (item: LayersItem): SourceRange =>
  item.kind === "layer" ? item.layer.range : item.unknown.range;

/** Called layers in forward order, then those that are never called, then what is not known. */
export function layersItems({ variant, unknowns }: ModelReading): LayersItem[] {
  if (variant === null) return [];
  const nodes = new Map([...variant.nodes].reverse().map((node) => [node.layer, node]));
  const order = new Map(variant.nodes.map((node, index) => [node.layer, index]));
  const place = (layer: Layer): number => order.get(layer.name) ?? variant.nodes.length;
  const placements = normPlacements(variant);
  return [
    ...[...variant.layers]
      .sort((a, b) => place(a) - place(b))
      .map(
        (layer): LayersItem => ({
          kind: "layer",
          layer,
          shape: nodes.get(layer.name)?.outputShape ?? null,
          placement: placements.get(layer.name) ?? null,
        }),
      ),
    ...unknowns.map((unknown): LayersItem => ({ kind: "unknown", unknown })),
  ];
}

/** `after conv1, before relu1`, for every BN layer that is called. */
function normPlacements({ layers, nodes }: ModelGraph): Map<string, string> {
  const layerOfNode = new Map(nodes.map(({ id, layer }) => [id, layer]));
  const before = new Map<string, Set<string>>();
  const after = new Map<string, Set<string>>();
  const note = (names: Map<string, Set<string>>, layer: string, name: string): void =>
    void names.set(layer, (names.get(layer) ?? new Set()).add(name));
  for (const { layer, inputs } of nodes) {
    for (const input of inputs) {
      const source = layerOfNode.get(input);
      note(before, layer, source ?? "the input");
      if (source !== undefined) note(after, source, layer);
    }
  }
  const words = (names: ReadonlySet<string>): string =>
    [...names].slice(0, 2).join(" and ") + (names.size > 2 ? ` and ${names.size - 2} more` : "");
  const norms = layers.filter(({ op, name }) => op.kind === "batchNorm" && before.has(name));
  return new Map(
    norms.map(({ name }) => [
      name,
      `after ${words(before.get(name) ?? new Set())}, before ${words(after.get(name) ?? new Set(["the output"]))}`,
    ]),
  );
}

const sizeWords = (shape: Shape | null): string => (shape ? shape.join("×") : "shape unknown");
const parameterWords = ({ parameters }: Layer): string =>
  parameters === null ? "parameters unknown" : `${thousands(parameters)} parameters`;

export function layerDescription({ layer, shape, placement }: Extract<LayersItem, { kind: "layer" }>): string {
  return [
    layer.className,
    sizeWords(shape),
    ...(layer.parameters === 0 ? [] : [parameterWords(layer)]),
    ...(placement === null ? [] : [placement]),
  ].join(" · ");
}

export function layerTooltip(
  { layer, shape, placement }: Extract<LayersItem, { kind: "layer" }>,
  graph: ModelGraph,
  lineWords: LineWords,
): string {
  const { path, startLine } = layer.range;
  const line = path === graph.source.path ? lineWords(startLine) : `${plainLineWords(startLine)} of ${path}`;
  const calls = callPathWords(graph, layer, lineWords).map(({ name, place }) => `← ${name} ${place}`);
  return [
    layer.name,
    `${layer.className}, output ${sizeWords(shape)}, ${parameterWords(layer)}`,
    ...(placement === null ? [] : [placement]),
    `${line}${layer.origin === "added" ? ", added by an annotation" : ""}`,
    ...calls,
  ].join("\n");
}
