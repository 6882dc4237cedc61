/** What the host has said so far. A gap in the sequence, or in a series, makes the next thing to do a new `ready`. */
import type { PanelUpdate, RunView, SeriesSlice } from "../protocol";
import { RunModel } from "./runModel";
import { SeriesData } from "./seriesData";

type RunMessage = RunView & { readonly series: readonly SeriesSlice[] };

export class PanelStore {
  private models: RunModel[] = [];
  private sequence: number | null = null;
  private awaitsSnapshot = true;

  /** In the order shown: A first. */
  get runs(): readonly RunModel[] {
    return this.models;
  }

  applySnapshot(snapshot: PanelUpdate): void {
    this.models = snapshot.runs.map((run) => {
      const model = new RunModel(viewOf(run));
      applySlices(model, run.series);
      return model;
    });
    this.sequence = snapshot.sequence;
    this.awaitsSnapshot = false;
  }

  /**
   * Takes a delta in. `gap` asks the caller for a new snapshot, once: until it comes, further deltas are `ignored`,
   * and what is shown stays.
   */
  applyDelta(delta: PanelUpdate): "applied" | "gap" | "ignored" {
    if (this.awaitsSnapshot || this.sequence === null) return "ignored";
    if (delta.sequence !== this.sequence + 1 || !this.applyRuns(delta.runs)) {
      this.awaitsSnapshot = true;
      return "gap";
    }
    this.sequence = delta.sequence;
    return "applied";
  }

  private applyRuns(runs: readonly RunMessage[]): boolean {
    return runs.every((run) => {
      const model = this.models.find(({ id }) => id === run.id);
      if (!model) return false;
      model.view = viewOf(run);
      return applySlices(model, run.series);
    });
  }
}

function applySlices(model: RunModel, slices: readonly SeriesSlice[]): boolean {
  return slices.every((slice) => {
    const known = model.series.get(slice.key) ?? new SeriesData(slice.key);
    model.series.set(slice.key, known);
    return known.apply(slice);
  });
}

function viewOf({ series: _series, ...view }: RunMessage): RunView {
  return view;
}
