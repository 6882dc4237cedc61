/** The last batch of an epoch has one sample, and BN over features alone cannot be trained with one. */
import { thousands } from "../../../protocol/numberText";
import { findingOf } from "../../draft";
import type { SourceFinding } from "../../sourceFinding";
import { isManaged, lineText, nameOf, rangeAt, usesBatchStatistics, type ScriptContext } from "../scriptContext";
import { isFedBy } from "../fedBy";
import { isLoader, numberOf, sizeOf } from "../../../script/dataSize";
import { hasNorm, withDescendants } from "../../../script/norms";
import { argument, type Forward, type ObjectValue } from "../../../script/tracedValues";

export function singleSampleLastBatch(context: ScriptContext): SourceFinding[] {
  return context.trace.objects.filter(isLoader).flatMap((loader) => {
    const counts = countsOf(loader);
    if (counts === null || counts.samples % counts.batch !== 1) return [];
    const forward = context.trace.forwards.find(
      (pass) =>
        isFedBy(pass, loader) &&
        pass.training !== null &&
        usesBatchStatistics(pass) &&
        !isManaged(pass.module) &&
        failsOnOne(pass.module),
    );
    return forward === undefined ? [] : describe(context, loader, forward, counts);
  });
}

interface Counts {
  readonly samples: number;
  readonly batch: number;
}

function countsOf({ args }: ObjectValue): Counts | null {
  const dropsLast = argument(args, "drop_last", 8);
  const keeps = dropsLast === null || (dropsLast.kind === "constant" && dropsLast.value === false);
  if (!keeps || !args.isComplete || args.keyword.has("sampler") || args.keyword.has("batch_sampler")) return null;
  const data = argument(args, "dataset", 0);
  const batch = numberOf(argument(args, "batch_size", 1));
  const samples = data === null ? null : sizeOf(data);
  return samples === null || batch === null || batch < 2 || samples <= 1 ? null : { samples, batch };
}

/** BatchNorm1d over [batch, features]; after a convolution there are more values per channel. */
export function failsOnOne(module: ObjectValue): boolean {
  const types = [...withDescendants(module)].map(({ type }) => type);
  return (
    hasNorm(module) &&
    types.some((type) => type.endsWith("BatchNorm1d")) &&
    !types.some((type) => /Conv(Transpose)?1d$/.test(type))
  );
}

function describe(
  context: ScriptContext,
  loader: ObjectValue,
  forward: Forward,
  { samples, batch }: Counts,
): SourceFinding[] {
  const range = rangeAt(context, { site: loader.site, frames: forward.frames });
  if (range === null) return [];
  return [
    findingOf({
      rule: "single-sample-last-batch",
      layers: [],
      expression: range,
      verdict: "The last batch of each epoch has 1 sample, which BN can't normalize in training.",
      evidence:
        `${thousands(samples)} samples in batches of ${thousands(batch)} leave 1 over. ` +
        `${nameOf(forward.module)} is trained on it on ${lineText(context, forward.site)}, and its ` +
        `BatchNorm1d raises "Expected more than 1 value per channel when training".`,
      next: "Pass drop_last=True to this DataLoader, or change the batch size.",
    }),
  ];
}
