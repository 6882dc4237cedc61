/** What the host has sent so far. After a gap in the sequence, or in a curve, the panel has to send `ready` again. */
import type { Comparison } from "../../engine/protocol/comparison";
import type { Verdict } from "../../engine/protocol/judgement";
import type { SeriesNeed } from "../../engine/protocol/series";
import type { Look, PanelUpdate, RunUpdate, RunView } from "../protocol";
import { HeldNeeds } from "./heldNeeds";
import { RunModel } from "./runModel";

export type Range = readonly [from: number, to: number];

export class PanelStore {
  private models: RunModel[] = [];
  private sequence: number | null = null;
  private awaitsSnapshot = true;
  private look: Look | null = null;
  private answeredLook: Look | null = null;
  private comparedWords: Verdict | null = null;
  private comparedVariants: Comparison | null = null;
  private readonly held = new HeldNeeds();

  /** In the order shown: A first. */
  get runs(): readonly RunModel[] {
    return this.models;
  }

  get comparison(): Verdict | null {
    return this.comparedWords;
  }

  get variants(): Comparison | null {
    return this.comparedVariants;
  }

  /** The look whose curves are here; null before the first. */
  get answered(): Look | null {
    return this.answeredLook;
  }

  /** From now on only curves of this look are accepted; those of the last look stay until they come. */
  lookSent(look: Look): void {
    this.look = look;
  }

  /** Whether all runs have ended, so that nothing comes without a request. */
  get hasEnded(): boolean {
    return this.models.length > 0 && this.models.every(({ isLive }) => !isLive);
  }

  /** The part of a look's needs that has not been sent yet. */
  missing(wanted: Omit<Look, "id">): readonly SeriesNeed[] {
    return this.held.missing(wanted);
  }

  /** Curves of a run stay until new ones replace them. */
  applySnapshot(snapshot: PanelUpdate): void {
    this.models = snapshot.runs.map((update) => {
      const view = { ...emptyView(update.id), ...update.changed };
      const model = this.models.find(({ id }) => id === update.id) ?? new RunModel(view);
      model.view = view;
      return model;
    });
    this.sequence = snapshot.sequence;
    this.comparedWords = snapshot.comparison;
    this.comparedVariants = snapshot.variants ?? null;
    this.awaitsSnapshot = false;
    if (this.isCurrent(snapshot)) this.applyCurves(snapshot.runs);
  }

  /**
   * Applies a delta. `gap` means that the caller must request a snapshot. It is returned once: until the snapshot
   * comes, further deltas are `ignored`.
   */
  applyDelta(delta: PanelUpdate): "applied" | "gap" | "ignored" {
    if (this.awaitsSnapshot || this.sequence === null) return "ignored";
    if (delta.sequence !== this.sequence + 1 || !this.applyRuns(delta)) {
      this.awaitsSnapshot = true;
      this.held.clear();
      return "gap";
    }
    this.sequence = delta.sequence;
    this.comparedWords = delta.comparison;
    if (delta.variants !== undefined) this.comparedVariants = delta.variants;
    return "applied";
  }

  private applyRuns(delta: PanelUpdate): boolean {
    for (const { id, changed } of delta.runs) {
      const model = this.models.find((one) => one.id === id);
      if (!model) return false;
      model.view = { ...model.view, ...changed };
      // The run was thought to have ended, but continues.
      if (changed.step !== undefined || changed.run !== undefined) this.held.clear();
    }
    return !this.isCurrent(delta) || this.applyCurves(delta.runs);
  }

  /** Curves of an older look have other steps or another resolution. */
  private isCurrent({ look }: PanelUpdate): boolean {
    return this.look !== null && look === this.look.id;
  }

  private applyCurves(runs: readonly RunUpdate[]): boolean {
    const { look } = this;
    if (!look) return true;
    this.answeredLook = look;
    if (this.hasEnded) this.held.answered(look);
    else this.held.clear();
    return runs.every(({ id, series }) => {
      const model = this.models.find((one) => one.id === id);
      const outcome = model?.applySeries(series, look.id) ?? "applied";
      if (outcome !== "applied") this.held.clear();
      return outcome !== "gap";
    });
  }
}

const emptyView = (id: string): RunView => ({
  id,
  state: "starting",
  run: null,
  step: 0,
  judgement: null,
  replay: null,
  flipped: null,
  problem: null,
  editedLayers: [],
  controllable: false,
  askable: false,
  sampledSteps: 0,
  label: null,
});
