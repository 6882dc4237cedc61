/** Pipelines of tf.data: how many elements a loop over one gives at most, where the script fixes that. */
import { elementsIn } from "./followExpression";
import { numberOf } from "./dataSize";
import type { Tracing } from "./tracing";
import { argument, type Args, type ObjectValue, type Site, type TracedUnknown, type TracedValue } from "./tracedValues";
import { unreadableCall } from "./unreadable";

const DATASET = "tensorflow.data.Dataset";

/** Functions that make a pipeline of data. */
export const SOURCE = /^tensorflow\.data\.Dataset\.(from_tensor_slices|range)$/;

export const isPipeline = ({ type }: ObjectValue): boolean => type === DATASET;

const SAME_COUNT = /^(map|prefetch|cache|shuffle|with_options|enumerate|filter|skip|shard)$/;

export function pipelineFrom(tracing: Tracing, path: string, args: Args, site: Site): ObjectValue {
  const [first] = args.positional;
  const data = first?.kind === "object" ? elementsIn(first)[0] : first;
  const isRange = path.endsWith("range") && args.positional.length === 1;
  const elements = isRange ? numberOf(first) : data?.kind === "tensor" ? data.rows : null;
  return tracing.object(DATASET, args, site, { facts: { elements } });
}

/** A method of a pipeline; null for what gives none. */
export function pipelineAfter(
  tracing: Tracing,
  pipeline: ObjectValue,
  name: string,
  args: Args,
  site: Site,
): TracedValue {
  const computed = unreadableCall(tracing, pipeline, name, args, site);
  const count = pipeline.facts.elements ?? null;
  const elements = countAfter(count, name, args);
  return elements === undefined ? computed : tracing.object(DATASET, args, site, { facts: { elements } });
}

/** `data.take(5)` of data that nobody knows, in a file that uses TensorFlow; null for any other call. */
export function pipelineTaken(
  tracing: Tracing,
  { owner, names }: TracedUnknown,
  args: Args,
  site: Site,
): ObjectValue | null {
  const elements = numberOf(args.positional[0] ?? args.keyword.get("count"));
  if (owner === undefined || !names.has("take") || elements === null || !/\btensorflow\b/.test(site.file.text))
    return null;
  return tracing.object(DATASET, args, site, { facts: { elements } });
}

/** null for a number that is not known, undefined where the result is no pipeline. */
function countAfter(count: number | null, name: string, args: Args): number | null | undefined {
  if (SAME_COUNT.test(name)) return count;
  const given = numberOf(argument(args, name.endsWith("batch") ? "batch_size" : "count", 0));
  switch (name) {
    case "take":
      return given === null || given < 0 ? count : Math.min(given, count ?? given);
    case "repeat":
      return given === null || given < 0 || count === null ? null : count * given;
    case "batch":
    case "padded_batch":
      return count === null || given === null || given < 1 ? null : Math.ceil(count / given);
    default:
      return /^(apply|unbatch|concatenate|interleave|flat_map|window|rebatch|bucket_by_sequence_length)$/.test(name)
        ? null
        : undefined;
  }
}
