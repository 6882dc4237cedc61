/** Another momentum for a model's BN layers: the argument of every constructor that makes one of them. */
import { firstDifference } from "../graph/sameModel";
import { normPositions } from "../findings/python/arguments";
import type { Layer, ModelGraph } from "../protocol/modelGraph";
import type { SourceFile } from "../python/parse";
import { readModelFile } from "../source/readModel";
import type { ReadModelInput } from "../source/modelReading";
import { setArgument } from "./keywords";
import { callAt } from "./syntax";
import { applyEdits, type OffsetEdit } from "./textEdits";
import type { Rewritten } from "./writeIntoSource";

/** The changed text with the line of the first constructor that changed, or why the file stays as it is. */
export type MomentumSet = { readonly text: string; readonly line: number; readonly places: number } | Refused;
type Refused = Extract<Rewritten, { refused: string }>;

/** Gives all BN layers of a PyTorch model this momentum (the weight of the new batch). */
export function setMomentum(input: ReadModelInput, momentum: number): MomentumSet {
  const { graph, variant, file } = readModelFile(input);
  if (graph === null || variant === null || file === null)
    return { refused: "The file contains no model that NormLens can read." };
  if (graph.framework !== "pytorch") return { refused: "NormLens rewrites PyTorch models only." };
  const norms = variant.layers.filter((layer) => weightOf(layer) !== undefined && weightOf(layer) !== momentum);
  if (norms.length === 0) return { refused: `Every BN layer of ${graph.model} has momentum ${momentum} already.` };
  const edits = editsFor(file, norms, momentum);
  if ("refused" in edits) return edits;
  const text = applyEdits(file.text, edits.edits);
  const read = text === null ? null : readModelFile({ ...input, text }).variant;
  const difference = read === null ? "it can't be read" : firstDifference(read, withMomentum(variant, momentum));
  if (text === null || difference !== null)
    return { refused: `The momentum can't be set in this code: the result would be another model (${difference}).` };
  return { text, line: Math.min(...norms.map(({ range }) => range.startLine)), places: edits.edits.length };
}

const weightOf = ({ op }: Layer): number | null | undefined =>
  op.kind === "batchNorm" && op.trackRunningStats ? op.runningStatsUpdateWeight : undefined;

const withMomentum = (variant: ModelGraph, momentum: number): ModelGraph => ({
  ...variant,
  layers: variant.layers.map((layer) =>
    layer.op.kind === "batchNorm" && weightOf(layer) !== undefined
      ? { ...layer, op: { ...layer.op, runningStatsUpdateWeight: momentum } }
      : layer,
  ),
});

function editsFor(
  file: SourceFile,
  norms: readonly Layer[],
  momentum: number,
): { readonly edits: readonly OffsetEdit[] } | Refused {
  const sites = new Map(norms.map((layer) => [JSON.stringify(layer.range), layer]));
  const edits: OffsetEdit[] = [];
  for (const { name, range, origin } of sites.values()) {
    const line = `line ${range.startLine}`;
    if (range.path !== file.path) return { refused: `${name} is made in another file, ${range.path}, ${line}.` };
    if (origin === "added")
      return {
        refused: `${name} comes from the annotation on ${line}. Set momentum there (set momentum=${momentum}).`,
      };
    const placed = callAt(file, range);
    const own = placed && setArgument(file, placed.call, "momentum", normPositions.momentum, String(momentum));
    if (!own) return { refused: `The constructor on ${line} has no place for momentum=${momentum}.` };
    edits.push(...own);
  }
  return { edits };
}
