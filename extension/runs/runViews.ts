/** From runs to what a panel is told of them: whole, or what was added since the last message. */
import type { SeriesKey } from "../../engine/protocol/seriesColumns";
import type { RunView, SeriesSlice } from "../../webview/protocol";
import type { Run } from "./run";

/** How much of each series a panel already has. */
export type SentSeries = Map<SeriesKey, { readonly version: number; readonly length: number; readonly rows: number }>;

export function runView(run: Run, editedLayers: readonly string[]): RunView {
  return {
    id: run.id,
    state: run.state,
    run: run.run,
    step: run.lastStep,
    problem: run.explanation,
    badLines: [...run.badLines],
    editedLayers,
    controllable: run.process !== null,
  };
}

/** Slices that `sent` lacks, and marks them as sent. Clear `sent` to get everything. */
export function unsentSlices(run: Run, sent: SentSeries): SeriesSlice[] {
  return run.series.keys.flatMap((key) => {
    const series = run.series.get(key);
    if (!series) return [];
    const { version, length, rows, isThinned } = series;
    const before = sent.get(key);
    const continues = before?.version === version;
    if (continues && before.rows === rows) return [];
    // A thinned series' last point may have changed since it was sent: it goes along again.
    const start = continues ? Math.max(0, before.length - Number(isThinned)) : 0;
    sent.set(key, { version, length, rows });
    return [{ key, start, ...series.pointsFrom(start) }];
  });
}
