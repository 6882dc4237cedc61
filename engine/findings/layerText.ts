/** What a finding calls a layer: the one place where rules get a layer's name from. */
import type { Layer } from "../protocol/modelGraph";
import { capitalized } from "../protocol/problems";
import type { FindingContext } from "./context";

type Named = Pick<Layer, "name" | "className">;

/**
 * `bn1` as it is. A name that ends in a number says little, so its class is added: `features.0 (Conv2d)`, and
 * `layer 0 (Conv2d)` where the whole name is numbers, as in an nn.Sequential that is the model.
 */
export function layerText({ name, className }: Named): string {
  if (!/(^|\.)\d+$/.test(name)) return name;
  return `${/^[\d.]+$/.test(name) ? "layer " : ""}${name} (${className})`;
}

/** `bn1`, or `layer1.0.bn1 and 5 more` for a line that makes many layers; a layer without a name is "this layer". */
export function layersText({ layers }: Pick<FindingContext, "layers">, names: readonly string[]): string {
  const [first, ...rest] = names;
  if (first === undefined) return "this layer";
  const layer = layers.get(first);
  const text = layer === undefined ? first : layerText(layer);
  return rest.length === 0 ? text : `${text} and ${rest.length} more`;
}

/** The verb for as many layers: `normalizes` for one, `normalize` for several. */
export const verbFor = (names: readonly string[], verb: string): string => (names.length > 1 ? verb : `${verb}s`);

/** The same at the start of a sentence; the name that a person gave keeps its own letters. */
export const atStart = (text: string): string => (/^(layer \d|this layer)/.test(text) ? capitalized(text) : text);
