/**
 * What a network computes, in order: one step per call that needs a buffer of its own. Identities are seen through,
 * rearrangements that follow each other become one, inputs of an element-wise layer are repeated to its shape first, and a
 * Linear layer gets the axis it works on as the channels.
 */
import { type Conv2dOp, type LayerOp, type PaddingMode, type Rearrangement, spatialSizes } from "../protocol/layerOps";
import { INPUT_ID, inputShapeOf, type Layer, type ModelGraph, trainedOutput } from "../protocol/modelGraph";
import { isStored, type Shape } from "../protocol/shape";
import type { RearrangementStep } from "./rearrangement";

export interface Step {
  /** The node's, or one of its own for a step that no node stands for. */
  readonly id: string;
  readonly layer: Layer;
  readonly inputIds: readonly string[];
  readonly inputShapes: readonly Shape[];
  readonly outputShape: Shape;
  /** What the step moves, in order; null when it computes something. */
  readonly moves: readonly RearrangementStep[] | null;
}

/** A value as a rearrangement of one that is stored. */
interface Source {
  readonly id: string;
  readonly moves: readonly RearrangementStep[];
}

/** Throws on graphs `trainable` refuses. */
export function stepsOf(graph: ModelGraph): Step[] {
  const layers = new Map(graph.layers.map((layer) => [layer.name, layer]));
  const shapes = new Map<string, Shape>([[INPUT_ID, known(inputShapeOf(graph))]]);
  const sources = new Map<string, Source>();
  const sourceOf = (id: string): Source => sources.get(id) ?? { id, moves: [] };
  const steps: Step[] = [];
  const push = (step: NewStep): void => {
    shapes.set(step.id, step.outputShape);
    steps.push({ ...step, inputShapes: step.inputIds.map((id) => known(shapes.get(id))) });
  };
  for (const node of graph.nodes) {
    const layer = known(layers.get(node.layer));
    const { id } = node;
    const given = node.inputs.map(sourceOf);
    if (layer.op.kind === "identity") {
      sources.set(id, known(given[0]));
      continue;
    }
    const outputShape = known(node.outputShape);
    const source = given[0] ?? null;
    const moves =
      source === null ? null : movesOf(layer.op, source, { input: shapeOf(source, shapes), output: outputShape });
    if (source !== null && moves !== null) {
      if (isStored(outputShape)) push({ id, layer, inputIds: [source.id], outputShape, moves });
      else sources.set(id, { id: source.id, moves });
      continue;
    }
    const inputIds = given.map((value, index) => {
      const input = stored(value);
      const repeats = isElementwise(layer.op) ? repetition(known(shapes.get(input)), outputShape) : null;
      if (repeats === null) return input;
      const repeated = `${id} input ${index + 1}`;
      push({ id: repeated, layer, inputIds: [input], outputShape, moves: [repeats] });
      return repeated;
    });
    const input = shapes.get(inputIds[0] ?? "") ?? [];
    for (const step of computing({ id, layer, inputIds, outputShape, moves: null }, input)) push(step);
  }
  return steps;
}

type NewStep = Omit<Step, "inputShapes">;

/** The step itself, between those that bring its input into the form it computes with. */
function computing(step: NewStep, input: Shape): NewStep[] {
  const { op } = step.layer;
  if (op.kind === "linear" && step.outputShape.length > 1) return overTokens(step, input);
  return op.kind === "conv2d" && op.paddingMode !== undefined ? afterPadding(step, op, op.paddingMode, input) : [step];
}

/** A convolution of what was padded with something else than zeros. */
function afterPadding(step: NewStep, op: Conv2dOp, mode: PaddingMode, input: Shape): NewStep[] {
  const { paddingAfter, paddingMode: _, ...rest } = op;
  const before = spatialSizes(op, op.padding);
  const after = spatialSizes(op, paddingAfter ?? op.padding);
  const output = input.map((size, axis) => size + (before[axis - 1] ?? 0) + (after[axis - 1] ?? 0));
  const padded = `${step.id} padded`;
  return [
    {
      ...step,
      id: padded,
      outputShape: output,
      moves: [{ rearrangement: { rule: "pad", before, after, mode }, input, output }],
    },
    { ...step, layer: { ...step.layer, op: { ...rest, padding: [0, 0] } }, inputIds: [padded] },
  ];
}

/**
 * A layer over the last axis of `[token, feature]` or `[row, column, feature]` computes with features side by side: they become
 * the channels first, and the last axis again after it.
 */
function overTokens(step: NewStep, input: Shape): NewStep[] {
  const { id, layer, inputIds, outputShape: output } = step;
  const lead = output.slice(0, -1);
  const [features, results]: [Shape, Shape] = [
    [...input.slice(-1), ...lead],
    [...output.slice(-1), ...lead],
  ];
  const axes = output.map((_, axis) => axis + 1);
  const toFront: Rearrangement = { rule: "permute", order: [0, ...axes.slice(-1), ...axes.slice(0, -1)] };
  const toBack: Rearrangement = { rule: "permute", order: [0, ...axes.slice(1), 1] };
  return [
    {
      id: `${id} features`,
      layer,
      inputIds,
      outputShape: features,
      moves: [{ rearrangement: toFront, input, output: features }],
    },
    { id: `${id} results`, layer, inputIds: [`${id} features`], outputShape: results, moves: null },
    {
      id,
      layer,
      inputIds: [`${id} results`],
      outputShape: output,
      moves: [{ rearrangement: toBack, input: results, output }],
    },
  ];
}

/** Id of the step whose value is trained. */
export function returnedStep(graph: ModelGraph): string {
  const layers = new Map(graph.layers.map((layer) => [layer.name, layer]));
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  let id = known(trainedOutput(graph));
  for (
    let node = nodes.get(id);
    node !== undefined && layers.get(node.layer)?.op.kind === "identity";
    node = nodes.get(id)
  )
    id = known(node.inputs[0]);
  return id;
}

export function known<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("the graph is not trainable: something in it is unknown");
  return value;
}

/** The moves from a stored value to a node's output; null for a layer that computes something. */
function movesOf(
  op: LayerOp,
  { moves }: Source,
  shapes: { readonly input: Shape; readonly output: Shape },
): readonly RearrangementStep[] | null {
  if (op.kind === "rearrange") return [...moves, { rearrangement: op.rearrangement, ...shapes }];
  // Flattening a whole image that is stored has a kernel of its own.
  if (op.kind !== "flatten" || (moves.length === 0 && shapes.output.length === 1)) return null;
  return [...moves, { rearrangement: { rule: "reshape", sizes: shapes.output }, ...shapes }];
}

function shapeOf({ id, moves }: Source, shapes: ReadonlyMap<string, Shape>): Shape {
  return moves.at(-1)?.output ?? known(shapes.get(id));
}

function stored({ id, moves }: Source): string {
  if (moves.length > 0) throw new Error("the graph is not trainable: a value with many axes is computed with");
  return id;
}

function isElementwise(op: LayerOp): boolean {
  return op.kind === "add" || op.kind === "subtract" || op.kind === "multiply";
}

function repetition(input: Shape, output: Shape): RearrangementStep | null {
  const rearrangement: Rearrangement = { rule: "expand", sizes: output };
  return input.join() === output.join() ? null : { rearrangement, input, output };
}
