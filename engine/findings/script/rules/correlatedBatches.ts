/** Training data is read in the order of its classes: a batch has one class, and BN removes what makes it one. */
import { findingOf } from "../../draft";
import type { SourceFinding } from "../../sourceFinding";
import { isManaged, lineText, nameAt, rangeAt, usesBatchStatistics, type ScriptContext } from "../scriptContext";
import { isFedBy } from "../fedBy";
import { isLoader } from "../../../script/dataSize";
import { argument, optionsOf, type Forward, type ObjectValue, type TracedValue } from "../../../script/tracedValues";

export function correlatedBatches(context: ScriptContext): SourceFinding[] {
  return context.trace.objects.filter(isLoader).flatMap((loader) => {
    const order = readsInOrder(loader) ? sortedBy(argument(loader.args, "dataset", 0)) : null;
    if (order === null) return [];
    const forward = context.trace.forwards.find(
      (pass) =>
        isFedBy(pass, loader) &&
        pass.training !== null &&
        pass.hasNorm &&
        usesBatchStatistics(pass) &&
        !isManaged(pass.module),
    );
    return forward === undefined ? [] : describe(context, loader, forward, order);
  });
}

function readsInOrder({ args }: ObjectValue): boolean {
  const shuffle = argument(args, "shuffle", 2);
  const isOff = shuffle === null || (shuffle.kind === "constant" && shuffle.value === false);
  const chooses = ["sampler", "batch_sampler"].some((name) => args.keyword.has(name)) || args.positional.length > 3;
  return isOff && args.isComplete && !chooses;
}

/** What a folder's list of files is called: a script that sets it has an order of its own. */
const FILES = ["samples", "imgs"];

/** What says that the samples of one class follow each other; null when nothing does. */
function sortedBy(data: TracedValue | null): string | null {
  if (data?.kind !== "object") return null;
  const isOrdered = FILES.some((name) => data.fields.has(name));
  if (/(^|\.)(ImageFolder|DatasetFolder)$/.test(data.type))
    return isOrdered ? null : "ImageFolder lists one class after the other";
  const values = data.cls === null ? (isPairs(data) ? data.args.positional : []) : [...data.fields.values()];
  const hasLabels = values.flatMap(optionsOf).some((value) => value.kind === "tensor" && value.isSorted);
  return hasLabels ? "Its labels are made one class after the other" : null;
}

const isPairs = ({ type }: ObjectValue): boolean => /(^|\.)TensorDataset$/.test(type);

function describe(context: ScriptContext, loader: ObjectValue, forward: Forward, order: string): SourceFinding[] {
  const range = rangeAt(context, { site: loader.site, frames: forward.frames });
  if (range === null) return [];
  const name = nameAt(context, forward.module, forward);
  return [
    findingOf({
      rule: "correlated-batches",
      layers: [],
      expression: range,
      verdict: `${name} is trained on batches of 1 class each: this loader does not shuffle.`,
      evidence:
        `${order}. On ${lineText(context, forward.site)} each BN layer subtracts the mean of its batch, and with it ` +
        "what the samples of a class have in common. In eval mode the statistics of all classes are subtracted.",
      next: "Pass shuffle=True to this DataLoader, or a sampler that mixes the classes.",
    }),
  ];
}
