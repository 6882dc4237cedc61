/** What the Layers view lists of a reading, and the words of each item. Pure. */
import { l10n } from "vscode";
import type { Layer, ModelGraph, SourceRange, Unknown } from "../../engine/protocol/modelGraph";
import type { Shape } from "../../engine/protocol/shape";
import { type LineWords, plainLineWords } from "../../engine/protocol/problems";
import type { ModelReading } from "../../engine/source/modelReading";
import { callPathWords } from "../editor/lineFacts";
import { outputWords, parameterWords, shapeWords } from "../editor/modelWords";

/** A layer of the model, or something about the model that is unknown. */
export type LayersItem =
  | { readonly kind: "layer"; readonly layer: Layer; readonly shape: Shape | null; readonly placement: string | null }
  | { readonly kind: "unknown"; readonly unknown: Unknown };

export const rangeOfItem = (item: LayersItem): SourceRange =>
  item.kind === "layer" ? item.layer.range : item.unknown.range;

/** Called layers in forward order, then layers that are never called, then what is unknown. */
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
      note(before, layer, source ?? l10n.t("the input"));
      if (source !== undefined) note(after, source, layer);
    }
  }
  const norms = layers.filter(({ op, name }) => op.kind === "batchNorm" && before.has(name));
  return new Map(
    norms.map(({ name }) => [
      name,
      l10n.t("after {before}, before {after}", {
        before: listWords(before.get(name) ?? new Set()),
        after: listWords(after.get(name) ?? new Set([l10n.t("the output")])),
      }),
    ]),
  );
}

function listWords(names: ReadonlySet<string>): string {
  const [first = "", second] = names;
  if (second === undefined) return first;
  if (names.size === 2) return l10n.t("{0} and {1}", first, second);
  return l10n.t("{0}, {1} and {2} more", first, second, names.size - 2);
}

export function layerDescription({ layer, shape, placement }: Extract<LayersItem, { kind: "layer" }>): string {
  return [
    layer.className,
    shapeWords(shape),
    ...(layer.parameters === 0 ? [] : [parameterWords(layer.parameters)]),
    ...(placement === null ? [] : [placement]),
  ].join(" · ");
}

export function layerTooltip(
  { layer, shape, placement }: Extract<LayersItem, { kind: "layer" }>,
  graph: ModelGraph,
  lineWords: LineWords,
): string {
  const { path, startLine } = layer.range;
  const line =
    path === graph.source.path
      ? lineWords(startLine)
      : l10n.t("{line} of {path}", { line: plainLineWords(startLine), path });
  const calls = callPathWords(graph, layer, lineWords).map(({ name, place }) => `← ${name} ${place}`);
  return [
    layer.name,
    [layer.className, outputWords(shape), parameterWords(layer.parameters)].join(", "),
    ...(placement === null ? [] : [placement]),
    layer.origin === "added" ? l10n.t("{0}, added by an annotation", line) : line,
    ...calls,
  ].join("\n");
}
