/**
 * `BatchNorm2d(64, momentum=0.99)`: Keras's momentum is the weight of the old statistics, PyTorch's that of the new
 * ones.
 */
import { rangeOf, type FindingContext } from "../context";
import { findingOf } from "../draft";
import { holdsNormInEval } from "../heldInEval";
import { normSites, type NormSite } from "../normSites";
import { normArgument } from "../python/arguments";
import { constantNumber } from "../python/constants";
import { isUnitTest } from "../python/unitTest";
import type { SourceFinding } from "../sourceFinding";
import { layersText } from "../layerText";
import { complement, short } from "../wording";

const SMALLEST = 0.9;
/** How far a running mean varies, in units of one batch mean's own spread: √(m/(2−m)). */
const wander = (momentum: number): number => Math.sqrt(momentum / (2 - momentum));

export function momentumInverted(context: FindingContext): SourceFinding[] {
  if (holdsNormInEval(context.file) || isUnitTest(context.file)) return [];
  return normSites(context).flatMap((site) => {
    if (site.framework === "keras") return site.momentum === null ? [] : inKeras(context, site, site.momentum);
    return site.momentum !== null && site.momentum >= SMALLEST && site.momentum <= 1 && site.tracksRunningStats
      ? [describe(context, site, site.momentum)]
      : [];
  });
}

function inKeras(context: FindingContext, site: NormSite, newWeight: number): SourceFinding[] {
  if (newWeight === 0) return [describeStanding(context, site)];
  const isInverted = newWeight > 1 - KERAS_SMALLEST && newWeight <= 1;
  return isInverted ? [describeKeras(context, site, complement(newWeight))] : [];
}

/** `momentum=1` gives the new value no weight at all. */
function describeStanding(context: FindingContext, site: NormSite): SourceFinding {
  const argument = site.call === null ? null : normArgument(site.call, "keras", "momentum");
  const { text } = context.file;
  const isTrained =
    /\.(fit|fit_generator|train_on_batch|apply_gradients)\s*\(/.test(text) && !/\bload|weights\s*=/.test(text);
  return findingOf({
    rule: "momentum-inverted",
    severity: isTrained ? "warning" : "information",
    layers: site.layers,
    expression: site.expression,
    ...(argument === null ? {} : { range: rangeOf(context, argument.span) }),
    verdict: `With momentum=1 the moving statistics of ${layersText(context, site.layers)} never change.`,
    evidence:
      "In Keras, momentum is the weight of the old value: with 1 no batch counts. Training normalizes with each " +
      "batch, evaluation with a mean of 0 and a variance of 1, or with the statistics that were loaded.",
    next: "Pass momentum=0.9 or leave it out. To keep loaded statistics, set trainable = False.",
  });
}

/** Less than this for the old statistics makes the moving mean one of the last batch or two. */
const KERAS_SMALLEST = 0.5;

function describeKeras(context: FindingContext, site: NormSite, momentum: number): SourceFinding {
  const argument = site.call === null ? null : normArgument(site.call, "keras", "momentum");
  const meant = complement(momentum);
  const isLiteral = argument?.value.kind === "number" && meant < 1;
  return findingOf({
    rule: "momentum-inverted",
    layers: site.layers,
    expression: site.expression,
    ...(argument === null ? {} : { range: rangeOf(context, argument.span) }),
    verdict:
      `momentum=${short(momentum)} makes ${layersText(context, site.layers)} forget all but the last ` +
      "batches. It looks like PyTorch's convention.",
    evidence:
      `In Keras, momentum is the weight of the old value: here each batch replaces ${short(100 * meant)} % ` +
      "of the moving statistics, by default 1 %. The noise of the moving mean is " +
      `${short(wander(meant) / wander(0.01))} times as large as with 0.99.`,
    next:
      meant < 1
        ? `Pass momentum=${short(meant)}: PyTorch's ${short(momentum)} is Keras's ${short(meant)}.`
        : "Pass a larger momentum. Keras's default is 0.99.",
    fix: isLiteral
      ? {
          title: `Change momentum to ${String(meant)}`,
          edits: [{ range: rangeOf(context, argument.value), newText: String(meant) }],
        }
      : null,
  });
}

function describe(context: FindingContext, site: NormSite, momentum: number): SourceFinding {
  const argument = site.call === null ? null : normArgument(site.call, site.framework, "momentum");
  const isThere = argument !== null && (constantNumber(argument.value, context.names.numbers) ?? momentum) === momentum;
  const meant = complement(momentum);
  const isLiteral = isThere && argument.value.kind === "number" && meant > 0;
  return findingOf({
    rule: "momentum-inverted",
    layers: site.layers,
    expression: site.expression,
    ...(isThere ? { range: rangeOf(context, argument.span) } : {}),
    verdict:
      `momentum=${short(momentum)} makes ${layersText(context, site.layers)} forget all but the last ` +
      `batches.${momentum < 1 ? " It looks like Keras's convention." : ""}`,
    evidence:
      "In PyTorch, momentum is the weight of the new value: here each batch replaces " +
      `${short(100 * momentum)} % of the running statistics, by default 10 %. The noise of the running mean ` +
      `is ${short(wander(momentum) / wander(0.1))} times as large as with 0.1.`,
    next:
      meant > 0
        ? `Pass momentum=${short(meant)}: Keras's ${short(momentum)} is PyTorch's ${short(meant)}.`
        : "Pass a smaller momentum. PyTorch's default is 0.1.",
    fix: isLiteral
      ? {
          title: `Change momentum to ${String(meant)}`,
          edits: [{ range: rangeOf(context, argument.value), newText: String(meant) }],
        }
      : null,
  });
}
