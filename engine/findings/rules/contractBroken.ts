/**
 * A contract that an annotation states for a BN layer (`frozen`, `min-batch`, `domain`) and that the same file breaks:
 * what the graph and the text show. What happens in a run is watched there (engine/training/contractWatch.ts).
 */
import type { NormContracts } from "../../protocol/modelGraph";
import { callsOf, normLayers, type BatchNormLayer, type FindingContext } from "../context";
import { atStart, layerText } from "../layerText";
import { findingOf } from "../draft";
import { holdsNormInEval } from "../heldInEval";
import { callsIn } from "../../python/walk";
import type { SourceFinding } from "../sourceFinding";

interface Broken {
  readonly verdict: string;
  readonly evidence: string;
  readonly next: string;
}

export function contractBroken(context: FindingContext): SourceFinding[] {
  const promised = new Map(context.reading.variant?.layers.map((layer) => [layer.name, layer.contracts]));
  return normLayers(context).flatMap((layer) => {
    const contracts = promised.get(layer.name);
    const broken = contracts === undefined ? [] : brokenBy(context, layer, contracts);
    return broken.map((text) =>
      findingOf({ rule: "contract-broken", layers: [layer.name], expression: layer.range, ...text }),
    );
  });
}

function brokenBy(
  context: FindingContext,
  layer: BatchNormLayer,
  { frozen, minBatch, domain }: NormContracts,
): Broken[] {
  const broken: Broken[] = [];
  const name = atStart(layerText(layer));
  if (frozen === true && trains(context) && !holdsNormInEval(context.file)) {
    broken.push({
      verdict:
        `${name} is annotated frozen, but nothing in this file keeps it frozen: each train() call turns ` +
        "batch statistics on again.",
      evidence:
        "The file calls train() on a model, and no class puts a BN layer into eval mode or overrides " +
        "train(). requires_grad=False alone does not stop updates of the running statistics.",
      next: "Override train() in the model, and call eval() on its frozen layers there.",
    });
  }
  const smallest = Math.min(...trainingBatchSizes(context));
  if (minBatch !== undefined && smallest < minBatch) {
    broken.push({
      verdict: `${name} is annotated min-batch=${minBatch}, but this file trains with batches of ${smallest}.`,
      evidence: `A shuffled DataLoader in this file has batch_size=${smallest}.`,
      next: `Use batches of ${minBatch} or more, or a normalization that does not depend on the batch.`,
    });
  }
  const calls = callsOf(context, layer).length;
  if (domain !== undefined && calls > 1) {
    broken.push({
      verdict: `${name} is annotated domain=${domain}, but one forward pass calls it ${calls} times.`,
      evidence: "Each call updates the same running statistics, so they mix the data of all calls.",
      next: "Use a separate normalization layer for each domain.",
    });
  }
  return broken;
}

/** `model.train()` or `net.train(True)` somewhere in the file. */
function trains({ file }: FindingContext): boolean {
  return callsIn(file.module.body).some(({ callee, arguments: args }) => {
    const [first] = args;
    const isOn = first === undefined || (first.value.kind === "constant" && first.value.value === true);
    return callee.kind === "attribute" && callee.name === "train" && args.length <= 1 && isOn;
  });
}

/** Batch sizes written as numbers in loaders that shuffle: those are trained on. */
function trainingBatchSizes({ file }: FindingContext): number[] {
  return callsIn(file.module.body).flatMap(({ callee, arguments: args }) => {
    const name = callee.kind === "attribute" || callee.kind === "name" ? callee.name : "";
    const keyword = (wanted: string) =>
      args.find((argument) => argument.kind === "keyword" && argument.name === wanted)?.value;
    const size = keyword("batch_size") ?? args.filter(({ kind }) => kind === "positional")[1]?.value;
    const shuffle = keyword("shuffle");
    const isTraining = shuffle?.kind === "constant" && shuffle.value === true;
    return name === "DataLoader" && isTraining && size?.kind === "number" ? [size.value] : [];
  });
}
