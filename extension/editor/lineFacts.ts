/** What the reader knows and does not know about one line, as Markdown for a hover. Pure. */
import { l10n } from "vscode";
import type { Layer, ModelGraph } from "../../engine/protocol/modelGraph";
import { type LineWords, plainLineWords } from "../../engine/protocol/problems";
import type { ModelReading } from "../../engine/source/modelReading";
import { outputWords, parameterWords } from "./modelWords";

/** A line in a loop creates many layers: only the first few are listed. */
const SHOWN_LAYERS = 4;

/** null when there is nothing to say about the line (counted from 1). */
export function lineFacts(
  { variant, unknowns, path }: ModelReading,
  line: number,
  lineWords: LineWords = plainLineWords,
): string | null {
  const layers =
    variant?.layers.filter(
      (layer) => !layer.functional && layer.range.path === path && layer.range.startLine === line,
    ) ?? [];
  const reasons = new Set(
    unknowns.filter(({ range }) => range.path === path && range.startLine === line).map(({ reason }) => reason),
  );
  const parts = [
    ...(variant === null ? [] : layers.slice(0, SHOWN_LAYERS).map((layer) => layerText(variant, layer, lineWords))),
    ...moreLayers(layers.length - SHOWN_LAYERS),
    ...[...reasons].map((reason) => l10n.t("Unknown: {0}.", escaped(reason))),
  ];
  return parts.length === 0 ? null : parts.join("\n\n");
}

function moreLayers(count: number): string[] {
  if (count < 1) return [];
  return [
    count === 1 ? l10n.t("… and 1 more layer on this line.") : l10n.t("… and {0} more layers on this line.", count),
  ];
}

function layerText(graph: ModelGraph, layer: Layer, lineWords: LineWords): string {
  const shape = graph.nodes.find((node) => node.layer === layer.name)?.outputShape ?? null;
  const facts = [
    outputWords(shape),
    parameterWords(layer.parameters),
    ...(layer.origin === "added" ? [l10n.t("added by an annotation")] : []),
  ];
  const path = callPathWords(graph, layer, lineWords).map(({ name, place }) => `${code(name)} ${place}`);
  const calls = path.length === 0 ? "" : `  \n← ${path.join(" ← ")}`;
  return `${code(layer.name)} ${escaped(layer.className)}: ${facts.join(", ")}${calls}`;
}

/** The calls that led to a layer, innermost first, each with its place. */
export function callPathWords(
  graph: ModelGraph,
  layer: Layer,
  lineWords: LineWords,
): { readonly name: string; readonly place: string }[] {
  return (layer.callPath ?? []).map(({ function: name, range }) => ({
    name,
    place: range.path === graph.source.path ? lineWords(range.startLine) : plainLineWords(range.startLine),
  }));
}

const code = (text: string): string => `\`${text.replaceAll("`", "'")}\``;

/** Reasons quote names from the file, which must not become Markdown. */
const escaped = (text: string): string => text.replace(/[\\`*_{}[\]()#+\-!|<>~]/g, "\\$&");
