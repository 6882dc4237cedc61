/**
 * DistributedDataParallel averages gradients, not batch statistics: every process normalizes with its own share of the
 * batch.
 */
import type { SourceRange } from "../../../protocol/modelGraph";
import { findingOf } from "../../draft";
import type { SourceFinding } from "../../sourceFinding";
import { grouped, nameOf, rangeAt, type ScriptContext } from "../scriptContext";
import { isTrue, option, trainersOf } from "../lightning";
import { isLocal } from "../localStatistics";
import { modulesIn } from "../../../script/tracedValues";
import { unsentBuffers } from "./ranksApart";

const DISTRIBUTED = /(^|\.)(DistributedDataParallel|DDP|NativeDDP|ApexDDP)$/;

export function ddpWithoutSyncbn(context: ScriptContext): SourceFinding[] {
  return [...wrappedNetworks(context), ...lightningTrainers(context)];
}

function wrappedNetworks(context: ScriptContext): SourceFinding[] {
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
    return [finding(range, nameOf(first.module))];
  });
}

/** `Trainer(strategy="ddp")` without `sync_batchnorm=True`. */
function lightningTrainers(context: ScriptContext): SourceFinding[] {
  return trainersOf(context).flatMap(({ trainer, module }) => {
    const strategy = option(trainer, "strategy") ?? option(trainer, "accelerator");
    const isDistributed = strategy?.kind === "constant" && String(strategy.value).startsWith("ddp");
    const range = rangeAt(context, { site: trainer.site, frames: [] });
    if (!isDistributed || isTrue(option(trainer, "sync_batchnorm")) || range === null) return [];
    return [
      finding(range, nameOf(module), "Pass sync_batchnorm=True to this Trainer, if the batch per process is small."),
    ];
  });
}

function finding(range: SourceRange, name: string, next?: string): SourceFinding {
  return findingOf({
    rule: "ddp-without-syncbn",
    layers: [],
    expression: range,
    verdict: `Each process normalizes ${name} with its own part of the batch.`,
    evidence:
      "DistributedDataParallel averages gradients over the processes, but each BN layer takes mean and " +
      "variance from its local batch, and only the running statistics of process 0 are kept. With 8 " +
      "samples per process the statistics are those of 8 samples, however many processes there are.",
    next:
      next ??
      `Pass ${name} through nn.SyncBatchNorm.convert_sync_batchnorm before wrapping it, if the batch ` +
        "per process is small.",
  });
}
