/** Data for a model, and whether a dataset, a batch size and a model go together, before anything is allocated. */
import { arrangeParts } from "../data/arrangeParts";
import type { Dataset, DatasetPart } from "../data/dataset";
import { samplesPerClass } from "../data/epochOrder";
import { openDataset } from "../data/openDataset";
import type { ModelGraph } from "../protocol/modelGraph";
import { batchNormLayers, inputShapeOf, trainedOutput } from "../protocol/modelGraph";
import { elementCount, type Shape } from "../protocol/shape";
import type { Problem } from "../protocol/problems";
import { partsOf } from "../nn/channelNorm";
import type { LossName, TrainRequest } from "../protocol/trainConfig";

/** The data that a run trains on, with the arrays of several inputs in the model's order. Throws a ProblemError. */
export function openDataFor(
  { inputs }: Pick<ModelGraph, "inputs">,
  { data, split }: Pick<TrainRequest, "data" | "split">,
): Dataset {
  return arrangeParts(
    openDataset(data, split),
    inputs.map(({ name }) => name),
  );
}

/** The first reason why `graph` cannot be trained on `dataset` as asked; null when it can. */
export function dataProblem(graph: ModelGraph, dataset: Dataset, request: TrainRequest): Problem | null {
  const misfit = graph.inputs.length > 1 ? inputsProblem(graph, dataset) : inputProblem(graph, dataset);
  if (misfit) return misfit;
  const problem = outputProblem(graph, dataset, request.loss ?? "cross-entropy");
  if (problem) return problem;
  if (request.batchSize > dataset.train.count)
    return { code: "batch-larger-than-data", batchSize: request.batchSize, samples: dataset.train.count };
  return (
    orderProblem(dataset, request) ??
    normalizationProblem(dataset, request) ??
    batchOfOneProblem(graph, dataset, request)
  );
}

function inputProblem(graph: ModelGraph, { name, shape, parts }: Dataset): Problem | null {
  const inputShape = inputShapeOf(graph) ?? [];
  if (parts !== undefined)
    return { code: "data-inputs-mismatch", data: name, arrays: parts.map(asArray), inputs: graph.inputs.map(asArray) };
  const isFlat = inputShape.length === 1;
  const fits = isFlat ? inputShape[0] === elementCount(shape) : inputShape.join() === shape.join();
  return fits ? null : { code: "data-shape-mismatch", data: name, dataShape: [...shape], inputShape: [...inputShape] };
}

/**
 * A sample has a part for each input, in their order and of their shapes; where parts have names, they are the inputs'.
 */
function inputsProblem(
  { inputs }: ModelGraph,
  { name, shape, parts = [{ name: "", shape }] }: Dataset,
): Problem | null {
  const isInput = (part: DatasetPart, index: number): boolean =>
    part.shape.join() === inputs[index]?.shape?.join() && (part.name === "" || part.name === inputs[index]?.name);
  return parts.length === inputs.length && parts.every(isInput)
    ? null
    : { code: "data-inputs-mismatch", data: name, arrays: parts.map(asArray), inputs: inputs.map(asArray) };
}

const asArray = ({
  name,
  shape,
}: {
  readonly name: string;
  readonly shape: Shape | null;
}): { name: string; shape: number[] } => ({ name, shape: [...(shape ?? [])] });

/** Orders by class need one class a sample, and batches of one class a class that fills one. */
function orderProblem(
  { name, labelShape, train }: Dataset,
  { order, batchSize, keepLast }: TrainRequest,
): Problem | null {
  if (order !== "sorted" && order !== "one-class") return null;
  if (labelShape !== undefined) return { code: "order-needs-classes", data: name, order };
  const largest = samplesPerClass(train.labels).reduce((most, count) => Math.max(most, count), 0);
  return order === "one-class" && !keepLast && batchSize > largest
    ? { code: "batch-larger-than-class", batchSize, samples: largest }
    : null;
}

/** Whether the loss can compare the output with the labels: as many of them, and as many classes. */
function outputProblem(graph: ModelGraph, dataset: Dataset, loss: LossName): Problem | null {
  const shapeOf = (id: string | null): Shape => graph.nodes.find((node) => node.id === id)?.outputShape ?? [];
  const outputShape = shapeOf(trainedOutput(graph));
  const [modelClasses = 0, ...positions] = outputShape;
  const { labelShape = [] } = dataset;
  const fits = labelShape.length === 0 ? elementCount(positions) === 1 : labelShape.join() === positions.join();
  if (!fits)
    return {
      code: "labels-not-per-output",
      data: dataset.name,
      labelShape: [...labelShape],
      outputShape: [...outputShape],
    };
  // One output is compared with the label itself: with mse any number, with bce 0 or 1.
  if (modelClasses === 1 && (loss === "mse" || (loss === "bce" && dataset.classes <= 2))) return null;
  const fitting = graph.outputs.find(({ node }) => shapeOf(node)[0] === dataset.classes);
  if (modelClasses !== dataset.classes && fitting !== undefined)
    return {
      code: "first-output-not-classes",
      model: graph.model,
      place: fitting.place,
      dataClasses: dataset.classes,
      modelClasses,
    };
  return modelClasses < dataset.classes
    ? { code: "data-classes-mismatch", data: dataset.name, dataClasses: dataset.classes, modelClasses }
    : null;
}

function normalizationProblem(dataset: Dataset, { normalize }: TrainRequest): Problem | null {
  if (!normalize) return null;
  const channels = dataset.shape[0];
  if (normalize.mean.length === channels && normalize.std.length === channels && normalize.std.every((std) => std > 0))
    return null;
  return {
    code: "data-malformed",
    path: dataset.name,
    detail: `normalization needs ${channels} means and ${channels} positive standard deviations`,
  };
}

/** PyTorch refuses too: "Expected more than 1 value per channel when training". */
function batchOfOneProblem(
  graph: ModelGraph,
  { train }: Dataset,
  { batchSize, keepLast, order }: TrainRequest,
): Problem | null {
  const pools = order === "one-class" ? samplesPerClass(train.labels) : [train.count];
  for (const { name: layer, range, op } of batchNormLayers(graph)) {
    const positions = elementCount((graph.nodes.find((node) => node.layer === layer)?.outputShape ?? []).slice(1));
    if (positions > 1) continue;
    const line = range.startLine;
    if (batchSize === 1) return { code: "batch-of-one", layer, line };
    const single = pools.find((count) => keepLast && count % batchSize === 1);
    if (single !== undefined) return { code: "last-batch-of-one", layer, line, samples: single, batchSize };
    const virtual = op.statistics?.rule === "ghost" ? op.statistics.samples : null;
    const lasts = keepLast ? pools.map((count) => count % batchSize) : [];
    const samples =
      virtual === null
        ? undefined
        : [batchSize, ...lasts].find((size) => partsOf(size, virtual).some(({ count }) => count === 1));
    if (virtual !== null && samples !== undefined)
      return { code: "virtual-batch-of-one", layer, line, samples, virtual };
  }
  return null;
}
