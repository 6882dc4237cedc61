/** DistributedDataParallel that sends no buffers: each process keeps the running statistics of its own data. */
import { findingOf } from "../../draft";
import type { SourceFinding } from "../../sourceFinding";
import { grouped, nameOf, rangeAt, siteKey, type ScriptContext } from "../scriptContext";
import { isLocal } from "../localStatistics";
import { modulesIn, type ObjectValue } from "../../../script/tracedValues";
import type { TracedCall } from "../../../script/tracing";

/** Who sends buffers from one process to the others, or averages them. */
const SENDS = /\b(broadcast|all_reduce|all_gather|reduce)\w*\s*\(/;

/** The networks that keep their own statistics in each process, with the call that wraps them. */
export function unsentBuffers(context: ScriptContext): { module: ObjectValue; call: TracedCall }[] {
  const { file, trace } = context;
  if (SENDS.test(file.text) && /buffers|running_(mean|var)/.test(file.text.replaceAll("broadcast_buffers", "")))
    return [];
  return trace.calls
    .filter(({ path, args }) => /(^|\.)(DistributedDataParallel|DDP)$/.test(path) && sendsNoBuffers(args.keyword))
    .flatMap((call) => modulesIn(call.result).map((module) => ({ module, call })))
    .filter(({ module }) => isLocal(context, module));
}

function sendsNoBuffers(keyword: TracedCall["args"]["keyword"]): boolean {
  const flag = keyword.get("broadcast_buffers");
  return flag?.kind === "constant" && flag.value === false;
}

export function ranksApart(context: ScriptContext): SourceFinding[] {
  return grouped(unsentBuffers(context), ({ call }) => siteKey(call.place.site)).flatMap(([first]) => {
    const range = first === undefined ? null : rangeAt(context, first.call.place);
    if (first === undefined || range === null) return [];
    const name = nameOf(first.module);
    return [
      findingOf({
        rule: "ranks-apart",
        severity: "warning",
        layers: [],
        expression: range,
        verdict: `Each process keeps its own running statistics of ${name}.`,
        evidence:
          "With broadcast_buffers=False only gradients are shared, and each BN layer takes the mean and variance of " +
          "what its own process reads. A checkpoint has those of 1 process, and the others evaluate another network.",
        next:
          `Pass ${name} through nn.SyncBatchNorm.convert_sync_batchnorm before wrapping it, or leave ` +
          "broadcast_buffers at True.",
      }),
    ];
  });
}
