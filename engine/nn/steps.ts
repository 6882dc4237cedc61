/**
 * What a network computes, in order: one step per call that needs a separate buffer. Identities are skipped,
 * rearrangements that follow each other become one, inputs of an element-wise layer are repeated to its shape first,
 * and a Linear layer gets the axis it works on as the channels.
 */
import type { Rearrangement } from "../protocol/layerOps";
import { INPUT_ID, inputShapeOf, type ModelGraph, trainedOutput } from "../protocol/modelGraph";
import { isStored, type Shape } from "../protocol/shape";
import { layerEntryOf } from "./layerEntries";
import type { RearrangementStep } from "./rearrangement";
import { known, type NewStep, type Step } from "./step";

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
    const entry = layerEntryOf(layer.op);
    if (entry.isPassedThrough) {
      sources.set(id, known(given[0]));
      continue;
    }
    const outputShape = known(node.outputShape);
    const source = given[0] ?? null;
    const moves =
      source === null
        ? null
        : entry.moves?.(layer.op, { before: source.moves, input: shapeOf(source, shapes), output: outputShape });
    if (source !== null && moves) {
      if (isStored(outputShape)) push({ id, layer, inputIds: [source.id], outputShape, moves });
      else sources.set(id, { id: source.id, moves });
      continue;
    }
    const inputIds = given.map((value, index) => {
      const input = stored(value);
      const repeats = entry.repeatsInputs ? repetition(known(shapes.get(input)), outputShape) : null;
      if (repeats === null) return input;
      const repeated = `${id} input ${index + 1}`;
      push({ id: repeated, layer, inputIds: [input], outputShape, moves: [repeats] });
      return repeated;
    });
    const input = shapes.get(inputIds[0] ?? "") ?? [];
    const own: NewStep = { id, layer, inputIds, outputShape, moves: null };
    for (const step of entry.stepsAround?.(own, layer.op, input) ?? [own]) push(step);
  }
  return steps;
}

/** Id of the step whose value is trained. */
export function returnedStep(graph: ModelGraph): string {
  const layers = new Map(graph.layers.map((layer) => [layer.name, layer]));
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  let id = known(trainedOutput(graph));
  for (
    let node = nodes.get(id);
    node !== undefined && layerEntryOf(known(layers.get(node.layer)).op).isPassedThrough;
    node = nodes.get(id)
  )
    id = known(node.inputs[0]);
  return id;
}

function shapeOf({ id, moves }: Source, shapes: ReadonlyMap<string, Shape>): Shape {
  return moves.at(-1)?.output ?? known(shapes.get(id));
}

function stored({ id, moves }: Source): string {
  if (moves.length > 0) throw new Error("the graph is not trainable: a value with many axes is computed with");
  return id;
}

function repetition(input: Shape, output: Shape): RearrangementStep | null {
  const rearrangement: Rearrangement = { rule: "expand", sizes: output };
  return input.join() === output.join() ? null : { rearrangement, input, output };
}
