/** Another momentum for a model's BN layers: the argument of every constructor that makes one of them. */
import { firstDifference } from "../graph/sameModel";
import { locateArgument, normPositions } from "../findings/python/arguments";
import type { Layer, ModelGraph } from "../protocol/modelGraph";
import type { Expression } from "../python/expressions";
import type { SourceFile } from "../python/parse";
import { namesIn } from "../python/walk";
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
  const values = givenValues(file, norms, momentum);
  if ("refused" in values) return values;
  const expected = withMomentum(variant, momentum);
  let difference: string | null = "it can't be read";
  for (const edits of [throughConstant(file, values, momentum), values.map(({ edit }) => edit)]) {
    const text = edits && applyEdits(file.text, edits);
    const read = text === null ? null : readModelFile({ ...input, text }).variant;
    if (text === null || read === null) continue;
    difference = firstDifference(read, expected);
    if (difference === null) return { text, line: firstLine(file, edits ?? []), places: edits?.length ?? 0 };
  }
  return { refused: `The momentum can't be set in this code: the result would be another model (${difference}).` };
}

const firstLine = (file: SourceFile, edits: readonly OffsetEdit[]): number =>
  Math.min(...edits.map((edit) => file.lines.range(file.path, edit).startLine));

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

/** What one constructor gets. */
interface Given {
  /** What was written there; null where nothing was. */
  readonly value: Expression | null;
  readonly edit: OffsetEdit;
}

function givenValues(file: SourceFile, norms: readonly Layer[], momentum: number): Given[] | Refused {
  const sites = new Map(norms.map((layer) => [JSON.stringify(layer.range), layer]));
  const values: Given[] = [];
  for (const { name, range, origin } of sites.values()) {
    const line = `line ${range.startLine}`;
    if (range.path !== file.path) return { refused: `${name} is made in another file, ${range.path}, ${line}.` };
    if (origin === "added")
      return {
        refused: `${name} comes from the annotation on ${line}. Set momentum there (set momentum=${momentum}).`,
      };
    const call = callAt(file, range)?.call;
    const [edit] = (call && setArgument(file, call, "momentum", normPositions.momentum, String(momentum))) ?? [];
    if (!call || !edit) return { refused: `The constructor on ${line} has no place for momentum=${momentum}.` };
    values.push({ value: locateArgument(call, "momentum", normPositions.momentum)?.value ?? null, edit });
  }
  return values;
}

/** The number of one constant that all of them, and nothing else in the file, take; null where there is none. */
function throughConstant(file: SourceFile, values: readonly Given[], momentum: number): OffsetEdit[] | null {
  const names = new Set(values.map(({ value }) => (value?.kind === "name" ? value.name : null)));
  const [name] = names;
  if (names.size !== 1 || name == null) return null;
  const assigned = file.module.body.filter(
    (statement) =>
      statement.kind === "assign" &&
      statement.targets.length === 1 &&
      statement.targets.some((target) => target.kind === "name" && target.name === name),
  );
  const [constant] = assigned;
  const uses = namesIn(file.module.body).filter((use) => use.name === name).length;
  if (constant?.kind !== "assign" || constant.value.kind !== "number" || uses !== values.length + 1) return null;
  return [{ from: constant.value.from, to: constant.value.to, newText: String(momentum) }];
}
