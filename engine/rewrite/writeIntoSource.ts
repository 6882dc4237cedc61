/**
 * "Write into the source": an annotation becomes the code that it stands for.
 *
 * There are several ways to write a layer into a file (an attribute and a call in `forward`, a neighbour in a
 * Sequential, …). Each that fits the code is tried in turn, the changed text is read again, and the first whose model
 * is exactly the annotated one is taken. So nothing is written that would mean something else.
 */
import type { Directive, NormChoice } from "../graph/directive";
import { layersOnLine } from "../graph/applyAnnotations";
import { firstDifference } from "../graph/sameModel";
import type { GraphNode, Layer, ModelGraph } from "../protocol/modelGraph";
import { editAnnotation } from "../source/annotations/editAnnotation";
import type { SourceFile } from "../python/parse";
import { readModelFile } from "../source/readModel";
import type { ModelReading, ReadModelInput } from "../source/modelReading";
import { biasPosition, normPositions } from "../findings/python/arguments";
import { channelsText, importEdits, normText, replacementText } from "./constructors";
import * as insertions from "./insertions";
import * as removals from "./removals";
import { setArgument } from "./keywords";
import { callAt, nnPrefix, type Placed } from "./syntax";
import { applyEdits, lineEnd, lineOffset, type OffsetEdit } from "./textEdits";

/** The changed text, or why the file stays as it is. */
export type Rewritten = { readonly text: string } | { readonly refused: string };

export interface WriteOptions {
  /** For an added BN: the bias of the layer before it has no effect any more, so it goes. */
  readonly withoutBias?: boolean;
}

/** One way to write it; edits are in the order of the file or not, and do not overlap. */
type Way = () => readonly OffsetEdit[] | null;

/** Writes the annotation of one line of the file (counted from 1) into its code. */
export function writeIntoSource(input: ReadModelInput, line: number, options: WriteOptions = {}): Rewritten {
  const reading = readModelFile(input);
  const { graph, variant, file } = reading;
  if (graph === null || variant === null || file === null)
    return { refused: "The file contains no model that NormLens can read." };
  const directives = reading.annotations.flatMap(({ directive, line: at }) =>
    at === line && directive.kind !== "model" ? [directive] : [],
  );
  const [directive] = directives;
  if (directive === undefined) return { refused: `Line ${line} has no annotation for a layer.` };
  if (directives.length > 1)
    return { refused: `Line ${line} has several annotations. Write them into the source one at a time.` };
  if (reading.annotationIssues.some(({ range }) => range.startLine === line))
    return { refused: `The annotation on line ${line} has no effect.` };
  const ways = waysFor(file, reading, directive, line, options);
  if (typeof ways === "string") return { refused: ways };
  return firstExact(input, file, line, ways, expectedVariant(variant, graph, line, directive, options));
}

function firstExact(
  input: ReadModelInput,
  file: SourceFile,
  line: number,
  ways: readonly Way[],
  expected: ModelGraph,
): Rewritten {
  let reason = "NormLens does not rewrite code of this form";
  for (const way of ways) {
    const edits = way();
    const text = edits === null ? null : applyEdits(file.text, [...edits, ...annotationRemoval(file, line, edits)]);
    if (text === null) continue;
    const { variant, syntaxErrors, model } = readModelFile({ ...input, text });
    const difference =
      variant === null || syntaxErrors.length > 0 ? "the result can't be parsed" : firstDifference(variant, expected);
    if (difference === null && model !== null) return { text };
    reason = `the new code would be another model than the annotated one (${difference ?? "unknown difference"})`;
  }
  return { refused: `The annotation on line ${line} can't be written into the source: ${reason}.` };
}

/** Takes the comment away, unless an edit takes its whole line. */
function annotationRemoval(file: SourceFile, line: number, edits: readonly OffsetEdit[]): OffsetEdit[] {
  const start = lineOffset(file.text, line);
  const end = lineEnd(file.text, start);
  const code = file.text.slice(start, end);
  const kept = editAnnotation(code, { kind: "remove" });
  if (edits.some(({ from, to }) => from <= start && to >= end)) return [];
  // What stays is the beginning of the line, possibly with another comment after it.
  const shared = sharedStart(code, kept);
  return [{ from: start + shared, to: end, newText: kept.slice(shared) }];
}

function sharedStart(a: string, b: string): number {
  let length = 0;
  while (length < Math.min(a.length, b.length) && a[length] === b[length]) length++;
  return length;
}

/** The layers of the line that the directive changed, by the expressions that make them. */
interface Site {
  readonly placed: Placed;
  readonly layers: readonly Layer[];
}

function sitesOf(file: SourceFile, graph: ModelGraph, line: number, isMeant: (layer: Layer) => boolean): Site[] {
  const groups = new Map<string, Layer[]>();
  for (const layer of layersOnLine(graph, line).filter((candidate) => !candidate.functional && isMeant(candidate))) {
    const key = JSON.stringify(layer.range);
    groups.set(key, [...(groups.get(key) ?? []), layer]);
  }
  return [...groups.values()].flatMap((layers) => {
    const [first] = layers;
    const placed = first === undefined ? null : callAt(file, first.range);
    return placed === null ? [] : [{ placed, layers }];
  });
}

function waysFor(
  file: SourceFile,
  reading: ModelReading,
  directive: Directive,
  line: number,
  options: WriteOptions,
): readonly Way[] | string {
  const { graph, variant } = reading;
  if (variant === null || graph?.framework !== "pytorch") return "NormLens rewrites PyTorch models only.";
  const after = new Map(variant.layers.map((layer) => [layer.name, layer]));
  switch (directive.kind) {
    case "add": {
      const [site, another] = sitesOf(file, graph, line, (layer) =>
        variant.layers.some((added) => isAddedTo(added, layer)),
      );
      return site === undefined || another !== undefined
        ? "The line must create exactly one layer."
        : additions(file, graph, variant, site, directive.position, options);
    }
    case "remove": {
      const [site, another] = sitesOf(file, graph, line, (layer) => !after.has(layer.name));
      return site === undefined || another !== undefined
        ? "The line must create exactly one layer that the annotation removes."
        : removalWays(file, graph, site);
    }
    case "use":
    case "set": {
      const [site, another] = sitesOf(
        file,
        graph,
        line,
        (layer) => JSON.stringify(after.get(layer.name)) !== JSON.stringify(layer),
      );
      return site === undefined || another !== undefined
        ? "The line must create exactly one normalization layer."
        : changes(file, site, after, directive);
    }
    case "frozen":
    case "minBatch":
    case "domain":
      return "A contract can't become code: NormLens checks it as an annotation.";
  }
}

function isAddedTo(added: Layer, layer: Layer): boolean {
  return added.origin === "added" && JSON.stringify(added.range) === JSON.stringify(layer.range);
}

function additions(
  file: SourceFile,
  graph: ModelGraph,
  variant: ModelGraph,
  { placed, layers }: Site,
  position: "after-layer" | "after-activation",
  options: WriteOptions,
): readonly Way[] | string {
  const [layer] = layers;
  const added = variant.layers.filter((candidate) => layer !== undefined && isAddedTo(candidate, layer));
  const classes = new Set(added.map(({ className }) => className));
  const [className] = classes;
  if (layer === undefined || className === undefined || classes.size > 1)
    return "The line creates layers that need different normalizations.";
  const counts = new Set(added.map(({ op }) => (op.kind === "batchNorm" ? op.numFeatures : 0)));
  const [count = null] = counts;
  const channels = channelsText(file, placed.call, layer.className, counts.size === 1 ? count : null);
  if (channels === null) return "No single expression gives the number of channels of the normalization.";
  const text = normText(file, placed.call, className, channels);
  const followed = callsBefore(variant, added);
  const calls = followed.map(({ range }) => range);
  const beside = position === "after-layer" ? placed : constructorOf(file, graph, followed);
  const bias =
    options.withoutBias === true
      ? (setArgument(file, placed.call, "bias", biasPosition(layer.className) ?? 0, "False") ?? [])
      : [];
  const rest = [...bias, ...importEdits(file, placed.call)];
  const prefix = nnPrefix(file, placed.call).text;
  const withRest =
    (way: Way): Way =>
    () => {
      const edits = way();
      return edits === null ? null : [...edits, ...rest];
    };
  const ways: Way[] = [
    () => insertions.asAttribute(file, placed, text, calls),
    () => (beside === null ? null : insertions.asSibling(file, beside, text)),
    () => (beside === null ? null : insertions.asAppend(file, beside, text)),
    () => (beside === null || bias.length > 0 ? null : insertions.asSequential(file, beside, text, prefix)),
  ];
  return ways.map(withRest);
}

/** The calls whose output the added normalizations take. */
function callsBefore(variant: ModelGraph, added: readonly Layer[]): GraphNode[] {
  const names = new Set(added.map(({ name }) => name));
  const inputs = new Set(variant.nodes.filter((node) => names.has(node.layer)).flatMap((node) => node.inputs));
  return variant.nodes.filter((node) => inputs.has(node.id));
}

/** The constructor of the module that is called. */
function constructorOf(file: SourceFile, graph: ModelGraph, calls: readonly GraphNode[]): Placed | null {
  const names = new Set(calls.map((node) => node.layer));
  const layer = graph.layers.find((candidate) => names.has(candidate.name) && !candidate.functional);
  return layer?.range.path === file.path ? callAt(file, layer.range) : null;
}

function removalWays(file: SourceFile, graph: ModelGraph, { placed, layers }: Site): readonly Way[] {
  const names = new Set(layers.map(({ name }) => name));
  const calls = graph.nodes.filter((node) => names.has(node.layer)).map(({ range }) => range);
  return [
    () => removals.asAttribute(file, placed, calls),
    () => removals.asSibling(file, placed),
    () => removals.asAppend(file, placed),
    () => [...removals.asIdentity(placed, nnPrefix(file, placed.call).text), ...importEdits(file, placed.call)],
  ];
}

function changes(
  file: SourceFile,
  { placed, layers }: Site,
  after: ReadonlyMap<string, Layer>,
  directive: Extract<Directive, { kind: "use" | "set" }>,
): readonly Way[] | string {
  const { call } = placed;
  const [layer] = layers;
  const changed = layer === undefined ? undefined : after.get(layer.name);
  if (layer === undefined || changed === undefined) return "The line must create exactly one normalization layer.";
  if (directive.kind === "set") {
    return [
      () => {
        const edits = directive.settings.map(({ name, value }) =>
          setArgument(file, call, name, normPositions[name], String(value)),
        );
        return edits.includes(null) ? null : edits.flatMap((edit) => edit ?? []);
      },
    ];
  }
  const counts = new Set(
    layers.map(({ op, parameters }) => (op.kind === "batchNorm" ? op.numFeatures : (parameters ?? 0) / 2)),
  );
  const [count = null] = counts;
  const channels = channelsText(file, call, layer.className, counts.size === 1 ? count : null);
  const text = channels === null ? null : replacementText(file, call, directive.norm, changed.className, channels);
  if (text === null)
    return unwritable(directive.norm) ?? "No single expression gives the number of channels of the normalization.";
  return [() => [{ from: call.from, to: call.to, newText: text }, ...importEdits(file, call)]];
}

/** Normalizations that are no class of PyTorch. */
function unwritable({ name }: NormChoice): string | null {
  if (name === "renorm") return "PyTorch has no batch renormalization layer.";
  return name === "ghost" ? "PyTorch has no ghost batch normalization layer." : null;
}

/** The annotated model, without the bias of the layers before the added norms where that is wanted. */
function expectedVariant(
  variant: ModelGraph,
  graph: ModelGraph,
  line: number,
  directive: Directive,
  { withoutBias }: WriteOptions,
): ModelGraph {
  if (directive.kind !== "add" || withoutBias !== true) return variant;
  const on = new Set(layersOnLine(graph, line).map(({ name }) => name));
  let spared = 0;
  const layers = variant.layers.map((layer) => {
    const { op } = layer;
    if (!on.has(layer.name) || (op.kind !== "linear" && op.kind !== "conv2d") || !op.bias || layer.parameters === null)
      return layer;
    const biases = op.kind === "linear" ? op.outFeatures : op.outChannels;
    spared += biases;
    return { ...layer, op: { ...op, bias: false }, parameters: layer.parameters - biases };
  });
  return { ...variant, layers, parameters: variant.parameters === null ? null : variant.parameters - spared };
}
