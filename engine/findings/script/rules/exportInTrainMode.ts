/** A network that is exported in train mode answers with the statistics of whatever batch it is given. */
import { findingOf } from "../../draft";
import type { SourceFinding } from "../../sourceFinding";
import { grouped, isManaged, isOnly, nameOf, rangeAt, siteKey, type ScriptContext } from "../scriptContext";
import { hasNorm } from "../../../script/norms";
import { modulesIn, type Args, type ObjectValue, type TracedValue } from "../../../script/tracedValues";
import type { TracedCall } from "../../../script/tracing";

export function exportInTrainMode(context: ScriptContext): SourceFinding[] {
  const exports = context.trace.calls.flatMap((call) => {
    const module = exported(call);
    return module === null ? [] : [{ module, call }];
  });
  return grouped(exports, ({ call }) => siteKey(call.place.site)).flatMap((visits) => {
    const [first] = visits;
    return first !== undefined && visits.every(({ call }) => isOnly(call.modes, "train"))
      ? describe(context, first.module, first.call)
      : [];
  });
}

/** `torch.jit.trace` records the mode that the network is in; `torch.onnx.export` sets eval mode unless it is told. */
function exported({ path, args }: TracedCall): ObjectValue | null {
  const isExport = path === "torch.jit.trace" || (path === "torch.onnx.export" && keepsTraining(args));
  const [first] = args.positional;
  const [module] = isExport && first !== undefined ? modulesIn(first) : [];
  return module !== undefined && hasNorm(module) && !isManaged(module) ? module : null;
}

function keepsTraining({ keyword }: Args): boolean {
  const mode: TracedValue | undefined = keyword.get("training");
  return mode?.kind === "external" && /TrainingMode\.(TRAINING|PRESERVE)$/.test(mode.path);
}

function describe(context: ScriptContext, module: ObjectValue, { place }: TracedCall): SourceFinding[] {
  const range = rangeAt(context, place);
  if (range === null) return [];
  const name = nameOf(module);
  return [
    findingOf({
      rule: "export-in-train-mode",
      layers: [],
      expression: range,
      verdict: `${name} is exported in train mode.`,
      evidence:
        "The BN layers of what is saved normalize with the mean and variance of each batch, so the answer for 1 " +
        "sample depends on the samples beside it, and dropout stays on.",
      next: `Call ${name}.eval() before the export.`,
    }),
  ];
}
