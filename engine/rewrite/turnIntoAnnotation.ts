/**
 * "Turn into an annotation": the way back. A BN layer leaves the code, and the layer in front of it says `add bn`. The
 * result is taken only when its annotated model is exactly the model as it was written.
 */
import { layersOnLine } from "../graph/applyAnnotations";
import { isActivation } from "../graph/layerKinds";
import { firstDifference } from "../graph/sameModel";
import type { GraphNode, Layer, ModelGraph } from "../protocol/modelGraph";
import { editAnnotation } from "../source/annotations/editAnnotation";
import type { SourceFile } from "../python/parse";
import { readModelFile } from "../source/readModel";
import type { ReadModelInput } from "../source/modelReading";
import * as removals from "./removals";
import { callAt, type Placed } from "./syntax";
import { applyEdits, lineEnd, lineOffset, type OffsetEdit } from "./textEdits";
import type { Rewritten } from "./writeIntoSource";

/** Turns the BN layer that a line of the file makes (counted from 1) into an annotation. */
export function turnIntoAnnotation(input: ReadModelInput, line: number): Rewritten {
  const reading = readModelFile(input);
  const { graph, variant, file } = reading;
  if (graph === null || variant === null || file === null)
    return { refused: "The file contains no model that NormLens can read." };
  if (reading.annotations.some((annotation) => annotation.line === line))
    return { refused: `Line ${line} already has an annotation.` };
  const norms = layersOnLine(graph, line).filter(({ op }) => op.kind === "batchNorm");
  const [first] = norms;
  const placed = first === undefined ? null : callAt(file, first.range);
  if (
    first === undefined ||
    placed === null ||
    norms.some((norm) => JSON.stringify(norm.range) !== JSON.stringify(first.range))
  ) {
    return { refused: `Line ${line} does not create exactly one batch normalization layer.` };
  }
  const target = annotatedLayer(graph, norms);
  if (target === null)
    return {
      refused:
        `${first.name} does not come after a Linear or convolution layer (or its activation) that one ` +
        "line creates.",
    };
  return firstExact(input, file, variant, target, removalWays(file, graph, placed, norms));
}

function removalWays(
  file: SourceFile,
  graph: ModelGraph,
  placed: Placed,
  norms: readonly Layer[],
): readonly (readonly OffsetEdit[] | null)[] {
  const names = new Set(norms.map(({ name }) => name));
  const calls = graph.nodes.filter((node) => names.has(node.layer)).map(({ range }) => range);
  return [removals.asAttribute(file, placed, calls), removals.asSibling(file, placed), removals.asAppend(file, placed)];
}

interface Target {
  readonly line: number;
  readonly position: "after-layer" | "after-activation";
}

/** The line whose layers the norms follow. */
function annotatedLayer(graph: ModelGraph, norms: readonly Layer[]): Target | null {
  const names = new Set(norms.map(({ name }) => name));
  const targets = graph.nodes.filter((node) => names.has(node.layer)).map((node) => targetOf(graph, node));
  const [first] = targets;
  const isOne = targets.every(
    (target) => target !== null && target.line === first?.line && target.position === first.position,
  );
  return isOne ? (first ?? null) : null;
}

function targetOf(graph: ModelGraph, norm: GraphNode): Target | null {
  const before = layerBefore(graph, norm);
  if (before === null) return null;
  if (isWeighted(before.layer)) return { line: before.layer.range.endLine, position: "after-layer" };
  const further = isActivation(before.layer) ? layerBefore(graph, before.node) : null;
  return further !== null && isWeighted(further.layer)
    ? { line: further.layer.range.endLine, position: "after-activation" }
    : null;
}

function layerBefore(graph: ModelGraph, node: GraphNode): { readonly node: GraphNode; readonly layer: Layer } | null {
  const before = graph.nodes.find(({ id }) => id === node.inputs[0]);
  const layer = graph.layers.find(({ name }) => name === before?.layer);
  return before === undefined || layer === undefined || node.inputs.length !== 1 ? null : { node: before, layer };
}

function isWeighted({ op }: Layer): boolean {
  return op.kind === "linear" || op.kind === "conv2d";
}

function firstExact(
  input: ReadModelInput,
  file: SourceFile,
  expected: ModelGraph,
  target: Target,
  ways: readonly (readonly OffsetEdit[] | null)[],
): Rewritten {
  let reason = "NormLens does not rewrite code of this form";
  for (const way of ways) {
    const text = way === null ? null : applyEdits(file.text, [...way, annotationEdit(file, target)]);
    if (text === null) continue;
    const { variant, syntaxErrors } = readModelFile({ ...input, text });
    const difference =
      variant === null || syntaxErrors.length > 0 ? "the result can't be parsed" : firstDifference(variant, expected);
    if (difference === null) return { text };
    reason = `the annotated model would differ (${difference})`;
  }
  return { refused: `The layer can't become an annotation: ${reason}.` };
}

function annotationEdit(file: SourceFile, { line, position }: Target): OffsetEdit {
  const from = lineOffset(file.text, line);
  const to = lineEnd(file.text, from);
  const before = file.text.slice(from, to);
  const after = editAnnotation(before, { kind: "set", directive: { kind: "add", position } });
  // Only the text after the code changes, so that this edit does not overlap one within the code.
  return after.startsWith(before)
    ? { from: to, to, newText: after.slice(before.length) }
    : { from, to, newText: after };
}
