/**
 * The spine: BN layers as rows from input to output. Rows have the same places in every view; only the columns differ.
 * It is one tab stop: arrow keys move between rows, Enter selects a layer, Enter again (or a double click) goes to its
 * line. Stages of a deep network fold like the branches of a tree: Left folds, Right unfolds.
 */
import type { StepFollower } from "../charts/stepFocus";
import { shortNames } from "../state/shortNames";
import { element } from "../ui/dom";
import type { SpineColumn, ViewFrame } from "../views/viewSpec";
import type { PanelContext } from "./context";
import { type SpineEntry, rowPlaces, spineEntries } from "./spineEntries";
import { SpineHeader } from "./spineHeader";
import { lanesWidth, type RowLanes, rowLanes } from "./spineLanes";
import { SpineRow } from "./spineRow";
import { SpineSheet } from "./spineSheet";

/** The name column of spine.css in a wide and in a tight panel, and a letter in it: CSS pixels. */
const WIDE_NAMES = { track: 150, letter: 7.25 };
const TIGHT_NAMES = { track: 98, letter: 6.65 };
const BEFORE_LANES = 3;
/** A stage's row has an arrow before its name and a number after it. */
const ROOM_FOR_COUNT = 6;
/** Up to so many layers, rows may grow tall. */
const FEW_LAYERS = 5;

/** Rows are drawn shortly before they scroll into sight. TypeScript does not know `scrollMargin` yet. */
const NEARLY_IN_SIGHT = { rootMargin: "150px", scrollMargin: "150px" };

export class Spine implements StepFollower {
  readonly element: HTMLElement;
  private readonly body = element("div", { className: "spine-body", attributes: { role: "rowgroup" } });
  private readonly header: SpineHeader;
  /** Rows are kept when their stage is folded, so that unfolding does not draw them again. */
  private readonly known = new Map<string, SpineRow>();
  private rows: readonly SpineRow[] = [];
  private shownKey = "";
  /** Only for a network with stages. */
  private sheet: SpineSheet | null = null;
  /** What rows were last drawn from, except the steps in sight. */
  private drawnFrom: readonly unknown[] = [];
  private lanes: { readonly from: unknown; readonly network: unknown; readonly rows: readonly RowLanes[] } | null =
    null;
  private names: { readonly from: unknown; readonly short: ReadonlyMap<string, string> } | null = null;
  private frame: ViewFrame | null = null;
  private readonly unfollow: () => void;
  private readonly sight = new IntersectionObserver((entries) => this.sightChanged(entries), NEARLY_IN_SIGHT);

  constructor(
    private readonly context: PanelContext,
    private readonly columns: readonly SpineColumn[],
    label: string,
  ) {
    this.header = new SpineHeader(columns);
    this.element = element("div", {
      className: "spine",
      testId: "spine",
      attributes: { role: "grid", "aria-label": label },
      children: [this.header.header, this.body, this.header.axis],
    });
    const tracks = (shown: readonly SpineColumn[]): string =>
      ["var(--name-track)", ...shown.map(({ track }) => track)].join(" ");
    this.element.style.setProperty("--tracks", tracks(columns));
    this.element.style.setProperty("--narrow-tracks", tracks(columns.filter(({ wideOnly }) => !wideOnly)));
    this.body.addEventListener("keydown", (event) => this.keyPressed(event));
    this.body.addEventListener("click", ({ target }) => this.clicked(this.rowAt(target)));
    this.body.addEventListener("dblclick", ({ target }) => this.reveal(this.rowAt(target)));
    this.listenToSteps();
    this.unfollow = context.focus.follow(this);
  }

  destroy(): void {
    this.unfollow();
    this.sight.disconnect();
    this.element.remove();
  }

  update(frame: ViewFrame): void {
    const before = this.frame;
    this.frame = frame;
    this.header.update(frame);
    const drawnFrom = this.sourcesOf(frame);
    if (drawnFrom.length !== this.drawnFrom.length || drawnFrom.some((one, index) => one !== this.drawnFrom[index])) {
      this.drawnFrom = drawnFrom;
      this.updateRows(frame);
    }
    this.sheet?.follow(frame);
    this.rows.forEach((row, index) => this.drawSteps(row, index, frame));
    this.placeLine("--pin", this.context.focus.pinned);
    if (before?.layer && before.layer.id !== frame.layer?.id) this.showSelected();
  }

  hovered(step: number | null): void {
    this.placeLine("--hover", step);
  }

  private sourcesOf({ model, run, layer, theme, tight, narrow }: ViewFrame): readonly unknown[] {
    const folded = [...model.folded].join("\n");
    return [
      theme,
      tight,
      narrow,
      folded,
      layer?.id,
      run.view.editedLayers,
      run.view.replay,
      model.selection.replayedWeight,
      ...model.runs.map(({ readings }) => readings),
    ];
  }

  private updateRows(frame: ViewFrame): void {
    const { run, layer, model } = frame;
    const entries = spineEntries(run.readings, model.folded);
    const deep = entries.some(({ kind }) => kind === "stage");
    if (deep !== (this.sheet !== null)) this.startOver(deep);
    this.arrange(entries);
    this.setHeight(entries, frame);
    this.sheet?.arrange(entries, frame);
    const short = this.shortNamesFor(frame, entries);
    const lanes = this.lanesFor(frame, entries);
    this.rows.forEach((row, index) => {
      const entry = entries[index];
      const own = lanes[index];
      if (!entry || !own) return;
      row.entry = entry;
      const isLayer = entry.kind === "layer";
      const id = isLayer ? entry.reading.id : "";
      const selected = isLayer ? id === layer?.id : entry.folded && entry.members.some((one) => one.id === layer?.id);
      const name = isLayer ? (short.get(id) ?? entry.reading.name) : (short.get(entry.key) ?? entry.stage);
      row.update(frame, { selected, edited: run.view.editedLayers.includes(id), shortName: name, lanes: own });
      if (!this.body.contains(document.activeElement)) row.element.tabIndex = selected ? 0 : -1;
    });
    if (!this.rows.some(({ element: row }) => row.tabIndex === 0) && this.rows[0]) this.rows[0].element.tabIndex = 0;
  }

  /** Puts rows in their places; rows that exist are reused. */
  private arrange(entries: readonly SpineEntry[]): void {
    const key = entries.map((entry) => entry.key).join("\n");
    if (key === this.shownKey) return;
    this.shownKey = key;
    const focused = this.rowAt(document.activeElement);
    for (const { element: row } of this.rows) this.sight.unobserve(row);
    this.rows = entries.map((entry) => {
      const row = this.known.get(entry.key) ?? new SpineRow(entry, this.columns, this.sheet !== null);
      this.known.set(entry.key, row);
      return row;
    });
    const layers = entries.filter(({ kind }) => kind === "layer").length;
    this.element.classList.toggle("few", layers === entries.length && layers <= FEW_LAYERS);
    this.element.classList.toggle("folding", this.sheet !== null);
    this.body.replaceChildren(...this.rows.map(({ element: row }) => row), ...(this.sheet ? [this.sheet.element] : []));
    for (const { element: row } of this.rows) this.sight.observe(row);
    if (focused && this.rows.includes(focused)) focused.element.focus();
  }

  private setHeight(entries: readonly SpineEntry[], { narrow }: ViewFrame): void {
    const withStrips = this.columns.some(({ heat }) => heat !== undefined);
    const height = rowPlaces(entries, narrow, withStrips).reduce((sum, place) => sum + place.height, 0);
    this.element.style.setProperty("--rows", String(entries.length));
    this.element.style.setProperty("--rows-height", `${height}px`);
  }

  /** Called when the network turns out to have stages, or is replaced by one without. */
  private startOver(deep: boolean): void {
    this.sheet = deep ? new SpineSheet(this.columns, () => this.frame && this.update(this.frame)) : null;
    this.body.classList.remove("has-pin", "has-hover");
    this.known.clear();
    this.shownKey = "";
  }

  private drawSteps(row: SpineRow, index: number, frame: ViewFrame): void {
    row.drawSteps(frame);
    if (row.inSight && !this.sheet?.isStretched) this.sheet?.draw(index, frame);
  }

  /** By layer ID, and by the key of a stage's entry. */
  private shortNamesFor({ run, tight }: ViewFrame, entries: readonly SpineEntry[]): ReadonlyMap<string, string> {
    const { track, letter } = tight ? TIGHT_NAMES : WIDE_NAMES;
    const longest = Math.floor((track - lanesWidth(run.branches.lanes) - BEFORE_LANES) / letter);
    const from = `${longest} ${run.id} ${this.shownKey}`;
    if (this.names?.from === from) return this.names.short;
    const stages = entries.flatMap((entry) => (entry.kind === "stage" ? entry.stage : []));
    const names = run.readings.map(({ name }) => name);
    const shortStages = shortNames(stages, longest - ROOM_FOR_COUNT);
    const short = new Map(shortNames(names, longest).map((name, index) => [run.readings[index]?.id ?? name, name]));
    stages.forEach((stage, index) => short.set(`stage ${stage}`, shortStages[index] ?? stage));
    this.names = { from, short };
    return short;
  }

  private lanesFor({ run }: ViewFrame, entries: readonly SpineEntry[]): readonly RowLanes[] {
    const network = run.branches;
    if (this.lanes?.from === this.shownKey && this.lanes.network === network) return this.lanes.rows;
    this.lanes = { from: this.shownKey, network, rows: rowLanes(entries, network) };
    this.element.style.setProperty("--lanes-width", `${lanesWidth(network.lanes)}px`);
    return this.lanes.rows;
  }

  private sightChanged(changes: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of changes) {
      const row = this.rowAt(target);
      if (!row) continue;
      row.inSight = isIntersecting;
      if (isIntersecting && this.frame) this.drawSteps(row, this.rows.indexOf(row), this.frame);
    }
  }

  private rowAt(target: EventTarget | null): SpineRow | undefined {
    const node = target instanceof Element ? target.closest(".spine-row") : null;
    return node ? this.rows.find(({ element: row }) => row === node) : undefined;
  }

  private clicked(row: SpineRow | undefined): void {
    if (row?.entry.kind === "stage") this.context.actions.fold(row.entry.stage, !row.entry.folded);
    else if (row) this.context.actions.selectLayer(row.entry.reading.id);
  }

  private reveal(row: SpineRow | undefined): void {
    if (row?.entry.kind === "layer") this.context.actions.revealLayer?.(row.entry.reading.id);
  }

  private keyPressed(event: KeyboardEvent): void {
    const at = this.rows.findIndex(({ element: row }) => row === document.activeElement);
    const row = this.rows[at];
    if (!row) return;
    const last = this.rows.length - 1;
    const target = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last, PageDown: at + 10, PageUp: at - 10 }[
      event.key
    ];
    if (target !== undefined) this.focusRow(Math.max(0, Math.min(last, target)));
    else if (event.key === "ArrowLeft") this.towardsRoot(row);
    else if (event.key === "ArrowRight") this.towardsLeaves(row, at);
    else if (event.key === "Enter" || event.key === " ") this.activate(row);
    else return;
    event.preventDefault();
  }

  /** As in a tree: closes an open branch; from a leaf, goes to its branch. */
  private towardsRoot({ entry }: SpineRow): void {
    if (entry.kind === "stage") {
      if (!entry.folded) this.context.actions.fold(entry.stage, true);
      return;
    }
    const parent = this.rows.findIndex((row) => row.entry.kind === "stage" && row.entry.stage === entry.stage);
    if (parent >= 0) this.focusRow(parent);
  }

  private towardsLeaves({ entry }: SpineRow, at: number): void {
    if (entry.kind !== "stage") return;
    if (entry.folded) this.context.actions.fold(entry.stage, false);
    else this.focusRow(at + 1);
  }

  private focusRow(index: number): void {
    this.rows.forEach(({ element: row }, position) => (row.tabIndex = position === index ? 0 : -1));
    this.rows[index]?.element.focus();
  }

  private activate(row: SpineRow): void {
    if (row.entry.kind === "layer" && row.element.classList.contains("selected")) this.reveal(row);
    else this.clicked(row);
  }

  /** A link in the verdict may select a layer that is scrolled out of sight. */
  private showSelected(): void {
    const selected = this.rows.find(({ element: row }) => row.classList.contains("selected"));
    selected?.element.scrollIntoView({ block: "nearest" });
  }

  private listenToSteps(): void {
    const stepAt = ({ target, clientX }: MouseEvent): number | null => {
      const cell = (target as Element).closest(".over-steps");
      if (!cell || !this.frame) return null;
      const { left, width } = cell.getBoundingClientRect();
      const [from, to] = this.frame.range;
      return Math.round(from + ((clientX - left) / width) * (to - from));
    };
    this.body.addEventListener("pointermove", (event) => this.context.focus.hover(stepAt(event), null));
    this.body.addEventListener("pointerleave", () => this.context.focus.hover(null, null));
    const turned = (event: WheelEvent): void => {
      const step = stepAt(event);
      if (step !== null) this.context.focus.wheel(event, step);
    };
    this.body.addEventListener("wheel", turned, { passive: false });
  }

  private placeLine(variable: "--pin" | "--hover", step: number | null): void {
    const [from, to] = this.frame?.range ?? [0, 1];
    const share = step === null ? -1 : (step - from) / (to - from);
    const inside = share >= 0 && share <= 1;
    // All that inherits the place gets its style anew: on a deep network's sheet that is a line a column.
    const { classList, style } = this.sheet?.element ?? this.body;
    classList.toggle(variable === "--pin" ? "has-pin" : "has-hover", inside);
    if (inside) style.setProperty(variable, `${(100 * share).toFixed(2)}%`);
  }
}
