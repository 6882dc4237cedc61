/** What a run trained, from its graph.json: enough to see which layers were edited since. */
import { readFileSync } from "node:fs";
import * as v from "valibot";
import type { Layer } from "../protocol/modelGraph";
import { graphFile } from "./runFolder";

/** Each layer's operation as it was recorded, by name. */
export type TrainedLayers = ReadonlyMap<string, string>;

const graphSchema = v.object({
  layers: v.array(v.object({ name: v.string(), op: v.looseObject({ kind: v.string() }) })),
});

/** Null when the file is missing, or not a graph: a folder may come from anywhere. */
export function readTrainedLayers(runFolder: string): TrainedLayers | null {
  try {
    const { layers } = v.parse(graphSchema, JSON.parse(readFileSync(graphFile(runFolder), "utf8")));
    return new Map(layers.map(({ name, op }) => [name, JSON.stringify(op)]));
  } catch {
    return null;
  }
}

/** Whether a layer is no longer, or not yet, what the run trained. */
export const isEdited = (layer: Layer, trained: TrainedLayers): boolean =>
  trained.get(layer.name) !== JSON.stringify(layer.op);
