/** `track_running_stats=False`: evaluation normalizes with the batch it is given (pytorch/pytorch#156051, TengdaHan/DPC#21). */
import { rangeOf, type FindingContext } from "../context";
import { findingOf } from "../draft";
import { normSites } from "../normSites";
import { locateArgument, normPositions } from "../python/arguments";
import type { SourceFinding } from "../sourceFinding";
import { layersText } from "../wording";

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
        verdict: `${layersText(site.layers)} keeps no running statistics: in evaluation, too, it normalizes with its own batch.`,
        evidence:
          "The answer for one sample depends on the samples beside it, and a batch of 1 has other statistics than a batch of 64; eval() changes nothing here.",
        next: "Pass track_running_stats=True (the default), or say with a comment that batch statistics are meant.",
      });
    });
}
