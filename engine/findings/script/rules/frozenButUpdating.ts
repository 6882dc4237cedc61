/**
 * A frozen network whose running statistics change: train() undoes an earlier eval(), and requires_grad says nothing
 * about buffers.
 */
import { findingOf } from "../../draft";
import type { SourceFinding } from "../../sourceFinding";
import { grouped, isManaged, lineText, nameAt, nameOf, rangeAt, siteKey, type ScriptContext } from "../scriptContext";
import { isPretrained } from "../pretrained";
import { withDescendants } from "../../../script/norms";
import type { Drift, Forward, ObjectValue, Site, TracedValue } from "../../../script/tracedValues";
import type { Place } from "../../../script/tracing";

export function frozenButUpdating(context: ScriptContext): SourceFinding[] {
  const passes = context.trace.forwards.filter((forward) => forward.loops.length > 0);
  const thawed = passes
    .filter(({ module, training }) => training !== null && !isManaged(module))
    .flatMap((forward) =>
      forward.thawed.flatMap(({ undid, site }) => (undid === null || site === null ? [] : [{ forward, undid, site }])),
    );
  const found = grouped(thawed, ({ undid }) => siteKey(undid)).flatMap(([first]) =>
    !first?.forward.hasNorm ? [] : describeThawed(context, first),
  );
  const drifting = passes
    .filter((forward) => takesPart(context, forward))
    .flatMap((forward) =>
      forward.drifting.filter((drift) => stays(context, drift)).map((drift) => ({ forward, drift })),
    );
  const others = grouped(drifting, ({ drift }) => siteKey(drift.grad.site)).flatMap(([first]) =>
    first === undefined ? [] : describeDrift(context, first),
  );
  return found.length > 0 ? found : others;
}

/** A pass that is trained, or is in the loop of one that is. */
function takesPart({ trace }: ScriptContext, forward: Forward): boolean {
  if (forward.training !== null) return true;
  const loop = forward.loops.at(-1);
  return forward.noGrad && trace.backwards.some(({ place }) => place.loops.at(-1) === loop);
}

/** Frozen for good, with weights that were trained somewhere else. */
function stays({ trace }: ScriptContext, { module, grad }: Drift): boolean {
  const frozenAt = trace.gradToggles.findLastIndex(({ place }) => place.site === grad.site);
  const isSwitchedOn = trace.gradToggles.some(
    (toggle, index) =>
      toggle.isOn &&
      !toggle.isPartial &&
      withDescendants(toggle.module).has(module) &&
      !(index < frozenAt && happensOnce(toggle.place)),
  );
  if (isSwitchedOn) return false;
  const isFollower = trace.transfers.some(
    ({ to, from }) => from !== null && from !== to && withDescendants(to).has(module),
  );
  if (isFollower) return false;
  const owners = trace.objects.filter((object) => object.isModule && withDescendants(object).has(module));
  return [module, ...owners].some((owner) => isPretrained(owner) || trace.loaded.has(owner));
}

/** In no open branch and in no loop but one over layers or parameters: what a later statement says replaces it. */
const happensOnce = ({ tests, loops }: Place): boolean =>
  !tests.some(({ isOpen }) => isOpen) && loops.every(({ loop }) => isOverParts(loop.iterable));

/** Parameters, layers, or a list of them, with their names or numbers. */
function isOverParts(iterable: TracedValue | null): boolean {
  if (iterable?.kind === "part") return true;
  if (iterable?.kind !== "object") return false;
  const inside = [...iterable.fields.values(), ...iterable.args.positional].filter(({ kind }) => kind !== "constant");
  return iterable.isModule || (inside.length > 0 && inside.every(isOverParts));
}

interface Thawed {
  readonly forward: Forward;
  readonly undid: Site;
  readonly site: Site;
}

function placeOf(context: ScriptContext, site: Site, frames: Forward["frames"]) {
  const call =
    context.trace.modeCalls.find(({ place }) => place.site === site) ??
    context.trace.gradToggles.find(({ place }) => place.site === site);
  return rangeAt(context, { site, frames: call?.place.frames ?? frames });
}

/** The train() that undoes the eval() has served a training before it: the freezing came later. */
function wasTrainedBefore({ trace }: ScriptContext, undid: Site, site: Site): boolean {
  const frozen = trace.modeCalls.findIndex(({ place }) => place.site === undid);
  return trace.modeCalls.slice(0, frozen).some(({ place }) => siteKey(place.site) === siteKey(site));
}

function describeThawed(context: ScriptContext, { forward, undid, site }: Thawed): SourceFinding[] {
  const range = placeOf(context, undid, forward.frames);
  const name = nameAt(context, forward.module, forward);
  const later = wasTrainedBefore(context, undid, site) ? placeOf(context, site, forward.frames) : null;
  if (later !== null && later.startLine !== range?.startLine)
    return [
      findingOf({
        rule: "frozen-but-updating",
        layers: [],
        expression: later,
        verdict: `This train() also thaws the BN layers of ${name} that are to stay frozen.`,
        evidence:
          `The eval() on ${lineText(context, undid)} set them to eval mode. From here on the forward pass on ` +
          `${lineText(context, forward.site)} normalizes with each batch and moves their running statistics by 10 % ` +
          "of the difference, unless another momentum is set.",
        next: "Call eval() on the frozen layers after this train(), or do so in the module's own train().",
      }),
    ];
  if (range === null) return [];
  return [
    findingOf({
      rule: "frozen-but-updating",
      layers: [],
      expression: range,
      verdict: "This eval() does not last: the frozen BN layers train again.",
      evidence:
        `The train() on ${lineText(context, site)} sets every layer of ${name} back to train mode, and the ` +
        `forward pass on ${lineText(context, forward.site)} updates their running statistics with each batch.`,
      next: "Call eval() on the frozen layers after every train(), or do so in the module's own train().",
    }),
  ];
}

function describeDrift(
  context: ScriptContext,
  { forward, drift }: { readonly forward: Forward; readonly drift: Drift },
): SourceFinding[] {
  const range = placeOf(context, drift.grad.site, forward.frames);
  if (range === null) return [];
  const name = frozenName(context, drift.module);
  return [
    findingOf({
      rule: "frozen-but-updating",
      layers: [],
      expression: range,
      verdict: `${name} is frozen here, but its running statistics still change.`,
      evidence:
        "requires_grad applies to parameters; the running mean and variance are buffers. On " +
        `${lineText(context, forward.site)} the BN layers are in train mode: they normalize with the batch ` +
        "and update both with each forward pass.",
      next: `Call ${name}.eval() after every train(), or use frozen normalization layers.`,
    }),
  ];
}

function frozenName({ trace }: ScriptContext, module: ObjectValue): string {
  const owner = trace.gradToggles.find((toggle) => !toggle.isOn && withDescendants(toggle.module).has(module));
  return nameOf(owner?.module ?? module);
}
