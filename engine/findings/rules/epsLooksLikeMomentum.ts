/**
 * `BatchNorm2d(64, 0.8)`: PyTorch's second argument is eps, Keras's habit is a momentum. Any eps of 0.1 or more counts;
 * of 137 model files read for the catalogue 14 had one, and none meant it.
 */
import { findingOf } from "../draft";
import { rangeOf, type FindingContext } from "../context";
import { normSites, type NormSite } from "../normSites";
import { normArgument } from "../python/arguments";
import { constantNumber } from "../python/constants";
import type { SourceFinding, SourceFix } from "../sourceFinding";
import { layersText, verbFor } from "../layerText";
import { complement, short } from "../wording";

const SMALLEST = 0.1;

export function epsLooksLikeMomentum(context: FindingContext): SourceFinding[] {
  return normSites(context)
    .filter((site) => site.epsilon >= SMALLEST)
    .map((site) => describe(context, site));
}

function describe(context: FindingContext, site: NormSite): SourceFinding {
  const argument = site.call === null ? null : normArgument(site.call, site.framework, "eps");
  const isThere =
    argument !== null && (constantNumber(argument.value, context.names.numbers) ?? site.epsilon) === site.epsilon;
  const { epsilon } = site;
  const isKeras = site.framework === "keras";
  const name = isKeras ? "epsilon" : "eps";
  const momentum = isKeras ? kerasMomentumMeant(epsilon) : momentumMeant(epsilon);
  const kept = site.momentum === null ? "None" : short(isKeras ? complement(site.momentum) : site.momentum);
  const output = (sigma: number): string => short(sigma / Math.sqrt(sigma * sigma + epsilon));
  return findingOf({
    rule: "eps-looks-like-momentum",
    layers: site.layers,
    expression: site.expression,
    ...(isThere ? { range: rangeOf(context, argument.span) } : {}),
    verdict:
      `${short(epsilon)} is passed as ${name}${momentum === null ? "" : ", not as momentum"}, so ` +
      `${layersText(context, site.layers)} no longer ${verbFor(site.layers, "normalize")}.`,
    evidence:
      `${name} is added to the variance and is ${isKeras ? "0.001" : "0.00001"} by default. With ` +
      `${short(epsilon)}, the output of a channel with σ = 1 has σ = ${output(1)}, and that of a channel ` +
      `with σ = 0.1 has σ = ${output(0.1)}. Both should be 1. The momentum is still ${kept}.`,
    next: isKeras
      ? kerasNext(momentum)
      : momentum === null
        ? "Pass eps=1e-5, and the momentum by name."
        : `Pass momentum=${short(momentum)} by ` +
          `name${epsilon >= 0.5 ? ` (Keras's ${short(epsilon)} is PyTorch's ${short(momentum)})` : ""} and ` +
          "leave out eps.",
    fix: isThere && momentum !== null ? fixOf(context, site, momentum) : null,
  });
}

/** Half or more was the weight of the old value, as Keras counts; less was the weight of the new one. */
function momentumMeant(epsilon: number): number | null {
  if (epsilon >= 1) return null;
  return epsilon >= 0.5 ? complement(epsilon) : epsilon;
}

/** In Keras a momentum is the weight of the old value, and small ones are not meant. */
const kerasMomentumMeant = (epsilon: number): number | null => (epsilon >= 0.5 && epsilon < 1 ? epsilon : null);

const kerasNext = (momentum: number | null): string =>
  `Pass ${momentum === null ? "the momentum" : `momentum=${short(momentum)}`} by name and leave out epsilon.`;

/** Only for a number written in the call that has no momentum beside it. */
function fixOf(context: FindingContext, { call, framework }: NormSite, momentum: number): SourceFix | null {
  if (call === null || framework === "keras" || normArgument(call, framework, "momentum") !== null) return null;
  const argument = normArgument(call, framework, "eps");
  if (argument?.value.kind !== "number" || !argument.isLastPositional) return null;
  const newText = `momentum=${String(momentum)}`;
  return { title: `Pass ${newText}`, edits: [{ range: rangeOf(context, argument.span), newText }] };
}
