/**
 * The model returns what a BN layer made: its outputs have mean β and spread γ over every batch, whatever the batch
 * (fastai/fastai2#107). Embeddings, projections and encoders do so on purpose: the rule looks at root models only.
 */
import { normLayers, type BatchNormLayer, type FindingContext } from "../context";
import { findingOf } from "../draft";
import { atStart, layerText } from "../layerText";
import { soleOutput } from "../../protocol/modelGraph";
import { callsIn, classesIn, dottedName, functionsIn, namesIn } from "../../python/walk";
import type { SourceFinding } from "../sourceFinding";

/** Names of models and layers whose output is an input of something else. */
const INTERMEDIATE = /proj|pred|embed|head|neck|feat|encod|backbone|block|layer|module|unit|conv|generator|down|up/i;

export function normOnOutput(context: FindingContext): SourceFinding[] {
  const { graph } = context;
  const node = graph === null ? undefined : context.nodes.get(soleOutput(graph) ?? "");
  const layer = normLayers(context).find(({ name }) => name === node?.layer);
  if (graph === null || layer === undefined || !layer.op.affine || !isRootsOwn(context, layer)) return [];
  return [
    findingOf({
      rule: "norm-on-output",
      layers: [layer.name],
      expression: layer.range,
      verdict:
        `${atStart(layerText(layer))} is the last operation, so in training every output has the same mean ` +
        "and spread over its batch.",
      evidence:
        `Each of the ${layer.op.numFeatures} outputs has mean β and standard deviation γ in every batch. A ` +
        "sample's output depends on the other samples of its batch, and a batch of one class looks like any other.",
      next: `Remove ${layerText(layer)}. If the output is an embedding, you can keep it.`,
    }),
  ];
}

/** The model is not part of another, and the layer is in the model itself and not in a head with its own class. */
function isRootsOwn({ file, reading }: FindingContext, layer: BatchNormLayer): boolean {
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
