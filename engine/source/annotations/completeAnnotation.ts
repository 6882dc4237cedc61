/** Completion inside a `# normlens:` comment: what may be at the cursor, given what the line makes. */
import { isNormalization } from "../../graph/layerKinds";
import type { Layer } from "../../protocol/modelGraph";
import type { ModelCandidate } from "../candidates";

export interface AnnotationCompletion {
  /** What is written in place of `replaced`. */
  readonly text: string;
  /** What it does, in one line. */
  readonly detail: string;
}

export interface AnnotationCompletions {
  /** Columns of the text that a completion replaces: the word before the cursor. */
  readonly from: number;
  readonly to: number;
  readonly items: readonly AnnotationCompletion[];
}

export interface CompletionContext {
  /** Layers of the model as written that the line makes. */
  readonly layers: readonly Layer[];
  readonly candidates: readonly ModelCandidate[];
}

const item = (text: string, detail: string): AnnotationCompletion => ({ text, detail });

/** null outside of an annotation. */
export function completeAnnotation(
  lineText: string,
  column: number,
  context: CompletionContext,
): AnnotationCompletions | null {
  const before = /(?<!\S)#\s*normlens\s*:([^#]*)$/i.exec(lineText.slice(0, column))?.[1];
  if (before === undefined) return null;
  const piece = before.split(";").at(-1) ?? "";
  const words = piece.trimStart().split(/\s+/);
  const current = words.at(-1) ?? "";
  const items = itemsAfter(words.slice(0, -1), context, lineText.slice(0, column).trimStart().startsWith("#"));
  return { from: column - current.length, to: column, items };
}

function itemsAfter(
  done: readonly string[],
  context: CompletionContext,
  isOwnLine: boolean,
): readonly AnnotationCompletion[] {
  const [word] = done;
  switch (word) {
    case undefined:
      return isOwnLine ? models(context, "model ") : directives(context);
    case "add":
      return done.length === 1
        ? [
            item("bn", "batch normalization after this layer"),
            item("bn after-activation", "batch normalization after the next activation"),
          ]
        : done.length === 2
          ? [item("after-activation", "after the next activation")]
          : [];
    case "use":
      return done.length === 1 ? choices(context) : [];
    case "set":
      return [item("momentum=", "in the convention of the model's framework"), item("eps=", "added to the variance")];
    case "model":
      return done.length === 1
        ? models(context, "")
        : [item("input=", "sizes without the batch: 3x32x32"), item("data=", "digits, or a folder with IDX files")];
    default:
      return contracts();
  }
}

function directives({ layers }: CompletionContext): AnnotationCompletion[] {
  const norms = layers.filter(isNormalization);
  const isWeighted = layers.some(({ op }) => op.kind === "linear" || op.kind === "conv2d");
  const adds =
    isWeighted || norms.length === 0
      ? [
          item("add bn", "batch normalization after this layer"),
          item("add bn after-activation", "batch normalization after the next activation"),
        ]
      : [];
  const forNorms =
    norms.length === 0
      ? []
      : [
          ...choices({ layers, candidates: [] }).map(({ text, detail }) => item(`use ${text}`, detail)),
          item("set momentum=", "another momentum"),
          item("set eps=", "another ε, which is added to the variance"),
          ...contracts(),
        ];
  return [...adds, item("remove", "train without this layer"), ...forNorms];
}

function contracts(): AnnotationCompletion[] {
  return [
    item("frozen", "contract: weights and running statistics do not change"),
    item("min-batch=", "contract: at least this many samples in each batch"),
    item("domain=", "contract: all data of this layer come from one domain"),
  ];
}

function choices({ layers }: CompletionContext): AnnotationCompletion[] {
  const channels = layers.flatMap(({ op }) => (op.kind === "batchNorm" ? [op.numFeatures] : []));
  const groups = [32, 16, 8, 4, 2]
    .filter((count) => channels.every((size) => size % count === 0 && size > count))
    .slice(0, 3);
  return [
    ...groups.map((count) => item(`group(${count})`, `group normalization, ${count} groups`)),
    item("layer", "layer normalization"),
    item("instance", "instance normalization"),
    item("renorm", "batch renormalization; renorm(500) starts after 500 updates"),
    item("ghost(32)", "batch normalization over every 32 samples separately"),
    ...(channels.length > 0 ? [] : [item("batch", "batch normalization")]),
  ];
}

function models({ candidates }: CompletionContext, prefix: string): AnnotationCompletion[] {
  return candidates.map(({ name, expression, requires }) =>
    item(
      `${prefix}${requires.length > 0 ? `${name}(` : expression}`,
      requires.length > 0 ? `needs ${requires.join(", ")}` : "the model that NormLens reads",
    ),
  );
}
