/**
 * `track_running_stats=False`: evaluation normalizes with the batch it is given (pytorch/pytorch#156051,
 * TengdaHan/DPC#21).
 */
import { rangeOf, type FindingContext } from "../context";
import { findingOf } from "../draft";
import { normSites } from "../normSites";
import { locateArgument, normPositions } from "../python/arguments";
import type { SourceFinding } from "../sourceFinding";
import { atStart, layersText, verbFor } from "../layerText";

export function noTrackRunningStats(context: FindingContext): SourceFinding[] {
  return normSites(context)
    .filter((site) => !site.tracksRunningStats)
    .map((site) => {
      const argument =
        site.call === null ? null : locateArgument(site.call, "track_running_stats", normPositions.track_running_stats);
      return findingOf({
        rule: "no-track-running-stats",
        layers: site.layers,
        expression: site.expression,
        ...(argument === null ? {} : { range: rangeOf(context, argument.span) }),
        verdict:
          `${atStart(layersText(context, site.layers))} ${verbFor(site.layers, "keep")} no running ` +
          "statistics, so evaluation normalizes with the batch too.",
        evidence:
          "The output for a sample depends on the other samples of its batch, and a batch of 1 has other " +
          "statistics than a batch of 64. eval() does not change this.",
        next: "Pass track_running_stats=True (the default), or add a comment that batch statistics are intended.",
      });
    });
}
