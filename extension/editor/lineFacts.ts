/** What the reader knows and does not know about one line, as Markdown for a hover. Pure. */
import { thousands } from "../../engine/protocol/numberText";
import type { Layer, ModelGraph } from "../../engine/protocol/modelGraph";
import { type LineWords, plainLineWords } from "../../engine/protocol/problems";
import type { ModelReading } from "../../engine/source/readModel";

/** A line in a loop makes many layers: the first few stand for all. */
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
    ...(layers.length > SHOWN_LAYERS ? [`… and ${layers.length - SHOWN_LAYERS} more layers from this line.`] : []),
    ...[...reasons].map((reason) => `Not known: ${escaped(reason)}.`),
  ];
  return parts.length === 0 ? null : parts.join("\n\n");
}

function layerText(graph: ModelGraph, layer: Layer, lineWords: LineWords): string {
  const shape = graph.nodes.find((node) => node.layer === layer.name)?.outputShape;
  const size = shape ? `output ${shape.join("×")}` : "output shape not known";
  const count =
    layer.parameters === null
      ? "parameters not known"
      : layer.parameters === 0
        ? "no parameters"
        : `${thousands(layer.parameters)} parameters`;
  const path = callPathWords(graph, layer, lineWords).map(({ name, place }) => `${code(name)} ${place}`);
  const added = layer.origin === "added" ? ", added by the annotation" : "";
  return `${code(layer.name)} ${escaped(layer.className)}: ${size}, ${count}${added}${path.length === 0 ? "" : `  \n← ${path.join(" ← ")}`}`;
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

/** Reasons quote names of the file, which are data and no Markdown. */
const escaped = (text: string): string => text.replace(/[\\`*_{}[\]()#+\-!|<>~]/g, "\\$&");
