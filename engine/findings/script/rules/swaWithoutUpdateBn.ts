/**
 * Averaged weights with running statistics of other weights: SWA without update_bn, a moving average of parameters
 * alone.
 */
import { findingOf } from "../../draft";
import type { SourceFinding } from "../../sourceFinding";
import { nodesIn } from "../../../python/walk";
import { grouped, isOnly, lineText, nameOf, rangeAt, trainedModules, type ScriptContext } from "../scriptContext";
import { callerOf, movesStatistics } from "../writtenWeights";
import type { Place, Transfer } from "../../../script/tracing";
import { hasNorm } from "../../../script/norms";
import { partsInside } from "../../../script/weights";
import type { ObjectValue } from "../../../script/tracedValues";

const RECALIBRATES = new RegExp(
  "^(_?update_bn\\w*|bn_update\\w*|\\w*precise_?bn\\w*|update_batch_?norm\\w*|\\w*recalibrat\\w*|" +
    "use_buffers|\\w*bn_stats\\w*)$",
  "i",
);

export function swaWithoutUpdateBn(context: ScriptContext): SourceFinding[] {
  if (!context.trace.isComplete) return [];
  const found = [
    ...averagedModels(context),
    ...movingAverages(context),
    ...keptAverages(context),
    ...scheduleFree(context),
  ];
  return found.length > 0 && recalibrates(context) ? [] : found;
}

/** Anything by that name, in any file that was followed, may do it. */
function recalibrates({ file, trace }: ScriptContext): boolean {
  const files = new Set([
    file,
    ...trace.forwards.map(({ site }) => site.file),
    ...trace.calls.map(({ place }) => place.site.file),
  ]);
  for (const one of files) {
    for (const node of nodesIn(one.module.body)) {
      const name = node.kind === "name" || node.kind === "attribute" || node.kind === "function" ? node.name : "";
      if (RECALIBRATES.test(name)) return true;
    }
  }
  return false;
}

function averagedModels(context: ScriptContext): SourceFinding[] {
  return context.trace.calls.flatMap(({ path, args, result, place }) => {
    if (
      path !== "torch.optim.swa_utils.AveragedModel" ||
      args.keyword.has("use_buffers") ||
      args.positional.length > 4 ||
      !args.isComplete
    )
      return [];
    if (
      result.kind !== "object" ||
      result.copyOf === null ||
      !hasNorm(result.copyOf) ||
      copiesBuffers(context, result) ||
      !isUpdated(context, result)
    )
      return [];
    return describe(
      context,
      place,
      `${nameOf(result)} averages the weights of ${nameOf(result.copyOf)}, but its running statistics do ` +
        "not match the averaged weights.",
    );
  });
}

/** One that is only made to load weights into averages nothing. */
function isUpdated({ trace }: ScriptContext, module: ObjectValue): boolean {
  return trace.transfers.some(({ to, what }) => to === module && what === "average");
}

function copiesBuffers({ trace }: ScriptContext, module: ObjectValue): boolean {
  const inner = module.fields.get("module");
  return trace.transfers.some(({ to, what }) => what === "buffers" && (to === module || to === inner));
}

/** `for p, q in zip(ema.parameters(), net.parameters()): p.mul_(d).add_(q, ...)` without the buffers. */
function movingAverages(context: ScriptContext): SourceFinding[] {
  const trained = trainedModules(context);
  // Weights that are copied from a finished network, as pruning does, are no average.
  const transfers = context.trace.transfers.filter(
    ({ what, to, from }) => what === "parameters" && from !== null && from !== to && trained.has(from) && hasNorm(to),
  );
  return grouped(transfers, ({ to }) => String(to.id)).flatMap(([first]) => {
    if (first === undefined || !isEvaluated(context, first)) return [];
    return describe(
      context,
      first.place,
      `${nameOf(first.to)} is updated from the parameters of another network, but not from its running statistics.`,
    );
  });
}

/** Averages that are kept in a list or a dict, and are put into the network that made them for an evaluation. */
function keptAverages(context: ScriptContext): SourceFinding[] {
  const { trace } = context;
  const transfers = trace.transfers.filter((transfer) => {
    const { what, held, to, passes } = transfer;
    return (
      what === "parameters" &&
      held !== null &&
      trace.averages.has(held) &&
      hasNorm(to) &&
      !movesStatistics(context, to) &&
      trace.forwards.slice(passes).some(({ module, modes }) => module === to && isOnly(modes, "eval"))
    );
  });
  return grouped(transfers, ({ to }) => String(to.id)).flatMap(([first]) =>
    first === undefined
      ? []
      : describe(
          context,
          callerOf(first.place),
          `${nameOf(first.to)} gets averaged parameters, but keeps the running statistics of the others.`,
        ),
  );
}

/**
 * Schedule-Free optimizers train at one point and evaluate at an average of all: `optimizer.eval()` swaps the
 * weights.
 */
function scheduleFree(context: ScriptContext): SourceFinding[] {
  const trained = trainedModules(context);
  const { trace } = context;
  return trace.objects
    .filter(({ type }) => type.includes("ScheduleFree"))
    .flatMap(({ args, site }) => {
      const owners = args.positional.slice(0, 1).flatMap((value) => partsInside(value).map(({ of }) => of));
      const module = owners.find(
        (owner) =>
          trained.has(owner) &&
          hasNorm(owner) &&
          trace.forwards.some((pass) => pass.module === owner && isOnly(pass.modes, "eval")),
      );
      return module === undefined
        ? []
        : describe(
            context,
            { site, frames: [] },
            `${nameOf(module)} is evaluated at averaged weights, with the running statistics of others.`,
          );
    });
}

function isEvaluated({ trace }: ScriptContext, { to }: Transfer): boolean {
  const own = trace.transfers.some(
    (other) =>
      other.to === to && (other.what === "buffers" || (other.what === "state" && other.place.loops.length > 0)),
  );
  const passes = trace.forwards.filter(({ module }) => module === to);
  return !own && passes.length > 0 && passes.every(({ modes }) => isOnly(modes, "eval"));
}

function describe(context: ScriptContext, place: Pick<Place, "site" | "frames">, verdict: string): SourceFinding[] {
  const range = rangeAt(context, place);
  if (range === null) return [];
  return [
    findingOf({
      rule: "swa-without-update-bn",
      layers: [],
      expression: range,
      verdict,
      evidence:
        `The average on ${lineText(context, place.site)} covers parameters only. The mean and variance that ` +
        "eval mode normalizes with are 2 buffers per BN layer, and the script neither calls update_bn, nor " +
        "passes use_buffers, nor copies the buffers.",
      next:
        "Call torch.optim.swa_utils.update_bn(loader, model) before you evaluate or save the averaged " +
        "model, or copy the buffers too.",
    }),
  ];
}
