/** Whether a dataset, a batch size and a model go together, before anything is allocated. */
import type { Dataset } from "../data/dataset";
import type { ModelGraph, Shape } from "../protocol/modelGraph";
import { batchNormLayers, inputShapeOf, soleOutput } from "../protocol/modelGraph";
import type { Problem } from "../protocol/problems";
import type { TrainRequest } from "../protocol/trainConfig";

const size = (shape: Shape): number => shape.reduce((product, length) => product * length, 1);

/** The first reason why `graph` cannot be trained on `dataset` as asked; null when it can. */
export function dataProblem(graph: ModelGraph, dataset: Dataset, request: TrainRequest): Problem | null {
  const inputShape = inputShapeOf(graph) ?? [];
  const isFlat = inputShape.length === 1;
  const fits = isFlat ? inputShape[0] === size(dataset.shape) : inputShape.join() === dataset.shape.join();
  if (!fits) return { code: "data-shape-mismatch", data: dataset.name, dataShape: [...dataset.shape], inputShape: [...inputShape] };
  const output = soleOutput(graph);
  const modelClasses = graph.nodes.find((node) => node.id === output)?.outputShape?.[0] ?? 0;
  if (modelClasses < dataset.classes) return { code: "data-classes-mismatch", data: dataset.name, dataClasses: dataset.classes, modelClasses };
  if (request.batchSize > dataset.train.count) return { code: "batch-larger-than-data", batchSize: request.batchSize, samples: dataset.train.count };
  return normalizationProblem(dataset, request) ?? batchOfOneProblem(graph, request.batchSize);
}

function normalizationProblem(dataset: Dataset, { normalize }: TrainRequest): Problem | null {
  if (!normalize) return null;
  const channels = dataset.shape[0];
  if (normalize.mean.length === channels && normalize.std.length === channels && normalize.std.every((std) => std > 0)) return null;
  return { code: "data-malformed", path: dataset.name, detail: `normalisation needs ${channels} means and ${channels} positive standard deviations` };
}

/** PyTorch refuses too: "Expected more than 1 value per channel when training". */
function batchOfOneProblem(graph: ModelGraph, batchSize: number): Problem | null {
  for (const layer of batchNormLayers(graph)) {
    const shape = graph.nodes.find((node) => node.layer === layer.name)?.outputShape ?? [];
    if (batchSize * size(shape.slice(1)) < 2) return { code: "batch-of-one", layer: layer.name, line: layer.range.startLine };
  }
  return null;
}
