/** Names of the sample sets that are drawn instead of read. */
import type { Shape } from "./shape";

export const generatedSetNames = ["digits", "shapes", "blobs", "spirals"] as const;
export type GeneratedSetName = (typeof generatedSetNames)[number];

/**
 * A set by its name, or noise of any shape around a mean for each class: `noise:3x8x8`, of several for a model with
 * several inputs: `noise:3x8x8,10`.
 */
export type GeneratedSet =
  | { readonly name: GeneratedSetName }
  | { readonly name: "noise"; readonly shapes: readonly Shape[] };

const NOISE = /^noise:(\d{1,4}(?:x\d{1,4}){0,2}(?:,\d{1,4}(?:x\d{1,4}){0,2}){0,7})$/;

/** null for what is no name of a generated set, and so a path. */
export function generatedSet(specification: string): GeneratedSet | null {
  const name = generatedSetNames.find((candidate) => candidate === specification);
  if (name !== undefined) return { name };
  const shapes = NOISE.exec(specification)?.[1]
    ?.split(",")
    .map((shape) => shape.split("x").map(Number));
  return shapes === undefined || shapes.flat().includes(0) ? null : { name: "noise", shapes };
}
