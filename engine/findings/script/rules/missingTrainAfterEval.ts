/** An eval() inside the training loop that nothing takes back: from then on the network trains in eval mode. */
import { findingOf } from "../../draft";
import type { SourceFinding } from "../../sourceFinding";
import { grouped, isManaged, isOnly, lineText, nameAt, rangeAt, siteKey, type ScriptContext } from "../scriptContext";
import { isStepped } from "../optimizers";
import { dependsOnMode } from "../../../script/norms";
import type { Forward, LoopVisit, ModeEntry, Site } from "../../../script/tracedValues";

interface Stuck {
  readonly forward: Forward;
  readonly entry: ModeEntry & { readonly site: Site };
}

export function missingTrainAfterEval(context: ScriptContext): SourceFinding[] {
  const stuck = context.trace.forwards.flatMap((forward) => stuckEntries(context, forward));
  return grouped(stuck, ({ entry }) => siteKey(entry.site)).flatMap(([first]) =>
    first === undefined ? [] : describe(context, first),
  );
}

function stuckEntries(context: ScriptContext, forward: Forward): Stuck[] {
  const { training, module } = forward;
  if (training === null || isManaged(module) || !dependsOnMode(module) || !isStepped(context, module)) return [];
  return training.modes.flatMap((entry): Stuck[] => {
    const { site } = entry;
    if (entry.mode !== "eval" || site === null || entry.freezes !== null || !sharesLoop(entry.loops, forward.loops))
      return [];
    // `(ema or net).eval()` may have meant the other one.
    if (entry.choice !== null && entry.choice !== forward.choice) return [];
    return servesEvaluation(context, forward, site) &&
      !hasConditionalTrain(context, forward) &&
      !isSaidByForward(context, site)
      ? [{ forward, entry: { ...entry, site } }]
      : [];
  });
}

/** `self.backbone.eval()` in the forward of a network holds the part in every pass, as it is meant. */
function isSaidByForward({ trace }: ScriptContext, site: Site): boolean {
  const call = trace.modeCalls.find(({ place }) => place.site === site);
  return call?.place.frames.some(({ node }) => node?.kind === "function" && node.name === "forward") === true;
}

const sharesLoop = (a: readonly LoopVisit[], b: readonly LoopVisit[]): boolean =>
  a.some(({ loop }) => b.some((other) => other.loop === loop));

/**
 * The network trains in train mode first, or answers in between without being trained: eval() was not meant to stay.
 */
function servesEvaluation({ trace }: ScriptContext, { module }: Forward, site: Site): boolean {
  return trace.forwards.some((other) => {
    if (other.module !== module) return false;
    if (other.training !== null) return isOnly(other.training.modes, "train");
    // A copy that an attack differentiates through is not trained.
    return (
      module.copyOf === null &&
      other.modes.some((entry) => entry.site !== null && siteKey(entry.site) === siteKey(site))
    );
  });
}

/** `if not args.freeze_bn: net.train()` may be meant as it is written. */
function hasConditionalTrain({ trace }: ScriptContext, forward: Forward): boolean {
  return trace.modeCalls.some(({ module, mode, place }) => {
    const loop = forward.loops.at(-1);
    return (
      module === forward.module &&
      mode === "train" &&
      place.tests.some(({ isOpen, period }) => isOpen && period === undefined) &&
      place.loops.some((visit) => visit.loop === loop?.loop || sharesLoop([visit], forward.loops))
    );
  });
}

function describe(context: ScriptContext, { forward, entry }: Stuck): SourceFinding[] {
  const call = context.trace.modeCalls.find(({ place }) => place.site === entry.site);
  const range = rangeAt(context, { site: entry.site, frames: call?.place.frames ?? [] });
  if (range === null || forward.training === null) return [];
  const name = nameAt(context, forward.module, forward);
  const layers = forward.hasNorm
    ? "Its BN layers use the running statistics and no longer update them"
    : "Its dropout layers do nothing";
  return [
    findingOf({
      rule: "missing-train-after-eval",
      layers: [],
      expression: range,
      verdict: `${name} is still in eval mode when training continues.`,
      evidence:
        `After this eval(), the forward pass on ${lineText(context, forward.site)} runs again without a ` +
        `train() call in between, and the backward pass on ${lineText(context, forward.training.site)} ` +
        `trains it. ${layers}.`,
      next: `Call ${name}.train() after the evaluation, or at the start of each epoch.`,
    }),
  ];
}
