/**
 * DistributedDataParallel averages gradients, not batch statistics: every process normalizes with its own share of the
 * batch.
 */
import { findingOf } from "../../draft";
import type { SourceFinding } from "../../sourceFinding";
import { grouped, nameOf, rangeAt, type ScriptContext } from "../scriptContext";
import { isLocal } from "../localStatistics";
import { modulesIn } from "../../../script/tracedValues";
import { unsentBuffers } from "./ranksApart";

const DISTRIBUTED = /(^|\.)(DistributedDataParallel|DDP|NativeDDP|ApexDDP)$/;

export function ddpWithoutSyncbn(context: ScriptContext): SourceFinding[] {
  // Buffers that are not sent are a finding of their own.
  const apart = new Set(unsentBuffers(context).map(({ call }) => call.place));
  const wrapped = context.trace.calls
    .filter(({ path }) => DISTRIBUTED.test(path))
    .flatMap(({ result, place }) => modulesIn(result).map((module) => ({ module, place })))
    .filter(({ place }) => !apart.has(place));
  return grouped(wrapped, ({ place }) => `${place.site.file.path}:${place.site.from}`).flatMap((entries) => {
    const [first] = entries;
    const range = first === undefined ? null : rangeAt(context, first.place);
    if (first === undefined || range === null || !entries.every(({ module }) => isLocal(context, module))) return [];
    const name = nameOf(first.module);
    return [
      findingOf({
        rule: "ddp-without-syncbn",
        layers: [],
        expression: range,
        verdict: `Each process normalizes ${name} with its own part of the batch.`,
        evidence:
          "DistributedDataParallel averages gradients over the processes, but each BN layer takes mean and " +
          "variance from its local batch, and only the running statistics of process 0 are kept. With 8 " +
          "samples per process the statistics are those of 8 samples, however many processes there are.",
        next:
          `Pass ${name} through nn.SyncBatchNorm.convert_sync_batchnorm before wrapping it, if the batch ` +
          "per process is small.",
      }),
    ];
  });
}
