/**
 * Parameters alone are saved, loaded or put back: the running statistics of BN are buffers, and stay what they were.
 */
import { findingOf } from "../../draft";
import type { SourceFinding } from "../../sourceFinding";
import { grouped, lineText, nameOf, rangeAt, siteKey, usesBatchStatistics, type ScriptContext } from "../scriptContext";
import { movesStatistics } from "../writtenWeights";
import { hasNorm, withDescendants } from "../../../script/norms";
import type { Place, Transfer } from "../../../script/tracing";
import type { ObjectValue } from "../../../script/tracedValues";
import { partsInside } from "../../../script/weights";

const RULE = "buffers-not-restored";

export function buffersNotRestored(context: ScriptContext): SourceFinding[] {
  return [...saves(context), ...loads(context), ...restores(context)];
}

/** `torch.save({name: p for name, p in net.named_parameters()}, path)`. */
function saves(context: ScriptContext): SourceFinding[] {
  const calls = context.trace.calls
    .filter(({ path }) => path === "torch.save")
    .map(({ args, place }) => ({ place, parts: args.positional.slice(0, 1).flatMap((value) => partsInside(value)) }));
  const complete = new Set(
    calls.flatMap(({ parts }) =>
      parts.filter(({ what }) => what === "state" || what === "buffers").map(({ of }) => of),
    ),
  );
  return grouped(calls, ({ place }) => siteKey(place.site)).flatMap(([first]) => {
    const part = first?.parts.find(({ of, what }) => what === "parameters" && hasNorm(of) && !complete.has(of));
    if (first === undefined || part === undefined) return [];
    const name = nameOf(part.of);
    return finding(context, first.place, {
      verdict: `This checkpoint of ${name} has no running statistics.`,
      evidence:
        `It holds what ${name}.parameters() gives: weights, γ and β. The running mean and variance of a BN layer are ` +
        "2 buffers, and a network that loads this file starts with mean 0 and variance 1.",
      next: `Pass ${name}.state_dict() to torch.save, and load it with strict=True.`,
    });
  });
}

/** `net.load_state_dict(dict(other.named_parameters()), strict=False)`. */
function loads(context: ScriptContext): SourceFinding[] {
  const calls = context.trace.transfers.filter(
    (transfer) => isLoad(transfer) && transfer.from !== transfer.to && hasNorm(transfer.to),
  );
  return grouped(calls, ({ place }) => siteKey(place.site)).flatMap(([first]) =>
    first === undefined || movesStatistics(context, first.to)
      ? []
      : finding(context, first.place, {
          verdict: `${nameOf(first.to)} gets parameters here, and no running statistics.`,
          evidence:
            "What is loaded was made from parameters(). The running mean and variance of a BN layer are 2 buffers, " +
            "which strict=False leaves as they are.",
          next: "Call load_state_dict with the other network's state_dict().",
        }),
  );
}

const isLoad = ({ what, place: { site } }: Transfer): boolean =>
  what === "parameters" && /load_state_dict\s*\(/.test(site.file.text.slice(site.from, site.to));

/** Weights that were kept before some training steps are put back after them. */
function restores(context: ScriptContext): SourceFinding[] {
  const { trace } = context;
  const back = trace.transfers.filter(
    ({ what, from, to, held, passes }) =>
      what === "parameters" &&
      from === to &&
      held !== null &&
      !trace.averages.has(held) &&
      hasNorm(to) &&
      !movesStatistics(context, to) &&
      trace.forwards.slice(held.passes, passes).some((pass) => movesIts(to, pass.module) && usesBatchStatistics(pass)),
  );
  return grouped(back, ({ place }) => siteKey(place.site)).flatMap(([first]) =>
    first?.held === undefined || first.held === null
      ? []
      : finding(context, first.place, {
          verdict: `The weights of ${nameOf(first.to)} are put back here, and its running statistics are not.`,
          evidence:
            `The copy on ${lineText(context, first.held.site)} has parameters only. The steps since then moved the ` +
            "running mean and variance of its BN layers, 2 buffers each, which now belong to other weights.",
          next: `Use copy.deepcopy(${nameOf(first.to)}.state_dict()) and load_state_dict() instead.`,
        }),
  );
}

const movesIts = (module: ObjectValue, run: ObjectValue): boolean =>
  run === module || withDescendants(run).has(module) || withDescendants(module).has(run);

function finding(
  context: ScriptContext,
  place: Place,
  texts: Pick<SourceFinding, "verdict" | "evidence" | "next">,
): SourceFinding[] {
  const range = rangeAt(context, place);
  return range === null ? [] : [findingOf({ rule: RULE, layers: [], expression: range, ...texts })];
}
