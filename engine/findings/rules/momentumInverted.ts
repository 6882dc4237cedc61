/** `BatchNorm2d(64, momentum=0.99)`: Keras's momentum is the weight of the old statistics, PyTorch's that of the new ones. */
import { rangeOf, type FindingContext } from "../context";
import { findingOf } from "../draft";
import { holdsNormInEval } from "../heldInEval";
import { normSites, type NormSite } from "../normSites";
import { locateArgument, normPositions } from "../python/arguments";
import { constantNumber } from "../python/constants";
import type { SourceFinding } from "../sourceFinding";
import { complement, layersText, short } from "../wording";

const SMALLEST = 0.9;
/** How far a running mean wanders, in units of one batch mean's own spread: √(m/(2−m)). */
const wander = (momentum: number): number => Math.sqrt(momentum / (2 - momentum));

export function momentumInverted(context: FindingContext): SourceFinding[] {
  if (holdsNormInEval(context.file)) return [];
  return normSites(context).flatMap((site) =>
    site.momentum !== null && site.momentum >= SMALLEST && site.momentum <= 1 && site.tracksRunningStats ? [describe(context, site, site.momentum)] : [],
  );
}

function describe(context: FindingContext, site: NormSite, momentum: number): SourceFinding {
  const argument = site.call === null ? null : locateArgument(site.call, "momentum", normPositions.momentum);
  const isThere = argument !== null && (constantNumber(argument.value, context.names.numbers) ?? momentum) === momentum;
  const meant = complement(momentum);
  const isLiteral = isThere && argument.value.kind === "number" && meant > 0;
  return findingOf({
    rule: "momentum-inverted",
    layers: site.layers,
    expression: site.expression,
    ...(isThere ? { range: rangeOf(context, argument.span) } : {}),
    verdict: `momentum=${short(momentum)} makes ${layersText(site.layers)} forget all batches but the last${momentum < 1 ? "; it looks like Keras's convention" : ""}.`,
    evidence: `In PyTorch the momentum is the weight of the new value: each batch replaces ${short(100 * momentum)} % of the running statistics, by default 10 %. In evaluation the running mean wanders ${short(wander(momentum) / wander(0.1))} times as far as with 0.1.`,
    next: meant > 0 ? `Pass momentum=${short(meant)}, which is what Keras calls ${short(momentum)}.` : "Pass a smaller momentum; PyTorch's default is 0.1.",
    fix: isLiteral ? { title: `Change momentum to ${String(meant)}`, edits: [{ range: rangeOf(context, argument.value), newText: String(meant) }] } : null,
  });
}
