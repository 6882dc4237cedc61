/**
 * The model returns what a BN layer made: its outputs have mean β and spread γ over every batch, whatever the batch
 * (fastai/fastai2#107). Embeddings, projections and encoders do so on purpose: the rule looks at root models only.
 */
import { constructorCall, isOurs, layerOf, type FindingContext } from "../context";
import { findingOf } from "../draft";
import { atStart, layerText } from "../layerText";
import { soleOutput, type GraphNode, type Layer } from "../../protocol/modelGraph";
import { callsIn, classesIn, dottedName, functionsIn, namesIn } from "../../python/walk";
import type { SourceFinding } from "../sourceFinding";

/** Names of models and layers whose output is an input of something else. */
const INTERMEDIATE =
  /proj|pred|embed|head|neck|feat|encod|backbone|block|layer|module|unit|conv|generator|down|up|gate|atten|mask/i;

export function normOnOutput(context: FindingContext): SourceFinding[] {
  const { graph } = context;
  const { node, through } = lastOperation(context);
  const layer = node === undefined ? null : layerOf(context, node);
  if (graph === null || layer === null || !isAffineNorm(layer) || !isOurs(context, layer)) return [];
  if (!isRootsOwn(context, layer)) return [];
  const outputs = layer.op.kind === "batchNorm" ? layer.op.numFeatures : null;
  // With assumed arguments, or unknown sizes, a softmax alone shows that nothing follows.
  if (through === null && (outputs === null || context.reading.assumed.length > 0)) return [];
  const before = through === null ? "" : ` before the ${through}`;
  const value = through === null ? "output" : "logit";
  return [
    findingOf({
      rule: "norm-on-output",
      layers: [layer.name],
      expression: layer.range,
      verdict:
        `${atStart(layerText(layer))} is the last operation${before}, so in training every ${value} has the same ` +
        "mean and spread over its batch.",
      evidence:
        `Each ${outputs === null ? value : `of the ${outputs} ${value}s`} has mean β and standard deviation γ in ` +
        "every batch. A sample's output depends on the other samples of its batch, and a batch of one class looks " +
        "like any other.",
      next: `Remove ${layerText(layer)}. If the output is an embedding, you can keep it.`,
    }),
  ];
}

/** Also one of unknown size. */
const isAffineNorm = ({ op, className }: Layer): boolean =>
  op.kind === "batchNorm" ? op.affine : op.kind === "other" && className === "BatchNormalization";

interface Last {
  readonly node: GraphNode | undefined;
  /** The function that makes probabilities of it, if any. */
  readonly through: string | null;
}

/** What makes the output, or the logits of which a softmax or sigmoid makes it. */
function lastOperation(context: FindingContext): Last {
  const node = context.graph === null ? undefined : context.nodes.get(soleOutput(context.graph) ?? "");
  const layer = node === undefined ? null : layerOf(context, node);
  const through = layer === null ? null : probabilities(context, layer);
  return through === null ? { node, through } : { node: context.nodes.get(node?.inputs[0] ?? ""), through };
}

function probabilities(context: FindingContext, layer: Layer): string | null {
  const { op, className } = layer;
  if (op.kind === "softmax" || className === "Softmax") return "softmax";
  if (op.kind === "activation") return op.function === "sigmoid" ? "sigmoid" : null;
  // Keras's `Activation("softmax")`, which has no op of its own.
  const call = className === "Activation" ? constructorCall(context, layer) : null;
  const [argument] = call?.arguments ?? [];
  const isNamed = argument?.value.kind === "string" && argument.value.value === "softmax";
  return isNamed || /(^|\.)softmax$/.test(argument === undefined ? "" : (dottedName(argument.value) ?? ""))
    ? "softmax"
    : null;
}

/** The model is not part of another, and the layer is in the model itself and not in a head with its own class. */
function isRootsOwn({ file, reading }: FindingContext, layer: Layer): boolean {
  const name = /^\s*(\w+)/.exec(reading.model ?? "")?.[1] ?? "";
  const classes = classesIn(file.module.body);
  const maker = functionsIn(file.module.body).find((one) => one.name === name);
  const made = maker === undefined ? [] : callsIn(maker).map(({ callee }) => dottedName(callee));
  // `resnet18()` is the class that it makes.
  const model = classes.find((cls) => made.includes(cls.name))?.name ?? name;
  const own = layer.name.split(".").filter((word) => !/^\d+$/.test(word));
  if (INTERMEDIATE.test(model) || INTERMEDIATE.test(name) || own.some((word) => INTERMEDIATE.test(word))) return false;
  const isPart = classes.some((cls) => cls.name !== model && namesIn(cls).some(({ name }) => name === model));
  const home = classes.find((cls) => {
    const range = file.lines.range(file.path, cls);
    return range.startLine <= layer.range.startLine && layer.range.endLine <= range.endLine;
  });
  return !isPart && (home === undefined || home.name === model);
}
